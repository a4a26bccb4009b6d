"""A picture in a corner of every frame, laid over the finished pictures in their own pixels: elsewhere not a bit changes."""

from dataclasses import dataclass

from render_app.core.plan.conform import Reading
from render_app.core.plan.graph import Chain, Graph, filter_
from render_app.core.plan.looks import to_yuv
from render_app.core.plan.placing import Canvas
from render_app.core.plan.reels import Medium

CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
#: As a share of the frame's height.
MARGIN = 0.03
#: The profile's pixels → the same with alpha, and what overlay calls them.
_FORMS = {
    "yuv420p": ("yuva420p", "yuv420"),
    "yuv422p": ("yuva422p", "yuv422"),
    "yuv422p10le": ("yuva422p10le", "yuv422p10"),
}


@dataclass(frozen=True, slots=True)
class Watermark:
    """`width`: of the frame's, as a share."""

    medium: Medium
    corner: str = "bottom-right"
    width: float = 0.12
    opacity: float = 0.8

    @property
    def reading(self) -> Reading:
        """How its file is read."""
        return Reading(self.medium)

    def box(self, canvas: Canvas) -> tuple[int, int, int, int]:
        """Its width, height, left and top, on even pixels, which chroma can follow."""
        video, margin = self.medium.video, _even(MARGIN * canvas.height)
        assert video
        scale = min(
            self.width * canvas.width / video.width,
            (canvas.width - 2 * margin) / video.width,
            (canvas.height - 2 * margin) / video.height,
        )
        wide, high = _even(scale * video.width), _even(scale * video.height)
        left = margin if "left" in self.corner else canvas.width - margin - wide
        top = margin if "top" in self.corner else canvas.height - margin - high
        return wide, high, left, top

    def laid(self, graph: Graph, pictures: str, source: str, canvas: Canvas, fmt: str) -> str:
        """The pictures with it on them. `source`: its one picture."""
        wide, high, left, top = self.box(canvas)
        clear, form = _FORMS[fmt]
        opaque = () if self.opacity == 1 else (filter_("colorchannelmixer", aa=self.opacity),)
        drawn: Chain = (
            filter_("format", pix_fmts="gbrap"),
            filter_("premultiply", inplace=1),
            filter_("scale", w=wide, h=high, flags="bicubic+accurate_rnd+full_chroma_int"),
            filter_("unpremultiply", inplace=1),
            *opaque,
            *to_yuv(clear),
        )
        mark = graph.add((source,), drawn)
        return graph.add((pictures, mark), (filter_("overlay", x=left, y=top, format=form),))


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))
