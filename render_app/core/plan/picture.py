"""One span of the picture as a graph: each layer drawn into the frame, laid over the others, of exactly so many frames."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from media_app.core.ffmpeg.picture import to_sdr
from media_app.core.time.timebase import format_rate
from render_app.core.plan.conform import Reading, conformed, picture_reading
from render_app.core.plan.graph import Chain, Graph, filter_, raw
from render_app.core.plan.joins import joined
from render_app.core.plan.looks import BT709, looks, to_rgb, to_yuv
from render_app.core.plan.placing import Canvas, Placed, place
from render_app.core.plan.spans import Layer, Shot, Span, is_seen
from render_app.core.timeline.nouns import Clip, Filter

#: A reading → the label of its picture in the graph.
Open = Callable[[Reading], str]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every picture of a render has in common. `filters`: of each clip with its track's, and of the sequence under ""."""

    canvas: Canvas
    rate: Fraction
    fmt: str
    filters: Mapping[str, tuple[Filter, ...]] = field(default_factory=dict)

    def black(self, frames: int, *, clear: bool = False) -> Chain:
        """So many frames of nothing, to be seen or to be seen through."""
        size = f"{self.canvas.width}x{self.canvas.height}"
        color = filter_("color", c="black@0" if clear else "black", s=size, r=format_rate(self.rate))
        pixels = filter_("format", pix_fmts="gbrap" if clear else self.fmt)
        return (color, pixels, *(() if clear else (BT709,)), filter_("trim", end_frame=frames), *self.counted)

    @property
    def counted(self) -> Chain:
        """Frames numbered from 0, in ticks of a frame."""
        tick = 1 / self.rate
        return (filter_("settb", expr=f"{tick.numerator}/{tick.denominator}"), filter_("setpts", expr="N"))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph being drawn."""

    graph: Graph
    frame: Frame
    open: Open

    def span(self, span: Span) -> str:
        """The span's picture in the profile's pixels."""
        layers = self._in_sight(span.layers)
        if not layers:
            out = self.graph.add((), self.frame.black(span.frames))
        elif len(layers) == 1 and self._is_solid(layers[0]):
            out = self._layer(layers[0], clear=False)
        else:
            out = self._stacked(layers, span.frames)
        whole = looks(self.frame.filters.get("", ()), self.frame.fmt)
        return self.graph.add((out,), whole) if whole else out

    def _in_sight(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """The layers without those that a nearer one hides."""
        covering = [number for number, layer in enumerate(layers) if self._covers(layer)]
        return layers[covering[-1] :] if covering else layers

    def _covers(self, layer: Layer) -> bool:
        shots = [shot for side in layer.sides for shot in side]
        return self._is_solid(layer) and all(
            is_seen(shot.take) and self._placed(shot).covers(self.frame.canvas) for shot in shots
        )

    def _is_solid(self, layer: Layer) -> bool:
        """Whether it can be drawn without alpha."""
        clips = [shot.take.clip for side in layer.sides for shot in side]
        return all(clip.opacity == 1 and not clip.rotation for clip in clips)

    def _placed(self, shot: Shot) -> Placed:
        assert shot.take.piece
        assert shot.take.piece.picture
        video = shot.take.piece.picture.video
        assert video
        return place(shot.take.clip, (video.width, video.height), self.frame.canvas)

    def _stacked(self, layers: tuple[Layer, ...], frames: int) -> str:
        """Layers over each other, in RGB."""
        covered = self._covers(layers[0])
        above = layers[1:] if covered else layers
        if covered:
            below = self.graph.add((self._layer(layers[0], clear=False),), to_rgb(deep=False))
        else:
            below = self.graph.add((), (*self.frame.black(frames), *to_rgb(deep=False)))
        for layer in above:
            over = filter_("overlay", format="gbrp", eof_action="pass", repeatlast=0)
            below = self.graph.add((below, self._layer(layer, clear=True)), (over,))
        return self.graph.add((below,), (*to_yuv(self.frame.fmt), *self.frame.counted))

    def _layer(self, layer: Layer, *, clear: bool) -> str:
        sides = [self._side(side, clear=clear) for side in layer.sides]
        if layer.blend is None:
            return sides[0]
        part = filter_("trim", start_frame=layer.start - layer.blend.start, end_frame=layer.end - layer.blend.start)
        whole = joined(self.graph, layer.blend, (sides[0], sides[1]), clear=clear)
        return self.graph.add((whole,), (part, *self.frame.counted))

    def _side(self, side: tuple[Shot, ...], *, clear: bool) -> str:
        shots = [self._shot(shot, clear=clear) for shot in side]
        if len(shots) == 1:
            return shots[0]
        return self.graph.add(tuple(shots), (filter_("concat", n=len(shots), v=1, a=0), *self.frame.counted))

    def _shot(self, shot: Shot, *, clear: bool) -> str:
        frames = shot.end - shot.start
        if not is_seen(shot.take):
            return self.graph.add((), self.frame.black(frames, clear=clear))
        source = self.open(picture_reading(shot, self.frame.rate))
        drawn = self._drawn_clear(shot) if clear else self._drawn(shot)
        if drawn is None:
            return self.graph.add((), self.frame.black(frames, clear=clear))
        chain = (*conformed(shot, self.frame.rate), *drawn)
        if not clear:
            return self.graph.add((source,), chain)
        picture = self.graph.add((source,), chain)
        return self._laid(shot, picture)

    def _drawn(self, shot: Shot) -> Chain | None:
        """Scaled, filtered, cut to the frame and padded with black; None where nothing of it lies in the frame."""
        placed, canvas = self._placed(shot), self.frame.canvas
        seen = placed.visible(canvas)
        if seen is None:
            return None
        width, height, x, y = seen
        cut = () if (width, height) == (placed.width, placed.height) else (
            filter_("crop", w=width, h=height, x=x, y=y, exact=1),
        )  # fmt: skip
        fills = (width, height) == (canvas.width, canvas.height)
        pad = filter_("pad", w=canvas.width, h=canvas.height, x=max(0, placed.left), y=max(0, placed.top))
        return (*self._scaled(shot, placed), *cut, *(() if fills else (pad,)))

    def _scaled(self, shot: Shot, placed: Placed) -> Chain:
        clip = shot.take.clip
        assert shot.take.piece
        assert shot.take.piece.picture
        video = shot.take.piece.picture.video
        assert video
        size = (placed.width, placed.height)
        scaled = tuple(map(raw, to_sdr(video, size, self.frame.fmt)))
        filters = looks(self.frame.filters.get(clip.id, ()), self.frame.fmt)
        return (*_cropped(clip), *scaled, filter_("setsar", sar=1), BT709, *filters)

    def _drawn_clear(self, shot: Shot) -> Chain | None:
        """Scaled, filtered, rotated and as opaque as it is."""
        clip = shot.take.clip
        chain = [*self._scaled(shot, self._placed(shot)), *to_rgb(deep=False), filter_("format", pix_fmts="gbrap")]
        if clip.rotation:
            angle = f"{clip.rotation!r}*PI/180"
            chain.append(filter_("rotate", a=angle, ow=f"rotw({angle})", oh=f"roth({angle})", c="black@0"))
        if clip.opacity != 1:
            chain.append(filter_("colorchannelmixer", aa=clip.opacity))
        return tuple(chain)

    def _laid(self, shot: Shot, picture: str) -> str:
        """A picture of any size with alpha → one of the frame's."""
        clip, canvas = shot.take.clip, self.frame.canvas
        base = self.graph.add((), self.frame.black(shot.end - shot.start, clear=True))
        x = f"round({clip.position.x * canvas.width:.6f}-w/2)"
        y = f"round({clip.position.y * canvas.height:.6f}-h/2)"
        over = filter_("overlay", x=x, y=y, format="gbrp", eof_action="pass", repeatlast=0)
        return self.graph.add((base, picture), (over, *self.frame.counted))


def _cropped(clip: Clip) -> Chain:
    crop = clip.crop
    if not (crop.left or crop.top or crop.right or crop.bottom):
        return ()
    # Two pixels are left at least, which chroma needs.
    width, height = f"max(2,iw*{1 - crop.left - crop.right:.9f})", f"max(2,ih*{1 - crop.top - crop.bottom:.9f})"
    return (filter_("crop", w=width, h=height, x=f"iw*{crop.left:.9f}", y=f"ih*{crop.top:.9f}"),)
