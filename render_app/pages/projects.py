"""Pages over video projects: the list, and one with its sequences drawn to scale, its render and its films."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app.pages.refresh import BUSY, IDLE
from render_app.core import catalogue
from render_app.models import VideoProject
from render_app.services import project_pages, render_rows, timelines
from sessions_app.web.pages import LivePart, OperatorRequest, is_part, live, page

PAGE_SIZE, RENDERS = 50, 10


@require_GET
@page
def project_list(request: OperatorRequest) -> HttpResponse:
    """GET /projects/?search=&page=: the tenant's projects, the newest first."""
    search = request.GET.get("search", "")[:200]
    shown = Paginator(project_pages.searched(request.context, search), PAGE_SIZE).get_page(request.GET.get("page"))
    facts = {"page": shown, "pages": _numbers(shown, {"search": search}), "search": search}
    return render(request, "render/projects.html", facts)


@require_GET
@page
def one_project(request: OperatorRequest, project_id: UUID) -> HttpResponse:
    """GET /projects/{id}/?page=: its sequences with their tracks, clips, transitions and filters, what to know of them, and its
    renders."""
    project = timelines.find(request.context, "project", project_id)
    rows, renders = _renders(request, project)
    if is_part(request, "renders"):
        return renders.alone(request)
    facts = {
        "project": project,
        "sequences": [project_pages.sequence_page(row) for row in project.sequences.all()],
        "profiles": list(catalogue.profiles().values()),
        "renders": renders,
        "film": next((row for row in rows if row.film and not row.film.withheld and (row.plays or row.preview)), None),
    }
    return render(request, "render/project.html", facts)


def _renders(request: OperatorRequest, project: VideoProject) -> tuple[list[render_rows.RenderRow], LivePart]:
    """The renders of a project, kept up to date while somebody looks."""
    shown = Paginator(render_rows.ids_of(project), RENDERS).get_page(request.GET.get("page"))
    rows = render_rows.rows_of(project, shown.object_list)
    facts = {"project": project, "rows": rows, "page": shown, "pages": _numbers(shown, {})}
    url = f"{reverse('projects:one', args=[project.pk])}?page={shown.number}"
    every = BUSY if any(row.working for row in rows) else IDLE
    return rows, live(request, "render/_renders.html", facts, name="renders", url=url, every=every)


def _numbers(shown: Any, asked: dict[str, str]) -> list[tuple[Any, str]]:
    """The numbers of a list's pages with their addresses."""
    numbers = shown.paginator.get_elided_page_range(shown.number)
    return [(number, f"?{urlencode({**asked, 'page': number})}") for number in numbers]
