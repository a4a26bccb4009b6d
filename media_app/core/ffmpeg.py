"""ffmpeg's arguments as pure functions. `media_app.process` runs what they return.

Time zero of everything made is the container's own (`format.start_time`): ffmpeg shifts its input so that this
instant is 0, `fps=…:start_time=0` repeats the first frame (or drops frames) until the picture begins there, and
`aresample=async=1:first_pts=0` does the same for the sound with silence. Nothing in the outputs may be copied from
the input as it is, metadata included, so that the same bytes in give the same bytes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from media_app.core.files.probe import MAX_PIXELS, MAX_STREAMS, AudioStream, VideoStream
from media_app.core.sound.heard import MIX, Heard
from media_app.core.time.sound_timing import Follow, SoundTiming
from media_app.core.time.timebase import format_rate, seconds_text

SAMPLE_RATE = 48_000
#: What cameras, phones, recorders and screen recorders write. Playlists, images and scripts are not among them.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mxf,mpegts,mpeg,mpegvideo,wav,w64,aiff,caf,flac,mp3,aac,ogg,amr,asf,flv,dv"
MAX_RATE = Fraction(60)

# ITU-T H.264, table A-1: level, macroblocks per second, macroblocks per frame, kbit/s, DPB size in macroblocks.
_LEVELS = (
    ("1", 1_485, 99, 64),
    ("1.1", 3_000, 396, 192),
    ("1.2", 6_000, 396, 384),
    ("1.3", 11_880, 396, 768),
    ("2", 11_880, 396, 2_000),
    ("2.1", 19_800, 792, 4_000),
    ("2.2", 20_250, 1_620, 4_000),
    ("3", 40_500, 1_620, 10_000),
    ("3.1", 108_000, 3_600, 14_000),
    ("3.2", 216_000, 5_120, 20_000),
    ("4", 245_760, 8_192, 20_000),
    ("4.2", 522_240, 8_704, 50_000),
    ("5", 589_824, 22_080, 135_000),
    ("5.1", 983_040, 36_864, 240_000),
    ("5.2", 2_073_600, 36_864, 240_000),
)


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """`short_side`: the picture's shorter side at most, in pixels (720 = "720p"); `long_side` bounds panoramas."""

    short_side: int = 720
    long_side: int = 1920
    crf: int = 23
    preset: str = "fast"
    gop: int = 2
    threads: int = 4
    thumbnail_side: int = 640


