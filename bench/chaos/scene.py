"""One Studio under fire, its client and its shoot: the work that faults interrupt, and the waits until it has gone on."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection

from bench.chaos import footage
from bench.chaos.audit import Violation
from bench.chaos.door import Fired
from bench.chaos.plan import Fault
from bench.chaos.rig import DYING_S, PATIENCE, Rig, Servers
from bench.patient import Patient
from media_app.models import MediaAsset, MediaJob
from sessions_app.models import RecordingSession
from studio.demo.client import Client
from studio.runtime.operator import local_operator

FIRE_S = 60.0 * PATIENCE
RECOVER_S = 90.0 * PATIENCE
QUIET_S = 150.0 * PATIENCE
LOOK_S = 0.03


@dataclass(slots=True)
class Outcome:
    """What came of one fault. `recovery_s` is None when it never struck, or nothing came back."""

    number: int
    fault: str
    kind: str
    struck: bool = False
    recovery_s: float | None = None
    violations: list[Violation] = field(default_factory=list)
    server_errors: list[str] = field(default_factory=list)

    @property
    def conclusive(self) -> bool:
        return self.struck or bool(self.violations)


class Stuck(Exception):
    """What should have gone on did not."""


class NeverStruck(Exception):
    """The work was over before the fault's moment came."""


@dataclass
class Shoot:
    session: str
    assets: dict[str, str] = field(default_factory=dict)
    sent: dict[str, footage.Take] = field(default_factory=dict)
    syncs: int = 0
    perhaps: int = 0
    export: str = ""
    renders: int = 0
    #: The jobs that were begun for the last render.
    jobs: list[str] = field(default_factory=list)


