"""The review pages: look, listen, nudge, approve."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods

from media_app.api.assets import AssetOutput, JobOutput
from media_app.services.ingest_queue import hurry_pictures
from sessions_app.errors import StudioError
from sessions_app.models import RecordingSession
from sessions_app.services import get_session
from sessions_app.web.pages import OperatorRequest, page
from sync_app.api import SyncOutput
from sync_app.core.decide import sample
from sync_app.services import review, review_page, summaries, truth
from sync_app.services.review_page import ReviewPage

CONFIDENT_AT_ONCE = 100
#: Of many clips, those that are looked at come first; a browser that may fetch all would fetch them last.
WAVES_AHEAD = 8


@page
def show_review(request: OperatorRequest, session_id) -> HttpResponse:
    """GET /sessions/{id}/review/: the session with its angles, waveforms, evidence and history."""
    seen = review_page.read(get_session(request.context, session_id))
    hurry_pictures(seen.jobs)
    data = page_data(seen)
    shown = {
        "review": seen,
        "session": seen.session,
        "rows": seen.rows,
        "data": data,
        "preloads": _overview_links(data),
    }
    return render(request, "sync/review.html", {**shown, "queue": review_page.neighbours(seen.session)})


@page
def review_state(request: OperatorRequest, session_id) -> HttpResponse:
    """GET …/review/state?seen=…: the page's data anew, or 204 while its stamp is still `seen`."""
    now = review_page.read(get_session(request.context, session_id))
    if request.GET.get("seen") == now.stamp:
        return HttpResponse(status=204)
    parts = {
        name: render_to_string(f"sync/_{name}.html", {"review": now, "session": now.session}, request)
        for name in ("verdict", "history")
    }
    return JsonResponse({**page_data(now), "parts": parts})


def page_data(seen: ReviewPage) -> dict[str, Any]:
    """The data of the page's script and its polls, in the API's shapes."""
    labels: dict[UUID | None, str] = {asset.pk: asset.camera_key for asset in seen.assets}
    return {
        "stamp": seen.stamp,
        "recordings": seen.recordings,
        "session": {"id": str(seen.session.pk), "title": seen.session.title, "status": seen.session.status},
        "master": seen.master,
        "mayDecide": seen.may_decide,
        "mayApprove": seen.may_approve,
        "needsReason": seen.needs_reason,
        "version": seen.result.version if seen.result else 0,
        "sync": SyncOutput(seen.result, context={"decisions": seen.decisions}).data if seen.result else None,
        "assets": AssetOutput(seen.assets, many=True).data,
        "jobs": [{**JobOutput(job).data, "camera": labels.get(job.asset_id, "")} for job in seen.jobs],
        "truth": truth.on_clock_of(seen.master, seen.session),
    }


@page
def next_review(request: OperatorRequest, session_id) -> HttpResponse:
    """GET …/review/next: the next session that waits."""
    return _go(request, review_page.next_waiting(get_session(request.context, session_id)))


@page
def previous_review(request: OperatorRequest, session_id) -> HttpResponse:
    return _go(request, review_page.previous_waiting(get_session(request.context, session_id)))


@page
def first_review(request: OperatorRequest) -> HttpResponse:
    """GET /sessions/review/: the session that has waited longest."""
    waiting = RecordingSession.objects.in_tenant(request.context).awaiting_review()
    return _go(request, waiting.order_by("created_at", "pk").first())


@require_http_methods(["GET", "POST"])
@page
def confident_matches(request: OperatorRequest) -> HttpResponse:
    """/sessions/review/confident/: approve many confident syncs together, after a look at a sample.

    POST `session` (`id:version`, repeated) and `sampled`. Each is approved by itself; those that changed since the page was
    drawn are left alone, and the answer counts them.
    """
    if request.method == "POST" and request.POST.get("sampled") and request.POST.getlist("session"):
        _approve_all(request)
        return redirect("sync:review-confident")
    if request.method == "POST":
        messages.error(
            request, "Nothing was approved. Select sessions, look at the sample, and check the box that says you did."
        )
    results = review.confident_matches(request.context)[:CONFIDENT_AT_ONCE]
    looked_at = set(sample(len(results)))
    rows = [(result, summaries.summary(result), place in looked_at) for place, result in enumerate(results)]
    return render(request, "sync/confident.html", {"rows": rows, "sampled": len(looked_at)})


def _approve_all(request: OperatorRequest) -> None:
    shown = request.POST.getlist("session")[:CONFIDENT_AT_ONCE]
    waiting = {f"{result.session_id}:{result.version}": result for result in review.confident_matches(request.context)}
    chosen = [waiting[name] for name in dict.fromkeys(shown) if name in waiting]
    approved = 0
    for result in chosen:
        try:
            review.approve(
                request.context,
                result.session_id,
                approved_by=request.context.actor,
                notes="Approved together with others, after a look at a sample.",
                seen=result.version,
            )
            approved += 1
        except StudioError as error:
            messages.error(request, f"{result.session.title}: {error}")
    if approved:
        messages.success(request, f"{approved} session{'' if approved == 1 else 's'} approved and ready.")
    if left := len(set(shown)) - len(chosen):
        was = "1 session was" if left == 1 else f"{left} sessions were"
        messages.info(request, f"{was} left alone: decided or changed since this page showed it.")


def _go(request: OperatorRequest, session: RecordingSession | None) -> HttpResponse:
    if session is not None:
        return redirect("sync:review", session.pk)
    messages.success(request, "Nothing else is waiting for review.")
    return redirect("sessions:list")


def _overview_links(data: dict[str, Any]) -> list[str]:
    """Links of the waveforms that the page draws first, for the browser to fetch early."""
    made = [derived for asset in data["assets"] for derived in asset["derivatives"]]
    waves = [str(derived["url"]) for derived in made if (derived["kind"], derived["variant"]) == ("waveform", "20")]
    return waves[:WAVES_AHEAD]