# `-fps_mode vfr` on the outputs changes nothing in a stream that runs forward. Where the picture changes its size in
# mid-file ffmpeg begins its filters anew, frames come from time zero once more, and this is what drops them.
_FORWARD_ONLY = ["-fps_mode", "vfr"]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of H.264: its name and the bit rate it allows, kbit/s."""

    name: str
    kbits: int


def input_guard(path: Path, *, ffprobe: bool = False) -> list[str]:
    """Input options that keep a hostile file from opening anything but itself, and the input.

    Each input needs its own copy. The path is given as `file:` so that no name is taken for a protocol or an option.
    """
    guard = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS]
    guard += ["-max_streams", str(MAX_STREAMS), "-max_pixels", str(MAX_PIXELS)]
    return [*guard, *([] if ffprobe else ["-dn", "-sn"]), "-i", f"file:{path}"]


def memory_for(pixels: int, size: int, cores: int) -> int:
    """Bytes of address space that ffmpeg may use for a picture of so many pixels in a file of `size` bytes.

    1 GiB, of which ffmpeg's own libraries map half; then what each core's threads map; the frames that are in flight,
    two more with each thread that decodes; and the index of a long file, which is kept in memory. Measured (ffmpeg 5.1,
    2 cores): proxy and thumbnail of 1080p 0.70 GB, of 4320p 0.99 GB; ProRes of 4320p 1.35 GB.
    """
    frames = 56 + 4 * min(cores + 1, 16)
    return (1 << 30) + cores * (40 << 20) + pixels * frames + min(4 << 30, size // 200)


def derived_bytes(seconds: Fraction, size: tuple[int, int] | None, rate: Fraction | None) -> int:
    """How much room proxy, thumbnail, WAV and peaks may need: the proxy at two thirds of what its level allows."""
    sound = seconds * SAMPLE_RATE * 4
    picture = seconds * h264_level(*size, rate).kbits * 125 * Fraction(2, 3) if size and rate else Fraction(0)
    return int(sound + picture) + (16 << 20)


def tracks_bytes(seconds: Fraction, sounds: Sequence[AudioStream]) -> int:
    """How much room the WAVs of all tracks need besides the one that stays; none where a file has one ordinary track."""
    if len(sounds) == 1 and sounds[0].channels <= 2:
        return 0
    return int(seconds * SAMPLE_RATE * 2 * sum(max(2, audio.channels) for audio in sounds))


def mezzanine_bytes(seconds: Fraction, video: VideoStream, rate: Fraction) -> int:
    """How much room a mezzanine may need: ProRes 422 and DNxHR SQ spend 2.4 bits on a pixel, and noise half as much more."""
    return int(seconds * (video.width * video.height * rate * Fraction(36, 80) + SAMPLE_RATE * 4)) + (16 << 20)


def fit(width: int, height: int, *, short_side: int, long_side: int) -> tuple[int, int]:
    """The largest even size within both bounds and never above `width` × `height`; 2 × 2 at least.

    Upright pictures are bounded by their width, so a phone held upright gives 720 × 1280, not 406 × 720.
    """
    short, long = sorted((width, height))
    scale = min(Fraction(1), Fraction(short_side, short), Fraction(long_side, long))
    return _even(width * scale), _even(height * scale)


def h264_level(width: int, height: int, rate: Fraction) -> Level:
    """The lowest level that holds this picture size at this rate (ITU-T H.264, table A-1 and the side limit of A.3.1)."""
    across, down = -(-width // 16), -(-height // 16)
    for name, per_second, per_frame, kbits in _LEVELS:
        fits_side = max(across, down) ** 2 <= 8 * per_frame
        if across * down <= per_frame and across * down * rate <= per_second and fits_side:
            return Level(name, kbits)
    raise ValueError(f"No H.264 level holds {width}×{height} at {format_rate(rate)} frames per second.")


def proxy_rate(rate: Fraction) -> Fraction:
    """`rate`, divided by the least whole number that brings it to 60 or below: slow motion keeps every n-th frame."""
    return rate / -(-rate // MAX_RATE)


def video_chain(
    video: VideoStream, size: tuple[int, int], rate: Fraction, phase: Fraction = Fraction(0), *, fmt: str = "yuv420p"
) -> str:
    """Filters from the decoded picture (already turned upright by ffmpeg) to `size`, BT.709, at a constant rate."""
    return ",".join([*_timing(video, rate, phase), *_to_sdr(video, size, fmt), "setsar=1", _BT709])


def _timing(video: VideoStream, rate: Fraction, phase: Fraction) -> list[str]:
    steps = ["bwdif=mode=send_frame:deint=interlaced"] if video.interlaced else []
    if phase:
        steps.append(f"setpts=PTS-({seconds_text(phase, 9)})/TB")
    return [*steps, f"fps=fps={format_rate(rate)}:start_time=0:round=near"]


_BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


def _to_sdr(video: VideoStream, size: tuple[int, int], fmt: str) -> list[str]:
    width, height = size
    if video.hdr:
        # zscale refuses pictures whose colours are not named in full.
        named = (
            f"setparams=color_primaries={video.color_primaries or 'bt2020'}:color_trc={video.color_transfer}"
            f":colorspace={video.color_space or 'bt2020nc'}:range={video.color_range or 'tv'}"
        )
        return [
            named,
            f"zscale=w={width}:h={height}:t=linear:npl=100",
            "format=gbrpf32le",
            "zscale=p=bt709",
            "tonemap=hable:desat=0",
            "zscale=t=bt709:m=bt709:r=tv",
            f"format={fmt}",
        ]
    return [
        f"scale=w={width}:h={height}:flags=bicubic+accurate_rnd+full_chroma_int"
        f":in_color_matrix={_matrix(video)}:out_color_matrix=bt709:out_range=tv",
        f"format={fmt}",
    ]


def _matrix(video: VideoStream) -> str:
    """Which matrix turns this picture's YUV into RGB; files that do not say follow their size, as players do."""
    known = {
        "bt709": "bt709",
        "smpte170m": "smpte170m",
        "bt470bg": "bt470bg",
        "fcc": "fcc",
        "smpte240m": "smpte240m",
        "bt2020nc": "bt2020",
        "bt2020c": "bt2020",
    }
    guess = "bt709" if video.coded_height >= 720 or video.coded_width >= 1280 else "smpte170m"
    return known.get(video.color_space, guess)


