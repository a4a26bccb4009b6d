"""A file of the registry as the plan reads it, from what its ingest found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from media_app.core.files.media_info import INTERLACED, VideoStream
from media_app.core.time.keyframes import numbers_of
from media_app.core.time.timebase import nearest_frame, parse_rate
from render_app.core.plan.reels import LEAD_S, Medium
from render_app.core.timeline.edges import exact

#: Containers with an index of their keyframes, so that a seek never lands late.
_SEEKABLE = ("mov", "matroska")
#: Of these, one that counts in milliseconds, in which hardly a packet of sound begins; and codecs whose packets are not of one length,
#: or whose first one is cut.
_ROUNDED, _UNEVEN = "matroska", ("opus", "vorbis")
#: Frames beyond those by which a file says that its pictures are out of order: not every file says it right.
SPARE_FRAMES = 4


#: A still picture's form → what reads it, and whether it can be seen through.
STILLS = {"png": ("png_pipe", True), "webp": ("webp_pipe", True), "jpeg": ("jpeg_pipe", False)}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file, and `found`: what its inspection wrote down. `checksum`: "" where the file is not read to its end yet; `version`: of an
    asset's own file."""

    id: str
    asset_id: str
    name: str
    checksum: str
    found: Mapping[str, Any] = field(default_factory=dict)
    artifact_id: str | None = None
    version: int | None = None


def medium_of(facts: FileFacts) -> Medium:
    """The file as it is read: its picture, if it has one, and the sound that is heard of it."""
    found, video, audio = facts.found, facts.found.get("video"), facts.found.get("audio")
    rate = parse_rate(found["rate"]) if video else Fraction(25)
    return Medium(
        id=facts.id,
        asset_id=facts.asset_id,
        artifact_id=facts.artifact_id,
        name=facts.name,
        checksum=facts.checksum,
        version=facts.version,
        video=_video(video) if video else None,
        rate=rate,
        phase=_phase(found, rate) if video else Fraction(0),
        seekable=any(name in found.get("container", "") for name in _SEEKABLE),
        lead_s=_lead(found, rate),
        keys=_keys(found),
        sound=audio["index"] if audio else None,
        channels=audio["channels"] if audio else 2,
        layout=audio["layout"] if audio else "",
        floating=bool(audio and audio.get("floating")),
        first_sample=_first_sample(audio) if audio and _ROUNDED in found.get("container", "") else None,
    )


def _first_sample(audio: Mapping[str, Any]) -> int | None:
    """The number of the first sample of a sound, None where its packets cannot be counted from there."""
    start = audio.get("start")
    return None if start is None or audio["codec"] in _UNEVEN else round(exact(start) * audio["rate"])


def still_of(facts: FileFacts, form: str, size: tuple[int, int]) -> Medium:
    """A still picture of a form and a size, as it is shown."""
    reads, alpha = STILLS[form]
    picture = VideoStream(
        index=0, codec=form, width=size[0], height=size[1], coded_width=size[0], coded_height=size[1], rotation=0,
        sample_aspect=Fraction(1), pixel_format="", rate=None, average_rate=None, time_base=Fraction(1, 25),
        start=Fraction(0), duration=None, field_order="", color_transfer="", color_primaries="",
        # JPEG and WebP are BT.601 whatever their size.
        color_space="bt470bg", color_range="",
    )  # fmt: skip
    return Medium(
        id=facts.id, asset_id=facts.asset_id, artifact_id=facts.artifact_id, name=facts.name, checksum=facts.checksum,
        version=facts.version, still=reads, alpha=alpha, video=picture,
    )  # fmt: skip


def _lead(found: Mapping[str, Any], rate: Fraction) -> Fraction:
    """How long before what is needed reading begins: by as many frames as pictures are out of order, and some to spare."""
    reorder = (found.get("video") or {}).get("reorder")
    if reorder is None or found.get("variable_rate"):
        return LEAD_S
    return Fraction(reorder + SPARE_FRAMES) / rate


def _keys(found: Mapping[str, Any]) -> tuple[int, ...]:
    index = found.get("keyframes")
    return numbers_of(index["first"], index["runs"]) if index else ()


def _phase(found: Mapping[str, Any], rate: Fraction) -> Fraction:
    """By how much its frames miss the grid of their rate; none where the rate is variable and no shift fits."""
    if found.get("variable_rate") or found.get("video_start") is None:
        return Fraction(0)
    start = exact(found["video_start"])
    return start - nearest_frame(start, rate) / rate


def _video(found: Mapping[str, Any]) -> VideoStream:
    aspect = found.get("sample_aspect") or "1/1"
    return VideoStream(
        index=found["index"],
        codec=found["codec"],
        width=found["width"],
        height=found["height"],
        coded_width=found["coded_width"],
        coded_height=found["coded_height"],
        rotation=found["rotation"],
        sample_aspect=Fraction(aspect),
        pixel_format=found["pixel_format"],
        rate=None,
        average_rate=None,
        time_base=Fraction(1, 1000),
        start=exact(found["start"]),
        duration=None,
        field_order=min(INTERLACED) if found["interlaced"] else "",
        color_transfer=found.get("color_transfer") or "",
        color_primaries=found.get("color_primaries") or "",
        color_space=found.get("color_space") or "",
        color_range=found.get("color_range") or "",
    )
