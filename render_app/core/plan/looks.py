"""Filters of a stack as ffmpeg's. Each says in which colors it works, and the chain changes over where it must.

The forms and ranges were measured with ffmpeg 5.1; RGB is full range, YUV is BT.709 in TV range.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from render_app.core import catalogue
from render_app.core.plan.graph import Chain, Filter, filter_
from render_app.core.timeline.nouns import Filter as Wanted

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """How a filter is made of its parameters. `rgb`: it works on RGB."""

    make: Callable[[Params], Chain]
    rgb: bool = False


def _levels(params: Params) -> Chain:
    points = {f"{channel}imin": params["black"] for channel in "rgb"}
    points |= {f"{channel}imax": params["white"] for channel in "rgb"}
    if params["gamma"] == 1:
        return (filter_("colorlevels", **points),)
    curve = f"clip(pow(val/maxval,{1 / params['gamma']:.9f})*maxval,0,maxval)"
    return (filter_("colorlevels", **points), filter_("lutrgb", r=curve, g=curve, b=curve))


def _one(name: str, **options: str) -> Callable[[Params], Chain]:
    """A filter whose options are parameters, by their names."""
    return lambda params: (filter_(name, **{option: params[of] for option, of in options.items()}),)


LOOKS: dict[str, Look] = {
    "sharpen": Look(_one("unsharp", lx="luma_x", ly="luma_y", la="luma_amount")),
    "hue_shift": Look(_one("hue", h="shift")),
    "gamma": Look(_one("eq", gamma="gamma")),
    "contrast": Look(_one("eq", contrast="contrast")),
    "saturation": Look(_one("eq", saturation="saturation")),
    "exposure": Look(_one("exposure", exposure="exposure"), rgb=True),
    "temperature": Look(_one("colortemperature", temperature="temperature"), rgb=True),
    "tint": Look(_one("colorbalance", gm="tint"), rgb=True),
    "levels": Look(_levels, rgb=True),
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


def looks(filters: Iterable[Wanted], fmt: str) -> Chain:
    """The filters in order, from and to the profile's YUV. One that changes nothing is left out."""
    chain: list[Filter] = []
    rgb, deep = False, "10" in fmt
    for one in filters:
        if catalogue.filters()[one.type].is_off(one.params):
            continue
        look = LOOKS[one.type]
        if look.rgb != rgb:
            chain += to_rgb(deep) if look.rgb else to_yuv(fmt)
            rgb = look.rgb
        chain += look.make(one.params)
    return (*chain, *(to_yuv(fmt) if rgb else ()))
