"""What the renderer does not do yet: refused by record and field, never rendered wrong."""

from collections.abc import Iterator

from render_app.core.timeline.nouns import Clip, Sequence
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
        for clip in track.clips:
            yield from _of_clip(clip)


def _of_clip(clip: Clip) -> Iterator[TimelineRefused]:
    if clip.keep_pitch and clip.speed > FASTEST_KEPT:
        message = f"cannot be kept above {FASTEST_KEPT} times the speed. Set it to false."
        yield refuse(NotSupported, Place("clip", clip.id), "keep_pitch", message)
