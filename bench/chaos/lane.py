"""One Studio and the faults that are its: a client's work goes on, a fault strikes, and what comes of it is written down.

Runs in a process that has the settings of its Studio, so that it can look into its database and store.
"""

import errno
import http.client
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import redis
from django.db import Error as DatabaseError
from django.db import connection

from bench.chaos import audit, footage
from bench.chaos.audit import Violation
from bench.chaos.door import Fired
from bench.chaos.plan import Fault
from bench.chaos.rig import Rig, Servers, kill
from bench.patient import BROKEN, GaveUp, Patient, parts_of
from media_app.models import MediaAsset, MediaJob
from sessions_app.models import RecordingSession
from studio.demo.client import Client
from studio.operator import local_operator

PER_SHOOT = 10
FIRE_S = 60.0
RECOVER_S = 90.0
QUIET_S = 150.0
LOOK_S = 0.03
#: Redis' lists that wake workers.
QUEUES = ("io", "cpu", "render")


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
    def settled(self) -> bool:
        return self.struck or bool(self.violations)


class Stuck(Exception):
    """What should have gone on did not."""


@dataclass
class Shoot:
    session: str
    assets: dict[str, str] = field(default_factory=dict)
    sent: dict[str, footage.Take] = field(default_factory=dict)
    syncs: int = 0
    perhaps: int = 0


