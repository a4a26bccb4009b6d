"""Who speaks when in a sound, and the side chain made of it: one level wherever somebody does."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from media_app.audio import open_wav
from media_app.core.sound import mastering, speech


def regions_of(voice: Path, gate: str, pause: float) -> tuple[speech.Region, ...]:
    """When somebody speaks in a 16 kHz mono WAV; pauses shorter than `pause` seconds belong to it."""
    with open_wav(voice) as sound:
        # Whole frames in each block, so that none is lost between two.
        levels = [speech.frame_levels(block) for block in sound.blocks(speech.FRAME * 4096)]
    heard = np.concatenate(levels) if levels else np.zeros(0, np.float32)
    return speech.regions(heard, gate, pause=pause)


def write_key(path: Path, talked: Sequence[speech.Region], seconds: float) -> None:
    """The side chain as a WAV of a low rate, so long."""
    sound = speech.key(tuple(talked), seconds, mastering.KEY_RATE, mastering.KEY_LEVEL)
    pcm = (sound * 32767).round().astype("<i2").tobytes()
    rate = mastering.KEY_RATE
    form = (
        b"fmt "
        + (16).to_bytes(4, "little")
        + b"\1\0\1\0"
        + rate.to_bytes(4, "little")
        + (2 * rate).to_bytes(4, "little")
        + b"\2\0\x10\0"
    )
    body = form + b"data" + len(pcm).to_bytes(4, "little") + pcm
    path.write_bytes(b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WAVE" + body)
