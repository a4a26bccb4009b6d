"""When nothing was found at the tracks' own rates: the same comparison at each of the rates that sound is played at."""

from dataclasses import replace

from sync_app.core import coarse, confidence, correlate, pairs
from sync_app.core.features import TrackFeatures, measure, retimed_mfcc, standardised
from sync_app.core.levels import levels_of
from sync_app.core.pairs import Match
from sync_app.core.rates import RATES, Retimed, excerpt
from sync_app.core.refine import Line
from sync_app.core.segments import Account
from sync_app.core.stretches import Stretch
from sync_app.core.values import Cover, WindowLag

#: The excerpt that is tried at each rate, and that which is tried along many hours.
_EXCERPT_S, _SHORT_EXCERPT_S = 420.0, 60.0
_LEAST_S = 10.0
_LEAST_SCORE = 6.0
#: A drift that hardly a crystal has, in one stretch at least.
_STEEP_PPM = 450.0
#: With so many times the MFCC score of the next lag no sound repeats itself.
_ONE_LAG = 1.3


def match(first: TrackFeatures, second: TrackFeatures, report: pairs.Report = pairs.unheeded) -> Match | None:
    """Compare two tracks; where they do not match, as if the second had been played at another rate.

    Sound that repeats itself fits at many rates as well as at many lags, so it is not tried; nor is what matches and was
    refused as two events; and a rate that comes out at a drift of crystals was refused before for a reason.
    """
    found = pairs.match(first, second, report=report)
    if found is None or not _open(found):
        return found
    factor = likely(first, second)
    if factor is None or second.track is None:
        return found
    moved = pairs.match(first, measure(Retimed(second.track, factor)))
    if moved is None or not confidence.believable(moved.measures):
        return found
    at_last = at_own_rate(moved, factor)
    if confidence.believable(found.measures):
        better = len(moved.stretches) == 1 and moved.measures.fine > max(found.measures.fine, confidence.SEEN_FINE)
        return at_last if better else found
    return at_last if abs(at_last.line.ppm) > correlate.MAX_DRIFT_PPM else found


def _open(found: Match) -> bool:
    """Whether another rate may explain the pair better: nothing is believed, or nothing but the MFCCs, or a clock at the
    end of what is looked for.

    Half a minute of sound that runs 0.1 % slow matches at half of that, in stretches or with a bend.
    """
    measures = found.measures
    if confidence.believable(measures):
        steep = max(abs(stretch.line.ppm) for stretch in found.stretches) > _STEEP_PPM
        return steep or measures.fine < coarse.UNHEARD_FINE
    repeats = measures.fine > confidence.SEEN_FINE and measures.repeat > confidence.FITS_ELSEWHERE
    repeats = repeats and measures.margin < _ONE_LAG
    return not repeats and not confidence.played_twice(measures)


def likely(first: TrackFeatures, second: TrackFeatures) -> float | None:
    """The rate at which an excerpt of the shorter track stands out most from the other; None where none does."""
    if min(first.seconds, second.seconds) < _LEAST_S:
        return None
    shorter, longer = (second, first) if second.seconds <= first.seconds else (first, second)
    seconds = _EXCERPT_S if longer.seconds <= correlate.LONG_S else _SHORT_EXCERPT_S
    part = excerpt(shorter.samples, (shorter.levels or levels_of(shorter.samples)).decibels, seconds)
    scores = {}
    for factor in RATES:
        played = standardised(retimed_mfcc(part, factor if shorter is second else 1 / factor))
        candidates = correlate.detect(longer, replace(shorter, mfcc=played)).candidates
        scores[factor] = candidates[0].score if candidates else 0.0
    best = max(scores, key=lambda factor: scores[factor])
    return best if scores[best] >= _LEAST_SCORE else None


def at_own_rate(found: Match, factor: float) -> Match:
    """A match with a retimed track on the clock of the track as it is."""
    account = found.account
    return replace(
        found,
        line=_line(found.line, factor),
        measures=replace(found.measures, ppm=_line(found.line, factor).ppm),
        stretches=tuple(_stretch(stretch, factor) for stretch in found.stretches),
        windows=tuple(_window(window, factor) for window in found.windows),
        overlap=(found.overlap[0] / factor, found.overlap[1] / factor),
        account=None if account is None else _account(account, factor),
        factor=factor,
    )


def _line(line: Line, factor: float) -> Line:
    return Line(line.offset_s, (factor * (1 + line.ppm * 1e-6) - 1) * 1e6)


def _stretch(stretch: Stretch, factor: float) -> Stretch:
    own = replace(stretch, line=_line(stretch.line, factor))
    return replace(own, start_s=stretch.start_s / factor, end_s=stretch.end_s / factor)


def _window(window: WindowLag, factor: float) -> WindowLag:
    time = window.time_s / factor
    return WindowLag(round(time, 3), round(window.lag_ms + (window.time_s - time) * 1000, 3), window.weight)


def _account(account: Account, factor: float) -> Account:
    cover = tuple(Cover(c.start_s / factor, c.end_s / factor, c.state) for c in account.cover)
    return replace(account, stretches=tuple(_stretch(s, factor) for s in account.stretches), cover=cover)
