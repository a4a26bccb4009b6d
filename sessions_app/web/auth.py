"""Who is calling: a token or a signed-in browser, and in which tenant."""

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from sessions_app.models import AccessToken
from sessions_app.tenancy import MEMBERSHIPS, context_of
from sessions_app.web import limits


class Accounts(ModelBackend):
    """Django's accounts. Whoever is signed in is read together with where they may act: every request asks for both."""

    def authenticate(self, request, username=None, password=None, **others):
        user = super().authenticate(request, username, password, **others)
        if user is None:
            # Else the next backend, there for those who signed in before this one was, would try the same password again.
            raise PermissionDenied
        return user

    def get_user(self, user_id):
        memberships = MEMBERSHIPS.all(user=user_id)
        if not memberships:
            return super().get_user(user_id)
        user = memberships[0].user
        user.memberships_read = memberships  # type: ignore[attr-defined]
        return user if self.user_can_authenticate(user) else None


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token …`."""

    def authenticate(self, request):
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"token":
            return None
        address = limits.client_address(request)
        limits.refuse_if_spent("bad_token", address)
        token = AccessToken.find(words[1].decode("ascii", "replace")) if len(words) == 2 else None
        if token is None:
            limits.hit("bad_token", address)
            raise AuthenticationFailed("This token is unknown, revoked or expired. Ask an administrator for a new one.")
        return token.user, token

    def authenticate_header(self, request):
        return "Token"


class BrowserAuthentication(SessionAuthentication):
    """The session cookie, with CSRF; answers 401, not 403, to a caller who is not signed in."""

    def authenticate_header(self, request):
        return "Token"


class InTenant(BasePermission):
    """Signed in, and given the tenant. Puts the caller's `context` on the request for the view."""

    def has_permission(self, request, view):
        if not request.user or not request.user.is_authenticated:
            return False
        request.context = context_of(request)
        return True
