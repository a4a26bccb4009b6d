"""What each track has that no room makes of the other one: own sound under a program that played at two events.

Of each frequency the frames of one track are predicted from those of the other, a quarter of a second early to two thirds late:
reverberation of both rooms is in that, and goes. What stays of loud cells, where it has lines in its spectrum and stands higher
than it does elsewhere, is sound that the other track does not have. Talk 10 dB under a song shows in it. Talkers who are near one
microphone and faint in the other leave such sound as well: it goes where a filter of its own predicts it (see `bleed`). So does a
track that is clipped hard: it is predicted by the other one clipped alike (see `clipping`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sync_app.core import bleed, clipping, refine
from sync_app.core.beneath import Under, beneath
from sync_app.core.confidence import BESIDE
from sync_app.core.coverage import Pair
from sync_app.core.features import RATE
from sync_app.core.playback import MOSTLY, Cells, Flags, Heard, joined, own_cells, share_of
from sync_app.core.prediction import Spectra, Wave, predicted, spectra_of
from sync_app.core.refine import Line

_WINDOW_S, _WINDOWS, _LEAST_S = 24.0, 4, 12.0
_FRAMES, _BINS, _BANDS, _LOWEST = 8, 24, 18, 20
#: So near to a stretch in which each hears something else its edge may lie elsewhere.
_EDGE_S = 3.0
#: The spectrum of noise is flatter than that in every frame.
_FLAT = 0.45
#: From this share in both on it is asked whether one hears it faintly; for that, cells count that are so much their own.
_SEEMS, _PARTLY = 0.005, 0.5
#: Of programs at two events 74 to 100 % stays in both, of talkers who are near one microphone 0 to 57 % in one track at least.
_STAYS = 0.7
#: Cells that are their own in part, and over their usual.
_IN_PART, _OVER_DB = 0.35, 6.0
#: A track that is clipped hard has 0 to 0.5 % of its own at one event once its clipping is predicted, at two 1.1 % and more.
_NEXT_TO_NOTHING = 0.002


@dataclass(frozen=True, slots=True)
class Residue:
    """The shares of each track's loud cells that are mostly its own. `stays`: how much stays so where it is predicted by itself, of
    what seemed to be so at first, in the track where less does: 0 where one hears faintly what is near the other. `clipped`: how
    many of the tracks are clipped hard; of one its clipping is predicted as well, of two it cannot be. `beside`: how much of both may be
    sound beside a program (see `_own_talk`)."""

    first: float
    second: float
    stays: float = 1.0
    clipped: int = 0
    beside: float = 0.0
    under: Under | None = None

    @property
    def both(self) -> float:
        """What holds for both tracks; 0 where they bleed into each other."""
        return 0.0 if self.bleeds else min(self.first, self.second)

    @property
    def bleeds(self) -> bool:
        """Whether sound that is near one microphone was found in the other track: there was one event."""
        return self.stays < _STAYS

    @property
    def all_is_clipping(self) -> bool:
        """Whether one track's clipping makes all that seemed to be its own: there was one event."""
        return self.clipped == 1 and min(self.first, self.second) < _NEXT_TO_NOTHING and self.beside < BESIDE


def residue(pair: Pair, line: Line, span: tuple[float, float], but: Sequence[tuple[float, float]] = ()) -> Residue:
    """Measure up to four windows of a span of the second track's clock, in which a line holds `but` for some parts."""
    sounds = [_sounds(pair, line, middle, length) for middle, length in _windows(span, but)]
    if not sounds:
        return Residue(0.0, 0.0)
    waves = [[_in_band(both[k]) for both in sounds] for k in range(2)]
    said = [[predicted(other, wave) for wave, other in zip(waves[k], waves[1 - k], strict=True)] for k in range(2)]
    heard = [joined([_heard(*both) for both in zip(waves[k], said[k], strict=True)]) for k in range(2)]
    under = Under(*(beneath(waves[k], said[k]) for k in range(2)))
    clipped = [clipping.hard_clipped(track.samples) for track in (pair.first, pair.second)]
    if sum(clipped) == 1:
        k = clipped.index(True)
        alike = [_in_band(clipping.clipped_alike(both[1 - k], both[k])) for both in sounds]
        unclipped = joined([_heard(wave, predicted(other, wave)) for wave, other in zip(waves[k], alike, strict=True)])
        heard[k] = replace(heard[k], alone=np.minimum(heard[k].alone, unclipped.alone))
    own = [own_cells(heard[0], heard[1], _FLAT), own_cells(heard[1], heard[0], _FLAT)]
    first, second = (share_of(*each) for each in zip(own, heard, strict=True))
    beside = min(_own_talk(heard[0], heard[1]), _own_talk(heard[1], heard[0]))
    found = Residue(first, second, clipped=sum(clipped), beside=beside, under=under)
    return found if min(first, second) < _SEEMS else _predicted_separately(found, waves, heard, own)


