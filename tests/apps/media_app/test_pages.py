"""The session's page, its files, the upload page and the jobs: what they say and what they refuse."""

import json
import re
import uuid

import pytest
from django.test import Client

from media_app.models import DerivedMedia
from media_app.services import uploads
from sessions_app.errors import StudioError
from tests.support.shoots import camera, decided, gallery, job, shoot, synced

JSON = {"Accept": "application/json"}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_a_session_shows_facts_offsets_and_decisions(browser):
    session = shoot(title="Cello lesson", status="ready")
    for label in "AB":
        camera(session, label)
    decided(synced(session, {"B": 7.0}, superseded_at="2026-03-15T10:00Z"), "corrected", "two frames late")
    decided(synced(session, {"B": 18.4}))
    said = text_of(browser.get(f"/sessions/{session.pk}/"))
    assert "1:00:12" in said
    assert "29.97 fps" in said
    assert "+2.469 s High 18.4" in said
    assert "Corrected by Maya" in said
    assert said.count("Outdated: files or sync changed since") == 1


def test_a_session_names_the_device_and_the_chapter_before(browser):
    session = shoot()
    device = {"make": "GoPro", "model": "HERO11 Black", "serial": "C3471"}
    first = camera(session, "A", original_filename="GX010012.MP4", device=device)
    camera(session, "A", clip=2, original_filename="GX020012.MP4", continues=first)

    page = browser.get(f"/sessions/{session.pk}/").content.decode()

    assert "GoPro HERO11 Black · serial number C3471" in page
    assert "A · GX010012.MP4" in page


def test_a_file_at_fault_is_replaced_and_a_failing_store_tried_again(browser):
    shown = gallery()
    page = browser.get(f"/sessions/{shown['broken'].pk}/").content.decode()
    b, c = (re.search(rf'aria-label="Camera {label}">.*?</article>', page, re.S)[0] for label in "BC")
    assert "Replace file</a>" in b.split("Files and actions")[0]
    assert "Try again</button>" in c.split("Files and actions")[0]


def test_another_tenants_pages_are_as_unknown_as_those_that_never_were(browser):
    theirs = shoot(title="Theirs", tenant_id="t_other")
    asset = camera(theirs, "A")
    file = asset.derivatives.first()
    work = job(asset, theirs, status="DEAD")
    mine = shoot()
    for path in (
        f"/sessions/{theirs.pk}/",
        f"/sessions/{theirs.pk}/upload/",
        f"/sessions/{theirs.pk}/assets/{asset.pk}/original/",
        f"/files/{file.pk}/",
        f"/sessions/{theirs.pk}/steps/",
        f"/sessions/{uuid.uuid4()}/",
    ):
        assert browser.get(path).status_code == 404, path
    for session in (theirs, mine):
        assert browser.post(f"/sessions/{session.pk}/steps/{work.pk}/retry", headers=JSON).status_code == 404


def test_a_file_has_an_address_that_does_not_expire(browser):
    session = shoot()
    asset = camera(session, "A")
    thumbnail = asset.derivatives.get(kind="thumbnail")
    shown = browser.get(f"/files/{thumbnail.pk}/")
    assert shown.status_code == 302
    assert "max-age=900" in shown.headers["Cache-Control"]
    assert Client().get(shown.headers["Location"]).headers["Content-Type"] == "image/jpeg"
    named = browser.get(f"/files/{thumbnail.pk}/?download=1")
    assert 'filename="C0065.thumbnail' in Client().get(named.headers["Location"]).headers["Content-Disposition"]


def test_a_file_that_the_store_has_lost_says_so(browser):
    session = shoot()
    asset = camera(session, "A")
    proxy = DerivedMedia.objects.get(asset=asset, kind="proxy")
    answer = browser.get(f"/files/{proxy.pk}/?download=1")
    assert answer.status_code == 404
    assert "is no longer in storage. Process its camera again" in text_of(answer)


def test_a_file_that_is_here_already_is_known_by_name_and_size(browser):
    session = shoot(title="Last week")
    camera(session, "B", original_filename="C1.MP4", size_bytes=1234, with_files=False)
    camera(shoot(tenant_id="t_other"), "B", original_filename="C1.MP4", size_bytes=1234, with_files=False)
    found = browser.get("/files/known/", {"name": "C1.MP4", "size": "1234"}).json()["files"]
    assert [(file["title"], file["camera"]) for file in found] == [("Last week", "B")]
    for size in ("1235", "x", "-1", "", "9" * 30):
        assert browser.get("/files/known/", {"name": "C1.MP4", "size": size}).json() == {"files": []}


def test_the_upload_page_knows_what_has_arrived(browser):
    session = shoot()
    offer = uploads.FileOffer("B", "C1.MP4", "video/mp4", 200 * 2**20, "ab" * 32)
    uploads.init_upload(session.context, session.pk, offer)
    page = browser.get(f"/sessions/{session.pk}/upload/").content.decode()
    data = json.loads(re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)[1])
    assert data["labels"] == ["B"]
    assert data["slots"][0]["open"] == {
        "filename": "C1.MP4",
        "sizeBytes": 200 * 2**20,
        "fingerprint": "ab" * 32,
        "arrived": 0,
        "resumable": True,
    }
    assert f"/sessions/{session.pk}/upload/" in browser.get("/sessions/new/").content.decode()


