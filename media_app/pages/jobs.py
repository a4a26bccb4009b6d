"""Pages for those who run Studio: how it is doing, which jobs there are, and everything about one."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from media_app import jobs, storage
from media_app.models import MediaJob
from media_app.services import job_pages, replay, stats
from media_app.services.purge import purge, purge_older_than
from sessions_app.core.secret import hide
from sessions_app.errors import InvalidInput, NotFound, StudioError, WrongStatus
from sessions_app.services import get_session
from sessions_app.web.pages import OperatorRequest, is_part, live, page, require, staff_page, wants_json

#: How often a page looks again, in seconds: while something moves, and when only a colleague may change it.
MOVING, RESTING = 2, 15
PAGE_SIZE = 50
#: What one press of a button changes at most.
AT_ONCE = 500
LOOK, CHANGE, DELETE = "media_app.view_mediajob", "media_app.change_mediajob", "media_app.delete_mediajob"


def _retry(job: MediaJob) -> None:
    jobs.retry(job)


def _cancel(job: MediaJob) -> None:
    if not jobs.request_cancel([job]):
        raise WrongStatus(f"This job is {job.status}: there is nothing to cancel.")


def _replay(job: MediaJob) -> None:
    replay.replay(job)


def _purge(job: MediaJob) -> None:
    if not purge(MediaJob.objects.filter(pk=job.pk)).jobs:
        raise WrongStatus(f"This job is {job.status}: it can be purged when it has ended.")


#: Verb of an address → what it does to one job, the permission that it needs, and the word for what was done.
VERBS: dict[str, tuple[Callable[[MediaJob], None], str, str]] = {
    "retry": (_retry, CHANGE, "put back into the queue"),
    "cancel": (_cancel, CHANGE, "cancelled, or being stopped"),
    "replay": (_replay, CHANGE, "queued to be done over and compared"),
    "purge": (_purge, DELETE, "purged with their logs"),
}


def _open(request: HttpRequest) -> QuerySet[MediaJob]:
    return MediaJob.objects.open_to(request.user)


@require_GET
@staff_page(LOOK)
def ops_page(request: OperatorRequest) -> HttpResponse:
    """GET /admin/ops: queue, workers, disks, failures, tenants; it looks again by itself."""
    mine = _open(request)
    depth, lately = stats.depth(mine), stats.lately(mine)
    workers = stats.workers(mine)
    alive = [worker for worker in workers if worker.alive]
    waited = depth.oldest or 0
    facts = {
        "depth": depth,
        "lately": lately,
        "workers": workers,
        "alive": len(alive),
        "waiting": depth.count("PENDING"),
        "running": depth.count("PROCESSING"),
        "dead": depth.count("DEAD"),
        "table": _by_type(depth),
        "durations": [
            (job_pages.STEPS.get(work, work), len(took), lately.quantile(work, 0.5), lately.quantile(work, 0.95))
            for work, took in lately.seconds.items()
        ],
        "no_worker": bool(waited > stats.SILENT.total_seconds() and not alive),
        "stored": stats.stored(),
        "store": settings.STORAGE_BACKEND,
        "causes": job_pages.dead_causes(mine)[:10],
    }
    every = MOVING if facts["running"] or waited else RESTING
    part = live(request, "media/_ops.html", facts, name="ops", url=reverse("media:ops"), every=every)
    if is_part(request, "ops"):
        return part.alone(request)
    return render(request, "media/ops.html", {"shown": part})


def _by_type(depth: stats.Depth) -> list[tuple[str, str, list[int]]]:
    """Type, its words, and its jobs per status in the order of `board.WORDS`."""
    types = sorted({work for work, _ in depth.by_type})
    return [
        (work, job_pages.STEPS.get(work, work), [depth.by_type.get((work, status), 0) for status in job_pages.WORDS])
        for work in types
    ]


@require_GET
@staff_page(LOOK)
def jobs_page(request: OperatorRequest) -> HttpResponse:
    """GET /admin/media-jobs?status=&type=&tenant=&age=&search=&cause=&page=: the jobs one may see, and why some are dead."""
    mine, asked = _open(request), _asked(request.GET)
    chosen, faults = job_pages.choose(mine, asked)
    chosen = chosen.none() if faults else chosen
    status = asked.get("status", "")
    counted = job_pages.counts(chosen)
    ordered = job_pages.in_order(chosen, status).select_related("session", "asset")
    shown = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    lines = [job_pages.line(job) for job in shown.object_list]
    narrowed = {name: word for name, word in asked.items() if name != "status"}
    facts = {
        "lines": lines,
        "causes": job_pages.dead_causes(chosen) if status in ("", "DEAD") else [],
        "asked": asked,
        "causes_query": urlencode({name: word for name, word in narrowed.items() if name != "cause"}),
    }
    moving = any(one.job.status in MediaJob.UNFINISHED for one in lines)
    url = f"{reverse('media:jobs')}?{urlencode(asked | {'page': str(shown.number)})}"
    part = live(request, "media/_jobs.html", facts, name="jobs", url=url, every=MOVING if moving else RESTING)
    if is_part(request, "jobs"):
        return part.alone(request)
    tenants = mine.order_by().values_list("tenant_id", "env").distinct()
    return render(
        request,
        "media/jobs.html",
        {
            "shown": part,
            "page": shown,
            "pages": [
                (number, _jobs_url(asked | {"page": str(number)}))
                for number in shown.paginator.get_elided_page_range(shown.number)
            ],
            "tabs": [
                (words, counted[name], _jobs_url(narrowed | ({"status": name} if name else {})), name == status)
                for name, words in (("", "All"), *((name, word) for name, (word, _) in job_pages.WORDS.items()))
            ],
            "asked": asked,
            "query": urlencode(asked),
            "narrowed": narrowed,
            "unfiltered_url": _jobs_url({"status": status} if status else {}),
            "faults": faults,
            "types": sorted(mine.order_by().values_list("type", flat=True).distinct()),
            "tenants": sorted(f"{tenant_id}/{env}" for tenant_id, env in tenants),
            "ages": [(name, words) for name, (words, _, _) in job_pages.AGES.items()],
            "may_purge": request.user.has_perm(DELETE),
        },
    )


def _asked(query: QueryDict) -> dict[str, str]:
    """What of the filters is said, without the one character that no database takes."""
    said = {name: str(query.get(name, "")).replace("\0", "")[:200] for name in job_pages.FILTERS}
    return {name: word for name, word in said.items() if word}


def _jobs_url(query: dict[str, str]) -> str:
    return reverse("media:jobs") + (f"?{urlencode(query)}" if query else "")


@require_GET
@staff_page(LOOK)
def job_page(request: OperatorRequest, job_id: UUID) -> HttpResponse:
    """GET /admin/media-jobs/{id}: its attempts with what was run and said, what went in and came out, its session's history."""
    job = job_pages.find(_open(request), job_id)
    attempts = job_pages.attempts_of(job)
    session = job.session or (job.replay_of.session if job.replay_of else None)
    facts: dict[str, Any] = {
        "line": job_pages.line(job, [view.row for view in reversed(attempts)]),
        "job": job,
        "attempts": attempts,
        "inputs": job_pages.inputs_of(job),
        "outputs": job_pages.outputs_of(job),
        "replays": [job_pages.line(again) for again in job.replays.order_by("-created_at")],
        "steps": job_pages.history(job.context, session) if session is not None else [],
        "session": session,
        "stored_json": hide(
            json.dumps({"input": job.input_json, "result": job.result_json}, indent=2), settings.SECRETS
        ),
        "may_change": request.user.has_perm(CHANGE),
        "may_purge": request.user.has_perm(DELETE),
    }
    moving = job.status in MediaJob.UNFINISHED or any(one.working for one in facts["replays"])
    url = reverse("media:job", args=[job.pk])
    part = live(request, "media/_job.html", facts, name="job", url=url, every=MOVING if moving else RESTING)
    if is_part(request, "job"):
        return part.alone(request)
    return render(request, "media/job.html", {"job": job, "line": facts["line"], "shown": part})


