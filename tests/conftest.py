"""What every test may ask for."""

import pytest
from django.db import connections
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["tests.services.fixtures"]

# A busy machine must not fail a property; nothing here is a measurement of speed.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """Each test has a store, a scratch folder and a var folder of its own, and static files need not be collected."""
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_STORE_ROOT = tmp_path / "store"
    settings.SCRATCH_ROOT = tmp_path / "scratch"
    settings.VAR_DIR.mkdir()
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """Threads and programs that a test starts share its database: with SQLite it has to be a file."""
    default = connections["default"]
    if default.vendor == "sqlite":
        default.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
