"""What a profile means as output options of ffmpeg."""

from media_app.core.ffmpeg.outputs import BT709_TAGS, CLEAN, timescale
from render_app.core.catalogue import Profile

#: prores_ks by the profile's preset.
_PRORES = {"proxy": "0", "lt": "1", "standard": "2", "hq": "3"}


def picture_args(profile: Profile) -> list[str]:
    """The encoder of a picture, the same for every part of a film, so that parts can be joined without another encode."""
    return [
        *["-an", "-fps_mode", "passthrough", *_codec(profile), "-pix_fmt", profile.pix_fmt],
        *["-threads:v", str(profile.threads), "-flags:v", "+bitexact", *CLEAN, *BT709_TAGS],
        *["-video_track_timescale", str(timescale(profile.fps))],
    ]


def _codec(profile: Profile) -> list[str]:
    if profile.video_codec == "prores_ks":
        return ["-c:v", "prores_ks", "-profile:v", _PRORES[profile.preset], "-vendor", "apl0"]
    # Two seconds between keyframes at most; each part begins with one.
    gop = str(round(2 * profile.fps))
    return ["-c:v", profile.video_codec, "-preset", profile.preset, "-crf", str(profile.crf), "-g", gop]


def sound_args(profile: Profile, channels: int) -> list[str]:
    """The encoder of the whole film's sound."""
    bitrate = ["-b:a", f"{profile.audio_bitrate_kbps}k"] if profile.audio_bitrate_kbps else []
    rate = ["-ar", str(profile.audio_sample_rate), "-ac", str(channels)]
    return ["-c:a", profile.audio_codec, *bitrate, *rate, "-flags:a", "+bitexact"]


def container_args(profile: Profile) -> list[str]:
    """How the finished film is written."""
    form = "mov" if profile.extension == ".mov" else "mp4"
    scale = ["-video_track_timescale", str(timescale(profile.fps))]
    return [*CLEAN, *scale, "-movflags", "+faststart", "-f", form]
