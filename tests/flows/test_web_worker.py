"""The web server that Studio is shipped with, among clients that are slow, half-open or gone."""

import contextlib
import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from django.test import override_settings

from media_app import storage
from studio.runtime import web_worker
from tests.services.servers import Program, accepts, free_port

ROOT = Path(__file__).resolve().parents[2]
#: More than the server has threads.
MANY = 120
HEAD = b"POST /v2/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    changes = {
        "STORAGE_BACKEND": "local",
        "MEDIA_STORE_ROOT": folder / "store",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x" * 50,
        "STUDIO_VAR": str(folder / "var"),
        **{name: str(value) for name, value in changes.items()},
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "studio/gunicorn.py", "--workers", "1"]
    command += ["-b", f"127.0.0.1:{port}", "studio.wsgi:application"]
    program = Program(command, folder / "gunicorn.log", lambda: accepts(port), env=environment, cwd=ROOT)
    with program, override_settings(SECRET_KEY="x" * 50, **changes):
        program.wait_until_ready()
        yield port


@pytest.fixture
def connections():
    with ExitStack() as held:
        yield held


def begin(held: ExitStack, port: int, sent: bytes) -> socket.socket:
    wire = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
    wire.sendall(sent)
    return wire


def healthy(port: int) -> list[int]:
    """What twelve looks at the server's health are answered.

    Each waits for a minute, which a busy machine may need: a server that gave one of its four threads to each of `MANY` clients
    would answer after ten.
    """
    return [requests.get(f"http://127.0.0.1:{port}/healthz", timeout=60).status_code for _ in range(12)]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"G",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        HEAD,
        HEAD + b"{" * 499,
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost",
        HEAD.replace(b"Content-Length: 500", b"Content-Length: 2000000") + b"{" * 100_000,
        HEAD.replace(b"Content-Length: 500", b"Transfer-Encoding: chunked") + b"5\r\n{",
        b"PUT /store/a?grant=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000,
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ],
    ids=["nothing", "byte", "head", "body", "last byte", "behind another", "long body", "chunks", "store", "no end"],
)
def test_requests_that_never_come_whole_hold_nobody_else_up(server, connections, sent):
    for _ in range(MANY):
        begin(connections, server, sent)

    assert healthy(server) == [200] * 12


def test_readers_that_stop_reading_hold_nobody_else_up(server, connections):
    storage.store().put_bytes("film", bytes(2**24), content_type="video/mp4")
    path = storage.store().url("film").partition(str(server))[2].encode()
    for _ in range(MANY):
        begin(connections, server, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert healthy(server) == [200] * 12


def test_a_request_that_comes_byte_by_byte_is_answered(server, connections):
    wire = begin(connections, server, b"")
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}":
        wire.sendall(bytes([byte]))

    with wire.makefile("rb") as answer:
        assert answer.readline().startswith(b"HTTP/1.1 200")


def test_two_requests_sent_together_are_both_answered(server, connections):
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    wire = begin(connections, server, one + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    with wire.makefile("rb") as answer:
        assert answer.read().count(b"HTTP/1.1 200") == 2


def test_a_client_that_ends_in_the_midst_of_its_head_is_let_go_at_once(server, connections):
    wire = begin(connections, server, b"GET /healthz HTTP/1.1\r\nHost")
    wire.shutdown(socket.SHUT_WR)

    with contextlib.suppress(ConnectionResetError):
        assert wire.recv(100) == b""


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (b"", (1, False)),
        (b"GET / HTTP/1.1\r\n", (17, False)),
        (b"GET / HTTP/1.1\r\n\r\n", (18, True)),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH: 7\r\n\r\nabc", (45, True)),
        (b"POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\nabc", (42, False)),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5", (47, False)),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", (60, False)),
        (b"x" * web_worker.MAX_HEAD, (web_worker.MAX_HEAD, False)),
    ],
)
def test_how_much_of_a_request_must_be_here(seen, wanted):
    assert web_worker.look(seen) == wanted


@pytest.mark.parametrize(
    ("came", "seconds", "refused"),
    [(1, 59, False), (1, 61, True), (8192 * 100 - 1, 100, True), (8192 * 100, 100, False), (10**9, 3600, False)],
)
def test_a_body_that_only_drips_is_refused_after_a_minute(came, seconds, refused):
    assert web_worker.too_slow(came, seconds) == refused
