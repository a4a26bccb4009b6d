"""ffmpeg's arguments for single pictures of a file, each chosen by its own time stamp, so that it is never its neighbor."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from media_app.core.ffmpeg.guard import input_guard
from media_app.core.ffmpeg.outputs import CLEAN
from media_app.core.ffmpeg.picture import still_chain
from media_app.core.files.media_info import VideoStream
from media_app.core.time.timebase import seconds_text


def still_args(
    path: Path, video: VideoStream, stamps: Sequence[int], out: str, *, seek: Fraction = Fraction(0)
) -> list[str]:
    """The frames with these stamps, in ticks of the stream, → numbered PNG files in full resolution, from 1.

    `seek`: seconds after time zero from which the file is read. A seek may miss by some frames in some containers: then fewer
    pictures come out, never others.
    """
    wanted = "+".join(f"eq(pts\\,{stamp})" for stamp in stamps)
    graph = f"[0:{video.index}]select='{wanted}',{still_chain(video)}[still]"
    return [
        *(["-ss", seconds_text(seek, 6)] if seek > 0 else []),
        *["-noaccurate_seek", "-copyts", *input_guard(path)],
        *["-filter_complex", graph, "-map", "[still]", "-fps_mode", "passthrough", "-frames:v", str(len(stamps))],
        *["-c:v", "png", "-pred", "mixed", *CLEAN, "-f", "image2", out],
    ]
