"""An assembly as an FCPXML project. The farthest track of pictures is the primary storyline; every other one, and all sound that has no picture
here, is a storyline connected to the clip under which it begins.

A camera of a session is shown through a multicam clip, so that its angle can be switched, wherever that is exact to the frame; else, and
at another speed, through its file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree import ElementTree as ET

from render_app.core.edit.angle import Angle
from render_app.core.exchange.adjusting import is_placed
from render_app.core.exchange.multicam import Multicam, Stretch, multicam_of
from render_app.core.exchange.nouns import Assembly, Event, Join, Lane, Title, clock_start, volume_of
from render_app.core.timeline.edges import frame_edge
from render_app.exchange.apple import audio_tracks, conform, frames, rational, timed
from render_app.exchange.base import xml_text
from render_app.exchange.fcpxml_picture import TITLE_ID, adjust, title, title_resource

FormatKey = tuple[Fraction, int | None, int | None]


@dataclass(slots=True)
class _Item:
    """A clip of the primary storyline, or a gap where `event` is None, and the storylines and titles that hang on it."""

    at: int
    end: int
    event: Event | None = None
    head: Join | None = None
    hung: list[tuple[Lane | Title, int]] = field(default_factory=list)


def written(assembly: Assembly) -> ET.Element:
    """The whole library."""
    return _Writer(assembly).document()


class _Writer:
    """One document, whose resources are named once."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.multicams = [multicam_of(assembly, shoot) for shoot in assembly.shoots]
        shoots = [angle for shoot in assembly.shoots for angle in shoot.angles]
        sources = {one.asset_id: one for one in (*assembly.sources, *shoots)}
        self.sources = tuple(sources.values())
        self.assets = {id: f"asset-{number}" for number, id in enumerate(sources, 1)}
        keys = [self._timeline_format(), *(_format_key(one) for one in self.sources if one.has_picture)]
        self.formats = {key: f"format-{number}" for number, key in enumerate(dict.fromkeys(keys), 1)}
        self.heard = {id(event) for lane in assembly.sounds for event in lane.events}
        self.seen = {id(event) for lane in assembly.pictures for event in lane.events}
        self.titles = 0

    def document(self) -> ET.Element:
        assembly, root = self.assembly, ET.Element("fcpxml", version="1.10")
        resources = ET.SubElement(root, "resources")
        for (rate, width, height), name in self.formats.items():
            made = ET.SubElement(resources, "format", id=name, frameDuration=frames(1, rate))
            if width and height:
                made.attrib |= {"width": str(width), "height": str(height)}
        for source in self.sources:
            self._asset(resources, source)
        for number, multicam in enumerate(self.multicams, 1):
            self._multicam(resources, multicam, f"multicam-{number}")
        if assembly.titles:
            title_resource(resources)
        name = xml_text(assembly.title) or "Sequence"
        event = ET.SubElement(ET.SubElement(root, "library"), "event", name=name)
        looks = {
            "duration": frames(assembly.length, assembly.rate),
            **self._looks(),
            "audioLayout": "stereo",
            "audioRate": "48k",
        }
        sequence = ET.SubElement(ET.SubElement(event, "project", name=name), "sequence", looks)
        self._primary(ET.SubElement(sequence, "spine"))
        return root

    def _timeline_format(self) -> FormatKey:
        return (self.assembly.rate, *self.assembly.size)

    def _looks(self) -> dict[str, str]:
        drop = "DF" if self.assembly.drop else "NDF"
        return {"format": self.formats[self._timeline_format()], "tcStart": "0s", "tcFormat": drop}

    def _asset(self, resources: ET.Element, source: Angle) -> None:
        unit, name = _unit(source), xml_text(source.original_filename)
        made = ET.SubElement(resources, "asset", id=self.assets[source.asset_id], name=name)
        made.set("start", frames(clock_start(source, unit), unit))
        made.set("duration", frames(int(source.run * unit // 1), unit))
        if source.has_picture:
            made.attrib |= {"hasVideo": "1", "format": self.formats[_format_key(source)], "videoSources": "1"}
        if source.has_audio:
            tracks = source.audio_tracks
            made.attrib |= {"hasAudio": "1", "audioSources": str(len(tracks)), "audioChannels": str(max(tracks))}
            made.set("audioRate", str(source.samples_per_second))
        file = {"kind": "original-media", "src": xml_text(source.original.url)}
        ET.SubElement(made, "media-rep", file, suggestedFilename=name)

    def _multicam(self, resources: ET.Element, multicam: Multicam, name: str) -> None:
        media = ET.SubElement(resources, "media", id=name, name=xml_text(multicam.shoot.title))
        element = ET.SubElement(media, "multicam", self._looks())
        for label, stretches in multicam.cameras.items():
            row, reached = ET.SubElement(element, "mc-angle", name=f"Camera {label}", angleID=label), 0
            for one in stretches:
                self._gap(row, reached, one.at)
                self._stretch(row, one)
                reached = one.end

    def _gap(self, row: ET.Element, start: int, end: int, since: int = 0) -> None:
        if start < end:
            rate = self.assembly.rate
            ET.SubElement(
                row,
                "gap",
                name="Gap",
                offset=frames(start - since, rate),
                start="0s",
                duration=frames(end - start, rate),
            )

    def _stretch(self, row: ET.Element, one: Stretch) -> None:
        rate, source = self.assembly.rate, one.source
        made = self._asset_clip(row, source, _clock(source, one.first), (one.at, one.end - one.at))
        if source.has_picture:
            conform(made, source.rate, rate)
        audio_tracks(made, source)

    def _asset_clip(self, row: ET.Element, source: Angle, start: Fraction, span: tuple[int, int]) -> ET.Element:
        """`span`: where it lies in its row, and how long it is."""
        rate = self.assembly.rate
        made = ET.SubElement(row, "asset-clip", ref=self.assets[source.asset_id], offset=frames(span[0], rate))
        made.attrib |= {"name": xml_text(source.original_filename), "start": timed(start, _unit(source))}
        made.set("duration", frames(span[1], rate))
        if source.has_picture:
            drop = source.first_timecode(source.timecode_rate).drop
            made.attrib |= {"format": self.formats[_format_key(source)], "tcFormat": "DF" if drop else "NDF"}
        if source.has_audio:
            made.set("audioRole", "dialogue")
        return made

    def _primary(self, spine: ET.Element) -> None:
        """The primary storyline, which reaches to the end of the sequence, with everything that hangs on it."""
        lanes = self.assembly.pictures[:1]
        items = _filled(lanes[0] if lanes else None, self.assembly.length)
        below, above = self._connected()
        for number, one in enumerate(above, 1):
            _hang(items, one, number)
        alone = [lane for lane in map(self._unseen, self.assembly.sounds) if lane.events]
        under: list[Lane | Title] = [*alone, *below]
        for number, one in enumerate(under, 1):
            _hang(items, one, -number)
        for item in items:
            if item.head is not None:
                self._transition(spine, item.head, 0)
            self._item(spine, item, lanes[0] if lanes else None)

    def _connected(self) -> tuple[list[Title], list[Lane | Title]]:
        """What lies below the primary storyline, the nearest first, and above it, the farthest first: a title never shares a lane with a
        storyline, whose gaps would cover it."""
        pictures, titles = self.assembly.pictures, self.assembly.titles
        below = [one for one in titles if pictures and one.above == 0]
        above: list[Lane | Title] = []
        for number in range(len(pictures) + 1):
            above += pictures[max(1, number - 1) : number]
            above += [one for one in titles if one.above == number and one not in below]
        return below[::-1], above

    def _unseen(self, lane: Lane) -> Lane:
        """The sound that does not come with a picture."""
        kept = tuple(event for event in lane.events if id(event) not in self.seen)
        return Lane(lane.track, kept, lane.joins if len(kept) == len(lane.events) else ())

    def _item(self, spine: ET.Element, item: _Item, lane: Lane | None) -> None:
        rate = self.assembly.rate
        if item.event is None or lane is None:
            length = frames(item.end - item.at, rate)
            gap = ET.SubElement(spine, "gap", name="Gap", offset=frames(item.at, rate), start="0s", duration=length)
            self._storylines(gap, item, Fraction(0))
            return
        self._clip(spine, item.event, lane, 0, item)

    def _clip(self, row: ET.Element, event: Event, lane: Lane, since: int, item: _Item | None = None) -> None:
        """An event in a storyline that begins at frame `since`."""
        for number, multicam in enumerate(self.multicams, 1):
            if id(event) in multicam.places and self._is_same_in(event):
                self._mc_clip(row, event, lane, since, (multicam, f"multicam-{number}"), item)
                return
        source, start = event.source, _clock(event.source, event.first_unit)
        begin = _clock(source, 0)
        if event.speed != 1:
            start = begin + (start - begin) / event.speed
        made = self._asset_clip(row, source, start, (event.at - since, event.length))
        self._enable(made, event)
        if source.has_picture:
            conform(made, source.rate, self.assembly.rate)
        if event.speed != 1:
            _time_map(made, begin, Fraction(event.units) / event.unit, event)
        if id(event) in self.seen:
            adjust(made, event.clip, self._size(source), self.assembly.size)
        self._volume(made, event, lane)
        if item is not None:
            self._storylines(made, item, start)
        audio_tracks(made, source)

    def _size(self, source: Angle) -> tuple[int, int]:
        """A file's own, or the frame's where it is not known."""
        return (source.width, source.height) if source.width and source.height else self.assembly.size

    def _is_same_in(self, event: Event) -> bool:
        """Whether an event is placed in the frame as its angle's picture would be, which a multicam clip has fitted into the frame before."""
        size, frame = self._size(event.source), self.assembly.size
        alike = size[0] * frame[1] == size[1] * frame[0] and (event.clip.scale_mode != "none" or size == frame)
        return alike or not is_placed(event.clip)

    def _enable(self, made: ET.Element, event: Event) -> None:
        """Say which half of a file with picture and sound is used."""
        seen, heard = id(event) in self.seen, id(event) in self.heard
        if event.source.has_picture and event.source.has_audio and seen != heard:
            made.set("srcEnable", "video" if seen else "audio")

    def _mc_clip(
        self,
        row: ET.Element,
        event: Event,
        lane: Lane,
        since: int,
        of: tuple[Multicam, str],
        item: _Item | None,
    ) -> None:
        multicam, name = of
        rate, at = self.assembly.rate, multicam.places[id(event)]
        made = ET.SubElement(row, "mc-clip", ref=name, offset=frames(event.at - since, rate))
        made.attrib |= {"name": xml_text(multicam.shoot.title), "start": frames(at, rate)}
        made.set("duration", frames(event.length, rate))
        if id(event) not in self.heard:
            made.set("srcEnable", "video")
        self._volume(made, event, lane)
        sounds = id(event) in self.heard
        shown = ET.SubElement(made, "mc-source", angleID=event.camera, srcEnable="all" if sounds else "video")
        adjust(shown, event.clip, self.assembly.size, self.assembly.size)
        if item is not None:
            self._storylines(made, item, at / rate)

    def _volume(self, made: ET.Element, event: Event, lane: Lane) -> None:
        """Level and fades of what is heard of an event."""
        clip, rate = event.clip, self.assembly.rate
        level = volume_of(event, lane.track)
        begins, ends = frame_edge(clip.start_ms, rate) == event.at, frame_edge(clip.end_ms, rate) == event.end
        fades = [
            (name, ms)
            for name, ms, here in (("fadeIn", clip.fade_in_ms, begins), ("fadeOut", clip.fade_out_ms, ends))
            if ms and here
        ]
        if id(event) not in self.heard or not (level or fades):
            return
        volume = ET.SubElement(made, "adjust-volume", amount=f"{level:g}dB")
        param = ET.SubElement(volume, "param", name="amount") if fades else None
        for name, ms in fades:
            assert param is not None
            ET.SubElement(param, name, type="linear", duration=rational(ms / 1000))

    def _storylines(self, made: ET.Element, item: _Item, start: Fraction) -> None:
        """What hangs on an item, in the item's own time."""
        rate = self.assembly.rate
        for hung, number in item.hung:
            first = _first(hung)
            offset = rational(start + (first - item.at) / rate)
            if isinstance(hung, Title):
                self._title(made, hung, number, offset)
                continue
            spine = ET.SubElement(made, "spine", lane=str(number), offset=offset)
            self._storyline(spine, hung, first)

    def _title(self, row: ET.Element, one: Title, lane: int, offset: str) -> None:
        self.titles += 1
        made = ET.SubElement(row, "title", ref=TITLE_ID, lane=str(lane), offset=offset, name=f"Title {self.titles}")
        made.attrib |= {"start": "0s", "duration": frames(one.end - one.at, self.assembly.rate)}
        title(made, one.clip, f"title-style-{self.titles}", self.assembly.size)

    def _storyline(self, spine: ET.Element, lane: Lane, since: int) -> None:
        reached, joins = since, lane.joins_at()
        for number, event in enumerate(lane.events):
            self._gap(spine, reached, event.at, since)
            if number in joins:
                self._transition(spine, joins[number], since)
            self._clip(spine, event, lane, since)
            reached = event.end

    def _transition(self, spine: ET.Element, join: Join, since: int) -> None:
        rate = self.assembly.rate
        length = frames(join.end - join.start, rate)
        ET.SubElement(
            spine, "transition", name="Cross Dissolve", offset=frames(join.start - since, rate), duration=length
        )


def _filled(lane: Lane | None, length: int) -> list[_Item]:
    """A lane's events with gaps between them, up to `length`."""
    items: list[_Item] = []
    reached, joins = 0, lane.joins_at() if lane else {}
    for number, event in enumerate(lane.events if lane else ()):
        if event.at > reached:
            items.append(_Item(reached, event.at))
        items.append(_Item(event.at, event.end, event, joins.get(number)))
        reached = event.end
    return items if reached >= length else [*items, _Item(reached, length)]


def _first(hung: Lane | Title) -> int:
    """The frame with which it begins."""
    return hung.at if isinstance(hung, Title) else hung.events[0].at


def _hang(items: Sequence[_Item], hung: Lane | Title, number: int) -> None:
    """Hang a lane or a title on the item under which it begins."""
    first = _first(hung)
    next(item for item in items if item.at <= first < item.end).hung.append((hung, number))


def _time_map(made: ET.Element, begin: Fraction, run: Fraction, event: Event) -> None:
    """The whole file at its speed: a map of the clip alone leaves its last frames black in Resolve (palmier-io/palmier-pro#197)."""
    pitch = "1" if event.clip.keep_pitch else "0"
    times = ET.SubElement(made, "timeMap", frameSampling="floor", preservesPitch=pitch)
    for passed in (Fraction(0), run):
        ET.SubElement(
            times,
            "timept",
            time=rational(begin + passed / event.speed),
            value=rational(begin + passed),
            interp="linear",
        )


def _clock(source: Angle, first: int) -> Fraction:
    """What a file's own clock says at its frame or sample `first`, in seconds."""
    unit = _unit(source)
    return (clock_start(source, unit) + first) / unit


def _unit(source: Angle) -> Fraction:
    return source.rate if source.has_picture else Fraction(source.samples_per_second)


def _format_key(source: Angle) -> FormatKey:
    return (source.rate, source.width, source.height)
