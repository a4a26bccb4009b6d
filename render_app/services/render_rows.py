"""Renders as the page of their project lists them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import withheld
from render_app.models import VideoProject
from render_app.services import renders

Status = MediaJob.Status
#: Status → its label and tone.
LABELS = {
    Status.PENDING: ("Waiting", "busy"),
    Status.PROCESSING: ("Rendering", "busy"),
    Status.COMPLETED: ("Ready", "good"),
    Status.FAILED: ("Failed", "bad"),
    Status.DEAD: ("Failed", "bad"),
    Status.CANCELLED: ("Canceled", "quiet"),
}
#: What browsers play; of other films they get the preview.
PLAYED = (".mp4",)


@dataclass(frozen=True, slots=True)
class RenderRow:
    """A render, its film as soon as that is there, and what plays in a browser: the film, or its `preview`."""

    job: MediaJob
    profile: str
    draft: bool
    expected: Mapping[str, Any]
    film: MediaAsset | None = None
    preview: DerivedMedia | None = None
    #: What the making found out, as of frames that may shake.
    warning: str = ""

    @property
    def label(self) -> str:
        """Its status in a word."""
        return "Canceling" if self.working and self.job.cancel_requested else LABELS[Status(self.job.status)][0]

    @property
    def tone(self) -> str:
        """The tone of that word."""
        return LABELS[Status(self.job.status)][1]

    @property
    def frames(self) -> str:
        """How many frames its film has."""
        count = self.expected.get("frames", 0)
        return f"{count:,} frame{'s' if count != 1 else ''}"

    @property
    def working(self) -> bool:
        """Whether it waits or runs."""
        return self.job.status in MediaJob.UNFINISHED

    @property
    def can_cancel(self) -> bool:
        """Whether there is something to cancel."""
        return self.working and not self.job.cancel_requested

    @property
    def can_retry(self) -> bool:
        """Whether it ended without a film."""
        return self.job.status in (*MediaJob.ENDED_BADLY, Status.CANCELLED)

    @property
    def plays(self) -> bool:
        """Whether a browser plays the film itself."""
        return self.film is not None and self.film.original_filename.endswith(PLAYED)


def ids_of(project: VideoProject) -> list[Any]:
    """The renders of a project, the newest first."""
    # Plans may be long, and each is looked into for its project: once, not for a count as well.
    rows = renders.jobs_of(project.context).filter(type=renders.TYPE, input_json__project_id=str(project.pk))
    return list(rows.values_list("pk", flat=True))


def rows_of(project: VideoProject, ids: Iterable[Any]) -> list[RenderRow]:
    """What the page shows of some of its renders, the newest first, read without their plans."""
    rows = renders.jobs_of(project.context).filter(pk__in=list(ids)).defer("input_json")
    jobs = list(
        rows.annotate(
            profile=F("input_json__plan__meta__render_profile"),
            strategy=F("input_json__plan__meta__strategy"),
            expected=F("input_json__plan__expected"),
        )
    )
    made = _made_by(jobs)
    return [_row(job, made.get(job.pk)) for job in jobs]


def _row(job: Any, made: DerivedMedia | None) -> RenderRow:
    row = RenderRow(job, job.profile or "", job.strategy == "draft", job.expected or {})
    if made is None:
        return row
    previews = (one for one in made.asset.derivatives.all() if one.kind == kinds.PROXY.name and not one.expired_at)
    preview = next((one for one in previews if withheld.is_handed_out(one)), None)
    warning = (made.meta.get("steadying") or {}).get("warning", "")
    return replace(row, film=made.asset, preview=preview, warning=warning)


def _made_by(jobs: list[Any]) -> dict[Any, DerivedMedia]:
    """The films that are kept, by their jobs; of one that another job made before, that."""
    ids = {job.pk: str((job.result_json or {}).get("artifact_id", "")) for job in jobs}
    wanted = [one for one in ids.values() if one]
    if not wanted:
        return {}
    found = DerivedMedia.objects.filter(pk__in=wanted, expired_at=None).select_related("asset")
    by_id = {str(row.pk): row for row in found.prefetch_related("asset__derivatives")}
    return {pk: by_id[one] for pk, one in ids.items() if one in by_id}
