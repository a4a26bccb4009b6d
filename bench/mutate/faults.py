"""Faults of a renderer, each built into the planner of this process: a pytest plugin, named by MUTANT."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from render_app.core.plan import compiling, looks, picture, sound, spans
from render_app.core.timeline.nouns import MediaReference


def _swap_cameras() -> None:
    """The two files of most clips change places."""
    original = compiling.job_of

    def swapped(timeline: Any, reels: Any, *rest: Any) -> Any:
        first, second, *others = sorted(reels, key=lambda one: one.asset_id if isinstance(one, MediaReference) else "")
        turned = {first: reels[second], second: reels[first], **{one: reels[one] for one in others}}
        return original(timeline, turned, *rest)

    compiling.job_of = swapped


def _shift_a_cut() -> None:
    """Every clip that does not begin the film shows its frames one later."""
    original = spans._shots

    def late(*args: Any) -> Any:
        for shot in original(*args):
            if not shot.start:
                yield shot
                continue
            clip = shot.take.clip
            frame_ms = 1000 / args[3]
            yield replace(shot, take=replace(shot.take, clip=replace(clip, in_ms=clip.in_ms + frame_ms * clip.speed)))

    spans._shots = late


def _late_sound() -> None:
    """The sound is 2 ms late."""
    original = sound.Voice.first_sample.fget
    assert original
    sound.Voice.first_sample = property(lambda voice: max(0, original(voice) - 96))  # type: ignore[assignment,method-assign]


def _drop_a_filter() -> None:
    """The first filter of each stack is left out."""
    original = looks.look_over

    def fewer(strand: Any, filters: Any, sheet: Any) -> Any:
        return original(strand, tuple(filters)[1:], sheet)

    picture.look_over = fewer


#: Name → how it is built in, and the tests that must fail.
FAULTS: dict[str, tuple[Callable[[], None], list[str]]] = {
    "cameras swapped": (_swap_cameras, ["tests/flows/test_render_frames.py", "-k", "many_cuts and pcm"]),
    "a cut one frame late": (_shift_a_cut, ["tests/flows/test_render_frames.py", "-k", "stretch"]),
    "sound 2 ms late": (_late_sound, ["tests/flows/test_render_frames.py", "-k", "stretch"]),
    "a filter dropped": (_drop_a_filter, ["tests/flows/test_render_picture.py", "-k", "filter_works and gamma"]),
}


def pytest_configure(config: Any) -> None:
    """Build the fault in before a test is collected."""
    if name := os.environ.get("MUTANT"):
        FAULTS[name][0]()
