"""The file that is given up when the disk is full."""

from pathlib import Path

import pytest

from media_app.services import spare


@pytest.fixture
def database(tmp_path, settings, monkeypatch) -> Path:
    path = tmp_path / "disk" / "studio.sqlite3"
    path.parent.mkdir()
    path.touch()
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(path))
    return path


def test_the_spare_is_made_once_of_real_blocks_and_kept_while_there_is_space(database):
    spare.reserve()
    spare.reserve()

    (kept,) = [path for path in database.parent.iterdir() if path.name.startswith(".spare")]
    assert kept.stat().st_blocks * 512 >= spare.SPARE_BYTES
    assert not spare.give_up_if_full()
    assert kept.exists()


def test_a_disk_with_little_space_is_not_made_fuller(database, monkeypatch):
    monkeypatch.setattr(spare, "PLENTY_BYTES", 2**60)
    spare.reserve()
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_a_full_disk_takes_the_spare_and_says_so_as_often_as_asked(database, monkeypatch):
    spare.reserve()
    monkeypatch.setattr(spare, "LOW_BYTES", 2**60)

    assert spare.give_up_if_full()
    assert spare.give_up_if_full()
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_a_server_s_database_needs_none(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "studio.runtime.postgres")

    spare.reserve()

    assert not spare.is_full()
    assert not spare.give_up_if_full()
