"""ffmpeg over a camera's original: within bounds that follow from what was found in it."""

from collections.abc import Callable, Sequence

from media_app import process
from media_app.core import ffmpeg as build
from media_app.core.files.decoded import COUNTING
from media_app.making.explain import explain
from media_app.making.inspect import Inspection
from media_app.making.workspace import Workspace


def run_over_original(
    args: Sequence[str],
    found: Inspection,
    work: Workspace,
    step: str,
    *,
    nice: int | None = None,
    on_stdout: Callable[[bytes], None] | None = None,
) -> process.Finished:
    """Leave out what is damaged; the caller holds the outputs against the packets. `on_stdout` gets what goes to `pipe:1`.

    It may take ten minutes and sixty times what the recording lasts of each processor, and write twice what was foreseen. Raises
    SourceDamaged and OutOfRange when the file is to blame, and as `process.run`.
    """
    video = found.info.video
    pixels = video.coded_width * video.coded_height if video else 0
    seconds = float(found.duration)
    limits = process.Limits(
        cpu_s=cpu_for(seconds),
        memory_bytes=build.memory_for(pixels, found.size, process.cores()),
        file_bytes=(64 << 20) + 2 * max(sound_bytes(found), picture_bytes(found), mezzanine_bytes(found)),
        nice=nice,
    )
    try:
        command = [*COUNTING, *args, *build.all_in_use(found.info.container)]
        return work.ffmpeg(command, step, seconds, limits=limits, on_stdout=on_stdout)
    except process.ToolFailed as error:
        raise explain(error, picture=video is not None) from error


def cpu_for(seconds: float) -> int:
    """Processor seconds that decoding a recording of this length may take."""
    return process.cores() * int(600 + 60 * seconds)


def picture_bytes(found: Inspection) -> int:
    """Bytes of scratch that `derive_picture` may need."""
    video = found.info.video
    if video is None or found.frames is None:
        return 0
    settings = build.ProxySettings()
    size = build.fit(video.width, video.height, short_side=settings.short_side, long_side=settings.long_side)
    return build.picture_bytes(found.duration, size, build.proxy_rate(found.frames.rate))


def sound_bytes(found: Inspection) -> int:
    """Bytes of scratch that `derive_sound` may need."""
    return build.sound_bytes(found.duration, found.info.sounds)


def mezzanine_bytes(found: Inspection) -> int:
    """Bytes of scratch that `mezzanine` may need."""
    if found.info.video is None or found.frames is None:
        return 0
    return build.mezzanine_bytes(found.duration, found.info.video, found.frames.rate)
