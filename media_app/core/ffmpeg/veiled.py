"""Faces hidden in a picture: blurred where a film of masks, the second input, is white; elsewhere not a bit changes."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_app.core.ffmpeg.picture import timing
from media_app.core.vision.blur import GRAIN, GRAIN_SEED, Blur

#: Of each pixel format, how many columns and rows share a sample of color.
_CHROMA = {"yuv420p": (2, 2), "yuv422p": (2, 1), "yuv422p10le": (2, 1)}


@dataclass(frozen=True, slots=True)
class Veil:
    """A film of masks from media time zero on, and how what it covers is blurred."""

    path: Path
    blur: Blur


def veiled(veil: Veil, size: tuple[int, int], rate: Fraction, fmt: str) -> str:
    """Filters from a picture of this size, rate and format to the same with its faces hidden."""
    (wide, high), (columns, rows) = size, _CHROMA[fmt]
    gray = "gray10le" if "10" in fmt else "gray"
    planes = "map0s=0:map0p=0:map1s=1:map1p=0:map2s=2:map2p=0"
    return (
        f"split=2[kept][seen];[seen]{blurred(veil.blur, size, fmt)}[soft];"
        f"[1:v]{','.join(timing(rate, Fraction(0)))},scale={wide}:{high}:flags=neighbor:in_range=pc:out_range=pc,format={gray}"
        f",split=3[luma][first][second];[first]{_chroma(columns, rows)}[u];[second]{_chroma(columns, rows)}[v];"
        f"[luma][u][v]mergeplanes={planes}:format={fmt}[veil];[kept][soft][veil]maskedmerge"
    )


def blurred(blur: Blur, size: tuple[int, int], fmt: str) -> str:
    """Filters that leave of a picture of this size and format what `blur` leaves."""
    (wide, high), (across, down) = size, blur.squares(size)
    squares = f"scale={across}:{down}:flags=area,scale={wide}:{high}:flags=neighbor"
    if blur.one_color:
        return f"{squares},format={fmt.removesuffix('10le')},noise=c0s={GRAIN}:c0_seed={GRAIN_SEED},format={fmt}"
    return f"{squares},gblur=sigma={blur.sigma(high):.3f}:steps=2"


def _chroma(columns: int, rows: int) -> str:
    """A mask in the size of the color's samples: white as soon as one of its pixels is."""
    return f"scale=ceil(iw/{columns}):ceil(ih/{rows}):flags=area:in_range=pc:out_range=pc,lut=y='if(val,maxval,0)'"
