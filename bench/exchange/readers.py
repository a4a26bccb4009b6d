"""Every format read back by a reader that shares no code with its writer: OpenTimelineIO's, pyaaf2, pycmx, and an evaluator of
FCPXML in rational arithmetic over lxml.

Each gives `Track`s of pictures: what is on which frames of the timeline, from which frame of which file on.
"""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from math import floor
from pathlib import Path
from typing import Any

from bench.exchange.timelines import HALF, RATES


@dataclass(frozen=True)
class Seen:
    """A file on frames `at` to `end`; `seconds` on its own clock when `at` begins; `clock`: when its first frame does, None where the
    format does not say."""

    name: str
    at: int
    end: int
    seconds: Fraction
    clock: Fraction | None
    speed: Fraction = Fraction(1)


@dataclass
class Track:
    """What a track shows, and from which frame to which it dissolves."""

    seen: list[Seen] = field(default_factory=list)
    dissolves: list[tuple[int, int]] = field(default_factory=list)


@cache
def exact(rate: float) -> Fraction:
    """The rate that a double stands for."""
    return min(RATES, key=lambda one: abs(one - Fraction(rate))) if rate < 1000 else Fraction(round(rate))


def by_otio(body: bytes, adapter: str, rate: Fraction) -> list[Track]:
    """Through OpenTimelineIO: otio_json, fcp_xml, cmx_3600, AAF."""
    import opentimelineio as otio

    if adapter == "AAF":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "edit.aaf"
            path.write_bytes(body)
            read = otio.adapters.read_from_file(str(path))
    else:
        options = {"rate": float(rate)} if adapter == "cmx_3600" else {}
        read = otio.adapters.read_from_string(body.decode(), adapter, **options)
    timeline = read if isinstance(read, otio.schema.Timeline) else read[0]
    tracks = [track for track in timeline.tracks if track.kind == "Video" and len(track)]
    return [_as_edl(track, rate) if adapter == "cmx_3600" else _otio_track(track, rate) for track in tracks]


def _as_edl(track: Any, rate: Fraction) -> Track:
    """Its EDL reader counts from the first record time, and takes an M2 line's frames for those of the exact rate."""
    first = -_frames(track.source_range.start_time, rate) if track.source_range else 0
    found = _otio_track(track, rate)
    paced = Fraction(rate) / floor(rate + HALF)
    seen = [replace(one, at=one.at + first, end=one.end + first) for one in found.seen]
    seen = [one if one.speed == 1 else replace(one, speed=one.speed * paced) for one in seen]
    return Track(seen, [(start + first, end + first) for start, end in found.dissolves])


def _otio_track(track: Any, rate: Fraction) -> Track:
    import opentimelineio as otio

    found = Track()
    for child in track:
        if isinstance(child, otio.schema.Transition):
            cut = track.range_of_child(child).start_time + child.in_offset
            at = _frames(cut, rate)
            found.dissolves.append((at - _frames(child.in_offset, rate), at + _frames(child.out_offset, rate)))
        if not isinstance(child, otio.schema.Clip):
            continue
        place = track.range_of_child(child)
        at = _frames(place.start_time, rate)
        warps = [one for one in child.effects if isinstance(one, otio.schema.LinearTimeWarp)]
        speed = Fraction(warps[0].time_scalar).limit_denominator(1000) if warps else _fcp7_speed(child)
        there = child.media_reference.available_range
        name = _name(child)
        seconds = _seconds(child.source_range.start_time)
        if speed != 1 and not warps and found.dissolves and found.dissolves[-1][0] < at < found.dissolves[-1][1]:
            # The FCP 7 reader goes through a dissolve at normal speed.
            seconds += (at - found.dissolves[-1][0]) * (speed - 1) / rate
        clock = _seconds(there.start_time) if there else None
        found.seen.append(Seen(name, at, at + _frames(place.duration, rate), seconds, clock, speed))
    return found


