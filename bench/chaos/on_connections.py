"""Faults of clients that begin and do not end: half heads, half bodies, connections that say nothing."""

import contextlib
import socket
import time
import urllib.request
from collections.abc import Iterator

from bench.chaos.plan import Fault
from bench.chaos.scene import Outcome, Scene, camera_of

HEALTH_CHECKS = 5
_HEAD = b"%s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_BODY = _HEAD + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n{"


def beginnings(token: str) -> Iterator[bytes]:
    """What 120 clients send and then nothing more. A long body holds a thread as soon as it begins."""
    known = b"POST /v2/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token %s\r\n" % token.encode()
    yield from [b""] * 20
    yield from [_HEAD % b"GET /sessions/"] * 40
    yield from [_BODY % (b"POST /v2/sessions", 2000)] * 40
    yield from [_BODY % (b"PUT /store/made-up", 50 << 20)] * 10
    yield from [known + b"Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n{"] * 10


@contextlib.contextmanager
def half_sent(port: int, sent: Iterator[bytes]) -> Iterator[None]:
    """Connections on which so much was sent, open until the end."""
    with contextlib.ExitStack() as opened:
        for start in sent:
            client = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            client.sendall(start)
        yield


def slow_clients(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """Work while they hold their connections; the longest wait of a health check, or of the requests of an upload's end."""
    with half_sent(scene.rig.web_port, beginnings(scene.client.client.token)):
        waits = [health_check(scene.rig.web_port) for _ in range(HEALTH_CHECKS)]
        scene.replace(camera_of(fault))
        waits.append(health_check(scene.rig.web_port))
    return max(waits)


def health_check(port: int) -> float:
    """Seconds until the answer."""
    at = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60):
        return time.monotonic() - at
