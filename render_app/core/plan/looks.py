"""Filters of a stack as ffmpeg's. Each says in which colors it works, and the pictures change over where they must.

The forms and ranges were measured with ffmpeg 5.1; RGB is full range, YUV is BT.709 in TV range.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from media_app.core.ffmpeg.veiled import blurred
from media_app.core.time.timebase import format_rate
from media_app.core.vision.blur import Blur
from render_app.core import catalogue
from render_app.core.plan.graph import Chain, Filter, Strand, filter_, raw
from render_app.core.plan.veils import laid_within
from render_app.core.timeline.nouns import Filter as Wanted

Params = Mapping[str, Any]
#: Sizes in filters are px of a frame so high.
LINES = 1080
#: Grain is one plate of noise, shifted by the number of the frame: after so many frames it comes again.
GRAIN_FRAMES = 64
GRAIN_SEED = 7
#: Of a whole tint, four times the share of the range by which green moves at middle grey.
TINT = 0.8


@dataclass(frozen=True, slots=True)
class Sheet:
    """What filters work on: pictures of `size` in the pixels of `fmt`, in a film of so many `lines`; the first is frame
    `start` of the sequence.

    `mask`: a mask's id → the label of its full-range grey pictures, of this size. `table`: a LUT's id → the name of its file.
    """

    fmt: str
    rate: Fraction
    size: tuple[int, int]
    lines: int
    start: int
    frames: int
    mask: Callable[[str], str]
    table: Callable[[str], str]

    @property
    def deep(self) -> bool:
        """Whether a sample has ten bits."""
        return "10" in self.fmt


@dataclass(slots=True)
class Work:
    """Pictures being filtered, and whether they are in RGB now."""

    strand: Strand
    sheet: Sheet
    rgb: bool = False

    def into(self, *, rgb: bool) -> None:
        """Change over to RGB, or back to the profile's YUV, where they are not there."""
        if rgb != self.rgb:
            self.strand.then(*(to_rgb(self.sheet.deep) if rgb else to_yuv(self.sheet.fmt)))
            self.rgb = rgb

    def still(self, *filters: Filter, width: int = 0, height: int = 0) -> Strand:
        """One picture of black of the work's size, or larger, to make a plate of."""
        wide, high = self.sheet.size[0] + width, self.sheet.size[1] + height
        color = filter_("color", c="black", s=f"{wide}x{high}", r=format_rate(self.sheet.rate))
        return Strand(self.strand.graph, (), [color, *filters])

    def blended(self, with_: str, **options: str | float) -> None:
        """Pictures and a plate in one."""
        self.strand.restart(self.strand.label(), with_)
        self.strand.then(filter_("blend", **options))

    def px(self, length: float) -> float:
        """A length of a frame of 1080 lines, in this film."""
        return length * self.sheet.lines / LINES


@dataclass(frozen=True, slots=True)
class Look:
    """How a filter draws its parameters. `rgb`: it works on RGB."""

    draw: Callable[[Work, Params], None]
    rgb: bool = False


def _one(name: str, **options: str) -> Callable[[Work, Params], None]:
    """A filter whose options are parameters, by their names."""
    return lambda work, params: work.strand.then(
        filter_(name, **{option: params[of] for option, of in options.items()})
    )


def _sharpened(work: Work, width: int, height: int, amount: float) -> None:
    """What an unsharp mask adds; to ten bits it is added, for there ffmpeg's own takes a 256th of the amount."""
    sharper = filter_("unsharp", lx=width, ly=height, la=amount)
    if not work.sheet.deep:
        work.strand.then(sharper)
        return
    graph, fmt = work.strand.graph, work.sheet.fmt
    kept, flat = graph.fork(work.strand.label())
    dull, keen = graph.fork(graph.add((flat,), (filter_("format", pix_fmts=fmt.removesuffix("10le")),)))
    back = filter_("format", pix_fmts=fmt)
    work.strand.restart(kept, graph.add((keen,), (sharper, back)), graph.add((dull,), (back,)))
    work.strand.then(filter_("mix", inputs=3, weights="1 1 -1", scale=1))