def _name(child: Any) -> str:
    url = getattr(child.media_reference, "target_url", "") or ""
    return url.rpartition("/")[2].partition("?")[0] if url.endswith(".mov") else child.name


def _fcp7_speed(child: Any) -> Fraction:
    """The adapter leaves the speed among what it does not read."""
    for effect in child.effects:
        known = effect.metadata.get("fcp_xml", {})
        if known.get("effectid") == "timeremap":
            said = {one["parameterid"]: one["value"] for one in known["parameter"]}
            return Fraction(str(said["speed"])) / 100
    return Fraction(1)


def _frames(time: Any, rate: Fraction) -> int:
    return round(_seconds(time) * rate)


def _seconds(time: Any) -> Fraction:
    """A rational time, whose value is meant to be whole at a rate that is meant to be exact."""
    return Fraction(time.value).limit_denominator(10_000) / exact(time.rate)


def lists_of(body: bytes, filename: str) -> list[bytes]:
    """The EDLs of a document, which may be a ZIP of them."""
    if not filename.endswith(".zip"):
        return [body]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [archive.read(name) for name in archive.namelist() if "_track-V" in name]


def by_pycmx(body: bytes, rate: Fraction) -> Track:
    """A CMX3600 list through pycmx; labels are counted here."""
    import pycmx

    found = Track()
    for event in pycmx.parse_cmx3600(io.StringIO(body.decode())).events:
        edits = [edit for edit in event.edits if edit.record_in != edit.record_out]
        for edit in edits:
            at, end = (_count(label, rate) for label in (edit.record_in, edit.record_out))
            if edit.transition.kind == pycmx.Transition.Dissolve:
                found.dissolves.append((at, at + int(edit.transition.operand)))
            # A reel's name has the letters and digits of its file's.
            name = f"shot-{edit.source[4]}-{edit.source[5:]}.mov"
            found.seen.append(Seen(name, at, end, _count(edit.source_in, rate) / rate, None))
    return found


def _count(label: str, rate: Fraction) -> int:
    """The frame that a label names; drop-frame leaves out labels, never pictures."""
    hours, minutes, seconds, frames = (int(part) for part in label.replace(";", ":").split(":"))
    base = floor(rate + HALF)
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if ";" in label:
        passed = hours * 60 + minutes
        count -= base // 15 * (passed - passed // 10)
    return count


def by_aaf2(body: bytes, rate: Fraction) -> list[Track]:
    """An AAF through pyaaf2 alone."""
    import aaf2

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edit.aaf"
        path.write_bytes(body)
        with aaf2.open(str(path), "r") as file:
            composition = next(file.content.toplevel())
            slots = [slot for slot in composition.slots if slot.media_kind == "Picture"]
            assert all(Fraction(str(slot.edit_rate)) == rate for slot in slots)
            return [_aaf_track(slot.segment, rate) for slot in slots]


def _aaf_track(sequence: Any, rate: Fraction) -> Track:
    """A transition lies over the end of what is before it and the beginning of what follows."""
    found, at = Track(), 0
    parts = list(sequence.components)
    for number, part in enumerate(parts):
        kind = type(part).__name__
        if kind == "Transition":
            at -= part.length
            found.dissolves.append((at, at + part.length))
            continue
        if kind == "SourceClip":
            early = parts[number - 1].cutpoint if number and type(parts[number - 1]).__name__ == "Transition" else 0
            after = parts[number + 1] if number + 1 < len(parts) else None
            late = after.length - after.cutpoint if type(after).__name__ == "Transition" else 0
            clock = _aaf_clock(part.mob, rate)
            seconds = clock + (part.start + early) / rate
            found.seen.append(Seen(part.mob.name, at + early, at + part.length - late, seconds, clock))
        at += part.length
    return found


