"""Segments: the sound of a recording in pieces of one length, cut at whole samples."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, replace

from media_app.audio import NotWav, Wav, WavWriter, open_wav
from media_app.core import kinds
from media_app.core.sound.spans import Span, count, spans
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.decoded import decoded, decoded_bytes
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.workspace import Workspace
from sessions_app.errors import InvalidInput

#: Segments of one request.
MOST = 2000


class Params(EngineParams):
    """Seconds of each segment, and by how many of them two neighbors overlap."""

    segment_seconds: float = field(default=30.0, metadata={"min": 0.1, "max": 3600.0})
    overlap_seconds: float = field(default=0.0, metadata={"min": 0.0, "max": 3600.0})

    def refuse(self, duration_ms: int | None) -> None:
        if self.overlap_seconds > self.segment_seconds / 2:
            raise InvalidInput(
                "An overlap is at most half of segment_seconds. Send a shorter overlap_seconds.",
                field="overlap_seconds",
            )
        if count((duration_ms or 0) / 1000, self.segment_seconds, self.overlap_seconds) > MOST:
            raise InvalidInput(
                f"That is more than {MOST} segments. Send a longer segment_seconds or less overlap.",
                field="segment_seconds",
            )


ENGINE = Engine(
    "segment",
    kinds.AUDIO_SEGMENT,
    "Cutting the sound",
    params=Params,
    backend=Backend("samples", "none"),
    route="audio/segment",
    hears=True,
    # The sound decoded, and segments that overlap by half.
    scratch_bytes=lambda found: 3 * decoded_bytes(found, rate=48_000, channels=2),
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    with _sound(source, work) as sound:
        pieces = list(spans(sound.frames, sound.rate, params.segment_seconds, params.overlap_seconds))
        files = []
        for number, piece in enumerate(pieces):
            work.check()
            work.report(100 * number / len(pieces), "cutting")
            files.append(_cut(sound, piece, number, work))
    return Outputs(tuple(files))


@contextmanager
def _sound(source: Source, work: Workspace) -> Iterator[Wav]:
    """The file itself where it is a WAV, else decoded."""
    try:
        with open_wav(source.path) as wav:
            yield wav
            return
    except NotWav:
        pass
    audio = source.found.info.audio
    rate, channels = (audio.rate, min(2, audio.channels)) if audio else (48_000, 1)
    with decoded(source.path, source.found, work, rate=rate, channels=channels) as wav:
        yield wav


def _cut(sound: Wav, piece: Span, number: int, work: Workspace) -> DerivedFile:
    path, length = work.folder / f"segment-{number:05d}.wav", piece.end - piece.first
    with WavWriter(path, sound.rate, sound.channels, int16=sound.is_int16) as out:
        for first in range(piece.first, piece.end, sound.rate):
            frames = min(sound.rate, piece.end - first)
            out.write(sound.read_int16(first, frames) if sound.is_int16 else sound.read_channels(first, frames))
    meta = {"segment_index": number, "samples": length, "first_sample": piece.first, "sample_rate": sound.rate}
    made = describe(kinds.AUDIO_SEGMENT, path, meta, variant=f"{number:05d}")
    return replace(made, start_ms=piece.start_ms, end_ms=piece.end_ms)
