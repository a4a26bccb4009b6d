"""One local original → pictures of single frames of it."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.core.files.faults import NotUsable, SourceDamaged
from media_app.core.files.media_info import VideoStream
from media_app.core.time.shown import FrameStamps, ShownFrame, runs_of
from media_app.core.time.timebase import clock
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.inspect import Inspection
from media_app.making.look import list_packets
from media_app.making.original import run_over_original
from media_app.making.workspace import Workspace

STEP = "grabbing frames"
#: Frames this near are taken in one pass; a pass begins so long before its first frame, for seeks that land late.
WITHIN_S, LEAD_S = Fraction(2), Fraction(1)
AT_ONCE = 50


def stills(path: Path, found: Inspection, times: Sequence[Fraction], work: Workspace) -> Outputs:
    """A PNG of the frame on the screen at each of `times`, in seconds after media time zero.

    Raises NotUsable without a picture, SourceDamaged for a frame that cannot be decoded.
    """
    video = found.info.video
    if video is None:
        raise NotUsable("This file has no picture to grab a frame from.")
    frames = _stamps(path, video, found, work).shown(times)
    runs = runs_of(frames, within=WITHIN_S, most=AT_ONCE)
    grabbed: dict[int, Path] = {}
    for number, run in enumerate(runs):
        share = work.share(100 * number / len(runs), 100 * (number + 1) / len(runs))
        grabbed |= _grab(path, found, video, run, share)
        work.check()
    return Outputs(tuple(_file(frame, number, grabbed[frame.stamp], video) for number, frame in enumerate(frames)))


def still_bytes(found: Inspection, count: int) -> int:
    """Bytes of scratch that `count` pictures may need."""
    video = found.info.video
    return count * (video.width * video.height * 4 + (1 << 16)) if video else 0


def _stamps(path: Path, video: VideoStream, found: Inspection, work: Workspace) -> FrameStamps:
    stamps = FrameStamps(video.index, video.time_base, found.info.start_time)
    list_packets(path, stamps.feed, work.control(), select=str(video.index))
    return stamps


def _grab(
    path: Path, found: Inspection, video: VideoStream, run: Sequence[ShownFrame], work: Workspace
) -> dict[int, Path]:
    """Stamp → picture. After a seek that missed, the file is read from its beginning."""
    for seek in dict.fromkeys((max(Fraction(0), run[0].at - LEAD_S), Fraction(0))):
        folder = work.folder / f"stills-{run[0].stamp}-{'seek' if seek else 'all'}"
        folder.mkdir()
        stamps = [frame.stamp for frame in run]
        args = build.still_args(path, video, stamps, str(folder / "%06d.png"), seek=seek)
        run_over_original(args, found, work, STEP)
        pictures = sorted(folder.glob("*.png"))
        if len(pictures) == len(stamps):
            return dict(zip(stamps, pictures, strict=True))
        shutil.rmtree(folder)
    raise SourceDamaged(f"The frame at {clock(run[0].at)} cannot be decoded. Copy the file again from the card.")


def _file(frame: ShownFrame, number: int, picture: Path, video: VideoStream) -> DerivedFile:
    """Each time asked for has a file of its own, also where two times show one frame."""
    out = picture.with_name(f"asked-{number:05d}.png")
    shutil.copyfile(picture, out)
    at = max(0.0, round(float(frame.at) * 1000, 4))
    meta = {"requested_ms": round(float(frame.asked) * 1000, 4), "frame_ms": at, "frame_index": frame.index}
    made = describe(kinds.FRAME, out, meta | {"width": video.width, "height": video.height}, variant=f"{number:05d}")
    return replace(made, start_ms=at)
