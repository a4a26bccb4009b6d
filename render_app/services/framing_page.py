"""How a recording would lie in frames of other shapes, the clips that show it with their paths, and its highlights, as its page has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from media_app.core import kinds
from media_app.core.hearing.strip import WIDTH, Bar
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import documents, withheld
from render_app.core import crop_path, focus, reframe
from render_app.core.crop_path import CropPath
from render_app.core.focus import Speech
from render_app.core.highlights.choosing import PACINGS
from render_app.core.reframe import Framing, Key, Shot
from render_app.models import AutomationCurve, Clip
from render_app.services import highlights, seen_in_clips
from render_app.services.highlights import NoHighlights, NotAnalyzed, Wish
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound

#: In the recording's own shape: the frame holds who is seen while somebody speaks.
SPEAKER = "speaker"
SHAPES = (*reframe.RATIOS, SPEAKER)
#: Clips that are listed, and seconds for which a path is kept: it takes a while for hours of film.
MOST_CLIPS, KEPT_S = 6, 24 * 3600
#: Seconds of highlights that may be asked for.
SHORTEST_S, LONGEST_S = 1, 3600
_VERSION = 1
_TERMS = {
    "speech_density": "speech",
    "loudness_change": "louder or softer",
    "face_presence": "faces",
    "motion": "motion",
}
_OTHER_FORM = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks to see; empty where it asks for nothing."""

    shape: str = ""
    seconds: str = ""
    pacing: str = "medium"

    def refuse(self) -> None:
        """Raise InvalidInput naming the field."""
        if self.shape and self.shape not in SHAPES:
            raise InvalidInput(f"shape is one of {', '.join(SHAPES)}.", field="shape")
        if self.pacing not in PACINGS:
            raise InvalidInput(f"pacing is one of {', '.join(PACINGS)}.", field="pacing")
        known = self.seconds.isascii() and self.seconds.isdecimal() and len(self.seconds) < 6
        if self.seconds and not (known and SHORTEST_S <= int(self.seconds) <= LONGEST_S):
            raise InvalidInput(f"seconds is a whole number from {SHORTEST_S} to {LONGEST_S}.", field="seconds")


