"""One span of the picture as a graph: each layer drawn into the frame, laid over the others, of exactly so many frames."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from media_app.core.ffmpeg.picture import to_sdr
from media_app.core.time.timebase import format_rate
from render_app.core.plan.blends import laid_over
from render_app.core.plan.conform import Reading, conformed, picture_reading, stilled
from render_app.core.plan.graph import Chain, Graph, Strand, Value, filter_, raw
from render_app.core.plan.joins import joined
from render_app.core.plan.looks import BT709, Sheet, counted, look_over, to_rgb, to_yuv
from render_app.core.plan.materials import Materials
from render_app.core.plan.moving import Motion, Moves, Scripts, dimmed
from render_app.core.plan.placing import Canvas, Placed, place
from render_app.core.plan.reels import Medium, Segment, Take
from render_app.core.plan.spans import Layer, Shot, Span, is_seen
from render_app.core.plan.veils import CLEAR, cut_out, parted
from render_app.core.timeline.edges import edge_ms
from render_app.core.timeline.nouns import Automation, Clip, Filter, MediaReference

#: A reading → the label of its picture in the graph.
Open = Callable[[Reading], str]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every picture of a render has in common. `filters`: of each clip with its track's, and of the sequence under "";
    `materials`: what they take besides; `moves`: of clips with keyframes; `dimming`: the opacity of the whole sequence, where it
    has keyframes; `sent`: what brings finished pictures to their encoder.
    """

    canvas: Canvas
    rate: Fraction
    fmt: str
    filters: Mapping[str, tuple[Filter, ...]] = field(default_factory=dict)
    materials: Materials = field(default_factory=Materials)
    moves: Mapping[str, Moves] = field(default_factory=dict)
    dimming: Automation | None = None
    sent: Chain = ()

    def black(self, frames: int, *, clear: bool = False) -> Chain:
        """So many frames of nothing, to be seen or to be seen through."""
        size = f"{self.canvas.width}x{self.canvas.height}"
        color = filter_("color", c="black@0" if clear else "black", s=size, r=format_rate(self.rate))
        pixels = filter_("format", pix_fmts="gbrap" if clear else self.fmt)
        return (color, pixels, *(() if clear else (BT709,)), filter_("trim", end_frame=frames), *self.counted)

    @property
    def counted(self) -> Chain:
        """Frames numbered from 0, in ticks of a frame."""
        return counted(self.rate)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph being drawn. `table`: a LUT's id → the name of its file; `scripts`: of the whole plan."""

    graph: Graph
    frame: Frame
    open: Open
    table: Callable[[str], str]
    scripts: Scripts

    def span(self, span: Span) -> str:
        """The span's picture in the profile's pixels."""
        layers = self._in_sight(span.layers)
        if not layers:
            out = self.graph.add((), self.frame.black(span.frames))
        elif len(layers) == 1 and self._is_solid(layers[0]):
            out = self._layer(layers[0], clear=False)
        else:
            out = self._stacked(layers, span.frames)
        canvas = self.frame.canvas
        whole = Shot(_whole(), span.start, span.end)
        strand = Strand(self.graph, (out,))
        look_over(strand, self.frame.filters.get("", ()), self._sheet(whole, (canvas.width, canvas.height)))
        strand.then(*self._dimmed(span))
        return strand.label()

    def _dimmed(self, span: Span) -> Chain:
        frame = self.frame
        if frame.dimming is None:
            return ()
        dim = dimmed(frame.dimming, self._times(span.start, span.end), self.scripts, frame.rate)
        return (*frame.counted, *to_rgb(deep="10" in frame.fmt), *dim, *to_yuv(frame.fmt))

    def _times(self, start: int, end: int) -> list[Fraction]:
        """When each of these frames begins."""
        return [edge_ms(number, self.frame.rate) for number in range(start, end)]

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
        shots = [shot for side in layer.sides for shot in side]
        if any(is_seen(shot.take) and _medium(shot).alpha for shot in shots):
            return False
        clips = [shot.take.clip for shot in shots]
        if any(clip.blend_mode != "normal" or clip.id in self.frame.moves for clip in clips):
            return False
        return all(clip.opacity == 1 and not clip.rotation and not clip.mask_artifact_id for clip in clips)

    def _placed(self, shot: Shot) -> Placed:
        video, clip = _medium(shot).video, shot.take.clip
        assert video
        moves = self.frame.moves.get(clip.id)
        return place(moves.at_largest if moves else clip, (video.width, video.height), self.frame.canvas)

    def _motion(self, shot: Shot) -> Motion | None:
        """How keyframes move a shot, where they do."""
        moves = self.frame.moves.get(shot.take.clip.id)
        if moves is None:
            return None
        placed = self._placed(shot)
        states = [moves.state(ms) for ms in self._times(shot.start, shot.end)]
        return Motion(states, placed.width, placed.height, moves.at_largest.scale)

    def _stacked(self, layers: tuple[Layer, ...], frames: int) -> str:
        """Layers over each other, in RGB."""
        covered = self._covers(layers[0])
        above = layers[1:] if covered else layers
        if covered:
            below = self.graph.add((self._layer(layers[0], clear=False),), to_rgb(deep=False))
        else:
            below = self.graph.add((), (*self.frame.black(frames), *to_rgb(deep=False)))
        for layer in above:
            below = self._over(below, layer)
        return self.graph.add((below,), (*to_yuv(self.frame.fmt), *self.frame.counted))

    def _over(self, below: str, layer: Layer) -> str:
        modes = [_mode(side) for side in layer.sides]
        if len(set(modes)) == 1:
            return laid_over(self.graph, below, self._layer(layer, clear=True), modes[0])
        # From one blend mode to another: each clip over what is below, and the transition between the two.
        blend, sides = layer.blend, []
        assert blend
        before, after = layer.start - blend.start, blend.end - layer.end
        longer = filter_("tpad", start=before, start_mode="clone", stop=after, stop_mode="clone")
        for ground, side, mode in zip(self.graph.fork(below), layer.sides, modes, strict=True):
            shown = self.graph.add((self._side(side, clear=True),), self._within(layer))
            over = laid_over(self.graph, ground, shown, mode)
            sides.append(
                self.graph.add((over,), (longer, *self.frame.counted) if before or after else self.frame.counted)
            )
        whole = joined(self.graph, blend, (sides[0], sides[1]), clear=False)
        return self.graph.add((whole,), self._within(layer))

    def _within(self, layer: Layer) -> Chain:
        """From a whole transition to the frames of a layer."""
        assert layer.blend
        part = filter_("trim", start_frame=layer.start - layer.blend.start, end_frame=layer.end - layer.blend.start)
        return (part, *self.frame.counted)

    def _layer(self, layer: Layer, *, clear: bool) -> str:
        sides = [self._side(side, clear=clear) for side in layer.sides]
        if layer.blend is None:
            return sides[0]
        whole = joined(self.graph, layer.blend, (sides[0], sides[1]), clear=clear)
        # xfade has no pixels of less color than light: left as they are, those of what follows would go through them too.
        own = () if clear else (filter_("format", pix_fmts=self.frame.fmt),)
        return self.graph.add((whole,), (*self._within(layer), *own))

    def watermarked(self, pictures: str) -> str:
        """Finished pictures with the watermark, where one is wanted."""
        mark = self.frame.materials.watermark
        if mark is None:
            return pictures
        return mark.laid(self.graph, pictures, self.open(mark.reading), self.frame.canvas, self.frame.fmt)

    def _side(self, side: tuple[Shot, ...], *, clear: bool) -> str:
        shots = [self._shot(shot, clear=clear) for shot in side]
        if len(shots) == 1:
            return shots[0]
        return self.graph.add(tuple(shots), (filter_("concat", n=len(shots), v=1, a=0), *self.frame.counted))

    def _shot(self, shot: Shot, *, clear: bool) -> str:
        placed = self._placed(shot) if is_seen(shot.take) else None
        if placed is None or not (clear or placed.visible(self.frame.canvas)):
            return self.graph.add((), self.frame.black(shot.end - shot.start, clear=clear))
        if clear:
            return self._laid(shot, self._drawn_clear(shot, placed))
        strand = self._scaled(shot, placed)
        strand.then(*self._fitted(placed))
        return strand.label()

    def _fitted(self, placed: Placed) -> Chain:
        """Cut to the frame and padded with black."""
        canvas, seen = self.frame.canvas, placed.visible(self.frame.canvas)
        assert seen
        width, height, x, y = seen
        cut = () if (width, height) == (placed.width, placed.height) else (
            filter_("crop", w=width, h=height, x=x, y=y, exact=1),
        )  # fmt: skip
        fills = (width, height) == (canvas.width, canvas.height)
        pad = filter_("pad", w=canvas.width, h=canvas.height, x=max(0, placed.left), y=max(0, placed.top))
        return (*cut, *(() if fills else (pad,)))

    def _scaled(self, shot: Shot, placed: Placed) -> Strand:
        """In time, scaled and filtered, in the profile's pixels."""
        medium, size = _medium(shot), (placed.width, placed.height)
        assert medium.video
        strand = Strand(self.graph, (self.open(picture_reading(shot, self.frame.rate)),))
        scaled = (*map(raw, to_sdr(medium.video, size, self.frame.fmt)), filter_("setsar", sar=1), BT709)
        strand.then(*self._in_time(shot, (*_cropped(shot.take.clip), *scaled)))
        self._filtered(strand, shot, size)
        return strand

    def _in_time(self, shot: Shot, drawn: Chain) -> Chain:
        """Filters that draw a picture, and those that bring it into time: a still one is drawn once."""
        if _medium(shot).still:
            return (*drawn, *stilled(shot, self.frame.rate))
        return (*conformed(shot, self.frame.rate), *drawn)

    def _filtered(self, strand: Strand, shot: Shot, size: tuple[int, int]) -> None:
        look_over(strand, self.frame.filters.get(shot.take.clip.id, ()), self._sheet(shot, size))

    def _sheet(self, shot: Shot, size: tuple[int, int]) -> Sheet:
        frame = self.frame
        return Sheet(
            frame.fmt, frame.rate, size, frame.canvas.height, shot.start, shot.end - shot.start,
            mask=lambda id: self._mask(id, shot, size), table=self.table,
        )  # fmt: skip

    def _mask(self, id: str, shot: Shot, size: tuple[int, int]) -> str:
        """A mask over a shot's picture of a size, on the clock of the shot's file."""
        of = shot.take.segment.picture.asset_id if shot.take.segment and shot.take.segment.picture else ""
        masked = _instead(shot, self.frame.materials.mask(id, of))
        strand = Strand(self.graph, (self.open(picture_reading(masked, self.frame.rate)),))
        width, height = size
        scaled = filter_("scale", w=width, h=height, flags="bilinear+accurate_rnd", out_range="pc")
        drawn = (*_cropped(shot.take.clip), scaled, filter_("format", pix_fmts="gray"), filter_("setsar", sar=1))
        strand.then(*self._in_time(masked, drawn))
        return strand.label()

    def _drawn_clear(self, shot: Shot, placed: Placed) -> str:
        """Scaled, filtered, cut out, rotated and as opaque as it is."""
        clip = shot.take.clip
        if _medium(shot).alpha:
            strand = self._seen_through(shot, placed)
        else:
            strand = self._scaled(shot, placed)
            strand.then(*_TO_CLEAR)
        if clip.mask_artifact_id:
            mask = self._mask(clip.mask_artifact_id, shot, (placed.width, placed.height))
            cut_out(strand, mask, also=_medium(shot).alpha)
        motion = self._motion(shot)
        if motion is not None:
            strand.then(*self.frame.counted, *motion.drawn(self.scripts, self.frame.rate))
            return strand.label()
        if clip.rotation:
            angle = f"{clip.rotation!r}*PI/180"
            strand.then(filter_("rotate", a=angle, ow=f"rotw({angle})", oh=f"roth({angle})", c="black@0"))
        if clip.opacity != 1:
            strand.then(filter_("colorchannelmixer", aa=clip.opacity))
        return strand.label()

    def _seen_through(self, shot: Shot, placed: Placed) -> Strand:
        """A picture with alpha, scaled as much as it is seen: nothing of a color under what is clear comes into its edges."""
        size = placed.width, placed.height
        scale = filter_("scale", w=size[0], h=size[1], flags="bicubic+accurate_rnd+full_chroma_int")
        scaled = (filter_("premultiply", inplace=1), scale, filter_("unpremultiply", inplace=1))
        strand = Strand(self.graph, (self.open(picture_reading(shot, self.frame.rate)),))
        drawn = (
            filter_("format", pix_fmts="gbrap"),
            *_cropped(shot.take.clip),
            *scaled,
            filter_("setsar", sar=1),
            CLEAR,
        )
        strand.then(*self._in_time(shot, drawn))
        if self.frame.filters.get(shot.take.clip.id):
            color, alpha = parted(self.graph, strand.label())
            colors = Strand(self.graph, (color,), [filter_("format", pix_fmts="gbrp"), *to_yuv(self.frame.fmt)])
            self._filtered(colors, shot, size)
            colors.then(*_TO_CLEAR)
            strand.restart(colors.label(), alpha)
            strand.then(filter_("alphamerge"))
        return strand

    def _laid(self, shot: Shot, picture: str) -> str:
        """A picture of any size with alpha → one of the frame's."""
        clip, canvas = shot.take.clip, self.frame.canvas
        base, motion = self.frame.black(shot.end - shot.start, clear=True), self._motion(shot)
        if motion is not None:
            tag = self.scripts.tag
            # The ground is drawn only when the overlay asks for its next frame, so that no value comes too early.
            sent = self.scripts.send(motion.laid(canvas, tag), self.frame.rate)
            return self._on(self.graph.add((), (*base, sent)), picture, f"overlay@{tag}", x=0, y=0)
        x = f"round({clip.position.x * canvas.width:.6f}-w/2)"
        y = f"round({clip.position.y * canvas.height:.6f}-h/2)"
        return self._on(self.graph.add((), base), picture, "overlay", x=x, y=y)

    def _on(self, ground: str, picture: str, name: str, **place: Value) -> str:
        over = filter_(name, **place, format="gbrp", eof_action="pass", repeatlast=0)
        return self.graph.add((ground, picture), (over, *self.frame.counted))


