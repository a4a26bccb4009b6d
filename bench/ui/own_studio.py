"""A Studio of the bench's own, with somebody signed in."""

import os
import secrets
from pathlib import Path
from typing import Any


def place(folder: Path) -> None:
    """Have Studio keep everything in a folder: its settings are read from the environment."""
    os.environ |= {
        "STUDIO_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'studio.sqlite3'}",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "LOG_LEVEL": "WARNING",
    }


def set_up() -> tuple[Any, dict[str, str]]:
    """A new database; answers a user of it, and the cookie that signs them in."""
    # Django may be imported only once the environment has its settings.
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    from sessions_app.models import Membership

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    user = get_user_model().objects.create_user("bench", password=secrets.token_hex())
    Membership.objects.create(user=user, tenant_id="t_local", env="dev")
    client = Client()
    client.force_login(user)
    return user, {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
