"""The test database: migrated once for as long as the migrations are the same, and emptied without asking every app anew
for its permissions, which is what most of the time of a test with transactions went into."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import connections
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


def keep_migrated(template: Path) -> None:
    """Keep what the migrations have just made; of several processes the last one's copy stays."""
    template.parent.mkdir(parents=True, exist_ok=True)
    draft = template.with_suffix(f".{os.getpid()}")
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(draft)])
    draft.replace(template)


def copy_migrated(template: Path, database: Path) -> bool:
    """Begin with the kept database; whether there is one."""
    if not template.exists():
        return False
    shutil.copyfile(template, database)
    return True


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
