"""The local store and its signed URLs: what is its own matter, beside what every store promises."""

import errno
import hashlib
import http.client
import io
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_app import storage
from media_app.storage.local import disk, links, multiparts
from tests.support.waiting import PATIENCE_S, until

#: Before a picture is sent it is asked whether it is withheld.
pytestmark = pytest.mark.django_db
KEY = "tenants/t_a/dev/projects/p1/20260101/originals/angle-001_v001.mp4"
ROOT = Path(__file__).resolve().parents[3]


def relative(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def head_of(url: str, size: int) -> bytes:
    lines = [
        f"PUT {relative(url)} HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        "Content-Type: video/mp4",
        f"Content-Length: {size}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def connection_to(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)


def error_of(answer) -> dict:
    body = answer.json()
    assert set(body) == {"error"}
    assert {"code", "message", "field"} <= set(body["error"])
    assert body["error"]["message"].endswith(".")
    return body["error"]


class Held:
    """A client that stops in the middle until it is let go."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)
        self.waiting, self.go = threading.Event(), threading.Event()

    def read(self, size: int, /) -> bytes:
        self.waiting.set()
        self.go.wait(PATIENCE_S)
        return self.data.read(size)


@pytest.mark.parametrize("public_url", ["", "https://studio.example/"])
def test_links_are_relative_unless_the_public_address_is_set(local_place, settings, public_url):
    settings.PUBLIC_URL = public_url

    url = storage.store().url("a/b.mp4")

    assert url.startswith(f"{public_url.rstrip('/')}/store/a/b.mp4?grant=")


def test_a_link_needs_neither_cookie_nor_csrf_token(local_place, settings):
    settings.PUBLIC_URL = ""
    upload_id = storage.store().start_multipart(KEY, content_type="video/mp4", size=4)
    url = storage.store().presign_part(KEY, upload_id, 1, size=4)

    assert Client(enforce_csrf_checks=True).put(url, b"data", content_type="video/mp4").status_code == 200


def test_every_refusal_is_a_sentence_in_the_one_shape(local_place):
    store = local_place.store
    store.put_bytes(KEY, b"data", content_type="video/mp4")
    _, put = local_place.single(KEY, 4)
    get = store.url(KEY)

    refusals = {
        "link_refused": local_place.get(get + "x"),
        "link_expired": local_place.get(store.url(KEY, expires=-5)),
        "object_missing": local_place.get(store.url("nothing")),
        "wrong_length": local_place.put(put, b"dat", content_type="video/mp4"),
        "range_not_satisfiable": local_place.get(get, range="bytes=4-"),
        "upload_gone": local_place.put(store.presign_part(KEY, "0" * 32, 1, size=4), b"data"),
    }

    assert {code: error_of(answer)["code"] for code, answer in refusals.items()} == {code: code for code in refusals}
    assert [answer.status_code for answer in refusals.values()] == [403, 403, 404, 400, 416, 410]
    assert local_place.put(put, b"data!", content_type="video/mp4").status_code == 413


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(local_place, method):
    answer = Client().generic(method, relative(local_place.store.url(KEY)))

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, PUT"
    assert error_of(answer)["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/store/a", "/store/a?grant=", "/store/..%2Fa?grant=x"])
def test_an_address_that_was_never_signed_is_refused(local_place, path):
    assert Client().get(path).status_code == 403


def test_a_bucket_s_installation_has_no_local_links(local_place, settings):
    url = relative(local_place.store.url(KEY))
    settings.STORAGE_BACKEND, settings.S3_BUCKET = "s3", "studio"

    assert Client().get(url).status_code == 404


def test_a_link_of_one_put_takes_no_other_content_type_than_was_announced(local_place):
    upload_id, url = local_place.single(KEY, 4)

    answer = local_place.put(url, b"<htm", content_type="text/html")

    assert (answer.status_code, error_of(answer)["code"]) == (403, "link_refused")
    assert list(local_place.store.parts(KEY, upload_id)) == []


def test_a_body_without_a_length_is_refused(local_place):
    upload_id, url = local_place.single(KEY, 4)

    answer = local_place.put(url, iter([b"da", b"ta"]), content_type="video/mp4")

    assert (answer.status_code, error_of(answer)["code"]) == (411, "length_required")
    assert list(local_place.store.parts(KEY, upload_id)) == []


def test_links_sent_over_and_over_while_it_is_completed_never_change_what_complete_answered(local_place):
    """The last request of each sender is begun before `complete` and may end after it."""
    upload_id, url = local_place.single(KEY, 2_000_000)
    local_place.put(url, bytes(2_000_000), content_type="video/mp4")
    with ThreadPoolExecutor(4) as senders:
        sent = [
            senders.submit(local_place.put, url, bytes([number]) * 2_000_000, content_type="video/mp4")
            for number in range(8)
        ]
        done = local_place.finish(KEY, upload_id, 2_000_000, part_size=2_000_000)
        content = local_place.read(KEY)
        for answer in sent:
            answer.result()

    assert (local_place.store.head(KEY), local_place.read(KEY)) == (done, content)
    assert len(set(content)) == 1


def test_a_link_of_an_earlier_version_that_wrote_an_object_itself_writes_nothing(local_place):
    local_place.store.put_bytes(KEY, b"film", content_type="video/mp4")
    old = links.Grant("PUT", KEY, int(time.time()) + 60, size=4, content_type="video/mp4")

    answer = local_place.put(links.link(local_place.store.settings.public_url, old), b"evil", content_type="video/mp4")

    assert (answer.status_code, error_of(answer)["code"]) == (403, "link_refused")
    assert local_place.read(KEY) == b"film"


def test_a_connection_that_is_cut_leaves_nothing(local_place, tmp_path):
    store = local_place.store
    upload_id, url = local_place.single(KEY, 2_000_000)
    before = files_in(tmp_path)
    parts = urlsplit(url)

    with socket.create_connection((parts.hostname, parts.port), timeout=10) as wire:
        wire.sendall(head_of(url, 2_000_000) + bytes(1_500_000))
        wire.shutdown(socket.SHUT_WR)
        with wire.makefile("rb") as reply:
            answer = reply.read()

    assert b" 400 " in answer
    assert b"body_cut" in answer
    assert files_in(tmp_path) == before
    assert list(store.parts(KEY, upload_id)) == []


def test_a_connection_that_is_reset_leaves_nothing_and_the_server_goes_on(local_place, tmp_path):
    upload_id, url = local_place.single(KEY, 2_000_000)
    parts = urlsplit(url)
    before = files_in(tmp_path)

    with socket.create_connection((parts.hostname, parts.port), timeout=10) as wire:
        wire.sendall(head_of(url, 2_000_000) + bytes(1_500_000))
        time.sleep(0.2)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    until(lambda: files_in(tmp_path) == before)
    assert list(local_place.store.parts(KEY, upload_id)) == []
    assert local_place.put(url, bytes(2_000_000), content_type="video/mp4").status_code == 200


def test_head_answers_without_sending(local_place):
    local_place.store.put_bytes(KEY, b"0123456789", content_type="video/mp4")
    url = local_place.store.url(KEY)
    wire = connection_to(url)

    wire.request("HEAD", relative(url), headers={"Range": "bytes=0-1"})
    answer = wire.getresponse()

    assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, "10", b"")
    assert answer.headers["ETag"]


def test_a_client_that_has_the_object_is_not_sent_it_again(local_place):
    local_place.store.put_bytes(KEY, b"0123456789", content_type="video/mp4")
    url = local_place.store.url(KEY)
    etag = local_place.get(url).headers["ETag"]

    again = local_place.get(url, if_none_match=f'"other", {etag}')

    assert (again.status_code, again.content) == (304, b"")
    assert local_place.get(url, if_none_match='"other"').status_code == 200


def test_a_range_of_another_version_is_answered_with_the_whole_new_one(local_place):
    store = local_place.store
    store.put_bytes(KEY, b"0123456789", content_type="video/mp4")
    url = store.url(KEY)
    first = local_place.get(url).headers
    assert local_place.get(url, range="bytes=5-", if_range=first["ETag"]).status_code == 206
    assert local_place.get(url, range="bytes=5-", if_range=first["Last-Modified"]).status_code == 206

    store.put_bytes(KEY, b"abcdefghij", content_type="video/mp4")

    answer = local_place.get(url, range="bytes=5-", if_range=first["ETag"])
    assert (answer.status_code, answer.content) == (200, b"abcdefghij")


def test_a_player_gets_a_mebibyte_at_once_and_a_download_all_that_it_asks_for(local_place):
    store, whole = local_place.store, 3 << 20
    store.put_bytes(KEY, bytes(whole), content_type="video/mp4")
    url = store.url(KEY)

    played = local_place.get(url, range="bytes=100-", sec_fetch_dest="video").headers
    downloaded = local_place.get(url, range="bytes=100-", sec_fetch_dest="document").headers

    assert played["Content-Range"] == f"bytes 100-{99 + (1 << 20)}/{whole}"
    assert downloaded["Content-Range"] == f"bytes 100-{whole - 1}/{whole}"


def test_what_somebody_uploaded_cannot_act_in_our_pages(local_place):
    local_place.store.put_bytes("a/evil.html", b"<script>alert(1)</script>", content_type="text/html")

    headers = local_place.get(local_place.store.url("a/evil.html")).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.mov", "video/quicktime"),
        ("a.MP4", "video/mp4"),
        ("a.mkv", "video/x-matroska"),
        ("a.wav", "audio/wav"),
        ("a.dat", "application/octet-stream"),
        ("a.xyz~", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_media_type_follows_the_name(name, media_type):
    assert storage.content_type_of(f"folder/{name}") == media_type


def test_a_part_lies_at_its_place_and_completing_copies_nothing(local_place, tmp_path):
    store = local_place.store
    upload_id = store.start_multipart(KEY, content_type="video/mp4", size=25, part_size=10)
    for number, body in ((3, b"33333"), (1, b"1" * 10), (2, b"2" * 10)):
        assert (
            store.receive_part(KEY, upload_id, number, io.BytesIO(body), len(body)).etag
            == hashlib.md5(body).hexdigest()
        )
    (body,) = tmp_path.glob("store/.uploads/*/body")
    inode = body.stat().st_ino

    store.complete_multipart(KEY, upload_id, size=25)

    assert (tmp_path / "store" / KEY).stat().st_ino == inode
    assert (tmp_path / "store" / KEY).read_bytes() == b"1" * 10 + b"2" * 10 + b"33333"
    assert files_in(tmp_path / "store") == [KEY]


@pytest.mark.parametrize(("number", "size"), [(0, 10), (4, 10), (1, 9), (3, 10)])
def test_a_part_that_is_not_planned_is_refused_before_a_byte_is_read(local_place, number, size):
    store = local_place.store
    upload_id = store.start_multipart(KEY, content_type="video/mp4", size=25, part_size=10)

    with pytest.raises(storage.PartsMismatch) as refusal:
        store.receive_part(KEY, upload_id, number, None, size)
    assert refusal.value.details == {"parts": [number]}


@pytest.mark.parametrize("upload_id", ["", "../../etc", "0" * 31, "0" * 32, "G" * 32, "a\x00"])
def test_an_upload_id_that_was_never_given_is_gone(local_place, upload_id):
    with pytest.raises(storage.UploadGone):
        local_place.store.parts(KEY, upload_id)


def test_an_upload_belongs_to_its_key(local_place):
    upload_id = local_place.store.start_multipart(KEY, content_type="video/mp4", size=5, part_size=5)

    with pytest.raises(storage.UploadGone):
        local_place.store.receive_part("tenants/t_b/x", upload_id, 1, io.BytesIO(b"12345"), 5)


def test_a_late_part_cannot_change_an_object_that_is_complete(local_place):
    store = local_place.store
    upload_id = store.start_multipart(KEY, content_type="video/mp4", size=5, part_size=5)
    late, outcome = Held(b"LATE!"), []

    def send() -> None:
        try:
            outcome.append(store.receive_part(KEY, upload_id, 1, late, 5))
        except storage.UploadGone as error:
            outcome.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    late.waiting.wait(PATIENCE_S)
    store.receive_part(KEY, upload_id, 1, io.BytesIO(b"first"), 5)
    store.complete_multipart(KEY, upload_id, size=5)
    late.go.set()
    sender.join(PATIENCE_S)

    assert isinstance(outcome[0], storage.UploadGone)
    assert local_place.read(KEY) == b"first"


def test_completing_by_many_at_once_succeeds_for_each(local_place):
    store = local_place.store
    upload_id = store.start_multipart(KEY, content_type="video/mp4", size=5, part_size=5)
    store.receive_part(KEY, upload_id, 1, io.BytesIO(b"12345"), 5)
    sizes = []
    threads = [
        threading.Thread(target=lambda: sizes.append(store.complete_multipart(KEY, upload_id, size=5).size))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)

    assert sizes == [5] * 8


def test_a_complete_that_died_after_publishing_is_ended_by_the_next(local_place, tmp_path, monkeypatch):
    store = local_place.store
    upload_id = store.start_multipart(KEY, content_type="video/mp4", size=5, part_size=5)
    store.receive_part(KEY, upload_id, 1, io.BytesIO(b"12345"), 5)
    with monkeypatch.context() as dying:
        dying.setattr(store._multiparts, "_remove", lambda folder: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.complete_multipart(KEY, upload_id, size=5)

    assert store.complete_multipart(KEY, upload_id, size=5).size == 5
    assert files_in(tmp_path / "store") == [KEY]
    assert list(store.uploads()) == []


KILLED = """
import sys, time
from pathlib import Path
from media_app.storage.values import StoreSettings
from media_app.storage import local
from media_app.storage.local import multiparts
root, key, upload_id, moment = sys.argv[1:]
store = local.LocalStore(StoreSettings("local", Path(root), 60))
real = multiparts.fsync_folder

def hang():
    print("ready", flush=True)
    time.sleep(60)

class Body:
    left = 2
    def read(self, size):
        if moment == "receiving" and self.left == 1:
            hang()
        self.left -= 1
        return b"N" * 500_000

synced = []

def sync(folder):
    real(folder)
    if folder.name == "parts":
        synced.append(folder)
        if len(synced) == {"unmarked": 1, "marked": 2}.get(moment):
            hang()

def place(received, body, offset):
    with open(body, "r+b") as file:
        file.seek(offset)
        file.write(b"N" * 250_000)
    hang()

multiparts.fsync_folder = sync
if moment == "placing":
    multiparts.place = place
store.receive_part(key, upload_id, 1, Body(), 1_000_000)
"""


@pytest.mark.parametrize(
    ("moment", "kept"), [("receiving", b"O"), ("unmarked", None), ("placing", None), ("marked", b"N")]
)
def test_a_server_killed_while_a_part_comes_never_vouches_for_a_torn_one(local_place, tmp_path, moment, kept):
    store = local_place.store
    upload_id = store.start_multipart(KEY, content_type="video/mp4", size=1_000_000, part_size=1_000_000)
    store.receive_part(KEY, upload_id, 1, io.BytesIO(b"O" * 1_000_000), 1_000_000)

    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "store"), KEY, upload_id, moment],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert [part.number for part in store.parts(KEY, upload_id)] == ([1] if kept else [])
    if not kept:
        store.receive_part(KEY, upload_id, 1, io.BytesIO(b"A" * 1_000_000), 1_000_000)
    store.complete_multipart(KEY, upload_id, size=1_000_000)
    assert local_place.read(KEY) == (kept or b"A") * 1_000_000
    assert files_in(tmp_path / "store") == [KEY]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(1, 60_000),
    part_size=st.integers(1_000, 20_000),
    seed=st.integers(0, 2**32),
    cuts=st.lists(st.floats(0, 1, exclude_max=True), max_size=12),
)
def test_an_upload_survives_any_row_of_cuts_and_is_never_truncated(local_place, size, part_size, seed, cuts):
    store, chance = local_place.store, random.Random(seed)
    body = chance.randbytes(size)
    key = f"a/{seed}"
    upload_id = store.start_multipart(key, content_type="video/mp4", size=size, part_size=part_size)
    wanted = {
        number: body[(number - 1) * part_size : number * part_size] for number in range(1, -(-size // part_size) + 1)
    }

    while missing := sorted(wanted.keys() - {part.number for part in store.parts(key, upload_id)}):
        with pytest.raises(storage.PartsMismatch):
            store.complete_multipart(key, upload_id, size=size)
        number = chance.choice(missing)
        part = wanted[number]
        if cuts:
            with pytest.raises(disk.BodyCut):
                store.receive_part(key, upload_id, number, io.BytesIO(part[: int(len(part) * cuts.pop())]), len(part))
        else:
            store.receive_part(key, upload_id, number, io.BytesIO(part), len(part))
    store.complete_multipart(key, upload_id, size=size)

    assert local_place.read(key) == body


def test_a_full_disk_is_507_and_the_upload_goes_on_when_there_is_space(local_place, monkeypatch):
    store = local_place.store
    upload_id = store.start_multipart(KEY, content_type="video/mp4", size=5, part_size=5)
    url = store.presign_part(KEY, upload_id, 1, size=5)

    def full(*args) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(multiparts, "place", full)
        answer = local_place.put(url, b"12345")

    assert (answer.status_code, error_of(answer)["code"]) == (507, "store_full")
    assert list(store.parts(KEY, upload_id)) == []
    assert local_place.put(url, b"12345").status_code == 200


def test_a_file_that_will_not_fit_is_refused_before_it_is_sent(local_place, tmp_path):
    total, _, free = shutil.disk_usage(tmp_path)
    with pytest.raises(storage.StoreFull, match="GB left"):
        local_place.store.start_multipart(KEY, content_type="video/mp4", size=(free + total) // 2)
    with pytest.raises(storage.StoreFull, match="Use a larger disk"):
        local_place.store.start_multipart(KEY, content_type="video/mp4", size=5 * 2**40)
    assert files_in(tmp_path) == []


def test_a_disk_that_cannot_be_written_is_said_and_not_a_crash(local_place, monkeypatch):
    def broken(*args) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(disk.os, "fsync", broken)

    assert "Input/output error" in local_place.store.check()


def test_a_root_that_is_a_file_is_said_and_not_a_crash(tmp_path, settings):
    (tmp_path / "file").write_text("")
    settings.STORAGE_BACKEND, settings.MEDIA_STORE_ROOT = "local", tmp_path / "file"

    assert storage.store().check().endswith(".")


def test_a_symbolic_link_in_the_store_is_not_followed(local_place, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "passwd").write_text("root")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a").symlink_to(secret)
    (tmp_path / "store" / "b").symlink_to(secret / "passwd")
    (tmp_path / "store" / "c").symlink_to("c")

    for key in ("a/passwd", "b", "c"):
        for ask in (local_place.store.open, local_place.store.head, local_place.store.delete):
            with pytest.raises(storage.BadKey, match="symbolic link"):
                ask(key)
        with pytest.raises(storage.BadKey):
            local_place.store.put_bytes(key, b"", content_type="text/plain")
    assert list(local_place.store.list()) == []
    assert (secret / "passwd").read_text() == "root"


def test_an_object_and_a_folder_cannot_have_one_name(local_place):
    store = local_place.store
    store.put_bytes("a/b", b"1", content_type="text/plain")

    for key in ("a/b/c", "a"):
        with pytest.raises(storage.BadKey, match="in its way"):
            store.put_bytes(key, b"2", content_type="text/plain")
        assert store.head(key) is None
        with pytest.raises(storage.ObjectMissing):
            store.open(key)
        store.delete(key)
    assert local_place.read("a/b") == b"1"


def test_a_file_given_away_is_moved_and_not_copied(local_place, tmp_path):
    source = tmp_path / "proxy.mp4"
    source.write_bytes(b"film")
    inode = source.stat().st_ino

    stored = local_place.store.put_file(KEY, source, content_type="video/mp4", move=True)

    assert stored == local_place.store.head(KEY)
    assert not source.exists()
    assert (tmp_path / "store" / KEY).stat().st_ino == inode


def test_a_file_given_away_on_another_disk_is_copied(local_place, tmp_path, monkeypatch):
    source = tmp_path / "proxy.mp4"
    source.write_bytes(b"film")
    real = Path.replace

    def across(self, target):
        if self == source:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", across)
    local_place.store.put_file(KEY, source, content_type="video/mp4", move=True)

    assert local_place.read(KEY) == b"film"


def test_a_local_copy_takes_no_space_and_outlives_the_object(local_place, tmp_path):
    local_place.store.put_bytes(KEY, b"film", content_type="video/mp4")
    inode = (tmp_path / "store" / KEY).stat().st_ino

    with local_place.store.local_copy(KEY, tmp_path) as path:
        assert path.stat().st_ino == inode
        local_place.store.delete(KEY)
        assert path.read_bytes() == b"film"


def test_a_local_copy_on_another_disk_is_the_object_itself(local_place, tmp_path, monkeypatch):
    local_place.store.put_bytes(KEY, b"film", content_type="video/mp4")

    def across(self, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", across)
    with local_place.store.local_copy(KEY, tmp_path) as path:
        assert path == tmp_path / "store" / KEY
    assert local_place.read(KEY) == b"film"


def test_deleting_leaves_no_empty_folders(local_place, tmp_path):
    local_place.store.put_bytes("a/b/c", b"1", content_type="text/plain")
    local_place.store.put_bytes("a/d", b"2", content_type="text/plain")

    local_place.store.delete("a/b/c")

    assert not (tmp_path / "store" / "a" / "b").exists()
    assert local_place.read("a/d") == b"2"


def test_writing_and_deleting_at_once_in_one_folder_disturb_neither(local_place):
    store, faults = local_place.store, []

    def work(name: str) -> None:
        try:
            for _ in range(60):
                store.put_bytes(f"busy/folder/{name}", name.encode(), content_type="text/plain")
                store.delete(f"busy/folder/{name}")
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)

    assert faults == []


def test_what_a_killed_process_left_half_written_is_swept_after_a_day(local_place, tmp_path):
    local_place.store.put_bytes("a", b"1", content_type="text/plain")
    drafts = tmp_path / "store" / ".drafts"
    (drafts / "half").write_bytes(b"half")
    (drafts / "upload").mkdir()
    (drafts / "upload" / "body").write_bytes(b"half")

    local_place.store.tidy(datetime.now(UTC) + timedelta(hours=23))
    assert len(list(drafts.iterdir())) == 2
    local_place.store.tidy(datetime.now(UTC) + timedelta(hours=25))

    assert list(drafts.iterdir()) == []
    assert local_place.read("a") == b"1"


def test_the_local_store_says_who_keeps_its_rules(local_place):
    assert "sweep" in local_place.store.apply_lifecycle([]).message
    assert "same origin" in local_place.store.apply_cors(["https://a.example"])
    assert local_place.store.apply_lifecycle([storage.LifecycleRule("r", days=1)]).by_sweep == ("r",)


def test_a_grant_from_before_the_key_was_changed_still_opens_with_the_old_key_kept(settings):
    grant = links.Grant("GET", KEY, int(time.time()) + 60)
    token = grant.token()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]

    assert links.read_grant(token, "GET", KEY) == grant
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(links.LinkRefused):
        links.read_grant(token, "GET", KEY)


def test_space_that_was_promised_to_an_upload_is_not_promised_again(local_place):
    store = local_place.store
    free = store.disk()[0]
    first = store.start_multipart(KEY, content_type="video/mp4", size=int(free * 0.6))

    with pytest.raises(storage.StoreFull, match="are reserved for uploads in progress"):
        store.start_multipart("b", content_type="video/mp4", size=int(free * 0.6))
    store.start_multipart("b", content_type="video/mp4", size=int(free * 0.2))
    store.abort_multipart(KEY, first)
    store.start_multipart("c", content_type="video/mp4", size=int(free * 0.6))
    assert {upload.key for upload in store.uploads()} == {"b", "c"}


def test_parts_that_have_come_are_not_counted_as_still_to_come(local_place):
    store = local_place.store
    upload_id, url = local_place.single(KEY, 2_000_000)
    local_place.put(url, bytes([1]) * 2_000_000, content_type="video/mp4")

    assert store._multiparts._yet_to_come() == 0
    assert store.complete_multipart(KEY, upload_id, size=2_000_000).size == 2_000_000
