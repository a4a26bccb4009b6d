"""What is on screen: shots, faces and what moves by itself, each a track, and the main subject, for framing without decoding.

Only what was looked for is named: a face by the face net, motion by comparing pictures, and nobody as a “person”.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from media_app.backends import faces
from media_app.core import kinds
from media_app.core.vision import cuts, motion, subjects, tracks, transitions
from media_app.core.vision.boxes import Found
from media_app.core.vision.subjects import FACE, LABELS, MOTION, Primary, Subject
from media_app.core.vision.tracks import Scan
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import Document, Outputs
from media_app.making.inspect import Inspection
from media_app.making.seen import Looked, Picture, View, look_at_all
from media_app.making.workspace import Workspace
from sessions_app.errors import InvalidInput

#: Pixels of the longer side that are looked at: those of the face net.
LOOKED_AT = faces.SIDE
#: How sure the face net must be.
LEAST = 0.35
#: Seconds between the two pictures that motion is measured on.
APART_S = 0.08
NO_SUBJECT = "no_subject"
STEP = "looking at the picture"


class Params(EngineParams):
    """`include_labels`: "face", "motion", or null for both."""

    sample_interval_ms: int = field(default=500, metadata={"min": 40, "max": 60_000})
    include_labels: list[str] | None = None
    detect_shot_boundaries: bool = True

    def refuse(self, duration_ms: int | None) -> None:
        if self.include_labels is not None and not self.labels:
            raise InvalidInput("Name at least one label, or send null for all of them.", field="include_labels")
        unknown = [one for one in self.include_labels or [] if one not in LABELS]
        if unknown:
            raise InvalidInput(
                f"Only faces and motion can be found here: send some of {', '.join(LABELS)}.",
                field="include_labels",
            )

    @property
    def labels(self) -> frozenset[str]:
        """What is looked for."""
        return frozenset(LABELS if self.include_labels is None else map(str, self.include_labels))


ENGINE = Engine(
    "visual_meta",
    kinds.VISUAL_META,
    "Looking at shots and subjects",
    params=Params,
    route="video/visual-meta/analyze",
    reads="video/visual-meta",
    #: 2: cuts in the dark, fades, longer dissolves.
    backend=Backend("centerface_motion", "model", "2", packages=(faces.OPENCV,), models=(faces.MODEL,)),
    #: Without the face net, what moves is still found, and nothing is called a face.
    fallbacks=(Backend("motion", "dsp", "2"),),
    setting="VIDEO_VISUAL_META_BACKEND",
    answer_id="visual_meta_artifact_id",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was found in one picture. `moved` is None where there is no picture shortly before it in its shot."""

    number: int
    faces: tuple[Found, ...]
    moved: motion.Moved | None


@dataclass(frozen=True, slots=True)
class Edge:
    """How one shot goes over into the next, in seconds: at `time` the later one begins, at once, or within a dissolve or a fade from
    `start` to `end`. A fade out of a shot, or into one, alone begins none."""

    kind: str
    time: float
    start: float
    end: float
    begins_shot: bool

    @property
    def slow_ms(self) -> list[float] | None:
        """From when to when; None for a cut."""
        return None if self.start == self.end else [_ms(self.start), _ms(self.end)]


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    looks_for_faces = FACE in params.labels and source.backend != "motion"
    with _detector(looks_for_faces, work) as detect:
        seen = _Seen(_rate(source.found), params, detect)
        looked = look_at_all(source.path, source.found, work, seen.look, View(LOOKED_AT, STEP))
    body = _body(seen.samples, list(_edges(seen.small, float(looked.rate))), looked, params)
    video = source.found.info.video
    body |= {"picture": {"width": video.width, "height": video.height} if video else None}
    found = {one["label"] for frame in body["frames"] for one in frame["subjects"]}
    meta = {
        "frame_sample_interval_ms": params.sample_interval_ms,
        "labels": sorted(found),
        "labels_looked_for": sorted(params.labels - (set() if looks_for_faces else {FACE})),
        "shots": len(body["shots"]) if body["shots"] is not None else None,
    }
    facts = {} if FACE in params.labels else {"degraded": ""}
    return Outputs(facts=facts, documents=(Document(kinds.VISUAL_META, body, meta),))


def _edges(small: Sequence[cuts.Gray], rate: float) -> Iterator[Edge]:
    """Every transition in the order of time."""
    for one in transitions.transitions(small, rate):
        yield Edge(one.kind, one.middle / rate, one.start / rate, one.end / rate, one.begins_shot)


def _rate(found: Inspection) -> float:
    return float(found.frames.rate) if found.frames else 25.0


@contextmanager
def _detector(wanted: bool, work: Workspace) -> Iterator[faces.Detect]:
    """The face net, or what finds none where none are looked for."""
    if not wanted:
        yield lambda picture: ()
        return
    with faces.detector(LEAST, work.check) as detect:
        yield detect


