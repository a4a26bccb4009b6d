"""Where browsers' sign-ins are kept: Django's table, read by every click."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from sessions_app.models.compiled import CompiledQuery

_SIGN_IN = CompiledQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), key=CharField(), now=DateTimeField()
)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        found = _SIGN_IN.first(key=self.session_key, now=timezone.now())
        return super()._get_session_from_db() if found is None else found  # type: ignore[misc]
