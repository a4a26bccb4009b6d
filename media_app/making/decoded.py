"""What is heard of a local file, decoded once for engines: blocks of float samples, in flat memory however long it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media_app.audio import Wav, open_wav
from media_app.core import ffmpeg as build
from media_app.core.files.faults import NotUsable
from media_app.making.inspect import Inspection
from media_app.making.original import run_over_original
from media_app.making.workspace import Workspace

#: What networks that hear are trained on, Hz.
EARS_RATE = 16_000


@contextmanager
def decoded(
    path: Path, found: Inspection, work: Workspace, *, rate: int = EARS_RATE, channels: int = 1
) -> Iterator[Wav]:
    """The sound as 32-bit float at `rate`, sample 0 at media time zero: `.blocks(n)` are mono blocks in order, `.read(start, n)` any
    place of it. The file is removed afterwards.

    Raises NotUsable for a file without sound, and as `run_over_original`.
    """
    if found.info.audio is None:
        raise NotUsable("There is no sound in this file.")
    wav = work.folder / f"heard-{rate}-{channels}.wav"
    args = build.heard_args(found.source(path), wav, rate=rate, channels=channels)
    run_over_original(args, found, work, "decoding the sound")
    try:
        with open_wav(wav, path.name) as sound:
            yield sound
    finally:
        wav.unlink(missing_ok=True)


def decoded_bytes(found: Inspection, *, rate: int = EARS_RATE, channels: int = 1) -> int:
    """Bytes of scratch that `decoded` needs."""
    return int(found.duration * rate * channels * 4) + (1 << 20)
