"""The part of an asset's page that hides faces: what it says in each state, and what it refuses."""

import pytest
from django.test import Client
from django.utils import timezone

from media_app import storage
from media_app.models import MediaAsset, MediaJob
from media_app.models.assets import REPLACED
from render_app.models import Anonymisation
from render_app.services.clearances import OUTDATED, current
from tests.support.factories import a_derivative, a_job, a_registry_asset, a_user

pytestmark = pytest.mark.django_db
DOUBTS = [{"start_ms": 0.0, "end_ms": 900.0, "reason": "a face is lost inside the picture"}]


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user())
    return client


def asked(status: str, withheld: str = "Its faces are to be hidden.", **fields) -> MediaAsset:
    asset = a_registry_asset(withheld=withheld)
    facts = {"cache_key": "k", "preset": "light", "scan_version": current()} | fields
    Anonymisation.objects.create(**asset.context.stamp(), asset=asset, status=status, **facts)
    return asset


def cleared(version: str, **fields) -> MediaAsset:
    facts = {"cleared_by": "Maya", "cleared_at": timezone.now(), "scan_version": version}
    return asked("cleared", "", **facts | fields)


def text_of(client: Client, asset: MediaAsset) -> str:
    return client.get(f"/registry/{asset.pk}/faces/").content.decode()


def test_a_recording_that_nobody_asked_about_offers_to_hide_its_faces(client):
    shown = text_of(client, a_registry_asset())

    assert "not hidden" in shown
    assert 'data-api="/video/anonymise/faces' in shown


def test_a_scan_under_way_shows_how_far_it_is_and_a_lost_one_that_nothing_is_handed_out(client):
    asset = asked("scanning")
    job = a_job("engine_regions_v1", asset=asset)
    MediaJob.objects.filter(pk=job.pk).update(
        status="PROCESSING", progress_percent=34, progress_step="looking for faces", input_json={"cache_key": "k"}
    )

    shown = text_of(client, asset)
    assert "Looking for faces: 34%" in shown
    assert f'data-api="/jobs/{job.pk}/cancel?' in shown
    MediaJob.objects.filter(pk=job.pk).update(status="DEAD", error_message="The worker was lost.")
    failed = text_of(client, asset)
    assert "Nothing of its pictures is handed out" in failed
    assert "Try again" in failed


def test_what_is_doubtful_is_refused_until_every_range_is_decided(client):
    asset = asked("doubtful", doubtful_ranges=DOUBTS)

    early = client.post(f"/registry/{asset.pk}/faces/finish")
    wrong = client.post(f"/registry/{asset.pk}/faces/choose", {"number": "2", "choice": "keep"})
    unknown = client.post(f"/registry/{asset.pk}/faces/choose", {"number": "1", "choice": "show"})

    assert (early.status_code, wrong.status_code, unknown.status_code) == (409, 400, 400)
    assert "0 of 1 decided" in text_of(client, asset)
    client.post(f"/registry/{asset.pk}/faces/choose", {"number": "1", "choice": "keep"})
    client.post(f"/registry/{asset.pk}/faces/finish")
    row = Anonymisation.objects.get(asset=asset)
    assert (row.status, row.cleared_by) == ("cleared", "alice")


def test_what_an_older_scan_cleared_can_be_scanned_again_and_decided_again(client):
    asset = cleared("1")

    shown = text_of(client, asset)

    assert "This clearance by Maya rests on an older face scan (version 1;" in shown
    assert "Scan again</button>" in shown
    assert "Release without a scan</button>" in shown
    asset.refresh_from_db()
    assert asset.withheld == OUTDATED
    row = Anonymisation.objects.get(asset=asset)
    where = "tenant_id=t_club&env=dev"
    assert (
        client.post(f"/video/anonymise/faces/{row.pk}/clear?{where}", {}, content_type="application/json").status_code
        == 200
    )
    row.refresh_from_db()
    asset.refresh_from_db()
    assert (row.status, row.cleared_by, row.scan_version, asset.withheld) == ("cleared", "alice", current(), "")
    assert "Released by alice" in text_of(client, asset)


def test_what_was_decided_about_an_older_scan_is_decided_again_range_by_range(client):
    asset = cleared("", doubtful_ranges=[{**DOUBTS[0], "choice": "keep", "decision": "keep"}])

    shown = text_of(client, asset)

    assert "its version is not known" in shown
    assert "0 of 1 decided" in shown
    assert client.post(f"/registry/{asset.pk}/faces/finish").status_code == 409
    client.post(f"/registry/{asset.pk}/faces/choose", {"number": "1", "choice": "keep"})
    client.post(f"/registry/{asset.pk}/faces/finish")
    asset.refresh_from_db()
    assert asset.withheld == ""


def test_what_the_newest_scan_cleared_stays_cleared(client):
    asset = cleared(current())

    assert "Released by Maya" in text_of(client, asset)
    asset.refresh_from_db()
    assert asset.withheld == ""


def test_a_decision_about_the_file_before_says_nothing_about_the_one_in_its_place(client):
    asset = asked("doubtful", REPLACED, doubtful_ranges=[{**DOUBTS[0], "choice": "keep"}])
    row = Anonymisation.objects.get(asset=asset)

    assert "Hide faces</button>" in text_of(client, asset)
    clear = f"/video/anonymise/faces/{row.pk}/clear?tenant_id=t_club&env=dev"
    assert client.post(clear, {}, content_type="application/json").status_code == 200
    asset.refresh_from_db()
    assert asset.withheld == REPLACED


def test_the_preview_is_shown_on_this_page_alone_and_to_its_tenant(client):
    asset = asked("doubtful", doubtful_ranges=DOUBTS)
    preview = a_derivative(asset, "faces_preview")
    storage.store().put_bytes(preview.key, b"film", content_type="video/mp4")

    assert client.get(f"/registry/{asset.pk}/faces/preview").status_code == 302
    assert client.get(f"/files/{preview.pk}/").status_code == 409
    stranger = Client(raise_request_exception=False)
    stranger.force_login(a_user("eve", "t_other"))
    for path in ("", "preview"):
        assert stranger.get(f"/registry/{asset.pk}/faces/{path}").status_code == 404
    Anonymisation.objects.update(status="scanning")
    assert client.get(f"/registry/{asset.pk}/faces/preview").status_code == 404
