"""ffmpeg and ffprobe."""

import json
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from media_app.core.ffmpeg import input_guard, memory_for
from media_app.core.files.faults import NotMedia, OutOfRange, SourceDamaged
from media_app.core.files.first_bytes import refuse_by_first_bytes
from media_app.core.files.probe import MAX_CONTAINED
from media_app.core.time.progress import Progress
from media_app.process.errors import ToolFailed
from media_app.process.launch import Limits
from media_app.process.run import Finished, ProgressPipe, run
from media_app.process.watch import Control
from sessions_app.errors import StudioError

JSON_CAP = 32 << 20
#: Seconds of a processor that looking at a file takes at most. Good ones take less than one.
LOOKING_CPU_S = 20

_MP4_BEGINNINGS = frozenset({b"ftyp", b"mdat", b"free", b"skip", b"wide", b"moov", b"pnot"})


def ffmpeg(
    args: Sequence[str],
    control: Control | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    limits: Limits | None = None,
    cwd: Path | None = None,
    damage_ok: bool = False,
    on_stdout: Callable[[bytes], None] | None = None,
) -> Finished:
    """Run ffmpeg with `args` (from `media_app.core.ffmpeg`, without the program's name); progress comes through a pipe, and
    `on_stdout` gets what it writes to `pipe:1`.

    Anything that cannot be read or decoded is an error, for ffmpeg itself would end well with what it had; `damage_ok` is
    for a camera's original, of which the rest is worth having: its caller compares what came out with what went in. Raises as
    `run`.
    """
    pipe = ProgressPipe(*os.pipe(), on_progress)
    argv = ["ffmpeg", "-hide_banner", "-nostdin", "-y", "-v", "warning", "-nostats"]
    argv += [] if damage_ok else ["-xerror"]
    argv += ["-stats_period", "0.25", "-progress", f"pipe:{pipe.write}", *args]
    return run(argv, control, limits=limits, on_stdout=on_stdout, progress=pipe, cwd=cwd)


@cache
def has_filter(name: str) -> bool:
    """Whether this ffmpeg was built with a filter."""
    said = run(
        ["ffmpeg", "-hide_banner", "-v", "error", "-h", f"filter={name}"], on_stdout=(heard := bytearray()).extend
    )
    return b"Unknown filter" not in heard and "Unknown filter" not in said.stderr_tail


@cache
def ffmpeg_version() -> str:
    """The build of ffmpeg: what else makes of the same plan may have other bytes."""
    run(["ffmpeg", "-version"], on_stdout=(heard := bytearray()).extend)
    return heard.partition(b"\n")[0].decode("ascii", "replace").removeprefix("ffmpeg version ").partition(" ")[0]


def ffprobe(
    path: Path, control: Control | None = None, *, entries: Sequence[str] = ("-show_format", "-show_streams")
) -> dict[str, Any]:
    """What ffprobe says of `path`, as parsed JSON. Raises as `run`; ToolFailed also when its answer is no JSON."""
    answer = bytearray()

    def collect(data: bytes) -> None:
        answer.extend(data)
        if len(answer) > JSON_CAP:
            raise ToolFailed(argv, 0, "The description of the file is longer than 32 MiB.")

    argv = ["ffprobe", "-hide_banner", "-v", "error", "-of", "json", *entries, *input_guard(path, ffprobe=True)]
    finished = run(argv, control, limits=_probe_limits(path), on_stdout=collect)
    try:
        return dict(json.loads(answer.decode("utf-8", "replace")))
    except ValueError:
        raise ToolFailed(argv, 0, finished.stderr_tail, "gave no readable answer") from None


def probe_file(path: Path, control: Control | None = None) -> dict[str, Any]:
    """`ffprobe` for a file that somebody gave us: a refusal is a sentence.

    Raises NotUsable types (EmptyFile, StillImage, NotMedia, SourceDamaged), OSError when there is no such file.
    """
    with path.open("rb") as file:
        head = file.read(64)
        refuse_by_first_bytes(head, os.fstat(file.fileno()).st_size)
    try:
        return ffprobe(path, control)
    except ToolFailed as error:
        raise _not_media(error, head) from error


def _not_media(error: ToolFailed, head: bytes) -> StudioError:
    if "moov atom not found" in error.stderr_tail and head[4:8] in _MP4_BEGINNINGS:
        return SourceDamaged(
            "The end of the file is missing: MP4 and MOV keep their index there. Copy it again from the card, or let "
            "the camera repair it."
        )
    if "no tfhd was found" in error.stderr_tail:
        return SourceDamaged(
            "The file's fragments belong to a beginning that is missing: it does not say how they were coded. Copy the whole recording "
            "from the card, or join it with its first part."
        )
    if "max_streams" in error.stderr_tail:
        return OutOfRange(
            f"The file has more than {MAX_CONTAINED:,} streams. Export it with the picture and its sound alone."
        )
    if error.exit_code == -signal.SIGXCPU:
        return OutOfRange(
            "Reading this file takes far more work than one of its size should. Export it again, and upload that."
        )
    # A positive code is its own verdict, the signals are those of a program that broke on what it read.
    if error.exit_code > 0 or error.exit_code in (-4, -6, -7, -8, -11):
        return NotMedia("This is not a video or sound file that can be read here. Upload the recording itself.")
    return error


def ffprobe_packets(
    path: Path, on_stdout: Callable[[bytes], None], control: Control | None = None, *, select: str | None = None
) -> Finished:
    """Stream one text line per packet of `path`: `stream_index|pts|dts|duration|flags[|side data]`, in file order.

    It may take a second of a processor for every 4 MB: a file that makes the reader turn in circles takes more. Raises as
    `run`.
    """
    argv = ["ffprobe", "-hide_banner", "-v", "error", "-of", "compact=p=0:nk=1"]
    argv += ["-show_entries", "packet=stream_index,pts,dts,duration,flags:packet_side_data=skip_samples"]
    argv += ["-select_streams", select] if select else []
    argv += input_guard(path, ffprobe=True)
    limits = replace(_probe_limits(path), cpu_s=int(LOOKING_CPU_S + path.stat().st_size / 4e6))
    return run(argv, control, limits=limits, on_stdout=on_stdout)


def _probe_limits(path: Path) -> Limits:
    """What ffprobe may use to look at a file."""
    return Limits(cpu_s=LOOKING_CPU_S, file_bytes=0, memory_bytes=memory_for(0, path.stat().st_size, cores()), nice=0)


def cores() -> int:
    """Processors that this process may run on, and with which ffmpeg counts its threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
