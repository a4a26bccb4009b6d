"""What an edit chooses from: filters, transitions, profiles, blends, slow motion, roles, what keyframes move, motions, fonts, text, cuts. Each
is a table of `catalogue/*.toml`, checked when it is loaded.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from media_app.core.time.timebase import parse_rate
from render_app.core.autocut.values import Rules
from render_app.core.timeline.fields import Field, Id, Number, Words


@dataclass(frozen=True, slots=True)
class FilterType:
    """A filter of a stack. `mask`: whether it looks at one: `""`, `"optional"` or `"required"`; `color`: of the color set.

    `hides`: what is within its mask must not be seen.
    `off`: parameters with which it changes nothing; None for a filter that always does. `window`: fields whose halves may
    add up to `most`; `apart`: two fields that need a distance.
    """

    name: str
    label: str
    description: str
    params: tuple[Field, ...]
    mask: str = ""
    hides: bool = False
    color: bool = False
    off: Mapping[str, Any] | None = None
    window: Mapping[str, Any] | None = None
    apart: Mapping[str, Any] | None = None

    def is_off(self, params: Mapping[str, Any]) -> bool:
        """Whether these parameters change nothing."""
        return self.off is not None and all(params[name] == value for name, value in self.off.items())


@dataclass(frozen=True, slots=True)
class TransitionType:
    """From one clip to the next. `duration_ms` where a transition says none."""

    name: str
    label: str
    description: str
    video_alias: str
    audio_alias: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a render is encoded to. `crf`: None for a codec that has none; `audio_bitrate_kbps`: None for PCM; `hardware`: the encoder of
    graphics hardware that is used instead of the codec's own."""

    name: str
    description: str
    width: int
    height: int
    fps: Fraction
    extension: str
    video_codec: str
    pix_fmt: str
    preset: str
    threads: int
    audio_codec: str
    crf: int | None = None
    audio_bitrate_kbps: int | None = None
    audio_sample_rate: int = 48_000
    audio_channels: int = 2
    hardware: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A codec of an export, in the container that it is written to. `video_codec` empty: sound alone; `crf_most`: 0 where there is none."""

    name: str
    label: str
    format: str
    audio_codec: str
    video_codec: str = ""
    pix_fmt: str = ""
    preset: str = ""
    crf: int | None = None
    crf_most: int = 0
    audio_bitrate_kbps: int | None = None


@dataclass(frozen=True, slots=True)
class Blend:
    """How a clip lies over what is below it. `mode`: ffmpeg's word; empty: laid over by its alpha."""

    name: str
    label: str
    mode: str


@dataclass(frozen=True, slots=True)
class SlowMotion:
    """What fills the frames of a slowed clip. `options`: of minterpolate."""

    name: str
    label: str
    preset_description: str
    method: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """What a track sounds like. `enhanced`: whether it takes the enhanced voice when a render asks for it."""

    name: str
    label: str
    enhanced: bool


@dataclass(frozen=True, slots=True)
class Property:
    """What keyframes may move, and of which records."""

    name: str
    label: str
    unit: str
    default: float
    low: float
    high: float
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Motion:
    """A motion to copy onto a clip. `tracks`: property → (ms, value) of each keyframe."""

    name: str
    label: str
    description: str
    duration_ms: int
    tracks: Mapping[str, tuple[tuple[int, float], ...]]


@dataclass(frozen=True, slots=True)
class FilterPreset:
    """A grade to copy into a stack."""

    name: str
    description: str
    profile: str
    filters: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class CutStyle:
    """How an automatic cut feels."""

    name: str
    label: str
    description: str
    rules: Rules


@dataclass(frozen=True, slots=True)
class Font:
    """A font that ships. `package`: of Python, or of the pages where its name begins with @; `files`: its own, and others of it that are
    asked for what that lacks; `fallback`: its turn when other fonts ask, 0 for none; `color`: it draws emoji in their own colors."""

    name: str
    package: str
    files: tuple[str, ...]
    fallback: int = 0
    color: bool = False