@dataclass(frozen=True, slots=True)
class SoundStart:
    """How the sound is laid on the clock. `shift`: seconds to add to its first stamp. `follow`: see `soundclock`.

    `delay`: None lets ffmpeg fill from time zero to the first stamp. A number of seconds of silence is put in front
    instead when the sound changes its form in mid-file: ffmpeg then begins its filters anew and would fill from time
    zero once more.
    """

    shift: float = 0.0
    follow: Follow = field(default_factory=Follow)
    delay: Fraction | None = None


@dataclass(frozen=True, slots=True)
class TrackOutput:
    """An audio stream to be measured, and the WAV that it becomes: stereo where it has one or two channels, else with all of
    them. `gain_db`: how much louder than it is."""

    audio: AudioStream
    start: SoundStart
    wav: Path
    gain_db: float = 0.0


def sound_start(timing: SoundTiming | None) -> SoundStart:
    """How a sound with this timing is laid on the clock."""
    return SoundStart(timing.shift, timing.follow) if timing else SoundStart()


LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def audio_chain(
    audio: AudioStream,
    start: SoundStart | None = None,
    *,
    channels: int | None = 2,
    rate: int = SAMPLE_RATE,
    sample_format: str = "s16",
) -> str:
    """Filters from the decoded sound to `rate` and a layout of `LAYOUTS`, starting at time zero: silence before a late
    start, a cut before an early one, silence where the file has a hole. `channels` None: all of the stream, as they are.
    """
    layout = f":ochl={LAYOUTS[channels]}" if channels else ""
    steps = _to_layout(audio, channels) if channels else []
    start = start or SoundStart()
    if abs(start.shift) >= 0.5 / rate:
        # The first stamp alone: ffmpeg counts samples from it, and holds later stamps against that count.
        steps.append(f"asetpts='PTS+if(eq(N,0),round({start.shift:.6f}/TB),0)'")
    follow = start.follow
    resample = f"aresample=osr={rate}{layout}:osf={sample_format}:min_hard_comp={follow.hard:.6f}"
    if follow.soft:
        # The resampler must run from the start: switched on in mid-file it would lose its first samples.
        resample += f":async=200:min_comp={follow.soft:.6f}:flags=res"
    else:
        resample += ":async=1:min_comp=0.00002"
    if start.delay is None:
        return ",".join([*steps, f"{resample}:first_pts=0"])
    return ",".join([*steps, resample, f"adelay=delays={max(0, round(start.delay * rate))}S:all=1"])


