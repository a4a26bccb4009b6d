"""What is done to Studio, and where: faults as plain data, the same for the same seed.

A point is a function of Studio, by its dotted path; `{store}` in it is the store of the engine. A fault strikes before or
after the `nth` call of it that its step brings. Every kind goes through its own points in turn, in an order that the seed
decides, so that a run of a hundred has been before and after every step.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle

STORES = {"sqlite": "media_app.storage.local.LocalStore", "services": "media_app.storage.s3.S3Store"}

#: (point, nth) in the order in which a job goes through them.
INGEST = (
    ("media_app.jobs.claims.claim", 1),
    ("media_app.making.inspect.inspect", 1),
    ("media_app.making.derive.derive_sound", 1),
    ("media_app.making.derive.derive_picture", 1),
    ("media_app.process.ffmpeg", 1),
    ("media_app.services.deletion.reserve", 1),
    ("{store}.put_file", 1),
    ("{store}.put_file", 3),
    ("media_app.jobs.logs.Logs.store", 1),
    ("media_app.services.artifacts.register_files", 1),
    ("media_app.services.ingest_queue.advance_if_ingested", 1),
    ("media_app.jobs.lease.Lease.finish", 1),
    ("media_app.jobs.run.Run.__exit__", 1),
)
SYNC = (
    ("sync_app.core.engine.align", 1),
    ("media_app.services.deletion.store_files", 1),
    ("{store}.put_file", 1),
    ("{store}.put_file", 2),
    ("sync_app.services.measure.record", 1),
)
UPLOAD = (
    ("media_app.services.uploads.init_upload", 1),
    ("media_app.services.uploads._new_upload", 1),
    ("{store}.start_multipart", 1),
    ("media_app.services.uploads.complete_upload", 1),
    ("{store}.complete_multipart", 1),
    ("media_app.services.uploads._adopt", 1),
    ("media_app.services.ingest_queue.begin_ingest", 1),
    ("media_app.services.ingest_queue.enqueue_ingest", 1),
)
#: Only where Studio itself takes the bytes.
LOCAL_UPLOAD = (
    ("{store}.receive_part", 1),
    ("{store}.receive_part", 2),
    ("media_app.storage.local.disk.place", 1),
)
#: An export, until its message is sent.
EXPORT = (
    ("media_app.jobs.claims.claim", 1),
    ("render_app.services.renders.inputs_of", 1),
    ("render_app.making.exports.export", 1),
    ("media_app.process.ffmpeg", 1),
    ("media_app.process.ffmpeg", 3),
    ("render_app.making.exports._measured", 2),
    ("media_app.services.deletion.reserve", 1),
    ("{store}.put_file", 1),
    ("{store}.put_file", 3),
    ("media_app.services.webhooks.announce", 1),
    ("media_app.jobs.lease.Lease.finish", 1),
    ("media_app.jobs.run.Run.__exit__", 1),
)
#: A render of one film, until its message is sent.
RENDER = (
    ("media_app.jobs.claims.claim", 1),
    ("render_app.services.renders.inputs_of", 1),
    ("render_app.making.film.render", 1),
    ("media_app.process.ffmpeg", 1),
    ("media_app.process.ffmpeg", 3),
    ("media_app.services.deletion.reserve", 1),
    ("{store}.put_file", 1),
    ("media_app.services.artifacts.register_files", 1),
    ("media_app.services.registry.take_original", 1),
    ("media_app.services.webhooks.announce", 1),
    ("media_app.jobs.lease.Lease.finish", 1),
    ("media_app.jobs.run.Run.__exit__", 1),
)
#: A film of two chunks, until they are joined.
CHUNKS = (
    ("render_app.services.renders.inputs_of", 1),
    ("media_app.process.ffmpeg", 1),
    ("{store}.put_file", 1),
    ("media_app.services.artifacts.register_files", 1),
    ("media_app.jobs.lease.Lease.finish", 1),
    ("render_app.services.render_chunks.stitched", 1),
    ("render_app.services.render_chunks.join_if_whole", 1),
    ("render_app.services.renders.start", 1),
)
#: Where a worker that renders and is to stop still can.
RENDER_CANCELLED = (
    ("media_app.process.ffmpeg", 1),
    ("media_app.process.ffmpeg", 2),
    ("media_app.services.deletion.reserve", 1),
    ("{store}.put_file", 1),
)
#: Where a worker that is to stop still can: nothing is registered yet.
CANCELLED = (
    ("media_app.process.ffmpeg", 1),
    ("media_app.process.ffmpeg", 2),
    ("render_app.making.exports._measured", 1),
    ("media_app.services.deletion.reserve", 1),
    ("{store}.put_file", 1),
    ("{store}.put_file", 2),
)
#: Where a stopped worker would do harm when it wakes.
FENCED = (
    ("ingest", "media_app.process.ffmpeg", 1),
    ("ingest", "media_app.services.deletion.reserve", 1),
    ("ingest", "{store}.put_file", 1),
    ("ingest", "{store}.put_file", 4),
    ("ingest", "media_app.jobs.logs.Logs.store", 1),
    ("ingest", "media_app.making.inspect.inspect", 1),
    ("sync", "sync_app.core.engine.align", 1),
    ("sync", "{store}.put_file", 1),
    ("sync", "media_app.services.deletion.store_files", 1),
)
TOOL = "media_app.process.run._pump"
REQUESTS = ("init-upload", "complete", "sync/run")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, `when` the `nth` call of `point` comes in the course of `step`.

    `amount` is the kind's own: seconds for what lasts, a share of the bytes for a cut.
    """

    number: int
    kind: str
    step: str
    point: str = ""
    when: str = ""
    nth: int = 1
    amount: float = 0.0

    def __str__(self) -> str:
        where = f" {self.when} {self.point.rpartition('media_app.')[2]}" if self.point else ""
        return f"{self.kind}, {self.step}{where}" + (f" ({self.nth})" if self.nth > 1 else "")


