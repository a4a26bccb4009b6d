"""FCPXML that comes back, versions 1.8 and on: the first project, its primary storyline and what is connected to it, each lane a track.

A multicam clip is read through the angle that it shows. Compound and synchronized clips, auditions and effects are said and left out; of titles
the words, their style and their place are taken.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from media_app.core.time.timebase import nearest_frame
from render_app.core.exchange.found import BadEdit, Found, FoundClip, FoundJoin, FoundMedia, FoundTrack, joined
from render_app.exchange.base import one_line
from render_app.exchange.fcpxml_picture import looks, text_of
from render_app.exchange.guard import exact_rate, seconds_within, xml_of

MOST_CLIPS = 20_000
#: As quiet as a clip can be, for one whose sound is off.
SILENT_DB = -96.0
_TIME = re.compile(r"-?[0-9]{1,19}(/0*[1-9][0-9]{0,18}|\.[0-9]{1,9})?s?")
_STORY = ("asset-clip", "clip", "mc-clip", "gap", "transition", "video", "audio", "title")
#: The frame of a project or a file that does not say its size.
_FRAME = (1920, 1080)
_LEFT_OUT = ("ref-clip", "sync-clip", "audition", "caption")


def read(body: bytes, rate: Fraction | None = None) -> Found:
    """An edit from a library, an event or a project. Raises BadEdit."""
    root = xml_of(body)
    if root.tag != "fcpxml":
        raise BadEdit(f"The file is not FCPXML but <{root.tag}>.", field="file")
    sequence = root.find(".//project/sequence")
    spine = sequence.find("spine") if sequence is not None else None
    if sequence is None or spine is None:
        raise BadEdit("The file has no project with a timeline. Export the project, not its event.", field="file")
    return _Reader(root, sequence).whole(spine)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part of the story lies: its lane, when it begins on the timeline, and what its own clock says then."""

    lane: int
    begin: Fraction
    local: Fraction


@dataclass
class _Lane:
    """The clips of a track while they are read."""

    clips: list[FoundClip] = field(default_factory=list)
    joins: list[tuple[int, FoundJoin]] = field(default_factory=list)


