"""The help page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sessions_app.web.pages import account_page


@require_safe
@account_page
def help_page(request: HttpRequest) -> HttpResponse:
    """GET /help/: how a shoot goes through Studio, and what to do where it does not."""
    return render(request, "help.html")
