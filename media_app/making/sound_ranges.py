"""Which bytes of an MP4 or MOV its sound needs: the index, what is no picture, and as much of the picture as shows what it is; and which
those of a film that shows some of its pictures.

A camera writes picture and sound in turns of half a second or more. Where a file lies in a bucket the verdict need not wait for the
picture between: of 20 GB the sound is some hundredths.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO

import numpy as np
from numpy.typing import NDArray

from media_app.core.files.ranges import ByteRange
from media_app.making.boxes import Box, Boxes, is_iso

#: Fewer bytes than this between two ranges are read along: another request costs more.
GAP = 256 << 10
#: Pictures at the beginning of a track that are read to see what it is: more than a program looks at.
PICTURES = 64
#: What the bytes of a box that is no recording may be: an index of a day has less.
MOST_OF_BOX = 256 << 20
#: 64 channels of 32 bits.
MOST_OF_FRAME = 256
#: Pictures whose packets the index alone describes. Others are taken apart to be counted.
DESCRIBED = frozenset(
    {b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"apch", b"apcn", b"apcs", b"apco", b"ap4h", b"ap4x"}
)
_VIDEO = b"vide"
#: Seconds of pictures that are read before and behind those that are needed: decoders read ahead, and an index may begin a little off
#: the clock of its file, by this much at most.
BEFORE_S, BEHIND_S, OFF_CLOCK_S = 2, 6, 1
#: And so many pictures behind them at least: more than threads and reordering take ahead.
BEHIND = 100
Windows = Sequence[tuple[float, float]]


class NotByRanges(Exception):
    """The file is to be read whole: its index is not one that says where all sound lies."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """Runs of samples of one track as they lie in the file."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    samples: NDArray[np.int64]

    def ranges(self) -> list[ByteRange]:
        return [
            ByteRange(int(start), int(length))
            for start, length in zip(self.starts, self.lengths, strict=True)
            if length
        ]

    def beginning(self, samples: int) -> "Chunks":
        """The chunks that hold the first so many samples."""
        held = int(np.searchsorted(np.cumsum(self.samples), samples)) + 1
        return Chunks(self.starts[:held], self.lengths[:held], self.samples[:held])

    def between(self, first: int, last: int) -> "Chunks":
        """The chunks that hold these samples, both among them."""
        until = np.cumsum(self.samples)
        begin, end = (int(np.searchsorted(until, sample, "right")) for sample in (max(0, first), max(0, last)))
        part = slice(begin, end + 1)
        return Chunks(self.starts[part], self.lengths[part], self.samples[part])


def sound_ranges(file: IO[bytes], size: int, pictures: Windows = ()) -> list[ByteRange]:
    """The ranges to read, in order and apart. `file` is read a few bytes at a time, and its index whole. `pictures`: from when to when the
    picture is wanted too, in seconds. Raises NotByRanges, and OutOfRange for an index that is made to cost."""
    file.seek(0)
    if not is_iso(file.read(16)):
        raise NotByRanges("The file is no MP4 or MOV.")
    boxes = Boxes(file, 0, size)
    wanted = [part for box in boxes for part in _beside_the_recording(box, size)]
    tracks = list(boxes.at(b"moov", b"trak"))
    if not tracks or any(boxes.at(b"moov", b"mvex")):
        raise NotByRanges("The file has no index of its own, or is in fragments.")
    if pictures and sum(_handler(boxes, track) == _VIDEO for track in tracks) != 1:
        raise NotByRanges("The file has several pictures.")
    for track in tracks:
        wanted += _of_track(boxes, track, pictures)
    last = max(part.start + part.length for part in wanted)
    # What follows the last box, whatever it is, is looked at from its beginning and its end.
    wanted += [ByteRange(last, min(GAP, size - last)), ByteRange(max(0, size - GAP), min(GAP, size))]
    return joined([part for part in wanted if part.length > 0], size)


