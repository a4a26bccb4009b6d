"""Which rung of the proxy ladder a draft reads: the smallest that has all the lines that are seen."""

from collections.abc import Mapping

from media_app.core import kinds
from render_app.core.plan.placing import Canvas, place
from render_app.core.timeline.media import Reference
from render_app.core.timeline.nouns import Clip, Sequence

#: Lines of a picture's shorter side → the kinds of a proxy that has them, the best first.
RUNGS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (360, (kinds.VIDEO_PROXY_360P.name,)),
    (720, (kinds.VIDEO_PROXY.name, kinds.PROXY.name)),
)
#: A picture of which only its shape matters.
_SHAPE = (1920, 1080)


def lines_of(sequence: Sequence, canvas: Canvas) -> dict[Reference, float]:
    """The lines that each content needs, were it shown whole: by its largest clip."""
    scales = {one.target.id: one.keyframes for one in sequence.automation if one.property == "scale"}
    found: dict[Reference, float] = {}
    for clip in sequence.clips:
        if isinstance(clip.content, Reference):
            largest = max((key.value for key in scales.get(clip.id, ())), default=clip.scale)
            found[clip.content] = max(found.get(clip.content, 0), _lines(clip, largest / (clip.scale or 1), canvas))
    return found


def _lines(clip: Clip, grown: float, canvas: Canvas) -> float:
    crop = clip.crop
    placed = place(clip, _SHAPE, canvas)
    across, down = placed.width / (1 - crop.left - crop.right), placed.height / (1 - crop.top - crop.bottom)
    return grown * min(across, down)


def kinds_for(lines: float) -> tuple[str, ...]:
    """The kinds of proxies to look for, the most fitting first: the smallest with so many lines, then those that have more or less."""
    fitting = [names for least, names in RUNGS if least >= lines]
    others = [names for least, names in reversed(RUNGS) if least < lines]
    return tuple(name for names in (*fitting, *others) for name in names)


def needed(lines: Mapping[Reference, float], content: Reference) -> float:
    """The lines that a content needs; of one that is not known, all."""
    return lines.get(content, float(RUNGS[-1][0]))
