"""Operators of a benchmark's database."""

from typing import Any

#: The CSRF token that every benchmark sends, as cookie and as header.
CSRF = "b" * 32


def signed_in(user: Any) -> str:
    """The session cookie of a user who has signed in."""
    # Django may be imported only once the benchmark has set the environment.
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    login = SessionStore()
    login[SESSION_KEY], login[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    login[BACKEND_SESSION_KEY] = "sessions_app.web.auth.Accounts"
    login.create()
    return str(login.session_key)
