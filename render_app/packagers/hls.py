"""The embedded packager: ffmpeg makes HLS over CMAF in three rungs, and Studio serves it."""

import json
from fractions import Fraction
from pathlib import Path

from media_app import process, storage
from media_app.core.ffmpeg import proxy_rate
from media_app.core.files.probe import NotUsable
from media_app.core.time.progress import Progress
from media_app.core.time.timebase import format_rate
from media_app.jobs import CannotSucceed, Run
from media_app.making import derive
from media_app.making.derive import Inspection
from render_app.core import hls
from render_app.core.ladder import ladder
from render_app.packagers import Package, Work

SEGMENTS_TYPE = "video/iso.segment"


class Hls:
    def refuse(self) -> str:
        return ""

    def package(self, work: Work, run: Run) -> Package:
        folder = run.scratch / "package"
        folder.mkdir()
        run.progress(0, "fetching the file")
        with storage.store().local_copy(work.source_key, run.scratch) as source:
            try:
                found = derive.inspect(source, cancelled=run.cancelled, logs=run.scratch)
                run.reserve(2 * found.size + derive.room_for(found))
                return _package(source, found, folder, run)
            except NotUsable as error:
                raise CannotSucceed(str(error)) from error


def _package(source: Path, found: Inspection, folder: Path, run: Run) -> Package:
    video, audio, frames = found.info.video, found.info.audio, found.frames
    if video is None or frames is None:
        raise CannotSucceed("There is no picture in this file, so there is nothing to package.")
    rate, seconds = proxy_rate(frames.rate), float(found.duration)
    rungs = ladder(video.width, video.height, rate)
    args = hls.package_args(
        source, rungs, video, audio, rate=rate, phase=frames.phase(found.info.start_time), sound=found.sound_start
    )

    def tell(progress: Progress) -> None:
        run.progress(2 + 0.93 * (progress.percent(seconds) or 0), "making three sizes")

    process.ffmpeg(args, on_progress=tell, cancelled=run.cancelled, logs=run.scratch, cwd=folder, damage_ok=True)
    names = [rung.name for rung in rungs] + (["a"] if audio else [])
    _check(folder, names, found.duration, rate, run)
    master = folder / hls.MASTER
    playlists = {f"{name}.m3u8": (folder / f"{name}.m3u8").read_text() for name in names}
    master.write_text(hls.with_true_bandwidths(master.read_text(), playlists))
    files = [(master, hls.PLAYLIST_TYPE)]
    files += [(folder / f"{name}.m3u8", hls.PLAYLIST_TYPE) for name in names]
    files += [(folder / f"{name}.m4s", SEGMENTS_TYPE) for name in names]
    told = [{"name": r.name, "width": r.width, "height": r.height, "kbits": r.kbits} for r in rungs]
    return Package(files, {"rungs": told, "rate": format_rate(rate), "seconds": seconds, "playlist": hls.MASTER})


def _check(folder: Path, names: list[str], seconds: Fraction, rate: Fraction, run: Run) -> None:
    """Every rung must be there to its end: a player that changes over finds no hole."""
    for name in names:
        answer = process.ffprobe(folder / f"{name}.m4s", cancelled=run.cancelled, logs=run.scratch)
        length = Fraction(str(answer["format"].get("duration", 0)))
        if length + 2 / rate + Fraction(1, 10) < seconds:
            raise CannotSucceed(
                f"Only {float(length):.1f} s of {float(seconds):.1f} s could be packaged: the file is damaged or cut. "
                f"({json.dumps(name)})"
            )
