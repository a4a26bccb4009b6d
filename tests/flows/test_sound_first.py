"""The verdict waits for sound alone: sync, review and decision while pictures are made, and what a picture that fails costs."""

import pytest

from media_app import jobs
from media_app.models import MediaAsset, MediaJob
from media_app.services import ingest_queue
from tests.support import media
from tests.support.factories import Api, a_session

pytestmark = pytest.mark.django_db(transaction=True)
SOUND, PICTURES = ("io", "cpu"), ("render",)


def run_all(*kinds: str) -> None:
    while run := jobs.claim("tester", kinds=kinds):
        with run:
            run.execute()


@pytest.fixture
def shoot(settings):
    """Two cameras of one talk, sent; nothing of them is made yet."""
    settings.MEZZANINE = "off"
    session, api = a_session(), Api()
    files = media.three_cameras(seconds=20).paths
    for label in "AB":
        api.upload(session.pk, label, files[label].read_bytes(), f"{label}.mp4")
    return api, session


def cameras(api, session) -> list[dict]:
    return api.get(f"/v2/sessions/{session.pk}")[1]["assets"]


def facts(camera: dict) -> tuple:
    return camera["status"], camera["soundReady"], camera["pictureReady"]


def test_offsets_are_there_and_approved_before_a_picture_is_begun(shoot):
    api, session = shoot
    run_all(*SOUND)

    assert [facts(camera) for camera in cameras(api, session)] == [("ingesting", True, False)] * 2
    assert {made["kind"] for made in cameras(api, session)[0]["derivatives"]} == {"audio-wav", "waveform"}
    assert api.get(f"/v2/sessions/{session.pk}")[1]["status"] == "needs-review"
    status, approved = api.post(f"/v2/sessions/{session.pk}/sync/approve", {"approvedBy": "Maya", "notes": "heard it"})
    assert (status, approved["status"]) == (200, "ready")
    angles = api.get(f"/v2/sessions/{session.pk}/edit")[1]["angles"]
    assert [(angle["fps"], angle["proxyUrl"]) for angle in angles] == [("30/1", None), ("30000/1001", None)]

    run_all(*PICTURES)
    assert [facts(camera) for camera in cameras(api, session)] == [("ready", True, True)] * 2
    assert all(camera["checksum"] for camera in cameras(api, session))
    sync = api.get(f"/v2/sessions/{session.pk}/sync")[1]
    assert (sync["operatorStatus"], sync["finalOffsets"]) == ("approved", approved["finalOffsets"])
    assert api.get(f"/v2/sessions/{session.pk}")[1]["status"] == "ready"


def test_a_picture_that_fails_is_said_of_its_camera_and_ends_no_decision(shoot, tmp_path):
    api, session = shoot
    good = media.three_cameras(seconds=20).paths["B"]
    bent = tmp_path / "bent.mov"
    media.run_ffmpeg("-i", good, "-c", "copy", "-bsf:v", "noise=amount=1", bent)
    api.upload(session.pk, "B", bent.read_bytes(), "bent.mov")
    run_all(*SOUND)
    api.post(f"/v2/sessions/{session.pk}/sync/approve", {"approvedBy": "Maya", "notes": "heard it"})
    run_all(*PICTURES)

    a, b = cameras(api, session)
    assert (facts(a), facts(b)) == (("ready", True, True), ("failed", True, False))
    assert b["statusMessage"].endswith(".")
    sync = api.get(f"/v2/sessions/{session.pk}/sync")[1]
    assert (sync["operatorStatus"], set(sync["finalOffsets"])) == ("approved", {"A", "B"})
    assert api.get(f"/v2/sessions/{session.pk}")[1]["status"] == "ready"

    job = MediaJob.objects.get(asset_id=b["id"], status="FAILED")
    jobs.retry(job)
    assert facts(cameras(api, session)[1]) == ("ingesting", True, False)
    run_all(*PICTURES)
    assert api.post(f"/v2/sessions/{session.pk}/assets/{b['id']}/ingest")[1]["type"] == "ingest_asset_v1"
    assert facts(cameras(api, session)[1]) == ("ingesting", True, False)
    assert api.get(f"/v2/sessions/{session.pk}")[1]["status"] == "ready"


def test_sound_goes_before_all_pictures_and_those_that_are_looked_at_before_others(shoot):
    api, _ = shoot
    run_all(*SOUND)
    other = a_session(title="Another")
    api.upload(other.pk, "A", media.three_cameras(seconds=20).paths["C"].read_bytes(), "c.mp4")
    first = jobs.claim("tester")
    with first:
        assert (first.job.session_id, first.job.type) == (other.pk, "ingest_sound_v1")
        first.execute()
    ingest_queue.hurry_pictures(other.jobs.all())
    with jobs.claim("tester") as looked_at:
        assert (looked_at.job.session_id, looked_at.job.type) == (other.pk, "ingest_asset_v1")


def test_an_ingest_that_an_earlier_release_queued_makes_sound_and_picture(shoot):
    api, session = shoot
    MediaJob.objects.update(type="ingest_asset_v1", kind="cpu")
    run_all("io", "cpu")
    assert [facts(camera) for camera in cameras(api, session)] == [("ready", True, True)] * 2
    assert api.get(f"/v2/sessions/{session.pk}")[1]["status"] == "needs-review"


def test_another_sound_may_be_chosen_while_the_picture_is_made(shoot):
    api, session = shoot
    run_all(*SOUND)
    camera = cameras(api, session)[1]
    choice = {"stream": camera["heard"]["stream"], "channels": [1], "how": "channel"}
    status, _ = api.patch(f"/v2/sessions/{session.pk}/assets/{camera['id']}", {"heard": choice})
    assert status == 200
    run_all(*SOUND)
    assert facts(cameras(api, session)[1]) == ("ingesting", True, False)
    run_all(*PICTURES)
    assert [facts(camera) for camera in cameras(api, session)] == [("ready", True, True)] * 2
    assert MediaAsset.objects.get(pk=camera["id"]).heard["channels"] == [1]