def _sharpen(work: Work, params: Params) -> None:
    _sharpened(work, params["luma_x"], params["luma_y"], params["luma_amount"])


def _levels(work: Work, params: Params) -> None:
    points = {f"{channel}imin": params["black"] for channel in "rgb"}
    points |= {f"{channel}imax": params["white"] for channel in "rgb"}
    work.strand.then(filter_("colorlevels", **points))
    if params["gamma"] != 1:
        curve = f"clip(pow(val/maxval,{1 / params['gamma']:.9f})*maxval,0,maxval)"
        work.strand.then(filter_("lutrgb", r=curve, g=curve, b=curve))


def _tint(work: Work, params: Params) -> None:
    """Green more or less, most in the middle and not at all in black and white.

    ffmpeg 5.1's colorbalance has its middle tones at a quarter, and leaves middle grey as it is.
    """
    work.strand.then(filter_("lutrgb", g=f"clip(val+{TINT * params['tint']:.9f}*val*(maxval-val)/maxval,0,maxval)"))


def _vignette(work: Work, params: Params) -> None:
    """Multiplied by a gain that falls from the middle as a lens's does, by the fourth power of a cosine.

    ffmpeg's own vignette has neither a strength nor a softness: the softer, the nearer to the middle the fall begins.
    """
    width, height = work.sheet.size
    across, down = (width - 1) / 2, (height - 1) / 2
    radius = f"hypot(X-{across},Y-{down})/{max(1.0, (across**2 + down**2) ** 0.5):.6f}"
    fallen = f"max(0,({radius}-{1 - params['softness']:.6f})/{params['softness']:.6f})"
    gain = f"1-{params['strength']:.6f}*(1-pow(cos({params['angle']:.6f}*{fallen}),4))"
    grey, white = ("gray10le", 1023) if work.sheet.deep else ("gray", 255)
    made = work.still(filter_("trim", end_frame=1), filter_("format", pix_fmts=grey))
    made.then(filter_("geq", lum=f"{white}*({gain})"))
    planes = made.graph.fork(made.label(), 3)
    form = {f"map{plane}s": plane for plane in range(3)}
    fmt = "gbrp10le" if work.sheet.deep else "gbrp"
    work.blended(made.graph.add(planes, (filter_("mergeplanes", format=fmt, **form),)), all_mode="multiply")


def _film_grain(work: Work, params: Params) -> None:
    """Noise on the brightness, from the same place of one plate in every frame with the same number."""
    strength = round(params["strength"])
    if not strength:
        return
    width, height = work.sheet.size
    number = f"(n+{work.sheet.start % GRAIN_FRAMES})"
    plate = work.still(
        filter_("trim", end_frame=1), filter_("format", pix_fmts="yuv420p"), filter_("lutyuv", y=128, u=128, v=128),
        filter_("noise", c0s=strength, c0_seed=GRAIN_SEED), filter_("format", pix_fmts=work.sheet.fmt),
        filter_("loop", loop=-1, size=1),
        filter_("crop", w=width, h=height, x=f"4*mod({number}*37,{GRAIN_FRAMES})", y=f"2*mod({number}*23,{GRAIN_FRAMES})"),
        *counted(work.sheet.rate), filter_("trim", end_frame=work.sheet.frames),
        width=4 * GRAIN_FRAMES, height=2 * GRAIN_FRAMES,
    )  # fmt: skip
    work.blended(plate.label(), all_mode="grainmerge")


def _bloom(work: Work, params: Params) -> None:
    """A blurred copy, screened over the picture: in RGB, where grey stays grey."""
    graph = work.strand.graph
    sharp, soft = graph.fork(work.strand.label())
    glow = graph.add((soft,), (filter_("gblur", sigma=work.px(params["radius"]) / 2),))
    work.strand.restart(sharp)
    work.blended(glow, all_mode="screen", all_opacity=params["intensity"])


def _lut(work: Work, params: Params) -> None:
    file = work.sheet.table(params["lut_artifact_id"])
    work.strand.then(filter_("lut3d", file=file, interp="tetrahedral"))


