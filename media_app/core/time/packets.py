"""ffprobe's list of packets → what the times of a file's picture and sound say, a few numbers however long it is."""

from collections.abc import Sequence
from fractions import Fraction

from media_app.core.files.media_info import AudioStream, VideoStream
from media_app.core.time.frames import FrameScan, FrameTiming
from media_app.core.time.sound_timing import SoundScan, SoundTiming

#: Bytes that are taken apart at once. ffprobe says a line at a time, and arrays of one packet are slow.
BLOCK = 1 << 16
#: Containers whose clock may begin anew in mid-file, and the gap from which on it has: ffmpeg is given the same.
RESTARTING = frozenset({"mpegts", "mpeg", "ogg"})
LONGEST_GAP_S = 3600
#: Keyframes that are kept: six hours with two a second.
MOST_KEYS = 50_000


class PacketScan:
    """Feed it ffprobe's packet lines as they come; ask `frames` and `sound` at the end. `others`: more tracks to time;
    `unused`: indexes and time bases of streams of which only the end is wanted; `container`: as ffprobe names it."""

    def __init__(
        self,
        video: VideoStream | None,
        audio: AudioStream | None,
        others: Sequence[AudioStream] = (),
        unused: Sequence[tuple[int, Fraction]] = (),
        container: str = "",
    ) -> None:
        self._video, self._audio = video, audio
        longest = None if RESTARTING.isdisjoint(container.split(",")) else Fraction(LONGEST_GAP_S)
        self._frames = FrameScan(video.time_base, _named(video), longest) if video else None
        streams = [audio, *others] if audio else list(others)
        self._sounds = {s.index: SoundScan(s.codec, s.rate, s.time_base, longest) for s in streams}
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._stamped: bool | None = None
        self._bases = {b"%d" % index: base for index, base in unused}
        self._reached: Fraction | None = None
        self._keys: list[int] = []

    def feed(self, data: bytes) -> None:
        """Lines are `stream|pts|dts|duration|flags[|skipped samples]`; the last one may be cut."""
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes > BLOCK:
            *lines, rest = b"".join(self._waiting).split(b"\n")
            self._waiting, self._bytes = [rest], len(rest)
            self._take(lines)

    def _take(self, lines: list[bytes]) -> None:
        video = b"%d" % self._video.index if self._video else b""
        sounds: dict[bytes, tuple[list[int], list[int], list[int]]] = {
            b"%d" % index: ([], [], []) for index in self._sounds
        }
        frames: tuple[list[int], list[int]] = ([], [])
        for line in lines:
            fields = line.split(b"|")
            if len(fields) < 5:
                continue
            if fields[0] == video:
                stamp = self._frame_stamp(fields[1], fields[2])
                if stamp is not None and b"D" not in fields[4]:
                    frames[0].append(stamp)
                    if fields[4].startswith(b"K") and len(self._keys) <= MOST_KEYS:
                        self._keys.append(stamp)
                    frames[1].append(_ticks(fields[3]) or 0)
            elif (sound := sounds.get(fields[0])) is not None:
                stamp = _ticks(fields[1] if fields[1] != b"N/A" else fields[2])
                if stamp is not None:
                    sound[0].append(stamp)
                    sound[1].append(_ticks(fields[3]) or 0)
                    sound[2].append(int(fields[5]) if len(fields) > 5 and fields[5].isdigit() else 0)
            elif (base := self._bases.get(fields[0])) is not None:
                self._reach(fields, base)
        if self._frames:
            self._frames.feed(*frames)
        for index, stamps in sounds.items():
            self._sounds[int(index)].feed(*stamps)

    def _reach(self, fields: list[bytes], base: Fraction) -> None:
        stamp = _ticks(fields[1] if fields[1] != b"N/A" else fields[2])
        if stamp is not None:
            end = (stamp + (_ticks(fields[3]) or 0)) * base
            self._reached = end if self._reached is None else max(self._reached, end)

    def others_end(self) -> Fraction | None:
        """Where the last packet of the unused streams ends, on the file's clock; None where they have none."""
        self._finish()
        return self._reached

    def _frame_stamp(self, pts: bytes, dts: bytes) -> int | None:
        """AVI has no presentation times, only decoding times; files that have both may leave some out (the second
        field of a picture), and those do not count."""
        if self._stamped is None and (pts != b"N/A" or dts != b"N/A"):
            self._stamped = pts != b"N/A"
        return _ticks(pts) if self._stamped else _ticks(dts)

    def keyframes(self) -> list[Fraction]:
        """When keyframes are shown, in seconds on the file's clock; none where they are too many to keep."""
        self._finish()
        video = self._video
        if video is None or len(self._keys) > MOST_KEYS:
            return []
        return [stamp * video.time_base for stamp in sorted(self._keys)]

    def frames(self) -> FrameTiming | None:
        self._finish()
        video = self._video
        return self._frames.result(video.rate or video.average_rate) if self._frames and video else None

    def sound(self) -> SoundTiming | None:
        return self.sounds().get(self._audio.index) if self._audio else None

    def sounds(self) -> dict[int, SoundTiming]:
        """The timing of each track that has packets, by the index of its stream."""
        self._finish()
        timings = {index: scan.result() for index, scan in self._sounds.items()}
        return {index: timing for index, timing in timings.items() if timing}

    def _finish(self) -> None:
        lines, self._waiting, self._bytes = b"".join(self._waiting).split(b"\n"), [], 0
        self._take(lines)


def _named(video: VideoStream) -> list[Fraction]:
    """The rates that the file names."""
    return [rate for rate in (video.rate, video.average_rate) if rate]


def _ticks(text: bytes) -> int | None:
    return None if text == b"N/A" else int(text)
