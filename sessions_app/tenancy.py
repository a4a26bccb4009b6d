"""Who acts, and in whose name: the one place where a request's tenant is decided."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import IntegerField

from sessions_app.core import trace
from sessions_app.core.tenant import ENVS, TENANT_ID, Context
from sessions_app.errors import Forbidden, InvalidInput
from sessions_app.models import Membership
from sessions_app.models.compiled import CompiledQuery

if TYPE_CHECKING:
    from django.http import HttpRequest

#: The field of an engine route's body or query → the header that says the same.
NAMED_BY = {"tenant_id": "X-Tenant-Id", "env": "X-Env"}
MAX_USER_ID = 150
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
    tenant_id, env = _asked_for(request)
    return _acting_in(request, tenant_id, env, memberships_of(request.user) if memberships is None else memberships)


def context_named(request: "HttpRequest", body: Mapping[str, Any]) -> Context:
    """The tenant that a request of the engine routes names, in its `body`, its query or its headers.

    Raises InvalidInput naming the field that is missing, malformed or said twice differently; Forbidden for a caller who is
    no member.
    """
    tenant_id, env = (_named(request, body, field) for field in NAMED_BY)
    _refuse_malformed(tenant_id, env, "tenant_id", "env")
    return _acting_in(request, tenant_id, env, memberships_of(request.user))


def names_tenant(request: "HttpRequest", body: Mapping[str, Any]) -> bool:
    """Whether a request names a tenant or an env outside its headers."""
    return any(place.get(field) for field in NAMED_BY for place in (body, request.GET))


def user_named(request: "HttpRequest", body: Mapping[str, Any]) -> str:
    """The user that a request names, as given; without one, the account that is signed in. Raises InvalidInput."""
    found = _said(request, body, "user_id", "X-User-Id")
    user_id = next(iter(found.values()), request.user.get_username())
    if not user_id.isprintable() or len(user_id) > MAX_USER_ID:
        raise InvalidInput(f"user_id is at most {MAX_USER_ID} printable characters.", field="user_id")
    return user_id


def _named(request: "HttpRequest", body: Mapping[str, Any], field: str) -> str:
    header = NAMED_BY[field]
    found = _said(request, body, field, header)
    if not found:
        raise InvalidInput(
            f"{field} is missing. Name it in the body, in the query or in the header {header}.", field=field
        )
    if len(set(found.values())) > 1:
        said = " and ".join(f"{value} in the {place}" for place, value in found.items())
        raise InvalidInput(f"{field} is {said}. Send one.", field=field)
    return next(iter(found.values()))


def _said(request: "HttpRequest", body: Mapping[str, Any], field: str, header: str) -> dict[str, str]:
    """Where a request says it → what it says there."""
    said = {"body": body.get(field), "query": request.GET.get(field), "header": request.headers.get(header)}
    found = {place: value for place, value in said.items() if value not in (None, "")}
    for value in found.values():
        if not isinstance(value, str):
            raise InvalidInput(f"{field} is text.", field=field)
    return found


def _acting_in(
    request: "HttpRequest", tenant_id: str | None, env: str | None, memberships: list[Membership]
) -> Context:
    token = getattr(request, "auth", None)
    if token is not None and hasattr(token, "tenant_id"):
        if (tenant_id or token.tenant_id, env or token.env) != (token.tenant_id, token.env):
            raise Forbidden(
                f"This token works in {token.tenant_id}, {token.env} alone. Use a token of the tenant that you name."
            )
        # The token is worth no more than its owner: who was taken out of the tenant has no key to it either.
        if _first(memberships, token.tenant_id, token.env) is None:
            raise Forbidden(_no_access(token.tenant_id, token.env))
        return _noted(Context(token.tenant_id, token.env, request.user))
    if tenant_id is None and hasattr(request, "session"):
        tenant_id, env = request.session.get("tenant", (None, env))
    membership = _first(memberships, tenant_id, env)
    if membership is None:
        raise Forbidden(_no_access(tenant_id, env))
    return _noted(Context(membership.tenant_id, membership.env, request.user))


def _no_access(tenant_id: str | None, env: str | None) -> str:
    asked = ", ".join(part for part in (tenant_id, env) if part)
    return f"You don't have access to {asked}. Ask an administrator of it to add you." if asked else NO_TENANT


def _noted(context: Context) -> Context:
    trace.note(tenant=f"{context.tenant_id}/{context.env}")
    return context


def _asked_for(request: "HttpRequest") -> tuple[str | None, str | None]:
    tenant_id, env = request.headers.get("X-Tenant-Id"), request.headers.get("X-Env")
    _refuse_malformed(tenant_id, env, *NAMED_BY.values())
    return tenant_id, env


def _refuse_malformed(tenant_id: str | None, env: str | None, tenant_field: str, env_field: str) -> None:
    if tenant_id is not None and not TENANT_ID.match(tenant_id):
        raise InvalidInput(
            f"{tenant_field} must look like 't_name': small letters, digits, '_' and '-' after 't_'.",
            field=tenant_field,
        )
    if env is not None and env not in ENVS:
        raise InvalidInput(f"{env_field} must be one of {', '.join(ENVS)}.", field=env_field)


def _first(memberships: list[Membership], tenant_id: str | None, env: str | None) -> Membership | None:
    fitting = (m for m in memberships if tenant_id in (None, m.tenant_id) and env in (None, m.env))
    return next(fitting, None)