#: How often each kind comes, out of the sum.
SQLITE: Mapping[str, int] = {
    "kill worker": 34,
    "kill tool": 4,
    "kill web": 24,
    "kill web master": 2,
    "kill everything": 3,
    "stop worker": 9,
    "full disk": 5,
    "cut upload": 4,
    "cut read": 3,
    "lost reply": 3,
    "doubled request": 3,
    "late request": 2,
    "other bytes": 2,
    "slow clients": 2,
}
SERVICES: Mapping[str, int] = {
    "kill worker": 25,
    "kill tool": 4,
    "kill web": 14,
    "kill web master": 2,
    "kill worker parent": 4,
    "stop worker": 6,
    "full disk": 4,
    "cut upload": 4,
    "cut read": 3,
    "cut store": 4,
    "lost reply": 3,
    "doubled request": 2,
    "late request": 1,
    "other bytes": 2,
    "slow clients": 2,
    "kill postgres": 5,
    "kill redis": 4,
    "kill store": 5,
    "lost message": 4,
    "doubled message": 3,
    "late message": 3,
}
MIXES = {"sqlite": SQLITE, "services": SERVICES}
#: A run of exports alone, on either engine: thirty go before and after every step.
EXPORTS: Mapping[str, int] = {"kill export": 24, "cancel export": 6}
#: A run of renders alone: forty-four go before and after every step.
RENDERS: Mapping[str, int] = {"kill render": 24, "kill chunks": 16, "cancel render": 4}


def plan(seed: int, count: int, engine: str, mix: Mapping[str, int] | None = None) -> tuple[Fault, ...]:
    """The faults of a run, numbered from 1. A longer run begins as a shorter one does. `mix`: the engine's own, left out."""
    mix = mix or MIXES[engine]
    dice = random.Random(f"{seed}/{engine}")
    decks = {kind: _endless(_places(kind, engine), dice) for kind in mix}
    kinds = _endless([kind for kind, often in mix.items() for _ in range(often)], dice)
    faults = []
    for number in range(1, count + 1):
        kind = next(kinds)
        step, point, when, nth = next(decks[kind])
        amount = round(dice.random(), 4)
        faults.append(Fault(number, kind, step, point.format(store=STORES[engine]), when, nth, amount))
    return tuple(faults)


def deal(faults: tuple[Fault, ...], lanes: int) -> list[tuple[Fault, ...]]:
    """As many hands as there are lanes, by turns."""
    return [faults[lane::lanes] for lane in range(lanes)]


def points(engine: str) -> list[str]:
    """Every function that a fault may strike at."""
    named = {
        point
        for kind in {**MIXES[engine], **EXPORTS, **RENDERS}
        for _, point, _, _ in _places(kind, engine)
        if "." in point
    }
    return sorted(point.format(store=STORES[engine]) for point in named)


Place = tuple[str, str, str, int]


def _places(kind: str, engine: str) -> list[Place]:
    """(step, point, when, nth): where a kind may strike."""
    jobs = [("ingest", *place) for place in INGEST] + [("sync", *place) for place in SYNC]
    upload = [("upload", *place) for place in (*UPLOAD, *(LOCAL_UPLOAD if engine == "sqlite" else ()))]
    match kind:
        case "kill worker":
            return _both(jobs)
        case "kill web":
            return _both(upload)
        case "kill export":
            return _both([("export", *place) for place in EXPORT])
        case "cancel export":
            return [("export", point, "before", nth) for point, nth in CANCELLED]
        case "kill render":
            return _both([("render", *place) for place in RENDER])
        case "kill chunks":
            return _both([("chunks", *place) for place in CHUNKS])
        case "cancel render":
            return [("render", point, "before", nth) for point, nth in RENDER_CANCELLED]
        case "kill tool":
            return [("ingest", TOOL, "before", nth) for nth in (1, 2, 3)]
        case "stop worker":
            return [(step, point, "before", nth) for step, point, nth in FENCED]
        case "full disk" | "kill store" | "kill postgres":
            middle = [place for place in jobs if place[1] != "media_app.jobs.run.Run.__exit__"]
            # Bytes that go past Studio into a bucket do not notice that its disk is full.
            own_disk = kind == "full disk" and engine == "services"
            return _both(middle) + [("upload", "", "", 1)] * (0 if own_disk else 6)
        case "kill everything" | "kill worker parent":
            held = [("ingest", "media_app.process.ffmpeg", "before", 1), ("sync", SYNC[0][0], "before", 1)]
            return held + ([("upload", "", "", 1)] if kind == "kill everything" else [])
        case "lost reply" | "doubled request":
            return [("upload", request, "", 1) for request in REQUESTS[:2]] + [("sync", REQUESTS[2], "", 1)]
        case "cut read":
            return [("read", "", "", 1)]
        case "cut store" | "kill redis" | "lost message" | "doubled message" | "late message":
            return [("ingest", "", "", 1), ("sync", "", "", 1)]
    return [("upload", "", "", 1)]


def _both(places: list[tuple[str, str, int]]) -> list[Place]:
    return [(step, point, when, nth) for step, point, nth in places for when in ("before", "after")]


def _endless(deck: list, dice: random.Random) -> Iterator:
    shuffled = list(deck)
    dice.shuffle(shuffled)
    return cycle(shuffled)
