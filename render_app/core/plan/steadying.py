"""A shaking clip made steady in two passes: its motion is found over the whole clip, and taken away wherever it is shown.

The second pass counts the frames of the first, so each chunk reads a steadied clip from its beginning.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from media_app.core.ffmpeg.picture import progressive, timing
from render_app.core.plan.graph import Chain, Filter, Value, filter_, raw
from render_app.core.plan.reels import Medium, Take
from render_app.core.timeline.edges import source_frame
from render_app.core.timeline.nouns import Stabilise

#: So much around a clip is looked at too: transitions show it.
HANDLES_MS = Fraction(5_000)


@dataclass(frozen=True, slots=True)
class Steady:
    """Frames `first` to `last` of a file whose motion is taken away."""

    medium: Medium
    first: int
    last: int
    how: Stabilise

    @property
    def name(self) -> str:
        """The file in which the motion stands, named by what was looked at."""
        of = (self.medium.checksum or self.medium.id, self.first, self.last, self.how.tripod)
        return f"steady-{hashlib.sha256(repr(of).encode()).hexdigest()[:12]}.trf"

    @property
    def begins_s(self) -> Fraction:
        """The time of its first frame."""
        return self.first / self.medium.rate

    def detected(self) -> Chain:
        """The first pass."""
        tripod = {"tripod": 1} if self.how.tripod else {}
        return (*self._frames, filter_("vidstabdetect", result=self.name, **tripod))

    def steadied(self, first: int) -> Chain:
        """The second pass, from frame `first` on."""
        how = self.how
        options: dict[str, Value] = {"smoothing": how.smoothing, "zoom": Fraction(repr(how.zoom)), "crop": how.crop}
        options |= {"optzoom": 0, **({"tripod": 1} if how.tripod else {})}
        skip = (filter_("trim", start_frame=first - self.first),) if first > self.first else ()
        return (*self._frames, filter_("vidstabtransform", input=self.name, **options), *skip)

    @property
    def _frames(self) -> tuple[Filter, ...]:
        return (*_grid(self.medium, self.first), filter_("trim", end_frame=self.last - self.first + 1))


def steady_of(take: Take) -> Steady | None:
    """What is to be steadied of a take; None where nothing is."""
    medium = take.segment.picture if take.segment else None
    if take.clip.stabilise is None or medium is None or medium.still:
        return None
    begin, end = take.file_ms(take.clip.start_ms - HANDLES_MS), take.file_ms(take.clip.end_ms + HANDLES_MS)
    return Steady(medium, max(0, source_frame(begin, medium.rate)), ceil(end * medium.rate / 1000), take.clip.stabilise)


def source_chain(take: Take, medium: Medium, first: int) -> Chain:
    """From the decoded picture to frames on the file's own even grid, from frame `first` on, steady where that is asked for."""
    steady = steady_of(take)
    return steady.steadied(first) if steady else _grid(medium, first)


def _grid(medium: Medium, first: int) -> Chain:
    assert medium.video
    return tuple(map(raw, (*progressive(medium.video), *timing(medium.rate, medium.phase, first))))