class _Seen:
    """The pictures as they come: a small copy of each for cuts, faces and motion of those that are sampled."""

    def __init__(self, rate: float, params: Params, detect: Callable[[Picture], tuple[Found, ...]]) -> None:
        self.every = max(1.0, params.sample_interval_ms * rate / 1000)
        self.detect, self.moves = detect, MOTION in params.labels
        self.samples: list[Sample] = []
        self.small: list[cuts.Gray] = []
        self._recent: deque[Picture] = deque(maxlen=1 + max(1, round(rate * APART_S)))

    def look(self, number: int, picture: Picture) -> None:
        """One picture."""
        self.small.append(cuts.small(picture))
        if self.moves:
            self._recent.append(picture)
        if number == round(len(self.samples) * self.every):
            self.samples.append(Sample(number, self.detect(picture), self._moved()))

    def _moved(self) -> motion.Moved | None:
        if len(self._recent) < (self._recent.maxlen or 0):
            return None
        before, after = (cuts.small(picture, motion.SIZE) for picture in (self._recent[0], self._recent[-1]))
        return motion.moved(before, after)


def _body(samples: Sequence[Sample], edges: Sequence[Edge], looked: Looked, params: Params) -> dict[str, Any]:
    times = [one.number / float(looked.rate) for one in samples]
    moves = [_within_shot(one, time, edges) for one, time in zip(samples, times, strict=True)]
    places = {FACE: [one.faces for one in samples], MOTION: [one.places if one else () for one in moves]}
    begins = [edge.time for edge in edges if edge.begins_shot]
    lost = max(tracks.LOST_S, 2.2 * params.sample_interval_ms / 1000)
    found: list[Subject] = []
    for label, each in places.items():
        scan = Scan(list(zip(times, each, strict=True)), begins, looked.seconds, lost)
        found += subjects.named(label, tracks.joined(scan))
    mains = subjects.primaries(times, found, begins)
    frames = [
        {**_frame(time, found, main), **_moves(move), "shot_boundary": first if params.detect_shot_boundaries else None}
        for time, main, move, first in zip(times, mains, moves, _first_of_shots(times, begins), strict=True)
    ]
    return {
        "frames": frames,
        "shots": _shots(edges, looked.seconds) if params.detect_shot_boundaries else None,
        "transitions": [_transition(edge) for edge in edges] if params.detect_shot_boundaries else None,
        "frame_sample_interval_ms": params.sample_interval_ms,
        "undecoded_frames": looked.undecoded,
    }


def _within_shot(sample: Sample, time: float, edges: Sequence[Edge]) -> motion.Moved | None:
    """What moved, where no cut and nothing of a dissolve lies between the two pictures that were compared."""
    before = time - APART_S - 0.05
    return None if any(before < edge.end and edge.start <= time for edge in edges) else sample.moved


def _first_of_shots(times: Sequence[float], begins: Sequence[float]) -> list[bool]:
    """Whether each sample is the first of its shot."""
    numbers = [subjects.shot_at(time, begins) for time in times]
    return [not place or numbers[place - 1] != number for place, number in enumerate(numbers)]


def _frame(time: float, found: Sequence[Subject], main: Primary | None) -> dict[str, Any]:
    x, y = main.box.center if main else (None, None)
    return {
        "timestamp_ms": _ms(time),
        "subjects": [_subject(one, one.places[time]) for one in found if time in one.places],
        "primary_track_id": main.id if main else None,
        "primary_subject_center_x": None if x is None else _round(x),
        "primary_subject_center_y": None if y is None else _round(y),
        "reason": None if main else NO_SUBJECT,
    }


def _subject(subject: Subject, place: Found) -> dict[str, Any]:
    box = place.box.inside()
    return {
        "track_id": subject.id,
        "label": subject.label,
        "confidence": _round(place.confidence),
        "bbox_x": _round(box.x),
        "bbox_y": _round(box.y),
        "bbox_width": _round(box.width),
        "bbox_height": _round(box.height),
    }


def _moves(move: motion.Moved | None) -> dict[str, float | None]:
    """The share of the picture that moves by itself, and the camera's own movement that was taken away, in shares of the picture."""
    if move is None:
        return {"motion": None, "camera_x": None, "camera_y": None}
    across, down = move.camera
    return {"motion": _round(move.share), "camera_x": _round(across), "camera_y": _round(down)}


def _shots(edges: Sequence[Edge], seconds: float) -> list[dict[str, Any]]:
    begun = [edge for edge in edges if edge.begins_shot]
    ends = [*(edge.time for edge in begun), seconds]
    shots = [{"start_ms": 0.0, "end_ms": _ms(ends[0]), "begins_with": "start", "dissolve_ms": None, "fade_ms": None}]
    for edge, end in zip(begun, ends[1:], strict=True):
        dissolved = edge.kind == transitions.DISSOLVE
        slow = {"dissolve_ms": edge.slow_ms if dissolved else None, "fade_ms": None if dissolved else edge.slow_ms}
        how = edge.kind if edge.kind in (transitions.CUT, transitions.DISSOLVE) else "fade"
        shots.append({"start_ms": _ms(edge.time), "end_ms": _ms(end), "begins_with": how, **slow})
    return shots


def _transition(edge: Edge) -> dict[str, Any]:
    return {"kind": edge.kind, "time_ms": _ms(edge.time), "start_ms": _ms(edge.start), "end_ms": _ms(edge.end)}


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 3)


def _round(value: float) -> float:
    return round(float(value), 4)
