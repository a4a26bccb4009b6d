"""Final Cut Pro 7 XML, which Premiere Pro opens.

A writer of our own: the library's adapter writes neither the frame size nor the links of picture and sound, and no speed or level
(measured with otio-fcp-adapter 1.0.0). `in` and `out` are counted on the sequence's frames, whatever the file's rate is: so Premiere and
Resolve read them (barefootford/buttercut#133).
Reference: https://developer.apple.com/library/archive/documentation/AppleApplications/Reference/FinalCutPro_XML/
"""

from fractions import Fraction
from xml.etree import ElementTree as ET

from media_app.core.time.timebase import Timecode, nominal_rate
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.readers import PREMIERE, RESOLVE
from render_app.core.exchange.lay import shoot_assembled
from render_app.core.exchange.losses import Carries
from render_app.core.exchange.nouns import Assembly, Event, Join, Lane, volume_of
from render_app.exchange.base import Document, Format, assembly_stem, require_events, xml_text
from render_app.exchange.fcp7xml_picture import adjust
from render_app.exchange.fcp7xml_reading import read

CARRIES = frozenset({Carries.SPEED, Carries.VOLUME, Carries.DISSOLVES, Carries.PLACEMENT})
#: What the format itself has a form for.
UNWRITTEN = frozenset(
    {
        "scale_mode",
        "text",
        "automation",
        "blend_mode",
        "fades",
        "still",
        "artifact",
    }
)
#: The loudest that the format's level goes to: 12 dB.
LOUDEST = 3.98107


def write(edit: MulticamEdit) -> Document:
    """A session's cameras, each on a track of its own."""
    return write_assembly(shoot_assembled(edit))


def write_assembly(assembly: Assembly, target: str = "") -> Document:
    """An assembly, with its sound linked to its pictures."""
    require_events(assembly)
    root = _Writer(assembly, fitted=target == RESOLVE).document()
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{text}\n'
    return Document(body.encode(), "application/xml; charset=utf-8", f"{assembly_stem(assembly)}.xml")


class _Writer:
    """One document; a file is described where it is first used and named from then on. `fitted`: its reader fits files into the frame."""

    def __init__(self, assembly: Assembly, *, fitted: bool) -> None:
        self.assembly, self.fitted = assembly, fitted
        self._files: dict[str, str] = {}
        self._places = {
            kind: _places(lanes) for kind, lanes in (("video", assembly.pictures), ("audio", assembly.sounds))
        }

    def document(self) -> ET.Element:
        root = ET.Element("xmeml", version="5")
        sequence = ET.SubElement(root, "sequence", id="sequence-1")
        _text(sequence, name=xml_text(self.assembly.title), duration=self.assembly.length)
        _rate(sequence, self.assembly.rate)
        _timecode(sequence, Timecode(0, self.assembly.rate, self.assembly.drop))
        media = ET.SubElement(sequence, "media")
        video, audio = ET.SubElement(media, "video"), ET.SubElement(media, "audio")
        looks = ET.SubElement(ET.SubElement(video, "format"), "samplecharacteristics")
        _rate(looks, self.assembly.rate)
        width, height = self.assembly.size
        _text(looks, width=width, height=height, anamorphic="FALSE", pixelaspectratio="square", fielddominance="none")
        sounds = ET.SubElement(ET.SubElement(audio, "format"), "samplecharacteristics")
        _text(sounds, depth=16, samplerate=48_000)
        for kind, element, lanes in (("video", video, self.assembly.pictures), ("audio", audio, self.assembly.sounds)):
            for lane in lanes:
                self._track(ET.SubElement(element, "track"), lane, kind)
        return root

    def _track(self, track: ET.Element, lane: Lane, kind: str) -> None:
        joins = lane.joins_at()
        for number, event in enumerate(lane.events):
            head, tail = joins.get(number), joins.get(number + 1)
            if head is not None:
                _transition(track, head, kind, self.assembly.rate)
            self._clip(track, event, lane, kind, (head, tail))
        _text(track, enabled="TRUE", locked="FALSE")

    def _clip(
        self, track: ET.Element, event: Event, lane: Lane, kind: str, joins: tuple[Join | None, Join | None]
    ) -> None:
        head, tail = joins
        rate = self.assembly.rate
        item = ET.SubElement(track, "clipitem", id=self._id(kind, event))
        begin = event.start_in(rate) - (_handle(head.before, event) if head else 0)
        out = event.start_in(rate) + event.used_in(rate) + (_handle(tail.after, event) if tail else 0)
        _text(item, name=xml_text(event.source.original_filename), enabled="TRUE", duration=_frames(event.source, rate))
        _rate(item, rate)
        _text(item, start=-1 if head else event.at, end=-1 if tail else event.end)
        _text(item, **{"in": max(0, begin), "out": out})
        self._file(item, event.source)
        if kind == "audio":
            _text(ET.SubElement(item, "sourcetrack"), mediatype="audio", trackindex=1)
            _level(item, volume_of(event, lane.track))
        if event.speed != 1:
            _speed(item, event.speed, kind)
        if kind == "video":
            size = (event.source.width or self.assembly.size[0], event.source.height or self.assembly.size[1])
            adjust(item, event.clip, size, self.assembly.size, fitted=self.fitted)
        self._links(item, event)

    def _id(self, kind: str, event: Event) -> str:
        track, number = self._places[kind][id(event)]
        return f"{kind}-{track}-{number}"

    def _links(self, item: ET.Element, event: Event) -> None:
        """Picture and sound of one clip move together."""
        there = [kind for kind in ("video", "audio") if id(event) in self._places[kind]]
        for kind in there if len(there) > 1 else ():
            track, number = self._places[kind][id(event)]
            link = ET.SubElement(item, "link")
            _text(link, linkclipref=self._id(kind, event), mediatype=kind, trackindex=track, clipindex=number)

    def _file(self, item: ET.Element, source: Angle) -> None:
        known = source.asset_id in self._files
        name = self._files.setdefault(source.asset_id, f"file-{len(self._files) + 1}")
        file = ET.SubElement(item, "file", id=name)
        if known:
            return
        rate = source.timecode_rate if source.has_picture else self.assembly.rate
        _text(file, name=xml_text(source.original_filename), pathurl=xml_text(source.original.url))
        _rate(file, rate)
        _text(file, duration=_frames(source, rate))
        _timecode(file, source.first_timecode(rate, drop=self.assembly.drop and rate == self.assembly.rate))
        media = ET.SubElement(file, "media")
        if source.has_picture:
            looks = ET.SubElement(ET.SubElement(media, "video"), "samplecharacteristics")
            _rate(looks, rate)
            if source.width and source.height:
                _text(looks, width=source.width, height=source.height)
        for channels in source.audio_tracks:
            sound = ET.SubElement(media, "audio")
            _text(ET.SubElement(sound, "samplecharacteristics"), depth=16, samplerate=source.samples_per_second)
            _text(sound, channelcount=channels)


