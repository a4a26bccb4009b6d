"""The operator of a local installation, with a password and a token that only this machine's owner can read."""

import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from sessions_app.models import AccessToken, Membership

NAME = "operator"


def local_operator(url: str = "") -> dict[str, str]:
    """`url, username, password, token`, kept in var/local-operator.json (mode 600). What is there is used again, the
    address too where none is given, as by a server that will not stay; a
    password of a fresh database, a lost one, and a token that stopped working are replaced. `password` is empty when the
    operator has chosen another on the account page."""
    path = settings.VAR_DIR / "local-operator.json"
    known = _read(path)
    with transaction.atomic():
        user, created = get_user_model().objects.get_or_create(
            username=NAME, defaults={"is_staff": True, "is_superuser": True}
        )
        password = _password(user, known.get("password"), created)
        Membership.objects.get_or_create(user=user, tenant_id=settings.DEFAULT_TENANT, env=settings.DEFAULT_ENV)
        token = known.get("token", "")
        if not token or AccessToken.find(token) is None:
            _, token = AccessToken.issue(
                user=user, tenant_id=settings.DEFAULT_TENANT, env=settings.DEFAULT_ENV, name="local operator"
            )
    found = {"url": url or known.get("url", ""), "username": NAME, "password": password, "token": token}
    if found != known:
        _write(path, found)
    return found


def _password(user, known: str | None, created: bool) -> str:
    """The operator's password: the known one, a new one, or nothing where the operator has changed it."""
    if known is not None and not created and (known == "" or not user.check_password(known)):
        return ""
    if not known or created:
        known = known or secrets.token_urlsafe(12)
        user.set_password(known)
        user.save()
    return known


def _read(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def _write(path: Path, found: dict[str, str]) -> None:
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(found, file, indent=2)
    draft.replace(path)
