"""What stored analyses say of a recording, as highlights are scored by it. Times in ms.

Each raises KeyError, TypeError, ValueError or AttributeError for what is not as Studio writes it.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from render_app.core.highlights.scoring import Observed, Span
from render_app.core.intervals import joined

Document = Mapping[str, Any]


def observed(duration_ms: float, found: Mapping[str, Document]) -> Observed:
    """All of it. `found`: each analysis by the name of its kind; what was not made is unknown, not none."""
    timeline, visual = found.get("audio_semantic_timeline"), found.get("visual_meta")
    loudness = (timeline or {}).get("loudness") or {}
    levels = loudness.get("lufs")
    return Observed(
        duration_ms,
        speech=_speech(timeline, found.get("asr_transcript")),
        loudness=None if levels is None else [None if one is None else _number(one) for one in levels],
        window_ms=max(1.0, _number(loudness.get("window_ms", 1000))),
        faces=_faces(found.get("video_region_summary"), visual),
        motion=_motion(visual),
    )


def _speech(timeline: Document | None, transcript: Document | None) -> list[Span] | None:
    """Where words are said; and where speech is heard of which no word is known, which is not to be cut either."""
    if timeline is None and transcript is None:
        return None
    words = [_span(word) for segment in (transcript or {}).get("segments", []) for word in segment["words"]]
    heard = [_span(event) for event in (timeline or {}).get("events", []) if event["kind"] == "speech"]
    return joined([*words, *_without(heard, joined(words))])


def _without(heard: Sequence[Span], words: Sequence[Span]) -> list[Span]:
    """The stretches that hold no word."""
    ends = [end for _, end in words]
    nexts = [bisect_right(ends, start) for start, _ in heard]
    return [one for one, place in zip(heard, nexts, strict=True) if place == len(words) or words[place][0] >= one[1]]


def _faces(summary: Document | None, visual: Document | None) -> list[Span] | None:
    """Where a face is seen: as the search for faces found them, else in the samples of the picture."""
    if summary is not None:
        return [_span(one) for one in summary["regions"] if one["region_type"] == "face"]
    if visual is None or "face" not in visual.get("meta", {}).get("labels_looked_for", ["face"]):
        return None
    every = _number(visual.get("frame_sample_interval_ms", 500))
    times = [_number(one["timestamp_ms"]) for one in visual["frames"] if _has_face(one)]
    return [(time, time + every) for time in times]


def _has_face(frame: Document) -> bool:
    return any(subject["label"] == "face" for subject in frame["subjects"])


def _motion(visual: Document | None) -> list[tuple[float, float]] | None:
    frames = (visual or {}).get("frames", [])
    found = [(_number(one["timestamp_ms"]), _number(one["motion"])) for one in frames if one.get("motion") is not None]
    return found or None


def _span(one: Document) -> Span:
    start, end = _number(one["start_ms"]), _number(one["end_ms"])
    if not 0 <= start <= end:
        raise ValueError("A stretch ends before it begins.")
    return start, end


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("A number is not finite.")
    return number