def joined(ranges: Sequence[ByteRange], size: int) -> list[ByteRange]:
    """Ranges in order, those that nearly meet made one."""
    spans = sorted((part.start, min(part.start + part.length, size)) for part in ranges)
    out: list[ByteRange] = []
    for start, end in spans:
        if out and start <= out[-1].start + out[-1].length + GAP:
            reached = max(end, out[-1].start + out[-1].length)
            out[-1] = ByteRange(out[-1].start, reached - out[-1].start)
        else:
            out.append(ByteRange(start, end - start))
    return out


def _beside_the_recording(box: Box, size: int) -> Iterator[ByteRange]:
    """Of a box of the recording itself its head, of any other all."""
    end = min(box.end, size)
    if box.name == b"moof":
        raise NotByRanges("The file is in fragments.")
    if box.name == b"mdat":
        yield ByteRange(box.start, min(32, end - box.start))
    elif end - box.start > MOST_OF_BOX:
        raise NotByRanges(f"A box of {end - box.start:,} bytes is no index.")
    else:
        yield ByteRange(box.start, end - box.start)


def _of_track(boxes: Boxes, track: Box, pictures: Windows) -> list[ByteRange]:
    chunks = _chunks(boxes, track)
    if _handler(boxes, track) != _VIDEO:
        return chunks.ranges()
    names = {entry.name for entry in _entries(boxes, track)}
    if not names <= DESCRIBED:
        raise NotByRanges("Its picture's packets are counted by reading them.")
    if not chunks.starts.size:
        return []
    found = chunks.beginning(PICTURES).ranges()
    each_s = _seconds_of_sample(boxes, track) if pictures else 1.0
    for begin, end in pictures:
        last = max(int((end + BEHIND_S) / each_s) + 1, int(end / each_s) + BEHIND)
        found += chunks.between(int((begin - BEFORE_S) / each_s), last).ranges()
    return found


def _seconds_of_sample(boxes: Boxes, track: Box) -> float:
    """How long each picture is shown. Raises NotByRanges where that varies, and where the track does not begin with its first sample."""
    ticks = _per_second(boxes, _one(boxes, track, b"mdia", b"mdhd"))
    rows = _table(boxes, _one(boxes, track, b"mdia", b"minf", b"stbl", b"stts"), 4, ">u4", columns=2).astype(np.int64)
    # The last sample may be longer or shorter.
    if not rows.size or len(rows) > 2 or (len(rows) == 2 and rows[1, 0] != 1) or not rows[0, 1]:
        raise NotByRanges("Its pictures are not shown equally long.")
    movie = next((_per_second(boxes, box) for box in boxes.at(b"moov", b"mvhd")), 0)
    for box in boxes.within(track.body, track.end).at(b"edts", b"elst"):
        _refuse_late(boxes, box, movie, ticks)
    return float(rows[0, 1] / ticks)


def _per_second(boxes: Boxes, box: Box) -> int:
    """The time scale of a header. Raises NotByRanges."""
    boxes.file.seek(box.body)
    head = boxes.file.read(24)
    found = int.from_bytes(head[20:24] if head[:1] == b"\x01" else head[12:16], "big")
    if not found:
        raise NotByRanges("A track has no time scale.")
    return found


def _refuse_late(boxes: Boxes, box: Box, movie: int, ticks: int) -> None:
    """Raise NotByRanges for an edit list that moves the pictures from their samples by more than `OFF_CLOCK_S`, or cuts them."""
    boxes.file.seek(box.body)
    head = boxes.file.read(8)
    wide, count = head[:1] == b"\x01", int.from_bytes(head[4:8], "big")
    size, width = (20, 8) if wide else (12, 4)
    if not movie or not 1 <= count <= 2:
        raise NotByRanges("Its pictures are cut by its index.")
    shown = 0
    for _ in range(count):
        row = boxes.file.read(size)
        length = int.from_bytes(row[:width], "big")
        begins = int.from_bytes(row[width : 2 * width], "big", signed=True)
        late = length / movie if begins < 0 else begins / ticks
        shown += begins >= 0
        if late > OFF_CLOCK_S or shown > 1:
            raise NotByRanges("Its pictures are cut by its index.")


def _handler(boxes: Boxes, track: Box) -> bytes:
    box = _one(boxes, track, b"mdia", b"hdlr")
    boxes.file.seek(box.body + 8)
    return boxes.file.read(4)


