"""Final Cut Pro 7 XML that comes back, as Premiere exports it: the first sequence that has tracks.

`in` and `out` are counted on the sequence's frames, whatever the file's rate is. Nested sequences, generators and other effects are said and
left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import log10
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from media_app.core.time.timebase import parse_timecode
from render_app.core.exchange.found import BadEdit, Found, FoundClip, FoundJoin, FoundMedia, FoundTrack, joined
from render_app.exchange.base import one_line
from render_app.exchange.fcp7xml_picture import looks, number_of
from render_app.exchange.guard import seconds_within, xml_of

MOST_CLIPS = 20_000
#: The highest number of frames, or rate, that a file may say.
MOST_DIGITS = 12
SILENT_DB = -96.0
#: The frame of a sequence or a file that does not say its size.
_FRAME = (1920, 1080)


def read(body: bytes, rate: Fraction | None = None) -> Found:
    """An edit from a project or a sequence. Raises BadEdit."""
    root = xml_of(body)
    if root.tag != "xmeml":
        raise BadEdit(f"The file is not Final Cut Pro 7 XML but <{root.tag}>.", field="file")
    sequence = next((one for one in root.iter("sequence") if one.find("media/video") is not None), None)
    if sequence is None:
        raise BadEdit("The file has no sequence with tracks. Select the sequence, then export.", field="file")
    return _Reader(root, sequence).whole()


@dataclass(frozen=True, slots=True)
class _Item:
    """A clip with its first frame, the frame after its last, and what it plays: from frame `source` of the sequence's rate on."""

    node: ET.Element
    at: int
    end: int
    source: Fraction
    speed: Fraction