@pytest.mark.parametrize(
    ("size", "resumable", "sentence"),
    [
        (99 * 2**20, False, "to start it over: a file this small is sent in one piece"),
        (101 * 2**20, True, "to resume it"),
    ],
)
def test_an_interrupted_upload_promises_only_what_it_keeps(browser, size, resumable, sentence):
    session = shoot()
    uploads.init_upload(session.context, session.pk, uploads.FileOffer("A", "C0012.MP4", "video/mp4", size, ""))
    page = browser.get(f"/sessions/{session.pk}/upload/").content.decode()
    [slot] = json.loads(re.search(r'id="page-data"[^>]*>(.*?)</script>', page)[1])["slots"]
    assert slot["open"]["resumable"] is resumable
    assert sentence in text_of(browser.get(f"/sessions/{session.pk}/"))


def test_a_cameras_name_stands_wherever_the_camera_does(browser):
    session = shoot(title="Cello lesson", status="needs-review", camera_names={"A": "Wide", "B": "Close-up"})
    for label in "AB":
        camera(session, label)
    synced(session, {"B": 12.0})
    said = text_of(browser.get(f"/sessions/{session.pk}/"))
    assert "relative to camera A (Wide), the master" in said
    assert "B Close-up +2.469 s" in said
    upload = browser.get(f"/sessions/{session.pk}/upload/").content.decode()
    assert json.loads(re.search(r'id="page-data"[^>]*>(.*?)</script>', upload)[1])["names"] == session.camera_names


def test_two_takes_of_one_name_and_size_are_never_mixed(browser):
    session = shoot()

    def begin(fingerprint: str):
        offer = uploads.FileOffer("A", "C1.MP4", "video/mp4", 200 * 2**20, fingerprint)
        return uploads.init_upload(session.context, session.pk, offer).upload

    first = begin("ab" * 32)
    assert begin("ab" * 32).pk == first.pk
    assert begin("").pk == first.pk
    second = begin("cd" * 32)
    assert second.pk != first.pk
    first.refresh_from_db()
    assert first.state == "aborted"


def test_a_fingerprint_must_be_one(browser):
    session = shoot()
    said = {"cameraLabel": "A", "filename": "a.mp4", "sizeBytes": 5, "fingerprint": "AB"}
    answer = browser.post(f"/v2/sessions/{session.pk}/assets/init-upload", said, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "fingerprint"


def test_an_operator_retries_and_cancels_the_work_of_their_own_session(browser):
    session = shoot()
    asset = camera(session, "A", status="failed")
    dead = job(asset, session, status="DEAD", error_message="The store does not answer.", dedupe_key="k")
    address = f"/sessions/{session.pk}/steps/{dead.pk}"
    assert browser.get(f"{address}/retry").status_code == 405
    assert browser.post(f"{address}/retry", headers=JSON).status_code == 204
    dead.refresh_from_db()
    assert dead.status == "PENDING"
    again = browser.post(f"{address}/retry", headers=JSON)
    assert again.status_code == 409
    assert "only a job that failed" in again.json()["error"]["message"]
    assert browser.post(f"{address}/cancel", headers=JSON).status_code == 204
    dead.refresh_from_db()
    assert dead.status == "CANCELLED"
    assert browser.post(f"{address}/purge", headers=JSON).status_code == 404


def test_every_step_of_a_session_has_its_place_in_time(browser):
    session = shoot()
    asset = camera(session, "A")
    work = job(asset, session, status="COMPLETED")
    work.attempt_rows.create(tenant_id="t_local", env="dev", attempt_no=1, worker="w", outcome="completed")
    uploads.init_upload(session.context, session.pk, uploads.FileOffer("B", "C1.MP4", "video/mp4", 5))
    decided(synced(session, {"B": 18.4}), "corrected", "two frames late")
    page = browser.get(f"/sessions/{session.pk}/steps/")
    assert len(re.findall(r'<rect x="[\d.]+" y="1" width="[\d.]+"', page.content.decode())) == 4
    said = text_of(page)
    for what in (
        "Upload of C1.MP4",
        "Reading the audio",
        "Sync, run 1",
        "Sync corrected",
        "Maya",
        "two frames late",
    ):
        assert what in said


@pytest.mark.parametrize("path", ["/sessions/", "/sessions/new/"])
def test_pages_are_read_only_by_get(browser, path):
    assert browser.post(path).status_code == 405


def test_a_store_that_does_not_answer_does_not_take_the_page_down(browser, monkeypatch):
    session = shoot()
    uploads.init_upload(session.context, session.pk, uploads.FileOffer("B", "C1.MP4", "video/mp4", 200 * 2**20))

    def unreachable(upload):
        raise StudioError("The store does not answer.")

    monkeypatch.setattr("media_app.services.summaries.received_bytes", unreachable)
    assert "choose C1.MP4 again to resume it" in text_of(browser.get(f"/sessions/{session.pk}/"))
