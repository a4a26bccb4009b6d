"""The fields of every record of a timeline: the one table that reads snapshots and requests, and that documents them."""

from fractions import Fraction
from typing import Any

from render_app.core import catalogue
from render_app.core.timeline.fields import (
    REQUIRED,
    Choice,
    Flag,
    Group,
    Id,
    Ids,
    Many,
    Number,
    Numbers,
    Object,
    Pairs,
    Rate,
    Tags,
    Words,
)

#: Eleven days: longer than any recording, short enough for exact floats in JSON.
MAX_MS = 1_000_000_000
MOST_TRACKS, MOST_CLIPS, MOST_TRANSITIONS, MOST_FILTERS, MOST_KEYFRAMES = 200, 20_000, 20_000, 50, 20_000
MOST_SHAPES, MOST_POINTS = 500, 5_000
#: Shapes reach beyond the frame, but not so far that a drawing program overflows.
FARTHEST_PX = 20_000
TARGETS = ("clip", "track", "sequence")
COLOR = r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?"
COLOR_FORM = "a color such as #ff8800, or #ff880080 with alpha"


def _ms(name: str, help: str, default: Any = REQUIRED, *, low: float = 0) -> Number:
    return Number(name=name, default=default, low=low, high=MAX_MS, unit="ms", exact=True, strict=True, help=help)


def _color(name: str, default: str, help: str, *, none: bool = False) -> Words:
    """`none`: an empty one is no color."""
    pattern = f"(?:{COLOR})?" if none else COLOR
    return Words(name=name, default=default, most=9, pattern=pattern, form=COLOR_FORM, help=help)


def _moved(name: str) -> Number:
    """The field of a clip or a track that keyframes may move too: its range is the property's."""
    about = catalogue.properties()[name]
    return Number(name=name, default=about.default, low=about.low, high=about.high, unit=about.unit, help=about.label)


def _axis(name: str, property_name: str) -> Number:
    about = catalogue.properties()[property_name]
    return Number(name=name, default=about.default, low=about.low, high=about.high, unit=about.unit, help=about.label)


def _share(name: str, default: float, help: str = "", *, low: float = 0, high: float = 1) -> Number:
    return Number(name=name, default=default, low=low, high=high, unit="share", help=help)


def _px(name: str, help: str = "", *, low: float = -FARTHEST_PX, default: float = 0) -> Number:
    return Number(name=name, default=default, low=low, high=FARTHEST_PX, unit="px of 1080 lines", help=help)


_META = Object(name="meta", default={}, help="Your own facts; no render looks at them.")

TEXT = Group(
    name="text",
    default=None,
    help="Words, drawn once. Instead of asset_id.",
    fields=(
        Words(name="text", most=5_000, one_line=False, filled=True, help="What is written; lines end with a line feed."),
        Words(name="font", default="", most=200, help="A font's name, or the id of an artifact that is one."),
        Number(name="size", default=72, low=4, high=1080, unit="px of 1080 lines", help="The size of an em."),
        Number(name="tracking", default=0, low=-500, high=2000, unit="1/1000 em", help="Space between letters."),
        Numbers(
            name="variation", default={}, most=16, pattern=r"[A-Za-z0-9 ]{4}", low=-10_000, high=10_000,
            help='Axes of a variable font: {"wght": 650}. An axis is clamped to what the font has.',
        ),
        _color("fill", "#ffffff", "Its color."),
        _color("outline", "", "A line around each letter, outside of it. Empty: none.", none=True),
        Number(name="outline_width", default=4, low=0, high=200, unit="px of 1080 lines", help="How wide that line is."),
        Choice(name="align", default="center", choices=("left", "center", "right"), help="Of the lines in the box."),
        Group(
            name="box",
            default={},
            help="Where it stands, as shares of the frame.",
            fields=(
                _share("x", 0, low=-1, high=1),
                _share("y", 0, low=-1, high=1),
                _share("width", 1, low=0.001, high=2),
                _share("height", 1, low=0.001, high=2),
            ),
        ),
        Words(name="text_preset", default="", most=100, help="A named style; what is said here counts more."),
    ),
)  # fmt: skip

