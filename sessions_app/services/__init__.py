"""The verbs of a shoot: make it, describe it, move it along."""

from typing import overload
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Field, QuerySet, UUIDField
from django.dispatch import Signal

from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound, WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.models.compiled import CompiledQuery

_NAMED: dict[str, Field] = {"tenant": CharField(), "env": CharField(), "session": UUIDField()}


def _by_id(tenant, env, session) -> QuerySet[RecordingSession]:
    return RecordingSession.objects.in_tenant(Context(tenant, env)).filter(pk=session)


_SESSION = CompiledQuery(lambda **named: _by_id(**named)[:1], **_NAMED)
_LOCKED_SESSION = CompiledQuery(lambda **named: _by_id(**named).select_for_update()[:1], **_NAMED)

#: Sent inside the transaction that moved a session. Arguments: `session`, `came_from` (its status before).
#: `studio/pipeline.py` alone listens: it knows which status starts which work.
session_advanced = Signal()


def create_session(context: Context, **fields) -> RecordingSession:
    return RecordingSession.objects.create(
        **context.stamp(), created_by_id=context.user.pk if context.user is not None else None, **fields
    )


def get_session(context: Context, session_id, *, lock: bool = False) -> RecordingSession:
    """The caller's session. Another tenant's is as unknown as one that never was."""
    read = _LOCKED_SESSION if lock else _SESSION
    session = read.first(tenant=context.tenant_id, env=context.env, session=session_id)
    if session is None:
        raise NotFound(f"There is no session {session_id} here. Check the id, or list the sessions you can see.")
    return session


@overload
def lock_session(session_id: UUID) -> RecordingSession: ...
@overload
def lock_session(session_id: UUID | None) -> RecordingSession | None: ...
def lock_session(session_id: UUID | None) -> RecordingSession | None:
    """The session, locked until the transaction ends; None for a file without a session. Everything that decides what a shoot
    does next comes through here, so that of two workers finishing at once the second sees what the first did."""
    if session_id is None:
        return None
    return RecordingSession.objects.select_for_update().get(pk=session_id)


def lock_session_with(**owned) -> RecordingSession | None:
    """The session of a row, by its reverse relation, locked as by `lock_session`; None where the row or its session is gone."""
    return RecordingSession.objects.select_for_update(of=("self",)).filter(**owned).first()


def update_session(context: Context, session_id, changes: dict) -> RecordingSession:
    with transaction.atomic():
        session = get_session(context, session_id, lock=True)
        for name, value in changes.items():
            setattr(session, name, value)
        session.save(update_fields=[*changes, "updated_at"])
    return session


def remove_session(session: RecordingSession) -> None:
    """Remove a shoot with all it holds, its audit trail too; other apps' receivers end its work and delete its files."""
    with transaction.atomic():
        held = RecordingSession.objects.select_for_update().filter(pk=session.pk).first()
        if held is not None:
            held.delete()


def advance(session: RecordingSession, *, to: str, reason: str = "", anew: bool = False) -> None:
    """Move a locked session and signal the pipeline. Staying where it is only changes the reason, unless what the status rests on has
    changed: `anew` starts its work again.

    Raises WrongStatus when the table of moves does not have it.
    """
    if not session.may_move_to(to):
        raise WrongStatus(f"A session that is {session.status} cannot become {to}.")
    came_from, session.status, session.status_reason = session.status, to, reason[:500]
    session.save(update_fields=["status", "status_reason", "updated_at"])
    if came_from != to or anew:
        session_advanced.send(sender=RecordingSession, session=session, came_from=came_from)
