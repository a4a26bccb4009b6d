"""Signing in, for pages and admin: a guesser is slowed down by address, by name, and by both."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sessions_app.web import limits
from sessions_app.web.limits import TooManyRequests


def count_attempt(request: HttpRequest) -> None:
    """Raises TooManyRequests. What is counted: tries from an address, tries of a name from an address, and tries of a name
    from anywhere; the last bound is wide, for it also holds up the name's owner."""
    address, name = limits.client_address(request), request.POST.get("username", "")[:150].strip().casefold()
    limits.hit("sign_in_address", address)
    limits.hit("sign_in", f"{address} {name}")
    limits.hit("sign_in_name", name)


def too_many(request: HttpRequest, error: TooManyRequests) -> HttpResponse:
    answer = render(request, "sign_in.html", {"too_many": error.message, "next": ""}, status=error.status)
    for name, value in error.headers.items():
        answer[name] = value
    return answer


class SignIn(LoginView):
    template_name = "sign_in.html"
    redirect_authenticated_user = True

    def post(self, request, *args, **kwargs):
        try:
            count_attempt(request)
        except TooManyRequests as error:
            return too_many(request, error)
        return super().post(request, *args, **kwargs)