def _to_layout(audio: AudioStream, channels: int) -> list[str]:
    """What is heard of the stream, and one channel on both sides as it is (ffmpeg's own mix would lower it by 3 dB); sound
    whose channels are not named gives its first two."""
    to_both_sides = ["channelmap=map=0|0:channel_layout=stereo"] if channels == 2 else []
    if audio.heard and not is_plain(audio, audio.heard):
        terms = [f"{weight:+.6f}*c{place}" for place, weight in audio.heard.weights.items()] or ["0*c0"]
        gain = [f"volume={audio.heard.gain_db:.3f}dB:precision=float"] if audio.heard.gain_db else []
        return [f"pan=mono|c0={''.join(terms).lstrip('+')}", *gain, *to_both_sides]
    if audio.channels == 1:
        return to_both_sides
    return ["channelmap=map=0|1:channel_layout=stereo"] if audio.channels > 2 and not audio.layout else []


def is_plain(audio: AudioStream, heard: Heard) -> bool:
    """Whether what is heard is the whole stream as ffmpeg mixes it."""
    everything = heard.how == MIX and len(heard.channels) == audio.channels and not heard.gain_db
    return everything and (audio.channels <= 2 or bool(audio.layout))


_CLEAN = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]


def derive_args(
    source: Path,
    video: VideoStream | None,
    tracks: Sequence[TrackOutput] = (),
    *,
    rate: Fraction | None = None,
    phase: Fraction = Fraction(0),
    thumbnail_frame: int = 0,
    settings: ProxySettings | None = None,
    proxy: Path | None = None,
    thumbnail: Path | None = None,
) -> list[str]:
    """One decode of `source` → proxy and thumbnail (given `video`), a WAV of each of `tracks`.

    `rate`: of the proxy. The thumbnail file is written twice: with frame 0 and then with frame `thumbnail_frame`, so
    that it exists however short the file turns out to be.
    """
    settings = settings or ProxySettings()
    args = input_guard(source)
    outputs: list[str] = []
    if video and rate and proxy and thumbnail:
        size = fit(video.width, video.height, short_side=settings.short_side, long_side=settings.long_side)
        small = fit(*size, short_side=settings.thumbnail_side, long_side=settings.thumbnail_side)
        shown = f"eq(n,0)+eq(n,{thumbnail_frame})"
        args += [
            "-filter_complex",
            f"[0:{video.index}]{video_chain(video, size, rate, phase)},split=2[proxy][still];"
            f"[still]select='{shown}',scale={small[0]}:{small[1]}:flags=area:out_range=pc,format=yuv420p[thumb]",
        ]
        outputs += ["-map", "[proxy]", *_proxy_codec(settings, size, rate), str(proxy)]
        outputs += ["-map", "[thumb]", *_FORWARD_ONLY, "-c:v", "mjpeg", "-q:v", "3", *_CLEAN]
        outputs += ["-color_range", "pc", "-strict", "unofficial"]
        outputs += ["-flags:v", "+bitexact", "-f", "image2", "-update", "1", str(thumbnail)]
    return [*args, *outputs, *track_outputs(tracks)]


def track_outputs(tracks: Sequence[TrackOutput]) -> list[str]:
    """Output arguments that give each track a WAV."""
    args = []
    for track in tracks:
        chain = audio_chain(track.audio, track.start, channels=2 if track.audio.channels <= 2 else None)
        gain = [f"volume={track.gain_db:.1f}dB:precision=float"] if track.gain_db else []
        args += ["-map", f"0:{track.audio.index}", "-af", ",".join([*gain, chain]), *_wav_codec(), str(track.wav)]
    return args


