"""Forced alignment by pocketsphinx: when each word of a known text was spoken. English, with a dictionary of 135,000 words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.backends.files import ModelFile, PackagedFile
from media_app.backends.held import in_use
from media_app.backends.packages import Package
from media_app.core.hearing.alignment import Spoken, dictionary_words, merge, window
from media_app.core.hearing.transcript import Segment

POCKETSPHINX = Package("pocketsphinx", "pocketsphinx", "align")
_FOLDER = "model/en-us"
_FILES = {
    "en-us/means": "832019e32cac12eb318964f96f469034acb12d0348eeddc3831831a100cb4dd4",
    "en-us/variances": "b00d696f85e96834fc10f8e5f06428d8c4db6bffdbe5845b6f69bf6efbc48fa5",
    "en-us/sendump": "8c9564c0d5bef69ca9d9bf1014abe162f071644cf02cf1fa8a483c3dc165a7a8",
    "en-us/mdef": "2360f9a86889c1cfee8bd618a0269387911e5fb2920a594f506b18b8c79683b0",
    "cmudict-en-us.dict": "20b5c293e1f311fb375fe067e500ec5636f4fc7af5594967263696def9b23bfe",
}
#: The acoustic model and the dictionary; one model to those who use it, several files.
MODEL, *_REST = (
    ModelFile("pocketsphinx-en-us", PackagedFile(POCKETSPHINX, f"{_FOLDER}/{name}", digest))
    for name, digest in _FILES.items()
)
LANGUAGE = "en"
RATE = 16_000
#: How improbable a path may be beside the best, of states, phones and words: with the decoder's own limits, made for guessing words, the
#: text is lost where one word of it was misheard.
_BEAMS = {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60}
#: Frames of the aligner, ms.
_FRAME_MS = 10

#: Reads mono samples: (first, count) → as many as there are.
Read = Callable[[int, int], NDArray[np.float32]]


def aligned(segments: Iterable[Segment], read: Read, duration_ms: int, check: Callable[[], None]) -> Iterator[Segment]:
    """The segments with exact word times where the dictionary has the words. Raises BackendUnavailable."""
    with in_use(MODEL, _decoder, check) as decoder:
        for segment in segments:
            check()
            start, end = window(segment, duration_ms)
            sound = read(start * RATE // 1000, (end - start) * RATE // 1000)
            yield merge(segment, _spoken(decoder, dictionary_words(segment), sound, start))


def _decoder() -> Any:
    for file in _REST:
        file.verified()
    return POCKETSPHINX.load().Decoder(samprate=float(RATE), lm=None, loglevel="FATAL", **_BEAMS)


def _spoken(
    decoder: Any, words: Sequence[Sequence[str]], sound: NDArray[np.float32], start_ms: int
) -> list[Spoken | None]:
    """When each word was spoken; None for those that the dictionary has not, and from where the sound does not fit the text."""
    known = [all(part and decoder.lookup_word(part) is not None for part in parts) for parts in words]
    wanted = [part for parts, has in zip(words, known, strict=True) if has for part in parts]
    found = _align(decoder, wanted, sound)
    if len(found) < len(wanted):
        # The text goes on where the sound does not: where the last word that was found ends is not known.
        found = found[:-1]
    placed = iter(found)
    taken = (list(islice(placed, len(parts))) if has else [] for parts, has in zip(words, known, strict=True))
    return [
        _at(those, start_ms) if those and len(those) == len(parts) else None
        for those, parts in zip(taken, words, strict=True)
    ]


def _align(decoder: Any, words: Sequence[str], sound: NDArray[np.float32]) -> list[Any]:
    if not words or not len(sound):
        return []
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    # Silences and noises stand among the words in brackets of either kind.
    return [part for part in decoder.seg() or () if part.word[0] not in "<[+"]


def _at(parts: Sequence[Any], start_ms: int) -> Spoken:
    return Spoken(start_ms + _FRAME_MS * parts[0].start_frame, start_ms + _FRAME_MS * (parts[-1].end_frame + 1))
