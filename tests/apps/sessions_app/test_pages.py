"""The list of sessions: who sees what, in which order, at what cost."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.models import Membership, RecordingSession
from tests.support.shoots import camera, decided, job, shoot, synced

HTMX = {"HX-Request": "true"}


def titles(answer) -> list[str]:
    return re.findall(r'class="row-title"[^>]*>([^<]*)<', answer.content.decode())


def test_the_number_of_queries_does_not_grow_with_the_rows(browser):
    def full_row(number: int) -> None:
        session = shoot(title=f"Lesson {number}", status="needs-review")
        for label in "ABC":
            camera(session, label)
        synced(session, {"B": 12.0, "C": 7.0})
        job(session.assets.first(), session)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert browser.get("/sessions/?show=all&sort=confidence").status_code == 200
        return len(captured)

    for number in range(5):
        full_row(number)
    few = queries()
    for number in range(45):
        full_row(number)
    assert queries() == few <= 12


def test_a_row_that_changed_is_drawn_anew(browser):
    session = shoot(title="Cello", status="needs-review")
    file = camera(session, "A")
    assert "Cello" in browser.get("/sessions/").content.decode()

    RecordingSession.objects.filter(pk=session.pk).update(title="Viola & bow")
    file.delete()
    shown = browser.get("/sessions/").content.decode()
    assert titles(browser.get("/sessions/")) == ["Viola &amp; bow"]
    assert "cam-A" not in shown


@pytest.mark.parametrize(
    ("ago", "words"), [(timedelta(seconds=2), "just now"), (timedelta(seconds=50), "just now"), (timedelta(hours=3), "3\xa0hours ago")]
)  # fmt: skip
def test_a_row_says_when_it_was_added_and_does_not_count_seconds(browser, ago, words):
    session = shoot(status="needs-review")
    RecordingSession.objects.filter(pk=session.pk).update(created_at=timezone.now() - ago)
    assert f"added {words}<" in browser.get("/sessions/").content.decode()


def test_what_waits_for_a_person_comes_first(browser):
    shoot(title="Draft")
    shoot(title="Done", status="ready")
    shoot(title="Waiting", status="needs-review")
    assert titles(browser.get("/sessions/")) == ["Waiting"]
    assert sorted(titles(browser.get("/sessions/?show=all"))) == ["Done", "Draft", "Waiting"]


def test_the_least_sure_can_come_first(browser):
    for title, score in (("Sure", 18.0), ("Lost", None), ("Doubtful", 4.0)):
        session = shoot(title=title, status="needs-review")
        synced(session, {"B": 20.0, "C": score})
    shoot(title="Never compared", status="needs-review")
    assert titles(browser.get("/sessions/?sort=confidence")) == ["Lost", "Doubtful", "Sure", "Never compared"]


def test_search_and_filters_live_in_the_address(browser):
    shoot(title="Cello", location="Room 14", project_id="lessons")
    shoot(title="Choir", notes="with cello", project_id="choir")
    assert titles(browser.get("/sessions/?show=all&search=cello&projectId=choir")) == ["Choir"]
    answer = browser.get("/sessions/?show=all&search=cello").content.decode()
    assert "?search=cello&amp;show=ready" in answer or "search=cello" in answer
    assert browser.get("/sessions/?show=all&dateFrom=someday&page=99&sort=sideways&show=nowhere").status_code == 200


def test_a_long_list_has_pages(browser):
    for number in range(51):
        shoot(title=f"Lesson {number:02}")
    assert len(titles(browser.get("/sessions/?show=all"))) == 50
    assert titles(browser.get("/sessions/?show=all&sort=title&page=2")) == ["Lesson 50"]


def test_polling_answers_with_the_same_rows_and_nothing_when_nothing_changed(browser):
    session, other = shoot(title="One", status="syncing"), shoot(title="Two")
    url = f"/sessions/?id={session.pk}&id=nonsense"
    first = browser.get(url, headers=HTMX | {"HX-Target": "rows"})
    assert titles(first) == ["One"]
    assert "every 3s" in first.content.decode()
    seen = re.search(r'"seen": "(\w+)"', first.content.decode())[1]
    assert browser.get(f"{url}&seen={seen}", headers=HTMX | {"HX-Target": "rows"}).status_code in (200, 204)
    RecordingSession.objects.filter(pk=session.pk).update(status="needs-review")
    last = browser.get(f"{url}&seen={seen}", headers=HTMX | {"HX-Target": "rows"})
    assert "Needs review" in last.content.decode()
    assert "every 15s" in last.content.decode()
    assert str(other.pk) not in last.content.decode()


def test_another_tenants_sessions_are_not_listed(browser):
    shoot(title="Theirs", tenant_id="t_other")
    shoot(title="Other place", env="prod")
    assert titles(browser.get("/sessions/?show=all")) == []


def test_the_tenant_is_chosen_among_ones_own(browser, operator):
    theirs = Membership.objects.create(user=operator, tenant_id="t_two", env="prod")
    shoot(title="Concert", tenant_id="t_two", env="prod")
    browser.post("/sessions/tenant/", {"membership": theirs.pk})
    assert titles(browser.get("/sessions/?show=all")) == ["Concert"]
    browser.post("/sessions/tenant/", {"membership": 999_999})
    assert titles(browser.get("/sessions/?show=all")) == ["Concert"]
    theirs.delete()
    assert titles(browser.get("/sessions/?show=all")) == []


def test_who_has_no_tenant_learns_what_to_do(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("stranger"))
    answer = client.get("/sessions/")
    assert answer.status_code == 403
    assert "Ask an administrator to add you to one." in answer.content.decode()


def test_signed_out_pages_ask_to_sign_in_and_fragments_say_so(client, db):
    assert client.get("/sessions/?show=all").headers["Location"] == "/sign-in/?next=/sessions/%3Fshow%3Dall"
    assert client.get("/sessions/", headers=HTMX).status_code == 401


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/nowhere/", "text/html"), ("/v2/nowhere", "application/json"), ("/api/nowhere", "application/json")],
)
def test_an_unknown_address_answers_people_with_a_page_and_programs_with_json(browser, path, kind):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith(kind)


def test_a_form_without_its_token_says_what_to_do(django_user_model, operator):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator)
    answer = strict.post("/sessions/tenant/", {"membership": 1})
    assert answer.status_code == 403
    assert "reload the page and submit it again" in answer.content.decode()


def test_no_page_may_be_kept_by_a_cache(browser):
    session = shoot(title="Lesson")
    decided(synced(session, {"B": 12.0}))
    for path in ("/sessions/", f"/sessions/{session.pk}/", f"/sessions/{session.pk}/steps/", "/sessions/new/"):
        assert "no-store" in browser.get(path).headers["Cache-Control"], path


def test_a_page_may_talk_to_the_bucket_and_to_nobody_else(browser):
    from studio.settings import bucket_origins

    assert bucket_origins("local", "", "", "auto") == []
    assert bucket_origins("s3", "https://a.r2.cloudflarestorage.com/x", "b", "auto") == [
        "https://a.r2.cloudflarestorage.com"
    ]
    assert "https://b.s3.eu-west-1.amazonaws.com" in bucket_origins("s3", "", "b", "eu-west-1")
    policy = browser.get("/sessions/").headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