class Lane:
    def __init__(self, rig: Rig, tell: Callable[[Outcome], None]) -> None:
        self.rig = rig
        self.tell = tell
        self.takes = rig.folder / "takes"
        self.takes.mkdir()
        self.number = 0

    def run(self, faults: list[Fault]) -> None:
        """Each fault once; one whose moment never came is tried once more at the end."""
        token = local_operator(self.rig.url)["token"]
        self.client = Patient(Client(self.rig.url, token))
        outcomes: dict[int, Outcome] = {}
        for again in (False, True):
            left = [fault for fault in faults if fault.number not in outcomes or not outcomes[fault.number].settled]
            for first in range(0, len(left), PER_SHOOT):
                for outcome in self.one_shoot(left[first : first + PER_SHOOT]):
                    outcomes[outcome.number] = outcome
                    if again and not outcome.settled:
                        self.tell(outcome)

    def one_shoot(self, faults: list[Fault]) -> list[Outcome]:
        made = self.client.call(
            "POST", "/v2/sessions", {"title": "Under fire", "date": "2026-01-13", "projectId": "chaos"}
        )
        self.shoot = Shoot(made["id"])
        for camera in "AB":
            self.announce(camera)
        for camera in "AB":
            self.send(camera)
        self.shoot.syncs = 1
        self.wait_until_quiet()
        outcomes = []
        for fault in faults:
            last = self.one_fault(fault)
            outcomes.append(last)
            if last.violations:
                # What is broken would be found again after each fault that follows: those get another shoot.
                self.report_log(last)
                break
            if last.settled and fault is not faults[-1]:
                self.tell(last)
        with suppress(Stuck, GaveUp):
            asked = range(self.shoot.syncs, self.shoot.syncs + self.shoot.perhaps + 1)
            last.violations += list(audit.after_shoot(self.shoot.session, asked))
            self.client.call("DELETE", f"/v2/sessions/{self.shoot.session}")
            last.violations += list(audit.orphan_objects())
        if last.settled:
            self.tell(last)
        return outcomes

    def one_fault(self, fault: Fault) -> Outcome:
        outcome = Outcome(fault.number, str(fault), fault.kind)
        self.client.server_errors.clear()
        try:
            outcome.recovery_s = self.strike(fault, outcome)
            outcome.struck = True
            self.wait_until_quiet()
            outcome.violations += list(audit.after_each(self.shoot.session, self.shoot.sent))
        except (Stuck, GaveUp) as error:
            outcome.violations.append(Violation("lost", str(error)))
            with suppress(Stuck):
                self.wait_until_quiet()
        except NeverStruck:
            with suppress(Stuck):
                self.wait_until_quiet()
        finally:
            self.rig.door.disarm()
            self.rig.door.let_go(fault.number)
            self.rig.free_disk()
            for wire in self.rig.wires():
                wire.whole_again()
            self.rig.wire.pause_s = 0.0
            self.client.before = lambda path: None
        time.sleep(0.2)
        outcome.violations += [
            Violation("orphan_processes", f"no worker looks after {pid}: {line[:200]}")
            for pid, line in self.rig.tools().items()
        ]
        outcome.server_errors = list(self.client.server_errors)
        return outcome

    def announce(self, camera: str) -> None:
        """Say that a camera will come, so that the session waits for it."""
        take = self.new_take(camera)
        offer = {
            "cameraLabel": camera,
            "filename": take.path.name,
            "contentType": take.content_type,
            "sizeBytes": take.path.stat().st_size,
        }
        self.client.call("POST", f"/v2/sessions/{self.shoot.session}/assets/init-upload", offer)
        self.shoot.sent[camera] = take

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
        self.shoot.assets[camera] = self.client.send(self.shoot.session, camera, take.path, take.content_type)
        self.shoot.sent[camera] = take
        self.shoot.syncs += 1
        take.path.unlink()

    def ingest(self, camera: str) -> None:
        asset = self.shoot.assets[camera]
        self.client.call("POST", f"/v2/sessions/{self.shoot.session}/assets/{asset}/ingest")
        self.shoot.syncs += 1

    def sync(self) -> None:
        self.client.call("POST", f"/v2/sessions/{self.shoot.session}/sync/run", {"force": True})
        self.shoot.syncs += 1

    def work(self, fault: Fault) -> None:
        """What the fault is to interrupt."""
        camera = camera_of(fault)
        if fault.step == "ingest":
            self.ingest(camera)
        elif fault.step == "sync":
            self.sync()
        else:
            self.replace(camera)

    def strike(self, fault: Fault, outcome: Outcome) -> float:
        """Let it happen; seconds until what it interrupted went on."""
        how = getattr(self, fault.kind.replace(" ", "_"))
        return float(how(fault, outcome))

    def kill_worker(self, fault: Fault, outcome: Outcome) -> float:
        fired, held = self.strike_inside(fault, "kill")
        time.sleep(0.3)
        outcome.violations += self.orphans()
        return self.until_taken_up(held, fired.at)

    def kill_tool(self, fault: Fault, outcome: Outcome) -> float:
        fired, held = self.strike_inside(fault, "kill tool")
        return self.until_taken_up(held, fired.at)

    def kill_web(self, fault: Fault, outcome: Outcome) -> float:
        self.arm(fault, "kill", role="web")
        self.replace(camera_of(fault))
        return self.since(self.fired(fault, limit_s=0).at)

    def kill_web_master(self, fault: Fault, outcome: Outcome) -> float:
        return self.while_sending(fault, lambda: kill(self.rig.named("gunicorn")[0]))

    def kill_everything(self, fault: Fault, outcome: Outcome) -> float:
        """A power cut, as far as a process can tell."""
        if fault.step == "upload":
            return self.while_sending(fault, self.power_cut)
        _, held = self.strike_inside(fault, "hold")
        at = time.monotonic()
        self.power_cut()
        time.sleep(0.3)
        outcome.violations += self.orphans()
        return self.until_taken_up(held, at)

    def stop_worker(self, fault: Fault, outcome: Outcome) -> float:
        """SIGSTOP until another worker has done the job, then SIGCONT: what it writes from then on is stale."""
        fired, held = self.strike_inside(fault, "stop")
        try:
            took = self.until_taken_up(held, fired.at)
            self.wait_until_quiet()
            before = audit.everything()
        finally:
            kill(fired.pid, signal.SIGCONT)
        self.wait_until_left(fired.pid, held)
        outcome.violations += list(audit.changes(before, audit.everything()))
        return took

    def full_disk(self, fault: Fault, outcome: Outcome) -> float:
        leave = int(fault.amount * (1 << 18))
        if fault.step == "upload":
            return self.while_sending(fault, lambda: self.disk_is_full_for(1.0 + fault.amount, leave))
        if not self.rig.full_disk_is_real:
            fired, held = self.strike_inside(fault, str(errno.ENOSPC))
            return self.until_taken_up(held, fired.at)
        _, held = self.strike_inside(fault, "hold")
        self.rig.fill_disk(leave=leave)
        self.rig.door.let_go(fault.number)
        time.sleep(1.0 + 3 * fault.amount)
        self.rig.free_disk()
        return self.until_taken_up(held, time.monotonic())

    def cut_upload(self, fault: Fault, outcome: Outcome) -> float:
        camera = camera_of(fault)
        self.rig.wire.cut_after(1 + int(fault.amount * footage.PADDING[camera]))
        wrong = len(self.client.went_wrong)
        self.replace(camera)
        if len(self.client.went_wrong) == wrong:
            raise NeverStruck
        return self.since(self.client.went_wrong[wrong][0])

    def cut_read(self, fault: Fault, outcome: Outcome) -> float:
        camera = camera_of(fault)
        found = self.client.call("GET", f"/v2/sessions/{self.shoot.session}")
        asset = next(asset for asset in found["assets"] if asset["cameraLabel"] == camera)
        proxy = next(made for made in asset["derivatives"] if made["kind"] == "audio-wav")
        self.rig.wire.cut_after(1 + int(fault.amount * proxy["sizeBytes"] * 0.9), "down")
        wrong = len(self.client.went_wrong)
        data = self.client.read(proxy["url"], proxy["sizeBytes"])
        if len(self.client.went_wrong) == wrong:
            raise NeverStruck
        if footage.sha256(data) != proxy["checksum"]:
            outcome.violations.append(Violation("lost", "a WAV that was read in two goes has other bytes"))
        return self.since(self.client.went_wrong[wrong][0])

    def lost_reply(self, fault: Fault, outcome: Outcome) -> float:
        """The request is carried out, and nobody learns of it: the client asks again."""

        def arm(path: str) -> None:
            if path.endswith(fault.point):
                self.client.before = lambda path: None
                self.rig.proxy.cut_after(0, "down")

        self.client.before = arm
        wrong = len(self.client.went_wrong)
        self.work(fault)
        if len(self.client.went_wrong) == wrong:
            raise NeverStruck
        self.shoot.perhaps += fault.step == "sync"
        return self.since(self.client.went_wrong[wrong][0])

    def doubled_request(self, fault: Fault, outcome: Outcome) -> float:
        """The same request arrives twice at once."""
        asked: list[tuple[Any, ...]] = []
        call = self.client.client.call

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
        self.client.client = Doubling(self.client.client, twice)
        try:
            self.work(fault)
        finally:
            self.client.client = self.client.client.behind
        if not asked:
            raise NeverStruck
        self.shoot.perhaps += fault.step == "sync"
        return self.since(at)

    def late_request(self, fault: Fault, outcome: Outcome) -> float:
        """Bytes of an upload arrive when it has long been completed by others."""
        take = self.new_take("A")
        late = Late(self.client, self.shoot.session, take)
        self.shoot.assets["A"] = self.client.send(self.shoot.session, "A", take.path, take.content_type)
        self.shoot.sent["A"] = take
        self.shoot.syncs += 1
        at = time.monotonic()
        late.finish()
        self.client.call("GET", f"/v2/sessions/{self.shoot.session}")
        return self.since(at)

    def kill_worker_parent(self, fault: Fault, outcome: Outcome) -> float:
        """Celery's first process: its children die with it."""
        _, held = self.strike_inside(fault, "hold")
        at = time.monotonic()
        kill(self.worker_parent())
        time.sleep(0.3)
        outcome.violations += self.orphans()
        return self.until_taken_up(held, at)

    def kill_postgres(self, fault: Fault, outcome: Outcome) -> float:
        return self.outage("postgres", fault)

    def kill_store(self, fault: Fault, outcome: Outcome) -> float:
        return self.outage("store", fault)

    def outage(self, name: str, fault: Fault) -> float:
        """A server is killed while a job or a client is about to use it, and comes back a little later."""
        if fault.step == "upload":
            return self.while_sending(fault, lambda: self.out_for_a_while(name, fault))
        _, held = self.strike_inside(fault, "hold")
        self.servers.kill(name)
        self.rig.door.let_go(fault.number)
        time.sleep(0.5 + 3 * fault.amount)
        self.servers.start(name)
        connection.close()
        return self.until_taken_up(held, time.monotonic())

    def out_for_a_while(self, name: str, fault: Fault) -> None:
        self.servers.kill(name)
        time.sleep(0.5 + 3 * fault.amount)
        self.servers.start(name)
        connection.close()

    def kill_redis(self, fault: Fault, outcome: Outcome) -> float:
        """Work is asked for while there is no broker: the API answers, and the work is done when it is back."""
        self.servers.kill("redis")
        errors = len(self.client.server_errors)
        self.work(fault)
        if len(self.client.server_errors) > errors:
            outcome.violations.append(Violation("lost", "the API failed because Redis was away"))
        time.sleep(0.5 + 3 * fault.amount)
        self.servers.start("redis")
        return self.until_taken_up([], time.monotonic())

    def cut_store(self, fault: Fault, outcome: Outcome) -> float:
        """The wire between Studio and its store breaks in the middle of a file; until the job that read it is over."""
        inner, cuts = self.servers.inner, self.servers.inner.cuts
        inner.cut_after(1 + int(fault.amount * (200 << 10)), "down")
        self.work(fault)
        ends = time.monotonic() + FIRE_S
        while inner.cuts == cuts:
            if self.is_quiet() or time.monotonic() > ends:
                raise NeverStruck
            time.sleep(LOOK_S)
        at = time.monotonic()
        self.until_taken_up([], at)
        self.wait_until_quiet()
        return time.monotonic() - at

    def lost_message(self, fault: Fault, outcome: Outcome) -> float:
        return self.tamper(fault, lambda broker: broker.delete(*QUEUES))

    def doubled_message(self, fault: Fault, outcome: Outcome) -> float:
        """Each wake-up comes three times."""

        def double(broker: redis.Redis) -> None:
            for queue in QUEUES:
                for message in broker.lrange(queue, 0, -1):
                    broker.rpush(queue, message, message)

        return self.tamper(fault, double)

    def late_message(self, fault: Fault, outcome: Outcome) -> float:
        """The wake-up comes when its work is under way or done."""
        held: dict[str, list[bytes]] = {}

        def delay(broker: redis.Redis) -> None:
            for queue in QUEUES:
                held[queue] = broker.lrange(queue, 0, -1)
            broker.delete(*QUEUES)

        took = self.tamper(fault, delay)
        time.sleep(4 * fault.amount)
        broker = redis.Redis.from_url(self.servers.redis_url)
        for queue, messages in held.items():
            if messages:
                broker.rpush(queue, *messages)
        return took

    def tamper(self, fault: Fault, change: Callable[[redis.Redis], object]) -> float:
        """Work is asked for while no worker listens, and what lies in Redis is changed before one does."""
        broker = redis.Redis.from_url(self.servers.redis_url)
        parent = self.worker_parent()
        kill(parent, signal.SIGSTOP)
        for waiting in broker.client_list():
            # A stopped worker that waits for a message would get it on its wire, out of our reach.
            if "b" in waiting["flags"]:
                broker.client_kill_filter(_id=waiting["id"])
        try:
            self.work(fault)
            change(broker)
        finally:
            kill(parent, signal.SIGCONT)
        return self.until_taken_up([], time.monotonic())

    def worker_parent(self) -> int:
        return self.rig.named("celery", "io,cpu")[0]

    @property
    def servers(self) -> Servers:
        assert self.rig.servers
        return self.rig.servers

    def strike_inside(self, fault: Fault, action: str) -> tuple[Fired, list]:
        """Do the work with the fault armed; where it struck, and the jobs that were in that worker's hands."""
        self.arm(fault, action)
        self.work(fault)
        fired = self.fired(fault)
        return fired, self.held_by(fired.pid)

    def arm(self, fault: Fault, action: str, role: str = "worker") -> None:
        self.rig.door.arm(fault.number, fault.point, fault.when, action, nth=fault.nth, role=role)

    def fired(self, fault: Fault, limit_s: float = FIRE_S) -> Fired:
        ends = time.monotonic() + limit_s
        while (fired := self.rig.door.fired(fault.number)) is None:
            if time.monotonic() > ends or (time.monotonic() > ends - limit_s + 3 and self.is_quiet()):
                raise NeverStruck
            time.sleep(LOOK_S)
        return fired

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

    def power_cut(self) -> None:
        for kept in self.rig.kept:
            if kept.child is not None:
                kill(kept.child.pid)

    def disk_is_full_for(self, seconds: float, leave: int) -> None:
        self.rig.fill_disk(leave=leave)
        time.sleep(seconds)
        self.rig.free_disk()

    def since(self, at: float) -> float:
        """Seconds from then to the client's next answer."""
        later = [well for well in self.client.went_well if well > at]
        return (later[0] if later else time.monotonic()) - at

    def orphans(self) -> list[Violation]:
        return [
            Violation("orphan_processes", f"its worker is dead, and {pid} works on: {line[:200]}")
            for pid, line in self.rig.orphans().items()
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

    def report_log(self, outcome: Outcome) -> None:
        log = self.rig.folder / f"fault-{outcome.number}.log"
        log.write_text(self.rig.log())


class NeverStruck(Exception):
    """The work was over before the fault's moment came."""


@dataclass
class Doubling:
    """A client whose `call` is another."""

    behind: Client
    call: Callable[..., Any]

    @property
    def url(self) -> str:
        return self.behind.url


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
