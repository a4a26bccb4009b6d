"""ffmpeg's arguments as pure functions. `media_app.process` runs what they return.

Time zero of everything made is the container's own (`format.start_time`): ffmpeg shifts its input so that this
instant is 0, `fps=…:start_time=0` repeats the first frame (or drops frames) until the picture begins there, and
`aresample=async=1:first_pts=0` does the same for the sound with silence. Nothing in the outputs may be copied from
the input as it is, metadata included, so that the same bytes in give the same bytes out.
"""

from media_app.core.ffmpeg.guard import (
    FORMATS,
    all_in_use,
    input_guard,
    memory_for,
    mezzanine_bytes,
    picture_bytes,
    sound_bytes,
)
from media_app.core.ffmpeg.outputs import (
    MEZZANINES,
    ProxySettings,
    heard_args,
    ladder_args,
    mezzanine_args,
    picture_args,
    preview_args,
    seen_args,
    sound_args,
    tracks_args,
    wav_args,
)
from media_app.core.ffmpeg.picture import Level, fit, h264_level, proxy_rate, video_chain
from media_app.core.ffmpeg.sound import LAYOUTS, SAMPLE_RATE, SoundStart, audio_chain, is_plain, sound_start
from media_app.core.ffmpeg.source import Source, TrackOutput
from media_app.core.ffmpeg.stills import still_args
from media_app.core.ffmpeg.veiled import Veil

__all__ = [
    "FORMATS",
    "LAYOUTS",
    "MEZZANINES",
    "SAMPLE_RATE",
    "Level",
    "ProxySettings",
    "SoundStart",
    "Source",
    "TrackOutput",
    "Veil",
    "all_in_use",
    "audio_chain",
    "fit",
    "h264_level",
    "heard_args",
    "input_guard",
    "is_plain",
    "ladder_args",
    "memory_for",
    "mezzanine_args",
    "mezzanine_bytes",
    "picture_args",
    "picture_bytes",
    "preview_args",
    "proxy_rate",
    "seen_args",
    "sound_args",
    "sound_bytes",
    "sound_start",
    "still_args",
    "tracks_args",
    "video_chain",
    "wav_args",
]
