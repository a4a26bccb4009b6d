"""An assembly as CMX3600 lists: one for each track of pictures, with its sound, and one for each track of sound alone."""

import re
from collections.abc import Iterator, Sequence

from media_app.core.time.timebase import Timecode, format_rate, frames_per_day, nominal_rate
from render_app.core.edit.angle import Angle, CannotExport
from render_app.core.edit.readers import PREMIERE
from render_app.core.exchange.nouns import Assembly, Event, Join, Lane
from render_app.exchange.base import one_line
from sessions_app.core.cameras import split_key

TITLE_LIMIT = 70
REEL_LIMIT = 8
_NOT_REEL = re.compile(r"[^A-Z0-9]+")
#: An event with what surrounds it: the transition that leads into it, and the one that leads out.
Placed = tuple[Event, Join | None, Join | None]


def lists_of(assembly: Assembly, target: str) -> list[tuple[str, bytes]]:
    """Each list with the name of its track: V1, V2 …, and A1 for sound alone. Raises CannotExport."""
    if assembly.length > frames_per_day(assembly.rate, drop=assembly.drop):
        raise CannotExport("The sequence is longer than 24 hours, which timecode cannot count. Use otio or fcpxml.")
    heard = {lane.track.id: {id(event) for event in lane.events} for lane in assembly.sounds}
    seen = {lane.track.id for lane in assembly.pictures}
    writer = _Writer(assembly, target)
    pictures = [
        (f"V{number}", writer.document(lane, heard.get(lane.track.id, set())))
        for number, lane in enumerate(assembly.pictures, 1)
    ]
    alone = [lane for lane in assembly.sounds if lane.track.id not in seen]
    sounds = [(f"A{number}", writer.document(lane, None)) for number, lane in enumerate(alone, 1)]
    return [*pictures, *sounds]


class _Writer:
    """The lists of one assembly: a file has one reel name in all of them."""

    def __init__(self, assembly: Assembly, target: str) -> None:
        self.assembly, self.target = assembly, target
        self.reels = reels_of(assembly.sources)

    def document(self, lane: Lane, heard: set[int] | None) -> bytes:
        """A track's list. `heard`: which events of a track of pictures sound too; None for a track of sound."""
        assembly = self.assembly
        lines = [
            f"TITLE: {one_line(assembly.title, TITLE_LIMIT)}",
            f"FCM: {'DROP FRAME' if assembly.drop else 'NON-DROP FRAME'}",
            "",
        ]
        joins = lane.joins_at()
        last: Event | None = None
        for number, event in enumerate(lane.events):
            placed = (event, joins.get(number), joins.get(number + 1))
            channels = _channels(event, sounds=heard is None or id(event) in heard, picture=heard is not None)
            lines += self._event(number + 1, placed, last, channels)
            if number == 0:
                lines += self._remarks()
            last = event
        return ("\r\n".join(lines) + "\r\n").encode("utf-8", "replace")

    def _remarks(self) -> list[str]:
        """Some readers take no remark before the first event."""
        lines = [f"* RATE: {format_rate(self.assembly.rate)}"]
        if nominal_rate(self.assembly.rate) > 30:
            lines.append(f"* FRAMES COUNT FROM 0 TO {nominal_rate(self.assembly.rate) - 1}")
        return lines

    def _event(self, number: int, placed: Placed, last: Event | None, channels: str) -> Iterator[str]:
        event, head, _ = placed
        times = self._times(placed)
        kind = "C"
        if head is not None and last is not None:
            kind = f"D    {head.before + head.after:03d}"
            yield self._line(number, self.reels[last.source.asset_id], channels, "C", self._still(last, head))
        yield self._line(number, self.reels[event.source.asset_id], channels, kind, times)
        if event.speed != 1:
            yield f"M2   {self.reels[event.source.asset_id]:<8}       {self._pace(event)}                {_plain(times[0])}"
        if self.target == PREMIERE:
            return
        if head is not None and last is not None:
            yield f"* FROM CLIP NAME: {one_line(last.source.original_filename)}"
            yield f"* TO CLIP NAME: {one_line(event.source.original_filename)}"
            return
        yield f"* FROM CLIP NAME: {one_line(event.source.original_filename)}"

    def _line(self, number: int, reel: str, channels: str, kind: str, times: Sequence[Timecode]) -> str:
        return f"{number:03d}  {reel:<8} {channels:<5} {kind:<8} {' '.join(map(str, times))}"

    def _times(self, placed: Placed) -> tuple[Timecode, ...]:
        """Source in and out, record in and out. A dissolve belongs to the clip that it leads into."""
        event, head, tail = placed
        at, end, rate = head.start if head else event.at, tail.start if tail else event.end, self.assembly.rate
        there = event.between(at, end)
        source = self._label(event.source) + there.start_in(rate)
        # At normal speed as long as on the timeline, as readers want it, whatever the file's rate is.
        frames = there.length if event.speed == 1 else there.used_in(rate)
        return (source, source + frames, self._record(at), self._record(end))

    def _still(self, last: Event, head: Join) -> tuple[Timecode, ...]:
        """The old clip at the beginning of a dissolve, without length."""
        passed = last.between(head.start, head.end).start_in(self.assembly.rate)
        source, record = self._label(last.source) + passed, self._record(head.start)
        return (source, source, record, record)

    def _pace(self, event: Event) -> str:
        """Frames of its file in a second of counted time; with more decimals than the format's one only where that is not exact."""
        frames = nominal_rate(self.assembly.rate) * event.speed
        return f"{float(frames):05.1f}" if (frames * 10).denominator == 1 else f"{float(frames):09.5f}"

    def _label(self, source: Angle) -> Timecode:
        return source.first_timecode(self.assembly.rate, drop=self.assembly.drop)

    def _record(self, frame: int) -> Timecode:
        return Timecode(frame, self.assembly.rate, self.assembly.drop)


def _plain(label: Timecode) -> str:
    """A label as readers take it in an M2 line: with colons alone."""
    return str(label).replace(";", ":")


def _channels(event: Event, *, sounds: bool, picture: bool) -> str:
    """V: picture; A: one track of sound; AA: two; B: picture and one."""
    sound = min(2, sum(event.source.audio_tracks)) if sounds else 0
    if not picture:
        return "AA" if sound == 2 else "A"
    return ("V", "B", "AA/V")[sound]


def reels_of(sources: Sequence[Angle]) -> dict[str, str]:
    """A name of at most eight letters and digits for each file: CAM_B, CAMB0002 for its second clip, else the file's own."""
    found: dict[str, str] = {}
    for source in sources:
        name, number = _reel(source), 2
        while name in found.values():
            name, number = f"{_reel(source)[: REEL_LIMIT - len(str(number))]}{number}", number + 1
        found[source.asset_id] = name
    return found


def _reel(source: Angle) -> str:
    if not source.camera:
        stem = source.original_filename.rpartition(".")[0] or source.original_filename
        return _NOT_REEL.sub("", stem.upper())[:REEL_LIMIT] or "AX"
    label, clip = split_key(source.camera)
    return f"CAM_{label}" if clip == 1 else f"CAM{label}{clip:04d}"
