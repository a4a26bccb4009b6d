"""CMX3600 lists that come back. The timeline begins at the whole hour of the first record time; a list says its rate in a remark of Studio's, else
the sender has to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from media_app.core.time.timebase import Timecode, nominal_rate, parse_rate, parse_timecode
from render_app.core.exchange.found import BadEdit, Found, FoundClip, FoundJoin, FoundMedia, FoundTrack, joined
from render_app.exchange.base import one_line
from render_app.exchange.guard import text_of

MOST_EVENTS = 20_000
#: Lines that are no events although they begin as one, of which a refusal speaks.
MOST_UNREAD = 200
_TC = r"(\d\d:\d\d:\d\d[:;.,]\d\d)"
_EVENT = re.compile(rf"^(\d{{1,6}})\s+(\S+)\s+(\S+)\s+([A-Z]+)(\d*)\s*(\d*)\s+{_TC}\s+{_TC}\s+{_TC}\s+{_TC}\s*$")
#: As an event begins, whatever follows.
_BEGINS = re.compile(r"^\d{1,6}\s+\S+\s+\S")
_SPEED = re.compile(r"^M2\s+(\S+)\s+(-?\d{1,6}(?:\.\d{1,6})?)\s")
_REMARK = re.compile(
    r"^\*\s*(FROM CLIP NAME|TO CLIP NAME|CLIP NAME|SOURCE FILE|RATE)\s*(?:IS)?:\s*(.*)$", re.IGNORECASE
)


def read(body: bytes, rate: Fraction | None = None) -> Found:
    """An edit from a list. Raises BadEdit."""
    lines = [line.strip() for line in text_of(body).splitlines()]
    said = next((found[2] for line in lines if (found := _REMARK.match(line)) and found[1].upper() == "RATE"), None)
    try:
        rate = parse_rate(said) if said else rate
    except ValueError as error:
        raise BadEdit(f"The list's RATE remark: {error}", field="file") from None
    if rate is None:
        raise BadEdit(
            "An EDL does not state its frame rate. Send it as timebase, such as 25 or 30000/1001.", field="timebase"
        )
    return _Reader(rate).whole(lines)


@dataclass
class _Event:
    """A line with four times, and the remarks under it."""

    reel: str
    channels: str
    kind: str
    frames: int
    times: tuple[Timecode, ...]
    speed: Fraction = Fraction(1)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name: of a dissolve, that of the clip it leads to."""
        order = ("SOURCE FILE", "TO CLIP NAME", "FROM CLIP NAME", "CLIP NAME")
        if self.kind == "C":
            order = ("SOURCE FILE", "FROM CLIP NAME", "CLIP NAME", "TO CLIP NAME")
        return next((self.names[one] for one in order if self.names.get(one)), self.reel)


class _Reader:
    def __init__(self, rate: Fraction) -> None:
        self.rate = rate
        self.title = ""
        self.ignored: dict[str, None] = {}

    def whole(self, lines: list[str]) -> Found:
        """The edit of a list's lines."""
        events = [event for event in self._events(lines) if event.times[2] != event.times[3] and event.reel != "BL"]
        if not events:
            details = {"ignored": list(self.ignored)[:MOST_UNREAD]}
            raise BadEdit("The file has no event of a CMX3600 list.", field="file", details=details)
        first = min((event.times[2] for event in events), key=lambda label: label.frame)
        begin = parse_timecode(f"{str(first)[:2]}:00:00{';' if first.drop else ':'}00", self.rate).frame
        tracks = [
            self._track(kind, [one for one in events if _has_picture(one) == (kind == "video")], begin)
            for kind in ("video", "audio")
        ]
        found = tuple(track for track in tracks if track.clips)
        return Found(self.title, self.rate, found, tuple(self.ignored))

    def _events(self, lines: list[str]) -> Iterator[_Event]:
        last: _Event | None = None
        count = 0
        for number, line in enumerate(lines, 1):
            if line.startswith("TITLE:"):
                self.title = one_line(line.removeprefix("TITLE:"), 200)
            elif event := self._event(line):
                count += 1
                if count > MOST_EVENTS:
                    raise BadEdit(f"The list has more than {MOST_EVENTS:,} events.", field="file")
                if last is not None:
                    yield last
                last = event
            elif _BEGINS.match(line):
                self.ignored[f"Line {number} is no event that Studio reads: {one_line(line, 120)}"] = None
            elif last is not None:
                self._remark(last, line)
        if last is not None:
            yield last

    def _event(self, line: str) -> _Event | None:
        found = _EVENT.match(line)
        if found is None:
            return None
        try:
            times = tuple(parse_timecode(label, self.rate) for label in found.groups()[6:])
        except ValueError as error:
            raise BadEdit(f"Event {found[1]}: {error}", field="file") from None
        if found[4] == "W":
            self.ignored["A wipe is imported as a crossfade."] = None
        elif found[4].startswith("K"):
            self.ignored["A key is left out; its clip is included."] = None
        return _Event(found[2], found[3].upper(), found[4], int(found[6] or 0), times)

    def _remark(self, event: _Event, line: str) -> None:
        if speed := _SPEED.match(line):
            event.speed = Fraction(speed[2]) / nominal_rate(self.rate)
        elif remark := _REMARK.match(line):
            event.names[remark[1].upper()] = one_line(remark[2], 255)

    def _track(self, kind: str, events: list[_Event], begin: int) -> FoundTrack:
        clips: list[FoundClip] = []
        joins: list[tuple[int, FoundJoin]] = []
        for event in events:
            if not Fraction(1, 100) <= event.speed <= 100:
                self.ignored[f"{event.name}: a freeze frame or a reversed clip is left out."] = None
                continue
            clip = _clip(event, begin, self.rate)
            clips.append(clip)
            if event.kind in ("D", "W") and event.frames:
                joins.append((clip.at, FoundJoin(0, 0, min(event.frames, clip.end - clip.at))))
        # The second channel of a clip's sound has a line of its own.
        return joined(kind, list({(one.name, one.at, one.end): one for one in clips}.values()), joins)


def _clip(event: _Event, begin: int, rate: Fraction) -> FoundClip:
    source, _, start, end = event.times
    at = start.frame - begin
    media = FoundMedia(event.name, reel=event.reel)
    # A list that goes past midnight counts from 0 again.
    length = (end.frame - start.frame) % (24 * 3600 * nominal_rate(rate))
    return FoundClip(event.name, media, at, at + length, source.frame / rate, event.speed)


def _has_picture(event: _Event) -> bool:
    return "V" in event.channels or event.channels.startswith("B")
