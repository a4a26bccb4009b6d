"""What the chain made, held against the truth: words, the choice of cameras, every frame of the film, its sound, its files."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app import process
from studio.demo.cards import DEVICES, Shoot, expected_flash
from studio.demo.spoken import Line

#: The camera that shows both.
WIDE = "C"
#: Parts of the picture, as shares (top, bottom, left, right): the flash, the bare color, the captions.
_FLASH, _COLOR, _CAPTION = (0.02, 0.16, 0.85, 0.98), (0.6, 0.75, 0.02, 0.08), (0.8, 0.98, 0.05, 0.95)
#: Brighter than any bare picture: a letter. How many samples of it there are where there is text.
_LETTER, _LETTERS = 150, 4
#: A color that stands out by so much, and how far the sync may be off before a flash counts as misplaced.
_COLORED, _SLACK_MS = 4, 3


def plain(text: str) -> list[str]:
    """Words as they are compared: small letters and apostrophes."""
    return re.findall(r"[a-z']+", text.lower().replace("’", "'"))


def word_errors(truth: Sequence[str], heard: Sequence[str]) -> int:
    """How many words were put in, left out or taken for others, at the least."""
    before = list(range(len(heard) + 1))
    for row, word in enumerate(truth, 1):
        now = [row]
        for column, other in enumerate(heard, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (word != other)))
        before = now
    return before[-1]


def edge_errors_ms(lines: Iterable[Line], words: Sequence[tuple[str, float, float]]) -> list[float]:
    """By how much the first word of each sentence begins, and the last one ends, beside the truth. `words`: text, begin, end in
    seconds of the event; those that were heard otherwise say nothing."""
    spoken = [(word, line, place) for line in lines for place, word in enumerate(plain(line.text))]
    heard = [(word, begin, end) for text, begin, end in words for word in plain(text)]
    found = []
    for match in SequenceMatcher(
        None, [one[0] for one in spoken], [one[0] for one in heard], autojunk=False
    ).get_matching_blocks():
        for step in range(match.size):
            _, line, place = spoken[match.a + step]
            _, begin, end = heard[match.b + step]
            if place == 0:
                found.append(abs(begin - line.start) * 1000)
            if place == len(plain(line.text)) - 1:
                found.append(abs(end - line.end) * 1000)
    return found


def at_share(values: Sequence[float], share: float) -> float:
    """What so large a share of the values does not exceed; 0 of none."""
    return float(np.quantile(values, share)) if values else 0.0


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera of the cut, in frames of the film."""

    camera: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Film:
    """What the cut says of the film. `start_s`: when it begins, on the event's clock."""

    shots: tuple[Shot, ...]
    rate: Fraction
    start_s: float

    @property
    def frames(self) -> int:
        """How many it has."""
        return self.shots[-1].end

    def event_s(self, frame: int) -> float:
        """When a frame is, on the event's clock."""
        return self.start_s + float(frame / self.rate)


def film_of(cut: Mapping[str, Any], master_s: float) -> Film:
    """The film that a cut, as `/v2/sessions/{id}/cut` has it, is to become. `master_s`: when the master began, on the event's clock."""
    rate, start, end = Fraction(cut["rate"]), cut["range"]["startMs"], cut["range"]["endMs"]
    points = [(max(one["atMs"], start), one["angle"]) for one in cut["switchPoints"]]
    edges = [round((at - start) * rate / 1000) for at, _ in points] + [round((end - start) * rate / 1000)]
    shots = (Shot(angle, *edge) for (_, angle), edge in zip(points, pairwise(edges), strict=True))
    return Film(tuple(one for one in shots if one.end > one.start), rate, master_s + start / 1000)


def shown_well(shoot: Shoot, film: Film) -> tuple[float, float]:
    """Of the time in which somebody speaks: the share on that person or on both, and the share on both."""
    spoken = on_person = on_both = 0
    for shot in film.shots:
        for frame in range(shot.start, shot.end):
            at = film.event_s(frame)
            line = next((one for one in shoot.talk.lines if one.start <= at < one.end), None)
            spoken += line is not None
            on_person += line is not None and shot.camera == line.person
            on_both += line is not None and shot.camera == WIDE
    return (on_person + on_both) / max(1, spoken), on_both / max(1, spoken)


