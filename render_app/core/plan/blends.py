"""Layers over what is below them, in RGB: by their alpha, or mixed by a blend mode as far as they are seen."""

from render_app.core import catalogue
from render_app.core.plan.graph import Graph, filter_
from render_app.core.plan.veils import CLEAR, parted


def laid_over(graph: Graph, below: str, above: str, mode: str) -> str:
    """A picture with alpha over one without."""
    if mode == "normal":
        return graph.add((below, above), (filter_("overlay", format="gbrp", eof_action="pass", repeatlast=0),))
    under, ground = graph.fork(below)
    color, alpha = parted(graph, graph.add((above,), (CLEAR,)))
    solid = graph.add((color,), (filter_("format", pix_fmts="gbrp"),))
    # The first of the two is the lower one, whose tones decide what an overlay does.
    mixed = filter_("blend", all_mode=catalogue.blends()[mode].mode)
    blended = graph.add((under, solid), (mixed, CLEAR))
    cut = graph.add((blended, alpha), (filter_("alphamerge"),))
    return laid_over(graph, ground, cut, "normal")
