"""A decided shoot as an automatic cut sees it: its cameras, and its microphones on the master's clock."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy  # its parts load when they are first used: slowly

from render_app.core.autocut.values import RATE, Camera, Conversation, Samples, Span
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.intervals import joined
from render_app.core.timeline.edges import edge_ms
from sync_app.core.values import Sound

#: A microphone with less of the speech than this is nobody's: it hears the others.
OWN_SHARE = 0.02
#: A camera called so shows everybody.
WIDE_WORDS = ("wide", "total", "master shot", "everybody", "stage")
#: Samples on either side at which the low-pass of a resampler looks.
_AROUND = 10
#: Seconds between two chapters of one recording, by the rounding of their ends.
_SEAM_S = 0.02


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A line of a clip's clock: between `start` and `end` on the master's clock, t_camera = (t_master - offset) / pace."""

    start: float
    end: float
    offset: float
    pace: float
    sound: Sound


class SessionMicrophone:
    """A camera's microphone on the master's clock, with all its clips, pauses and drift."""

    def __init__(self, label: str, clips: Iterable[tuple[Angle, Sound]]) -> None:
        self.label = label
        self._stretches = [one for angle, sound in clips for one in _stretches(angle, sound)]

    def read(self, start: float, seconds: float) -> Samples:
        """Its sound at RATE; silence where it did not record."""
        out = np.zeros(round(seconds * RATE), np.float32)
        for one in self._stretches:
            first = max(0, round((one.start - start) * RATE))
            last = min(out.size, round((one.end - start) * RATE))
            if first < last:
                out[first:last] = _read(one, start + first / RATE, last - first)
        return out


def _stretches(angle: Angle, sound: Sound) -> Iterable[_Stretch]:
    lines = angle.lines
    ends = [*(float(after.begin) for after in lines[1:]), angle.duration_ms / 1000]
    for line, end in zip(lines, ends, strict=True):
        offset, pace = float(line.offset), float(line.pace)
        yield _Stretch(float(line.begin) * pace + offset, end * pace + offset, offset, pace, sound)


def _read(stretch: _Stretch, start: float, count: int) -> Samples:
    """`count` samples at RATE from a time of the master's clock: drawn at their exact times, then low-passed and thinned.

    Between two samples a drawn one is softer the higher its tone: of few samples, noise would come and go as clocks drift.
    """
    sound, step = stretch.sound, max(1, round(stretch.sound.rate / RATE))
    spare = _AROUND * step
    begin = (start - stretch.offset) / stretch.pace
    places = np.arange(-spare, count * step + spare) / (RATE * step)
    times = (begin + places / stretch.pace) * sound.rate
    first = max(0, int(times[0]))
    samples = sound.read(first, max(0, int(times[-1]) - first + 2))
    if not samples.size:
        return np.zeros(count, np.float32)
    drawn = np.interp(times - first, np.arange(samples.size), samples, left=0.0, right=0.0)
    thin = scipy.signal.resample_poly(drawn, 1, step) if step > 1 else drawn
    return thin[_AROUND : _AROUND + count].astype(np.float32)


def pictures_of(edit: MulticamEdit) -> dict[str, tuple[Span, ...]]:
    """When each camera with a picture recorded, on the master's clock, without seams between chapters that follow each other at once."""
    found: dict[str, tuple[Span, ...]] = {}
    for label, clips in edit.cameras.items():
        spans = [(one.start_ms / 1000, one.end_ms / 1000) for one in clips if one.has_picture]
        if spans:
            found[label] = tuple(Span(*one) for one in joined(spans, _SEAM_S))
    return found


def cameras_of(
    pictures: Mapping[str, tuple[Span, ...]], talk: Conversation, names: Mapping[str, str]
) -> tuple[Camera, ...]:
    """Whom each camera shows: the one whose voice is its own microphone's, and those at microphones without a picture whose names stand
    in its name; everybody where that is nobody, or where a person called it so."""
    heard = [one for one in talk.microphones if talk.share_of(one) >= OWN_SHARE]
    apart = {one: names[one] for one in heard if one not in pictures and names.get(one)}
    return tuple(Camera(label, spans, _shown(label, heard, apart, names)) for label, spans in pictures.items())


def _shown(label: str, heard: Sequence[str], apart: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    name = names.get(label, "").lower()
    if any(word in name for word in WIDE_WORDS):
        return ()
    named = [one for one, who in apart.items() if re.search(rf"\b{re.escape(who.lower())}\b", name)]
    return (*([label] if label in heard else []), *named)


def best_heard(edit: MulticamEdit) -> str:
    """The camera whose sound a cut has: a recorder before a camera, then the longest, then the master; empty without sound."""
    heard = {label: [one for one in clips if one.audio_channels] for label, clips in edit.cameras.items()}

    def worth(label: str) -> tuple[bool, int, bool]:
        clips = heard[label]
        length = sum(one.end_ms - one.start_ms for one in clips)
        return all(not one.has_picture for one in clips), round(length / 1000), label == edit.master[:1]

    return max((label for label, clips in heard.items() if clips), key=worth, default="")


def whole_frames(start_ms: Fraction, end_ms: Fraction, rate: Fraction) -> tuple[Fraction, Fraction]:
    """The part of a stretch that is whole frames: before the first camera began, and after the last one stopped, there is nothing."""
    first, last = math.ceil(start_ms * rate / 1000), math.floor(end_ms * rate / 1000)
    return edge_ms(first, rate), edge_ms(max(last, first + 1), rate)
