"""Masks in a graph: full-range grey pictures, white where something is seen."""

from render_app.core.plan.graph import Graph, Strand, filter_

#: Between samples of color and of brightness, by the profile's pixels: rows and columns.
_CHROMA = {"yuv420p": (2, 2), "yuv422p10le": (2, 1)}


#: RGB with alpha. Said wherever alpha is taken out: left to themselves, filters agree on pixels without.
CLEAR = filter_("format", pix_fmts="gbrap")


def parted(graph: Graph, clear: str) -> tuple[str, str]:
    """Pictures with alpha, and the alpha as grey pictures."""
    color, alpha = graph.fork(clear)
    return color, graph.add((alpha,), (filter_("extractplanes", planes="a"),))


def cut_out(strand: Strand, mask: str, *, also: bool) -> None:
    """Pictures with alpha that are seen within a mask. `also`: as far as they could be seen before."""
    graph = strand.graph
    if also:
        color, seen = parted(graph, strand.label())
        mask = graph.add((seen, mask), (filter_("blend", all_mode="multiply"),))
        strand.restart(color)
    strand.restart(strand.label(), mask)
    strand.then(filter_("alphamerge"))


def laid_within(graph: Graph, pictures: tuple[str, str], mask: str, fmt: str) -> str:
    """The second pictures over the first within a mask; outside, the first to the bit.

    In YUV: a way to RGB and back alone changes pixels. Ten bits have no alphamerge, so there the mask gets a plane for each of theirs.
    """
    below, above = pictures
    if "10" not in fmt:
        cut = graph.add((above, mask), (filter_("alphamerge"),))
        return graph.add((below, cut), (filter_("overlay", format="yuv420"),))
    wide, high = _CHROMA[fmt]
    luma, chroma = graph.fork(graph.add((mask,), (filter_("format", pix_fmts="gray10le"),)))
    small = filter_("scale", w=f"iw/{wide}", h=f"ih/{high}", flags="area")
    first, second = graph.fork(graph.add((chroma,), (small, filter_("setsar", sar=1))))
    planes = {f"map{plane}s": plane for plane in range(3)}
    veil = graph.add((luma, first, second), (filter_("mergeplanes", format=fmt, **planes),))
    return graph.add((below, above, veil), (filter_("maskedmerge"),))
