"""The sound: voices, each an uninterrupted stretch of one file, packed into lanes that are silent in between.

A lane is written in parts of a few voices, so that a film of any number of cuts opens a few files at a time; every part has
exactly its samples. The lanes are added up at the end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from math import ceil

from media_app.core.ffmpeg.sound import ONLY_NUMBERS, SAMPLE_RATE
from render_app.core import catalogue
from render_app.core.plan.conform import reading
from render_app.core.plan.gains import VolumeCurve, gain_chain
from render_app.core.plan.graph import Chain, Filter, Graph, filter_
from render_app.core.plan.picture import Open
from render_app.core.plan.reels import Medium, Reels, Take, segments_of, takes_of
from render_app.core.plan.stretches import Stretch
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.edges import sample_edge
from render_app.core.timeline.media import Reference
from render_app.core.timeline.nouns import Automation, Clip, Target, Track

#: A resampler's rates, beyond which it takes too much.
HIGHEST_RATE = 190_000
#: Clocks that differ by less than this do not need another speed: 0.1 ms in a day.
SAME_PACE = Fraction(1, 10**9)
#: More than any filter holds back.
SPARE_SAMPLES = SAMPLE_RATE
#: More than all atempos of a chain keep for themselves at the end, of what they give (measured: 1,160 samples, and half of that again before).
KEPT_SAMPLES = 4096
#: By how much atempo brings a sound too early wherever it slows down (measured: the middle of clicks alone and in speech).
EARLY_S = Fraction(18, 1000)


@dataclass(frozen=True, slots=True)
class Fade:
    """A gain from 0 to 1, or back, between two samples of the sequence. `curve`: tri is even, qsin keeps the power."""

    start: int
    end: int
    rising: bool
    curve: str = "tri"

    def changes(self, start: int, end: int) -> bool:
        """Whether its gain is below 1 anywhere between two samples."""
        return start < self.end if self.rising else self.start < end


@dataclass(frozen=True, slots=True)
class Voice:
    """A take that is heard on samples `start` to `end` of the sequence, from a file. `curves` come on top of its even gain."""

    take: Take
    medium: Medium
    start: int
    end: int
    gain_db: float
    fades: tuple[Fade, ...] = ()
    curves: tuple[VolumeCurve, ...] = ()

    @property
    def first_sample(self) -> int:
        """Where it begins in its file, at the output's sample rate; before 0 where silence comes first."""
        begins = sample_edge(self.take.file_ms(Fraction(self.start * 1000, SAMPLE_RATE)), SAMPLE_RATE)
        return max(0, begins) - round(_early_s(self.take) * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Hall:
    """What all voices of a render have in common. `volumes`: the curves of clips and tracks that have keyframes."""

    reels: Reels
    end_ms: Fraction
    volumes: Mapping[Target, Automation] = field(default_factory=dict)


def voices_of(track: Track, stretches: Iterable[Stretch], hall: Hall) -> Iterator[Voice]:
    """The voices of a track; none of one that is muted."""
    if track.muted:
        return
    for clip, start_ms, end, blends in _heard(stretches):
        if not isinstance(clip.content, Reference):
            # Words and shapes are silent, and are drawn for a render alone.
            continue
        for take in takes_of(clip, start_ms, min(end, hall.end_ms), segments_of(clip, hall.reels)):
            medium = take.segment.heard(enhanced=catalogue.roles()[track.audio_role].enhanced) if take.segment else None
            first, last = sample_edge(take.start_ms, SAMPLE_RATE), sample_edge(take.end_ms, SAMPLE_RATE)
            if medium is None or medium.sound is None or first >= last:
                continue
            fades = tuple(fade for fade in (*_own_fades(clip), *_blended(clip, blends)) if fade.changes(first, last))
            even, curves = _gain(clip, track, hall.volumes)
            yield Voice(take, medium, first, last, even, fades, curves)


def _gain(clip: Clip, track: Track, volumes: Mapping[Target, Automation]) -> tuple[float, tuple[VolumeCurve, ...]]:
    """The gain that stays, and the curves of what has keyframes instead."""
    of = (
        (Target("clip", clip.id), clip.start_ms, clip.volume_db),
        (Target("track", track.id), Fraction(0), track.volume_db),
    )
    curves = tuple(VolumeCurve(volumes[target], start_ms) for target, start_ms, _ in of if target in volumes)
    return sum(db for target, _, db in of if target not in volumes), curves


def _heard(stretches: Iterable[Stretch]) -> Iterator[tuple[Clip, Fraction, Fraction, list[Blend]]]:
    """Each clip from where it begins to be heard until it ends to be, with the transitions in between."""
    open_: dict[str, tuple[Clip, Fraction, Fraction, list[Blend]]] = {}
    for one in stretches:
        for id in [id for id, (*_, reached, _b) in open_.items() if reached < one.start_ms or id not in _ids(one)]:
            yield open_.pop(id)
        for clip in one.clips:
            _, start, _, blends = open_.get(clip.id, (clip, one.start_ms, one.end_ms, []))
            more = [one.blend] if one.blend and one.blend not in blends else []
            open_[clip.id] = (clip, start, one.end_ms, [*blends, *more])
    yield from open_.values()


def _ids(stretch: Stretch) -> set[str]:
    return {clip.id for clip in stretch.clips}


def _own_fades(clip: Clip) -> Iterator[Fade]:
    if clip.fade_in_ms:
        yield _fade(clip.start_ms, clip.start_ms + clip.fade_in_ms, rising=True)
    if clip.fade_out_ms:
        yield _fade(clip.end_ms - clip.fade_out_ms, clip.end_ms, rising=False)


def _blended(clip: Clip, blends: list[Blend]) -> Iterator[Fade]:
    for blend in blends:
        rising = blend.transition.to_clip_id == clip.id
        yield _fade(blend.start_ms, blend.start_ms + blend.duration_ms, rising=rising, curve="qsin")


def _fade(start_ms: Fraction, end_ms: Fraction, *, rising: bool, curve: str = "tri") -> Fade:
    return Fade(sample_edge(start_ms, SAMPLE_RATE), sample_edge(end_ms, SAMPLE_RATE), rising, curve)


def lanes_of(voices: Iterable[Voice]) -> tuple[tuple[Voice, ...], ...]:
    """The voices in as few lanes as they need, in each one after another."""
    lanes: list[list[Voice]] = []
    for voice in sorted(voices, key=lambda one: (one.start, one.end)):
        lane = next((one for one in lanes if one[-1].end <= voice.start), None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(voice)
    return tuple(tuple(lane) for lane in lanes)


def draw_part(graph: Graph, voices: Sequence[Voice], start: int, end: int, open_: Open) -> str:
    """The samples `start` to `end` of a lane, with these voices."""
    parts, reached = [], start
    for voice in voices:
        if voice.start > reached:
            parts.append(graph.add((), silence(voice.start - reached)))
        parts.append(_voice(graph, voice, open_))
        reached = voice.end
    if end > reached:
        parts.append(graph.add((), silence(end - reached)))
    return parts[0] if len(parts) == 1 else graph.add(tuple(parts), (filter_("concat", n=len(parts), v=0, a=1),))


def silence(samples: int) -> Chain:
    """So many samples of it."""
    source = filter_("anullsrc", r=SAMPLE_RATE, cl="stereo", d=Fraction(samples, SAMPLE_RATE) + 1)
    return (source, filter_("aformat", sample_fmts="fltp"), filter_("atrim", end_sample=samples))


def _voice(graph: Graph, voice: Voice, open_: Open) -> str:
    source = open_(reading(voice.medium, Fraction(voice.first_sample, SAMPLE_RATE)))
    samples = voice.end - voice.start
    gain = (filter_("volume", volume=f"{voice.gain_db:.3f}dB", precision="float"),) if voice.gain_db else ()
    chain = (
        *_from_file(voice.medium, voice.first_sample),
        # Of a file whose sound has ended before, something: ffmpeg complains of filters that are given nothing at all.
        filter_("apad", pad_len=_spare(voice.take.speed)),
        # As much as can be needed, and not all the rest of the file, which the filters behind would swallow.
        filter_("atrim", end_sample=ceil(samples * voice.take.speed) + _spare(voice.take.speed)),
        *_at_speed(voice.take),
        filter_("apad", whole_len=samples),
        filter_("atrim", end_sample=samples),
        *gain,
        *(_faded(fade, voice) for fade in voice.fades),
    )
    heard = graph.add((source,), chain)
    if not voice.curves:
        return heard
    moved = graph.add((), gain_chain(voice.curves, voice.start, voice.end))
    return graph.add((heard, moved), (filter_("amultiply"),))


def _spare(speed: Fraction) -> int:
    """Samples of a file behind the last that is heard, so that no filter ends before it: one that gives nothing at all silences
    whatever follows it in a concat, and ffmpeg ends with 0."""
    return SPARE_SAMPLES + ceil(KEPT_SAMPLES * (max(speed, Fraction(1)) - 1))


def _from_file(medium: Medium, first: int) -> Chain:
    """Stereo at the output's rate, beginning exactly with sample `first` of its file: silence where it begins later."""
    numbers = (filter_("aeval", exprs=ONLY_NUMBERS, c="same"),) if medium.floating else ()
    steps: tuple[Filter, ...] = ()
    if medium.channels == 1:
        steps = (filter_("channelmap", map="0|0", channel_layout="stereo"),)
    elif medium.channels > 2 and not medium.layout:
        steps = (filter_("channelmap", map="0|1", channel_layout="stereo"),)
    resample = filter_(
        "aresample", osr=SAMPLE_RATE, ochl="stereo", osf="fltp", async_=1, min_comp=Fraction(2, 100_000),
        min_hard_comp=Fraction(1, 100), first_pts=first,
    )  # fmt: skip
    return (*_on_its_grid(medium), *numbers, *steps, resample, filter_("asetpts", expr="PTS-STARTPTS"))


def _on_its_grid(medium: Medium) -> Chain:
    """Times that are rounded, back where packets of one length follow each other: else two cuts of a file differ by half a rounding.
    What is farther from there than a rounding is behind a gap, and stays."""
    first = medium.first_sample
    if first is None:
        return ()
    off = f"{first}-PTS+S*round((PTS-{first})/S)"
    return (filter_("asetpts", expr=f"PTS+st(0,{off})*lte(abs(ld(0)),SR/1000)"),)


def _at_speed(take: Take) -> Chain:
    speed = take.speed
    if take.clip.speed == 1:
        return reclocked(speed)
    if take.clip.keep_pitch:
        # In one piece again: at 100 times the speed a frame has 40 samples, and ffmpeg complains of so many.
        kept = filter_("asetnsamples", n=1024, p=0)
        return (*(filter_("atempo", tempo=factor) for factor in _tempos(speed)), *((kept,) if speed > 2 else ()))
    return (filter_("asetrate", r=round(SAMPLE_RATE * speed)), _resampled(SAMPLE_RATE))


def _early_s(take: Take) -> Fraction:
    """Seconds of its file by which reading begins before what is heard, so that what atempo brings too early is in time."""
    if take.clip.speed == 1 or not take.clip.keep_pitch:
        return Fraction(0)
    early = Fraction(0)
    for factor in _tempos(take.speed):
        early = early / factor + (EARLY_S if factor < 1 else 0)
    return early * take.speed


def _tempos(speed: Fraction) -> Iterator[Fraction]:
    """Factors whose product is the speed, each one that atempo makes without leaving samples out."""
    while not Fraction(1, 2) <= speed <= 2:
        factor = Fraction(2) if speed > 2 else Fraction(1, 2)
        yield factor
        speed /= factor
    yield speed


def reclocked(pace: Fraction) -> Chain:
    """The sound of a clock that runs by `pace`, resampled to whole rates whose ratios together are that pace."""
    if abs(pace - 1) < SAME_PACE:
        return ()
    chain: list[Filter] = []
    for of, to in _ratios(pace):
        chain += [_resampled(of), filter_("asetrate", r=to)]
    return (*chain, _resampled(SAMPLE_RATE))


def _resampled(rate: int) -> Filter:
    return filter_("aresample", osr=rate, osf="fltp")


@cache
def _ratios(pace: Fraction) -> tuple[tuple[int, int], ...]:
    """Two ratios of whole sample rates: one alone comes no nearer than 5 ppm."""
    firsts = [Fraction(rate + side, rate) for rate in range(96_000, 180_000, 97) for side in (1, -1)]
    best = min(firsts, key=lambda first: abs(first * _nearest(pace / first) - pace))
    found = (ratio for ratio in (best, _nearest(pace / best)) if ratio != 1)
    # Small numbers are multiplied, so that no step throws high sound away.
    return tuple(
        (one.denominator * by, one.numerator * by) for one in found if (by := max(1, 96_000 // one.denominator))
    )


def _nearest(ratio: Fraction) -> Fraction:
    return ratio.limit_denominator(HIGHEST_RATE)


def _faded(fade: Fade, voice: Voice) -> Filter:
    begin, frames = fade.start - voice.start, max(1, fade.end - fade.start)
    if begin >= 0:
        kind = "in" if fade.rising else "out"
        return filter_("afade", type=kind, start_sample=begin, nb_samples=frames, curve=fade.curve)
    # A fade that was under way before the voice begins: sample by sample, which afade cannot.
    share = f"clip((n{-begin:+d})/{frames},0,1)"
    share = share if fade.rising else f"(1-{share})"
    gain = f"sin({share}*PI/2)" if fade.curve == "qsin" else share
    return filter_("aeval", exprs=f"val(0)*{gain}|val(1)*{gain}", c="same")