SHAPE = (
    Id(name="id", default="", help="For boolean_ops; left out, its number: shape_0."),
    Choice(name="type", choices=("rect", "ellipse", "polygon", "line", "path")),
    _px("x", "The left edge."),
    _px("y", "The top edge."),
    _px("width", low=0),
    _px("height", low=0),
    _px("radius", "Of a rectangle's corners.", low=0),
    Pairs(
        name="points", default=(), most=MOST_POINTS, low=-FARTHEST_PX, high=FARTHEST_PX, help="Of a polygon or a line."
    ),
    Words(name="d", default="", most=50_000, help="A path's data, as in SVG."),
    Number(name="rotation", default=0, low=-36_000, high=36_000, unit="°, clockwise", help="About its middle."),
    _color("fill", "#ffffff", "Empty: none.", none=True),
    _color("stroke", "", "Empty: none.", none=True),
    _px("stroke_width", low=0),
    _share("opacity", 1),
)

VECTOR = Group(
    name="vector",
    default=None,
    help="Shapes, drawn once. Instead of asset_id.",
    fields=(
        Many(name="shapes", fields=SHAPE, most=MOST_SHAPES, index="shape_index"),
        Many(
            name="boolean_ops",
            default=(),
            most=MOST_SHAPES,
            index="boolean_op_index",
            fields=(
                Id(name="id", default="", help="For later operations; left out, its number: op_0."),
                Choice(name="op", choices=("union", "difference", "intersection", "xor")),
                Ids(name="shapes", least=2, most=MOST_SHAPES, help="Ids of shapes, or of operations before this one."),
            ),
        ),
    ),
)

STABILISE = Group(
    name="stabilise",
    default=None,
    help="Steadies the picture, in two passes. Null: off.",
    fields=(
        Number(name="smoothing", default=15, low=0, high=300, whole=True, unit="frames", help="To either side."),
        Number(name="zoom", default=0, low=-50, high=50, unit="%", help="Hides the edges."),
        Choice(name="crop", default="keep", choices=("keep", "black"), help="What fills the edges."),
        Flag(name="tripod", default=False, help="Hold the picture still, as on a tripod."),
    ),
)

POSITION = Group(
    name="position",
    default={},
    help="Where the picture's center lies, as shares of the frame.",
    fields=(_axis("x", "position_x"), _axis("y", "position_y")),
)
CROP = Group(
    name="crop",
    default={},
    help="Shares of the source that are cut off, before scaling.",
    fields=tuple(_share(side, 0) for side in ("left", "top", "right", "bottom")),
)

CLIP = (
    Id(name="asset_id", default=None, help="A file of the registry."),
    Id(name="artifact_id", default=None, help="An artifact of that asset, shown instead of its original."),
    Id(name="session_id", default=None, help="A session, whose camera_label is shown by its approved sync."),
    Words(name="camera_label", default=None, most=20, filled=True, help="B is camera B with all its clips."),
    TEXT,
    VECTOR,
    Number(
        name="in_ms", default=Fraction(0), low=-MAX_MS, high=MAX_MS, unit="ms", exact=True, strict=True,
        help="Where it begins in its content; of a camera, on the master's clock.",
    ),
    _ms("out_ms", "Where it ends in its content; above in_ms.", low=-MAX_MS),
    _ms("start_ms_on_timeline", "When it begins in the sequence.", Fraction(0)),
    Number(
        name="speed", default=Fraction(1), low=0.01, high=100, above=0, exact=True, unit="times",
        help="It lasts (out_ms - in_ms) / speed.",
    ),
    Flag(name="keep_pitch", default=True, help="Whether the sound keeps its pitch at another speed."),
    Choice(name="slowmo_quality", default="", nullable=True, choices=tuple(catalogue.slow_motions()), help="Null repeats frames."),
    Flag(name="optical_flow", default=False, help="Without it, slow motion blends neighboring frames."),
    STABILISE,
    _moved("volume_db"),
    _ms("fade_in_ms", "Of its sound.", Fraction(0)),
    _ms("fade_out_ms", "Of its sound.", Fraction(0)),
    _moved("opacity"),
    Choice(name="blend_mode", default="normal", choices=tuple(catalogue.blends()), help="Over what is below it."),
    Choice(
        name="scale_mode", default="fit", choices=("fit", "fill", "stretch", "none"), help="How it is placed into the frame."
    ),
    _moved("scale"),
    _moved("rotation"),
    POSITION,
    CROP,
    Id(name="mask_artifact_id", default=None, help="A mask: where the clip is seen."),
    _META,
)  # fmt: skip

