"""A film whose frames are copied from its originals where that can be: whole GOPs of H.264, with the edges between them encoded alike.

Each output frame shows the source frame that the one rule says. Where that source frame grows by exactly one from frame to frame, and a GOP lies inside such a
run, its packets are the film's; everything else is drawn as any film is. So offset, drift and transitions change what is copied and never what is seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from media_app.core.time.keyframes import numbers_of
from media_app.core.time.timebase import parse_rate
from render_app.core.catalogue import Profile
from render_app.core.plan.job import Job
from render_app.core.plan.placing import Canvas, place
from render_app.core.plan.reels import Medium
from render_app.core.plan.spans import Shot, Span
from render_app.core.timeline.edges import edge_ms, source_frame
from render_app.core.timeline.nouns import Clip

#: What x264 makes to the same effect: ffprobe's profile → its name.
_PROFILES = {"Constrained Baseline": "baseline", "Main": "main", "High": "high"}
#: By how many frames pictures are out of order → the options with which x264 does the same.
_REORDER = {0: ("-bf", "0"), 1: ("-bf", "2", "-x264-params", "b-pyramid=none"), 2: ("-bf", "3")}
#: The quality of what is encoded: near enough to a camera's own that nobody sees where it begins.
CRF = 17
#: And the effort: "medium" would gain 0.1 to 0.6 dB at this quality for nearly three times the work, of which edges are most.
EDGE_PRESET = "veryfast"


@dataclass(frozen=True, slots=True)
class Gops:
    """An original's keyframes on the even grid of its frames, and where the grid ends; and all that must be equal among files whose
    packets are joined."""

    starts: tuple[int, ...]
    end: int
    alike: tuple[Any, ...]
    rate: Fraction

    def inside(self, first: int, last: int) -> tuple[int, int] | None:
        """The whole GOPs among the frames from `first` to before `last`, as a range; None without one."""
        edges = [one for one in (*self.starts, self.end) if first <= one <= last]
        return (edges[0], edges[-1]) if len(edges) > 1 else None


def gops_of(found: Mapping[str, Any]) -> Gops | str:
    """What an inspection found of an original's GOPs, or why its packets cannot be copied, as the end of a sentence."""
    video, index = found.get("video") or {}, found.get("keyframes")
    if fault := _fault(found, video):
        return fault
    if not index:
        return "was taken in before keyframes were kept, or has too many of them; upload it again"
    names = ("coded_width", "coded_height", "profile", "level", "reorder", "pixel_format", "color_space", "color_range")
    starts = numbers_of(index["first"], index["runs"])
    alike = (*(video[name] for name in names), found["rate"])
    return Gops(starts, index["end"], alike, parse_rate(found["rate"]))


def _fault(found: Mapping[str, Any], video: Mapping[str, Any]) -> str:
    plain = video.get("color_space") == "bt709" or (
        not video.get("color_space") and video.get("coded_height", 0) >= 720
    )
    wanted = {
        f"is {video.get('codec')}, not H.264": video.get("codec") == "h264",
        "is not MP4 or MOV": "mov" in found.get("container", ""),
        "has a variable frame rate": not found.get("variable_rate"),
        "is interlaced": not video.get("interlaced"),
        "is turned": not video.get("rotation"),
        "has pixels that are not square": video.get("sample_aspect") == "1/1",
        f"is {video.get('profile')} {video.get('pixel_format')}": video.get("profile") in _PROFILES
        and video.get("pixel_format") == "yuv420p",
        "is out of order by more frames than can be made alike": video.get("reorder") in _REORDER,
        "is not in the colors of BT.709": plain and video.get("color_range") in ("tv", "", None),
    }
    return next((fault for fault, fine in wanted.items() if not fine), "")


def profile_like(gops: Gops, profile: Profile) -> Profile:
    """The profile of a film that is as these originals are."""
    width, height = gops.alike[:2]
    return replace(profile, width=width, height=height, fps=gops.rate, crf=CRF, pix_fmt="yuv420p")


