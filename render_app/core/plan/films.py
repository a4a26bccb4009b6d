"""Films of one sequence as they are wanted, as they are being planned, and as a plan makes them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from render_app.core.plan.encoding import part_extension
from render_app.core.plan.job import Expected, Job
from render_app.core.plan.materials import Materials
from render_app.core.plan.reels import Reels
from render_app.core.plan.request import RenderWish
from render_app.core.plan.smart import Gops, Section
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.nouns import Sequence as Timeline


@dataclass(frozen=True, slots=True)
class Film:
    """One of several films. `timeline`: as this one lays it out, its `blends` at its own rate. `gops`: of each original whose packets
    it may copy, by its medium's id; `drawn`: words and shapes in its own size, by their clips' ids.
    """

    name: str
    timeline: Timeline
    blends: tuple[Blend, ...]
    wish: RenderWish
    sound_only: bool = False
    gops: Mapping[str, Gops] = field(default_factory=dict)
    drawn: Reels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extras:
    """What is made besides, and of what. `still_ms`: the moment of a still picture; `mastered`: the sound is mastered before it is encoded."""

    still_ms: Fraction | None = None
    mastered: bool = False
    materials: Materials = field(default_factory=Materials)


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """A film that a plan makes, under a name of its own. `copied`: what of it is an original's, to be held against that; `share` of its
    frames, None for a film that is encoded.
    """

    name: str
    file: str
    sound_only: bool
    video_codec: str
    audio_codec: str
    expected: Expected
    copied: tuple[Mapping[str, Any], ...] = ()
    share: float | None = None


@dataclass(frozen=True, slots=True)
class OutputsPlan:
    """Several films as data. `commands` as a plan has them, `{output:NAME}` standing for a film. `frames`: of each command, how
    many frames of the first film it makes; `mastered_after`: after how many commands PROGRAM is mastered into MASTERED.
    """

    inputs: tuple[Mapping[str, Any], ...]
    commands: tuple[tuple[str, ...], ...]
    files: Mapping[str, str]
    frames: tuple[int, ...]
    films: tuple[PlannedFilm, ...]
    still: str = ""
    mastered_after: int | None = None
    #: Files that are made beforehand, and of what.
    made: Mapping[str, Any] = field(default_factory=dict)
    #: What is found out when a command has run, for later ones.
    measures: tuple[Mapping[str, Any], ...] = ()
    #: The same films without a copied packet, for what turns out not to be as its originals.
    fallback: "OutputsPlan | None" = None
    #: What is left out of them, as sentences.
    warnings: tuple[str, ...] = ()
    #: Caption files beside the films: their names, types and texts.
    sides: tuple[Mapping[str, Any], ...] = ()
    #: What it costs, and what the films' sizes follow from.
    work: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, Any]:
        """As a dry run prints it, and as a job keeps it."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]


@dataclass(slots=True)
class Draft:
    """A film being planned: the parts of its picture by now."""

    number: int
    film: Film
    job: Job
    parts: list[str] = field(default_factory=list)
    sections: tuple[Section, ...] = ()
    copied: list[dict[str, Any]] = field(default_factory=list)

    @property
    def list_name(self) -> str:
        """The list of the parts."""
        return f"pictures-{self.number}.txt"

    def next_part(self) -> str:
        """The file of one more part."""
        name = f"picture-{self.number}-{len(self.parts):04d}{part_extension(self.job.profile)}"
        self.parts.append(name)
        return name
