"""What every test may ask for."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings
from django.db import connections
from hypothesis import settings as hypothesis_settings

from tests.support import database

pytest_plugins = ["tests.services.fixtures"]

# A nice encode starves where others test on the same two cores: what takes two seconds took two minutes. Programs of Studio that
# tests start read it too.
os.environ["PROGRAM_NICENESS"] = "0"
# Nor is a fault called lost that a busy machine takes up late.
os.environ.setdefault("CHAOS_PATIENCE", "4")


def pytest_configure():
    settings.PROGRAM_NICENESS = 0
    # Static files need not be collected. Not in a fixture: a request that outlives its test would see the setting change.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


# A busy machine must not fail a property; nothing here is a measurement of speed.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """Each test has a store, a scratch folder and a var folder of its own."""
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_STORE_ROOT = tmp_path / "store"
    settings.SCRATCH_ROOT = tmp_path / "scratch"
    settings.VAR_DIR.mkdir()
    # A real hash takes a third of a second of a processor, on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Threads and programs that a test starts share its database: with SQLite it has to be a file.

    In memory where there is a file system for that: each commit waits for the disk, which takes longer than most tests.
    """
    default = connections["default"]
    if default.vendor != "sqlite":
        yield
        return
    with TemporaryDirectory(prefix="studio-test-", dir=database.memory()) as folder:
        default.settings_dict["TEST"]["NAME"] = str(Path(folder) / "test.sqlite3")
        yield


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb, django_db_modify_db_settings):
    """Migrations that ran once for these very files need not run again."""
    default = connections["default"]
    if default.vendor != "sqlite":
        return django_db_keepdb
    shutil.copyfile(database.ensure_migrated(), default.settings_dict["TEST"]["NAME"])
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of this process, with what every test finds in it."""
    with django_db_blocker.unblock():
        kept = database.registered_rows()
    with database.quickly_emptied(kept):
        yield
