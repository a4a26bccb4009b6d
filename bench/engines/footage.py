"""Speech whose words are known, at 16 kHz: sentences spoken on this machine, and people.

Recordings of people come from `STUDIO_BENCH_LIBRIVOX`, a folder of WAVs with a file `transcription` (Debian's pocketsphinx-testdata has
one); exact word times from `STUDIO_BENCH_FESTIVAL`, a folder with WAVs and the `.words` files that festival's `utt.save.words` writes.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from media_app.audio import open_wav
from media_app.core.sound.speech import frame_levels
from tests.support import flite, talk
from tests.support.flite import Timed
from tests.support.talk import RATE

Sound = NDArray[np.float32]
VOICES = flite.VOICES
SENTENCES = (
    "We started this shoot on a Tuesday because the hall was free and nobody had told us about the choir.",
    "The first camera stood near the window and the second one behind the piano.",
    "Nobody heard the director, who had left his microphone in the car.",
    "After an hour the batteries were empty, and the sound engineer had gone to lunch.",
    "In the end we kept the take, and the audience never noticed that half of it was recorded on a telephone.",
    "Please remember to label every card before you put it away.",
    "The weather will stay dry until the evening, when heavy rain is expected in the north.",
    "She asked the driver to wait outside while she collected the last two parcels.",
)


def spoken(voice: str) -> tuple[Sound, str]:
    """All sentences by one voice, with a pause after each; and what was said."""
    parts = [part for text in SENTENCES for part in (talk.said(text, voice), talk.silence(0.6))]
    return np.concatenate(parts), " ".join(SENTENCES)


def librivox() -> Iterator[tuple[Sound, str]]:
    """Recordings of people with their words, where the folder is there."""
    folder = Path(os.environ.get("STUDIO_BENCH_LIBRIVOX", "/nowhere"))
    listed = folder / "transcription"
    for line in listed.read_text().splitlines() if listed.is_file() else ():
        if found := re.fullmatch(r"<s> (.*) </s> \((.*)\)", line.strip()):
            yield read(folder / f"{found[2]}.wav"), found[1]


def planned() -> Iterator[tuple[Sound, list[Timed]]]:
    """Sentences by each voice of flite with the ms at which it planned each word, where its library is there."""
    for voice in flite.VOICES if flite.has_library() else ():
        for text in SENTENCES:
            yield flite.timed(text, voice)


#: Silence this long before a word is a pause; a shorter one is a part of it, as before a t. In ms, and under this level.
PAUSE_MS, QUIET_DB = 100, -55.0


def timed() -> Iterator[tuple[Sound, list[Timed]]]:
    """Sentences with the ms at which each word begins and ends, where the folder is there. Festival tells the ends: a word begins
    where the one before ended, or where the sound does after a pause."""
    folder = Path(os.environ.get("STUDIO_BENCH_FESTIVAL", "/nowhere"))
    for listed in sorted(folder.glob("*.words")) if folder.is_dir() else ():
        rows = [line.split() for line in listed.read_text().splitlines()[1:]]
        sound, before, words = read(listed.with_suffix(".wav")), 0.0, []
        for row in rows:
            if len(row) > 2:
                words.append((row[2].lower(), _begins(sound, before), 1000 * float(row[0])))
                before = words[-1][2]
        yield sound, words


def _begins(sound: Sound, before_ms: float) -> float:
    """Where the sound goes on after a time: there, unless silence follows."""
    loud = frame_levels(sound[round(before_ms * RATE / 1000) :]) > QUIET_DB
    silent_ms = 10 * int(loud.argmax()) if loud.any() else 0
    return before_ms + (silent_ms if silent_ms >= PAUSE_MS else 0)


def read(path: Path) -> Sound:
    """A WAV at 16 kHz."""
    with open_wav(path) as wav:
        sound = np.concatenate([np.zeros(0, np.float32), *wav.blocks()])
        if wav.rate == RATE:
            return sound
        return signal.resample_poly(sound, RATE, wav.rate).astype(np.float32)
