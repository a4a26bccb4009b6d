"""The catalogue of looks, row by row: every filter off, low, high and at both clamps, every transition of 2 to 50 frames.

    python -m bench.catalogue [--lengths 2-50] [--only vignette,crossfade]

Filters are measured in the samples of films made without loss, at three sizes, one of them from an odd one: off must be equal to
the bit, a number beyond an end must be reported and look like the end, and what a filter is for must be measured, more at high
than at low. Each frame of a transition is held against what its name says. Ends with 1 when a row fails. Writes var/bench/catalogue.json.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from render_app.core import catalogue
from render_app.core.timeline import build
from render_app.core.timeline.fields import Reading
from render_app.core.timeline.nouns import Clip, Filter, MediaReference, Target, Transition
from tests.support.pictures import Bench, Samples, Step, blended, footage, png, with_defaults

OUT = Path(__file__).resolve().parent.parent / "var" / "bench" / "catalogue.json"
#: Of the source → of the frame.
SIZES = {(320, 180): (320, 180), (202, 360): (202, 360), (161, 91): (160, 90)}
#: Mean difference of a transition's frame from the model's, in codes.
NEAR = 1.5

Measure = Callable[[Samples], float]


@dataclass(frozen=True)
class Proof:
    """What a filter is for. `subject`: the picture that it works on; `measure`: what must go `up` from low to high, or down;
    `expected`: of a setting, the value that must be measured, give or take `within` of it."""

    subject: str
    param: str
    low: float
    high: float
    measure: Measure
    up: bool = True
    expected: Callable[[float], float] | None = None
    within: float = 0.05
    more: Mapping[str, Any] = field(default_factory=dict)
    mask: bool = False


def edges(seen: Samples) -> float:
    """Energy of the Laplacian in the middle of the picture."""
    rows, columns = seen.luma.shape[1:]
    part = seen.luma[0, rows // 4 : -rows // 4, columns // 4 : -columns // 4]
    return float(
        np.abs(4 * part[1:-1, 1:-1] - part[:-2, 1:-1] - part[2:, 1:-1] - part[1:-1, :-2] - part[1:-1, 2:]).mean()
    )


def corner(seen: Samples) -> float:
    """Brightness of the corner, as a share of the middle's."""
    rows, columns = seen.luma.shape[1:]
    return float(seen.level[0, 0, 0] / seen.level[0, rows // 2, columns // 2])


def noise(seen: Samples) -> float:
    return float(seen.luma.std() * 255 / 219)


def level(seen: Samples) -> float:
    rows, columns = seen.luma.shape[1:]
    return float(seen.luma[0, rows // 4 : -rows // 4, columns // 4 : -columns // 4].mean())


def spread(seen: Samples) -> float:
    rows, columns = seen.luma.shape[1:]
    return float(seen.luma[0, rows // 4 : -rows // 4, columns // 4 : -columns // 4].std())


def colorful(seen: Samples) -> float:
    return float(np.abs(middle(seen) - 128).mean())


def middle(seen: Samples) -> np.ndarray:
    """The two planes of color around the middle, each averaged."""
    rows, columns = seen.chroma.shape[2:]
    return seen.chroma[0, :, rows // 4 : -rows // 4, columns // 4 : -columns // 4].mean((1, 2))


def hue(seen: Samples) -> float:
    """Degrees, as a vectorscope shows them."""
    blue, red = middle(seen) - 128
    return float(np.degrees(np.arctan2(red, blue)) % 360)


def warmth(seen: Samples) -> float:
    blue, red = middle(seen)
    return float(red - blue)


def green(seen: Samples) -> float:
    return float(-middle(seen).sum())


def slope(seen: Samples) -> float:
    """From the left to the right of the picture."""
    return float(seen.luma[0, :, -4:].mean() - seen.luma[0, :, :4].mean())


def halo(seen: Samples) -> float:
    """Brightness next to the white square."""
    rows, columns = seen.luma.shape[1:]
    return float(seen.level[0, rows // 2, columns // 2 + columns // 8 + 3])


def black_point(seen: Samples) -> float:
    """Share of the picture that is black."""
    return float((seen.level[0] <= 1).mean())


PROOFS = {
    "sharpen": Proof("skin", "luma_amount", 0.5, 5, edges),
    "vignette": Proof(
        "grey", "angle", 0.2, 1, corner, up=False, expected=lambda angle: np.cos(angle) ** 4, within=0.03
    ),
    "hue_shift": Proof("patch", "shift", -60, 60, hue),
    "film_grain": Proof("grey", "strength", 5, 50, noise, expected=lambda strength: 0.65 * strength, within=0.15),
    "gamma": Proof("grey", "gamma", 0.5, 6, level),
    "bloom": Proof("square", "intensity", 0.1, 1, halo, more={"radius": 60}),
    "levels": Proof("ramp", "black", 0.1, 0.5, black_point),
    "teeth_whiten": Proof("skin", "strength", 0.1, 1, level, mask=True),
    "skin_smooth": Proof("skin", "strength", 0.1, 1, spread, up=False, mask=True),
    "eye_enhance": Proof("skin", "strength", 0.1, 1, edges, mask=True),
    "face_blur": Proof("skin", "strength", 0.1, 1, edges, up=False, mask=True),
    "lut": Proof("ramp", "lut_artifact_id", 0, 1, slope, up=False),
    "exposure": Proof("grey", "exposure", -1, 1, level),
    "contrast": Proof("skin", "contrast", 0.5, 1.5, spread),
    "saturation": Proof("patch", "saturation", 0.5, 2, colorful),
    "temperature": Proof("grey", "temperature", 3000, 12_000, warmth, up=False),
    "tint": Proof("grey", "tint", -0.5, 0.5, green),
}


def subjects(width: int, height: int) -> dict[str, np.ndarray]:
    """Pictures to work on."""
    random = np.random.default_rng(7)
    skin = np.clip(np.array([170, 125, 120]) + random.normal(0, 12, (height, width, 3)), 0, 255)
    square = np.zeros((height, width, 3))
    square[height // 2 - height // 8 : height // 2 + height // 8, width // 2 - width // 8 : width // 2 + width // 8] = (
        255
    )
    made = {
        "skin": skin,
        "square": square,
        "grey": np.full((height, width, 3), 128),
        "patch": np.full((height, width, 3), [150, 110, 100]),
        "ramp": np.repeat(np.broadcast_to(np.linspace(0, 255, width)[None, :, None], (height, width, 1)), 3, 2),
    }
    return {name: picture.astype(np.uint8) for name, picture in made.items()}


@dataclass(frozen=True)
class Row:
    """What came of one setting of a filter, or of one length of a transition."""

    name: str
    setting: str
    size: str
    value: float
    faults: tuple[str, ...]


def filter_rows(bench: Bench, sources: Mapping[str, Path], name: str) -> Iterator[Row]:
    """A filter at every setting, at the size of a bench."""
    proof, kind, size = PROOFS[name], catalogue.filters()[name], f"{bench.size[0]}x{bench.size[1]}"
    source, fixed = sources[proof.subject], {**proof.more, **({"mask_artifact_id": "mask"} if proof.mask else {})}

    def look(value: Any) -> Samples:
        return bench.look(source, with_defaults(name, **{**fixed, proof.param: value}))

    plain = bench.look(source)
    before = proof.measure(plain)
    if kind.off is not None:
        off = bench.look(source, with_defaults(name, **{**fixed, **kind.off}))
        same = (off.luma == plain.luma).all() and (off.chroma == plain.chroma).all()
        yield Row(name, "off", size, before, () if same else ("off is not equal to the bit",))
    ends = [("same", "inverse")] if name == "lut" else [(proof.low, proof.high)]
    [(low, high)] = ends
    films = {"low": look(low), "high": look(high)}
    values = {setting: proof.measure(film) for setting, film in films.items()}
    for setting, film in films.items():
        faults = list(_faults(proof, {"low": low, "high": high}[setting], values[setting]))
        faults += _outside(film, plain, bench) if proof.mask else []
        yield Row(name, setting, size, values[setting], tuple(faults))
    yield _monotone(name, size, proof, before, values)
    if name != "lut":
        yield from _clamped(bench, source, name, fixed)


def _faults(proof: Proof, setting: Any, value: float) -> Iterator[str]:
    if proof.expected is not None:
        wanted = proof.expected(setting)
        if abs(value - wanted) > max(proof.within * abs(wanted), 0.3 * proof.within):
            yield f"measured {value:.4g}, expected {wanted:.4g}"


def _outside(film: Samples, plain: Samples, bench: Bench) -> list[str]:
    """What a filter changed outside its mask."""
    outside = ~inside(*bench.size)
    moved = np.abs(film.luma - plain.luma)[:, outside].max()
    return [f"{moved:g} codes outside the mask"] if moved else []


def inside(width: int, height: int) -> np.ndarray:
    mask = np.zeros((height, width), bool)
    mask[height // 8 + 1 : -height // 8, width // 8 + 1 : -width // 8] = True
    return mask


def _monotone(name: str, size: str, proof: Proof, before: float, values: Mapping[str, float]) -> Row:
    step = values["high"] - values["low"]
    if name == "hue_shift":
        # From 60 degrees to one side to 60 to the other.
        turned = (step + 180) % 360 - 180
        faults = () if abs(abs(turned) - 120) < 2 else (f"turned by {turned:.4g} degrees instead of 120",)
        return Row(name, "low to high", size, turned, faults)
    # Nothing can be less than what is gone at low already.
    gone = not proof.up and values["low"] == values["high"] == 0
    faults = (
        ()
        if gone or ((step > 0) == proof.up and abs(step) > 1e-6)
        else (f"{before:.4g}: low to high changed it by {step:.4g}",)
    )
    return Row(name, "low to high", size, step, faults)


def _clamped(bench: Bench, source: Path, name: str, fixed: Mapping[str, Any]) -> Iterator[Row]:
    """Each end, and a number beyond it, which must be reported and look the same."""
    kind, param = catalogue.filters()[name], PROOFS[name].param
    [about] = [one for one in kind.params if one.name == param]
    low, high = about.low, about.high  # type: ignore[attr-defined]
    for setting, end, beyond in (("below", low, low - 1), ("above", high, high + 1)):
        reading, target = Reading(), Target("clip", "c")
        data = {"filters": [{"type": name, "params": {**fixed, param: beyond}}]}
        stack = build.filter_stack(data, target, build.of_target("filter_stack", "f", target), reading)
        used, sent = (bench.look(source, one) for one in (_as_read(name, fixed, param, end), stack.filters[0]))
        faults = [] if reading.clamped else ["not reported"]
        faults += [] if (used.luma == sent.luma).all() else ["not as at the end"]
        faults += [] if len(sent.luma) == 4 else [f"{len(sent.luma)} frames of 4"]
        yield Row(
            name, f"clamp {setting}", f"{bench.size[0]}x{bench.size[1]}", PROOFS[name].measure(sent), tuple(faults)
        )


def _as_read(name: str, fixed: Mapping[str, Any], param: str, value: float) -> Filter:
    target, data = Target("clip", "c"), {"filters": [{"type": name, "params": {**fixed, param: value}}]}
    return build.filter_stack(data, target, build.of_target("filter_stack", "f", target), Reading()).filters[0]


def transition_rows(bench: Bench, kind: str, lengths: range) -> Iterator[Row]:
    """A transition at every length, one after another in one film, with two plain frames before each and after the last."""
    width, height = bench.size
    marks = np.repeat(np.indices((height, width)).sum(0)[..., None] * 2 % 200 + 20, 3, 2).astype(np.uint8)
    files = {"a": footage(subjects(width, height)["ramp"], 130), "b": footage(marks, 130)}
    sides = {name: bench.film({name: path}, [[_clip("x", name, 0, 2)]]).luma[0] for name, path in files.items()}
    clips, joins, at, before = [], [], 0, 0
    for number, frames in enumerate([*lengths, 0]):
        clips.append(_clip(str(number), "ab"[number % 2], at, before + 2 + frames))
        if frames:
            joins.append(Transition(f"x{frames}", kind, Fraction(40 * frames), str(number), str(number + 1)))
        at, before = at + before + 2, frames
    seen, begin = bench.film(files, [clips], transitions=tuple(joins)).luma, 0
    for number, frames in enumerate(lengths):
        here = sides["ab"[number % 2]], sides["ab"[1 - number % 2]]
        shown = seen[begin : begin + 2 + frames]
        off = [_off(frame, kind, here, Step(step - 2, frames)) for step, frame in enumerate(shown)]
        faults = [f"frame {step} is {far:.1f} codes off" for step, far in enumerate(off) if far > NEAR]
        faults += [] if len(shown) == frames + 2 else [f"{len(shown)} frames of {frames + 2}"]
        yield Row(kind, f"{frames} frames", f"{width}x{height}", max(off), tuple(faults))
        begin += 2 + frames
    ended = [] if len(seen) == begin + 2 else [f"{len(seen)} frames of {begin + 2}"]
    yield Row(kind, "in all", f"{width}x{height}", len(seen), tuple(ended))


def _clip(id: str, asset: str, at: int, frames: int) -> Clip:
    return Clip(id, MediaReference(asset), Fraction(40 * frames), Fraction(0), Fraction(40 * at))


def _off(frame: np.ndarray, kind: str, sides: tuple[np.ndarray, np.ndarray], at: Step) -> float:
    """How far a frame is from what it must be, in codes; an edge may lie a pixel to either side."""
    if at.step < 0:
        return float(np.abs(frame - sides[0]).mean())
    steps = [replace(at, aside=aside) for aside in (-1, 0, 1)]
    return min(float(np.abs(frame - blended(kind, *sides, one)).mean()) for one in steps)


def table(path: Path, inverse: bool) -> Path:
    """A LUT of two nodes to a side, which is exact for these two."""
    rows = [(n & 1, n >> 1 & 1, n >> 2) for n in range(8)]
    text = "".join("{} {} {}\n".format(*(1 - one if inverse else one for one in row)) for row in rows)
    path.write_text(f"LUT_3D_SIZE 2\n{text}")
    return path


def all_rows(folder: Path, lengths: range, only: set[str]) -> Iterator[Row]:
    for source, frame in SIZES.items():
        place = folder / f"{frame[0]}"
        (place / "films").mkdir(parents=True)
        files = {
            "mask": png(place / "mask.png", inside(*frame).astype(np.uint8) * 255),
            "same": table(place / "same.cube", inverse=False), "inverse": table(place / "inverse.cube", inverse=True),
        }  # fmt: skip
        bench = Bench(place / "films", frame, files)
        sources = {name: footage(picture, 4) for name, picture in subjects(*source).items()}
        for name in PROOFS:
            if not only or name in only:
                yield from filter_rows(bench, sources, name)
    (folder / "joins").mkdir()
    for kind in catalogue.transitions():
        if not only or kind in only:
            yield from transition_rows(Bench(folder / "joins", (96, 54)), kind, lengths)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", default="2-50", help="frames of a transition, first to last")
    parser.add_argument("--only", default="", help="names, by commas")
    options = parser.parse_args()
    first, last = map(int, options.lengths.split("-"))
    assert set(PROOFS) == set(catalogue.filters()), "every filter has its proof"
    rows = []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        for row in all_rows(Path(folder), range(first, last + 1), set(filter(None, options.only.split(",")))):
            rows.append(row)
            print(
                f"{row.name:14s} {row.setting:12s} {row.size:9s} {row.value:10.4g}  {'; '.join(row.faults) or 'good'}",
                flush=True,
            )
    bad = [row for row in rows if row.faults]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps([vars(row) for row in rows], indent=1))
    print(f"{len(rows)} rows, {len(bad)} at fault")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
