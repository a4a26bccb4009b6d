"""The local store behind the server that Studio is shipped with: streamed both ways, never held in memory."""

import hashlib
import http.client
import os
import re
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.test import override_settings

from media_app import storage
from tests.services.servers import Program, accepts, free_port
from tests.support.waiting import PATIENCE_S

#: A sound: before a picture is sent the database is asked whether it is withheld, and this server has none.
KEY = "tenants/t_a/dev/projects/p1/20260101/originals/angle-001_v001.wav"
MIB = 2**20
ROOT = Path(__file__).resolve().parents[2]


class Zeros:
    """A large body that takes no room here either."""

    def __init__(self, mebibytes: int) -> None:
        self.mebibytes = mebibytes

    def __len__(self) -> int:
        return self.mebibytes * MIB

    def __iter__(self):
        return (bytes(MIB) for _ in range(self.mebibytes))


@pytest.fixture
def gunicorn(tmp_path, settings):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    changes = {"STORAGE_BACKEND": "local", "MEDIA_STORE_ROOT": tmp_path / "store", "PUBLIC_URL": address}
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.SECRET_KEY,
        "STUDIO_VAR": str(tmp_path / "var"),
        **{name: str(value) for name, value in changes.items()},
    }
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--threads", "4", "studio.wsgi:application"]
    server = Program(command, tmp_path / "gunicorn.log", lambda: accepts(port), env=environment, cwd=ROOT)
    with server, override_settings(**changes):
        server.wait_until_ready()
        yield server


def workers_of(server) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def peak_memory(server) -> int:
    """The most bytes that any worker has held in memory so far."""
    peaks = [re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()) for pid in workers_of(server)]
    return max(int(peak[1]) for peak in peaks) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="Memory is read from /proc.")
def test_a_large_part_goes_in_and_out_without_being_held_in_memory(gunicorn):
    store, size = storage.store(), 256 * MIB
    requests.get(store.url("warm"), timeout=30)
    before = peak_memory(gunicorn)

    upload_id = store.start_multipart(KEY, content_type="audio/wav", size=size, part_size=size)
    url = store.presign_part(KEY, upload_id, 1, size=size)
    sent = requests.put(url, data=Zeros(256), timeout=120)
    assert sent.status_code == 200, sent.text
    store.complete_multipart(KEY, upload_id, size=size)
    digest = hashlib.sha256()
    with requests.get(store.url(KEY), stream=True, timeout=120) as answer:
        for block in answer.iter_content(MIB):
            digest.update(block)

    assert digest.hexdigest() == hashlib.sha256(bytes(size)).hexdigest()
    assert peak_memory(gunicorn) - before < 32 * MIB


def test_answers_of_every_kind_follow_each_other_on_one_connection(gunicorn):
    store = storage.store()
    store.put_bytes(KEY, bytes(range(256)) * 4096, content_type="audio/wav")
    get = store.url(KEY)
    upload_id = store.start_multipart("a", content_type="audio/wav", size=4)
    put = store.presign_part("a", upload_id, 1, size=4)
    wire = http.client.HTTPConnection(urlsplit(get).netloc, timeout=20)

    def ask(method: str, url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        wire.request(method, url.removeprefix(f"http://{wire.host}:{wire.port}"), body, headers)
        answer = wire.getresponse()
        return answer.status, answer.read()

    assert ask("GET", get, Range="bytes=255-257") == (206, b"\xff\x00\x01")
    assert ask("HEAD", get) == (200, b"")
    assert ask("GET", get, Range="bytes=-1") == (206, b"\xff")
    assert ask("PUT", put, b"wrong length")[0] == 413
    assert ask("GET", get, Range="bytes=9999999-")[0] == 416
    assert ask("PUT", put, b"data", **{"Content-Type": "audio/wav"}) == (200, b"")
    store.complete_multipart("a", upload_id, size=4)
    assert ask("GET", store.url("a")) == (200, b"data")
    assert len(ask("GET", get)[1]) == 2**20
    assert ask("GET", get, Range=f"bytes={2**20 - 2}-") == (206, b"\xfe\xff")


def test_a_part_in_flight_when_the_server_is_killed_is_not_listed_and_leaves_no_file(gunicorn, tmp_path):
    store = storage.store()
    upload_id = store.start_multipart(KEY, content_type="audio/wav", size=8 * MIB, part_size=8 * MIB)
    url = urlsplit(store.presign_part(KEY, upload_id, 1, size=8 * MIB))
    before = sorted(path for path in (tmp_path / "store").rglob("*"))
    wire = http.client.HTTPConnection(url.netloc, timeout=20)
    wire.putrequest("PUT", f"{url.path}?{url.query}")
    wire.putheader("Content-Length", str(8 * MIB))
    wire.endheaders()
    wire.send(bytes(4 * MIB))
    time.sleep(0.2)

    for pid in (*workers_of(gunicorn), gunicorn.pid):
        os.kill(pid, signal.SIGKILL)
    gunicorn.process.wait(PATIENCE_S)

    assert list(store.parts(KEY, upload_id)) == []
    assert sorted(path for path in (tmp_path / "store").rglob("*")) == before
