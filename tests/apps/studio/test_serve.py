"""What `make serve` prepares before it starts anything."""

import gzip
import os
import shutil
import subprocess
import time
from pathlib import Path

import brotli

from studio.management.commands.serve import collect_static, services_of
from studio.web.static_storage import StaticStorage


def test_static_files_are_collected_again_when_they_changed_and_only_then(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a {}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert collect_static()
    assert not collect_static()
    (source / "page.css").write_text("a { color: red }")
    os.utime(source / "page.css", (time.time() + 10,) * 2)
    assert collect_static()
    assert (settings.STATIC_ROOT / "page.css").read_text() == "a { color: red }"
    (settings.STATIC_ROOT / ".collected").unlink()
    assert collect_static(), "what nobody vouches for is collected"


def test_what_pages_ask_for_is_packed_once_and_nothing_else(tmp_path):
    words = [f"const w{number} = {number**3};" for number in range(20_000)]
    files = {
        "page.js": " ".join(words[:500]),
        "docs.js": "\n".join(words),
        "page.js.map": "{}" + " " * 2000,
        "dot.css": "a{}",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    store = StaticStorage(location=tmp_path)
    list(store.post_process({name: (store, name) for name in files}))

    packed = {path.name for path in tmp_path.iterdir() if path.suffix in (".br", ".gz")}
    assert packed == {f"{store.hashed_files[name]}.{form}" for name in ("page.js", "docs.js") for form in ("br", "gz")}
    for name in ("page.js", "docs.js"):
        hashed = tmp_path / store.hashed_files[name]
        assert brotli.decompress(Path(f"{hashed}.br").read_bytes()) == hashed.read_bytes() == files[name].encode()
        assert gzip.decompress(Path(f"{hashed}.gz").read_bytes()) == hashed.read_bytes()


def test_each_worker_is_looked_after_by_the_command_itself(settings):
    settings.JOB_DISPATCH = "embedded"
    assert [service.name for service in services_of("127.0.0.1", 8000, 3)] == [
        "web",
        "audio worker",
        "worker 1",
        "worker 2",
        "worker 3",
    ]


STUB = """#!/bin/sh
echo "$(basename "$0") $*" >>"$LOG"
mkdir -p node_modules build
"""


def installed_for(purpose: str, folder: Path) -> str:
    """What `scripts/setup.sh` calls on a machine with an empty checkout, line by line."""
    root = Path(__file__).resolve().parents[3]
    for name in ("scripts/setup.sh", "requirements.txt", "requirements-dev.txt", "package.json", "package-lock.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, folder / name)
    (folder / "frontend").mkdir()
    (folder / "frontend" / "page.js").write_text("")
    for name in (".venv/bin/python", ".venv/bin/uv", ".venv/bin/npm"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(STUB)
        (folder / name).chmod(0o755)
    environment = os.environ | {"LOG": str(folder / "log")}
    subprocess.run(
        [folder / "scripts" / "setup.sh", purpose], env=environment, check=True, capture_output=True, timeout=60
    )
    once = (folder / "log").read_text()
    subprocess.run(
        [folder / "scripts" / "setup.sh", purpose], env=environment, check=True, capture_output=True, timeout=60
    )
    assert not (folder / "log").read_text()[len(once) :].replace("python scripts/swift_venv.py\n", ""), (
        "it was all there"
    )
    return once


def test_to_run_studio_nothing_is_installed_for_its_tests(tmp_path):
    assert installed_for("run", tmp_path / "run").splitlines() == [
        "python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.txt",
        "python scripts/warm.py",
        "npm ci --omit=dev --no-audit --no-fund --loglevel=error",
        "npm run --silent build",
    ]
    everything = installed_for("all", tmp_path / "all")
    assert "requirements-dev.txt" in everything
    assert "swift_venv.py" in everything
    assert "--omit=dev" not in everything
