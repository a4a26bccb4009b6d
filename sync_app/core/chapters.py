"""Chapters of one recording: compared as one track, placed on one line.

A camera that splits a recording into files loses nothing between them: chapter 2 begins when chapter 1 ends. So the sound of
all is one track, and the line that is found for it (`t_master = t · (1 + drift) + offset`) holds for each chapter, whose time
zero lies `start_s` after that of the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sync_app.core import messages
from sync_app.core.confidence import LOOKS_GOOD
from sync_app.core.values import Alignment, CameraSync, Cover, Evidence, Samples, Segment, Track


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file of a recording: its camera key, and when it begins and ends on the recording's clock, seconds."""

    key: str
    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class JoinedTrack:
    """The sound of all chapters as one track, labelled by the first. `starts`: the sample at which each part begins."""

    label: str
    parts: tuple[Track, ...]
    starts: tuple[int, ...]

    @property
    def rate(self) -> int:
        """Samples per second, the same in all parts."""
        return self.parts[0].rate

    @property
    def frames(self) -> int:
        """Samples in all."""
        return self.starts[-1] + self.parts[-1].frames

    def read(self, start: int, count: int) -> Samples:
        """As a track's: what a part lacks before the next begins is silence, what it has too much is left out."""
        end = min(start + count, self.frames)
        out = np.zeros(max(0, end - start), np.float32)
        ends = (*self.starts[1:], self.frames)
        for part, begins, stops in zip(self.parts, self.starts, ends, strict=True):
            low, high = max(start, begins), min(end, stops)
            if low < high:
                found = part.read(low - begins, high - low)
                out[low - start : low - start + found.size] = found
        return out


def recordings(lengths_s: Mapping[str, float], before: Mapping[str, str]) -> dict[str, list[Chapter]]:
    """The recordings among files, by the key of the first chapter. `lengths_s`: camera key → seconds; `before`: key → the key that it
    continues. A chapter whose one before is not among the files is a recording of its own."""
    following = {before[key]: key for key in lengths_s if key in before}
    found = {}
    for first in (key for key in lengths_s if before.get(key) not in lengths_s):
        found[first] = out = [Chapter(first, 0.0, lengths_s[first])]
        while (key := following.get(out[-1].key)) is not None:
            out.append(Chapter(key, out[-1].end_s, out[-1].end_s + lengths_s[key]))
    return found


def joined(parts: Sequence[Track], lengths_s: Sequence[float]) -> Track:
    """One track of a recording's chapters, each `lengths_s` long by its file."""
    if len(parts) == 1:
        return parts[0]
    begins = np.cumsum([0.0, *lengths_s[:-1]])
    return JoinedTrack(parts[0].label, tuple(parts), tuple(round(float(t) * parts[0].rate) for t in begins))


def spread(alignment: Alignment, recordings: Mapping[str, Sequence[Chapter]]) -> Alignment:
    """The alignment with a place for each chapter. `recordings`: by the key of the first chapter, all of them in order."""
    cameras, warnings = dict(alignment.cameras), dict(alignment.warnings)
    for first, chapters in recordings.items():
        whole = alignment.cameras.get(first)
        if len(chapters) > 1 and any(messages.has_time(said) for said in warnings.get(first, ())):
            warnings[first] = (*warnings[first], messages.of_the_recording([chapter.key for chapter in chapters]))
        for chapter in chapters if len(chapters) > 1 else ():
            if whole is not None:
                cameras[chapter.key] = _of_chapter(
                    replace(whole, warnings=warnings.get(first, whole.warnings)), chapter
                )
            elif first == alignment.master and chapter.key != first:
                cameras[chapter.key] = _of_master(chapter)
    return replace(alignment, cameras=cameras, warnings=warnings)


def _of_chapter(whole: CameraSync, chapter: Chapter) -> CameraSync:
    segments = tuple(
        _segment(s, chapter) for s in whole.segments if s.start_s < chapter.end_s and s.end_s > chapter.start_s
    )
    offset = None if whole.offset_ms is None else _later(whole.offset_ms, whole.drift_ppm or 0.0, chapter.start_s)
    if len(segments) == 1 and len(whole.segments) > 1:
        offset = segments[0].offset_ms
    return replace(
        whole,
        offset_ms=offset,
        drift_ppm=segments[0].drift_ppm if len(segments) == 1 and len(whole.segments) > 1 else whole.drift_ppm,
        segments=segments if len(segments) > 1 else (),
        warnings=whole.warnings if chapter.start_s == 0 else (),
        evidence=_evidence(whole.evidence, chapter),
    )


def _later(offset_ms: float, drift_ppm: float, start_s: float) -> float:
    """The offset of what begins `start_s` after time zero of a line."""
    return round(offset_ms + start_s * 1000 * (1 + drift_ppm * 1e-6), 4)


def _segment(segment: Segment, chapter: Chapter) -> Segment:
    return replace(
        segment,
        start_s=round(max(segment.start_s, chapter.start_s) - chapter.start_s, 3),
        end_s=round(min(segment.end_s, chapter.end_s) - chapter.start_s, 3),
        offset_ms=_later(segment.offset_ms, segment.drift_ppm, chapter.start_s),
    )


def _evidence(evidence: Evidence, chapter: Chapter) -> Evidence:
    """What of the evidence lies in the chapter, on its own clock. The curve is that of the whole recording."""
    windows = tuple(
        replace(w, time_s=round(w.time_s - chapter.start_s, 3), lag_ms=round(w.lag_ms + chapter.start_s * 1000, 4))
        for w in evidence.windows
        if chapter.start_s <= w.time_s < chapter.end_s
    )
    cover = tuple(
        Cover(
            round(max(c.start_s, chapter.start_s) - chapter.start_s, 3),
            round(min(c.end_s, chapter.end_s) - chapter.start_s, 3),
            c.state,
        )
        for c in evidence.coverage
        if c.start_s < chapter.end_s and c.end_s > chapter.start_s
    )
    heard = [w for w in windows if w.weight > 0]
    return replace(
        evidence,
        windows=windows,
        coverage=cover,
        curve_ms=tuple(round(lag + chapter.start_s * 1000, 1) for lag in evidence.curve_ms),
        rivals=tuple(replace(r, lag_ms=round(r.lag_ms + chapter.start_s * 1000, 4)) for r in evidence.rivals),
        start=heard[0] if heard else None,
        middle=heard[len(heard) // 2] if heard else None,
        end=heard[-1] if heard else None,
    )


def _of_master(chapter: Chapter) -> CameraSync:
    """A later chapter of the master: on its clock by itself, so nothing was measured and nothing is to be doubted."""
    return CameraSync(
        offset_ms=round(chapter.start_s * 1000, 4),
        confidence=None,
        probability=None,
        classification=LOOKS_GOOD,
        drift_ppm=0.0,
        drift_error_ppm=0.0,
        segments=(),
        warnings=(),
        evidence=Evidence(chapter.key),
    )
