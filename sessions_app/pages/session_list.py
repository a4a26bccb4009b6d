"""The list of sessions, and which tenant a person looks at."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from sessions_app.api import SessionFilter
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.models.compiled import CompiledQuery
from sessions_app.services import summaries
from sessions_app.web.pages import LivePart, OperatorRequest, is_part, live, page

PAGE_SIZE = 50
#: How often the list is asked for again: while a session moves, and when only new ones may come.
REFRESH_SECONDS, IDLE_SECONDS = 3, 15
Status = RecordingSession.Status

#: Each value of `show=` → its label, and the status of the sessions it shows.
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "needs-you": ("Needs you", (Status.NEEDS_REVIEW,)),
    "working": ("In progress", (Status.INGESTING, Status.SYNCING)),
    "drafts": ("Drafts", (Status.DRAFT,)),
    "ready": ("Ready", (Status.READY,)),
    "all": ("All", tuple(Status)),
}
#: Each value of `sort=` → its label, and the columns.
ORDERS = {
    "newest": ("Newest first", ("-created_at", "-pk")),
    "oldest": ("Oldest first", ("created_at", "pk")),
    "date": ("Latest shoot first", ("-date", "-created_at")),
    "title": ("Title", ("title", "-created_at")),
}
#: The address's filters, named as in the API.
FILTERS = ("search", "projectId", "dateFrom", "dateTo")


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A session as the list shows it. Equal rows are drawn alike, for every reader."""

    pk: UUID
    title: str
    date: date
    project_id: str
    location: str
    added: str
    status: str
    status_reason: str
    media: Any
    sync: Any


@dataclass(frozen=True, slots=True)
class Query:
    """What an address asks of the list, and what that comes to: `counts` by tab, `tab` the sessions of the chosen one."""

    show: str
    filtered: bool
    errors: dict[str, str]
    counts: dict[str, int]
    tab: QuerySet[RecordingSession]
    projects: set[str]


@require_GET
@page
def session_list(request: OperatorRequest) -> HttpResponse:
    """GET /sessions/?show=&search=&projectId=&dateFrom=&dateTo=&sort=&page=: the list of sessions."""
    query = _query(request)
    shown = _one_page(request, query.tab.defer("notes"), query.counts[query.show])
    if is_part(request, "rows"):
        return _draw_list(request, query, _with_seen(request, list(shown.object_list))).alone(request)
    projects = query.projects
    if query.filtered:
        everything = RecordingSession.objects.in_tenant(request.context)
        projects = set(everything.order_by().values_list("project_id", flat=True).distinct())
    numbers = shown.paginator.get_elided_page_range(shown.number)
    orders = [(name, label) for name, (label, _) in ORDERS.items()]
    orders += [(name, order.label) for name, order in summaries.orders().items()]
    facts = {
        "rows": _draw_list(request, query, list(shown.object_list)),
        "page": shown,
        "pages": [(number, _url(request, page=number)) for number in numbers],
        "show": query.show,
        "orders": orders,
        "sort": request.GET.get("sort", "newest"),
        "filter": {name: request.GET.get(name, "") for name in FILTERS},
        "filtered": query.filtered,
        "errors": query.errors,
        "projects": sorted(projects),
        "unfiltered_url": _unfiltered_url(query),
        "any": bool(projects),
    }
    return render(request, "sessions/list.html", facts)


def _query(request: OperatorRequest) -> Query:
    everything = RecordingSession.objects.in_tenant(request.context)
    filtered = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    narrowed, errors = _narrowed(everything, filtered) if filtered else (everything, {})
    show = request.GET.get("show", "")
    show = show if show in TABS else "needs-you"
    if filtered:
        groups = list(_grouped(narrowed))
    else:
        groups = _GROUPS.rows(tenant=request.context.tenant_id, env=request.context.env)
    counts = {name: sum(n for status, _, n in groups if status in statuses) for name, (_, statuses) in TABS.items()}
    tab = narrowed if show == "all" else narrowed.filter(status__in=TABS[show][1])
    return Query(show, bool(filtered), errors, counts, tab, {project for _, project, _ in groups})


def _unfiltered_url(query: Query) -> str:
    return f"{reverse('sessions:list')}?{urlencode({'show': query.show})}"


def _narrowed(sessions: QuerySet[RecordingSession], wanted: dict[str, str]) -> tuple[QuerySet, dict[str, str]]:
    """The sessions that the filter lets through; none, and the errors by field, where it makes no sense."""
    chosen = SessionFilter(wanted, queryset=sessions)
    if chosen.is_valid():
        return chosen.qs, {}
    return sessions.none(), {name: " ".join(errors) for name, errors in chosen.form.errors.items()}