class Scene:
    """A Studio with its database and store at hand, a patient client, and the shoot that is being worked on."""

    shoot: Shoot

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.takes = rig.folder / "takes"
        self.takes.mkdir()
        self.number = 0
        self.client = Patient(Client(rig.url, local_operator(rig.url)["token"]))

    def announce(self, camera: str) -> None:
        """Say that a camera will come, so that the session waits for it."""
        take = self.new_take(camera)
        self.offer(take)
        self.shoot.sent[camera] = take

    def offer(self, take: footage.Take) -> dict:
        """The answer of init-upload: where the take's bytes go."""
        return self.client.call("POST", f"/v2/sessions/{self.shoot.session}/assets/init-upload", take.offer)

    def new_take(self, camera: str) -> footage.Take:
        self.number += 1
        return footage.take(camera, self.number, self.takes)

    def send(self, camera: str) -> None:
        take = self.shoot.sent[camera]
        self.shoot.assets[camera] = self.client.send(self.shoot.session, camera, take.path, take.content_type)
        take.path.unlink()

    def replace(self, camera: str) -> None:
        """The camera's file is sent again, as another one."""
        take = self.new_take(camera)
        self.replace_by(take)
        take.path.unlink()

    def replace_by(self, take: footage.Take) -> None:
        """Send the take to the end, as its camera's file."""
        sent = self.client.send(self.shoot.session, take.camera, take.path, take.content_type)
        self.shoot.assets[take.camera], self.shoot.sent[take.camera] = sent, take
        self.shoot.syncs += 1

    def ingest(self, camera: str) -> None:
        asset = self.shoot.assets[camera]
        self.client.call("POST", f"/v2/sessions/{self.shoot.session}/assets/{asset}/ingest")
        self.shoot.syncs += 1

    def sync(self) -> None:
        self.client.call("POST", f"/v2/sessions/{self.shoot.session}/sync/run", {"force": True})
        self.shoot.syncs += 1

    def export(self) -> None:
        """Two seconds cut from both cameras, as a film, a sound and a still picture."""
        body = {
            "angles": {camera: {"assetId": asset} for camera, asset in self.shoot.assets.items()},
            "switchPoints": [{"atMs": 500, "angle": "A"}, {"atMs": 1500, "angle": "B"}],
            "range": {"endMs": 2500},
            "outputs": [{"name": "main", "width": 160, "height": 90}, {"name": "sound", "audioOnly": True}],
            "thumbnail": {"atMs": 1000},
            "webhookUrl": self.rig.listener.url,
        }
        self.shoot.export = self.client.call("POST", "/api/export", body)["jobId"]

    def render(self, *, in_chunks: bool) -> None:
        """Two seconds of both cameras, each time others, as a film, whole or in two chunks."""
        self.shoot.renders += 1
        begin, tenant = 10 * self.shoot.renders, self.tenant
        clips = [
            {"id": camera, "asset_id": asset, "in_ms": begin, "out_ms": begin + 1000, "start_ms_on_timeline": 1000 * at}
            for at, (camera, asset) in enumerate(sorted(self.shoot.assets.items()))
        ]
        track = {"id": "t", "kind": "video", "clips": clips}
        body = tenant | {
            "sequence_snapshot": {"id": "s", "timebase": 25, "tracks": [track]},
            "render_profile": "draft_480p_fast",
        }
        if in_chunks:
            begun = self.client.call("POST", "/video/render/jobs/chunked", body | {"segment_duration_ms": 1000})
            self.shoot.jobs = [job["id"] for job in begun["jobs"]]
        else:
            self.shoot.jobs = [self.client.call("POST", "/video/render/jobs", body)["id"]]

    @property
    def tenant(self) -> dict[str, str]:
        """In whose name the shoot was made."""
        session = RecordingSession.objects.get(pk=self.shoot.session)
        return {"tenant_id": session.tenant_id, "env": session.env}

    def work(self, fault: Fault) -> None:
        """What the fault is to interrupt."""
        camera = camera_of(fault)
        if fault.step == "ingest":
            self.ingest(camera)
        elif fault.step == "sync":
            self.sync()
        elif fault.step == "export":
            self.export()
        elif fault.step in ("render", "chunks"):
            self.render(in_chunks=fault.step == "chunks")
        else:
            self.replace(camera)

    def arm(self, fault: Fault, action: str, role: str = "worker") -> None:
        self.rig.door.arm(fault.number, fault.point, fault.when, action, nth=fault.nth, role=role)

    def fired(self, fault: Fault, limit_s: float = FIRE_S) -> Fired:
        ends = time.monotonic() + limit_s
        while (fired := self.rig.door.fired(fault.number)) is None:
            if time.monotonic() > ends or (time.monotonic() > ends - limit_s + 3 and self.is_quiet()):
                raise NeverStruck
            time.sleep(LOOK_S)
        return fired

    def strike_inside(self, fault: Fault, action: str) -> tuple[Fired, list]:
        """Do the work with the fault armed; where it struck, and the jobs that were in that worker's hands."""
        self.arm(fault, action)
        self.work(fault)
        fired = self.fired(fault)
        return fired, self.held_by(fired.pid)

    def while_sending(self, fault: Fault, strike: Callable[[], None]) -> float:
        """Strike in the middle of an upload."""
        camera = camera_of(fault)
        sender = threading.Thread(target=quietly, args=(self.replace, camera))
        passed = self.rig.wire.up
        self.rig.wire.pause_s = 0.003
        sender.start()
        while self.rig.wire.up < passed + 2000 + 0.6 * fault.amount * footage.PADDING[camera] and sender.is_alive():
            time.sleep(0.001)
        strike()
        at = time.monotonic()
        sender.join(RECOVER_S)
        if sender.is_alive() or self.shoot.sent[camera].number != self.number:
            raise Stuck("the upload that was interrupted never ended")
        if at > self.client.went_well[-1]:
            raise NeverStruck
        return self.since(at)

    def since(self, at: float) -> float:
        """Seconds from then to the client's next answer."""
        later = [well for well in self.client.went_well if well > at]
        return (later[0] if later else time.monotonic()) - at

    def orphans(self) -> list[Violation]:
        """Tools whose worker is dead. On a busy machine a killed one may wait its turn to end."""
        ends = time.monotonic() + DYING_S * (PATIENCE - 1)
        while (left := self.rig.orphans()) and time.monotonic() < ends:
            time.sleep(LOOK_S)
        return [
            Violation("orphan_processes", f"its worker is dead, and {pid} works on: {line[:200]}")
            for pid, line in left.items()
        ]

    def held_by(self, pid: int) -> list:
        """(job, token, attempt) of each job in the hands of a process."""
        running = MediaJob.objects.filter(status="PROCESSING", locked_by__endswith=f":{pid}")
        return list(running.values_list("pk", "lock_token", "attempts"))

    def until_taken_up(self, held: list, at: float) -> float:
        """Seconds until each of these jobs runs again, or is over; without any, until whatever waits is taken up."""
        ends = time.monotonic() + RECOVER_S
        while not self.taken_up(held):
            if time.monotonic() > ends:
                raise Stuck(f"after {RECOVER_S:.0f} s what was interrupted was not taken up again")
            time.sleep(LOOK_S)
        return max(0.0, time.monotonic() - at)

    def taken_up(self, held: list) -> bool:
        with suppress(DatabaseError):
            for pk, token, _ in held:
                job = MediaJob.objects.filter(pk=pk).values("status", "lock_token").first()
                if job is not None and (job["status"] == "PENDING" or job["lock_token"] == token):
                    return False
            if held:
                return True
            unfinished = set(MediaJob.objects.unfinished().values_list("status", flat=True))
            return not unfinished or "PROCESSING" in unfinished
        connection.close()
        return False

    def wait_until_left(self, pid: int, held: list, limit_s: float = 20) -> None:
        """Until a worker that was woken has let go of what it had."""
        folders = [self.rig.var / "scratch" / str(pk) / str(token) for pk, token, _ in held]
        ends = time.monotonic() + limit_s
        while any(folder.exists() for folder in folders) and time.monotonic() < ends:
            time.sleep(LOOK_S)
        time.sleep(1.0)

    def is_quiet(self) -> bool:
        with suppress(DatabaseError):
            moving = RecordingSession.objects.filter(pk=self.shoot.session, status__in=["ingesting", "syncing"])
            return not MediaJob.objects.unfinished().exists() and not moving.exists()
        connection.close()
        return False

    def wait_until_quiet(self) -> None:
        ends = time.monotonic() + QUIET_S
        while not self.is_quiet():
            if time.monotonic() > ends:
                states = list(MediaJob.objects.unfinished().values_list("type", "status", "attempts"))
                session = RecordingSession.objects.get(pk=self.shoot.session)
                cameras = list(MediaAsset.objects.filter(session=session).values_list("camera_label", "status"))
                raise Stuck(f"after {QUIET_S:.0f} s the session is {session.status}, cameras {cameras}, jobs {states}")
            time.sleep(LOOK_S * 3)

    def worker_parent(self) -> int:
        return self.rig.named("celery", "io,cpu")[0]

    @property
    def servers(self) -> Servers:
        assert self.rig.servers
        return self.rig.servers


def quietly(function: Callable[..., Any], *arguments: Any) -> None:
    with suppress(Exception):
        function(*arguments)


def camera_of(fault: Fault) -> str:
    """A comes in parts, B in one piece; what strikes at one of them needs that one."""
    if fault.point.endswith((".receive",)):
        return "B"
    if fault.point.endswith(("multipart", "receive_part", "_place")) or fault.step == "read":
        return "A"
    if fault.kind in ("cut upload", "late request") or (fault.step == "upload" and not fault.point):
        return "A"
    return "AB"[fault.number % 2]
