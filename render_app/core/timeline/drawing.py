"""A sequence drawn to scale: where its tracks, clips and transitions lie, as percent of its length."""

from dataclasses import dataclass
from fractions import Fraction

from render_app.core import catalogue
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.media import Media
from render_app.core.timeline.nouns import CameraReference, Clip, Sequence, Target, Text, Track, Vector

#: The distances that a ruler may have, in seconds, and how many of them it shows at most.
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
MOST_TICKS = 8
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the ruler."""

    at: float
    ms: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A clip: where it lies, what it shows (`kind`: video, audio, text or vector), and what is done to it."""

    id: str
    name: str
    kind: str
    camera: str
    at: float
    width: float
    clip: Clip
    filters: tuple[str, ...]
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """A transition: where it lies, and what it is called."""

    id: str
    label: str
    at: float
    width: float
    shortened: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A track with its clips in the order of time, its transitions and its filters."""

    track: Track
    name: str
    bars: tuple[Bar, ...]
    joins: tuple[Join, ...]
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lanes from the nearest to the farthest, as editing programs have them, under one ruler."""

    duration_ms: float
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    filters: tuple[str, ...]


def draw(sequence: Sequence, media: Media, blends: tuple[Blend, ...]) -> Drawing:
    """The drawing of a sequence."""
    whole = max([sequence.end_ms, *(clip.end_ms for clip in sequence.clips), Fraction(1)])
    lanes = tuple(_lane(track, sequence, media, blends, whole) for track in reversed(sequence.stacked))
    return Drawing(float(whole), ruler(whole), lanes, _filters(sequence, Target("sequence", sequence.id)))


def ruler(whole_ms: Fraction) -> tuple[Tick, ...]:
    """Round times, as close together as fits."""
    seconds = float(whole_ms) / 1000
    step = next((one for one in STEPS_S if seconds / one <= MOST_TICKS), STEPS_S[-1])
    count = min(int(seconds / step), MOST_TICKS)
    return tuple(Tick(round(100 * number * step / seconds, 3), 1000 * number * step) for number in range(count + 1))


def _lane(track: Track, sequence: Sequence, media: Media, blends: tuple[Blend, ...], whole: Fraction) -> Lane:
    clips = sorted(track.clips, key=lambda clip: clip.start_ms)
    bars = tuple(_bar(clip, track, sequence, media, whole) for clip in clips)
    joins = tuple(_join(blend, whole) for blend in blends if blend.track_id == track.id)
    same = [one for one in sequence.stacked if one.kind == track.kind]
    name = f"{'Video' if track.kind == 'video' else 'Audio'} {same.index(track) + 1}"
    return Lane(track, name, bars, joins, _filters(sequence, Target("track", track.id)))


def _bar(clip: Clip, track: Track, sequence: Sequence, media: Media, whole: Fraction) -> Bar:
    of, content = Target("clip", clip.id), clip.content
    kind = "text" if isinstance(content, Text) else "vector" if isinstance(content, Vector) else track.kind
    camera = content.camera_label[:1] if isinstance(content, CameraReference) else ""
    moves = tuple(catalogue.properties()[name].label for name in sequence.automation_of(of))
    at, width = _percent(clip.start_ms, whole), _percent(clip.duration_ms, whole)
    return Bar(clip.id, _name(clip, media), kind, camera, at, width, clip, _filters(sequence, of), moves)


def _name(clip: Clip, media: Media) -> str:
    """What a clip shows, in a few words."""
    content = clip.content
    if isinstance(content, Text):
        return f"“{' '.join(content.text.split())[:_SHOWN]}”"
    if isinstance(content, Vector):
        return "Shapes"
    if isinstance(content, CameraReference):
        return f"Camera {content.camera_label}"
    return media[content].name if content in media else "Missing file"


def _join(blend: Blend, whole: Fraction) -> Join:
    label = catalogue.transitions()[blend.transition.type].label
    at, width = _percent(blend.start_ms, whole), _percent(blend.duration_ms, whole)
    return Join(blend.transition.id, label, at, width, blend.clamped_from_ms is not None)


def _filters(sequence: Sequence, of: Target) -> tuple[str, ...]:
    return tuple(catalogue.filters()[one.type].label for one in sequence.filters_of(of))


def _percent(ms: Fraction, whole: Fraction) -> float:
    return round(float(100 * ms / whole), 4)
