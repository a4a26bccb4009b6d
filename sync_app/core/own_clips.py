"""The clips of one camera beside each other: a camera records one at a time, so that two that overlap cannot both be right, unless
they are tracks of one recording: a recorder writes a file for each, of the same length and from the same moment on."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from sync_app.core import messages
from sync_app.core.confidence import LOOKS_GOOD, REVIEW
from sync_app.core.rounds import camera_of
from sync_app.core.values import CameraSync

#: Seconds of overlap that clocks and rounded lengths may explain.
CLOCKS_S = 0.5
#: Tracks of one recording begin as near to each other as this, and are as alike in length.
TRACKS_S = 0.1


def apart(cameras: Mapping[str, CameraSync], master: str, seconds: Mapping[str, float]) -> dict[str, CameraSync]:
    """The same cameras; those that overlap with another clip of their own camera say so and do not look good."""
    out = dict(cameras)
    for one, two in combinations(seconds, 2):
        shared = _overlap_s(one, two, cameras, master, seconds) if camera_of(one) == camera_of(two) else 0.0
        if shared > CLOCKS_S:
            for label in {one, two} - {master}:
                out[label] = _doubted(out[label], messages.at_once(one, two, shared))
    return out


def _overlap_s(
    one: str, two: str, cameras: Mapping[str, CameraSync], master: str, seconds: Mapping[str, float]
) -> float:
    starts = [0.0 if label == master else cameras[label].offset_ms for label in (one, two)]
    if starts[0] is None or starts[1] is None:
        return 0.0
    lengths = seconds[one], seconds[two]
    if max(abs(starts[0] - starts[1]) / 1000, abs(lengths[0] - lengths[1])) <= TRACKS_S:
        return 0.0
    ends = [start / 1000 + seconds[label] for start, label in zip(starts, (one, two), strict=True) if start is not None]
    return min(ends) - max(starts[0], starts[1]) / 1000


def _doubted(camera: CameraSync, sentence: str) -> CameraSync:
    word = REVIEW if camera.classification == LOOKS_GOOD else camera.classification
    return replace(camera, classification=word, warnings=(*camera.warnings, sentence))
