"""Faults of requests: cut, lost, doubled, late."""

import http.client
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.chaos import footage
from bench.chaos.audit import Violation
from bench.chaos.plan import Fault
from bench.chaos.scene import NeverStruck, Outcome, Scene, camera_of, quietly
from bench.patient import BROKEN, parts_of
from studio.demo.client import Client, Refused


@dataclass
class Doubling:
    """A client whose `call` is another."""

    behind: Client
    call: Callable[..., Any]

    @property
    def url(self) -> str:
        return self.behind.url


@dataclass(frozen=True, slots=True)
class Put:
    """What one link of an upload is sent: `body`, at an absolute `url`."""

    url: str
    content_type: str
    body: bytes


class Late:
    """The first half of a PUT on a connection of its own; the second half when nobody waits for it."""

    def __init__(self, put: Put) -> None:
        where = urlsplit(put.url)
        assert where.hostname
        self.body = put.body
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
        self.connection.putrequest("PUT", f"{where.path}?{where.query}")
        self.connection.putheader("Content-Length", str(len(put.body)))
        if put.content_type:
            self.connection.putheader("Content-Type", put.content_type)
        self.connection.endheaders(self.body[: len(put.body) // 2])

    def finish(self) -> int:
        """The status of the answer; 0 where the connection was closed instead."""
        try:
            self.connection.send(self.body[len(self.body) // 2 :])
            return self.connection.getresponse().status
        except BROKEN:
            return 0
        finally:
            self.connection.close()


def puts_of(scene: Scene, take: footage.Take, bytes_of: Callable[[bytes], bytes] = bytes) -> list[Put]:
    """Every PUT that brings a take which nothing has arrived of; `bytes_of` may make others of its bytes."""
    offer, data = scene.offer(take), take.path.read_bytes()
    return [
        Put(scene.client.absolute(url), content_type, bytes_of(data[start : start + size]))
        for url, start, size, content_type in parts_of(offer, take.content_type)
    ]


def cut_upload(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    camera = camera_of(fault)
    scene.rig.wire.cut_after(1 + int(fault.amount * footage.PADDING[camera]))
    wrong = len(scene.client.went_wrong)
    scene.replace(camera)
    if len(scene.client.went_wrong) == wrong:
        raise NeverStruck
    return scene.since(scene.client.went_wrong[wrong][0])


def cut_read(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    camera = camera_of(fault)
    found = scene.client.call("GET", f"/v2/sessions/{scene.shoot.session}")
    asset = next(asset for asset in found["assets"] if asset["cameraLabel"] == camera)
    proxy = next(made for made in asset["derivatives"] if made["kind"] == "audio-wav")
    scene.rig.wire.cut_after(1 + int(fault.amount * proxy["sizeBytes"] * 0.9), "down")
    wrong = len(scene.client.went_wrong)
    data = scene.client.read(proxy["url"], proxy["sizeBytes"])
    if len(scene.client.went_wrong) == wrong:
        raise NeverStruck
    if footage.sha256(data) != proxy["checksum"]:
        outcome.violations.append(Violation("lost", "a WAV that was read in two goes has other bytes"))
    return scene.since(scene.client.went_wrong[wrong][0])


def lost_reply(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """The request is carried out, and nobody learns of it: the client asks again."""

    def arm(path: str) -> None:
        if path.endswith(fault.point):
            scene.client.before = lambda path: None
            scene.rig.proxy.cut_after(0, "down")

    scene.client.before = arm
    wrong = len(scene.client.went_wrong)
    scene.work(fault)
    if len(scene.client.went_wrong) == wrong:
        raise NeverStruck
    scene.shoot.perhaps += fault.step == "sync"
    return scene.since(scene.client.went_wrong[wrong][0])


def doubled_request(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """The same request arrives twice at once."""
    asked: list[tuple[Any, ...]] = []
    call = scene.client.client.call

    def twice(method: str, path: str, body: dict | None = None) -> Any:
        if asked or not path.endswith(fault.point):
            return call(method, path, body)
        asked.append((method, path, body))
        other = threading.Thread(target=quietly, args=(call, method, path, body))
        other.start()
        try:
            return call(method, path, body)
        finally:
            other.join()

    at = time.monotonic()
    scene.client.client = Doubling(scene.client.client, twice)
    try:
        scene.work(fault)
    finally:
        scene.client.client = scene.client.client.behind
    if not asked:
        raise NeverStruck
    scene.shoot.perhaps += fault.step == "sync"
    return scene.since(at)


def late_request(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """Bytes of an upload arrive when it has long been completed by others."""
    take = scene.new_take("A")
    late = Late(puts_of(scene, take)[0])
    scene.replace_by(take)
    at = time.monotonic()
    late.finish()
    scene.client.call("GET", f"/v2/sessions/{scene.shoot.session}")
    return scene.since(at)


def other_bytes(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """Once an upload is complete, each of its links brings other bytes of the same length, and complete is called again with
    nonsense: at once and when the file is ready, for a file in parts and for one in one piece."""
    waits = []
    for camera in "AB":
        take = scene.new_take(camera)
        puts = puts_of(scene, take, flipped)
        half = Late(puts[0])
        scene.replace_by(take)
        take.path.unlink()
        at = time.monotonic()
        answers = [half.finish(), *send_late(scene, camera, puts)]
        waits.append(scene.since(at))
        scene.wait_until_quiet()
        answers += send_late(scene, camera, puts)
        outcome.violations += [
            Violation("lost", f"a link of camera {camera} took other bytes after complete: {status}")
            for status in answers
            if 0 < status < 400
        ]
    return max(waits)


def send_late(scene: Scene, camera: str, puts: list[Put]) -> list[int]:
    """The statuses of these PUTs. Then complete is called as by a client that got no answer, and by one that makes parts up."""
    answers = [status_of(put) for put in puts]
    path = f"/v2/sessions/{scene.shoot.session}/assets/{scene.shoot.assets[camera]}/complete"
    for body in ({}, {"parts": [{"partNumber": 1, "etag": "0" * 32}]}):
        with suppress(Refused):
            scene.client.call("POST", path, body)
    return answers


def status_of(put: Put) -> int:
    """The status of the answer; 0 where the connection was closed on the first bytes."""
    try:
        return Late(put).finish()
    except BROKEN:
        return 0


def flipped(data: bytes) -> bytes:
    """Other bytes, as many."""
    return data.translate(bytes(255 - value for value in range(256)))
