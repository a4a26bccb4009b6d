"""Productions on the operators' pages: what they say, who sees them, and how one begins or is tried again."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from media_app import jobs
from media_app.models import MediaJob
from render_app.models import Production
from render_app.services import productions
from tests.support.factories import a_registry_asset, a_session, a_user, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    client = Client()
    client.force_login(a_user())
    return client


def a_production(asset, status: str = "queued", **fields) -> Production:
    facts = {"asset": asset, "status": status, "packager": "hls"} | fields
    return Production.objects.create(**asset.context.stamp(), **facts)


def said(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()
    return " ".join(answer.content.decode().split())


def test_the_list_shows_each_with_its_recording_audio_and_reason(browser):
    session = a_session("Tuesday lesson")
    film, tune = an_asset(session, "A"), a_registry_asset(original_filename="tune.wav", kind="audio", has_audio=True)
    assert "No productions yet" in said(browser.get("/productions/"))
    a_production(film, "failed", preset="music_replace_v1", music=tune, error_message="The picture ends too early.")
    a_production(film, "completed", package_json={"playlist": "p/master.m3u8", "rungs": []})
    page = said(browser.get("/productions/"))
    for words in ("camera-A.mp4", "Tuesday lesson", "Music instead of the recorded sound", "with tune.wav",
                  "Failed", "The picture ends too early.", "Ready", "As recorded"):  # fmt: skip
        assert words in page
    failed = said(browser.get("/productions/?show=failed"))
    assert "The picture ends too early." in failed
    assert "As recorded" not in failed
    assert "Nothing in progress" in said(browser.get("/productions/?show=working"))
    assert said(browser.get("/productions/?show=nothing")).count("<tr>") == 3
    assert "The picture ends too early." in said(browser.get(reverse("media:session", args=[session.pk])))


def test_one_says_how_far_it_is_and_then_plays(browser):
    film = an_asset(a_session(), "A")
    made = productions.create(film.context, film.pk)
    page = reverse("productions:one", args=[made.pk])
    assert "Waiting to be packaged" in said(browser.get(page))
    MediaJob.objects.filter(pk=made.job_id).update(status="PROCESSING", progress_percent=41, progress_step="packaging")
    assert "Packaging · 41%" in said(browser.get(page))
    Production.objects.filter(pk=made.pk).update(
        status="completed",
        package_json={"playlist": "p/master.m3u8", "rungs": [{"width": 1280, "height": 720}]},
        master_json={"before": {"integrated_lufs": -26.3}, "after": {"integrated_lufs": None}},
    )
    shown = said(browser.get(page))
    for words in (f"/api/productions/{made.pk}/stream/master.m3u8", "1280×720", "−26.3 LUFS", "silent"):
        assert words in shown
    assert "Download master" not in shown
    assert browser.get(f"{page}master/").status_code == 404


def test_a_failed_one_is_tried_again_and_another_is_not(browser):
    film = an_asset(a_session(), "A")
    made = productions.create(film.context, film.pk)
    again = reverse("productions:retry", args=[made.pk])
    refused = browser.post(again, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        409, "Only a production that failed can be retried.",
    )  # fmt: skip
    MediaJob.objects.filter(pk=made.job_id).update(status="FAILED")
    Production.objects.update(status="failed", error_message="The picture ends too early.")
    assert "Retry" in said(browser.get(reverse("productions:one", args=[made.pk])))
    assert browser.post(again).status_code == 204
    made.refresh_from_db()
    assert (made.status, made.error_message, made.job.status) == ("queued", "", "PENDING")


def test_a_form_begins_one_or_says_at_which_field_it_does_not(browser):
    assert "No recordings to choose from" in said(browser.get("/productions/new/"))
    film = an_asset(a_session(camera_names={"A": "Wide"}), "A")
    tune = a_registry_asset(original_filename="tune.wav", kind="audio", has_audio=True)
    page = said(browser.get(f"/productions/new/?asset={film.pk}"))
    assert f'<option value="{film.pk}" selected>Tuesday lesson · camera A (Wide) · camera-A.mp4</option>' in page
    asked = {"asset": str(film.pk), "preset": "music_replace_v1", "music": ""}
    refused = browser.post("/productions/new/", asked)
    assert refused.status_code == 400
    assert "needs music" in refused.content.decode()
    answer = browser.post("/productions/new/", asked | {"music": str(tune.pk)})
    made = Production.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("productions:one", args=[made.pk]))
    assert (made.status, made.music, made.preset) == ("pending_media", tune, "music_replace_v1")
    assert jobs.label_of(made.job.type)


def test_another_tenants_production_is_as_unknown_as_one_that_never_was(browser):
    theirs = an_asset(a_session(tenant_id="t_other"), "A", tenant_id="t_other")
    hidden, nobody = a_production(theirs, "failed").pk, uuid.uuid4()
    for name, method in (("one", browser.get), ("master", browser.get), ("retry", browser.post)):
        answers = [method(reverse(f"productions:{name}", args=[pk])) for pk in (hidden, nobody)]
        bodies = [
            answer.content.decode().replace(str(pk), "ID") for answer, pk in zip(answers, (hidden, nobody), strict=True)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], name
        assert strip_request_id(bodies[0]) == strip_request_id(bodies[1])
    assert "No productions yet" in said(browser.get("/productions/"))
    assert str(theirs.pk) not in said(browser.get(f"/productions/new/?asset={theirs.pk}"))


def strip_request_id(page: str) -> str:
    """The page without what differs from request to request."""
    return "\n".join(line for line in page.splitlines() if "Request ID" not in line and "csrf" not in line)
