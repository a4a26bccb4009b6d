"""A disk that is really full, under a real web server with SQLite: writes say so, deleting works and makes room."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.services.servers import Program, accepts, free_port
from tests.support import database
from tests.support.records import A_BODY
from tests.support.routes import every_route

PROGRAMS = ("/v2/", "/api/", "/audio/", "/video/", "/media-v2/", "/jobs/")
ROOT = Path(__file__).resolve().parents[2]
DISK_BYTES = 256 << 20
FILM_BYTES = 24 << 20
SETUP = """
import json, django
django.setup()
from media_app import storage
from media_app.services import spare
from tests.support.factories import a_session, a_token, a_user, an_asset
from tests.support.records import one_of_everything
records = one_of_everything("t_club")
session = a_session()
asset = an_asset(session, "A", has_audio=False)
storage.store().put_bytes(asset.original_key, bytes(%d), content_type="video/mp4")
spare.reserve()
user = a_user()
print(json.dumps({"records": records, "token": a_token(user), "session": str(session.pk), "other": str(a_session().pk), "key": asset.original_key}))
"""


@pytest.fixture(scope="module")
def disk(tmp_path_factory) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("Only root may mount a small disk to fill.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Server:
    """Studio on the small disk, and a client with a token."""

    def __init__(self, disk: Path, port: int, facts: dict) -> None:
        self.disk, self.facts = disk, facts
        self.base = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, body: dict | None = None) -> requests.Response:
        named = {"Authorization": f"Token {self.facts['token']}"}
        return requests.request(method, f"{self.base}{path}", json=body, headers=named, timeout=60)

    def fill(self) -> None:
        """Not one byte is left, but for what files have already."""
        with (self.disk / "filler").open("ab", buffering=0) as file:
            for block in (1 << 20, 1 << 12):
                try:
                    while file.write(bytes(block)) == block:
                        pass
                except OSError:
                    continue


@pytest.fixture(scope="module")
def server(disk) -> Iterator[Server]:
    port = free_port()
    database.put_migrated(disk / "var")
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "STUDIO_VAR": str(disk / "var"),
    }
    made = subprocess.run(
        [sys.executable, "-c", SETUP % FILM_BYTES],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=300,
    )
    command = [sys.executable, "-m", "gunicorn", "--config", "studio/gunicorn.py", "--workers", "1"]
    command += ["-b", f"127.0.0.1:{port}", "studio.wsgi:application"]
    log = disk.parent / "full-disk.log"
    with Program(command, log, lambda: accepts(port), env=environment, cwd=ROOT) as program:
        program.wait_until_ready()
        yield Server(disk, port, json.loads(made.stdout.splitlines()[-1]))


def read_of(server: Server, session: str) -> tuple[int, str]:
    read = server.ask("GET", session)
    return read.status_code, read.json().get("title")


def answers_to_every_write(server: Server) -> dict[str, str]:
    """Every operation of the API that could write, on records that are there; those that are a server error without a cause."""
    records = server.facts["records"]
    body = {**A_BODY, "assetId": records["asset_id"], "asset_id": records["asset_id"]}
    bad = {}
    for route in every_route():
        for method in ("POST", "PATCH", "PUT") if route.template.startswith(PROGRAMS) else ():
            answer = server.ask(method, route.filled(records), body)
            full = answer.status_code == 507 and "full" in answer.json()["error"]["message"]
            if answer.status_code >= 500 and not full:
                bad[f"{method} {route.template}"] = f"{answer.status_code} {answer.text[:200]}"
    return bad


def test_every_write_is_507_with_its_cause_and_a_deletion_works_and_frees_space(server):
    session, other = (f"/v2/sessions/{server.facts[name]}" for name in ("session", "other"))
    assert server.ask("PATCH", session, {"title": "before"}).status_code == 200
    server.fill()

    writes = {
        "PATCH": server.ask("PATCH", session, {"title": "x" * 190}),
        "POST": server.ask("POST", "/v2/sessions", {"title": "x", "date": "2026-01-13", "projectId": "x"}),
        "init-upload": server.ask(
            "POST",
            f"{session}/assets/init-upload",
            {"cameraLabel": "B", "filename": "b.mp4", "contentType": "video/mp4", "sizeBytes": 10**6},
        ),
    }
    assert {name: answer.status_code for name, answer in writes.items()} == dict.fromkeys(writes, 507)
    assert {answer.json()["error"]["code"] for answer in writes.values()} <= {"disk_full", "store_full"}
    assert "full" in writes["PATCH"].json()["error"]["message"]

    assert answers_to_every_write(server) == {}
    assert read_of(server, session) == (200, "before")

    assert requests.delete(f"{server.base}{session}", timeout=60).status_code == 401
    assert server.ask("DELETE", f"/v2/sessions/{uuid.uuid4()}").status_code == 404
    assert (server.disk / "var" / ".spare").exists(), "who may not delete, or deletes nothing, does not get the spare"

    film = server.disk / "var" / "store" / server.facts["key"]
    assert film.stat().st_size == FILM_BYTES
    assert server.ask("DELETE", session).status_code == 204
    assert not film.exists()
    assert server.ask("GET", session).status_code == 404
    assert server.ask("PATCH", other, {"title": "there is room again"}).status_code == 200
    made = list((server.disk / "var").rglob("*"))
    assert not [path for path in made if path.stat().st_mode & 0o077], "what the web server made later is private too"