class _Reader:
    def __init__(self, root: ET.Element, sequence: ET.Element) -> None:
        self.assets = {one.get("id"): one for one in root.iter("asset")}
        self.multicams = {one.get("id"): one.find("multicam") for one in root.iter("media")}
        formats = {one.get("id"): _time(one.get("frameDuration")) for one in root.iter("format")}
        frame = formats.get(sequence.get("format"), Fraction(0))
        if frame <= 0:
            raise BadEdit("The project's format has no frameDuration, so its frame rate is not known.", field="file")
        self.rate = exact_rate(float(1 / frame))
        self.sizes = {one.get("id"): _size(one) for one in root.iter("format")}
        self.frame = self.sizes.get(sequence.get("format")) or _FRAME
        self.title = one_line(_project(root).get("name") or "", 200)
        self.ignored: dict[str, None] = {}
        self.lanes: dict[tuple[str, int], _Lane] = {}
        self.count = 0

    def whole(self, spine: ET.Element) -> Found:
        """The edit, its tracks from the farthest."""
        self._storyline(spine, _Place(0, Fraction(0), Fraction(0)))
        order = sorted(self.lanes, key=lambda key: (key[0] == "audio", key[1]))
        tracks = [self._track(kind, lane) for kind, lane in order if self.lanes[kind, lane].clips]
        return Found(self.title, self.rate, tuple(tracks), tuple(self.ignored))

    def _track(self, kind: str, lane: int) -> FoundTrack:
        found = self.lanes[kind, lane]
        return joined(kind, found.clips, found.joins, name=f"Lane {lane}")

    def _storyline(self, spine: ET.Element, at: _Place) -> None:
        """Everything of a storyline that begins at a place; an item without an offset follows the one before."""
        reached, transitions = at.begin, list[ET.Element]()
        for child in spine:
            begin = at.begin + _time(child.get("offset")) - at.local if child.get("offset") else reached
            if child.tag == "transition":
                child.set("offset", f"{begin}s")
                transitions.append(child)
                continue
            end = begin + self._item(child, _Place(at.lane, begin, Fraction(0)))
            for one in transitions:
                self._transition(one, begin, at.lane)
            transitions, reached = [], seconds_within(end)

    def _transition(self, node: ET.Element, cut: Fraction, lane: int) -> None:
        start = _time(node.get("offset"))
        end = start + _time(node.get("duration"))
        before, after = self._frame(cut) - self._frame(start), self._frame(end) - self._frame(cut)
        if before >= 0 and after >= 0:
            self._lane("video", lane).joins.append((self._frame(cut), FoundJoin(0, before, after)))

    def _item(self, node: ET.Element, at: _Place) -> Fraction:
        """Read one part of the story with what is connected to it; how long it is."""
        self.count += 1
        if self.count > MOST_CLIPS:
            raise BadEdit(f"The file has more than {MOST_CLIPS:,} clips.", field="file")
        length = self._length(node)
        if node.tag in _LEFT_OUT or node.tag not in _STORY:
            self.ignored[f"A {node.tag}: {one_line(node.get('name') or '', 80)}"] = None
        elif node.get("enabled") == "0":
            self.ignored[f"{one_line(node.get('name') or '', 80)}: it is disabled."] = None
        elif node.tag == "mc-clip":
            self._multicam(node, at, length)
        elif node.tag == "title":
            self._title(node, at, length)
        elif node.tag != "gap":
            self._clip(node, at, length)
        self._connected(node, at)
        return length

    def _title(self, node: ET.Element, at: _Place, length: Fraction) -> None:
        said, report = one_line(node.get("name") or "", 80), self._reporting(node)
        start, end = self._frame(at.begin), self._frame(at.begin + length)
        text = text_of(node, self.frame, report)
        if not text or start >= end or start < 0:
            self.ignored[f"A title without words: {said}"] = None
            return
        fields = {"text": text, **looks(node, self.frame, self.frame, report)}
        clip = FoundClip(said, FoundMedia(""), start, end, Fraction(0), looks=fields)
        self._lane("video", at.lane).clips.append(clip)

    def _reporting(self, node: ET.Element) -> Callable[[str], None]:
        """What lists something of a clip that is left out, by the clip's name."""

        def report(what: str) -> None:
            self.ignored[f"{one_line(node.get('name') or '', 80)}: {one_line(what, 200)}"] = None

        return report

    def _looks(self, part: ET.Element, node: ET.Element, asset: ET.Element) -> dict[str, Any]:
        """How the picture of a clip is placed: a multicam clip says it of its angle, which was fitted into the frame before."""
        if node.tag == "mc-clip":
            shown = (one for one in node.findall("mc-source") if one.get("srcEnable", "all") in ("all", "video"))
            source = next(shown, None)
            return {} if source is None else looks(source, self.frame, self.frame, self._reporting(node))
        size = self.sizes.get(part.get("format") or asset.get("format")) or self.sizes.get(asset.get("format"))
        return looks(node, size or self.frame, self.frame, self._reporting(node))

    def _connected(self, node: ET.Element, at: _Place) -> None:
        """What hangs on an item, placed on the item's own clock."""
        start = _time(node.get("start"))
        for child in node:
            lane = _whole(child.get("lane"))
            if not lane:
                continue
            begin = at.begin + _time(child.get("offset")) - start
            if child.tag == "spine":
                self._storyline(child, _Place(lane, begin, Fraction(0)))
            else:
                self._item(child, _Place(lane, begin, Fraction(0)))

    def _length(self, node: ET.Element) -> Fraction:
        if node.get("duration"):
            return max(Fraction(0), _time(node.get("duration")))
        asset = self.assets.get(node.get("ref"))
        return _time(asset.get("duration")) if asset is not None else Fraction(0)

    def _clip(self, node: ET.Element, at: _Place, length: Fraction) -> None:
        """An asset-clip; or a clip around a picture or a sound, whose place inside it counts too."""
        inner, start = node, _start(node, self.assets)
        if node.tag == "clip":
            found = next((one for one in node if one.tag in ("video", "audio") and not one.get("lane")), None)
            if found is None:
                self.ignored[f"A clip without a file: {one_line(node.get('name') or '', 80)}"] = None
                return
            inner = found
        timed = self._timed(node, start)
        if timed is None:
            return
        start, speed = timed
        if inner is not node:
            start = _start(inner, self.assets) + start - _time(inner.get("offset"))
        self._found(inner, at, length, (start, speed), node)

    def _timed(self, node: ET.Element, start: Fraction) -> tuple[Fraction, Fraction] | None:
        """What a clip's own clock shows at its start, and how fast; None where that changes."""
        points = [(_time(one.get("time")), _time(one.get("value"))) for one in node.findall("timeMap/timept")]
        if not points:
            return start, Fraction(1)
        (first, value), (last, after) = points[0], points[-1]
        if len(points) != 2 or last <= first or not Fraction(1, 100) <= (after - value) / (last - first) <= 100:
            self.ignored[f"{one_line(node.get('name') or '', 80)}: its speed changes, stops or is reversed."] = None
            return None
        speed = (after - value) / (last - first)
        return value + (start - first) * speed, speed

    def _multicam(self, node: ET.Element, at: _Place, length: Fraction) -> None:
        """The angles that a multicam clip shows and sounds from."""
        multicam = self.multicams.get(node.get("ref"))
        sources = {one.get("srcEnable") or "all": one.get("angleID") for one in node.findall("mc-source")}
        seen, heard = sources.get("video", sources.get("all")), sources.get("audio", sources.get("all"))
        if multicam is None or not (seen or heard):
            self.ignored[f"A multicam clip without its angles: {one_line(node.get('name') or '', 80)}"] = None
            return
        only = node.get("srcEnable") or "all"
        if seen and only != "audio":
            enabled = "all" if heard == seen and only == "all" else "video"
            self._angle(node, (multicam, seen, enabled), at, length)
        if heard and only != "video" and (heard != seen or only == "audio"):
            self._angle(node, (multicam, heard, "audio"), at, length)

    def _angle(self, node: ET.Element, of: tuple[ET.Element, str, str], at: _Place, length: Fraction) -> None:
        multicam, angle, enabled = of
        timed = self._timed(node, _time(node.get("start")))
        row = next((one for one in multicam.findall("mc-angle") if one.get("angleID") == angle), None)
        if timed is None or row is None:
            return
        (start, speed), reached = timed, Fraction(0)
        for part in row:
            begin = _time(part.get("offset")) if part.get("offset") else reached
            reached = begin + self._length(part)
            first, last = max(start, begin), min(start + length * speed, reached)
            if part.tag != "asset-clip" or first >= last:
                continue
            place = _Place(at.lane, at.begin + (first - start) / speed, Fraction(0))
            inside = _start(part, self.assets) + first - begin
            part.set("srcEnable", enabled)
            self._found(part, place, (last - first) / speed, (inside, speed), node)

    def _found(
        self, part: ET.Element, at: _Place, length: Fraction, timed: tuple[Fraction, Fraction], node: ET.Element
    ) -> None:
        """One clip of a file. `node` has its level."""
        asset = self.assets.get(part.get("ref"))
        start, end = self._frame(at.begin), self._frame(at.begin + length)
        if asset is None or start >= end or start < 0:
            self.ignored[f"A clip without a file: {one_line(node.get('name') or '', 80)}"] = None
            return
        enabled = part.get("srcEnable") or node.get("srcEnable") or "all"
        sound = enabled == "audio" or not asset.get("hasVideo") or part.tag == "audio"
        name = one_line(part.get("name") or asset.get("name") or "", 255)
        media = FoundMedia(_file_name(asset), _time(asset.get("start")), _time(asset.get("duration")) or None)
        volume = SILENT_DB if enabled == "video" or part.tag == "video" else _level(node)
        placed = {} if sound else self._looks(part, node, asset)
        clip = FoundClip(name, media, start, end, timed[0], timed[1], volume, placed)
        self._lane("audio" if sound else "video", at.lane).clips.append(clip)

    def _lane(self, kind: str, lane: int) -> _Lane:
        return self.lanes.setdefault((kind, lane), _Lane())

    def _frame(self, seconds: Fraction) -> int:
        return nearest_frame(seconds, self.rate)


