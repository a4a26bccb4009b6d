"""What a local file says of itself."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from media_app import process
from media_app.core.files.faults import NotMedia, SourceDamaged
from media_app.core.files.media_info import MediaInfo
from media_app.core.files.probe import read_probe
from media_app.making.containers import missing_bytes
from media_app.making.device import device_in
from media_app.making.explain import explain
from media_app.making.refusals import refuse_by_index


def look(path: Path, control: process.Control | None = None) -> MediaInfo:
    """Probe `path`. Raises NotUsable types, OSError when there is no such file, and as `process.run`."""
    refuse_by_index(path)
    try:
        answer = process.probe_file(path, control)
    except NotMedia as error:
        if missing_bytes(path):
            raise SourceDamaged(
                "The file is cut: a part of its index is missing. Copy it again from the card."
            ) from error
        raise
    info = read_probe(answer)
    return replace(info, device=device_in(path).or_else(info.device))


def list_packets(
    path: Path, on_stdout: Callable[[bytes], None], control: process.Control, *, select: str | None = None
) -> None:
    """As `process.ffprobe_packets`. Raises NotUsable types when the file is to blame."""
    try:
        process.ffprobe_packets(path, on_stdout, control, select=select)
    except process.ToolFailed as error:
        raise explain(error) from error
