"""What Studio says of itself: request numbers, the log, the figures, and whether it is ready."""

import io
import json
import logging
import re
import threading
from contextvars import copy_context
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.test import Client, override_settings
from django.utils import timezone

from media_app import jobs, storage
from media_app.models import MediaJob, Worker
from sessions_app.core import trace
from studio.monitoring import health, logs
from tests.apps.media_app import work
from tests.support.factories import Api, a_job, a_session, a_token, a_user, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """What is logged in the test, as parsed JSON."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.addFilter(logs.Carried())
    handler.setFormatter(logs.JsonLines(["the-secret-of-this-test"]))
    root, level = logging.getLogger(), logging.getLogger("studio.requests").level
    root.addHandler(handler)
    logging.getLogger("studio.requests").setLevel("INFO")
    yield lambda: [json.loads(line) for line in said.getvalue().splitlines()]
    root.removeHandler(handler)
    logging.getLogger("studio.requests").setLevel(level)


def test_every_answer_has_a_number_and_error_pages_show_it(browser):
    for path in ("/healthz", "/sessions/", "/nothing-here/", "/v2/sessions", "/v2/nothing"):
        assert re.fullmatch(r"[0-9a-f]{32}", browser.get(path)["X-Request-Id"]), path
    missing = browser.get("/nothing-here/", headers={"X-Request-Id": "proxy-0001"})
    assert missing["X-Request-Id"] == "proxy-0001"
    assert "proxy-0001" in missing.content.decode()


@pytest.mark.parametrize("name", ["short", "x" * 65, "two words here", "line\nbreak-line", "<script>alert(1)"])
def test_a_number_that_could_be_more_than_a_number_is_not_taken_over(client, name):
    assert client.get("/healthz", headers={"X-Request-Id": name})["X-Request-Id"] != name


def test_a_page_that_breaks_shows_its_number(operator, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(operator)
    monkeypatch.setattr("sessions_app.pages.session_list.summaries.attach", lambda sessions: 1 / 0)
    answer = client.get("/sessions/")
    assert answer.status_code == 500
    assert answer["X-Request-Id"] in answer.content.decode()


def test_lines_of_a_request_say_for_whom_they_are(lines):
    session = a_session()
    api = Api()
    api.get(f"/v2/sessions/{session.pk}", headers={"X-Request-Id": "request-7"})
    api.get(f"/v2/sessions/{session.pk}/sync")
    ours = [line for line in lines() if line["logger"] == "studio.requests"]
    assert ours[0]["request_id"] == "request-7"
    assert (ours[0]["session_id"], ours[0]["tenant"]) == (str(session.pk), "t_club/dev")
    assert (ours[0]["route"], ours[0]["method"], ours[0]["status"]) == ("session", "GET", 200)
    assert ours[0]["ms"] > 0
    missing = next(line for line in lines() if line["logger"] == "django.request")
    assert missing["request_id"] == ours[1]["request_id"] != "request-7"
    assert trace.carried() == {}


@pytest.mark.django_db(transaction=True)
def test_lines_of_a_job_say_whose_it_is(lines):
    work.register()
    session = a_session()
    job = a_job("test_fail_v1", session=session)
    run = jobs.claim("tester")
    with run:
        run.execute()
    failed = next(line for line in lines() if line["logger"] == "media_app.jobs.run")
    assert (failed["job_id"], failed["session_id"], failed["tenant"]) == (str(job.pk), str(session.pk), "t_club/dev")
    assert "The disk went away." in failed["traceback"]
    assert trace.carried() == {}


def test_a_thread_in_a_copied_context_knows_it_and_another_does_not():
    heard = []
    with trace.bound(job_id="j1"):
        trace.note(tenant="t_a/dev")
        thread = threading.Thread(target=lambda: heard.append(trace.carried()))
        copied = threading.Thread(target=partial(copy_context().run, lambda: heard.append(trace.carried())))
        for one in (thread, copied):
            one.start()
            one.join()
        assert trace.carried() == {"job_id": "j1", "tenant": "t_a/dev"}
    assert heard == [{}, {"job_id": "j1", "tenant": "t_a/dev"}]
    trace.note(tenant="t_b/dev")
    assert trace.carried() == {}


def test_no_line_holds_what_opens_a_door(lines, settings):
    log = logging.getLogger("anything")
    local = storage.store().url("tenants/t_a/dev/x.mp4")
    token = a_token(a_user())
    log.warning("fetch %s failed", local)
    log.warning("who came with %s", token)
    log.warning("the-secret-of-this-test was used")
    try:
        raise OSError(f"GET {local} refused")
    except OSError:
        log.exception("it broke")
    api = Api()
    api.get(f"/v2/sessions?token={token}")
    Client().get(local)
    said = json.dumps(lines())
    signature = local.partition("?")[2].partition("=")[2]
    for secret in (token, api.token, signature, "the-secret-of-this-test"):
        assert secret not in said
    assert said.count("[hidden]") >= 4


def test_a_line_for_people_is_readable_and_as_discreet():
    record = logging.LogRecord("a.b", logging.INFO, "", 1, "fetched %s", ("/x?token=abc",), None)
    with trace.bound(job_id="j1"):
        logs.Carried().filter(record)
    assert logs.Human().format(record).endswith("INFO a.b: fetched /x?token=[hidden]  [job_id=j1]")


def figures(client: Client, **headers) -> dict[str, float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    found = (line.rpartition(" ") for line in answer.content.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in found}


def test_the_figures_show_queue_attempts_workers_files_and_requests(client):
    session = a_session()
    asset = an_asset(session, size_bytes=1000)
    now = timezone.now()
    a_job(run_after=now - timedelta(seconds=100))
    for outcome, took in (("completed", 10), ("completed", 30), ("failed", 5)):
        job = a_job(status="DEAD", asset=asset, completed_at=now)
        attempt = job.attempt_rows.create(attempt_no=1, worker="w", outcome=outcome, **job.context.stamp())
        begun = {"started_at": now - timedelta(seconds=took), "finished_at": now}
        job.attempt_rows.filter(pk=attempt.pk).update(**begun)
    Worker.objects.create(name="a:1", host="a", scratch_free=7)
    Worker.objects.create(name="a:2", host="a", seen_at=now - timedelta(hours=1))
    client.get("/healthz")
    found = figures(client)
    assert found["studio_database_up"] == 1
    assert found['studio_jobs{status="PENDING",type="test_v1"}'] == 1
    assert found['studio_jobs{status="DEAD",type="test_v1"}'] == 3
    assert 100 <= found['studio_oldest_due_job_seconds{type="test_v1"}'] < 160
    assert found['studio_tenant_jobs{env="dev",status="PENDING",tenant="t_club"}'] == 1
    assert found['studio_attempts_hour{result="completed",type="test_v1"}'] == 2
    assert found['studio_attempts_hour{result="failed",type="test_v1"}'] == 1
    assert found['studio_job_seconds_hour{quantile="1.0",type="test_v1"}'] == 30
    assert (found['studio_workers{state="alive"}'], found['studio_workers{state="silent"}']) == (1, 1)
    assert found['studio_scratch_free_bytes{host="a"}'] == 7
    assert found['studio_file_bytes{kind="original"}'] == 1000
    assert found['studio_http_request_seconds_count{method="GET",route="alive"}'] >= 1
    assert found['studio_http_responses_total{method="GET",route="alive",status="200"}'] >= 1


def test_a_scrape_asks_as_often_whatever_there_is(client, django_assert_max_num_queries):
    for _ in range(30):
        a_job()
    with django_assert_max_num_queries(10):
        client.get("/metrics")


def test_addresses_and_methods_that_anyone_may_invent_are_no_labels(client):
    client.get("/invented-4711/")
    client.generic("BREW", "/invented-4712/")
    client.get(f"/sessions/{a_session().pk}/")
    said = client.get("/metrics").content.decode()
    assert "invented" not in said
    assert "BREW" not in said
    assert 'method="other"' in said
    assert 'route="media:session"' in said


def test_the_figures_are_not_for_everybody(browser, django_user_model):
    client = Client()
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 401
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"):
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 401, header
    assert browser.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 401
    staff = django_user_model.objects.create_user("keeper", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_mediajob"))
    browser.force_login(staff)
    assert browser.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 200
    with override_settings(PUBLIC_URL="https://studio.example"):
        assert client.get("/metrics").status_code == 401
    with override_settings(METRICS_TOKEN="a-long-token-for-scrapes"):
        assert client.get("/metrics").status_code == 401
        for wrong in ("a-long-token-for-scrape", "", "ä"):
            assert client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {wrong}").status_code == 401
        figures(client, Authorization="Bearer a-long-token-for-scrapes")
    with override_settings(METRICS_TOKEN=""):
        answer = client.get("/metrics", HTTP_AUTHORIZATION="Bearer ", REMOTE_ADDR="192.0.2.7")
        assert answer.status_code == 401
        assert "METRICS_TOKEN" in answer.json()["error"]["message"]
    assert client.post("/metrics").status_code == 405


def test_readiness_tries_the_store_and_not_at_every_look(client, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "_store_said", (0.0, None, None))
    monkeypatch.setattr(type(storage.store()), "check", lambda self: asked.append(1) or "The store does not answer.")
    for _ in range(3):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "unready", "faults": {"store": "The store does not answer."}}
    assert asked == [1]
    monkeypatch.setattr(health, "STORE_ANSWER_HOLDS", -1.0)
    client.get("/readyz")
    assert asked == [1, 1]
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_database_without_this_versions_tables_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr("studio.monitoring.health.MigrationExecutor.migration_plan", lambda self, leaves: ["one"])
    assert "manage.py migrate" in client.get("/readyz").json()["faults"]["database"]


def test_a_job_is_done_over_and_purged_from_the_records_too(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root"))
    done = a_job("ingest_asset_v1", status="COMPLETED", completed_at=timezone.now())
    chosen = {"_selected_action": [str(done.pk)]}
    said = client.post("/admin/media_app/mediajob/", {"action": "replay", **chosen}, follow=True).content.decode()
    again = MediaJob.objects.get(type="replay_v1")
    assert f"/admin/media-jobs/{again.pk}" in said
    said = client.post("/admin/media_app/mediajob/", {"action": "purge", **chosen}, follow=True).content.decode()
    assert "1 jobs, 0 attempts and 0 logs are gone." in said
    assert MediaJob.objects.get() == again
