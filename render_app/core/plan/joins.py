"""Transitions as graphs: both sides have all the transition's frames, and so has what comes out."""

from render_app.core import catalogue
from render_app.core.plan.graph import Filter, Graph, filter_
from render_app.core.timeline.blending import Blend

Sides = tuple[str, str]


def joined(graph: Graph, blend: Blend, sides: Sides, *, clear: bool) -> str:
    """One picture of the two sides. `clear`: they have alpha."""
    kind = blend.transition.type
    if kind in _DIPS:
        return _dip(graph, blend, sides, _DIPS[kind])
    if kind in _FROM_OUTSIDE:
        return _without_its_first(graph, blend, sides)
    return _crossed(graph, blend, sides)


#: Of these, ffmpeg 5.1's xfade takes a line of the very first frame from beyond the picture.
_FROM_OUTSIDE = frozenset({"push_left", "slide_up"})


def _without_its_first(graph: Graph, blend: Blend, sides: Sides) -> str:
    """The first frame is the old picture alone, and is taken from there."""
    if blend.frames == 1:
        graph.drop(sides[1])
        return sides[0]
    before, after = graph.fork(sides[0])
    first = graph.add((before,), (filter_("trim", end_frame=1),))
    rest = graph.add((_crossed(graph, blend, (after, sides[1])),), (filter_("trim", start_frame=1),))
    return graph.add((first, rest), (filter_("concat", n=2, v=1, a=0),))


def _crossed(graph: Graph, blend: Blend, sides: Sides) -> str:
    """xfade over all the frames."""
    # One frame more on both sides: xfade gives none for the last one of its window.
    longer = tuple(graph.add((side,), (filter_("tpad", stop_mode="clone", stop=2),)) for side in sides)
    fade = filter_(
        "xfade",
        transition=catalogue.transitions()[blend.transition.type].video_alias,
        duration=blend.duration_ms / 1000,
        offset=0,
    )
    return graph.add(longer, (fade, filter_("trim", end_frame=blend.frames)))


#: xfade's own dips are not symmetric: these are made of two fades.
_DIPS = {"dip_to_black": "black", "dip_to_white": "white"}


def _dip(graph: Graph, blend: Blend, sides: Sides, color: str) -> str:
    """Out to a color in one half, in from it in the other."""
    half = (blend.frames + 1) // 2
    out = (filter_("trim", end_frame=half), _fade("out", half, color))
    begin = (
        filter_("trim", start_frame=half),
        filter_("setpts", expr=f"PTS-{half}"),
        _fade("in", blend.frames - half, color),
    )
    first = graph.add((sides[0],), out)
    if half == blend.frames:
        graph.drop(sides[1])
        return first
    return graph.add((first, graph.add((sides[1],), begin)), (filter_("concat", n=2, v=1, a=0),))


def _fade(type: str, frames: int, color: str) -> Filter:
    return filter_("fade", type=type, start_frame=0, nb_frames=max(1, frames), color=color)
