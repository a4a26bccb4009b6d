"""The session's page, its files, the upload page and the jobs: what they say and what they refuse."""

import json
import re
import uuid

import pytest
from django.test import Client

from media_app.models import DerivedMedia, MediaJob
from media_app.services import uploads
from sessions_app.errors import StudioError
from tests.shoots import camera, decided, gallery, job, shoot, synced

JSON = {"Accept": "application/json"}


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_a_session_tells_facts_offsets_and_decisions(browser):
    session = shoot(title="Cello lesson", status="ready")
    for label in "AB":
        camera(session, label)
    decided(synced(session, {"B": 7.0}, superseded_at="2026-03-15T10:00Z"), "corrected", "two frames late")
    decided(synced(session, {"B": 18.4}))
    said = words(browser.get(f"/sessions/{session.pk}/"))
    assert "1:00:12" in said
    assert "29.97 fps" in said
    assert "+2,469.0 ms High 18.4" in said
    assert "Corrected by Maya" in said
    assert said.count("Stale: files or sync changed since") == 1


def test_a_file_at_fault_is_replaced_and_a_failing_store_tried_again(browser):
    shown = gallery()
    page = browser.get(f"/sessions/{shown['broken'].pk}/").content.decode()
    b, c = (re.search(rf'aria-label="Camera {label}">.*?</article>', page, re.S)[0] for label in "BC")
    assert "Replace the file</a>" in b.split("Files and changes")[0]
    assert "Try again</button>" in c.split("Files and changes")[0]


def test_another_tenants_pages_are_as_unknown_as_those_that_never_were(browser):
    theirs = shoot(title="Theirs", tenant_id="t_other")
    asset = camera(theirs, "A")
    file = asset.derivatives.first()
    work = job(asset, theirs, status="DEAD")
    for path in (
        f"/sessions/{theirs.pk}/",
        f"/sessions/{theirs.pk}/upload/",
        f"/sessions/{theirs.pk}/assets/{asset.pk}/original/",
        f"/files/{file.pk}/",
        f"/ops/jobs/?session={theirs.pk}",
        "/ops/jobs/?session=nonsense",
        f"/sessions/{uuid.uuid4()}/",
    ):
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"/ops/jobs/{work.pk}/retry/", headers=JSON).status_code == 404
    assert "Theirs" not in words(browser.get("/ops/jobs/"))


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
    assert "is not in the store any more. Start its processing again" in words(answer)


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
    }
    assert f"/sessions/{session.pk}/upload/" in browser.get("/sessions/new/").content.decode()


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


def test_the_jobs_page_says_when_no_worker_is_there(browser):
    session = shoot(status="ingesting")
    work = job(camera(session, "A", status="ingesting"), session, status="PENDING")
    assert "no worker is taking them" not in words(browser.get("/ops/jobs/"))
    MediaJob.objects.filter(pk=work.pk).update(run_after="2026-01-01T00:00Z")
    assert "no worker is taking them" in words(browser.get("/ops/jobs/"))


def test_jobs_are_retried_and_cancelled_by_post_alone(browser):
    session = shoot()
    asset = camera(session, "A", status="failed")
    dead = job(asset, session, status="DEAD", error_message="The store does not answer.", dedupe_key="k")
    assert browser.get(f"/ops/jobs/{dead.pk}/retry/").status_code == 405
    assert browser.post(f"/ops/jobs/{dead.pk}/retry/", headers=JSON).status_code == 204
    dead.refresh_from_db()
    assert dead.status == "PENDING"
    again = browser.post(f"/ops/jobs/{dead.pk}/retry/", headers=JSON)
    assert again.status_code == 409
    assert "only one that failed" in again.json()["error"]["message"]
    assert browser.post(f"/ops/jobs/{dead.pk}/cancel/", headers=JSON).status_code == 204
    dead.refresh_from_db()
    assert dead.status == "CANCELLED"


def test_every_step_of_a_session_has_its_place_in_time(browser):
    session = shoot()
    work = job(camera(session, "A"), session, status="COMPLETED")
    work.attempt_rows.create(tenant_id="t_local", env="dev", attempt_no=1, worker="w", outcome="completed")
    page = browser.get(f"/ops/jobs/?session={session.pk}").content.decode()
    assert len(re.findall(r'<rect x="[\d.]+" y="1" width="[\d.]+"', page)) == 1


@pytest.mark.parametrize("path", ["/sessions/", "/ops/jobs/", "/sessions/new/"])
def test_pages_are_read_only_by_get(browser, path):
    assert browser.post(path).status_code == 405


def test_a_store_that_does_not_answer_does_not_take_the_page_down(browser, monkeypatch):
    session = shoot()
    uploads.init_upload(session.context, session.pk, uploads.FileOffer("B", "C1.MP4", "video/mp4", 200 * 2**20))

    def unreachable(upload):
        raise StudioError("The store does not answer.")

    monkeypatch.setattr("media_app.services.cards.received_bytes", unreachable)
    assert "pick C1.MP4 again" in words(browser.get(f"/sessions/{session.pk}/"))
