"""Pages over video projects: the list, and one with its sequences drawn to scale."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from render_app.services import project_pages, timelines
from sessions_app.web.pages import OperatorRequest, page


@require_GET
@page
def project_list(request: OperatorRequest) -> HttpResponse:
    """GET /projects/: the tenant's projects."""
    return render(request, "render/projects.html", {"projects": project_pages.rows(request.context)})


@require_GET
@page
def one_project(request: OperatorRequest, project_id: UUID) -> HttpResponse:
    """GET /projects/{id}/: its sequences with their tracks, clips, transitions and filters, and what to know of them."""
    project = timelines.find(request.context, "project", project_id)
    sequences = [project_pages.sequence_page(row) for row in project.sequences.all()]
    return render(request, "render/project.html", {"project": project, "sequences": sequences})
