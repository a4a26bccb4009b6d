"""All channels of one track measured from blocks of samples, as they come out of the decoder.

Peaks and zeros are counted in every sample. What costs more (spectra, timecode, how channels go together) is measured in
windows of two seconds: all of them at first, then one of every few, so that an hour costs a second or two.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from media_app.core.sound import ltc
from media_app.core.sound.tracks import ChannelSummary
from media_app.core.sound.voice import SILENCE, Character, character

RATE = 48_000
WINDOW = 2 * RATE
#: Windows at the beginning that are all looked at, and of which later ones one is.
FIRST_WINDOWS = 30
EVERY = 4
#: The least that is still measured, when a file is shorter than a window.
SHORTEST = RATE // 2
FULL_SCALE = 32_768
#: Windows this far under the loudest are pauses, dB.
PAUSE_DB = 20.0


@dataclass(slots=True)
class _Channel:
    """What has been seen of one channel."""

    lowest: int = 0
    highest: int = 0
    zeros: int = 0
    powers: list[float] = field(default_factory=list)
    characters: list[Character] = field(default_factory=list)
    frames: list[ltc.LtcFrame] = field(default_factory=list)
    looks: int = 0
    ltc_looks: int = 0

    def note(self, look: "_Look") -> None:
        """Count what one window was like."""
        self.characters.append(look.character)
        if look.frames is not None:
            self.looks += 1
            self.frames += look.frames
            self.ltc_looks += bool(look.frames)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one window of a channel is like; `frames`: its LTC, None in silence, where none is looked for."""

    character: Character
    frames: tuple[ltc.LtcFrame, ...] | None


class TrackMeter:
    """Feed it blocks of 16-bit samples at 48 kHz, then ask for `channels`, `covariance` and `timecode`.

    Memory: one window. `every`: of the later windows one in so many is measured.
    """

    def __init__(self, channels: int, *, first: int = FIRST_WINDOWS, every: int = EVERY) -> None:
        self._channels = [_Channel() for _ in range(channels)]
        self._first, self._every = first, every
        self._frames = 0
        self._windows = 0
        self._waiting: list[NDArray[np.int16]] = []
        self._products = np.zeros((channels, channels))

    def feed(self, block: NDArray[np.int16]) -> None:
        """The next frames, shape (n, channels)."""
        for seen, column in zip(self._channels, block.T, strict=True):
            samples = np.ascontiguousarray(column)
            if len(samples):
                seen.lowest = min(seen.lowest, int(samples.min()))
                seen.highest = max(seen.highest, int(samples.max()))
                seen.zeros += len(samples) - int(np.count_nonzero(samples))
        while len(block):
            within = self._frames % WINDOW
            part, block = block[: WINDOW - within], block[WINDOW - within :]
            if self._looked_at(self._frames // WINDOW):
                # The caller may use its buffer again.
                self._waiting.append(part.copy())
            self._frames += len(part)
            if self._frames % WINDOW == 0:
                self._measure(self._frames - WINDOW)

    def channels(self) -> tuple[ChannelSummary, ...]:
        """Each channel's summary. Nothing may be fed after this."""
        waiting = sum(len(part) for part in self._waiting)
        if waiting >= SHORTEST or not self._windows:
            self._measure(self._frames - waiting)
        return tuple(self._summary(number, seen) for number, seen in enumerate(self._channels, 1))

    def covariance(self) -> tuple[tuple[float, ...], ...]:
        """See `TrackSummary`."""
        mean = self._products / max(1, self._windows)
        return tuple(tuple(float(value) for value in row) for row in mean)

    def timecode(self, number: int) -> tuple[ltc.LtcFrame, ...]:
        """The LTC frames seen on a channel, in order."""
        return tuple(self._channels[number - 1].frames)

    def _looked_at(self, window: int) -> bool:
        return window < self._first or window % self._every == 0

    def _measure(self, start: int) -> None:
        """Measure the window that waits; its first frame is number `start`."""
        parts, self._waiting = self._waiting, []
        if not parts or not sum(len(part) for part in parts):
            return
        window = np.ascontiguousarray(np.concatenate(parts).T).astype(np.float32) / FULL_SCALE
        window -= window.mean(axis=1, keepdims=True)
        products = (window @ window.T).astype(np.float64) / window.shape[1]
        self._products += products
        self._windows += 1
        looks: list[_Look] = []
        for place, seen in enumerate(self._channels):
            seen.powers.append(float(products[place, place]))
            # Many cameras record one microphone on both channels.
            same = place > 0 and np.array_equal(window[place], window[0])
            looks.append(looks[0] if same else _look(window[place], start))
            seen.note(looks[place])

    def _summary(self, number: int, seen: _Channel) -> ChannelSummary:
        powers = np.array(seen.powers or [0.0])
        loud = powers[powers > powers.max() * 10 ** (-PAUSE_DB / 10)]
        peak = max(-seen.lowest, seen.highest)
        return ChannelSummary(
            number=number,
            level_db=10 * float(np.log10(loud.mean())) if len(loud) else None,
            peak_db=20 * float(np.log10(peak / FULL_SCALE)) if peak else None,
            zeros=seen.zeros / max(1, self._frames),
            activity=_mean([one.activity for one in seen.characters]),
            speech=_mean([one.speech for one in seen.characters]),
            ltc=seen.ltc_looks / max(1, seen.looks),
        )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _look(samples: NDArray[np.float32], start: int) -> _Look:
    if not samples.any():
        return _Look(SILENCE, None)
    pairs = samples[: len(samples) // 2 * 2].reshape(-1, 2)
    found = character(((pairs[:, 0] + pairs[:, 1]) / 2).astype(np.float32))
    return _Look(found, ltc.decode_window(samples[: round(ltc.WINDOW_S * RATE)], RATE, start))
