"""Static files that are made of installed ones."""

import tempfile
from functools import cached_property
from pathlib import Path

from django.contrib import admin
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SHEETS = Path(admin.__file__).parent / "static" / "admin" / "css"
FORMS = "admin/css/forms.css"
IMPORT = "@import url('widgets.css');"


class AdminForms(BaseFinder):
    """Django admin's style sheet of forms with the sheet that it imports inside: one request less, and no address that
    tools resolve against the page instead of the sheet."""

    @cached_property
    def storage(self) -> FileSystemStorage:
        folder = Path(tempfile.mkdtemp(prefix="studio-static-"))
        made = folder / FORMS
        made.parent.mkdir(parents=True)
        imported = (SHEETS / "widgets.css").read_text()
        made.write_text((SHEETS / "forms.css").read_text().replace(IMPORT, imported))
        return FileSystemStorage(location=folder)

    def check(self, **_) -> list:
        return []

    def find(self, path: str, find_all: bool = False, **_):
        if path != FORMS:
            return []
        found = self.storage.path(FORMS)
        return [found] if find_all else found

    def list(self, ignore_patterns):
        yield FORMS, self.storage
