"""Sign-in for pages and admin, with limits by address, by name and by both."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sessions_app.core.names import canonical
from sessions_app.web import limits
from sessions_app.web.limits import TooManyRequests


def count_attempt(request: HttpRequest) -> None:
    """Count attempts from an address, of a name from an address, and of a name from anywhere. Raises TooManyRequests.

    The last limit is wide, because it also stops the name's owner. Behind a proxy that was not declared, the name alone counts.
    """
    address, name = limits.client_address(request), canonical(request.POST.get("username", ""))
    if address:
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