@dataclass(frozen=True, slots=True)
class TextPreset:
    """A named style of text. `style`: the fields that it has."""

    name: str
    label: str
    style: Mapping[str, Any]


@cache
def fonts() -> dict[str, Font]:
    """Every font that ships by its name."""
    return {name: Font(name=name, **{**row, "files": tuple(row["files"])}) for name, row in _table("fonts").items()}


@cache
def text_presets() -> dict[str, TextPreset]:
    """Every style of text by its name."""
    return {name: TextPreset(name=name, **row) for name, row in _table("text_presets").items()}


@cache
def filters() -> dict[str, FilterType]:
    """Every filter by its name."""
    return {name: _filter(name, row) for name, row in _table("filters").items()}


@cache
def transitions() -> dict[str, TransitionType]:
    """Every transition by its name."""
    return {name: TransitionType(name=name, **row) for name, row in _table("transitions").items()}


@cache
def profiles() -> dict[str, Profile]:
    """Every render profile by its name."""
    rows = _table("profiles").items()
    return {name: Profile(name=name, **{**row, "fps": parse_rate(row["fps"])}) for name, row in rows}


@cache
def formats() -> dict[str, Format]:
    """Every codec of an export by its name."""
    return {name: Format(name=name, **row) for name, row in _table("formats").items()}


@cache
def blends() -> dict[str, Blend]:
    """Every blend mode by its name."""
    return {name: Blend(name=name, **row) for name, row in _table("blends").items()}


@cache
def slow_motions() -> dict[str, SlowMotion]:
    """Every quality of slow motion by its name."""
    return {name: SlowMotion(name=name, **row) for name, row in _table("slow_motion").items()}


@cache
def roles() -> dict[str, Role]:
    """Every audio role by its name."""
    return {name: Role(name=name, **row) for name, row in _table("roles").items()}


@cache
def properties() -> dict[str, Property]:
    """Everything that keyframes may move, by its name."""
    rows = _table("automation").items()
    return {name: Property(name=name, **{**row, "targets": tuple(row["targets"])}) for name, row in rows}


@cache
def motions() -> dict[str, Motion]:
    """Every built-in motion by its name."""
    return {name: _motion(name, row) for name, row in _table("motion").items()}


@cache
def filter_presets() -> dict[str, FilterPreset]:
    """Every built-in filter preset by its name: `profile_default_<profile>`."""
    presets = [
        FilterPreset(f"profile_default_{profile}", row["description"], profiles()[profile].name, tuple(row["filters"]))
        for profile, row in _table("filter_presets").items()
    ]
    return {preset.name: preset for preset in presets}


@cache
def cut_styles() -> dict[str, CutStyle]:
    """Every style of an automatic cut by its name."""
    return {name: _cut_style(name, dict(row)) for name, row in _table("cuts").items()}


def _cut_style(name: str, row: dict[str, Any]) -> CutStyle:
    label, description = row.pop("label"), row.pop("description")
    return CutStyle(name, label, description, Rules(**row))


def _table(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("render_app") / "catalogue" / f"{name}.toml").read_text("utf-8"))


def _filter(name: str, row: dict[str, Any]) -> FilterType:
    return FilterType(name=name, **{**row, "params": tuple(_param(one, about) for one, about in row["params"].items())})


def _param(name: str, row: dict[str, Any]) -> Field:
    about = dict(row)
    kind = about.pop("type", "number")
    if about.pop("optional", False):
        about["default"] = None
    if kind == "number":
        return Number(name=name, **about)
    return Id(name=name, **about) if kind == "id" else Words(name=name, most=100, **about)


def _motion(name: str, row: dict[str, Any]) -> Motion:
    moved = {one: tuple((int(ms), float(value)) for ms, value in row[one]) for one in properties() if one in row}
    return Motion(name, row["label"], row["description"], row["duration_ms"], moved)
