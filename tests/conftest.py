"""What every test may ask for."""

import pytest

pytest_plugins = ["tests.services.fixtures"]


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """Each test has a store, a scratch folder and a var folder of its own."""
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_STORE_ROOT = tmp_path / "store"
    settings.SCRATCH_ROOT = tmp_path / "scratch"
    settings.VAR_DIR.mkdir()
