"""The operator of a local installation: made once, with a password and a token that only this machine's owner can read."""

import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from sessions_app.models import AccessToken, Membership

NAME = "operator"


def local_operator(url: str) -> dict[str, str]:
    """`url, username, password, token`, kept in var/local-operator.json (mode 600). What is there is used again; a
    password or token that stopped working is replaced."""
    path = settings.VAR_DIR / "local-operator.json"
    known = _read(path)
    with transaction.atomic():
        user, _ = get_user_model().objects.get_or_create(
            username=NAME, defaults={"is_staff": True, "is_superuser": True}
        )
        password = known.get("password", "")
        if not password or not user.check_password(password):
            password = secrets.token_urlsafe(12)
            user.set_password(password)
            user.save()
        Membership.objects.get_or_create(user=user, tenant_id=settings.DEFAULT_TENANT, env=settings.DEFAULT_ENV)
        token = known.get("token", "")
        if not token or AccessToken.find(token) is None:
            _, token = AccessToken.issue(
                user=user, tenant_id=settings.DEFAULT_TENANT, env=settings.DEFAULT_ENV, name="local operator"
            )
    found = {"url": url, "username": NAME, "password": password, "token": token}
    if found != known:
        _write(path, found)
    return found


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
