"""Masks: what a person points at in a frame, cut out of it, as one gray picture, and an honest doubt where it may be wrong."""

from dataclasses import field
from fractions import Fraction
from typing import Any

from media_app.backends import grabcut
from media_app.backends.faces import OPENCV
from media_app.core import kinds
from media_app.core.vision import masks
from media_app.core.vision.prompts import BadPrompt, Prompt, prompt_of
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import Outputs, describe
from media_app.making.stills import still_bytes, stills
from media_app.making.workspace import Workspace
from sessions_app.errors import StudioError

STEP = "cutting out what was marked"


class BadSelection(StudioError):
    """A mark or a time that is not in the recording."""

    code = "bad_selection"
    status = 422


class Params(EngineParams):
    """`time_ms`: after media time zero. Places are shares of the picture's width and height; label 1 is what to select, 0 what
    not to. `feather_radius`: pixels of the frame to each side of the edge."""

    time_ms: float = field(metadata={"min": 0})
    points: list[dict[str, Any]] = field(default_factory=list)
    box: dict[str, Any] | None = None
    strokes: list[dict[str, Any]] = field(default_factory=list)
    feather_radius: float = field(default=2.0, metadata={"min": 0, "max": 100})

    def refuse(self, duration_ms: int | None) -> None:
        try:
            self.prompt()
        except BadPrompt as error:
            raise BadSelection(str(error), field=error.field) from error
        if duration_ms is not None and self.time_ms > duration_ms:
            raise BadSelection(
                f"{self.time_ms:g} ms is after the end of the recording, which has {duration_ms} ms.", field="time_ms"
            )

    def as_json(self) -> dict[str, Any]:
        """The marks as they were understood: what a request says besides is not kept."""
        return {"time_ms": self.time_ms, "feather_radius": self.feather_radius, **self.prompt().as_json()}

    def prompt(self) -> Prompt:
        """What was marked. Raises BadPrompt."""
        return prompt_of(self.points, self.box, self.strokes)


ENGINE = Engine(
    "masks",
    kinds.MASK,
    "Cutting out a mask",
    params=Params,
    route="video/masks/auto",
    reads="video/masks",
    #: 2: the middle of a box is taken for what is wanted at first.
    backend=Backend("grabcut", version="2", packages=(OPENCV,)),
    scratch_bytes=lambda found: still_bytes(found, 3),
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    [frame] = stills(source.path, source.found, [Fraction(str(params.time_ms)) / 1000], work).files
    prompt, picture = params.prompt(), grabcut.read(frame.path)
    small = grabcut.small_of(picture)
    work.report(30, STEP)
    chosen, again = (
        grabcut.on_full(grabcut.cut(small, prompt, seed), small, picture) for seed in (grabcut.FIRST, grabcut.SECOND)
    )
    path = grabcut.write(work.folder / "mask.png", grabcut.feathered(chosen, params.feather_radius))
    doubts = masks.doubts(chosen, again)
    meta = {
        **_asked(prompt, params, frame.meta["frame_ms"]),
        **{name: frame.meta[name] for name in ("frame_ms", "frame_index", "width", "height")},
        "area": round(float(chosen.mean()), 6),
        "agreement": round(masks.overlap(chosen, again), 4),
        "needs_review": bool(doubts),
        "review_reasons": doubts,
    }
    return Outputs((describe(kinds.MASK, path, meta),))


def _asked(prompt: Prompt, params: Params, at_ms: float) -> dict[str, Any]:
    """What of the request the mask's meta keeps; the hash is the same for the same marks on the same frame, and from `marks` a person
    goes on to correct it."""
    return {
        "marks": prompt.as_json(),
        "mask_type": prompt.kind,
        "feather_radius": params.feather_radius,
        "selection_hash": prompt.digest(frame_ms=at_ms, feather_radius=params.feather_radius),
        "point_count": len(prompt.points),
        "stroke_count": len(prompt.strokes),
    }
