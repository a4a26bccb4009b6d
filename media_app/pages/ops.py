"""The operations page: queue, workers, disks, failures and tenants."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app.core import kinds
from media_app.jobs import label_of
from media_app.models import MediaJob
from media_app.pages.job_actions import VIEW, visible_jobs
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import quota, stats
from media_app.services.job_pages import listing, rows
from sessions_app.web.pages import OperatorRequest, is_part, live, staff_page

CAUSES_SHOWN = 10


@require_GET
@staff_page(VIEW)
def ops_page(request: OperatorRequest) -> HttpResponse:
    """GET /admin/ops: how Studio is doing; the page refreshes itself."""
    facts = _facts(visible_jobs(request)) | {"quotas": quota.of_tenants(request.user)}
    every = BUSY if facts["running"] or facts["depth"].oldest else IDLE
    part = live(request, "media/_ops.html", facts, name="ops", url=reverse("media:ops"), every=every)
    if is_part(request, "ops"):
        return part.alone(request)
    return render(request, "media/ops.html", {"shown": part})


def _facts(visible: QuerySet[MediaJob]) -> dict[str, Any]:
    depth, recent, workers, stored = stats.depth(visible), stats.recent(visible), stats.workers(visible), stats.stored()
    alive = sum(worker.alive for worker in workers)
    return {
        "depth": depth,
        "recent": recent,
        "workers": workers,
        "alive": alive,
        "waiting": depth.count("PENDING"),
        "running": depth.count("PROCESSING"),
        "dead": depth.count("DEAD"),
        "table": _by_type(depth),
        "durations": _durations(recent),
        "no_worker": not alive and (depth.oldest or 0) > stats.SILENT.total_seconds(),
        "stored": stored,
        "files": [(kinds.label(kind), *held) for kind, held in stored.files.items()],
        "store": settings.STORAGE_BACKEND,
        "causes": listing.dead_causes(visible)[:CAUSES_SHOWN],
    }


def _by_type(depth: stats.Depth) -> list[tuple[str, str, list[int]]]:
    """Type, its label, and its jobs per status in the order of `STATUS_LABELS`."""
    types = sorted({job_type for job_type, _ in depth.by_type})
    return [
        (name, label_of(name), [depth.by_type.get((name, status), 0) for status in rows.STATUS_LABELS])
        for name in types
    ]


def _durations(recent: stats.RecentAttempts) -> list[tuple[str, int, float, float]]:
    """Label, how many completed, median and 95th percentile in seconds."""
    return [
        (label_of(name), len(took), recent.quantile(name, 0.5), recent.quantile(name, 0.95))
        for name, took in recent.seconds.items()
    ]
