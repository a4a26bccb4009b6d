"""What the renderer does not do yet: refused by record and field, never rendered wrong."""

from collections.abc import Iterator

from render_app.core import catalogue
from render_app.core.timeline.build import of_target
from render_app.core.timeline.nouns import Clip, FilterStack, Sequence
from render_app.core.timeline.refusals import Place, TimelineRefused, refuse

#: Above it ffmpeg 5.1's atempo breaks off in short clips (measured at 64 times; at 32 it does not).
FASTEST_KEPT = 16


class NotSupported(TimelineRefused):
    """A record asks for something that cannot be rendered yet."""

    code = "not_supported"


class MaskMissing(TimelineRefused):
    """A filter works within a mask, and there is none."""

    code = "mask_missing"


class NothingToRender(TimelineRefused):
    """A sequence without a single frame."""

    code = "nothing_to_render"


def refuse_unsupported(sequence: Sequence) -> None:
    """Raise NotSupported for the first record that cannot be rendered."""
    for error in _faults(sequence):
        raise error


def _faults(sequence: Sequence) -> Iterator[TimelineRefused]:
    for track in sequence.tracks:
        for clip in track.clips:
            yield from _of_clip(clip)
    for stack in sequence.filter_stacks:
        yield from _of_stack(stack, sequence)


def refuse_in_outputs(sequence: Sequence) -> None:
    """Raise NotSupported for what several films of one decode cannot have, and one can."""
    message = "cannot be exported in several files yet. Render the sequence, or leave it out."
    for track in sequence.tracks:
        if track.ducking is not None:
            raise refuse(NotSupported, Place("track", track.id), "ducking", message)
        for clip in track.clips:
            if clip.stabilise is not None:
                raise refuse(NotSupported, Place("clip", clip.id), "stabilise", message)
    for curve in sequence.automation:
        if (curve.target.type, curve.property) == ("sequence", "volume_db"):
            raise refuse(NotSupported, of_target("automation", curve.id, curve.target), "property", message)


def _of_clip(clip: Clip) -> Iterator[TimelineRefused]:
    if clip.keep_pitch and clip.speed > FASTEST_KEPT:
        message = f"cannot be kept above {FASTEST_KEPT} times the speed. Set it to false."
        yield refuse(NotSupported, Place("clip", clip.id), "keep_pitch", message)


def _of_stack(stack: FilterStack, sequence: Sequence) -> Iterator[TimelineRefused]:
    """Filters that lack their mask: the clips that they work on must have one where they name none themselves."""
    target = stack.target
    tracks = [track for track in sequence.tracks if target.type == "track" and track.id == target.id]
    clips = [clip for clip in sequence.clips if target.type == "clip" and clip.id == target.id]
    masked = [clip.mask_artifact_id for clip in (*clips, *(clip for track in tracks for clip in track.clips))]
    place = of_target("filter_stack", stack.id, target)
    for number, one in enumerate(stack.filters):
        kind = catalogue.filters()[one.type]
        needed = kind.mask == "required" and one.enabled and not kind.is_off(one.params)
        if needed and not one.params.get("mask_artifact_id") and not (masked and all(masked)):
            at = place.entry("filters", "filter_index", number).into("params")
            message = f"is missing: {one.type} works within a mask. Name one here, or set the clip's own."
            yield refuse(MaskMissing, at, "mask_artifact_id", message)