@require_GET
@staff_page(LOOK)
def job_log(request: OperatorRequest, job_id: UUID, attempt_no: int, stream: str) -> HttpResponse:
    """GET …/attempts/{n}/{stdout|stderr}.log?from=: text from that byte on; X-Log-Next is where it goes on, X-Log-Over
    whether it does not. A running attempt's is as its worker last told it."""
    start = request.GET.get("from", "0")
    if not start.isdecimal() or len(start) > 15:
        raise InvalidInput("from: the number of the byte at which to begin.", field="from")
    piece = job_pages.read_log(job_pages.find(_open(request), job_id), attempt_no, stream, int(start))
    headers = {"X-Log-Next": str(piece.next), "X-Log-Over": "1" if piece.over else "0"}
    return HttpResponse(piece.text, content_type="text/plain; charset=utf-8", headers=headers)


@require_GET
@staff_page(LOOK)
def job_file(request: OperatorRequest, job_id: UUID) -> HttpResponseRedirect:
    """GET …/file?key=: to the store, for an object that this job read or made, or one of its whole logs."""
    job, key = job_pages.find(_open(request), job_id), request.GET.get("key", "")
    known = {link.key for link in (*job_pages.inputs_of(job), *job_pages.outputs_of(job))}
    logs = job.attempt_rows.values_list("stdout_key", "stderr_key")
    if not key or key not in known | {log for kept in logs for log in kept}:
        raise NotFound("This job has no such file. Reload its page.")
    if storage.store().head(key) is None:
        raise NotFound("This file is not in the store any more.")
    return redirect(storage.store().url(key))


@require_POST
@staff_page(LOOK)
def job_act(request: OperatorRequest, job_id: UUID, verb: str) -> HttpResponse:
    """POST /admin/media-jobs/{id}/{retry|cancel|replay|purge}."""
    act, permission, _ = _verb(verb)
    require(request, permission)
    act(job_pages.find(_open(request), job_id))
    return HttpResponse(status=204)