def cuts_in_words(shoot: Shoot, film: Film) -> int:
    """How many cuts fall into a word."""
    return sum(shoot.talk.in_a_word(film.event_s(after.start)) for _, after in pairwise(film.shots))


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame of the film: its camera by its color, whether it flashes, whether there are words under it."""

    camera: str
    flashes: bool
    captioned: bool


def frames_of(path: Path, size: tuple[int, int]) -> list[Seen]:
    """Every frame of a film, in order."""
    width, height = size
    blocks, luma, chroma = bytearray(), width * height, width * height // 4
    frames: list[Seen] = []

    def look(data: bytes) -> None:
        blocks.extend(data)
        while len(blocks) >= luma + 2 * chroma:
            frame = np.frombuffer(bytes(blocks[: luma + 2 * chroma]), np.uint8)
            del blocks[: luma + 2 * chroma]
            frames.append(_seen(frame[:luma].reshape(height, width), frame[luma:].reshape(2, height // 2, width // 2)))

    process.ffmpeg(
        ["-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"],
        on_stdout=look,
    )
    return frames


def _seen(luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> Seen:
    blue, red = (float(_part(one, _COLOR).mean()) - 128 for one in chroma)
    camera = "A" if blue > max(red, _COLORED) else "B" if red > max(blue, _COLORED) else "C"
    words = int((_part(luma, _CAPTION) > _LETTER).sum()) >= _LETTERS
    return Seen(camera, float(_part(luma, _FLASH).mean()) > _LETTER, words)


def _part(picture: NDArray[np.uint8], part: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    height, width = picture.shape
    top, bottom, left, right = part
    return picture[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]


def wrong_cameras(film: Film, seen: Sequence[Seen]) -> int:
    """How many frames show another camera than the cut says, or are missing or over."""
    wanted = [shot.camera for shot in film.shots for _ in range(shot.start, shot.end)]
    return sum(one != other.camera for one, other in zip(wanted, seen, strict=False)) + abs(len(wanted) - len(seen))


def wrong_moments(shoot: Shoot, film: Film, seen: Sequence[Seen]) -> int:
    """How many frames flash where the event does not, or do not where it does."""
    wanted = [(shot.camera, frame) for shot in film.shots for frame in range(shot.start, shot.end)]
    return sum(
        one.flashes not in _flashes(shoot, camera, film.event_s(frame))
        for (camera, frame), one in zip(wanted, seen, strict=False)
    )


def _flashes(shoot: Shoot, camera: str, event_s: float) -> set[bool]:
    """Whether a camera's frame at an instant flashes; both, within what a sync may be off."""
    rate = Fraction(DEVICES[camera].fps)
    found = set()
    for off_ms in (-_SLACK_MS, 0, _SLACK_MS):
        at = Fraction(str(round(event_s + off_ms / 1000, 6)))
        file = next((one for one in shoot.files if one.camera == camera and one.start <= at < one.end), None)
        if file is None:
            return {True, False}
        begin = Fraction(str(file.start))
        found.add(expected_flash(begin + Fraction((at - begin) * rate // 1) / rate))
    return found


def wrong_captions(rate: Fraction, cues: Sequence[tuple[int, int]], seen: Sequence[Seen]) -> int:
    """How many frames have words under them where the caption file has none, or none where it has."""
    said = [any(start <= frame * 1000 / rate < end for start, end in cues) for frame in range(len(seen))]
    return sum(one != other.captioned for one, other in zip(said, seen, strict=True))


def cues_of(srt: str) -> list[tuple[int, int, str]]:
    """The captions of an SRT file: begin and end in ms, text."""
    found = []
    for block in srt.strip().split("\n\n"):
        lines = block.splitlines()
        if len(lines) >= 3 and (times := re.findall(r"(\d+):(\d+):(\d+),(\d+)", lines[1])):
            start, end = (((int(h) * 60 + int(m)) * 60 + int(s)) * 1000 + int(ms) for h, m, s, ms in times)
            found.append((start, end, "\n".join(lines[2:])))
    return found


def unreadable(cues: Sequence[tuple[int, int, str]]) -> int:
    """How many captions are longer or faster than can be read: two lines of 42, 20 characters a second."""
    return sum(
        len(text.split("\n")) > 2
        or max(map(len, text.split("\n"))) > 42
        or (len(text) - text.count("\n")) > 20 * (end - start) / 1000 + 1
        for start, end, text in cues
    )


def loudness_of(path: Path) -> tuple[float, float]:
    """A film's loudness in LUFS, and its true peak in dBTP."""
    done = process.ffmpeg(
        ["-v", "info", "-i", str(path), "-map", "0:a", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    )
    said = done.stderr_tail.rpartition("Summary:")[2]
    loud, peak = re.search(r"I:\s+(-?[\d.]+) LUFS", said), re.search(r"Peak:\s+(-?[\d.]+) dBFS", said)
    assert loud
    assert peak
    return float(loud[1]), float(peak[1])


def picture_list(data: bytes) -> bytes:
    """The list of the picture, of an EDL or of a ZIP with one for each track."""
    if data[:2] != b"PK":
        return data
    archive = zipfile.ZipFile(io.BytesIO(data))
    return archive.read(next(name for name in archive.namelist() if "_track-V" in name))


def edges_in(form: str, data: bytes, rate: Fraction) -> set[int]:
    """The frames on which something begins, in the picture of an edit for another program, counted from its first."""
    read = {"otio": _otio_edges, "edl": _edl_edges, "fcpxml": _fcpxml_edges}[form]
    found = set(read(data, rate))
    return {one - min(found) for one in found}


def _otio_edges(data: bytes, rate: Fraction) -> Iterator[int]:
    tracks = json.loads(data)["tracks"]["children"]
    track = next(one for one in tracks if one["kind"] == "Video")
    at = 0
    for item in track["children"]:
        if not item["OTIO_SCHEMA"].startswith("Transition"):
            yield at
            at += round(item["source_range"]["duration"]["value"])


def _edl_edges(data: bytes, rate: Fraction) -> Iterator[int]:
    base = round(rate)
    for line in data.decode().splitlines():
        if (
            found := re.match(r"\d+\s+\S+\s+(?:V|B|AA/V)\S*\s.*?((?:\d\d[:;]){3}\d\d)\s+(?:\d\d[:;]){3}\d\d\s*$", line)
        ) is not None:
            hours, minutes, seconds, frames = map(int, re.split("[:;]", found[1]))
            yield ((hours * 60 + minutes) * 60 + seconds) * base + frames


def _fcpxml_edges(data: bytes, rate: Fraction) -> Iterator[int]:
    for clip in re.findall(rb"<mc-clip [^>]*>", data):
        found = re.search(rb'offset="(\d+)(?:/(\d+))?s"', clip)
        if found is not None and b"lane=" not in clip:
            yield round(Fraction(int(found[1]), int(found[2] or 1)) * rate)