TRACK = (
    Choice(name="kind", choices=("video", "audio")),
    Number(name="order", default=0, low=-10_000, high=10_000, whole=True, strict=True, help="Higher is nearer."),
    Flag(name="muted", default=False, help="Silences its sound."),
    Flag(name="hidden", default=False, help="Hides its pictures; its sound stays."),
    Choice(name="audio_role", default="generic", choices=tuple(catalogue.roles())),
    Group(
        name="ducking",
        default=None,
        help="Sinks while tracks of another role sound. Null: off.",
        fields=(
            Choice(name="key_role", choices=tuple(catalogue.roles()), help="The role that is listened for."),
            Number(name="amount_db", default=12, low=0, high=30, unit="dB", help="By how much it sinks."),
        ),
    ),
    _moved("volume_db"),
    _META,
)

TRANSITION = (
    Choice(name="type", choices=tuple(catalogue.transitions())),
    Number(
        name="duration_ms", default=None, low=0, high=60_000, above=0, exact=True, unit="ms",
        help="Left out: the type's own.",
    ),
    Id(name="from_clip_id"),
    Id(name="to_clip_id"),
    _META,
)  # fmt: skip

SEQUENCE = (
    Words(name="name", default="", most=200),
    Number(
        name="duration_ms", default=None, low=0, high=MAX_MS, above=0, exact=True, strict=True, unit="ms",
        help="Null lasts as long as its clips do; a number cuts or pads.",
    ),
    Rate(name="timebase", help='Frames per second of the editor\'s grid: 25 or "30000/1001".'),
    _META,
)  # fmt: skip

FILTER = (
    Choice(name="type", choices=tuple(catalogue.filters())),
    Object(name="params", default={}, help="As the filter's type has them."),
    Flag(name="enabled", default=True),
)
FILTER_STACK = (Many(name="filters", default=(), fields=FILTER, most=MOST_FILTERS, index="filter_index"),)

KEYFRAME = (
    _ms("time_ms", "After the target's start; ascending."),
    Number(name="value", low=-1e6, high=1e6, help="Within the property's range."),
    Choice(name="interpolation", default="linear", choices=("linear", "hold", "ease"), help="To the next one."),
)
AUTOMATION = (
    Choice(name="property", choices=tuple(catalogue.properties())),
    Many(name="keyframes", fields=KEYFRAME, most=MOST_KEYFRAMES, index="keyframe_index"),
)

TAGS = Tags(name="tags", default=(), most=50, longest=100, help="Words to find it by.")
_DESCRIPTION = Words(name="description", default="", most=5_000, one_line=False)
PROJECT = (
    Words(name="title", most=200, filled=True),
    _DESCRIPTION,
    TAGS,
    Choice(name="render_profile", default="social_1080p_h264", choices=tuple(catalogue.profiles())),
    Id(name="session_id", default=None, help="The session whose edit it is."),
    _META,
)
_PRESET = (Words(name="name", most=100, filled=True), _DESCRIPTION, TAGS, _META)
FILTER_PRESET = (*_PRESET, *FILTER_STACK)
MOTION_PRESET = (
    *_PRESET,
    Number(name="duration_ms", low=0, high=MAX_MS, above=0, strict=True, unit="ms", help="How long the motion lasts."),
    Many(name="tracks", fields=AUTOMATION, most=len(catalogue.properties()), index="track_index"),
)
