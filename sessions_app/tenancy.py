"""Who acts, and in whose name: the one place where a request's tenant is decided."""

from typing import TYPE_CHECKING

from django.db.models import IntegerField

from sessions_app import trace
from sessions_app.compiled import CompiledQuery
from sessions_app.core.tenant import ENVS, TENANT_ID, Context
from sessions_app.errors import Forbidden, InvalidInput
from sessions_app.models import Membership

if TYPE_CHECKING:
    from django.http import HttpRequest

NO_TENANT = "You are signed in, but you don't have access to a tenant. Ask an administrator to add you to one."

#: Where a user may act, and who that is.
MEMBERSHIPS = CompiledQuery(
    lambda user: Membership.objects.select_related("user").filter(user_id=user).order_by("pk"), user=IntegerField()
)


def memberships_of(user) -> list[Membership]:
    """Where the user may act, the first given first: as read with the user (`auth.Accounts`), or now."""
    read = getattr(user, "memberships_read", None)
    return MEMBERSHIPS.all(user=user.pk) if read is None else read


def context_of(request: "HttpRequest", memberships: list[Membership] | None = None) -> Context:
    """The tenant that `request` acts in: a token's own; else the one asked for by header; else the one chosen in the
    browser session; else the user's first. `memberships` of its user, where the caller has read them.

    Raises Forbidden when the user has no such tenant, InvalidInput when a header is malformed.
    """
    token = getattr(request, "auth", None)
    tenant_id, env = _asked_for(request)
    if memberships is None:
        memberships = memberships_of(request.user)
    if token is not None and hasattr(token, "tenant_id"):
        if (tenant_id or token.tenant_id, env or token.env) != (token.tenant_id, token.env):
            raise Forbidden(NO_TENANT)
        # The token is worth no more than its owner: who was taken out of the tenant has no key to it either.
        if _first(memberships, token.tenant_id, token.env) is None:
            raise Forbidden(NO_TENANT)
        return _noted(Context(token.tenant_id, token.env, request.user))
    if tenant_id is None and hasattr(request, "session"):
        tenant_id, env = request.session.get("tenant", (None, env))
    membership = _first(memberships, tenant_id, env)
    if membership is None:
        raise Forbidden(NO_TENANT)
    return _noted(Context(membership.tenant_id, membership.env, request.user))


def _noted(context: Context) -> Context:
    trace.note(tenant=f"{context.tenant_id}/{context.env}")
    return context


def _asked_for(request: "HttpRequest") -> tuple[str | None, str | None]:
    tenant_id, env = request.headers.get("X-Tenant-Id"), request.headers.get("X-Env")
    if tenant_id is not None and not TENANT_ID.match(tenant_id):
        raise InvalidInput(
            "X-Tenant-Id must look like 't_name': small letters, digits, '_' and '-' after 't_'.", field="X-Tenant-Id"
        )
    if env is not None and env not in ENVS:
        raise InvalidInput(f"X-Env must be one of {', '.join(ENVS)}.", field="X-Env")
    return tenant_id, env


def _first(memberships: list[Membership], tenant_id: str | None, env: str | None) -> Membership | None:
    fitting = (m for m in memberships if tenant_id in (None, m.tenant_id) and env in (None, m.env))
    return next(fitting, None)
