"""/metrics, for Prometheus: what the processes of gunicorn have counted together, and what the database says now.

Figures of jobs are windows of an hour and states of this moment, never counters: rows are purged, and a counter that
falls back looks like a restart (docs/decisions/0007-figures-are-windows.md).
"""

import hmac
import logging
import os
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from media_app.services import stats
from studio import api

# The start time of each series is of no use here and doubles the answer.
disable_created_metrics()

log = logging.getLogger(__name__)

COUNTED = CollectorRegistry()
HTTP_SECONDS = Histogram(
    "studio_http_request_seconds",
    "Seconds from a request to its answer's first byte, by the name of the address.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=COUNTED,
)
HTTP_RESPONSES = Counter(
    "studio_http_responses", "Answers, by the name of the address.", ["route", "method", "status"], registry=COUNTED
)
QUANTILES = (0.5, 0.95, 1.0)
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-Ip")


@require_GET
def scrape(request: HttpRequest) -> HttpResponse:
    """GET /metrics, with `Authorization: Bearer METRICS_TOKEN`; else for staff; else, while no token is set, from this
    machine itself."""
    if not _may_read(request):
        message = "These figures are for holders of METRICS_TOKEN ('Authorization: Bearer …') and staff. See docs/operations.md."
        answer = JsonResponse(api.error_body("forbidden", message), status=401)
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(COUNTED)
    registry.register(FromDatabase())
    return HttpResponse(
        generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def _may_read(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy of the same machine everybody comes from here.
    direct = not any(name in request.headers for name in FORWARDED)
    here = request.META.get("REMOTE_ADDR") in LOOPBACK
    if here and direct and not settings.METRICS_TOKEN and not settings.PUBLIC_URL:
        return True
    user = request.user
    return user.is_active and user.is_staff and user.has_perm("media_app.view_mediajob")


class FromDatabase(Collector):
    """Read at each scrape, with as many queries as there are tables."""

    def collect(self) -> Iterator[Metric]:
        """Should the database not answer, that is the figure; the others are left out, and those of requests stay."""
        answers = GaugeMetricFamily("studio_database_up", "Whether the database answers.")
        try:
            read = [
                *_jobs(stats.depth()),
                *_attempts(stats.recent()),
                *_workers(stats.workers()),
                *_files(stats.stored()),
            ]
        except DatabaseError:
            log.exception("the figures cannot be read")
            read = []
        answers.add_metric([], bool(read))
        yield answers
        yield from read

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not ask the database."""
        return iter(())


def _jobs(depth: stats.Depth) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("studio_jobs", "Jobs in the database.", labels=["type", "status"])
    for (work, status), count in depth.by_type.items():
        jobs.add_metric([work, status], count)
    yield jobs
    oldest = GaugeMetricFamily("studio_oldest_due_job_seconds", "How long the oldest due job waits.", labels=["type"])
    for work, seconds in depth.oldest_by_type.items():
        oldest.add_metric([work], seconds)
    yield oldest
    tenants = GaugeMetricFamily(
        "studio_tenant_jobs", "Unfinished jobs of a tenant.", labels=["tenant", "env", "status"]
    )
    for tenant in depth.tenants:
        tenants.add_metric([tenant.tenant_id, tenant.env, "PENDING"], tenant.waiting)
        tenants.add_metric([tenant.tenant_id, tenant.env, "PROCESSING"], tenant.running)
    yield tenants


def _attempts(recent: stats.RecentAttempts) -> Iterator[Metric]:
    ended = GaugeMetricFamily(
        "studio_attempts_hour", "Attempts that ended in the last hour.", labels=["type", "result"]
    )
    for (work, outcome), count in recent.ended.items():
        ended.add_metric([work, outcome], count)
    yield ended
    took = GaugeMetricFamily(
        "studio_job_seconds_hour", "How long completed attempts of the last hour took.", labels=["type", "quantile"]
    )
    for work in recent.seconds:
        for quantile in QUANTILES:
            took.add_metric([work, str(quantile)], recent.quantile(work, quantile))
    yield took


def _workers(workers: list[stats.WorkerStatus]) -> Iterator[Metric]:
    counted = GaugeMetricFamily("studio_workers", "Worker processes.", labels=["state"])
    counted.add_metric(["alive"], sum(worker.alive for worker in workers))
    counted.add_metric(["silent"], sum(not worker.alive for worker in workers))
    yield counted
    free = GaugeMetricFamily("studio_scratch_free_bytes", "Free on a machine's scratch disk.", labels=["host"])
    for host, free_bytes in {worker.host: worker.scratch_free for worker in workers if worker.alive}.items():
        free.add_metric([host], free_bytes)
    yield free


def _files(stored: stats.Stored) -> Iterator[Metric]:
    count = GaugeMetricFamily("studio_files", "Files that the database knows, by what they are.", labels=["kind"])
    size = GaugeMetricFamily("studio_file_bytes", "Bytes of those files.", labels=["kind"])
    for kind, (number, total) in stored.files.items():
        count.add_metric([kind], number)
        size.add_metric([kind], total)
    yield count
    yield size
    uploads = GaugeMetricFamily("studio_uploads_open", "Uploads under way.")
    uploads.add_metric([], stored.uploads_open)
    yield uploads
    hour = GaugeMetricFamily("studio_uploads_hour", "Uploads completed in the last hour.")
    hour.add_metric([], stored.uploads_hour)
    yield hour
    arrived = GaugeMetricFamily("studio_upload_bytes_hour", "Bytes of uploads completed in the last hour.")
    arrived.add_metric([], stored.bytes_hour)
    yield arrived
    pending = GaugeMetricFamily("studio_overdue_objects", "Objects that should have been deleted an hour ago.")
    pending.add_metric([], stored.overdue_objects)
    yield pending
    if stored.disk is not None:
        store_free = GaugeMetricFamily("studio_store_free_bytes", "Free on the disk under the local store.")
        store_free.add_metric([], stored.disk[0])
        yield store_free
