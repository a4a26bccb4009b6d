"""A compiled query returns what its QuerySet does."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from media_app.models import Upload
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.models.compiled import Among, CompiledQuery, Ids
from sessions_app.services import get_session
from sessions_app.web.browser import SessionStore
from sync_app.models import SyncDecision
from tests.support import factories

import_module("studio.urls")
APPS = ("sessions_app", "media_app", "sync_app", "render_app", "studio")
QUERIES = {
    f"{module.__name__}.{name}": value
    for module in [module for name, module in sys.modules.items() if name.split(".")[0] in APPS]
    for name, value in vars(module).items()
    if isinstance(value, CompiledQuery)
}
TITLES = CompiledQuery(
    lambda sessions: RecordingSession.objects.filter(Among("pk", sessions)).order_by("title").values_list("title"),
    sessions=Ids(),
)


@pytest.fixture
def shoot(db):
    return a_shoot()


def a_shoot() -> dict:
    """A session with a row in every table that a click reads: the value of each parameter, by name."""
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


def contents(one) -> object:
    """Every attribute of a record and of the related records read with it."""
    if not isinstance(one, models.Model):
        return tuple(one)
    related = {name: contents(other) for name, other in one._state.fields_cache.items() if other is not None}
    return type(one), {name: value for name, value in vars(one).items() if name != "_state"}, related


def evaluate(query: CompiledQuery, values: dict) -> tuple[list, list]:
    """The results of the compiled query and of its QuerySet."""
    values = {name: values[name] for name in query._params}
    lists = {name: models.Value(values[name], field) for name, field in query._params.items() if isinstance(field, Ids)}
    queryset = query._build(**values | lists)
    reads_models = issubclass(queryset._iterable_class, models.query.ModelIterable)
    compiled = query.all(**values) if reads_models else query.rows(**values)
    return [contents(one) for one in compiled], [contents(one) for one in queryset]


def test_every_module_that_a_click_runs_has_compiled_queries():
    assert {name.rpartition(".")[0] for name in QUERIES} >= {
        "sessions_app.web.browser", "sessions_app.web.auth", "sessions_app.services", "sessions_app.pages.session_list",
        "media_app.services.summaries", "sync_app.services.summaries", "sync_app.services.review_page",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_compiled_query_returns_what_its_queryset_does(shoot, name):
    with transaction.atomic():
        compiled, queryset = evaluate(QUERIES[name], shoot)
    assert compiled == queryset
    assert compiled


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_its_parameters_are_bound_anew_each_time(shoot, name):
    other = factories.a_session(tenant_id="t_third")
    nowhere = shoot | {
        "tenant": "t_none", "session": other.pk, "sessions": [other.pk], "user": 0, "key": "none", "created_at": timezone.now(),
    }  # fmt: skip
    with transaction.atomic():
        before, _ = evaluate(QUERIES[name], shoot)
        assert evaluate(QUERIES[name], nowhere) == ([], [])
        assert evaluate(QUERIES[name], shoot)[0] == before


def test_a_query_is_compiled_once_and_run_each_time(shoot, django_assert_num_queries):
    built = []

    def build(session):
        built.append(session)
        return RecordingSession.objects.filter(pk=session)

    query = CompiledQuery(build, session=models.UUIDField())
    with django_assert_num_queries(3):
        for _ in range(3):
            assert [found.title for found in query.all(session=shoot["session"])] == ["Lesson"]
    assert len(built) == 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_among_takes_any_number_of_ids(shoot, count):
    assert [title for (title,) in TITLES.rows(sessions=shoot["sessions"][:count])] == sorted(
        ["Lesson", "Another"][:count]
    )


def test_a_deferred_field_is_read_when_it_is_used(shoot, django_assert_num_queries):
    query = CompiledQuery(
        lambda session: RecordingSession.objects.filter(pk=session).defer("notes"), session=models.UUIDField()
    )
    found = query.first(session=shoot["session"])
    with django_assert_num_queries(1):
        assert found.notes == "long"


def test_a_session_is_not_found_by_an_id_that_no_session_has(shoot):
    for wrong in (None, "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(Exception, match="no session"):
            get_session(Context(shoot["tenant"], shoot["env"]), wrong)


def test_an_expired_sign_in_is_no_longer_valid(shoot):
    browser = SessionStore(session_key=shoot["key"])
    assert browser["who"] == "ann"
    late = SessionStore(session_key=shoot["key"])
    browser.model.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert late.get("who") is None


@pytest.mark.django_db(transaction=True)
def test_a_row_cannot_be_locked_outside_a_transaction():
    values = a_shoot()
    here = Context(values["tenant"], values["env"])
    with pytest.raises(TransactionManagementError):
        get_session(here, values["session"], lock=True)
    with transaction.atomic():
        assert get_session(here, values["session"], lock=True).title == "Lesson"


@pytest.mark.django_db(transaction=True)
def test_each_thread_uses_its_own_connection():
    values = a_shoot()
    query = CompiledQuery(lambda session: RecordingSession.objects.filter(pk=session), session=models.UUIDField())

    def look() -> tuple[str, object]:
        try:
            return query.first(session=values["session"]).title, connection.connection
        finally:
            connection.close()

    here = look()
    with ThreadPoolExecutor(1) as elsewhere:
        there = elsewhere.submit(look).result()
    assert here[0] == there[0] == "Lesson"
    assert here[1] is not there[1]
