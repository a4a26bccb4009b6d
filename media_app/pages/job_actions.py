"""What the buttons of the job pages do: retry, cancel, replay, purge; one job or many."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from media_app import jobs
from media_app.models import MediaJob
from media_app.services import replay
from media_app.services.cancel import cancel
from media_app.services.job_pages import listing
from media_app.services.job_pages.rows import status_in_words
from media_app.services.purge import purge, purge_older_than
from sessions_app.errors import InvalidInput, NotFound, StudioError, WrongStatus
from sessions_app.web.pages import OperatorRequest, require, staff_page, wants_json

VIEW, CHANGE, DELETE = "media_app.view_mediajob", "media_app.change_mediajob", "media_app.delete_mediajob"
#: Jobs that one click changes at most.
BULK_LIMIT = 500


def _retry(job: MediaJob) -> None:
    jobs.retry(job)


def _cancel(job: MediaJob) -> None:
    cancel(job)


def _replay(job: MediaJob) -> None:
    replay.replay(job)


def _purge(job: MediaJob) -> None:
    if not purge(MediaJob.objects.filter(pk=job.pk)).jobs:
        raise WrongStatus(f"This job is {status_in_words(job)}. It can be purged once it has ended.")


@dataclass(frozen=True, slots=True)
class Action:
    """`run` on one job, the permission it needs, and how to report it: “3 jobs {done}.”"""

    run: Callable[[MediaJob], None]
    permission: str
    done: str


#: Verb of an address → action.
ACTIONS = {
    "retry": Action(_retry, CHANGE, "put back in the queue"),
    "cancel": Action(_cancel, CHANGE, "canceled"),
    "replay": Action(_replay, CHANGE, "queued for replay"),
    "purge": Action(_purge, DELETE, "purged with their logs"),
}


def visible_jobs(request: HttpRequest) -> QuerySet[MediaJob]:
    return MediaJob.objects.open_to(request.user)


def list_query(query: QueryDict) -> dict[str, str]:
    """The filters in an address, without the one character that no database takes."""
    values = {name: str(query.get(name, "")).replace("\0", "")[:200] for name in listing.FILTERS}
    return {name: value for name, value in values.items() if value}


def list_url(query: dict[str, str]) -> str:
    return reverse("media:jobs") + (f"?{urlencode(query)}" if query else "")


def action(verb: str) -> Action:
    """Raises NotFound."""
    if verb not in ACTIONS:
        raise NotFound(f"Unknown action {verb!r}. Use one of {', '.join(ACTIONS)}.")
    return ACTIONS[verb]


@require_POST
@staff_page(VIEW)
def job_act(request: OperatorRequest, job_id: UUID, verb: str) -> HttpResponse:
    """POST /admin/media-jobs/{id}/{retry|cancel|replay|purge}."""
    chosen = action(verb)
    require(request, chosen.permission)
    chosen.run(listing.find(visible_jobs(request), job_id))
    return HttpResponse(status=204)


@require_POST
@staff_page(VIEW)
def bulk_act(request: OperatorRequest) -> HttpResponse:
    """POST /admin/media-jobs/bulk?…the list's filters: `action` on each `job`, or with `every` on all that are listed."""
    chosen = action(_field(request, "action"))
    require(request, chosen.permission)
    picked = list(_picked(request)[: BULK_LIMIT + 1])
    if not picked:
        raise InvalidInput("No jobs selected. Select at least one.", field="job")
    refused = _run_each(chosen, picked[:BULK_LIMIT])
    done = len(picked[:BULK_LIMIT]) - len(refused)
    if wants_json(request):
        if not done:
            raise refused[0]
        return JsonResponse({"done": done, "refused": [str(error) for error in refused[:10]]})
    _report(request, chosen, done, refused)
    if len(picked) > BULK_LIMIT:
        messages.warning(
            request, f"Only the first {BULK_LIMIT} jobs were changed. Repeat for the rest.", extra_tags="ask"
        )
    # What was of one cause no longer is.
    return redirect(list_url({name: value for name, value in list_query(request.GET).items() if name != "cause"}))


def _field(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, request.GET.get(name, ""))


def _picked(request: OperatorRequest) -> QuerySet[MediaJob]:
    """The selected jobs, or all that the list's filters choose."""
    visible = visible_jobs(request)
    if not _field(request, "every"):
        return visible.filter(pk__in=_uuids(request.POST.getlist("job")))
    filters = list_query(request.GET)
    chosen, faults = listing.choose(visible, filters)
    if faults:
        raise InvalidInput(next(iter(faults.values())), field=next(iter(faults)))
    return listing.in_order(chosen, filters.get("status", ""))


def _run_each(chosen: Action, picked: list[MediaJob]) -> list[StudioError]:
    refused: list[StudioError] = []
    for job in picked:
        try:
            chosen.run(job)
        except StudioError as error:
            refused.append(error)
    return refused


def _report(request: OperatorRequest, chosen: Action, done: int, refused: list[StudioError]) -> None:
    if done:
        messages.success(request, f"{done} job{'' if done == 1 else 's'} {chosen.done}.", extra_tags="good")
    if refused:
        messages.warning(request, f"{len(refused)} not changed: {refused[0]}", extra_tags="ask")


@require_POST
@staff_page(DELETE)
def purge_old(request: OperatorRequest) -> HttpResponse:
    """POST /admin/media-jobs/purge, `older_than_days`: as the command does, of the jobs one can see."""
    days = _field(request, "older_than_days")
    if not days.isdecimal() or len(days) > 5:
        raise InvalidInput("older_than_days: a whole number of days from 0 to 36500.", field="older_than_days")
    gone = purge_older_than(int(days), within=visible_jobs(request))
    messages.success(
        request, f"Purged {gone.jobs} jobs, {gone.attempts} attempts and {gone.logs} logs.", extra_tags="good"
    )
    return redirect("media:jobs")


@require_GET
def moved_jobs(request: HttpRequest) -> HttpResponse:
    """GET /ops/jobs/, the former address of the jobs; with `?session=` the activity of one session."""
    try:
        return redirect("media:steps", UUID(request.GET["session"]), permanent=True)
    except (KeyError, ValueError):
        return redirect("media:jobs", permanent=True)


@require_POST
def moved_act(request: HttpRequest, job_id: UUID, verb: str) -> HttpResponse:
    """POST /ops/jobs/{id}/{verb}/: the same request, at its new address."""
    return HttpResponse(status=308, headers={"Location": reverse("media:job-act", args=[job_id, verb])})


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:BULK_LIMIT]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
