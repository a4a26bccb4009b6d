"""Faint sound of a track's own under a song that explains nearly all of both: talk 12 to 22 dB under it, at two events.

Such talk is seen where the song is weak: in cells of an eighth of a second and 60 Hz, between its notes. There a track is louder than
what is predicted of it by far. Talk that both tracks hear is predicted in part, at some other level, and stays within that; what
echoes leave is spread over all cells. A dropout takes all bands at once, and is not counted. A dense song may hide all talk: whether
it would, a talker of our own is put under it to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sync_app.core.features import RATE
from sync_app.core.prediction import Spectra, Wave, spectra_of

#: Frames and bins of a cell, and the lowest bin: under it hum and single bass notes stand out of what little else there is.
_FRAMES, _BINS, _LOWEST = 4, 8, 8
_OVER_DB = 12.0
#: Over its quietest tenth and of its median, in power; so much of it is not predicted.
_OVER_FLOOR, _OF_USUAL, _NOT_FORETOLD = 4.0, 0.3, 0.5
#: Where so many of the bands stand out at once, one track has dropped out.
_DROPPED = 0.3
#: How far the talker of our own is under the rest; a syllable is so long.
_TALKER_DB, _SYLLABLE_S = -20.0, 0.25
#: What a filter leaves of a track that hears a song and little else: 1 to 24 % with talk 12 dB under it, 40 % and more of two talkers
#: with a microphone each.
_SONG_LEAVES = 0.25
#: So far under its loud moments a track pauses, and so often talk does. Where noise fills the pauses, its quiet moments are alike to
#: 3 dB, those of most songs 3.6 to 10 dB apart; and so little cannot be left of both tracks.
_PAUSE_DB, _LOUDER, _PAUSES, _ALIKE_DB, _NO_NOISE = 12.0, 0.7, 0.035, 3.4, 0.05
#: A talker of our own who stands out of fewer cells than this may go unseen.
_VISIBLE = 0.0008
#: Of what such a talker has, talk that both hear leaves less than this.
_OF_A_TALKER = 0.03


@dataclass(frozen=True, slots=True)
class Beneath:
    """`share`: of all cells, those in which a track stands out of what is predicted of it; `left`: the share of its power that is
    not predicted; `visible`: the share of cells in which a talker 20 dB under it would stand out."""

    share: float
    left: float
    visible: float

    @property
    def heard(self) -> float:
        """The share, 0 where it is next to nothing of what a talker would have: where a song leaves much room, notches of the room do."""
        return self.share if self.share > _OF_A_TALKER * self.visible else 0.0


@dataclass(frozen=True, slots=True)
class Under:
    """What both tracks have under what they share."""

    first: Beneath
    second: Beneath

    @property
    def own(self) -> float:
        """The share of cells in which each stands out: 0 to 0.00007 at one event, 0.00009 to 0.004 with talk under a song at two."""
        explained = max(self.first.left, self.second.left) < _SONG_LEAVES
        return min(self.first.heard, self.second.heard) if explained else 0.0

    @property
    def left(self) -> float:
        """What is left of the track that is explained better."""
        return min(self.first.left, self.second.left)

    def hides(self, levels: Sequence[NDArray[np.float32]]) -> bool:
        """Whether talk of an event's own could be there unseen: what is shared never pauses, by the levels of either track in dB, and
        explains nearly all, and a talker of our own would not stand out."""
        never_pauses = any(unbroken(decibels, self.left) for decibels in levels)
        return never_pauses and self.left < _SONG_LEAVES and min(self.first.visible, self.second.visible) < _VISIBLE


def unbroken(decibels: NDArray[np.float32], left: float) -> bool:
    """Whether levels are those of sound without a pause, and not of talk or of noise in its pauses."""
    if not decibels.size:
        return False
    loud, quiet, quietest = np.quantile(decibels, [_LOUDER, 0.1, 0.01])
    swings = quiet - quietest > _ALIKE_DB or left < _NO_NOISE
    return bool((decibels < loud - _PAUSE_DB).mean() < _PAUSES and swings)


def beneath(waves: Sequence[Spectra], said: Sequence[Spectra]) -> Beneath:
    """Measure the frames of a track, window by window, against what the other one foretells of them."""
    found = [_window(wave, predicted) for wave, predicted in zip(waves, said, strict=True)]
    return Beneath(
        float(np.mean([one.share for one in found])),
        float(np.median([one.left for one in found])),
        float(np.mean([one.visible for one in found])),
    )


def _window(wave: Spectra, said: Spectra) -> Beneath:
    power, left = np.square(np.abs(wave)), np.square(np.abs(wave - said))
    talker = _talker(len(wave), wave.shape[1])
    level = np.sqrt(10 ** (_TALKER_DB / 10) * power.sum() / np.square(np.abs(talker)).sum())
    return Beneath(
        float(_standing_out(wave, said).mean()),
        float(left.sum() / max(float(power.sum()), 1.0)),
        float(_standing_out(wave + np.float32(level) * talker, said).mean()),
    )


def _standing_out(wave: Spectra, said: Spectra) -> NDArray[np.bool_]:
    power, predicted, left = _cells(wave), _cells(said), _cells(wave - said)
    over = 10 * np.log10((power + 1) / (predicted + 1))
    loud = power > np.maximum(_OVER_FLOOR * np.quantile(power, 0.1, axis=0), _OF_USUAL * np.median(power, axis=0))
    found: NDArray[np.bool_] = loud & (left > _NOT_FORETOLD * power) & (over - np.median(over, axis=0) > _OVER_DB)
    found &= (found.mean(axis=1) < _DROPPED)[:, None]
    return found


def _cells(spectra: Spectra) -> NDArray[np.float64]:
    power = np.square(np.abs(spectra[:, _LOWEST:]))
    count, bins = power.shape[0] // _FRAMES, power.shape[1] // _BINS
    cells = power[: count * _FRAMES].reshape(count, _FRAMES, bins, _BINS)
    found: NDArray[np.float64] = cells.sum(axis=(1, 3), dtype=np.float64)
    return found


@cache
def _talker(frames: int, bins: int) -> Spectra:
    """Syllables with a pitch, of which a third is left out, always the same."""
    rng, time = np.random.default_rng(0), np.arange(round(_SYLLABLE_S * RATE)) / RATE
    said: list[Wave] = []
    for _ in range(frames * 256 // time.size + 8):
        pitch, open_hz = rng.uniform(90, 220), rng.uniform(400, 2500)
        tones = [
            np.sin(2 * np.pi * pitch * k * time + rng.uniform(0, 6)) / (k * (1 + abs(np.log2(pitch * k / open_hz))))
            for k in range(1, 24)
        ]
        said.append((np.hanning(time.size) * sum(tones) * (rng.random() < 0.67)).astype(np.float32))
    return spectra_of(np.concatenate(said))[:frames, 20 : 20 + bins].astype(np.complex64)
