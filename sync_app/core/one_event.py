"""Is the answer's sound that of one event: where it is measured what each track has of its own, and what follows from that."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sync_app.core import confidence, refine, residue, waves
from sync_app.core.confidence import Measures
from sync_app.core.coverage import Pair
from sync_app.core.refine import Line
from sync_app.core.segments import KNEE_PPM, Account
from sync_app.core.stretches import Stretch
from sync_app.core.values import CONTRADICTING, SILENT, Cover

#: Windows that say whether a line holds next to a border, and how far a border may be guessed wrong.
_HELD_S, _GUESS_S = 4.0, 90.0
#: Where less than this stays of what seems to be a track's own, the other track has the rest: 0.05 for two microphones on two
#: talkers, 0.75 and more for programs at two events and for a party.
_FAINTLY = 0.3
#: … and what it leaves of a refusal, as a share.
_DOUBT = 0.8
#: Clocks of phones and of cameras that were set for a shoot differ by less; files of two events that were exported together are minutes
#: apart.
_CLOCKS_S = 60.0


def proven(pair: Pair, main: Stretch, stretches: Sequence[Stretch]) -> Stretch:
    """A stretch without what is next to one with another drift before its waves are on its line: where a clock bends may be a guess,
    and beyond it the sound of one event looks like that of two."""
    start, end = main.start_s, main.end_s
    away = np.arange(_HELD_S / 2, min(_GUESS_S, main.seconds), _HELD_S)
    bends = [stretch for stretch in stretches if abs(stretch.line.ppm - main.line.ppm) > KNEE_PPM]
    if any(stretch.end_s <= start for stretch in bends):
        start = _first_held(pair, main.line, start + away) or start
    if any(stretch.start_s >= end for stretch in bends):
        end = _first_held(pair, main.line, end - away) or end
    return replace(main, start_s=start, end_s=end) if start < end else main


def _first_held(pair: Pair, line: Line, times: NDArray[np.float64]) -> float | None:
    """The first of some times from which on two windows in a row have their waves on a line."""
    held = refine.on_line(pair.first.samples, pair.second.samples, line, times, _HELD_S)
    both = np.flatnonzero(held[:-1] & held[1:])
    return float(times[both[0]]) if both.size else None


def by_waves(pair: Pair, measures: Measures, account: Account, main: Stretch) -> tuple[Cover, ...]:
    """The cover, agreeing where what contradicts by its MFCCs is on the line by its waves, and no track has sound of its own
    there: a program at two events is on the line too."""
    if measures.longest_contradiction_s < confidence.CONTRADICTION_S:
        return account.cover
    cover = waves.asked(pair, account.stretches, account.cover)
    if cover == account.cover:
        return cover
    but = [(run.start_s, run.end_s) for run in cover if run.state in (CONTRADICTING, SILENT)]
    left = residue.residue(pair, main.line, (main.start_s, main.end_s), but)
    nothing = left.both < confidence.OWN_SOUND and left.beside < confidence.BESIDE
    return cover if left.bleeds or nothing else account.cover


def with_own_sound(pair: Pair, measures: Measures, main: Stretch, but: list[tuple[float, float]]) -> Measures:
    """The measures with what each track has that the other one's cannot make, where that may change the verdict.

    What each microphone is near, and the other hears faintly, is no sound of another event; nor is what clipping makes.
    """
    if measures.overlap_s < confidence.PROGRAM_S or not confidence.believable(replace(measures, unexplained=0.0)):
        return measures
    left = residue.residue(pair, main.line, (main.start_s, main.end_s), but)
    own_sound = min(left.both, confidence.OWN_TWICE) if left.clipped > 1 else left.both
    of_one_event = left.all_is_clipping or (left.bleeds and measures.unexplained <= confidence.TWO_EVENTS)
    # Two microphones on two talkers: nearly all that is one track's own is heard faintly in the other.
    most = _DOUBT * confidence.TWO_EVENTS if left.stays < _FAINTLY else measures.unexplained
    unexplained = 0.0 if of_one_event else min(measures.unexplained, most)
    measures = replace(
        measures, own_sound=own_sound, beside=0.0 if left.bleeds else left.beside, unexplained=unexplained
    )
    return _with_what_is_under(pair, measures, main, left)


def _with_what_is_under(pair: Pair, measures: Measures, main: Stretch, left: residue.Residue) -> Measures:
    """The measures with faint sound of each track's own, and whether a song may hide it: people talk near each camera of one event
    too, so it says nothing where the files were made at one time."""
    if left.under is None or left.bleeds or _at_one_time(pair, main.line):
        return measures
    spans = [(main.line.at(main.start_s), main.line.at(main.end_s)), (main.start_s, main.end_s)]
    decibels = [
        levels.decibels[round(10 * max(start, 0)) : round(10 * end)]
        for levels, (start, end) in zip((pair.first_levels, pair.second_levels), spans, strict=True)
    ]
    return replace(measures, under=left.under.own, hidden=float(left.under.hides(decibels)))


def _at_one_time(pair: Pair, line: Line) -> bool:
    """Whether the clocks of both cameras say what the line does, to a minute."""
    if pair.first.created is None or pair.second.created is None:
        return False
    return bool(abs(pair.second.created - pair.first.created - line.at(0.0)) <= _CLOCKS_S)
