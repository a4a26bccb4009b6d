"""OpenTimelineIO files that come back. A reader of our own over plain JSON: the library's is native code, and these files come from outside.

Tracks are stacks of clips, gaps and transitions; what lies deeper is said and left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from media_app.core.time.timebase import nearest_frame, parse_rate
from render_app.core.exchange.found import BadEdit, Found, FoundClip, FoundJoin, FoundMedia, FoundTrack, joined
from render_app.exchange.base import one_line
from render_app.exchange.guard import exact_rate, json_of, seconds_within
from render_app.exchange.otio_assembly import SOUND

MOST_CLIPS = 20_000
MOST = 1e15
Json = Mapping[str, Any]


def read(body: bytes, rate: Fraction | None = None) -> Found:
    """An edit from a `Timeline`. Raises BadEdit."""
    root = json_of(body)
    if _schema(root) != "Timeline":
        raise BadEdit(
            f"The file is not an OpenTimelineIO timeline but {_schema(root) or 'something else'}.", field="file"
        )
    return _Reader(rate or _rate_of(root)).timeline(root)


def _schema(node: Any) -> str:
    name = node.get("OTIO_SCHEMA") if isinstance(node, Mapping) else None
    return name.partition(".")[0] if isinstance(name, str) else ""


def _rate_of(root: Json) -> Fraction:
    """The timeline's rate: as Studio wrote it, of its start, or of the first clip of pictures."""
    said = _own(root).get("rate")
    if isinstance(said, str):
        try:
            return parse_rate(said)
        except ValueError:
            raise BadEdit("The rate in the file's Studio data is no rate.", field="file") from None
    first = [root.get("global_start_time")]
    for track in _children(root.get("tracks")):
        for child in _children(track) if track.get("kind") == "Video" else ():
            first.append(_mapping(child.get("source_range")).get("duration"))
    rates = [rate for rate in (_number(_mapping(one).get("rate")) for one in first) if rate]
    if not rates:
        raise BadEdit("The file does not say how many frames a second its timeline has.", field="file")
    return exact_rate(rates[0])


@dataclass
class _Reader:
    """One timeline; `ignored` collects what is not taken over."""

    rate: Fraction
    ignored: dict[str, None] = field(default_factory=dict)
    clips: int = 0

    def timeline(self, root: Json) -> Found:
        tracks = tuple(self._track(one) for one in _children(root.get("tracks")) if self._is(one, "Track"))
        return Found(one_line(str(root.get("name") or ""), 200), self.rate, tracks, tuple(self.ignored), _own(root))

    def _is(self, node: Json, *schemas: str) -> bool:
        if _schema(node) in schemas:
            return True
        self.ignored[f"A {_schema(node) or 'part without a name'} inside the timeline."] = None
        return False

    def _track(self, track: Json) -> FoundTrack:
        kind = "audio" if track.get("kind") == "Audio" else "video"
        reached, clips = Fraction(0), list[FoundClip]()
        joins: list[tuple[int, FoundJoin]] = []
        for child in _children(track):
            if _schema(child) == "Transition":
                joins.append((self._frame(reached), self._transition(child)))
                continue
            length = self._length(child)
            if _schema(child) == "Clip":
                made = self._clip(child, reached, reached + length)
                clips += [made] if made else []
            elif _schema(child) != "Gap":
                self._is(child, "Clip", "Gap")
            reached = seconds_within(reached + length)
        own, name = _own(track), one_line(str(track.get("name") or ""), 200)
        return joined(kind, clips, joins, name=name, own=own, sounds=own.get("role") == SOUND)

    def _frame(self, seconds: Fraction) -> int:
        return nearest_frame(seconds, self.rate)

    def _length(self, item: Json) -> Fraction:
        """How long an item lasts on the timeline."""
        for span in map(_mapping, (item.get("source_range"), _media(item).get("available_range"))):
            if _schema(span) == "TimeRange":
                return max(Fraction(0), _seconds(span.get("duration")))
        raise BadEdit(f"{one_line(str(item.get('name')), 80)!r} does not say how long it is.", field="file")

    def _clip(self, clip: Json, start: Fraction, end: Fraction) -> FoundClip | None:
        self.clips += 1
        if self.clips > MOST_CLIPS:
            raise BadEdit(f"The file has more than {MOST_CLIPS:,} clips.", field="file")
        media, name = _media(clip), one_line(str(clip.get("name") or ""), 255)
        speed = self._speed(clip, name)
        there = _mapping(media.get("available_range"))
        begins = _mapping(clip.get("source_range")).get("start_time") or there.get("start_time")
        if speed is None or begins is None or self._frame(start) == self._frame(end):
            return None
        known = _schema(there) == "TimeRange"
        return FoundClip(
            name=name,
            media=FoundMedia(
                _file_name(media) or name,
                _seconds(there.get("start_time")) if known else None,
                _seconds(there.get("duration")) if known else None,
            ),
            at=self._frame(start),
            end=self._frame(end),
            source=_seconds(begins),
            speed=speed,
            own=_own(clip),
        )

    def _speed(self, clip: Json, name: str) -> Fraction | None:
        """How fast a clip plays; None where it is not taken over."""
        speed = Fraction(1)
        if clip.get("enabled") is False:
            self.ignored[f"{name}: it is disabled."] = None
            return None
        for effect in _list(clip.get("effects")):
            scalar = _number(effect.get("time_scalar"))
            if _schema(effect) == "LinearTimeWarp" and scalar is not None and 0.01 <= scalar <= 100:
                speed *= Fraction(repr(scalar)).limit_denominator(100_000)
            elif _schema(effect) in ("LinearTimeWarp", "FreezeFrame"):
                self.ignored[f"{name}: a freeze frame or a reversed clip is left out."] = None
                return None
            else:
                self.ignored[f"{name}: an effect."] = None
        return speed

    def _transition(self, node: Json) -> FoundJoin:
        own = _own(node)
        before, after = (self._frame(_seconds(node.get(name))) for name in ("in_offset", "out_offset"))
        return FoundJoin(0, max(0, before), max(0, after), str(own.get("type") or "crossfade"), own)


def _media(clip: Json) -> Json:
    """The media reference that a clip plays, in both forms that the format has had."""
    several = _mapping(clip.get("media_references"))
    return _mapping(
        several.get(clip.get("active_media_reference_key") or "DEFAULT_MEDIA") or clip.get("media_reference")
    )


def _file_name(media: Json) -> str:
    url = media.get("target_url")
    if not isinstance(url, str) or not url:
        return one_line(str(media.get("name") or ""), 255)
    # A link to a store ends in the store's own name for the file.
    if _own(media) or url.lower().startswith(("http:", "https:")):
        return one_line(str(media.get("name") or ""), 255)
    return one_line(unquote(url).replace("\\", "/").rpartition("/")[2], 255)


def _seconds(time: Any) -> Fraction:
    value, rate = (_number(_mapping(time).get(name)) for name in ("value", "rate"))
    if _schema(time) != "RationalTime" or value is None or rate is None:
        raise BadEdit("A time in the file is not a RationalTime with a value and a rate.", field="file")
    return seconds_within(Fraction(repr(value)) / exact_rate(rate))


def _number(value: Any) -> float | None:
    """A finite number of a size that counts something; None for anything else."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST
    return float(value) if good else None


def _children(node: Any) -> list[Json]:
    return _list(node.get("children")) if isinstance(node, Mapping) else []


def _list(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _mapping(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _own(node: Any) -> Json:
    """What Studio wrote of a part of the timeline."""
    return _mapping(_mapping(_mapping(node).get("metadata")).get("studio"))
