"""The session's state machine: every move, allowed or refused."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from sessions_app.errors import WrongStatus
from sessions_app.models import RecordingSession
from sessions_app.services import advance, session_advanced
from tests.support.factories import a_session, an_asset

pytestmark = pytest.mark.django_db

ALLOWED = {
    ("draft", "ingesting"),
    ("ingesting", "syncing"), ("ingesting", "needs-review"), ("ingesting", "draft"),
    ("syncing", "needs-review"), ("syncing", "ingesting"),
    ("needs-review", "ready"), ("needs-review", "syncing"), ("needs-review", "ingesting"),
    ("ready", "syncing"), ("ready", "ingesting"), ("ready", "needs-review"),
}  # fmt: skip
STATUSES = [status.value for status in RecordingSession.Status]


@pytest.mark.parametrize(("come_from", "to"), list(product(STATUSES, STATUSES)))
def test_a_session_moves_as_the_table_says_and_not_otherwise(come_from, to):
    session = a_session(status=come_from)
    an_asset(session, "A")
    an_asset(session, "B")
    heard = []
    listen = lambda session, came_from, **_: heard.append((came_from, session.status))  # noqa: E731
    session_advanced.connect(listen)
    try:
        if (come_from, to) in ALLOWED or come_from == to:
            advance(session, to=to, reason="because")
            expected = to
        else:
            with pytest.raises(WrongStatus, match=f"{come_from} cannot become {to}"):
                advance(session, to=to)
            expected = come_from
    finally:
        session_advanced.disconnect(listen)
    session.refresh_from_db()
    assert session.status == expected
    assert heard == ([(come_from, to)] if expected != come_from else [])


def test_entering_syncing_queues_the_sync():
    session = a_session(status="ingesting")
    an_asset(session, "A")
    an_asset(session, "B")
    advance(session, to="syncing")
    assert session.jobs.get().type == "sync_session_v1"


def test_a_reason_longer_than_its_column_is_cut():
    session = a_session(status="ingesting")
    advance(session, to="needs-review", reason="x" * 1000)
    session.refresh_from_db()
    assert len(session.status_reason) == 500


def test_the_database_knows_no_other_status():
    with pytest.raises(IntegrityError), transaction.atomic():
        a_session(status="lost")
