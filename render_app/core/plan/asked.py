"""The fields of a request for a render, of its chunks and of their joining: one table reads them, and documents them."""

from collections.abc import Mapping, Sequence
from typing import Any

from render_app.core import catalogue
from render_app.core.plan.chunks import MOST_SEGMENTS, OVERLAP_RANGE, SEGMENT_RANGE
from render_app.core.plan.request import LOUDNESS_RANGE, MIXDOWNS, SOURCES, STRATEGIES, VOICE_MODES
from render_app.core.plan.watermark import CORNERS
from render_app.core.timeline.fields import Choice, Field, Flag, Group, Id, Many, Number, Reading, Whole, read_fields
from render_app.core.timeline.records import MAX_MS
from render_app.core.timeline.refusals import NEW, Place


def _ms(name: str, help: str) -> Number:
    return Number(name=name, low=0, high=MAX_MS, unit="ms", exact=True, strict=True, help=help)


_END = Number(
    name="end_ms", default=None, low=0, high=MAX_MS, unit="ms", exact=True, strict=True, help="After start_ms. Left out, the sequence's end."
)  # fmt: skip
WATERMARK = Group(
    name="watermark",
    default=None,
    help="A picture in a corner of every frame.",
    fields=(
        Id(name="asset_id", default=None, help="A picture of the registry."),
        Id(name="artifact_id", default=None, help="Or an artifact that is one."),
        Choice(name="corner", default=None, choices=CORNERS, help="Left out: bottom-right."),
        Number(name="width", default=None, low=0.01, high=1, unit="of the frame's width", help="Left out: 0.12."),
        Number(name="opacity", default=None, low=0, high=1, unit="share", help="Left out: 0.8."),
    ),
)

RENDER: tuple[Field, ...] = (
    Id(name="project_id", default=None, help="Or sequence_snapshot."),
    Id(name="sequence_id", default=None, help="One of the project's; left out, its first."),
    Whole(name="sequence_snapshot", default=None, help="A whole sequence, as GET …/snapshot has it."),
    Choice(
        name="render_profile", default=None, choices=tuple(catalogue.profiles()), help="Left out, the project's."
    ),
    Choice(name="audio_mixdown", default=None, choices=MIXDOWNS, help="Left out, stereo."),
    Group(
        name="range_ms", default=None, help="Left out, all of it.",
        fields=(_ms("start_ms", "ms of the sequence."), _END),
    ),
    Choice(
        name="source", default=None, choices=SOURCES,
        help="Which files the picture is read from, where they are there; left out, the original, of a draft the proxy.",
    ),
    Choice(
        name="strategy", default=None, choices=STRATEGIES,
        help="A draft is small and fast: draft_480p_fast, from proxies. Left out, final.",
    ),
    WATERMARK,
    Flag(name="normalize_audio", default=None, help="Bring the whole to target_loudness_lufs, measured first."),
    Number(
        name="target_loudness_lufs", default=None, low=LOUDNESS_RANGE[0], high=LOUDNESS_RANGE[1], unit="LUFS",
        help="Named alone, it is asked for. Left out, -16.",
    ),
    Flag(
        name="use_voice_enhanced_audio", default=None,
        help="Dialogue and generic tracks take the enhanced voice of their files.",
    ),
    Choice(
        name="voice_enhance_mode", default=None, choices=VOICE_MODES,
        help="Of this mode alone; left out, the latest of any.",
    ),
    Flag(
        name="voice_enhance_if_available_only", default=None,
        help="False: a file without an enhanced voice is a warning. Left out, true.",
    ),
)  # fmt: skip

CHUNKS = (
    *RENDER,
    Number(
        name="segment_duration_ms", default=None, low=SEGMENT_RANGE[0], high=SEGMENT_RANGE[1], whole=True, unit="ms",
        help="Of each chunk, on a grid from the sequence's beginning; left out, 15,000.",
    ),
    Number(
        name="overlap_ms", default=None, low=OVERLAP_RANGE[0], high=OVERLAP_RANGE[1], unit="ms",
        help="Kept with each chunk. Nothing beyond a chunk is rendered: it draws what the whole film draws there.",
    ),
)  # fmt: skip

_SEGMENT = (
    Number(
        name="segment_index", default=None, low=0, high=100_000, whole=True, strict=True, help="Left out, its number."
    ),
    _ms("start_ms", "ms of the sequence."),
    _ms("end_ms", "ms of the sequence; after start_ms."),
    Number(
        name="overlap_ms", default=None, low=OVERLAP_RANGE[0], high=OVERLAP_RANGE[1], unit="ms", help="Of no effect."
    ),
)


def _segments(help: str, **options: Any) -> Many:
    return Many(
        name="segments", fields=_SEGMENT, least=1, most=MOST_SEGMENTS, index="segment_index", help=help, **options
    )


SEGMENTS = (
    *CHUNKS,
    _segments("Those that are to be rendered."),
    Flag(name="dry_run", default=False, help="True: the plan of each chunk, and no job."),
)
STITCH = (*CHUNKS, _segments("All of them in order; left out, those of segment_duration_ms.", default=None))


def read(fields: Sequence[Field], sent: Mapping[str, Any]) -> dict[str, Any]:
    """A request's fields, and under `clamped` the numbers that were moved into their range. Raises TimelineRefused, NotAllowed."""
    reading = Reading()
    values = read_fields(fields, sent, Place("render", NEW), reading)
    return {**values, "clamped": [one.as_json for one in reading.clamped]}
