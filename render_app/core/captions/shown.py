"""Captions on the frames of a film: the same edges for what is burnt in and for the file beside it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from media_app.core.hearing.captions import MAX_LINE, Cue
from media_app.core.hearing.subtitles import FORMATS
from render_app.core import catalogue
from render_app.core.catalogue import Profile
from render_app.core.timeline.edges import edge_ms, frame_edge
from render_app.core.timeline.nouns import Clip, Text, Track
from render_app.core.timeline.nouns import Sequence as Timeline

#: The style of `catalogue/text_presets.toml` in which they are written.
PRESET = "caption"
#: Of a captions clip, by its number, as a refusal names it.
FIELD = "captions"
#: How wide the letters of a line are at most on average, in em.
_LETTER_EM = 0.58


@dataclass(frozen=True, slots=True)
class ShownCue:
    """A caption on the frames `start` to `end` of a film, `end` not among them."""

    cue: Cue
    start: int
    end: int


def on_frames(
    cues: Sequence[Cue], rate: Fraction, frames: int, origin_ms: Fraction = Fraction(0)
) -> tuple[ShownCue, ...]:
    """Captions on the frames of a film; one without a frame of its own is left out.

    `origin_ms`: when the film begins in its sequence, whose frames they lie on, as the pictures do.
    """
    found, first = [], frame_edge(origin_ms, rate)
    for cue in cues:
        start, end = (frame_edge(origin_ms + ms, rate) - first for ms in (cue.start_ms, cue.end_ms))
        end = min(end, frames)
        if start < end:
            found.append(ShownCue(cue, start, end))
    return tuple(found)


def timed(shown: Sequence[ShownCue], rate: Fraction) -> tuple[Cue, ...]:
    """The same with whole ms, by which a player shows each on just its frames.

    A frame is looked at when it begins: rounded down, the time of an edge comes before its frame and after the one before that.
    """
    return tuple(
        replace(one.cue, start_ms=math.floor(edge_ms(one.start, rate)), end_ms=math.floor(edge_ms(one.end, rate)))
        for one in shown
    )


def burnt_in(timeline: Timeline, shown: Sequence[ShownCue], profile: Profile, first: int, font: str = "") -> Timeline:
    """The sequence with captions nearest of all. `first`: the film's first frame in the sequence."""
    order = max((track.order for track in timeline.tracks), default=0) + 1
    clips = tuple(_clips(shown, profile, first, font))
    track = Track(FIELD, "video", clips, order=order, muted=True)
    return replace(timeline, tracks=(*timeline.tracks, track)) if clips else timeline


def _clips(shown: Sequence[ShownCue], profile: Profile, first: int, font: str) -> Iterator[Clip]:
    size, rate = letter_size(profile.width, profile.height), profile.fps
    for number, one in enumerate(shown):
        start, end = edge_ms(first + one.start, rate), edge_ms(first + one.end, rate)
        text = Text("\n".join(one.cue.lines), font=font, size=size, text_preset=PRESET)
        yield Clip(f"{FIELD}[{number}]", text, end - start, start_ms=start)


def letter_size(width: int, height: int) -> float:
    """The style's own size in a frame of this shape, or a smaller one where a whole line of it would be too wide."""
    style = catalogue.text_presets()[PRESET].style
    widest = style["box"]["width"] * width / (MAX_LINE * _LETTER_EM)
    return float(min(style["size"], round(widest * 1080 / height, 1)))


def side_file(name: str, form: str, cues: Sequence[Cue]) -> dict[str, Any]:
    """A caption file as a plan keeps it. One without a caption has a line end: a file of no bytes looks like a failed copy."""
    written = FORMATS[form]
    return {
        "name": f"{name}.{form}",
        "output": name,
        "content_type": written.content_type,
        "text": written.write(cues) or "\n",
    }
