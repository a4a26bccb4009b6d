"""The list of jobs, and one job with its attempts, files and logs."""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app import storage
from media_app.models import MediaJob
from media_app.pages.job_actions import CHANGE, DELETE, VIEW, list_query, list_url, visible_jobs
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import withheld
from media_app.services.job_pages import files, history, listing, logs, rows
from sessions_app.core.secret import hide
from sessions_app.errors import InvalidInput, NotFound
from sessions_app.web.pages import LivePart, OperatorRequest, is_part, live, staff_page

PAGE_SIZE = 50


@require_GET
@staff_page(VIEW)
def jobs_page(request: OperatorRequest) -> HttpResponse:
    """GET /admin/media-jobs?status=&type=&tenant=&age=&search=&cause=&page=: jobs, and why some failed for good."""
    visible, query = visible_jobs(request), list_query(request.GET)
    chosen, faults = listing.choose(visible, query)
    chosen = chosen.none() if faults else chosen
    status = query.get("status", "")
    counts = listing.counts(chosen)
    ordered = listing.in_order(chosen, status).select_related("session", "asset")
    shown = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    part = _live_list(request, shown, chosen, query)
    if is_part(request, "jobs"):
        return part.alone(request)
    narrowed = {name: value for name, value in query.items() if name != "status"}
    page = {
        "shown": part,
        "page": shown,
        "pages": _page_links(shown, query),
        "tabs": _tabs(counts, narrowed, status),
        "asked": query,
        "query": urlencode(query),
        "narrowed": narrowed,
        "unfiltered_url": list_url({"status": status} if status else {}),
        "faults": faults,
        "may_purge": request.user.has_perm(DELETE),
    }
    return render(request, "media/jobs.html", page | _choices(visible))


def _live_list(
    request: OperatorRequest, shown: Page[MediaJob], chosen: QuerySet[MediaJob], query: dict[str, str]
) -> LivePart:
    entries = [rows.row_of(job) for job in shown.object_list]
    narrowed = {name: value for name, value in query.items() if name not in ("status", "cause")}
    facts = {
        "rows": entries,
        "causes": listing.dead_causes(chosen) if query.get("status", "") in ("", "DEAD") else [],
        "asked": query,
        "causes_query": urlencode(narrowed),
    }
    every = BUSY if any(entry.job.status in MediaJob.UNFINISHED for entry in entries) else IDLE
    url = f"{reverse('media:jobs')}?{urlencode(query | {'page': str(shown.number)})}"
    return live(request, "media/_jobs.html", facts, name="jobs", url=url, every=every)


def _page_links(shown: Page[MediaJob], query: dict[str, str]) -> list[tuple[Any, str]]:
    numbers = shown.paginator.get_elided_page_range(shown.number)
    return [(number, list_url(query | {"page": str(number)})) for number in numbers]


def _tabs(counts: dict[str, int], narrowed: dict[str, str], status: str) -> list[tuple[str, int, str, bool]]:
    """Label, count, address and whether it is the current one."""
    names = [("", "All"), *((name, label) for name, (label, _) in rows.STATUS_LABELS.items())]
    return [
        (label, counts[name], list_url(narrowed | ({"status": name} if name else {})), name == status)
        for name, label in names
    ]


def _choices(visible: QuerySet[MediaJob]) -> dict[str, list[Any]]:
    tenants = visible.order_by().values_list("tenant_id", "env").distinct()
    return {
        "types": sorted(visible.order_by().values_list("type", flat=True).distinct()),
        "tenants": sorted(f"{tenant_id}/{env}" for tenant_id, env in tenants),
        "ages": [(name, label) for name, (label, _, _) in listing.AGES.items()],
    }


@require_GET
@staff_page(VIEW)
def job_page(request: OperatorRequest, job_id: UUID) -> HttpResponse:
    """GET /admin/media-jobs/{id}: its attempts with their commands and logs, its files, its session's activity."""
    job = listing.find(visible_jobs(request), job_id)
    facts = _job_facts(job) | {
        "may_change": request.user.has_perm(CHANGE),
        "may_purge": request.user.has_perm(DELETE),
    }
    moving = job.status in MediaJob.UNFINISHED or any(entry.working for entry in facts["replays"])
    url = reverse("media:job", args=[job.pk])
    part = live(request, "media/_job.html", facts, name="job", url=url, every=BUSY if moving else IDLE)
    if is_part(request, "job"):
        return part.alone(request)
    return render(request, "media/job.html", {"job": job, "job_row": facts["job_row"], "shown": part})


def _job_facts(job: MediaJob) -> dict[str, Any]:
    attempts = rows.attempts_of(job)
    session = job.session or (job.replay_of.session if job.replay_of else None)
    stored = json.dumps({"input": job.input_json, "result": job.result_json}, indent=2)
    return {
        "job": job,
        "job_row": rows.row_of(job, [attempt.row for attempt in reversed(attempts)]),
        "attempts": attempts,
        "inputs": files.inputs_of(job),
        "outputs": files.outputs_of(job),
        "replays": [rows.row_of(again) for again in job.replays.order_by("-created_at")],
        "steps": history.history(job.context, session) if session is not None else [],
        "session": session,
        "stored_json": hide(stored, settings.SECRETS),
    }


@require_GET
@staff_page(VIEW)
def job_log(request: OperatorRequest, job_id: UUID, attempt_no: int, stream: str) -> HttpResponse:
    """GET …/attempts/{n}/{stdout|stderr}.log?from=: text from that byte on.

    X-Log-Next is the byte to ask for next, X-Log-Over whether the log is complete.
    """
    start = request.GET.get("from", "0")
    if not start.isdecimal() or len(start) > 15:
        raise InvalidInput("from: the number of the byte to start at.", field="from")
    text = logs.read_log(listing.find(visible_jobs(request), job_id), attempt_no, stream, int(start))
    headers = {"X-Log-Next": str(text.next), "X-Log-Over": "1" if text.over else "0"}
    return HttpResponse(text.text, content_type="text/plain; charset=utf-8", headers=headers)


@require_GET
@staff_page(VIEW)
def job_file(request: OperatorRequest, job_id: UUID) -> HttpResponseRedirect:
    """GET …/file?key=: to the store, for an object that this job read or made, or one of its complete logs."""
    job, key = listing.find(visible_jobs(request), job_id), request.GET.get("key", "")
    known = {link.key for link in (*files.inputs_of(job), *files.outputs_of(job))}
    log_keys = {log for pair in job.attempt_rows.values_list("stdout_key", "stderr_key") for log in pair}
    if not key or key not in known | log_keys:
        raise NotFound("This job has no such file. Reload the page.")
    if storage.store().head(key) is None:
        raise NotFound("This file is no longer in storage.")
    if key not in log_keys:
        withheld.refuse_of_job(job, key)
    return redirect(storage.store().url(key))
