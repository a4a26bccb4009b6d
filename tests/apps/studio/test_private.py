"""Database, keys and recordings are for the user that Studio runs as alone."""

import os
import stat
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from tempfile import gettempdir

import pytest

from media_app import storage
from studio.runtime import checks, private

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def the_umask_of_before():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_studio_makes_in_its_folder_is_its_users_alone(tmp_path):
    var = tmp_path / "var"
    command = [sys.executable, "manage.py", "migrate", "sessions_app", "0001", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"], "STUDIO_VAR": str(var)}, check=True, timeout=120)

    assert mode(var) == 0o700
    made = [path for path in var.rglob("*") if path.is_file()]
    assert {"studio.sqlite3", "secret-key"} <= {path.name for path in made}
    assert {path.name: oct(mode(path)) for path in made} == {path.name: "0o600" for path in made}


def test_what_an_earlier_version_left_open_is_closed(tmp_path):
    var = tmp_path / "var"
    (var / "store" / "tenants").mkdir(parents=True)
    (var / "studio.sqlite3").write_text("")
    (var / "outside").symlink_to(tmp_path)
    (var / "studio.sqlite3").chmod(0o644)
    tmp_path.chmod(0o755)

    private.prepare(var)

    assert [oct(mode(path)) for path in (var, var / "store", var / "studio.sqlite3")] == ["0o700", "0o700", "0o600"]
    assert mode(tmp_path) == 0o755


def test_a_folder_that_is_everybodys_is_left_as_it_is(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)

    private.prepare(shared)

    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_objects_of_the_store_are_private(tmp_path, settings):
    os.umask(private.UMASK)
    settings.STORAGE_BACKEND, settings.MEDIA_STORE_ROOT = "local", tmp_path / "store"
    storage.store().put_bytes("a/b", b"film", content_type="video/mp4")
    storage.store().start_multipart("a/c", content_type="video/mp4", size=3)

    made = list((tmp_path / "store").rglob("*"))
    assert {mode(path) & 0o077 for path in [tmp_path / "store", *made]} == {0}


def test_a_folder_that_others_may_read_is_named_by_the_checks(tmp_path, settings):
    tmp_path.chmod(0o755)
    for parent in takewhile(lambda parent: parent != Path(gettempdir()), tmp_path.parents):
        parent.chmod(0o755)
    settings.VAR_DIR = settings.SCRATCH_ROOT = settings.MEDIA_STORE_ROOT = tmp_path / "store"
    settings.VAR_DIR.mkdir(mode=0o700)
    assert checks.recordings_are_private(None) == []
    settings.VAR_DIR.chmod(0o755)

    found = checks.recordings_are_private(None)

    assert {(message.id, message.hint) for message in found} == {("studio.W001", f"chmod 700 {tmp_path / 'store'}")}
