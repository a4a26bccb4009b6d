"""The page behind an invitation's link: join a tenant, with a new account or the one that is signed in."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sessions_app.errors import StudioError
from sessions_app.pages.forms import JoinForm
from sessions_app.services import accounts
from sessions_app.web import limits

BACKEND = "sessions_app.web.auth.Accounts"


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """GET/POST /invitation/{key}/."""
    try:
        if address := limits.client_address(request):
            limits.hit("sign_in_address", address)
        answer = _joined(request, key) if request.method == "POST" else _asked(request, key, JoinForm())
    except StudioError as error:
        answer = render(request, "sessions/refused.html", {"error": error}, status=error.status)
        for name, value in getattr(error, "headers", {}).items():
            answer[name] = value
    add_never_cache_headers(answer)
    return answer


def _asked(request: HttpRequest, key: str, form: JoinForm, status: int = 200) -> HttpResponse:
    invitation = accounts.open_invitation(key)
    return render(request, "account/join.html", {"invitation": invitation, "form": form}, status=status)


def _joined(request: HttpRequest, key: str) -> HttpResponse:
    if request.user.is_authenticated:
        invitation = accounts.accept(key, request.user)
        request.session["tenant"] = (invitation.tenant_id, invitation.env)
        messages.success(request, f"You joined {invitation.tenant_id}.")
        return redirect("sessions:list")
    accounts.open_invitation(key)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _asked(request, key, form, status=400)
    name, password = form.cleaned_data["username"], form.cleaned_data["password1"]
    login(request, accounts.accept_as_new_user(key, username=name, password=password), backend=BACKEND)
    messages.success(request, f"Welcome to Studio, {name}.")
    return redirect("sessions:list")
