"""What a profile means as output options of ffmpeg."""

from dataclasses import replace

from media_app.core.ffmpeg.hardware import HARDWARE, HardwareEncoder
from media_app.core.ffmpeg.outputs import BT709_TAGS, CLEAN, timescale
from render_app.core.catalogue import Profile

#: prores_ks by the profile's preset.
_PRORES = {"proxy": "0", "lt": "1", "standard": "2", "hq": "3"}
#: How each encoder of graphics hardware is set to a quality that does not change.
_QUALITY = {
    "h264_nvenc": ("-rc", "constqp", "-qp", "{crf}"),
    "h264_qsv": ("-global_quality", "{crf}"),
    "h264_videotoolbox": ("-q:v", "{good}"),
    "h264_vaapi": ("-rc_mode", "CQP", "-qp", "{crf}"),
}
#: Bits for a sample of a channel: 6144 for a packet of 1024.
AAC_BITS = 6
#: How many times its bits the first frame of a part gets, and the last: x264 makes the first keyframe of a film 2 to 3 steps coarser than those that
#: follow, and finds nothing that refers to the last frame, so that a picture that is new there came out up to 6 dB worse than where a film goes on.
FIRST_FRAME_BITS, LAST_FRAME_BITS = 1.4, 1.6
_MUXERS = {".mp4": "mp4", ".mov": "mov", ".webm": "webm", ".m4a": "ipod", ".wav": "wav"}


def picture_args(profile: Profile, frames: int = 0) -> list[str]:
    """The encoder of a picture, the same for every part of a film, so that parts can be joined without another encode. `frames`: how many
    a part has, where that is known."""
    if profile.hardware:
        return _hardware_args(profile)
    ends = _seam_args(profile, frames - 1) if frames else []
    return [
        *["-an", "-fps_mode", "passthrough", *_codec(profile), *ends, "-pix_fmt", profile.pix_fmt],
        *["-threads:v", str(profile.threads), "-flags:v", "+bitexact", *CLEAN, *BT709_TAGS],
        *["-video_track_timescale", str(timescale(profile.fps))],
    ]


def _seam_args(profile: Profile, last: int) -> list[str]:
    """More bits for the two ends of a part, where the encoder looks ahead. `last`: the number of its last frame."""
    if profile.video_codec != "libx264" or profile.preset == "ultrafast" or not last:
        return []
    return ["-x264-params", f"zones=0,0,b={FIRST_FRAME_BITS}/{last},{last},b={LAST_FRAME_BITS}"]


def _hardware_args(profile: Profile) -> list[str]:
    """An encoder of graphics hardware, at as even a quality as it has; its pixels are those that it was sent."""
    quality = [part.format(crf=profile.crf, good=100 - 2 * (profile.crf or 0)) for part in _QUALITY[profile.hardware]]
    return [
        *["-an", "-fps_mode", "passthrough", "-c:v", profile.hardware, *quality, "-g", str(round(2 * profile.fps)), "-bf", "0"],
        *[*CLEAN, *BT709_TAGS, "-video_track_timescale", str(timescale(profile.fps))],
    ]  # fmt: skip


def hardware_of(profile: Profile) -> HardwareEncoder | None:
    """The encoder of graphics hardware that a profile is encoded with."""
    return next((one for one in HARDWARE if one.name == profile.hardware), None)


def with_hardware(profile: Profile, name: str | None) -> Profile:
    """The profile on an encoder of graphics hardware, where there is one and it makes what the profile wants: H.264 of 8 bits."""
    fits = profile.video_codec == "libx264" and profile.pix_fmt == "yuv420p" and name in _QUALITY
    return replace(profile, hardware=name) if name and fits else profile


def part_extension(profile: Profile) -> str:
    """Of a part of the picture: WebM counts in milliseconds, on which few frames begin, so its parts are MP4 until they are joined."""
    return ".mp4" if profile.extension == ".webm" else profile.extension


def _codec(profile: Profile) -> list[str]:
    if profile.video_codec == "prores_ks":
        return ["-c:v", "prores_ks", "-profile:v", _PRORES[profile.preset], "-vendor", "apl0"]
    if profile.video_codec == "dnxhd":
        return ["-c:v", "dnxhd", "-profile:v", profile.preset]
    # Two seconds between keyframes at most; each part begins with one.
    gop = ["-crf", str(profile.crf), "-g", str(round(2 * profile.fps))]
    if profile.video_codec == "libvpx-vp9":
        return [
            "-c:v",
            "libvpx-vp9",
            "-b:v",
            "0",
            "-deadline",
            "good",
            "-cpu-used",
            profile.preset,
            "-row-mt",
            "1",
            *gop,
        ]
    quiet = ["-x265-params", "log-level=error", *copied_args(profile)] if profile.video_codec == "libx265" else []
    return ["-c:v", profile.video_codec, "-preset", profile.preset, *gop, *quiet]


def copied_args(profile: Profile) -> list[str]:
    """What a picture needs again where it is copied: Apple's players know HEVC by this tag alone."""
    return ["-tag:v", "hvc1"] if profile.video_codec == "libx265" else []


def sound_kbps(profile: Profile, channels: int) -> int | None:
    """The bit rate of the sound: the profile's, or the highest that AAC has for so many channels. None for PCM."""
    wanted = profile.audio_bitrate_kbps
    if wanted is None or profile.audio_codec != "aac":
        return wanted
    return min(wanted, channels * AAC_BITS * profile.audio_sample_rate // 1000)


def sound_args(profile: Profile, channels: int) -> list[str]:
    """The encoder of the whole film's sound."""
    kbps = sound_kbps(profile, channels)
    bitrate = ["-b:a", f"{kbps}k"] if kbps else []
    rate = ["-ar", str(profile.audio_sample_rate), "-ac", str(channels)]
    return ["-c:a", profile.audio_codec, *bitrate, *rate, "-flags:a", "+bitexact"]


def container_args(profile: Profile) -> list[str]:
    """How the finished film is written."""
    if profile.extension in (".wav", ".webm"):
        return [*CLEAN, "-f", _MUXERS[profile.extension]]
    scale = ["-video_track_timescale", str(timescale(profile.fps))] if profile.extension != ".m4a" else []
    return [*CLEAN, *scale, "-movflags", "+faststart", "-f", _MUXERS[profile.extension]]
