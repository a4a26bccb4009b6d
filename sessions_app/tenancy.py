"""Who acts, and in whose name: the one place where a request's tenant is decided."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions_app.errors import Forbidden, InvalidInput

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
    from django.http import HttpRequest

TENANT_ID = re.compile(r"^t_[a-z0-9_-]+$")
ENVS = ("dev", "stage", "prod")
NO_TENANT = "You are signed in, but no tenant is open to you here. Ask an administrator to add you to one."


@dataclass(frozen=True, slots=True)
class Context:
    """One caller acting in one tenant and environment."""

    tenant_id: str
    env: str
    user: "AbstractBaseUser | AnonymousUser | None" = None

    @property
    def actor(self) -> str:
        """The caller's name, for the record of who did what."""
        return self.user.get_username() if self.user is not None else "system"

    def stamp(self) -> dict[str, str]:
        """The two columns that every stored record carries."""
        return {"tenant_id": self.tenant_id, "env": self.env}


def context_of(request: "HttpRequest") -> Context:
    """The tenant that `request` acts in: a token's own; else the one asked for by header; else the one chosen in the
    browser session; else the user's first.

    Raises Forbidden when the user has no such tenant, InvalidInput when a header is malformed.
    """
    token = getattr(request, "auth", None)
    tenant_id, env = _asked_for(request)
    if token is not None and hasattr(token, "tenant_id"):
        if (tenant_id or token.tenant_id, env or token.env) != (token.tenant_id, token.env):
            raise Forbidden(NO_TENANT)
        return Context(token.tenant_id, token.env, request.user)
    if tenant_id is None and hasattr(request, "session"):
        tenant_id, env = request.session.get("tenant", (None, env))
    membership = _membership(request.user, tenant_id, env)
    if membership is None:
        raise Forbidden(NO_TENANT)
    return Context(membership.tenant_id, membership.env, request.user)


def _asked_for(request: "HttpRequest") -> tuple[str | None, str | None]:
    tenant_id, env = request.headers.get("X-Tenant-Id"), request.headers.get("X-Env")
    if tenant_id is not None and not TENANT_ID.match(tenant_id):
        raise InvalidInput(
            "X-Tenant-Id must look like 't_name': small letters, digits, '_' and '-' after 't_'.", field="X-Tenant-Id"
        )
    if env is not None and env not in ENVS:
        raise InvalidInput(f"X-Env must be one of {', '.join(ENVS)}.", field="X-Env")
    return tenant_id, env


def _membership(user, tenant_id: str | None, env: str | None):
    from sessions_app.models import Membership

    memberships = Membership.objects.filter(user_id=user.pk).order_by("pk")
    if tenant_id is not None:
        memberships = memberships.filter(tenant_id=tenant_id)
    if env is not None:
        memberships = memberships.filter(env=env)
    return memberships.first()
