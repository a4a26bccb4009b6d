"""Faces in a film: where each is and when, tracked both ways in time, with a film of masks that covers them, and honest doubts.

“No faces” is said only where the detector looked at every frame; a scan that does not end leaves no artifact at all. A frame with the
same bytes as the one before has the same faces, and is all that is not looked at anew: a face in the dark differs from none by less than
a camera's noise, so nothing cheaper than the detector tells a frame that cannot have one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

import numpy as np

from media_app.backends import faces
from media_app.core import kinds
from media_app.core.kinds import Kind
from media_app.core.vision import cuts, tracks
from media_app.core.vision.boxes import Box, Found
from media_app.core.vision.tracks import Doubt, Scan, Track
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import DerivedFile, Document, Outputs
from media_app.making.inspect import Inspection
from media_app.making.seen import Looked, Picture, View, look_at_all
from media_app.making.veil import AV, SIDE, describe_veil, size_of, write_veil
from media_app.making.workspace import Workspace
from sessions_app.errors import InvalidInput

#: Pixels of the longer side that faces are looked for in: those of 4K are tiled.
LOOKED_AT = 3840
STEP = "looking for faces"
WHOLE = Box(0.0, 0.0, 1.0, 1.0)


class Params(EngineParams):
    """`min_confidence`: what the detector must be sure of; 0.2 misses no face that it can see, and finds some that are none. Left
    out, it is the operator's VIDEO_REGIONS_MIN_CONFIDENCE."""

    region_types: list[str] = field(default_factory=lambda: ["face"])
    min_confidence: float = field(
        default_factory=faces.sure_by_default, metadata={"min": faces.LEAST_SURE, "max": faces.MOST_SURE}
    )

    def refuse(self, duration_ms: int | None) -> None:
        if self.region_types != ["face"]:
            raise InvalidInput('Only faces can be found here: send region_types ["face"].', field="region_types")


def _bytes(found: Inspection) -> int:
    """The film of masks, which is lossless."""
    frames = found.frames.frames if found.frames else 0
    return (16 << 20) + frames * SIDE * SIDE // 8


ENGINE = Engine(
    "regions",
    kinds.VIDEO_REGION_SUMMARY,
    "Looking for faces",
    params=Params,
    route="video/regions",
    #: 2: every frame, where it was 12.5 a second.
    backend=Backend("centerface", "model", "2", packages=(faces.OPENCV, AV), models=(faces.MODEL,)),
    setting="VIDEO_REGION_BACKEND",
    answer_id="video_region_summary_id",
    scratch_bytes=_bytes,
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    scan, looked = _scanned(source, params, work)
    forward, backward = tracks.joined(scan), tracks.joined(scan, backward=True)
    doubts = tracks.merged([*tracks.doubts(forward, scan), *_undecoded(looked, scan)])
    found = [*forward, *backward]
    veils = [_veil(source, looked, kinds.REGION_MASK, _covers(looked, scan, found, doubts), work)]
    if doubts:
        veils.append(_veil(source, looked, kinds.REGION_MASK_FOUND, _covers(looked, scan, found, ()), work))
    body = {
        "regions": [_region(number, one) for number, one in enumerate(forward)],
        "doubtful_ranges": [_range(one) for one in doubts],
        "complete": 0 < looked.count == len(scan.looked) and looked.undecoded == 0,
        "frames_scanned": len(scan.looked),
        "frames": looked.count,
        "frames_left_out": looked.left_out,
        "cuts_ms": [round(1000 * one, 3) for one in scan.cuts],
        "largest_face": round(max((one.found.box.height for track in forward for one in track.seen), default=0.0), 4),
    }
    meta = {"faces": len(forward), "doubtful": len(doubts), "region_types": params.region_types}
    return Outputs(tuple(veils), documents=(Document(kinds.VIDEO_REGION_SUMMARY, body, meta),))


def _scanned(source: Source, params: Params, work: Workspace) -> tuple[Scan, Looked]:
    """Every picture, for its cuts and its faces."""
    places: list[tuple[Found, ...]] = []
    small: list[cuts.Gray] = []
    with faces.detector(params.min_confidence, work.check) as detect:
        seen = _Unchanged(detect)

        def look(number: int, picture: Picture) -> None:
            small.append(cuts.small(picture))
            places.append(seen(picture))

        share = work.share(0, 95)
        looked = look_at_all(source.path, source.found, share, look, View(LOOKED_AT, STEP, every=True))
    rate = float(looked.rate)
    timed = [(number / rate, found) for number, found in enumerate(places)]
    # A cut explains a face that is lost, and ends its cover: one that only darkness tells is not sure enough for that.
    return Scan(timed, [number / rate for number in cuts.cuts(small, cuts.LEAST)], looked.seconds), looked


class _Unchanged:
    """A detector that is asked again only where a byte of the picture has changed."""

    def __init__(self, detect: faces.Detect) -> None:
        self._detect = detect
        self._last: Picture | None = None
        self._found: tuple[Found, ...] = ()

    def __call__(self, picture: Picture) -> tuple[Found, ...]:
        """The faces in it."""
        if self._last is None or not np.array_equal(picture, self._last):
            self._last, self._found = picture, self._detect(picture)
        return self._found


def _undecoded(looked: Looked, scan: Scan) -> Iterator[Doubt]:
    """A frame that could not be decoded may have held a face, and nobody knows where it would have been."""
    if looked.undecoded is None:
        yield Doubt(0.0, scan.duration, "it is not known whether every frame could be decoded")
    elif looked.undecoded > 0:
        yield Doubt(0.0, scan.duration, f"{looked.undecoded} frames could not be decoded")


def _covers(looked: Looked, scan: Scan, found: Sequence[Track], doubts: Sequence[Doubt]) -> Iterator[Sequence[Box]]:
    """What is hidden in each picture; without the doubts it is what a person sees who decides about them."""
    for number in range(looked.count):
        time = number / float(looked.rate)
        near = [one for one in found if one.start - 1 <= time <= one.end + 1]
        doubtful = any(one.start <= time <= one.end for one in doubts)
        yield [WHOLE] if doubtful else tracks.covers_at(near, scan, time)


def _veil(source: Source, looked: Looked, kind: Kind, covers: Iterator[Sequence[Box]], work: Workspace) -> DerivedFile:
    video = source.found.info.video
    assert video
    path = write_veil(work.folder / f"{kind.name}.mkv", size_of(video.width, video.height), looked.rate, covers)
    return describe_veil(kind, path, work)


def _region(number: int, track: Track) -> dict[str, Any]:
    return {
        "region_id": f"face-{number + 1}",
        "region_type": "face",
        "start_ms": round(1000 * track.start, 3),
        "end_ms": round(1000 * track.end, 3),
        "confidence": round(track.confidence, 4),
        "boxes": [_box(one) for one in track.ordered],
    }


def _box(seen: tracks.Seen) -> dict[str, float]:
    box = seen.found.box.inside()
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "confidence": seen.found.confidence}
    return {"time_ms": round(1000 * seen.time, 3), **{name: round(float(value), 5) for name, value in place.items()}}


def _range(doubt: Doubt) -> dict[str, Any]:
    return {"start_ms": round(1000 * doubt.start, 3), "end_ms": round(1000 * doubt.end, 3), "reason": doubt.reason}