#: From the profile's pixels to RGB with alpha.
_TO_CLEAR = (*to_rgb(deep=False), CLEAR)


def _medium(shot: Shot) -> Medium:
    """The file that a shot shows."""
    assert shot.take.segment
    assert shot.take.segment.picture
    return shot.take.segment.picture


def _mode(side: tuple[Shot, ...]) -> str:
    """How a side of a layer lies over what is below."""
    return side[0].take.clip.blend_mode if side else "normal"


def _instead(shot: Shot, medium: Medium) -> Shot:
    """A shot that shows another file at the same times, as it is."""
    segment = shot.take.segment or Segment(None, None)
    clip = replace(shot.take.clip, stabilise=None)
    return replace(shot, take=replace(shot.take, clip=clip, segment=replace(segment, picture=medium)))


def _whole() -> Take:
    """All of a sequence, on its own clock."""
    everything = Fraction(1)
    return Take(Clip("", MediaReference(""), everything), Fraction(0), everything, None)


def _cropped(clip: Clip) -> Chain:
    crop = clip.crop
    if not (crop.left or crop.top or crop.right or crop.bottom):
        return ()
    # Two pixels are left at least, which chroma needs.
    width, height = f"max(2,iw*{1 - crop.left - crop.right:.9f})", f"max(2,ih*{1 - crop.top - crop.bottom:.9f})"
    return (filter_("crop", w=width, h=height, x=f"iw*{crop.left:.9f}", y=f"ih*{crop.top:.9f}"),)