def _teeth_whiten(work: Work, params: Params) -> None:
    strength = params["strength"]
    work.strand.then(filter_("eq", brightness=0.12 * strength, saturation=1 - 0.75 * strength))


def _skin_smooth(work: Work, params: Params) -> None:
    strength = params["strength"]
    reach = max(1.0, work.px(4 + 8 * strength))
    work.strand.then(filter_("bilateral", sigmaS=reach, sigmaR=0.02 + 0.1 * strength))


def _eye_enhance(work: Work, params: Params) -> None:
    strength = params["strength"]
    _sharpened(work, 5, 5, 1.5 * strength)
    work.strand.then(filter_("eq", contrast=1 + 0.15 * strength))


def _face_blur(work: Work, params: Params) -> None:
    """As `Blur` says: squares and a Gaussian, or one color, of which nothing goes together with what was there."""
    blur = Blur(params["block"], params["strength"])
    work.strand.then(raw(blurred(blur, work.sheet.size, work.sheet.fmt)))


LOOKS: dict[str, Look] = {
    "sharpen": Look(_sharpen),
    "vignette": Look(_vignette, rgb=True),
    "hue_shift": Look(_one("hue", h="shift")),
    "film_grain": Look(_film_grain),
    "gamma": Look(_one("eq", gamma="gamma")),
    "bloom": Look(_bloom, rgb=True),
    "levels": Look(_levels, rgb=True),
    "teeth_whiten": Look(_teeth_whiten),
    "skin_smooth": Look(_skin_smooth),
    "eye_enhance": Look(_eye_enhance),
    "face_blur": Look(_face_blur),
    "lut": Look(_lut, rgb=True),
    "exposure": Look(_one("exposure", exposure="exposure"), rgb=True),
    "contrast": Look(_one("eq", contrast="contrast")),
    "saturation": Look(_one("eq", saturation="saturation")),
    "temperature": Look(_one("colortemperature", temperature="temperature"), rgb=True),
    "tint": Look(_tint, rgb=True),
}


def to_rgb(deep: bool) -> Chain:
    """From YUV to full-range RGB."""
    scale = filter_("scale", flags="bicubic+accurate_rnd+full_chroma_int", in_color_matrix="bt709", in_range="tv")
    return (scale, filter_("format", pix_fmts="gbrp10le" if deep else "gbrp"))


def to_yuv(fmt: str) -> Chain:
    """From full-range RGB to the profile's YUV."""
    scale = filter_("scale", flags="bicubic+accurate_rnd+full_chroma_int", out_color_matrix="bt709", out_range="tv")
    return (scale, filter_("format", pix_fmts=fmt), BT709)


BT709 = filter_("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")


def counted(rate: Fraction) -> Chain:
    """Frames numbered from 0, in ticks of a frame."""
    tick = 1 / rate
    return (filter_("settb", expr=f"{tick.numerator}/{tick.denominator}"), filter_("setpts", expr="N"))


def look_over(strand: Strand, filters: Iterable[Wanted], sheet: Sheet) -> None:
    """The filters in order, from and to the profile's YUV. One that changes nothing is left out."""
    work = Work(strand, sheet)
    for one in filters:
        if not catalogue.filters()[one.type].is_off(one.params):
            _apply(work, one)
    work.into(rgb=False)


def _apply(work: Work, one: Wanted) -> None:
    look, mask = LOOKS[one.type], one.params.get("mask_artifact_id")
    if mask is None:
        work.into(rgb=look.rgb)
        look.draw(work, one.params)
        return
    work.into(rgb=False)
    graph = work.strand.graph
    kept, changed = graph.fork(work.strand.label())
    inside = Work(Strand(graph, (changed,)), work.sheet)
    inside.into(rgb=look.rgb)
    look.draw(inside, one.params)
    inside.into(rgb=False)
    laid = laid_within(graph, (kept, inside.strand.label()), work.sheet.mask(mask), work.sheet.fmt)
    work.strand.restart(laid)
