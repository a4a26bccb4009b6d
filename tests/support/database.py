"""The test database: migrated once for as long as the migrations are the same, and emptied without asking every app anew
for its permissions, which is what most of the time of a test with transactions went into."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db.models import Model

#: Where a file costs no wait for a disk, if this machine has such a place.
MEMORY = Path("/dev/shm")


def memory() -> Path | None:
    """The folder of files in memory; None where there is none."""
    return MEMORY if os.access(MEMORY, os.W_OK) else None


def migrated() -> Path:
    """The SQLite database as today's migrations leave it; whether it is there or not."""
    digest = hashlib.sha256(metadata.version("django").encode())
    for config in apps.get_app_configs():
        for path in sorted((Path(config.path) / "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}".encode() + path.read_bytes())
    return Path(settings.BASE_DIR) / "var" / "test-databases" / f"{digest.hexdigest()[:16]}.sqlite3"


def ensure_migrated() -> Path:
    """The same, made by the first process that asks for it: the others wait for it, which costs no processor."""
    template = migrated()
    template.parent.mkdir(parents=True, exist_ok=True)
    with (template.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _migrate(template)
    return template


def put_migrated(var: Path) -> None:
    """A migrated database, where a Studio with this folder looks for one: to migrate an empty one takes seconds."""
    var.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ensure_migrated(), var / "studio.sqlite3")


def _migrate(template: Path) -> None:
    """Migrate an empty database, and put it in place whole."""
    draft = template.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with TemporaryDirectory(prefix="studio-migrated-", dir=memory()) as folder:
        path = Path(folder) / "empty.sqlite3"
        argv = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(argv, cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": f"sqlite:///{path}"}, check=True)
        with closing(sqlite3.connect(path)) as made:
            made.execute("VACUUM INTO ?", [str(draft)])
    draft.replace(template)


Rows = list[tuple[type[Model], list[Model]]]


def registered_rows() -> Rows:
    """The content types and permissions, which the installed apps alone decide."""
    return [(model, list(model._default_manager.all())) for model in (ContentType, Permission)]


@contextmanager
def quickly_emptied(kept: Rows) -> Iterator[None]:
    """A flush puts these rows back as they were."""

    def put_back(verbosity: int, interactive: bool, database: str) -> None:
        for model, rows in kept:
            model._default_manager.using(database).bulk_create(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", put_back)
        yield
