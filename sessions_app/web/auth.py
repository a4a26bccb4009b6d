"""Authentication: a token or a signed-in browser, and the tenant."""

from collections.abc import Mapping

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from sessions_app.models import AccessToken
from sessions_app.tenancy import MEMBERSHIPS, context_named, context_of, names_tenant
from sessions_app.web import limits


class Accounts(ModelBackend):
    """Django's accounts. A user is read together with their memberships: every request asks for both."""

    def authenticate(self, request, username=None, password=None, **others):
        user = super().authenticate(request, username, password, **others)
        if user is None:
            # The next backend, kept for sessions from before this one, would try the same password again.
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
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"token":
            return None
        token = AccessToken.find(parts[1].decode("ascii", "replace")) if len(parts) == 2 else None
        if token is None:
            # Counted only now: a valid token is never refused for the mistakes of others at its address.
            if address := limits.client_address(request):
                limits.hit("bad_token", address)
            raise AuthenticationFailed(
                "This token is unknown, revoked or expired. Create a new one on your account page, or ask an administrator."
            )
        return token.user, token

    def authenticate_header(self, request):
        return "Token"


class BrowserAuthentication(SessionAuthentication):
    """The session cookie with CSRF; 401 instead of 403 for a caller who is not signed in."""

    def authenticate_header(self, request):
        return "Token"


class InTenant(BasePermission):
    """Signed in, with access to the tenant. Sets the request's `context`."""

    def has_permission(self, request, view):
        if not request.user or not request.user.is_authenticated:
            return False
        request.context = context_of(request)
        return True


class InNamedTenant(BasePermission):
    """As `InTenant`, for the engine routes: the request names its tenant and env in the body, the query or the headers.
    A view with `tenant_optional` may be asked without."""

    def has_permission(self, request, view):
        if not request.user or not request.user.is_authenticated:
            return False
        body = body_of(request)
        if getattr(view, "tenant_optional", False) and not names_tenant(request, body):
            request.context = context_of(request)
        else:
            request.context = context_named(request, body)
        return True


def body_of(request) -> Mapping:
    """The fields of a request's body; none where it has no body, or one that is no object."""
    return request.data if isinstance(request.data, Mapping) else {}
