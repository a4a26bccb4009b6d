"""The embedded packager: ffmpeg makes HLS over CMAF in three rungs, and Studio serves it."""

import json
from fractions import Fraction
from pathlib import Path

from media_app import process, storage
from media_app.core.ffmpeg import proxy_rate
from media_app.core.kinds import Kind
from media_app.core.time.timebase import format_rate
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import explain, file_at_fault
from media_app.making.files import describe
from media_app.making.inspect import Inspection, inspect
from media_app.making.original import picture_bytes, sound_bytes
from media_app.making.workspace import Workspace, workspace_of
from render_app.core import hls
from render_app.core.ladder import ladder, rung_facts
from render_app.packagers import Package, Work

#: A package has no row of its own for each file: its production knows them.
PACKAGE_FILE = Kind("package", "Package")
SEGMENTS_TYPE = "video/iso.segment"


class Hls:
    def refuse(self) -> str:
        return ""

    def package(self, work: Work, run: Run) -> Package:
        place = workspace_of(run)
        run.progress(0, "fetching the file")
        with file_at_fault(), storage.store().local_copy(work.source_key, run.scratch) as source:
            found = inspect(source, place, heard=work.heard)
            run.reserve(2 * found.size + sound_bytes(found) + picture_bytes(found))
            return _package(source, found, place.subfolder("package"))


def _package(path: Path, found: Inspection, work: Workspace) -> Package:
    source, seconds = found.source(path), float(found.duration)
    if source.video is None or source.rate is None:
        raise CannotSucceed("This file has no video, so there is nothing to package.")
    rate = proxy_rate(source.rate)
    rungs = ladder(source.video.width, source.video.height, rate)
    try:
        work.share(2, 95).ffmpeg(hls.package_args(source, rungs, rate), "making three sizes", seconds)
    except process.ToolFailed as error:
        raise explain(error) from error
    names = [rung.name for rung in rungs] + (["a"] if source.audio else [])
    _check(work, names, found.duration, rate)
    master = work.folder / hls.MASTER
    playlists = {f"{name}.m3u8": (work.folder / f"{name}.m3u8").read_text() for name in names}
    master.write_text(hls.with_true_bandwidths(master.read_text(), playlists))
    files = [
        describe(PACKAGE_FILE, work.folder / name, content_type=hls.PLAYLIST_TYPE) for name in (hls.MASTER, *playlists)
    ]
    files += [describe(PACKAGE_FILE, work.folder / f"{name}.m4s", content_type=SEGMENTS_TYPE) for name in names]
    facts = {"rungs": rung_facts(rungs), "rate": format_rate(rate), "seconds": seconds, "playlist": hls.MASTER}
    return Package(tuple(files), facts)


def _check(work: Workspace, names: list[str], seconds: Fraction, rate: Fraction) -> None:
    """Every rung must be there to its end: a player that changes over finds no hole."""
    for name in names:
        answer = work.ffprobe(work.folder / f"{name}.m4s")
        length = Fraction(str(answer["format"].get("duration", 0)))
        if length + 2 / rate + Fraction(1, 10) < seconds:
            raise CannotSucceed(
                f"Only {float(length):.1f} s of {float(seconds):.1f} s could be packaged: the file is damaged or cut. "
                f"({json.dumps(name)})"
            )