@dataclass(frozen=True, slots=True)
class HighlightRow:
    """A stretch that stands out, and why; `bar` in thousandths of the recording."""

    start_ms: float
    end_ms: float
    score: float
    why: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A clip that shows the recording; `path`: its position across over time, as points, empty where it has no curve."""

    clip: Clip
    path: str
    keyframes: int


@dataclass(frozen=True, slots=True)
class FramingPage:
    """All of it. `trouble`, `no_highlights`: why what was asked for is not there."""

    asset: MediaAsset
    asked: Asked
    analyzed: bool
    film: DerivedMedia | None
    path: CropPath | None
    trouble: str
    clips: Sequence[ClipRow]
    more_clips: int
    highlights: Sequence[HighlightRow]
    warnings: Sequence[str]
    no_highlights: str

    @property
    def shapes(self) -> list[tuple[str, str]]:
        """What may be chosen, with its words."""
        return [(shape, "Hold who speaks" if shape == SPEAKER else shape) for shape in SHAPES]

    @property
    def pacings(self) -> list[str]:
        """What may be chosen."""
        return list(PACINGS)


def read(context: Context, asset: MediaAsset, asked: Asked) -> FramingPage:
    """What the page shows. Raises InvalidInput."""
    asked.refuse()
    row = documents.newest(asset, kinds.VISUAL_META)
    path, trouble = _path(asset, row, asked.shape) if row is not None and asked.shape else (None, "")
    clips = Clip.objects.in_tenant(context).filter(seen_in_clips.showing(asset))
    found, warnings, why = _highlights(context, asset, asked) if asked.seconds else ([], [], "")
    rows = _clips(clips.select_related("track__sequence__project").order_by("-created_at", "pk")[:MOST_CLIPS])
    more = clips.count() - len(rows) if len(rows) == MOST_CLIPS else 0
    return FramingPage(asset, asked, row is not None, _film(asset), path, trouble, rows, more, found, warnings, why)


def _film(asset: MediaAsset) -> DerivedMedia | None:
    rows = asset.derivatives.filter(kind=kinds.PROXY.name, expired_at=None, input_ref=asset.original_key)
    row: DerivedMedia | None = rows.order_by("-created_at").first()
    return row if row is not None and withheld.is_handed_out(row, on_page=True) else None


def _path(asset: MediaAsset, row: DerivedMedia, shape: str) -> tuple[CropPath | None, str]:
    """The path of the frame, or why there is none."""
    sound = documents.newest(asset, kinds.AUDIO_SEMANTIC_TIMELINE) if shape == SPEAKER else None
    if shape == SPEAKER and sound is None:
        return None, "This recording has not been analyzed for speech yet: find speech and music first."
    key = f"framing-page:{_VERSION}:{shape}:{row.pk}:{row.checksum}:{sound and sound.pk}"
    path = cache.get(key)
    if path is None:
        try:
            path = _planned(documents.read(row), documents.read(sound) if sound is not None else None, shape)
        except (NotFound, *_OTHER_FORM):
            return (
                None,
                "The picture analysis of this recording cannot be read, or has no shots. Find shots and subjects again.",
            )
        cache.set(key, path, KEPT_S)
    return path, ""


def _planned(document: Mapping[str, Any], sound: Mapping[str, Any] | None, shape: str) -> CropPath:
    """As the suggestions of clips are planned, for all of the recording."""
    size = document["picture"]
    picture = float(size["width"]) / float(size["height"])
    shots = [Shot(float(one["start_ms"]), float(one["end_ms"])) for one in document["shots"]]
    looks = crop_path.looks_of(document)
    framing = Framing(picture, reframe.RATIOS.get(shape, picture))
    if sound is None:
        return crop_path.path_of(reframe.suggest(looks, shots, framing), shots, framing)
    framing = Framing(picture, picture, zoom=focus.ZOOM)
    speech = [Speech(one["start_ms"], one["end_ms"]) for one in sound["events"] if one["kind"] == "speech"]
    found = reframe.suggest(focus.held(looks, shots, speech), shots, framing)
    reasons = focus.reasons(shots, speech, found.reasons)
    held = reframe.Suggestion(found.position_x, found.position_y, found.scale, reasons)
    return crop_path.path_of(held, shots, framing)


def _clips(clips: Any) -> list[ClipRow]:
    rows = list(clips)
    curves = AutomationCurve.objects.filter(clip__in=rows, property="position_x")
    of_clip = {curve.clip_id: curve.keyframes for curve in curves}
    return [_clip_row(clip, of_clip.get(clip.pk, [])) for clip in rows]


def _clip_row(clip: Clip, keyframes: list[dict[str, Any]]) -> ClipRow:
    lasts = seen_in_clips.duration_ms(clip)
    keys = [Key(one["time_ms"], one["value"], one.get("interpolation") == "hold") for one in keyframes]
    if not keys or lasts <= 0:
        return ClipRow(clip, "", len(keys))
    points = crop_path.thinned([(WIDTH * time / lasts, value) for time, value in crop_path.corners(keys, lasts)])
    low, high = min(value for _, value in points), max(value for _, value in points)
    room = (high - low) or 1.0
    drawn = (f"{x:.1f},{10 * (high - value) / room:.2f}" for x, value in points)
    return ClipRow(clip, " ".join(drawn), len(keys))


def _highlights(context: Context, asset: MediaAsset, asked: Asked) -> tuple[list[HighlightRow], list[str], str]:
    """What stands out, what to know about it, and why nothing does."""
    try:
        found = highlights.find(context, Wish(1000.0 * int(asked.seconds), asked.pacing, None, (asset.pk,)))
    except NotAnalyzed:
        missing = "find speech and music" if asset.has_audio else "find shots and subjects"
        return [], [], f"This recording was not analyzed yet: {missing} first."
    except NoHighlights:
        return (
            [],
            [],
            "Nothing in this recording stands out between two pauses. Ask for more seconds, or have more of it analyzed.",
        )
    duration = float(asset.duration_ms or 1)
    return [_highlight(one, duration) for one in found["highlights"]], found["warnings"], ""


def _highlight(one: Mapping[str, Any], duration_ms: float) -> HighlightRow:
    deviations = ((name, term["deviation"]) for name, term in one["terms"].items())
    why = ", ".join(f"{_TERMS.get(name, name)} {deviation:+.1f}" for name, deviation in deviations if deviation)
    x, end = (WIDTH * one[side] / duration_ms for side in ("start_ms", "end_ms"))
    return HighlightRow(one["start_ms"], one["end_ms"], one["score"], why, Bar(round(x, 2), round(end - x, 2)))