def _proxy_codec(settings: ProxySettings, size: tuple[int, int], rate: Fraction) -> list[str]:
    level = h264_level(*size, rate)
    return [
        *["-an", *_FORWARD_ONLY, "-c:v", "libx264", "-profile:v", "baseline", "-level:v", level.name],
        *["-preset", settings.preset, "-crf", str(settings.crf), "-pix_fmt", "yuv420p"],
        *["-maxrate", f"{level.kbits}k", "-bufsize", f"{level.kbits}k"],
        *["-g", str(settings.gop), "-keyint_min", str(settings.gop), "-sc_threshold", "0", "-bf", "0"],
        # A picture's slices and not pictures side by side: with a bit rate to keep, those guess at each other's size while
        # both are under way, and the same input gives other bytes every time.
        *["-threads:v", str(settings.threads), "-x264-params", "sliced-threads=1", "-flags:v", "+bitexact", *_CLEAN],
        *["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"],
        *["-video_track_timescale", str(rate.numerator * (1 if rate.numerator > 1000 else 1000))],
        *["-movflags", "+faststart", "-f", "mp4"],
    ]


def _wav_codec() -> list[str]:
    return [
        "-vn",
        "-c:a",
        "pcm_s16le",
        "-ar",
        str(SAMPLE_RATE),
        "-flags:a",
        "+bitexact",
        *_CLEAN,
        "-rf64",
        "auto",
        "-f",
        "wav",
    ]


def sound_args(
    source: Path, audio: AudioStream, wav: Path, start: SoundStart | None = None, *, channels: int = 1
) -> list[str]:
    """The chosen sound of `source` alone → 48 kHz 16-bit WAV at the same time zero; the picture is not even read."""
    chain = audio_chain(audio, start, channels=channels)
    return [*input_guard(source), "-map", f"0:{audio.index}", "-af", chain, *_wav_codec(), str(wav)]


#: Mezzanine codecs by the name of the setting: arguments, pixel format, deep enough for HDR.
MEZZANINES: dict[str, tuple[list[str], str, bool]] = {
    "prores": (["-c:v", "prores_ks", "-profile:v", "2", "-vendor", "apl0"], "yuv422p10le", True),
    "dnxhr": (["-c:v", "dnxhd", "-profile:v", "dnxhr_sq"], "yuv422p", False),
}


def mezzanine_args(
    source: Path,
    out: Path,
    video: VideoStream,
    audio: AudioStream | None,
    *,
    rate: Fraction,
    phase: Fraction = Fraction(0),
    sound: SoundStart | None = None,
    codec: str = "prores",
) -> list[str]:
    """Full resolution, constant rate, intra-only .mov with 48 kHz PCM: what the edit cuts with.

    ProRes keeps HDR as it is, tagged; DNxHR SQ has 8 bits, so HDR is tone-mapped for it. Raises KeyError for a codec
    that is not in `MEZZANINES`.
    """
    codec_args, fmt, deep = MEZZANINES[codec]
    size = _even(video.width), _even(video.height)
    if deep and video.hdr:
        tags = {
            "color_primaries": video.color_primaries or "bt2020",
            "color_trc": video.color_transfer,
            "colorspace": video.color_space or "bt2020nc",
        }
        steps = [*_timing(video, rate, phase), f"scale={size[0]}:{size[1]}:flags=bicubic+accurate_rnd:out_range=tv"]
        steps += [f"format={fmt}", "setsar=1", f"setparams={':'.join(f'{k}={v}' for k, v in tags.items())}:range=tv"]
        chain = ",".join(steps)
    else:
        tags = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
        chain = video_chain(video, size, rate, phase, fmt=fmt)
    args = [*input_guard(source), "-filter_complex", f"[0:{video.index}]{chain}[picture]", "-map", "[picture]"]
    if audio:
        args += [
            "-map",
            f"0:{audio.index}",
            "-af",
            audio_chain(audio, sound),
            "-c:a",
            "pcm_s16le",
            "-ar",
            str(SAMPLE_RATE),
        ]
    args += [*codec_args, "-pix_fmt", fmt, *_FORWARD_ONLY]
    for name, value in tags.items():
        args += [f"-{name}", value]
    return [*args, "-color_range", "tv", "-flags", "+bitexact", *_CLEAN, "-f", "mov", str(out)]


def _even(value: Fraction | int) -> int:
    return max(2, int(value // 2) * 2)
