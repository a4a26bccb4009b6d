"""Faults of requests: cut, lost, doubled, late."""

import http.client
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from bench.chaos import footage
from bench.chaos.audit import Violation
from bench.chaos.plan import Fault
from bench.chaos.scene import NeverStruck, Outcome, Scene, camera_of, quietly
from bench.patient import BROKEN, Patient, parts_of
from studio.demo.client import Client


@dataclass
class Doubling:
    """A client whose `call` is another."""

    behind: Client
    call: Callable[..., Any]

    @property
    def url(self) -> str:
        return self.behind.url


class Late:
    """The first half of a file's first bytes, on a connection of its own; the second half when nobody waits for it."""

    def __init__(self, client: Patient, session: str, take: footage.Take) -> None:
        offer = client.call(
            "POST",
            f"/v2/sessions/{session}/assets/init-upload",
            {
                "cameraLabel": take.camera,
                "filename": take.path.name,
                "contentType": take.content_type,
                "sizeBytes": take.path.stat().st_size,
            },
        )
        url, start, size, content_type = parts_of(offer, take.content_type)[0]
        where = urlsplit(urljoin(client.client.url, url))
        assert where.hostname
        with take.path.open("rb") as file:
            file.seek(start)
            self.body = file.read(size)
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
        self.connection.putrequest("PUT", f"{where.path}?{where.query}")
        self.connection.putheader("Content-Length", str(size))
        if content_type:
            self.connection.putheader("Content-Type", content_type)
        self.connection.endheaders(self.body[: size // 2])

    def finish(self) -> None:
        with suppress(*BROKEN):
            self.connection.send(self.body[len(self.body) // 2 :])
            self.connection.getresponse().read()
        self.connection.close()


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
    late = Late(scene.client, scene.shoot.session, take)
    scene.shoot.assets["A"] = scene.client.send(scene.shoot.session, "A", take.path, take.content_type)
    scene.shoot.sent["A"] = take
    scene.shoot.syncs += 1
    at = time.monotonic()
    late.finish()
    scene.client.call("GET", f"/v2/sessions/{scene.shoot.session}")
    return scene.since(at)
