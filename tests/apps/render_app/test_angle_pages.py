"""The pages of the angle editor, as the server answers them."""

import json
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from render_app.models import Clip, Track, VideoProject
from sync_app.core.correction import Correction
from sync_app.services import review
from tests.support.factories import Api, a_registry_asset, a_synced_session, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    """Three cameras whose sync is decided, one of them a recorder."""
    made = a_synced_session("ABC", camera_names={"A": "Wide"})
    made.assets.update(kind="video", fps="25/1", duration_ms=60_000, has_audio=True, audio_channels=2)
    made.assets.filter(camera_label="C").update(kind="audio")
    review.approve(made.context, made.pk, approved_by="ada")
    made.refresh_from_db()
    return made


@pytest.fixture
def browser():
    client = Client()
    client.force_login(a_user("alice"))
    return client


def saved(session) -> dict:
    body = {"range": {"startMs": 0, "endMs": 9000}, "switchPoints": [{"atMs": 0, "angle": "B"}]}
    status, cut = Api("alice").call("PUT", f"/v2/sessions/{session.pk}/cut", body)
    assert status == 200, cut
    return cut


def test_cameras_with_a_picture_have_numbers_and_every_sound_can_be_heard(browser, session):
    page = browser.get(f"/sessions/{session.pk}/angles/").content.decode()

    data = json.loads(re.search(r'id="page-data" type="application/json">(.*?)</script>', page)[1])
    assert [(one["label"], one["name"]) for one in data["angles"]] == [("A", "Wide"), ("B", "camera-B.mp4")]
    assert data["sounds"] == ["A", "B", "C"]
    assert data["cut"]["revision"] == 0


def test_the_session_and_its_project_lead_to_the_editor(browser, session):
    project = saved(session)["projectId"]

    assert f'href="/sessions/{session.pk}/angles/"' in browser.get(f"/sessions/{session.pk}/").content.decode()
    page = browser.get(f"/projects/{project}/").content.decode()
    assert f'href="/sessions/{session.pk}/angles/?project={project}"' in page


def test_a_cut_that_comes_back_from_an_editing_program_for_its_session_is_cut_on(browser, session):
    named = {"tenant_id": session.tenant_id, "env": session.env}
    facts = {
        "width": 1920,
        "height": 1080,
        "media_info": {"frames": 1500},
        "video_start_ms": 0.0,
        "audio_start_ms": 0.0,
    }
    session.assets.update(**facts)
    points = [{"atMs": 2000, "angle": "B"}, {"atMs": 5000, "angle": "A"}]
    body = {"range": {"startMs": 2000, "endMs": 9000}, "switchPoints": points}
    _, cut = Api("alice").call("PUT", f"/v2/sessions/{session.pk}/cut", body)
    exported = browser.get(f"/video/projects/{cut['projectId']}/exchange", {"format": "otio", **named})
    later, theirs = a_synced_session(title="Later"), a_synced_session(title="Theirs", tenant_id="t_other")

    form = browser.get(f"/projects/import/?session={session.pk}").content.decode()
    body = {"file": SimpleUploadedFile("cut.otio", exported.content), "session_id": str(session.pk)}
    done = browser.post("/projects/import/", body)

    assert f'href="/projects/import/?session={session.pk}"' in browser.get(f"/sessions/{session.pk}/").content.decode()
    assert f'<option value="{session.pk}" selected>Tuesday lesson · 13 Jan 2026</option>' in form
    assert form.index(f'value="{later.pk}"') < form.index(f'value="{session.pk}"'), "the latest session comes first"
    assert str(theirs.pk) not in form
    made = VideoProject.objects.exclude(pk=cut["projectId"]).get()
    assert (done.status_code, done.url, made.session) == (302, f"/projects/{made.pk}/", session)
    editor = f"/sessions/{session.pk}/angles/?project={made.pk}"
    assert f'href="{editor}"' in browser.get(done.url).content.decode()
    data = json.loads(
        re.search(r'id="page-data" type="application/json">(.*?)</script>', browser.get(editor).content.decode())[1]
    )
    assert [(point["atMs"], point["angle"]) for point in data["cut"]["switchPoints"]] == [(2000, "B"), (5000, "A")]


def test_an_edit_is_imported_for_no_session_of_another_tenant(browser, session):
    theirs = a_synced_session(title="Theirs", tenant_id="t_other")
    for wrong in (str(theirs.pk), "x"):
        answer = browser.post("/projects/import/", {"file": SimpleUploadedFile("cut.otio", b"{}"), "session_id": wrong})
        assert (answer.status_code, b"is not one of the available choices" in answer.content) == (200, True)
    assert not VideoProject.objects.exists()
    assert b"Theirs" not in browser.get(f"/projects/import/?session={theirs.pk}").content


def test_who_changed_the_cut_is_shown_on_a_page_that_has_an_older_one(browser, session):
    cut = saved(session)
    sync = session.sync_results.get().version
    state = f"/sessions/{session.pk}/angles/state?project={cut['projectId']}&sync={sync}"

    assert browser.get(f"{state}&seen={cut['revision']}").status_code == 204
    assert browser.get(f"{state}&seen=1").json() == {"revision": cut["revision"], "by": "alice", "sync": sync}
    assert browser.get(f"/sessions/{session.pk}/angles/state?seen=0").json()["by"] == "alice"


def test_a_sync_that_was_corrected_meanwhile_is_reported(browser, session):
    cut, before = saved(session), session.sync_results.get().version
    review.correct(session.context, session.pk, corrected_by="ada", wanted=Correction({"B": 1500.0}), notes="By ear.")

    changed = browser.get(f"/sessions/{session.pk}/angles/state?seen={cut['revision']}&sync={before}").json()

    assert (changed["revision"], changed["sync"]) == (cut["revision"], before + 1)


def test_a_project_that_is_no_cut_says_why_and_leads_on(browser, session):
    cut = saved(session)
    sequence = VideoProject.objects.get().sequences.get()
    track = Track.objects.create(**session.context.stamp(), sequence=sequence, kind="video", order=4)
    Clip.objects.create(**session.context.stamp(), track=track, asset=a_registry_asset(duration_ms=900), out_ms=900)

    page = browser.get(f"/sessions/{session.pk}/angles/?project={cut['projectId']}").content.decode()

    assert "cannot be cut here" in page
    assert f'href="/projects/{cut["projectId"]}/"' in page


def test_a_project_of_another_session_or_none_at_all_is_not_found(browser, session):
    assert browser.get(f"/sessions/{session.pk}/angles/?project={uuid.uuid4()}").status_code == 404
    assert browser.get(f"/sessions/{session.pk}/angles/?project=x").status_code == 400
    assert browser.get(f"/sessions/{uuid.uuid4()}/angles/").status_code == 404


def test_another_tenant_sees_neither_the_editor_nor_its_state(session):
    stranger = Client()
    stranger.force_login(a_user("mallory", "t_other"))

    for path in ("angles/", "angles/state?seen=0"):
        assert stranger.get(f"/sessions/{session.pk}/{path}").status_code == 404
