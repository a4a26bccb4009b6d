"""What keyframes move in the picture: values for each frame of the output, sent to the filters that they concern.

A script of `sendcmd` says a value where it changes, half a frame before its frame, so that no rounding of time comes between.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor, hypot, radians

from render_app.core.plan.graph import Chain, Filter, Value, filter_
from render_app.core.plan.placing import Canvas
from render_app.core.timeline.curves import value_at
from render_app.core.timeline.nouns import Automation, Clip, Target
from render_app.core.timeline.nouns import Sequence as Timeline

#: What of a record moves its picture.
SEEN = frozenset({"position_x", "position_y", "scale", "rotation", "opacity"})
#: A filter's option → its value on one frame.
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class State:
    """How a clip lies in the frame at one time."""

    x: float
    y: float
    scale: float
    rotation: float
    opacity: float


@dataclass(frozen=True, slots=True)
class Moves:
    """The curves of a clip, each instead of the clip's own field, and the opacity of its track, which is laid over it."""

    clip: Clip
    own: Mapping[str, Automation]
    above: Automation | None = None

    @property
    def at_largest(self) -> Clip:
        """The clip with the highest scale that it comes to."""
        curve = self.own.get("scale")
        return self.clip if curve is None else replace(self.clip, scale=max(one.value for one in curve.keyframes))

    def state(self, ms: Fraction) -> State:
        """How it lies at a time of the sequence."""
        clip = self.clip
        fields = {
            "position_x": clip.position.x,
            "position_y": clip.position.y,
            "scale": clip.scale,
            "rotation": clip.rotation,
            "opacity": clip.opacity,
        }
        now = fields | {name: value_at(curve, ms - clip.start_ms) for name, curve in self.own.items() if name in SEEN}
        over = value_at(self.above, ms) if self.above else 1
        return State(now["position_x"], now["position_y"], now["scale"], now["rotation"], now["opacity"] * over)


def moves_of(timeline: Timeline) -> dict[str, Moves]:
    """The moves of every clip whose picture has some."""
    found = {}
    for track in timeline.tracks:
        above = timeline.automation_of(Target("track", track.id)).get("opacity")
        for clip in track.clips:
            own = timeline.automation_of(Target("clip", clip.id))
            if above or SEEN & own.keys():
                found[clip.id] = Moves(clip, own, above)
    return found


@dataclass(slots=True)
class Scripts:
    """The texts of a plan that its commands read, each in a file next to them. `prefix`: of their names."""

    files: dict[str, str] = field(default_factory=dict)
    prefix: str = ""

    @property
    def tag(self) -> str:
        """What tells the filters of the next script from others."""
        return f"m{len(self.files)}"

    def send(self, rows: Iterable[Row], rate: Fraction) -> Filter:
        """The filter that sends a row on each frame, counted from 0."""
        return filter_("sendcmd", f=self.add("moves", "".join(_lines(rows, rate))))

    def add(self, kind: str, text: str) -> str:
        """The name of a new file with this text."""
        name = f"{self.prefix}{kind}-{len(self.files):04d}.txt"
        self.files[name] = text
        return name


def _lines(rows: Iterable[Row], rate: Fraction) -> Iterable[str]:
    last: dict[str, str] = {}
    for number, row in enumerate(rows):
        said = {option: _number(value) for option, value in row.items()}
        changed = [f"{option} {value}" for option, value in said.items() if last.get(option) != value]
        last = said
        if changed:
            at = max(Fraction(0), (number - Fraction(1, 2)) / rate)
            yield f"{floor(at * 1_000_000) / 1_000_000:.6f} {', '.join(changed)};\n"


def _number(value: Value) -> str:
    return str(value) if isinstance(value, int) else f"{float(value):.9f}"


@dataclass(frozen=True, slots=True)
class Motion:
    """A clip frame by frame, over its picture of `width` × `height` px at the highest scale."""

    states: Sequence[State]
    width: int
    height: int
    highest: float

    @property
    def turns(self) -> bool:
        """Whether it is ever rotated."""
        return any(state.rotation for state in self.states)

    @property
    def box(self) -> tuple[int, int]:
        """The room that the picture needs as it turns."""
        side = 2 * ceil(hypot(self.width, self.height) / 2)
        return (side, side) if self.turns else (self.width, self.height)

    def size(self, state: State) -> tuple[int, int]:
        """The room of a state, scaled."""
        share = state.scale / self.highest
        return max(1, round(self.box[0] * share)), max(1, round(self.box[1] * share))

    def drawn(self, scripts: Scripts, rate: Fraction) -> Chain:
        """As opaque, as turned and as large as it is on each frame."""
        tag = scripts.tag
        rows = [self._row(state, tag) for state in self.states]
        width, height = self.box
        first = self.size(self.states[0])
        return (
            scripts.send(rows, rate),
            filter_(f"colorchannelmixer@{tag}", aa=1),
            *((filter_(f"rotate@{tag}", a=0, ow=width, oh=height, c="black@0"),) if self.turns else ()),
            filter_(f"scale@{tag}", w=first[0], h=first[1], flags="bicubic+accurate_rnd+full_chroma_int"),
        )

    def _row(self, state: State, tag: str) -> dict[str, Value]:
        width, height = self.size(state)
        turn = {f"rotate@{tag} a": Fraction(repr(round(radians(state.rotation), 9)))} if self.turns else {}
        opaque: dict[str, Value] = {f"colorchannelmixer@{tag} aa": Fraction(repr(state.opacity))}
        return {**opaque, **turn, f"scale@{tag} w": width, f"scale@{tag} h": height}

    def laid(self, canvas: Canvas, tag: str) -> list[Row]:
        """Where its left upper corner lies on each frame, for an overlay of this tag."""
        rows: list[Row] = []
        for state in self.states:
            width, height = self.size(state)
            x, y = state.x * canvas.width - width / 2, state.y * canvas.height - height / 2
            rows.append({f"overlay@{tag} x": floor(x + 0.5), f"overlay@{tag} y": floor(y + 0.5)})
        return rows


def dimmed(curve: Automation, times: Iterable[Fraction], scripts: Scripts, rate: Fraction) -> Chain:
    """RGB as bright on each frame as the opacity of the whole sequence is, over black."""
    tag = scripts.tag
    levels = [Fraction(repr(value_at(curve, ms))) for ms in times]
    rows = [{f"colorchannelmixer@{tag} {channel}": level for channel in ("rr", "gg", "bb")} for level in levels]
    return (scripts.send(rows, rate), filter_(f"colorchannelmixer@{tag}", rr=1))
