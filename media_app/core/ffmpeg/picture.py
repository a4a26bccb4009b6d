"""Filters from the decoded picture to a size and a constant rate, and the levels of H.264."""

from dataclasses import dataclass
from fractions import Fraction

from media_app.core.files.media_info import VideoStream
from media_app.core.time.timebase import format_rate, seconds_text

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
class Level:
    """A level of H.264: its name and the bit rate it allows, kbit/s."""

    name: str
    kbits: int


def fit(width: int, height: int, *, short_side: int, long_side: int) -> tuple[int, int]:
    """The largest even size within both bounds and never above `width` × `height`; 2 × 2 at least.

    Upright pictures are bounded by their width, so a phone held upright gives 720 × 1280, not 406 × 720.
    """
    short, long = sorted((width, height))
    scale = min(Fraction(1), Fraction(short_side, short), Fraction(long_side, long))
    return even(width * scale), even(height * scale)


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
    return ",".join([*progressive(video), *to_sdr(video, size, fmt), "setsar=1", BT709, *timing(rate, phase)])


def progressive(video: VideoStream) -> list[str]:
    """Deinterlacing, where it is needed."""
    return ["bwdif=mode=send_frame:deint=interlaced"] if video.interlaced else []


def timing(rate: Fraction, phase: Fraction, first: int = 0) -> list[str]:
    """To a constant rate, from frame `first` of its grid on. It comes last: a gap of a minute is filled with 3,600 frames at once, which share one picture
    unless a filter after this one draws each anew."""
    shift = [f"setpts=PTS-({seconds_text(phase, 9)})/TB"] if phase else []
    start = seconds_text(first / rate, 9) if first else "0"
    return [*shift, f"fps=fps={format_rate(rate)}:start_time={start}:round=near"]


def still_chain(video: VideoStream) -> str:
    """Filters from the decoded picture to RGB in full resolution, as it is shown: upright, square pixels, SDR."""
    to_rgb = "scale=flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix=bt709:in_range=tv:out_range=pc"
    return ",".join([*to_sdr(video, (video.width, video.height), "yuv444p"), "setsar=1", to_rgb, "format=rgb24"])


BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


def to_sdr(video: VideoStream, size: tuple[int, int], fmt: str) -> list[str]:
    """To `size` in BT.709, HDR tone-mapped."""
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
    scale = f"scale=w={width}:h={height}:flags=bicubic+accurate_rnd+full_chroma_int"
    turned = _to_bt709(video, size)
    matrix, wanted = _matrix(video), _matrix(video) if turned else "bt709"
    # Colors that are right already are not named: a picture that has its size and pixels too is then passed on without a copy.
    right = _is_yuv(video) and _is_tv(video) and matrix == wanted
    colors = "" if right else f":in_color_matrix={matrix}:out_color_matrix={wanted}:out_range=tv"
    return [f"{scale}{colors}", f"format={fmt}", *turned]


def _to_bt709(video: VideoStream, size: tuple[int, int]) -> list[str]:
    """From another matrix of YUV to that of BT.709, sample by sample: `scale` goes through RGB of 8 bits, at up to eighty times the work
    (measured), and what clips there is lost. Pictures of odd size are left to it."""
    matrix = _matrix(video)
    if matrix == "bt709" or not _is_yuv(video) or size[0] % 2 or size[1] % 2:
        return []
    known = {"bt2020": "bt2020nc"}.get(matrix, matrix)
    kept = "iprimaries=bt709:primaries=bt709:itrc=bt709:trc=bt709:irange=tv:range=tv"
    return [f"colorspace=ispace={known}:space=bt709:{kept}"]


def _is_yuv(video: VideoStream) -> bool:
    """Whether a picture is in YUV; one that does not say its pixels is taken for none."""
    return video.pixel_format.startswith("yuv")


def _is_tv(video: VideoStream) -> bool:
    """Whether its levels are those of television, 16 to 235."""
    return video.color_range in ("", "tv") and not video.pixel_format.startswith("yuvj")


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


def even(value: Fraction | int) -> int:
    return max(2, int(value // 2) * 2)
