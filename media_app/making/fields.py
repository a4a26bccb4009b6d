"""Camcorders that store each picture as two fields in packets of their own (AVCHD, XDCAM): two packets are one frame."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from media_app import process
from media_app.core.files.ffprobe_values import integer
from media_app.core.files.media_info import VideoStream
from media_app.core.time.frames import FrameTiming
from media_app.making.explain import explain

#: Codecs that know field pictures, and how many packets are decoded to see whether a file has them.
_CODECS = frozenset({"h264", "mpeg2video", "vc1", "hevc"})
_PACKETS = 24
#: Interlaced pictures have this many fields a second or more.
_FIELD_RATE = Fraction(47)


def pair_fields(
    path: Path, video: VideoStream, frames: FrameTiming, control: process.Control
) -> tuple[VideoStream, FrameTiming]:
    """Picture and timing with the packets counted as frames, whichever way they were stored."""
    if video.field_order == "progressive" or video.codec not in _CODECS or frames.rate < _FIELD_RATE:
        return video, frames
    declared = (
        video.interlaced
        and video.average_rate is not None
        and abs(frames.rate / video.average_rate - 2) < Fraction(1, 50)
    )
    if not declared and not _decodes_to_half(path, video, control):
        return video, frames
    field_order = video.field_order if video.interlaced else "tt"
    return replace(video, field_order=field_order), frames.paired()


def _decodes_to_half(path: Path, video: VideoStream, control: process.Control) -> bool:
    """Whether the first packets give half as many frames. Raises NotUsable types when the file is to blame."""
    entries = ["-select_streams", str(video.index), "-count_frames", "-count_packets"]
    entries += ["-read_intervals", f"%+#{_PACKETS}", "-show_entries", "stream=nb_read_frames,nb_read_packets"]
    try:
        streams = process.ffprobe(path, control, entries=entries).get("streams")
    except process.ToolFailed as error:
        raise explain(error) from error
    stream = (streams or [{}])[0]
    packets, shown = integer(stream.get("nb_read_packets")), integer(stream.get("nb_read_frames"))
    return packets >= 4 and shown > 0 and abs(2 * shown - packets) <= 2