def _places(lanes: tuple[Lane, ...]) -> dict[int, tuple[int, int]]:
    """An event → its track's number and its own, both from 1."""
    return {
        id(event): (track, number) for track, lane in enumerate(lanes, 1) for number, event in enumerate(lane.events, 1)
    }


def _frames(source: Angle, rate: Fraction) -> int:
    """How long a file is, in whole frames of a rate."""
    return int(source.run * rate // 1)


def _handle(frames: int, event: Event) -> int:
    """How many frames of its file pass in so many of the timeline."""
    return int(frames * event.speed // 1)


def _transition(track: ET.Element, join: Join, kind: str, rate: Fraction) -> None:
    item = ET.SubElement(track, "transitionitem")
    _rate(item, rate)
    _text(item, start=join.start, end=join.end, alignment=_alignment(join))
    effect = ET.SubElement(item, "effect")
    if kind == "audio":
        _text(effect, name="Cross Fade (+3dB)", effectid="KGAudioTransCrossFade3dB", effecttype="transition")
        _text(effect, mediatype="audio")
        return
    _text(effect, name="Cross Dissolve", effectid="Cross Dissolve", effectcategory="Dissolve")
    _text(effect, effecttype="transition", mediatype="video")


def _alignment(join: Join) -> str:
    if not join.before:
        return "start"
    return "center" if join.before == (join.before + join.after) // 2 else "end"


def _level(item: ET.Element, volume_db: float) -> None:
    if volume_db:
        effect = _effect(item, "Audio Levels", "audiolevels", "audio", "audiolevels")
        parameter = ET.SubElement(effect, "parameter")
        _text(parameter, parameterid="level", name="Level", valuemin=0, valuemax=LOUDEST)
        _text(parameter, value=f"{min(LOUDEST, 10 ** (volume_db / 20)):.6f}")


def _speed(item: ET.Element, speed: Fraction, kind: str) -> None:
    effect = _effect(item, "Time Remap", "timeremap", kind, "motion")
    values = (("variablespeed", 0, 1, 0), ("speed", -100_000, 100_000, f"{float(speed * 100):.10g}"))
    for name, least, most, value in values:
        parameter = ET.SubElement(effect, "parameter")
        _text(parameter, parameterid=name, name=name, valuemin=least, valuemax=most, value=value)
    for name in ("reverse", "frameblending"):
        _text(ET.SubElement(effect, "parameter"), parameterid=name, name=name, value="FALSE")


def _effect(item: ET.Element, name: str, id: str, kind: str, type: str) -> ET.Element:
    effect = ET.SubElement(ET.SubElement(item, "filter"), "effect")
    _text(effect, name=name, effectid=id, effectcategory=type, effecttype=type, mediatype=kind)
    return effect


def _rate(parent: ET.Element, rate: Fraction) -> None:
    ntsc = rate.denominator == 1001
    _text(ET.SubElement(parent, "rate"), timebase=nominal_rate(rate), ntsc="TRUE" if ntsc else "FALSE")


def _timecode(parent: ET.Element, label: Timecode) -> None:
    timecode = ET.SubElement(parent, "timecode")
    _rate(timecode, label.rate)
    _text(timecode, string=label, frame=label.frame, displayformat="DF" if label.drop else "NDF")


def _text(parent: ET.Element, **values: object) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = str(value)


FORMAT = Format(
    "fcp7xml",
    "Final Cut Pro 7 XML (Premiere Pro)",
    write,
    write_assembly,
    CARRIES,
    UNWRITTEN,
    read=read,
    program=PREMIERE,
    suffix="xml",
)
