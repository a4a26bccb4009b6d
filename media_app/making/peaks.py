"""Waveform peaks, computed while their WAV is being written."""

import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from media_app.audio import NotWav, Wav, open_wav, summed
from media_app.core import ffmpeg as build
from media_app.core.sound.peaks import PeakBuilder

#: Peaks per second → samples per pixel at 48 kHz.
PEAKS = {20: 2400, 1000: 48}
PEAK_BLOCK = 1 << 17
FOLLOW_S = 0.25


class PeakFollower:
    """Computes the peaks of a WAV while ffmpeg still writes it, so that they cost no time of their own."""

    def __init__(self, wav: Path, per_second: Iterable[int] = tuple(PEAKS)) -> None:
        self._wav = wav
        self._builders = {rate: PeakBuilder(build.SAMPLE_RATE, PEAKS[rate]) for rate in per_second}
        self._taken = 0
        self._complete = threading.Event()

    def run(self) -> dict[int, bytes]:
        """The `.dat` file of each resolution, once `complete` was called."""
        while True:
            complete = self._complete.wait(FOLLOW_S)
            try:
                with open_wav(self._wav) as sound:
                    self._take(sound, to_the_end=complete)
            except (NotWav, FileNotFoundError):
                if complete:
                    raise
            if complete:
                return {rate: builder.dat() for rate, builder in self._builders.items()}

    def complete(self) -> None:
        """Nothing more will be written."""
        self._complete.set()

    def _take(self, sound: Wav, *, to_the_end: bool) -> None:
        while sound.frames - self._taken >= (1 if to_the_end else PEAK_BLOCK):
            block = sound.read_int16(self._taken, PEAK_BLOCK)
            self._taken += len(block)
            mono = (summed(block, np.int32) // sound.channels).astype(np.int16)
            for builder in self._builders.values():
                builder.feed(mono)


def peaks_of(wav: Path, per_second: Iterable[int] = tuple(PEAKS)) -> dict[int, bytes]:
    """The `.dat` file of each resolution, of a WAV that is complete."""
    follower = PeakFollower(wav, per_second)
    follower.complete()
    return follower.run()
