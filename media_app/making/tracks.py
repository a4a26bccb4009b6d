"""All tracks of a file measured while ffmpeg still writes their WAVs, so that it costs little time of its own."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from media_app.audio import NotWav, Wav, open_wav
from media_app.core.ffmpeg import SAMPLE_RATE, TrackOutput
from media_app.core.files.media_info import AudioStream
from media_app.core.sound import ltc_clock
from media_app.core.sound.ltc_clock import LtcReading
from media_app.core.sound.meter import TrackMeter
from media_app.core.sound.tracks import TrackSummary

FOLLOW_S = 0.25
BLOCK_FRAMES = 1 << 17
#: Windows that are measured of a file with one ordinary track: all of the first 20 s, then one in every 48 s.
ORDINARY = {"first": 10, "every": 24}


class TrackListener:
    """Used around ffmpeg's run: `with TrackListener(outputs) as listener: …`; then ask for `tracks` and `timecodes`."""

    def __init__(self, outputs: Sequence[TrackOutput]) -> None:
        self.outputs = tuple(outputs)
        ordinary = len(outputs) == 1 and outputs[0].audio.channels <= 2
        sparse = ORDINARY if ordinary else {}
        self._meters = [TrackMeter(output.audio.channels, **sparse) for output in outputs]
        self._taken = [0] * len(outputs)
        self._complete = threading.Event()
        self._executor = ThreadPoolExecutor(1)

    def __enter__(self) -> "TrackListener":
        self._following = self._executor.submit(self._follow)
        return self

    def __exit__(self, *error: object) -> None:
        self._complete.set()
        self._executor.shutdown()
        if not any(error):
            self._following.result()

    def tracks(self) -> tuple[TrackSummary, ...]:
        """What was measured, once all is written."""
        return tuple(
            _summary(output.audio, meter, output.gain_db)
            for output, meter in zip(self.outputs, self._meters, strict=True)
        )

    def timecodes(self) -> tuple[LtcReading, ...]:
        """The LTC of each channel that has it."""
        readings = (
            ltc_clock.read(meter.timecode(number), SAMPLE_RATE)
            for output, meter in zip(self.outputs, self._meters, strict=True)
            for number in range(1, output.audio.channels + 1)
        )
        return tuple(reading for reading in readings if reading)

    def _follow(self) -> None:
        while True:
            complete = self._complete.wait(FOLLOW_S)
            for place, output in enumerate(self.outputs):
                self._take(place, output.wav, to_the_end=complete)
            if complete:
                return

    def _take(self, place: int, wav: Path, *, to_the_end: bool) -> None:
        try:
            with open_wav(wav) as sound:
                self._feed(place, sound, to_the_end=to_the_end)
        except (NotWav, FileNotFoundError):
            # Not begun yet; or a track of which nothing could be decoded, which then counts as silent.
            return

    def _feed(self, place: int, sound: Wav, *, to_the_end: bool) -> None:
        meter, channels = self._meters[place], self.outputs[place].audio.channels
        while sound.frames - self._taken[place] >= (1 if to_the_end else BLOCK_FRAMES):
            block = sound.read_int16(self._taken[place], BLOCK_FRAMES)
            self._taken[place] += len(block)
            # One channel lies on both sides of its WAV.
            meter.feed(block[:, :channels])


def _summary(audio: AudioStream, meter: TrackMeter, gain_db: float) -> TrackSummary:
    channels = tuple(channel.lowered(gain_db) for channel in meter.channels())
    power = 10 ** (-gain_db / 10)
    covariance = tuple(tuple(value * power for value in row) for row in meter.covariance())
    return TrackSummary(
        audio.index, audio.track, audio.codec, audio.layout, channels, covariance, audio.rank, audio.drawback
    )