def edge_args(gops: Gops) -> list[str]:
    """With which x264 makes what stands next to such packets."""
    _, _, profile, level, reorder = gops.alike[:5]
    return ["-profile:v", _PROFILES[profile], "-level:v", f"{level // 10}.{level % 10}", *_REORDER[reorder]]


@dataclass(frozen=True, slots=True)
class Section:
    """Frames `start` to `end` of the film: copied from frame `first` of a medium's grid, or encoded where there is none."""

    start: int
    end: int
    medium: Medium | None = None
    first: int = 0

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.end - self.start


def sections_of(job: Job, spans: Sequence[Span], gops: Mapping[str, Gops]) -> tuple[Section, ...]:
    """The film in sections, in order and without a gap. `gops`: of each medium whose packets may be copied, by its id."""
    copied = [section for span in spans for section in _copied(job, span, gops)]
    found, reached = list[Section](), job.start
    for section in copied:
        if section.start > reached:
            found.append(Section(reached, section.start))
        found.append(section)
        reached = section.end
    if reached < job.end:
        found.append(Section(reached, job.end))
    return tuple(found)


def share_of(sections: Sequence[Section]) -> float:
    """The part of the frames that is copied, 0 to 1."""
    total = sum(one.frames for one in sections)
    return round(sum(one.frames for one in sections if one.medium) / total, 4)


def spans_between(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The spans of a part of the film."""
    return [
        replace(
            one, start=max(one.start, start), end=min(one.end, end),
            layers=tuple(layer.part(max(one.start, start), min(one.end, end)) for layer in one.layers),
        )
        for one in spans
        if one.start < end and start < one.end
    ]  # fmt: skip


def _copied(job: Job, span: Span, gops: Mapping[str, Gops]) -> Iterator[Section]:
    """The sections of a span that can be copied."""
    shot = _only_shot(job, span)
    medium = shot.take.segment.picture if shot and shot.take.segment else None
    known = gops.get(medium.id) if medium else None
    if shot is None or medium is None or known is None:
        return
    for start, end, first in _runs(job, shot, medium):
        whole = known.inside(first, first + end - start)
        if whole is not None:
            at = start + whole[0] - first
            yield Section(at, at + whole[1] - whole[0], medium, whole[0])


def _only_shot(job: Job, span: Span) -> Shot | None:
    """The shot that fills a span as it was recorded; None where anything else is seen."""
    if job.materials.watermark is not None or job.timeline.filter_stacks:
        return None
    if any(one.property != "volume_db" for one in job.timeline.automation):
        return None
    if len(span.layers) != 1 or span.layers[0].blend is not None or len(span.layers[0].sides[0]) != 1:
        return None
    shot = span.layers[0].sides[0][0]
    medium = shot.take.segment.picture if shot.take.segment else None
    if medium is None or medium.video is None or not _is_plain(shot.take.clip):
        return None
    canvas = Canvas(job.profile.width, job.profile.height)
    placed = place(shot.take.clip, (medium.video.width, medium.video.height), canvas)
    fills = (placed.width, placed.height, placed.left, placed.top) == (canvas.width, canvas.height, 0, 0)
    return shot if fills else None


def _is_plain(clip: Clip) -> bool:
    """Whether nothing is done to its frames."""
    crop = clip.crop
    uncut = not (crop.left or crop.top or crop.right or crop.bottom)
    unmixed = clip.opacity == 1 and clip.blend_mode == "normal" and not clip.mask_artifact_id
    return clip.speed == 1 and not clip.rotation and not clip.stabilise and uncut and unmixed


def _runs(job: Job, shot: Shot, medium: Medium) -> Iterator[tuple[int, int, int]]:
    """Start, end and first source frame of each run in which the source's frames follow each other as the film's do."""
    rate = job.profile.fps
    shown = [source_frame(shot.take.file_ms(edge_ms(n, rate)), medium.rate) for n in range(shot.start, shot.end)]
    cuts = [0, *(n for n, (a, b) in enumerate(pairwise(shown), 1) if b != a + 1), len(shown)]
    for begin, until in pairwise(cuts):
        if shown[begin] >= 0:
            yield shot.start + begin, shot.start + until, shown[begin]