def _grouped(sessions: QuerySet[RecordingSession]) -> QuerySet[Any, tuple]:
    """(status, project, how many)."""
    return sessions.order_by().values_list("status", "project_id").annotate(Count("pk"))


_GROUPS = CompiledQuery(
    lambda tenant, env: _grouped(RecordingSession.objects.in_tenant(Context(tenant, env))),
    tenant=CharField(),
    env=CharField(),
)


@require_POST
@page
def choose_tenant(request: OperatorRequest) -> HttpResponse:
    """POST /sessions/tenant/: look at another of the caller's tenants from now on."""
    chosen = next((m for m in request.memberships if str(m.pk) == request.POST.get("membership")), None)
    if chosen is not None:
        request.session["tenant"] = (chosen.tenant_id, chosen.env)
    return redirect("sessions:list")


def _with_seen(request: OperatorRequest, now: list[RecordingSession]) -> list[RecordingSession]:
    """The rows on the reader's screen in the order that they have there, new ones above them."""
    seen = []
    for text in request.GET.getlist("id")[:PAGE_SIZE]:
        try:
            seen.append(UUID(text))
        except ValueError:
            continue
    found = RecordingSession.objects.in_tenant(request.context).defer("notes").in_bulk(seen)
    return [session for session in now if session.pk not in found] + [found[pk] for pk in seen if pk in found]


def _draw_list(request: OperatorRequest, query: Query, sessions: list[RecordingSession]) -> LivePart:
    """The tabs with their counts and the rows, kept up to date while somebody looks."""
    summaries.attach(sessions)
    kept = [(name, value) for name, value in request.GET.items() if value and name not in ("seen", "id")]
    url = f"{reverse('sessions:list')}?{urlencode([*kept, *(('id', session.pk) for session in sessions)])}"
    notices = summaries.notices(request.context)
    moving = any(getattr(summary, "moving", False) for session in sessions for summary in session.summary.values())
    tabs = [
        Tab(name, label, query.counts[name], _url(request, show=name), name == query.show)
        for name, (label, _) in TABS.items()
    ]
    facts = {
        "rows": [_drawn(_row(session)) for session in sessions],
        "tabs": tabs,
        "show": query.show,
        "filtered": query.filtered,
        "unfiltered_url": _unfiltered_url(query),
        "any": query.filtered or bool(query.projects),
        "notices": notices,
    }
    every = REFRESH_SECONDS if moving or notices else IDLE_SECONDS
    return live(request, "sessions/_rows.html", facts, name="rows", url=url, every=every)


def _row(session: RecordingSession) -> Row:
    return Row(
        pk=session.pk,
        title=session.title,
        date=session.date,
        project_id=session.project_id,
        location=session.location,
        added=_ago(session.created_at),
        status=session.status,
        status_reason=session.status_reason,
        media=session.summary.get("media"),
        sync=session.summary.get("sync"),
    )


def _ago(moment: datetime) -> str:
    """How long ago, not finer than minutes: a row that changes by the second is drawn anew by the second."""
    return "just now" if timezone.now() - moment < timedelta(minutes=1) else naturaltime(moment)


@lru_cache(maxsize=2048)
def _drawn(row: Row) -> str:
    """The row's HTML. Templates are slow, and few rows change between two looks."""
    return render_to_string("sessions/_row.html", {"row": row})


def _one_page(request: OperatorRequest, sessions: QuerySet[RecordingSession], count: int) -> Page:
    sort = request.GET.get("sort", "newest")
    if sort in summaries.orders():
        ranked: Page = Paginator(list(summaries.orders()[sort].rank(sessions)), PAGE_SIZE).get_page(
            request.GET.get("page")
        )
        found = sessions.in_bulk(list(ranked.object_list))
        ranked.object_list = [found[pk] for pk in ranked.object_list if pk in found]
        return ranked
    _, columns = ORDERS.get(sort, ORDERS["newest"])
    paginator: Paginator = Paginator(sessions.order_by(*columns), PAGE_SIZE)
    # Counted already, with the other tabs.
    paginator.count = count  # type: ignore[misc]
    return paginator.get_page(request.GET.get("page"))


def _url(request: OperatorRequest, **changes) -> str:
    kept = {name: value for name, value in request.GET.items() if value and name not in ("page", "seen", "id")}
    return f"{reverse('sessions:list')}?{urlencode(kept | changes)}"
