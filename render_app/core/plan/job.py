"""All that a plan is made of, and what must come out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from media_app.core.ffmpeg.sound import SAMPLE_RATE
from media_app.core.time.timebase import format_rate
from render_app.core.catalogue import Profile
from render_app.core.plan.materials import Materials
from render_app.core.plan.placing import Canvas
from render_app.core.plan.reach import within_reach
from render_app.core.plan.reels import Reels
from render_app.core.plan.refusals import NothingToRender
from render_app.core.plan.request import RenderWish
from render_app.core.plan.stretches import Stretch, stretches_of
from render_app.core.plan.unmasked import without_unmasked
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.edges import edge_ms, frame_edge, plain_number, sample_edge
from render_app.core.timeline.fields import Clamped
from render_app.core.timeline.media import Notice
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.core.timeline.refusals import Place, refuse


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out: checked when it has been rendered."""

    frames: int
    duration_ms: float
    width: int
    height: int
    fps: str
    audio_samples: int


@dataclass(frozen=True, slots=True)
class Job:
    """All that a plan is made of. `clamped`: what was moved so that it can be drawn; `notices`: what is left out."""

    timeline: Timeline
    reels: Reels
    blends: tuple[Blend, ...]
    wish: RenderWish
    start: int
    end: int
    stretches: Mapping[str, tuple[Stretch, ...]]
    materials: Materials = field(default_factory=Materials)
    clamped: tuple[Clamped, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def profile(self) -> Profile:
        return self.wish.profile

    def samples(self, frame: int) -> int:
        return sample_edge(edge_ms(frame, self.profile.fps), SAMPLE_RATE)


def job_of(
    timeline: Timeline, reels: Reels, blends: tuple[Blend, ...], wish: RenderWish, materials: Materials | None = None
) -> Job:
    """All that a plan is made of. Raises NothingToRender, MaskMissing."""
    rate = wish.profile.fps
    last_ms = timeline.end_ms if wish.end_ms is None else min(wish.end_ms, timeline.end_ms)
    start, end = frame_edge(wish.start_ms, rate), frame_edge(last_ms, rate)
    if start >= end:
        message = f"leaves no frame to render: the sequence ends at {float(timeline.end_ms):g} ms."
        raise refuse(NothingToRender, Place("sequence", timeline.id), "duration_ms", message)
    masked, notices = without_unmasked(timeline, reels, materials or Materials())
    reached = within_reach(masked, reels, Canvas(wish.profile.width, wish.profile.height))
    seen = {track.id: stretches_of(track, blends, edge_ms(end, rate)) for track in reached.timeline.tracks}
    return Job(
        reached.timeline, reels, blends, wish, start, end, seen, materials or Materials(), reached.clamped, notices
    )


def expected_of(job: Job, samples: int) -> Expected:
    """What comes out, with so many samples of sound."""
    frames, profile = job.end - job.start, job.profile
    duration = plain_number(edge_ms(frames, profile.fps))
    return Expected(frames, duration, profile.width, profile.height, format_rate(profile.fps), samples)
