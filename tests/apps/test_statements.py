"""Reads that are composed once answer what the QuerySet would that they are made of."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from media_app.models import Upload
from sessions_app.compiled import Among, Ids, Read
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.services import get_session
from sessions_app.web.browser import SessionStore
from sync_app.models import SyncDecision
from tests import factories

import_module("studio.urls")
APPS = ("sessions_app", "media_app", "sync_app", "render_app", "studio")
READS = {
    f"{module.__name__}.{name}": value
    for module in [module for name, module in sys.modules.items() if name.split(".")[0] in APPS]
    for name, value in vars(module).items()
    if isinstance(value, Read)
}
TITLES = Read(
    lambda sessions: RecordingSession.objects.filter(Among("pk", sessions)).order_by("title").values_list("title"),
    sessions=Ids(),
)


@pytest.fixture
def shoot(db):
    return a_shoot()


def a_shoot() -> dict:
    """A session with something in every table that a click reads; by the name of each gap, what stands in it."""
    user = factories.a_user("ann", "t_other")
    session = factories.a_synced_session("ABC", title="Lesson", notes="long")
    for asset in session.assets.all():
        factories.a_derivative(asset, "thumbnail")
        factories.a_job("ingest_asset_v1", session=session, asset=asset)
        facts = {"version": 2, "key": f"next/{asset.pk}", "filename": "a.mp4", "size_bytes": 10, "part_size": 5}
        Upload.objects.create(**session.context.stamp(), asset=asset, **facts)
    before, result = {"B": 0.0}, session.sync_results.get()
    given = {"actor": "ann", "decided_by": "Ann", "offsets_before": before, "offsets_after": {"B": 1.5}}
    SyncDecision.objects.create(**session.context.stamp(), session=session, result=result, action="corrected", **given)
    browser = SessionStore()
    browser["who"] = "ann"
    browser.create()
    return {
        "tenant": session.tenant_id,
        "env": session.env,
        "session": session.pk,
        "sessions": [session.pk, factories.a_session(title="Another").pk],
        "created_at": session.created_at,
        "user": user.pk,
        "key": browser.session_key,
        "now": timezone.now(),
    }


def told(one) -> object:
    """All that was read of a record, and of those that were read with it."""
    if not isinstance(one, models.Model):
        return tuple(one)
    beside = {name: told(other) for name, other in one._state.fields_cache.items() if other is not None}
    return type(one), {name: value for name, value in vars(one).items() if name != "_state"}, beside


def asked(read: Read, values: dict) -> tuple[list, list]:
    """What the read answers, and what its QuerySet does."""
    values = {name: values[name] for name in read._gaps}
    lists = {name: models.Value(values[name], field) for name, field in read._gaps.items() if isinstance(field, Ids)}
    ordinary = read._compose(**values | lists)
    kept = (
        read.all(**values) if issubclass(ordinary._iterable_class, models.query.ModelIterable) else read.rows(**values)
    )
    return [told(one) for one in kept], [told(one) for one in ordinary]


def test_there_are_reads_in_every_room_that_a_click_goes_through():
    assert {name.rpartition(".")[0] for name in READS} >= {
        "sessions_app.web.browser", "sessions_app.web.auth", "sessions_app.services", "sessions_app.pages",
        "media_app.services.summaries", "sync_app.services.summaries", "sync_app.services.review_page",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(READS))
def test_a_read_answers_what_its_queryset_does(shoot, name):
    with transaction.atomic():
        kept, ordinary = asked(READS[name], shoot)
    assert kept == ordinary
    assert kept


@pytest.mark.parametrize("name", sorted(READS))
def test_its_gaps_are_filled_anew_each_time(shoot, name):
    other = factories.a_session(tenant_id="t_third")
    nowhere = shoot | {
        "tenant": "t_none", "session": other.pk, "sessions": [other.pk], "user": 0, "key": "none", "created_at": timezone.now(),
    }  # fmt: skip
    with transaction.atomic():
        before, _ = asked(READS[name], shoot)
        assert asked(READS[name], nowhere) == ([], [])
        assert asked(READS[name], shoot)[0] == before


def test_a_read_is_composed_once_and_asked_each_time(shoot, django_assert_num_queries):
    composed = []

    def compose(session):
        composed.append(session)
        return RecordingSession.objects.filter(pk=session)

    read = Read(compose, session=models.UUIDField())
    with django_assert_num_queries(3):
        for _ in range(3):
            assert [found.title for found in read.all(session=shoot["session"])] == ["Lesson"]
    assert len(composed) == 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_among_takes_any_number_of_ids(shoot, count):
    assert [title for (title,) in TITLES.rows(sessions=shoot["sessions"][:count])] == sorted(
        ["Lesson", "Another"][:count]
    )


def test_what_was_not_selected_is_read_when_it_is_asked_for(shoot, django_assert_num_queries):
    read = Read(lambda session: RecordingSession.objects.filter(pk=session).defer("notes"), session=models.UUIDField())
    found = read.first(session=shoot["session"])
    with django_assert_num_queries(1):
        assert found.notes == "long"


def test_a_session_is_not_found_by_what_is_no_id_of_one(shoot):
    for wrong in (None, "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(Exception, match="no session"):
            get_session(Context(shoot["tenant"], shoot["env"]), wrong)


def test_a_sign_in_that_ran_out_counts_no_more(shoot):
    browser = SessionStore(session_key=shoot["key"])
    assert browser["who"] == "ann"
    late = SessionStore(session_key=shoot["key"])
    browser.model.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert late.get("who") is None


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_refused_where_nothing_would_hold_it():
    values = a_shoot()
    here = Context(values["tenant"], values["env"])
    with pytest.raises(TransactionManagementError):
        get_session(here, values["session"], lock=True)
    with transaction.atomic():
        assert get_session(here, values["session"], lock=True).title == "Lesson"


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_by_its_own_connection():
    values = a_shoot()
    read = Read(lambda session: RecordingSession.objects.filter(pk=session), session=models.UUIDField())

    def look() -> tuple[str, int]:
        try:
            return read.first(session=values["session"]).title, id(connection.connection)
        finally:
            connection.close()

    here = look()
    with ThreadPoolExecutor(1) as elsewhere:
        there = elsewhere.submit(look).result()
    assert here[0] == there[0] == "Lesson"
    assert here[1] != there[1]