def _own_talk(own: Heard, other: Heard) -> float:
    """How many of a track's loud cells are its own in part, times the share of all its power that is: talk beside a program leaves
    much of both, echoes leave little power, and noise few cells with lines in them."""
    cells = own_cells(own, other, _FLAT, _IN_PART, _OVER_DB)
    return share_of(cells, own) * float(own.alone.sum() / max(float(own.power.sum()), 1.0))


def _predicted_separately(
    found: Residue, waves: Sequence[list[Spectra]], heard: Sequence[Heard], own: Sequence[Flags]
) -> Residue:
    """What stays of each track's own cells once those that seem to be are predicted by filters of their own."""
    alone = [track.alone for track in heard]
    before = _staying(own, heard, alone)
    for source, cells in zip(heard, own, strict=True):
        seems = _unlike(source.alone, source, _PARTLY) & source.loud & cells.any(axis=0)
        share = np.square(source.alone / (source.power + 1)) * seems
        for k in range(2):
            left = bleed.alone(waves[1 - k], waves[k], share / (heard[k].power + 1))
            alone[k] = np.minimum(alone[k], left)
    first, second = _staying(own, heard, alone)
    stays = min(first / max(before[0], 1e-9), second / max(before[1], 1e-9))
    return replace(found, first=first, second=second, stays=stays)


def _staying(own: Sequence[Flags], heard: Sequence[Heard], alone: Sequence[Cells]) -> list[float]:
    """The shares of each track's loud cells that are its own, where neither track predicts the other."""
    neither = _unlike(alone[0], heard[0]) & _unlike(alone[1], heard[1])
    return [share_of(cells & neither, track) for cells, track in zip(own, heard, strict=True)]


def _unlike(alone: Cells, heard: Heard, share: float = MOSTLY) -> Flags:
    """The cells of which more than a share is not predicted."""
    found: Flags = alone > share * heard.power
    return found


def _windows(span: tuple[float, float], but: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Middles and lengths of some windows, spread over what is left of the span."""
    parts = ((low - _EDGE_S, high + _EDGE_S) for low, high in sorted(but))
    edges = [span[0], *(edge for part in parts for edge in part), span[1]]
    out: list[tuple[float, float]] = []
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        low, high = max(low, span[0]), min(high, span[1])
        length = min(_WINDOW_S, high - low)
        if length >= _LEAST_S:
            middles = np.linspace(low + length / 2, high - length / 2, int((high - low) / length))
            out += [(float(middle), length) for middle in middles]
    if len(out) <= _WINDOWS:
        return out
    return [out[round(float(index))] for index in np.linspace(0, len(out) - 1, _WINDOWS)]


def _sounds(pair: Pair, line: Line, middle: float, length_s: float) -> tuple[Wave, Wave]:
    """Both tracks around a time of the second one, on its clock."""
    count = round(length_s * RATE)
    start, at = round(middle * RATE - count / 2), round(float(line.at(middle)) * RATE - count / 2)
    return refine.cut(pair.first.samples, at, count), refine.stretched(pair.second.samples, start, count, line.ppm)


def _in_band(wave: Wave) -> Spectra:
    return spectra_of(wave, _FRAMES)[:, _LOWEST : _LOWEST + _BINS * _BANDS]


def _heard(wave: Spectra, said: Spectra) -> Heard:
    power = np.square(np.abs(wave))
    return Heard(_banded(power), _banded(np.square(np.abs(wave - said))), _flatness(power))


def _banded(power: NDArray[np.float32]) -> Cells:
    found: Cells = power.reshape(-1, _FRAMES, _BANDS, _BINS).sum(axis=(1, 3), dtype=np.float64)
    return found


def _flatness(power: NDArray[np.float32]) -> Cells:
    frames = power.reshape(-1, _FRAMES, _BANDS, _BINS) + np.float32(1e-3)
    found: Cells = np.exp(np.log(frames).mean(axis=3) - np.log(frames.mean(axis=3))).mean(axis=1)
    return found