@require_POST
@staff_page(LOOK)
def bulk_act(request: OperatorRequest) -> HttpResponse:
    """POST /admin/media-jobs/bulk?…the list's filters: `action` on each `job`, or with `every` on all that the list shows."""
    said = {name: request.POST.get(name, request.GET.get(name, "")) for name in ("action", "every")}
    act, permission, done_word = _verb(said["action"])
    require(request, permission)
    asked, chosen = _asked(request.GET), _open(request)
    if said["every"]:
        chosen, faults = job_pages.choose(chosen, asked)
        if faults:
            raise InvalidInput(next(iter(faults.values())), field=next(iter(faults)))
        chosen = job_pages.in_order(chosen, asked.get("status", ""))
    else:
        chosen = chosen.filter(pk__in=_uuids(request.POST.getlist("job")))
    picked = list(chosen[: AT_ONCE + 1])
    if not picked:
        raise InvalidInput("No job was chosen: tick some first.", field="job")
    refused: list[StudioError] = []
    for job in picked[:AT_ONCE]:
        try:
            act(job)
        except StudioError as error:
            refused.append(error)
    done = len(picked[:AT_ONCE]) - len(refused)
    if wants_json(request):
        if not done:
            raise refused[0]
        return JsonResponse({"done": done, "refused": [str(error) for error in refused[:10]]})
    if done:
        messages.success(request, f"{done} job{'s' if done > 1 else ''} {done_word}.", extra_tags="good")
    if refused:
        messages.warning(request, f"{len(refused)} left as they are: {refused[0]}", extra_tags="ask")
    if len(picked) > AT_ONCE:
        messages.warning(request, f"There are more than {AT_ONCE}: press again for the next.", extra_tags="ask")
    # What was of one cause is so no more.
    return redirect(_jobs_url({name: word for name, word in asked.items() if name != "cause"}))


@require_POST
@staff_page(DELETE)
def purge_old(request: OperatorRequest) -> HttpResponse:
    """POST /admin/media-jobs/purge, `older_than_days`: as the command does, of the jobs one may see."""
    days = request.POST.get("older_than_days", request.GET.get("older_than_days", ""))
    if not days.isdecimal() or len(days) > 5:
        raise InvalidInput("older_than_days: a whole number of days, from 0 to 36500.", field="older_than_days")
    gone = purge_older_than(int(days), within=_open(request))
    messages.success(
        request, f"{gone.jobs} jobs, {gone.attempts} attempts and {gone.logs} logs are gone.", extra_tags="good"
    )
    return redirect("media:jobs")


@require_GET
@page
def steps_page(request: OperatorRequest, session_id: UUID) -> HttpResponse:
    """GET /sessions/{id}/steps/: everything that happened to a session, on its own time."""
    session = get_session(request.context, session_id)
    steps = job_pages.history(request.context, session)
    busy = any(step.line and step.line.working for step in steps)
    url = reverse("media:steps", args=[session.pk])
    part = live(
        request, "media/_steps.html", {"session": session, "steps": steps, "act": True}, name="steps", url=url,
        every=MOVING if busy else RESTING,
    )  # fmt: skip
    if is_part(request, "steps"):
        return part.alone(request)
    return render(request, "media/steps.html", {"session": session, "shown": part})


@require_POST
@page
def step_act(request: OperatorRequest, session_id: UUID, job_id: UUID, verb: str) -> HttpResponse:
    """POST /sessions/{id}/steps/{job}/{retry|cancel}: what an operator may do about their own session's work."""
    if verb not in ("retry", "cancel"):
        raise NotFound("A step can be retried or cancelled.")
    session = get_session(request.context, session_id)
    VERBS[verb][0](job_pages.find(MediaJob.objects.in_tenant(request.context).filter(session=session), job_id))
    return HttpResponse(status=204)


@require_GET
def moved_jobs(request: HttpRequest) -> HttpResponse:
    """GET /ops/jobs/, where the jobs were; with `?session=` the steps of one."""
    try:
        return redirect("media:steps", UUID(request.GET["session"]), permanent=True)
    except (KeyError, ValueError):
        return redirect("media:jobs", permanent=True)


@require_POST
def moved_act(request: HttpRequest, job_id: UUID, verb: str) -> HttpResponse:
    """POST /ops/jobs/{id}/{verb}/: the same request, at its new address."""
    return HttpResponse(status=308, headers={"Location": reverse("media:job-act", args=[job_id, verb])})


def _verb(word: str) -> tuple[Callable[[MediaJob], None], str, str]:
    if word not in VERBS:
        raise NotFound(f"A job can be {', '.join(VERBS)}: nothing else.")
    return VERBS[word]


def _uuids(words: list[str]) -> list[UUID]:
    found = []
    for word in words[:AT_ONCE]:
        try:
            found.append(UUID(word))
        except ValueError:
            continue
    return found
