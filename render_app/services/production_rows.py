"""Productions as lists and pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from media_app.core.sound import presets
from media_app.models import MediaAsset
from render_app.models import Production
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession

Status = Production.Status
SHOWN = 100

#: Status → its label and tone.
LABELS = {
    Status.PENDING_MEDIA: ("Mastering audio", "busy"),
    Status.QUEUED: ("Waiting to be packaged", "busy"),
    Status.PROCESSING: ("Packaging", "busy"),
    Status.COMPLETED: ("Ready", "good"),
    Status.FAILED: ("Failed", "bad"),
}
#: Each value of `show=` → its label, and the statuses that it shows.
TABS = {
    "all": ("All", tuple(Status)),
    "working": ("In progress", (Status.PENDING_MEDIA, Status.QUEUED, Status.PROCESSING)),
    "ready": ("Ready", (Status.COMPLETED,)),
    "failed": ("Failed", (Status.FAILED,)),
}


@dataclass(frozen=True, slots=True)
class ProductionRow:
    """A production, its label, and how far its present job is (percent; None while it waits)."""

    production: Production
    label: str
    tone: str
    preset: str
    percent: float | None
    step: str

    @property
    def working(self) -> bool:
        return self.tone == "busy"

    @property
    def can_retry(self) -> bool:
        job = self.production.job
        return self.production.status == Status.FAILED and job is not None and job.status not in job.UNFINISHED


def row_of(production: Production) -> ProductionRow:
    label, tone = LABELS[Status(production.status)]
    job = production.job
    runs = job is not None and tone == "busy" and job.status == job.Status.PROCESSING
    return ProductionRow(
        production=production,
        label=label,
        tone=tone,
        preset=preset_title(production.preset),
        percent=job.progress_percent if job is not None and runs else None,
        step=job.progress_step if job is not None and runs else "",
    )


def preset_title(name: str) -> str:
    """What a preset is called; its name where it is not offered any more, and "As recorded" where there was none."""
    if not name:
        return "As recorded"
    document = presets.documents().get(name)
    return document["title"] if document else name


def rows(context: Context, tab: str) -> list[ProductionRow]:
    """The tenant's latest productions of one tab."""
    found = _with_all(Production.objects.in_tenant(context)).filter(status__in=TABS[tab][1])
    return [row_of(production) for production in found[:SHOWN]]


def recordings(context: Context) -> list[MediaAsset]:
    """Recordings that can become a production: ready, with a picture, the latest first."""
    ready = MediaAsset.objects.in_tenant(context).filter(status=MediaAsset.Status.READY, kind=MediaAsset.Kind.VIDEO)
    return list(ready.select_related("session").order_by("-created_at")[:SHOWN])


def panel(session: RecordingSession) -> dict[str, Any]:
    """The productions of a session's recordings, for its page."""
    found = _with_all(Production.objects.filter(asset__session=session))
    return {"productions": [row_of(production) for production in found[:SHOWN]]}


def summarize(sessions) -> Mapping[Any, Any]:
    """Nothing of productions stands in the list of sessions."""
    return {}


def measured(production: Production) -> tuple[tuple[str, str], ...]:
    """What was measured of its sound before and after, as sentences."""
    found = production.master_json
    return tuple(
        (label, _loudness(found[name])) for label, name in (("Before", "before"), ("After", "after")) if found.get(name)
    )


def _loudness(measured: Mapping[str, Any]) -> str:
    lufs = measured.get("integrated_lufs")
    return "silent" if lufs is None else f"{lufs:.1f} LUFS".replace("-", "−")


def _with_all(productions: QuerySet[Production]) -> QuerySet[Production]:
    return productions.select_related("asset__session", "job", "music")
