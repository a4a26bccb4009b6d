"""Honest files to bend: one second of picture and sound in each container."""

from pathlib import Path

from tests.support.media import cached, run_ffmpeg


def made(name: str, *args: str) -> bytes:
    def make(path: Path) -> None:
        picture = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1"]
        sound = ["-f", "lavfi", "-i", "sine=r=48000:d=1"]
        run_ffmpeg(*picture, *sound, *args, path)

    return cached(name, ("hostile", args), make).read_bytes()


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-threads", "1")


def honest() -> dict[str, bytes]:
    """One second of picture and sound in each container, by file name."""
    return {
        "clip.mp4": made("plain.mp4", *H264, "-c:a", "aac"),
        "fragments.mp4": made(
            "fragments.mp4", *H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-g", "5"
        ),
        "clip.mkv": made("plain.mkv", *H264, "-c:a", "libopus"),
        "clip.avi": made("plain.avi", "-c:v", "mjpeg", "-c:a", "pcm_s16le"),
        "clip.ts": made("plain.ts", "-c:v", "mpeg2video", "-c:a", "mp2"),
        "clip.flv": made("plain.flv", *H264, "-c:a", "aac"),
        "clip.wav": made("plain.wav", "-vn", "-c:a", "pcm_s16le", "-map", "1:a"),
        "clip.flac": made("plain.flac", "-vn", "-map", "1:a"),
        "clip.ogg": made("plain.ogg", "-vn", "-map", "1:a", "-c:a", "libvorbis"),
        "clip.mp3": made("plain.mp3", "-vn", "-map", "1:a"),
        "clip.aiff": made("plain.aiff", "-vn", "-map", "1:a"),
        "clip.caf": made("plain.caf", "-vn", "-map", "1:a"),
        "clip.w64": made("plain.w64", "-vn", "-map", "1:a"),
        "clip.mxf": made("plain.mxf", "-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"),
        "clip.wmv": made("plain.wmv", "-c:v", "wmv2", "-c:a", "wmav2"),
    }