def _aaf_clock(master: Any, rate: Fraction) -> Fraction:
    """Where the timecode of the tape begins that a master clip leads to."""
    file = master.slot_at(1).segment.mob
    tape = file.slot_at(1).segment.mob
    label = next(slot.segment for slot in tape.slots if type(slot.segment).__name__ == "Timecode")
    return label.start / rate


def by_lxml(body: bytes, rate: Fraction) -> list[Track]:
    """FCPXML: the spine, then the storylines that hang on it, whose places are worked out from offsets and starts."""
    from lxml import etree

    root = etree.fromstring(body)
    return list(_Fcpxml(root, rate).tracks())


def dtd_faults(body: bytes, dtd: Path) -> list[str]:
    """What Apple's DTD says of a document."""
    from lxml import etree

    with dtd.open("rb") as file:
        rules = etree.DTD(file)
    root = etree.fromstring(body)
    return [] if rules.validate(root) else [str(one) for one in rules.error_log]


class _Fcpxml:
    def __init__(self, root: Any, rate: Fraction) -> None:
        self.rate = rate
        self.assets = {one.get("id"): one for one in root.iter("asset")}
        self.media = {one.get("id"): one.find("multicam") for one in root.iter("media")}
        self.spine = root.find(".//sequence/spine")

    def tracks(self) -> Iterator[Track]:
        """The primary storyline, and every connected one with pictures."""
        yield self._track(self.spine, Fraction(0))
        lanes = []
        for parent in self.spine:
            for spine in parent.findall("spine"):
                begins = time(parent.get("offset")) + time(spine.get("offset")) - time(parent.get("start"))
                lanes.append((int(spine.get("lane")), self._track(spine, begins)))
        yield from (track for lane, track in sorted(lanes, key=lambda one: one[0]) if lane > 0)

    def _track(self, spine: Any, since: Fraction) -> Track:
        found = Track()
        for child in spine:
            at = (since + time(child.get("offset"))) * self.rate
            end = at + time(child.get("duration")) * self.rate
            assert at.denominator == end.denominator == 1, "off the timeline's frames"
            if child.tag == "transition":
                found.dissolves.append((int(at), int(end)))
            elif child.tag == "asset-clip" and child.get("srcEnable") != "audio":
                found.seen.append(self._seen(child, time(child.get("start")), int(at), int(end)))
            elif child.tag == "mc-clip":
                found.seen += self._angle(child, int(at), int(end))
        return found

    def _angle(self, clip: Any, at: int, end: int) -> Iterator[Seen]:
        """What the angle that a multicam clip shows has on its frames."""
        sources = [one for one in clip.findall("mc-source") if one.get("srcEnable") in ("all", "video")]
        rows = self.media[clip.get("ref")].findall("mc-angle")
        row = next(one for one in rows if one.get("angleID") == sources[0].get("angleID"))
        since = time(clip.get("start")) * self.rate
        for part in row.findall("asset-clip"):
            begins = time(part.get("offset")) * self.rate - since + at
            ends = begins + time(part.get("duration")) * self.rate
            first, last = max(at, int(begins)), min(end, int(ends))
            if first < last:
                start = time(part.get("start")) + (first - begins) / self.rate
                yield self._seen(part, start, first, last)

    def _seen(self, clip: Any, start: Fraction, at: int, end: int) -> Seen:
        asset = self.assets[clip.get("ref")]
        clock, speed = time(asset.get("start")), Fraction(1)
        points = clip.findall("timeMap/timept")
        if points:
            (t0, v0), (t1, v1) = ((time(one.get("time")), time(one.get("value"))) for one in (points[0], points[-1]))
            speed = (v1 - v0) / (t1 - t0)
            start = v0 + (start - t0) * speed
        return Seen(asset.get("name"), at, end, start, clock, speed)


def time(text: str | None) -> Fraction:
    """`1001/30000s` in seconds; 0 where it is left out."""
    return Fraction(text.rstrip("s")) if text else Fraction(0)