def _size(format: ET.Element) -> tuple[int, int] | None:
    """A format's width and height, where it says them."""
    width, height = _whole_number(format.get("width")), _whole_number(format.get("height"))
    return (width, height) if width and height else None


def _whole_number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 5 else 0


def _project(root: ET.Element) -> ET.Element:
    return next(root.iter("project"))


def _start(node: ET.Element, assets: dict[str | None, ET.Element]) -> Fraction:
    """When a clip begins on its own clock; left out, when its file does."""
    if node.get("start") or node.tag in ("clip", "gap"):
        return _time(node.get("start"))
    asset = assets.get(node.get("ref"))
    return _time(asset.get("start")) if asset is not None else Fraction(0)


def _file_name(asset: ET.Element) -> str:
    """A file's name: of its place, where the name that stands with it is not said to be one."""
    file = asset.find("media-rep")
    said = file.get("suggestedFilename") if file is not None else None
    url = (file.get("src") if file is not None else None) or asset.get("src") or ""
    return one_line(said or unquote(url).rpartition("/")[2].partition("?")[0] or asset.get("name") or "", 255)


def _level(node: ET.Element) -> float:
    volume = node.find("adjust-volume")
    text = (volume.get("amount") or "").strip().removesuffix("dB") if volume is not None else ""
    try:
        return max(SILENT_DB, min(24.0, float(text))) if text else 0.0
    except ValueError:
        return 0.0


def _whole(text: str | None) -> int:
    try:
        return max(-100, min(100, int(text or "0")))
    except ValueError:
        return 0


def _time(text: str | None) -> Fraction:
    """`1001/30000s` in seconds. Raises BadEdit."""
    if not text:
        return Fraction(0)
    if not _TIME.fullmatch(text.strip()):
        raise BadEdit(f"{one_line(text, 40)!r} is not an FCPXML time.", field="file")
    return seconds_within(Fraction(text.strip().removesuffix("s")))
