"""Words: how many are wrong, how many are invented, and when they were said."""

import difflib
from collections.abc import Iterator
from itertools import pairwise

import jiwer
import numpy as np

from bench.engines import footage, noises
from bench.engines.footage import Sound, Timed
from bench.engines.running import Done, run
from bench.engines.scores import LEAST, Row
from media_app.core.hearing.transcript import bare, words_of
from media_app.engines import asr

#: What is one word to some and two to others, and an abbreviation, are no errors.
_PLAIN = jiwer.Compose(
    [
        jiwer.SubstituteRegexes({"-": " ", r"\b[Mm]r\b\.?": "mister"}),
        jiwer.ToLowerCase(),
        jiwer.RemovePunctuation(),
        jiwer.RemoveMultipleSpaces(),
        jiwer.Strip(),
    ]
)
#: Minutes of each noise: half an hour in all.
MINUTES = 30 / len(noises.KINDS)


def rows(quick: bool) -> Iterator[Row]:
    """Every figure of the transcripts."""
    yield from _people()
    yield from _voices()
    yield from _invented(0.5 if quick else MINUTES)
    yield from _times()


def errors(sound: Sound, said: str) -> tuple[float, Done]:
    """The share of words that are wrong, missing or too many, in percent."""
    done = run(asr, sound)
    return 100 * jiwer.wer(_PLAIN(said), _PLAIN(done.body["text"])), done


def _people() -> Iterator[Row]:
    recordings = list(footage.librivox())
    if not recordings:
        return
    said = [_PLAIN(text) for _, text in recordings]
    heard = [_PLAIN(run(asr, sound).body["text"]) for sound, _ in recordings]
    note = f"{sum(len(text.split()) for text in said)} words"
    yield Row("asr", "wrong words, people who read (LibriVox)", 100 * jiwer.wer(said, heard), "%", 6.0, note=note)


def _voices() -> Iterator[Row]:
    found = []
    for voice in footage.VOICES:
        sound, said = footage.spoken(voice)
        wrong, done = errors(sound, said)
        found.append(wrong)
        yield Row("asr", f"wrong words, flite {voice}", wrong, "%", note=f"{done.cpu_share:.3f} cpu s per s")
    yield Row("asr", "wrong words, mean of flite's voices", float(np.mean(found)), "%", 5.0)


def _invented(minutes: float, seed: int = 1) -> Iterator[Row]:
    total = 0
    for number, kind in enumerate(noises.KINDS):
        done = run(asr, noises.noise(kind, 60 * minutes, seed + number))
        count = done.meta["word_count"]
        total += count
        yield Row("asr", f"words in {minutes:.2g} min of {kind}", count, "", note=f"{done.cpu_share:.3f} cpu s per s")
    yield Row("asr", f"invented words in {minutes * len(noises.KINDS):g} min without speech", total, "", 0.0)


def _times() -> Iterator[Row]:
    for name, sentences in (("flite", footage.planned()), ("festival", footage.timed())):
        if parts := list(sentences):
            yield from _timed(name, parts)


def _timed(name: str, sentences: list[tuple[Sound, list[Timed]]]) -> Iterator[Row]:
    parts, truth, at = [], [], 0.0
    for sound, words in sentences:
        truth += [(word, at + start, at + end) for word, start, end in words]
        parts += [sound, np.zeros(footage.RATE // 2, np.float32)]
        at += 1000 * (len(sound) / footage.RATE + 0.5)
    heard = words_of(run(asr, np.concatenate(parts)).body)
    same = difflib.SequenceMatcher(
        a=[_letters(word) for word, *_ in truth], b=[_letters(word.text) for word in heard], autojunk=False
    )
    blocks = same.get_matching_blocks()
    pairs = [(heard[one.b + step], truth[one.a + step]) for one in blocks for step in range(one.size)]
    for edge, off in (
        ("starts", [word.start_ms - start for word, (_, start, _) in pairs]),
        ("ends", [word.end_ms - end for word, (_, _, end) in pairs]),
    ):
        size, note = np.abs(off), f"{len(off)} of {len(truth)} words; bias {np.median(off):+.0f} ms"
        yield Row("asr", f"{name}: word {edge}, median error", float(np.median(size)), "ms", 30.0, note=note)
        yield Row("asr", f"{name}: word {edge}, 95 % are within", float(np.percentile(size, 95)), "ms", 100.0)
    ordered = all(earlier.start_ms <= later.start_ms for earlier, later in pairwise(heard))
    yield Row("asr", f"{name}: words are in order", float(ordered), "", 1.0, LEAST)


def _letters(word: str) -> str:
    """A word as it is compared: a voice plans "dont"."""
    return bare(word).replace("'", "")
