"""Input options that keep a hostile file in its place, and the memory and disk space that a run may take."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from media_app.core.ffmpeg.picture import h264_level
from media_app.core.ffmpeg.sound import SAMPLE_RATE
from media_app.core.files.media_info import AudioStream, VideoStream
from media_app.core.files.probe import MAX_CONTAINED
from media_app.core.files.streams import MAX_PIXELS
from media_app.core.time.packets import LONGEST_GAP_S, RESTARTING

#: What cameras, phones, recorders and screen recorders write. Playlists, images and scripts are not among them.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mxf,mpegts,mpeg,mpegvideo,wav,w64,aiff,caf,flac,mp3,aac,ogg,amr,asf,flv,dv"


#: In an MPEG transport stream a gap of more than ten seconds would be closed, and all that follows it be early.
_KEEPING_GAPS = ["-dts_delta_threshold", str(LONGEST_GAP_S)]


def input_guard(path: Path, *, ffprobe: bool = False) -> list[str]:
    """Input options that keep a hostile file from opening anything but itself, and the input.

    Each input needs its own copy. The path is given as `file:` so that no name is taken for a protocol or an option.
    """
    guard = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS]
    guard += ["-max_streams", str(MAX_CONTAINED), "-max_pixels", str(MAX_PIXELS)]
    return [*guard, *([] if ffprobe else ["-dn", "-sn", *_KEEPING_GAPS]), "-i", f"file:{path}"]


def still_guard(path: Path, form: str) -> list[str]:
    """The same for a single picture, read by the demuxer `form` and by no other."""
    guard = ["-protocol_whitelist", "file", "-format_whitelist", form, "-max_pixels", str(MAX_PIXELS)]
    return [*guard, "-f", form, "-i", f"file:{path}"]


def all_in_use(container: str) -> list[str]:
    """One more output, which throws all picture and sound away, where time zero would else depend on what is made of the file:
    ffmpeg takes that of a clock that may begin anew from the streams in use, not from all."""
    everything = ["-map", "0:v?", "-map", "0:a?", "-c", "copy", "-f", "null", "-"]
    return [] if RESTARTING.isdisjoint(container.split(",")) else everything


def memory_for(pixels: int, size: int, cores: int) -> int:
    """Bytes of address space that ffmpeg may use for a picture of so many pixels in a file of `size` bytes.

    1 GiB, of which ffmpeg's own libraries map half; then what each core's threads map; the frames that are in flight,
    two more with each thread that decodes; and the index of a long file, which is kept in memory. Measured (ffmpeg 5.1,
    2 cores): proxy and thumbnail of 1080p 0.70 GB, of 4320p 0.99 GB; ProRes of 4320p 1.35 GB.
    """
    frames = 56 + 4 * min(cores + 1, 16)
    return (1 << 30) + cores * (40 << 20) + pixels * frames + min(4 << 30, size // 200)


def picture_bytes(seconds: Fraction, size: tuple[int, int], rate: Fraction) -> int:
    """How much space proxy and thumbnail may need: the proxy at two thirds of what its level allows."""
    return int(seconds * h264_level(*size, rate).kbits * 125 * Fraction(2, 3)) + (16 << 20)


def sound_bytes(seconds: Fraction, sounds: Sequence[AudioStream]) -> int:
    """How much space the WAVs of all tracks need, the one that stays among them, and its peaks."""
    return int(seconds * SAMPLE_RATE * 4) + _tracks_bytes(seconds, sounds) + (16 << 20)


def _tracks_bytes(seconds: Fraction, sounds: Sequence[AudioStream]) -> int:
    """Those that go again: none where a file has one ordinary track."""
    if len(sounds) == 1 and sounds[0].channels <= 2:
        return 0
    return int(seconds * SAMPLE_RATE * 2 * sum(max(2, audio.channels) for audio in sounds))


def mezzanine_bytes(seconds: Fraction, video: VideoStream, rate: Fraction) -> int:
    """How much space a mezzanine may need: ProRes 422 and DNxHR SQ spend 2.4 bits on a pixel, and noise half as much more."""
    return int(seconds * (video.width * video.height * rate * Fraction(36, 80) + SAMPLE_RATE * 4)) + (16 << 20)
