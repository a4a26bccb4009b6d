"""Pages over video projects: the list, and one with its sequences drawn to scale."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from render_app.services import project_pages, timelines
from sessions_app.web.pages import OperatorRequest, page

PAGE_SIZE = 50


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
    """GET /projects/{id}/: its sequences with their tracks, clips, transitions and filters, and what to know of them."""
    project = timelines.find(request.context, "project", project_id)
    sequences = [project_pages.sequence_page(row) for row in project.sequences.all()]
    return render(request, "render/project.html", {"project": project, "sequences": sequences})


def _numbers(shown: Any, asked: dict[str, str]) -> list[tuple[Any, str]]:
    """The numbers of a list's pages with their addresses."""
    numbers = shown.paginator.get_elided_page_range(shown.number)
    return [(number, f"?{urlencode({**asked, 'page': number})}") for number in numbers]