def _entries(boxes: Boxes, track: Box) -> Iterator[Box]:
    box = _one(boxes, track, b"mdia", b"minf", b"stbl", b"stsd")
    yield from boxes.within(box.body + 8, box.end)


def _chunks(boxes: Boxes, track: Box) -> Chunks:
    """Where the samples of a track lie: sizes, samples of each chunk, and where each chunk begins (ISO/IEC 14496-12, 8.7)."""
    table = ("mdia", "minf", "stbl")
    place = [name.encode() for name in table]
    starts = _starts(boxes, track, place)
    samples = _samples_per_chunk(boxes, _one(boxes, track, *place, b"stsc"), starts.size)
    sizes = _sizes(boxes, track, _one(boxes, track, *place, b"stsz"), int(samples.sum()))
    ends = np.concatenate([[0], np.cumsum(sizes)])
    until = np.cumsum(samples)
    return Chunks(starts, ends[until] - ends[until - samples], samples)


def _starts(boxes: Boxes, track: Box, place: Sequence[bytes]) -> NDArray[np.int64]:
    for name, width in ((b"stco", ">u4"), (b"co64", ">u8")):
        for box in boxes.within(track.body, track.end).at(*place, name):
            return _table(boxes, box, 4, width).astype(np.int64)
    raise NotByRanges("A track does not say where it lies.")


def _samples_per_chunk(boxes: Boxes, box: Box, chunks: int) -> NDArray[np.int64]:
    rows = _table(boxes, box, 4, ">u4", columns=3).astype(np.int64)
    if chunks and not rows.size:
        raise NotByRanges("A track does not say what its chunks hold.")
    firsts = [*(int(first) - 1 for first in rows[:, 0]), chunks]
    if any(later < first for first, later in pairwise(firsts)) or (chunks and firsts[0] != 0):
        raise NotByRanges("A track's chunks are out of order.")
    return np.repeat(rows[:, 1], np.diff(firsts))


def _sizes(boxes: Boxes, track: Box, box: Box, samples: int) -> NDArray[np.int64]:
    boxes.file.seek(box.body + 4)
    each = int.from_bytes(boxes.file.read(4), "big")
    if each:
        return np.full(samples, max(each, _frame_bytes(boxes, track)), np.int64)
    sizes = _table(boxes, box, 8, ">u4").astype(np.int64)
    if sizes.size != samples:
        raise NotByRanges("A track's tables do not agree.")
    return sizes


def _frame_bytes(boxes: Boxes, track: Box) -> int:
    """Bytes of a frame of plain sound, whose samples QuickTime may count as of one byte each; 0 for others."""
    if _handler(boxes, track) != b"soun":
        return 0
    most = 0
    for entry in _entries(boxes, track):
        boxes.file.seek(entry.body)
        head = boxes.file.read(44)
        version, channels, bits = (int.from_bytes(head[at : at + 2], "big") for at in (8, 16, 18))
        packed = int.from_bytes(head[36:40], "big") if version == 1 else 0
        if version > 1 or max(channels * bits // 8, packed) > MOST_OF_FRAME:
            raise NotByRanges("The sound is described in a way of its own.")
        most = max(most, channels * bits // 8, packed)
    return most


def _table(boxes: Boxes, box: Box, before: int, kind: str, columns: int = 1) -> NDArray[np.uint64]:
    """A list of numbers whose count stands `before` bytes behind its version."""
    boxes.file.seek(box.body + before)
    count = int.from_bytes(boxes.file.read(4), "big")
    width = np.dtype(kind).itemsize * columns
    if count * width > box.end - box.body:
        raise NotByRanges("A track's table is cut.")
    values = np.frombuffer(boxes.file.read(count * width), kind)
    if values.size != count * columns:
        raise NotByRanges("A track's table is cut.")
    return values.reshape(-1, columns) if columns > 1 else values


def _one(boxes: Boxes, track: Box, *names: bytes) -> Box:
    for box in boxes.within(track.body, track.end).at(*names):
        return box
    raise NotByRanges(f"A track has no {names[-1].decode()}.")