@dataclass
class _Reader:
    root: ET.Element
    sequence: ET.Element
    ignored: dict[str, None] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.rate = _rate(self.sequence)
        if self.rate is None:
            raise BadEdit("The sequence has no rate with a timebase.", field="file")
        self.frame = _size(self.sequence.find("media/video/format")) or _FRAME
        self.files = {one.get("id"): one for one in self.root.iter("file") if len(one)}

    def whole(self) -> Found:
        """The edit, its tracks from the farthest; a channel of a sound that has a track of its own is not taken twice."""
        tracks = [self._track(one, "video") for one in self.sequence.findall("media/video/track")]
        sounds = [self._track(one, "audio") for one in self.sequence.findall("media/audio/track")]
        tracks += [
            one for number, one in enumerate(sounds) if one.clips not in [other.clips for other in sounds[:number]]
        ]
        title = one_line(self.sequence.findtext("name") or "", 200)
        rate = self.rate or Fraction(25)
        return Found(title, rate, tuple(one for one in tracks if one.clips), tuple(self.ignored))

    def _track(self, track: ET.Element, kind: str) -> FoundTrack:
        parts, clips, joins = list(track), list[FoundClip](), list[tuple[int, FoundJoin]]()
        for number, node in enumerate(parts):
            if node.tag == "generatoritem":
                self.ignored[f"A title or generator: {self._name(node)}"] = None
            elif node.tag == "transitionitem":
                start, end = self._number(node, "start"), self._number(node, "end")
                cut = _cut(node, start, end)
                joins.append((cut, FoundJoin(0, max(0, cut - start), max(0, end - cut))))
            elif node.tag == "clipitem":
                before, after = (
                    one if one is not None and one.tag == "transitionitem" else None
                    for one in (
                        parts[number - 1] if number else None,
                        parts[number + 1] if number + 1 < len(parts) else None,
                    )
                )
                clips += self._clip(node, kind, (before, after))
        name = f"{'V' if kind == 'video' else 'A'}{[*self.sequence.findall(f'media/{kind}/track')].index(track) + 1}"
        return joined(kind, clips, joins, name=name)

    def _clip(self, node: ET.Element, kind: str, joins: tuple[ET.Element | None, ET.Element | None]) -> list[FoundClip]:
        self.count += 1
        if self.count > MOST_CLIPS:
            raise BadEdit(f"The file has more than {MOST_CLIPS:,} clips.", field="file")
        file = node.find("file")
        if (node.findtext("enabled") or "").upper() == "FALSE":
            self.ignored[f"{self._name(node)}: it is disabled."] = None
            return []
        if file is None:
            self.ignored[f"A clip without a file, such as a nested sequence: {self._name(node)}"] = None
            return []
        item = self._placed(node, joins)
        if item is None:
            return []
        file = self.files.get(file.get("id"), file)
        clock, media = self._media(file, node)
        rate = self.rate or Fraction(25)
        size = _size(file.find("media/video")) or self.frame
        placed = looks(node, size, self.frame, self._reporting(node)) if kind == "video" else {}
        level = _level(node) if kind == "audio" else 0.0
        source = seconds_within(clock + item.source / rate)
        return [FoundClip(self._name(node), media, item.at, item.end, source, item.speed, level, placed)]

    def _placed(self, node: ET.Element, joins: tuple[ET.Element | None, ET.Element | None]) -> _Item | None:
        """Where a clip lies. One that begins or ends in a transition says −1: it reaches to the cut that lies inside it."""
        head, tail = joins
        start, end = self._number(node, "start"), self._number(node, "end")
        first, last = self._number(node, "in"), self._number(node, "out")
        begins, ends = start, end
        if start < 0 and head is not None:
            begins = self._number(head, "start")
            start = _cut(head, begins, self._number(head, "end"))
        if end < 0 and tail is not None:
            ends = self._number(tail, "end")
            end = _cut(tail, self._number(tail, "start"), ends)
        if start < 0 or end <= start or first < 0:
            self.ignored[f"A clip without a length: {self._name(node)}"] = None
            return None
        speed = self._speed(node)
        if speed is None:
            return None
        played = Fraction(first)
        if speed != 1 and abs(last - first - (ends - begins)) < abs(last - first - (ends - begins) * speed):
            # Some programs count `in` in frames as they are played.
            played = first * speed
        return _Item(node, start, end, played + (start - begins) * speed, speed)

    def _speed(self, node: ET.Element) -> Fraction | None:
        """How fast a clip plays; None, and listed, where that changes, stops or goes backward."""
        remap = next((one for one in node.findall("filter/effect") if one.findtext("effectid") == "timeremap"), None)
        if remap is None:
            return Fraction(1)
        said = {
            one.findtext("parameterid"): (one.findtext("value") or "").strip() for one in remap.findall("parameter")
        }
        speed = Fraction(repr(number_of(said.get("speed", ""), 100))) / 100
        turned = said.get("reverse", "").upper() == "TRUE" or number_of(said.get("variablespeed", ""), 0) != 0
        if turned or not Fraction(1, 100) <= speed <= 100:
            self.ignored[f"{self._name(node)}: its speed changes, stops or is reversed."] = None
            return None
        return speed

    def _media(self, file: ET.Element, node: ET.Element) -> tuple[Fraction, FoundMedia]:
        """The first time of a file's clock, and the file."""
        url, name = file.findtext("pathurl") or "", file.findtext("name") or ""
        if url.lower().startswith("file:"):
            name = unquote(url).replace("\\", "/").rpartition("/")[2] or name
        rate, timecode = _rate(file), file.find("timecode")
        frames, clock = self._number(file, "duration"), None
        if timecode is not None:
            counted = _rate(timecode) or rate
            label = (timecode.findtext("string") or "").strip()
            clock = _seconds(label, counted) if counted and label else None
        reel = one_line(file.findtext("timecode/reel/name") or "", 255)
        long = frames / rate if rate and frames > 0 else None
        media = FoundMedia(one_line(name or self._name(node), 255), clock, long, reel)
        return clock or Fraction(0), media

    def _number(self, node: ET.Element, tag: str) -> int:
        """A whole number; −1 where there is none."""
        text = (node.findtext(tag) or "-1").strip()
        if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > MOST_DIGITS:
            raise BadEdit(f"{one_line(text, 40)!r} is not a number of frames ({tag}).", field="file")
        seconds_within(int(text) / (self.rate or Fraction(25)))
        return int(text)

    def _name(self, node: ET.Element) -> str:
        return one_line(node.findtext("name") or "", 80)

    def _reporting(self, node: ET.Element) -> Callable[[str], None]:
        def report(what: str) -> None:
            self.ignored[f"{self._name(node)}: {one_line(what, 200)}"] = None

        return report


def _cut(node: ET.Element, start: int, end: int) -> int:
    """The frame inside a transition at which one clip gives way to the other."""
    alignment = (node.findtext("alignment") or "center").strip()
    return {"start": start, "start-black": start, "end": end, "end-black": end}.get(
        alignment, start + (end - start) // 2
    )


def _rate(node: ET.Element) -> Fraction | None:
    """The rate that a part says; None where it says none."""
    text = (node.findtext("rate/timebase") or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text)):
        return None
    ntsc = (node.findtext("rate/ntsc") or "").strip().upper() == "TRUE"
    return Fraction(int(text) * 1000, 1001) if ntsc else Fraction(int(text))


def _seconds(label: str, rate: Fraction) -> Fraction | None:
    try:
        return parse_timecode(label, rate).seconds
    except ValueError:
        return None


def _size(node: ET.Element | None) -> tuple[int, int] | None:
    width, height = (
        (node.findtext(f"samplecharacteristics/{tag}") or "") if node is not None else "" for tag in ("width", "height")
    )
    good = all(text.isascii() and text.isdigit() and 0 < len(text) <= 5 and int(text) for text in (width, height))
    return (int(width), int(height)) if good else None


def _level(node: ET.Element) -> float:
    """A clip's level in dB."""
    for effect in node.findall("filter/effect"):
        if effect.findtext("effectid") == "audiolevels":
            value = number_of((effect.findtext("parameter/value") or "").strip(), 1)
            return max(SILENT_DB, min(24.0, round(20 * log10(value), 2))) if value > 0 else SILENT_DB
    return 0.0
