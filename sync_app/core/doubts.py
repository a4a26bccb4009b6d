"""What is to be said of a track, of a refusal and of an answer: which sentences hold, each with what was measured."""

from collections.abc import Mapping
from itertools import pairwise

from sync_app.core import confidence, messages
from sync_app.core.coverage import open_ends, seconds
from sync_app.core.pairs import Match
from sync_app.core.rates import NAMED_PPM, name
from sync_app.core.shelf import Listened
from sync_app.core.stretches import jump_s
from sync_app.core.values import AGREEING, CONTRADICTING, SILENT, Cover, TrackQuality

LEAST_S = 1.0
_SPOKEN_DRIFT_S = 0.02
#: Seconds that agree at the best offset and are worth a word, though it is refused.
_FEW_S = 2.0
#: Up to this change of the lag a source or a microphone may have moved instead: ten metres.
_WALKED_S = 0.03
#: … and up to this one, twenty meters, where it is found in two steps.
_STEPPED_S = 0.06
_MENTIONED = 0.7
_JUMP_S, _BEND_S = 0.004, 0.01
#: So many sentences of one kind are enough.
MOST_NAMED = 4


def of_track(label: str, features: Mapping[str, Listened], qualities: dict[str, TrackQuality]) -> list[str]:
    """Why a track cannot be compared; nothing where it can."""
    if features[label].seconds == 0:
        return [messages.no_sound(label)]
    if features[label].seconds < LEAST_S:
        return [messages.too_short(label, features[label].seconds)]
    if qualities[label].loudness_db is None:
        return [messages.silent(label)]
    return []


def of_refusal(first: str, second: str, found: Match) -> list[str]:
    """Why the best answer is not believed."""
    measures = found.measures
    if measures.fine > 9 and measures.repeat > confidence.FITS_ELSEWHERE:
        offset = found.line.offset_s
        return [messages.repeats(found.repeat_s, offset, offset + found.repeat_s)]
    if measures.hum > confidence.FITS_ELSEWHERE and measures.fine > 7 and measures.margin < 1.5:
        return [messages.hum(first, second)]
    cover = found.account.cover if found.account is not None else ()
    agreeing = seconds(cover, AGREEING)
    if agreeing >= 5 and confidence.explained(measures) < confidence.LEAST_EXPLAINED:
        return [messages.little_shared(first, second, agreeing, measures.contradicting_s)]
    if confidence.played_twice(measures) and measures.agreeing_s:
        return [messages.program(first, second, found.line.offset_s)]
    if agreeing >= _FEW_S:
        return [messages.too_little(first, second, agreeing)]
    return [messages.nothing_shared(first, second)]


def of_answer(first: str, second: str, found: Match, word: str, features: Mapping[str, Listened]) -> list[str]:
    """What a person should know who uses the answer."""
    measures = found.measures
    out = []
    if measures.score < confidence.GOOD_SCORE:
        out.append(messages.weak(measures.score))
    if measures.repeat > _MENTIONED:
        offset = found.line.offset_s
        out.append(messages.repeats(found.repeat_s, offset, offset + found.repeat_s))
    if measures.period_s:
        out.append(messages.unlooped(measures.period_s))
    if measures.overlap_s < 15:
        out.append(messages.short_overlap(first, second, measures.overlap_s))
    if confidence.two_events_are_possible(measures):
        out.append(messages.two_events(first, second))
    elif confidence.faint_of_its_own(measures):
        out.append(messages.faint_of_its_own(first, second))
    elif confidence.may_hide_talk(measures):
        out.append(messages.only_music(first, second))
    out += _of_the_clock(first, second, found, features)
    out += _of_the_cover(first, second, found)
    if word != confidence.LOOKS_GOOD and measures.agreeing < 0.3 * measures.windows and not measures.bend_ms:
        out.append(messages.few_agree(measures.agreeing, measures.windows))
    if not confidence.clear(measures):
        out.append(messages.unclear())
    return out


def _of_the_clock(first: str, second: str, found: Match, features: Mapping[str, Listened]) -> list[str]:
    """Jumps, bends, drift and another rate."""
    out = []
    least = _BEND_S if found.measures.bend_ms else _JUMP_S
    for before, after in pairwise(found.stretches):
        if not (before.bent and after.bent) and abs(jump_s(before, after)) >= least:
            step = jump_s(before, after)
            out.append(messages.jump(second, after.start_s, step * 1000, abs(step) < _STEPPED_S))
    if found.measures.bend_ms:
        walked = found.measures.bend_ms < _WALKED_S * 1000
        out.append(messages.bend(second, found.measures.bend_ms, walked))
    if abs(found.line.ppm) >= NAMED_PPM and not found.measures.bend_ms:
        factor = 1 + found.line.ppm * 1e-6
        return [*out, messages.rate(second, factor, name(factor))]
    if found.measures.shift_ms > _BEND_S * 1000:
        out.append(messages.unsure_shift(first, second, found.measures.shift_ms))
    apart = abs(found.line.ppm) * 1e-6 * features[second].seconds
    if apart > _SPOKEN_DRIFT_S and abs(found.line.ppm) > 3 * found.drift_error_ppm and not found.measures.bend_ms:
        out.append(messages.drift(found.line.ppm, features[second].seconds, apart < _WALKED_S))
    return out


def _of_the_cover(first: str, second: str, found: Match) -> list[str]:
    """Stretches in which each hears something else, and long ends in which nothing can be compared."""
    cover = found.account.cover if found.account is not None else ()
    wrong = [c for c in cover if c.state == CONTRADICTING and c.end_s - c.start_s >= confidence.CONTRADICTION_S]
    out = [messages.something_else(first, second, c.start_s, c.end_s) for c in wrong[:MOST_NAMED]]
    ends = [end for end in open_ends(cover) if end.end_s - end.start_s > confidence.OPEN_END_S]
    return out + [_quiet(first, second, end) for end in ends]


def _quiet(first: str, second: str, cover: Cover) -> str:
    if cover.state == SILENT:
        return messages.silent_part(first, second, cover.start_s, cover.end_s)
    return messages.faint_part(first, second, cover.start_s, cover.end_s)
