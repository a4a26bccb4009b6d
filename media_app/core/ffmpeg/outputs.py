"""What ffmpeg is to make of an original: review files, the sound alone, the mezzanine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from media_app.core.ffmpeg.guard import input_guard
from media_app.core.ffmpeg.picture import even, fit, h264_level, progressive, proxy_rate, timing, video_chain
from media_app.core.ffmpeg.sound import SAMPLE_RATE, audio_chain, is_plain, only_numbers
from media_app.core.ffmpeg.source import Source, TrackOutput
from media_app.core.ffmpeg.veiled import Veil, veiled
from media_app.core.files.decoded import MEASURED
from media_app.core.files.media_info import VideoStream


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """`short_side`: the picture's shorter side at most, in pixels (720 = "720p"); `long_side` bounds panoramas.

    Every second picture is a key frame, so a long search for motion buys little. Measured (ffmpeg 5.1, 20 s of grainy 1080p and of a
    screen): veryfast at CRF 22 with subme 1 has the SSIM of fast at CRF 23 (0.98668, 0.9997) at 0.40 of its processor time.
    """

    short_side: int = 720
    long_side: int = 1920
    crf: int = 22
    preset: str = "veryfast"
    subme: int = 1
    gop: int = 2
    threads: int = 4
    thumbnail_side: int = 640


# `-fps_mode vfr` on the outputs changes nothing in a stream that runs forward. Where the picture changes its size in
# mid-file ffmpeg begins its filters anew, frames come from time zero once more, and this is what drops them.
FORWARD_ONLY = ["-fps_mode", "vfr"]

#: The colors of everything that is made to be seen on any screen, as an output's tags.
BT709_TAGS = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]

CLEAN = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]


def picture_args(
    source: Source, proxy: Path, thumbnail: Path, *, rate: Fraction, thumbnail_frame: int, settings: ProxySettings
) -> list[str]:
    """One decode of the picture of `source` → proxy and thumbnail, at `rate`; the sound is not even read.

    The thumbnail file is written twice: with frame 0 and then with frame `thumbnail_frame`, so that it exists however
    short the file turns out to be.
    """
    video = source.video
    assert video
    size = fit(video.width, video.height, short_side=settings.short_side, long_side=settings.long_side)
    small = fit(*size, short_side=settings.thumbnail_side, long_side=settings.thumbnail_side)
    graph = (
        f"[0:{video.index}]{video_chain(video, size, rate, source.phase)},split=2[proxy][still];"
        f"[still]select='eq(n,0)+eq(n,{thumbnail_frame})'"
        f",scale={small[0]}:{small[1]}:flags=area:out_range=pc,format=yuv420p[thumb]"
    )
    return [
        *input_guard(source.path),
        *["-filter_complex", graph, "-map", "[proxy]", *_proxy_codec(settings, size, rate), str(proxy)],
        *["-map", "[thumb]", *FORWARD_ONLY, "-c:v", "mjpeg", "-q:v", "3", *CLEAN],
        *["-color_range", "pc", "-strict", "unofficial"],
        *["-flags:v", "+bitexact", "-f", "image2", "-update", "1", str(thumbnail)],
    ]


def ladder_args(source: Source, rungs: Sequence[tuple[Path, ProxySettings]], *, rate: Fraction) -> list[str]:
    """One decode of the picture of `source` → a proxy for each rung, the largest first; the smaller ones are made of it."""
    video = source.video
    assert video
    sizes = [fit(video.width, video.height, short_side=one.short_side, long_side=one.long_side) for _, one in rungs]
    labels = [f"rung{number}" for number in range(len(rungs))]
    split = f"split={len(rungs)}{''.join(f'[{label}]' for label in labels)}"
    chains = [f"[0:{video.index}]{video_chain(video, sizes[0], rate, source.phase)},{split}"]
    args = list[str]()
    for label, size, (path, settings) in zip(labels, sizes, rungs, strict=True):
        chains.append(f"[{label}]scale={size[0]}:{size[1]}:flags=area,format=yuv420p[{label}s]")
        args += ["-map", f"[{label}s]", *_proxy_codec(settings, size, rate), str(path)]
    return [*input_guard(source.path), "-filter_complex", ";".join(chains), *args]


def _proxy_codec(settings: ProxySettings, size: tuple[int, int], rate: Fraction) -> list[str]:
    level = h264_level(*size, rate)
    return [
        *["-an", *FORWARD_ONLY, "-c:v", "libx264", "-profile:v", "baseline", "-level:v", level.name],
        *["-preset", settings.preset, "-crf", str(settings.crf), "-pix_fmt", "yuv420p"],
        *["-maxrate", f"{level.kbits}k", "-bufsize", f"{level.kbits}k"],
        *["-g", str(settings.gop), "-keyint_min", str(settings.gop), "-sc_threshold", "0", "-bf", "0"],
        # A picture's slices and not pictures side by side: with a bit rate to keep, those guess at each other's size while
        # both are under way, and the same input gives other bytes every time.
        *[
            "-threads:v",
            str(settings.threads),
            "-x264-params",
            f"sliced-threads=1:subme={settings.subme}",
            "-flags:v",
            "+bitexact",
            *CLEAN,
        ],
        *BT709_TAGS,
        *["-video_track_timescale", str(timescale(rate))],
        *["-movflags", "+faststart", "-f", "mp4"],
    ]


def timescale(rate: Fraction) -> int:
    """Ticks per second of a track in which every frame begins on a whole one."""
    return rate.numerator * (1 if rate.numerator > 1000 else 1000)


def _wav_codec() -> list[str]:
    return [*wav_args("pcm_s16le"), "-ar", str(SAMPLE_RATE)]


def wav_args(codec: str) -> list[str]:
    """Output options of a WAV of any length, the same bytes each time."""
    return ["-vn", "-c:a", codec, "-flags:a", "+bitexact", *CLEAN, "-rf64", "auto", "-f", "wav"]


def tracks_args(path: Path, tracks: Sequence[TrackOutput]) -> list[str]:
    """One decode of the sound of a file → a WAV of each track."""
    args = input_guard(path)
    for track in tracks:
        chain = audio_chain(track.audio, track.sound, channels=2 if track.audio.channels <= 2 else None)
        measured = [MEASURED] if track.audio.floating else []
        gain = [f"volume={track.gain_db:.1f}dB:precision=float"] if track.gain_db else []
        steps = ",".join([*measured, *gain, chain])
        args += ["-map", f"0:{track.audio.index}", "-af", steps, *_wav_codec(), str(track.wav)]
    return args


def sound_args(source: Source, wav: Path, *, channels: int = 1) -> list[str]:
    """The sound of `source` alone → 48 kHz 16-bit WAV at the same time zero; the picture is not even read."""
    assert source.audio
    chain = audio_chain(source.audio, source.sound, channels=channels)
    return [*input_guard(source.path), "-map", f"0:{source.audio.index}", "-af", chain, *_wav_codec(), str(wav)]


def heard_args(source: Source, wav: Path, *, rate: int, channels: int = 1) -> list[str]:
    """The sound of `source` → 32-bit float WAV at `rate`, at the same time zero. It is laid on the clock at its own rate and then
    resampled once, by soxr at 28 bits; several channels become one by their mean."""
    audio = source.audio
    assert audio
    # ffmpeg's own mix of float samples adds the channels up, to 3 dB and more above full scale.
    plain = channels == 1 and audio.channels > 1 and (audio.heard is None or is_plain(audio, audio.heard))
    mean = "+".join(f"{1 / audio.channels:.6f}*c{number}" for number in range(audio.channels))
    chain = ",".join([*only_numbers(audio), f"pan=mono|c0={mean},"]) if plain else ""
    mixed = replace(audio, channels=1, floating=False) if plain else audio
    chain += audio_chain(mixed, source.sound, channels=channels, rate=audio.rate, sample_format="flt")
    chain += f",aresample=osr={rate}:osf=flt:resampler=soxr:precision=28" if rate != audio.rate else ""
    mapped = ["-map", f"0:{audio.index}", "-af", chain]
    return [*input_guard(source.path), *mapped, *wav_args("pcm_f32le"), "-ar", str(rate), str(wav)]


#: Mezzanine codecs by the name of the setting: arguments, pixel format, deep enough for HDR.
MEZZANINES: dict[str, tuple[list[str], str, bool]] = {
    "prores": (["-c:v", "prores_ks", "-profile:v", "2", "-vendor", "apl0"], "yuv422p10le", True),
    "dnxhr": (["-c:v", "dnxhd", "-profile:v", "dnxhr_sq"], "yuv422p", False),
}


def mezzanine_args(source: Source, out: Path, *, codec: str = "prores", veil: Veil | None = None) -> list[str]:
    """Full resolution, constant rate, intra-only .mov with 48 kHz PCM: what the edit cuts with; with a veil, its faces hidden.

    ProRes keeps HDR as it is, tagged; DNxHR SQ has 8 bits, so HDR is tone-mapped for it. Raises KeyError for a codec
    that is not in `MEZZANINES`.
    """
    assert source.video
    assert source.rate
    codec_args, fmt, deep = MEZZANINES[codec]
    chain, tags = _mezzanine_picture(source, source.video, source.rate, fmt, keeps_hdr=deep and source.video.hdr)
    size = even(source.video.width), even(source.video.height)
    hidden = f",{veiled(veil, size, source.rate, fmt)}" if veil else ""
    graph = f"[0:{source.video.index}]{chain}{hidden}[picture]"
    inputs = [*input_guard(source.path), *(input_guard(veil.path) if veil else [])]
    args = [*inputs, "-filter_complex", graph, "-map", "[picture]"]
    if source.audio:
        chain = audio_chain(source.audio, source.sound)
        args += ["-map", f"0:{source.audio.index}", "-af", chain, "-c:a", "pcm_s16le", "-ar", str(SAMPLE_RATE)]
    args += [*codec_args, "-pix_fmt", fmt, *FORWARD_ONLY]
    for name, value in tags.items():
        args += [f"-{name}", value]
    return [*args, "-color_range", "tv", "-flags", "+bitexact", *CLEAN, "-f", "mov", str(out)]


def _mezzanine_picture(
    source: Source, video: VideoStream, rate: Fraction, fmt: str, *, keeps_hdr: bool
) -> tuple[str, dict[str, str]]:
    """Filters to the mezzanine's picture, and the colors that it is tagged with."""
    size = even(video.width), even(video.height)
    if not keeps_hdr:
        tags = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
        return video_chain(video, size, rate, source.phase, fmt=fmt), tags
    tags = {
        "color_primaries": video.color_primaries or "bt2020",
        "color_trc": video.color_transfer,
        "colorspace": video.color_space or "bt2020nc",
    }
    named = ":".join(f"{name}={value}" for name, value in tags.items())
    steps = [
        *progressive(video),
        f"scale={size[0]}:{size[1]}:flags=bicubic+accurate_rnd:out_range=tv",
        *[f"format={fmt}", "setsar=1", f"setparams={named}:range=tv"],
        *timing(rate, source.phase),
    ]
    return ",".join(steps), tags


