"""What the renderer does not do yet: refused by record and field, never rendered wrong."""

from collections.abc import Iterator

from render_app.core import catalogue
from render_app.core.plan.looks import LOOKS
from render_app.core.timeline.build import of_target
from render_app.core.timeline.nouns import Clip, FilterStack, Sequence, Text, Track, Vector
from render_app.core.timeline.refusals import Place, TimelineRefused, refuse

#: Above it ffmpeg 5.1's atempo breaks off in short clips (measured at 64 times; at 32 it does not).
FASTEST_KEPT = 16


class NotSupported(TimelineRefused):
    """A record asks for something that cannot be rendered yet."""

    code = "not_supported"


class NothingToRender(TimelineRefused):
    """A sequence without a single frame."""

    code = "nothing_to_render"


def refuse_unsupported(sequence: Sequence) -> None:
    """Raise NotSupported for the first record that cannot be rendered."""
    for error in _faults(sequence):
        raise error


def _faults(sequence: Sequence) -> Iterator[TimelineRefused]:
    for track in sequence.tracks:
        yield from _of_track(track)
        for clip in track.clips:
            yield from _of_clip(clip)
    for stack in sequence.filter_stacks:
        yield from _of_stack(stack)
    for curve in sequence.automation:
        place = of_target("automation", curve.id, curve.target)
        yield refuse(NotSupported, place, "property", f"({curve.property}) cannot be automated in a render yet.")


def _of_track(track: Track) -> Iterator[TimelineRefused]:
    if track.ducking is not None:
        yield refuse(NotSupported, Place("track", track.id), "ducking", "cannot be rendered yet. Set it to null.")


def _of_clip(clip: Clip) -> Iterator[TimelineRefused]:
    wanted = {
        "text": isinstance(clip.content, Text),
        "vector": isinstance(clip.content, Vector),
        "stabilise": clip.stabilise is not None,
        "slowmo_quality": bool(clip.slowmo_quality) and clip.speed < 1,
        "blend_mode": clip.blend_mode != "normal",
        "mask_artifact_id": clip.mask_artifact_id is not None,
    }
    if clip.keep_pitch and clip.speed > FASTEST_KEPT:
        message = f"cannot be kept above {FASTEST_KEPT} times the speed. Set it to false."
        yield refuse(NotSupported, Place("clip", clip.id), "keep_pitch", message)
    for name, asked in wanted.items():
        if asked:
            message = "cannot be rendered yet. Leave it out, or take the clip away."
            yield refuse(NotSupported, Place("clip", clip.id), name, message)


def _of_stack(stack: FilterStack) -> Iterator[TimelineRefused]:
    place = of_target("filter_stack", stack.id, stack.target)
    for number, one in enumerate(stack.filters):
        off = catalogue.filters()[one.type].is_off(one.params)
        at = place.entry("filters", "filter_index", number)
        if one.enabled and not off and (one.type not in LOOKS or one.params.get("mask_artifact_id")):
            yield refuse(NotSupported, at, "type", f"({one.type}) cannot be rendered yet. Disable it.")