def seen_args(source: Source, size: tuple[int, int], rate: Fraction) -> list[str]:
    """The pictures of `source` as raw BGR in `size` at `rate` from time zero, to `pipe:1`."""
    video = source.video
    assert video
    chain = video_chain(video, size, rate, source.phase)
    to_bgr = (
        "scale=flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix=bt709:in_range=tv:out_range=pc,format=bgr24"
    )
    graph = f"[0:{video.index}]{chain},{to_bgr}[seen]"
    return [
        *input_guard(source.path),
        *["-filter_complex", graph, "-map", "[seen]", *FORWARD_ONLY],
        *["-c:v", "rawvideo", "-f", "rawvideo", "pipe:1"],
    ]


def preview_args(source: Source, veil: Veil, out: Path, *, settings: ProxySettings) -> list[str]:
    """The picture of `source` as a small film with its faces hidden; the sound is not even read."""
    video = source.video
    assert video
    assert source.rate
    rate = proxy_rate(source.rate)
    size = fit(video.width, video.height, short_side=settings.short_side, long_side=settings.long_side)
    graph = (
        f"[0:{video.index}]{video_chain(video, size, rate, source.phase)},{veiled(veil, size, rate, 'yuv420p')}[seen]"
    )
    return [
        *[*input_guard(source.path), *input_guard(veil.path), "-filter_complex", graph],
        *["-map", "[seen]", *_proxy_codec(settings, size, rate), str(out)],
    ]
