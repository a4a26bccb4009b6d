"""Files come in: offered, sent, resumed, completed, replaced, given up; over the API, into a real store."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from media_app import storage
from media_app.core.files.parts import MIB
from media_app.models import MediaAsset, MediaJob, PendingDeletion, Upload
from media_app.services import chores, deletion
from tests.support.factories import DAY, Api, a_derivative, a_result, a_session, a_synced_session, an_asset, offer_of

pytestmark = pytest.mark.django_db
FILM = b"film" * 10


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def session():
    return a_session()


@pytest.fixture
def base(session) -> str:
    return f"/v2/sessions/{session.pk}/assets"


def begin(api, base, *args, **kwargs) -> dict:
    status, offer = api.post(f"{base}/init-upload", offer_of(*args, **kwargs))
    assert status == 201, offer
    return offer


def error_of(answer: tuple[int, dict]) -> tuple[int, str, str | None]:
    status, body = answer
    assert set(body["error"]) == {"code", "message", "field", "details"}
    return status, body["error"]["code"], body["error"]["field"]


def test_a_small_file_is_sent_in_one_go_and_its_ingest_is_queued(api, session, base):
    offer = begin(api, base, data=FILM)
    assert offer.keys() >= {"assetId", "uploadUrl", "cameraLabel", "sizeBytes"}
    assert "parts" not in offer
    session.refresh_from_db()
    assert session.status == "draft"

    assert api.put_file(offer["uploadUrl"], FILM) == 200
    status, asset = api.post(f"{base}/{offer['assetId']}/complete")
    assert (status, asset["status"], asset["sizeBytes"]) == (200, "ingesting", 40)
    session.refresh_from_db()
    assert session.status == "ingesting"
    job = MediaJob.objects.get()
    assert (job.type, job.asset_id, job.tenant_id) == ("ingest_sound_v1", session.assets.get().pk, "t_club")
    key = session.assets.get().original_key
    assert key == "tenants/t_club/dev/projects/spring/20260113/originals/angle-001_v001.mp4"
    assert storage.store().head(key).size == 40


def test_completing_again_changes_nothing(api, base):
    asset = api.upload(base.split("/")[3], "A")
    for _ in range(3):
        status, again = api.post(f"{base}/{asset['id']}/complete")
        assert (status, again["status"]) == (200, "ingesting")
    assert MediaJob.objects.get().status == "PENDING"


def test_asking_again_offers_the_upload_under_way_and_another_file_takes_its_place(api, base):
    first = begin(api, base, data=FILM)
    again = begin(api, base, data=FILM)
    other = begin(api, base, data=FILM, filename="b.mp4")
    assert again["assetId"] == first["assetId"] == other["assetId"]
    assert [upload.state for upload in Upload.objects.order_by("created_at")] == ["aborted", "open"]
    assert Upload.objects.filter(state="open").get().key.endswith("angle-001_v002.mp4")


def in_parts(settings):
    settings.MULTIPART_FROM_BYTES = 20 * MIB


def put_part(part: dict, fill: bytes = b"\0") -> tuple[int, str]:
    answer = Client().put(part["url"], fill * part["sizeBytes"], content_type="application/octet-stream")
    return answer.status_code, answer.headers.get("ETag", "").strip('"')


def test_a_large_file_is_sent_in_equal_parts_and_resumed_where_it_stopped(api, base, settings):
    in_parts(settings)
    size = 33 * MIB
    offer = begin(api, base, sizeBytes=size)
    assert "uploadUrl" not in offer
    assert [(part["partNumber"], part["sizeBytes"] // MIB) for part in offer["parts"]] == [(1, 16), (2, 16), (3, 1)]
    status, etag = put_part(offer["parts"][1])
    assert status == 200

    _, resumed = api.get(f"{base}/{offer['assetId']}/upload")
    assert [part["partNumber"] for part in resumed["parts"]] == [1, 3]
    assert [(part["partNumber"], part["etag"]) for part in resumed["arrived"]] == [(2, etag)]
    assert resumed["receivedBytes"] == 16 * MIB

    early = api.post(f"{base}/{offer['assetId']}/complete", {"uploadId": offer["uploadId"]})
    assert error_of(early)[:2] == (409, "parts_mismatch")
    assert early[1]["error"]["details"]["parts"] == [1, 3]

    sent = [(2, etag)] + [(part["partNumber"], put_part(part)[1]) for part in resumed["parts"]]
    said = [{"partNumber": number, "etag": tag} for number, tag in sent]
    wrong = [*said[:2], {"partNumber": 3, "etag": "0" * 32}]
    refused = api.post(f"{base}/{offer['assetId']}/complete", {"uploadId": offer["uploadId"], "parts": wrong})
    assert error_of(refused)[:2] == (409, "parts_mismatch")

    status, asset = api.post(f"{base}/{offer['assetId']}/complete", {"uploadId": offer["uploadId"], "parts": said})
    assert (status, asset["status"]) == (200, "ingesting")
    assert storage.store().head(MediaAsset.objects.get().original_key).size == size
    assert api.post(f"{base}/{offer['assetId']}/complete", {"uploadId": offer["uploadId"]})[0] == 200


def test_a_part_of_another_length_is_refused_by_its_link(api, base, settings):
    in_parts(settings)
    offer = begin(api, base, sizeBytes=21 * MIB)
    link = offer["parts"][1]
    assert Client().put(link["url"], b"x", content_type="application/octet-stream").status_code in (400, 413)


def test_what_was_made_one_before_a_crash_is_found_whole_and_completes(api, base, settings):
    in_parts(settings)
    offer = begin(api, base, sizeBytes=21 * MIB)
    for part in offer["parts"]:
        put_part(part)
    upload = Upload.objects.get()
    storage.store().complete_multipart(
        upload.key, upload.store_upload_id, size=upload.size_bytes, part_size=upload.part_size
    )
    status, progress = api.get(f"{base}/{offer['assetId']}/upload")
    assert (status, progress["parts"], progress["receivedBytes"]) == (200, [], 21 * MIB)
    assert api.post(f"{base}/{offer['assetId']}/complete", {"uploadId": offer["uploadId"]})[0] == 200


def test_an_upload_that_the_store_gave_up_begins_anew(api, base, settings):
    in_parts(settings)
    offer = begin(api, base, sizeBytes=21 * MIB)
    upload = Upload.objects.get()
    storage.store().abort_multipart(upload.key, upload.store_upload_id)
    assert error_of(api.get(f"{base}/{offer['assetId']}/upload"))[0] == 410
    again = begin(api, base, sizeBytes=21 * MIB)
    assert again["uploadId"] != offer["uploadId"]
    assert len(again["parts"]) == 2


def test_a_file_larger_than_the_store_has_space_for_is_refused_and_leaves_nothing(api, session, base):
    refused = api.post(f"{base}/init-upload", offer_of(sizeBytes=5 * 2**40))
    assert error_of(refused) == (413, "no_room", "sizeBytes")
    assert not session.assets.exists()


def test_a_full_disk_is_said_to_be_full_and_leaves_nothing(api, session, base, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10 * 2**30, 10 * 2**30, 0))
    refused = api.post(f"{base}/init-upload", offer_of(sizeBytes=2**20))
    assert error_of(refused) == (507, "store_full", "sizeBytes")
    assert not session.assets.exists()


def test_completing_before_the_bytes_came_says_so(api, base):
    offer = begin(api, base, data=FILM)
    assert error_of(api.post(f"{base}/{offer['assetId']}/complete"))[:2] == (409, "upload_incomplete")
    assert api.put_file(offer["uploadUrl"], FILM[:-1]) in (400, 413)
    assert api.put_file(offer["uploadUrl"], FILM, "text/html") == 403
    assert error_of(api.post(f"{base}/{offer['assetId']}/complete"))[:2] == (409, "upload_incomplete")
    assert not MediaJob.objects.exists()


def test_an_object_that_did_not_come_by_the_upload_is_not_taken(api, base):
    offer = begin(api, base, data=FILM)
    storage.store().put_bytes(Upload.objects.get().key, FILM, content_type="video/mp4")
    status, body = api.post(f"{base}/{offer['assetId']}/complete")
    assert (status, body["error"]["code"]) == (409, "upload_incomplete")
    assert "Send it to its uploadUrl first" in body["error"]["message"]


@pytest.mark.parametrize("body", [FILM, b"evil" * 10])
def test_no_link_writes_once_complete_has_answered(api, base, body):
    offer = begin(api, base, data=FILM)
    _, again = api.get(f"{base}/{offer['assetId']}/upload")
    api.put_file(offer["uploadUrl"], FILM)
    assert api.post(f"{base}/{offer['assetId']}/complete")[0] == 200
    asset = MediaAsset.objects.get()
    for link in (offer["uploadUrl"], again["uploadUrl"]):
        assert api.put_file(link, body) == 410
    assert api.post(f"{base}/{offer['assetId']}/complete")[0] == 200
    assert storage.store().open(asset.original_key).read() == FILM
    assert storage.store().head(asset.original_key).etag == asset.original_etag


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", ["asset", "session", "upload", "replaced"])
def test_no_link_leaves_an_object_behind_once_what_it_was_for_is_gone(api, session, base, gone):
    offer = begin(api, base, data=FILM)
    api.put_file(offer["uploadUrl"], FILM)
    {
        "asset": lambda: api.delete(f"{base}/{offer['assetId']}"),
        "session": lambda: api.delete(f"/v2/sessions/{session.pk}"),
        "upload": lambda: api.delete(f"{base}/{offer['assetId']}/upload"),
        "replaced": lambda: begin(api, base, data=FILM, filename="other.mp4"),
    }[gone]()
    assert api.put_file(offer["uploadUrl"], FILM) == 410
    assert list(storage.store().list()) == []
    assert len(list(storage.store().uploads())) == (gone == "replaced")


@pytest.mark.parametrize("moment", ["made", "begun"])
def test_an_upload_of_which_only_the_row_was_made_goes_on(api, base, moment):
    """Of an earlier version, or of a process that was killed before the store knew of it."""
    offer = begin(api, base, data=FILM)
    upload = Upload.objects.get()
    if moment == "made":
        storage.store().abort_multipart(upload.key, upload.store_upload_id)
    Upload.objects.update(store_upload_id="")
    assert error_of(api.post(f"{base}/{offer['assetId']}/complete"))[:2] == (409, "upload_incomplete")
    _, progress = api.get(f"{base}/{offer['assetId']}/upload")
    assert api.put_file(progress["uploadUrl"], FILM) == 200
    assert api.post(f"{base}/{offer['assetId']}/complete")[0] == 200


def test_an_empty_file_may_come_in(api, base):
    offer = begin(api, base, data=b"")
    assert api.put_file(offer["uploadUrl"], b"") == 200
    assert api.post(f"{base}/{offer['assetId']}/complete")[0] == 200


def test_giving_an_upload_up_removes_the_camera_that_never_had_a_file(api, session, base):
    offer = begin(api, base, data=FILM)
    assert api.delete(f"{base}/{offer['assetId']}/upload") == (204, None)
    assert not session.assets.exists()
    assert error_of(api.post(f"{base}/{offer['assetId']}/complete"))[0] == 404
    session.refresh_from_db()
    assert session.status == "draft"


def test_giving_up_the_last_upload_lets_the_session_go_on(api, session, base):
    """`uploading` rows hold a session; without them it is settled."""
    an_asset(session, "A", status="failed")
    offer = begin(api, base, "B", data=FILM)
    session.status = "ingesting"
    session.save()
    api.delete(f"{base}/{offer['assetId']}/upload")
    session.refresh_from_db()
    assert session.status == "needs-review"
    assert "camera A could not be ingested" in session.status_reason


def test_a_replacement_given_up_leaves_a_failed_camera_as_it_was(api, session, base):
    asset = an_asset(session, "A", status="failed", status_message="The file is cut. Copy it again.")
    begin(api, base, "A", data=FILM)
    asset.refresh_from_db()
    assert asset.status == "uploading"
    assert api.delete(f"{base}/{asset.pk}/upload")[0] == 204
    asset.refresh_from_db()
    assert (asset.status, asset.status_message) == ("failed", "The file is cut. Copy it again.")


def test_a_ready_camera_stays_until_its_replacement_is_complete_and_then_goes_back_to_review(api):
    session = a_synced_session()
    base = f"/v2/sessions/{session.pk}/assets"
    assert api.post(f"/v2/sessions/{session.pk}/sync/approve", {"approvedBy": "Ann"})[0] == 200
    old = session.assets.get(camera_label="B")
    a_derivative(old, "proxy")
    offer = begin(api, base, "B", data=FILM)
    api.put_file(offer["uploadUrl"], FILM)
    _, before = api.get(f"{base}/{old.pk}")
    assert (before["status"], len(before["derivatives"])) == ("ready", 2)
    session.refresh_from_db()
    assert session.status == "ready"

    _, after = api.post(f"{base}/{old.pk}/complete")
    assert (after["status"], after["derivatives"], after["durationMs"]) == ("ingesting", [], None)
    session.refresh_from_db()
    assert session.status == "ingesting"
    assert error_of(api.get(f"/v2/sessions/{session.pk}/sync"))[:2] == (404, "not_synced")
    _, trail = api.get(f"/v2/sessions/{session.pk}/sync/history")
    assert [(line["by"], line["stale"]) for line in trail] == [("Ann", True)]
    assert PendingDeletion.objects.filter(key=old.original_key).exists()


def test_a_replacement_withdraws_the_ingest_of_the_file_before(api, session, base):
    api.upload(session.pk, "A")
    first = MediaJob.objects.get()
    api.upload(session.pk, "A", b"another film", "b.mp4")
    first.refresh_from_db()
    assert first.status == "CANCELLED"
    assert session.assets.get().status == "ingesting"
    assert MediaJob.objects.exclude(pk=first.pk).get().status == "PENDING"


def test_removing_a_camera_sends_the_session_back_and_sweeps_its_files(api):
    session = a_synced_session("ABC")
    gone = session.assets.get(camera_label="C")
    storage.store().put_bytes(gone.original_key, b"x", content_type="video/mp4")
    assert api.delete(f"/v2/sessions/{session.pk}/assets/{gone.pk}")[0] == 204
    session.refresh_from_db()
    assert session.status == "syncing"
    assert sorted(session.jobs.get().input_json["inputs"]) == ["A", "B"]
    chores.sweep_deletions()
    assert storage.store().head(gone.original_key) is None


def test_removing_a_camera_while_the_sync_runs_syncs_the_others(api):
    session = a_synced_session(
        "ABC",
    )
    api.post(f"/v2/sessions/{session.pk}/sync/run")
    MediaJob.objects.update(status="PROCESSING")
    api.delete(f"/v2/sessions/{session.pk}/assets/{session.assets.get(camera_label='C').pk}")
    session.refresh_from_db()
    assert session.status == "syncing"
    assert sorted(session.jobs.get(status="PENDING").input_json["inputs"]) == ["A", "B"]
    api.delete(f"/v2/sessions/{session.pk}/assets/{session.assets.get(camera_label='B').pk}")
    session.refresh_from_db()
    assert (session.status, session.status_reason[:24]) == ("needs-review", "There is only one camera")
    api.delete(f"/v2/sessions/{session.pk}/assets/{session.assets.get().pk}")
    session.refresh_from_db()
    assert session.status == "draft"


def test_an_upload_that_nobody_asks_about_ends_as_a_failed_camera_with_a_sentence(api, session, base):
    offer = begin(api, base, data=FILM)
    Upload.objects.update(updated_at=timezone.now() - timedelta(hours=100))
    assert chores.sweep_stale_uploads() == 1
    _, asset = api.get(f"{base}/{offer['assetId']}")
    assert asset["status"] == "failed"
    assert "Drop the file again" in asset["statusMessage"]
    assert error_of(api.post(f"{base}/{offer['assetId']}/complete"))[:2] == (409, "upload_ended")
    again = begin(api, base, data=FILM)
    assert again["assetId"] == offer["assetId"]


def test_an_upload_that_is_asked_about_is_not_stale(api, base):
    offer = begin(api, base, data=FILM)
    Upload.objects.update(updated_at=timezone.now() - timedelta(hours=100))
    api.get(f"{base}/{offer['assetId']}/upload")
    assert chores.sweep_stale_uploads() == 0


def test_two_sessions_of_one_project_and_day_never_share_keys(api):
    keys = set()
    for _ in range(3):
        session = a_session(date=DAY)
        for _ in range(2):
            api.upload(session.pk, "A", filename="same.mp4")
            keys.add(session.assets.get().original_key)
    assert len(keys) == 6


def test_a_version_that_a_person_gave_by_hand_is_not_given_again(api):
    by_hand = an_asset(a_session(), "A", version=1)
    asset = api.upload(a_session().pk, "A")
    assert (by_hand.version, asset["version"]) == (1, 2)


def test_a_session_removed_takes_its_files_and_its_work_with_it(api):
    session = a_synced_session()
    plot = "tenants/t_club/dev/plot.png"
    session.sync_results.update(debug_artifacts={"B": {"plot": plot}})
    api.upload(session.pk, "C")
    held = [asset.original_key for asset in session.assets.all()]
    for key in [*held, plot]:
        storage.store().put_bytes(key, b"x", content_type="video/mp4")
    assert api.delete(f"/v2/sessions/{session.pk}") == (204, None)
    assert MediaJob.objects.get().status == "CANCELLED"
    chores.sweep_deletions()
    assert [key for key in [*held, plot] if storage.store().head(key)] == []
    assert error_of(api.get(f"/v2/sessions/{session.pk}"))[0] == 404


def test_an_object_stored_by_work_that_died_is_swept_in_a_day_and_one_that_was_kept_is_not():
    store = storage.store()
    for key in ("a/orphan.mp4", "a/kept.mp4"):
        deletion.reserve([key])
        store.put_bytes(key, b"x", content_type="video/mp4")
    deletion.confirm(["a/kept.mp4"])
    assert chores.sweep_deletions() == 0
    PendingDeletion.objects.update(due_at=timezone.now())
    assert chores.sweep_deletions() == 1
    assert [found.key for found in store.list()] == ["a/kept.mp4"]


def test_what_is_in_use_again_is_not_swept():
    asset = an_asset(a_session(), "A")
    storage.store().put_bytes(asset.original_key, b"x", content_type="video/mp4")
    deletion.schedule_deletion([asset.original_key])
    assert chores.sweep_deletions() == 0
    assert storage.store().head(asset.original_key) is not None


def test_one_chore_that_fails_does_not_keep_the_others_from_being_done(monkeypatch):
    deletion.schedule_deletion(["a/b"])
    monkeypatch.setattr(chores, "sweep_stale_uploads", lambda: 1 / 0)
    chores.tidy()
    assert not PendingDeletion.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cameraLabel": "AB"}, "cameraLabel"), ({"cameraLabel": "a"}, "cameraLabel"), ({"cameraLabel": None}, "cameraLabel"),
        ({"filename": "a.txt"}, "filename"), ({"filename": "a\x00.mp4"}, "filename"), ({"filename": "x" * 2000}, "filename"),
        ({"filename": "\ud800.mp4"}, "filename"), ({"filename": ["a.mp4"]}, "filename"), ({"filename": ""}, "filename"),
        ({"contentType": "image/png"}, "contentType"), ({"contentType": {}}, "contentType"),
        ({"sizeBytes": -1}, "sizeBytes"), ({"sizeBytes": "many"}, "sizeBytes"), ({"sizeBytes": 2**63 - 1}, "sizeBytes"),
        ({"sizeBytes": 10**30}, "sizeBytes"), ({"sizeBytes": 1.5}, "sizeBytes"), ({"sizeBytes": None}, "sizeBytes"),
        ({"sizeBytes": [1]}, "sizeBytes"), ({"sizeBytes": True}, None),
    ],
)  # fmt: skip
def test_an_offer_that_cannot_be_taken_names_its_field(api, base, session, change, field):
    status, body = api.post(f"{base}/init-upload", offer_of(**change))
    if field is None:
        assert status < 500
    else:
        assert (status, body["error"]["field"]) == (400, field)
        assert not session.assets.exists()


def test_a_camera_is_ingested_again_under_a_version_of_its_own(api):
    session = a_synced_session()
    asset = session.assets.get(camera_label="A")
    status, job = api.post(f"/v2/sessions/{session.pk}/assets/{asset.pk}/ingest")
    assert (status, job["type"]) == (202, "ingest_sound_v1")
    assert error_of(api.post(f"/v2/sessions/{session.pk}/assets/{asset.pk}/ingest"))[:2] == (409, "wrong_status")
    session.refresh_from_db()
    assert session.status == "ingesting"


def test_detail_and_list_ask_the_database_the_same_few_times_however_much_there_is(api, django_assert_max_num_queries):
    def fill(count: int):
        for number in range(count):
            session = a_session(f"take {number}")
            for label in "ABCDEF"[:count]:
                a_derivative(an_asset(session, label), "proxy")
            a_result(session, {"A": 0.0})
        return session

    small, large = fill(1), fill(6)
    for path in (f"/v2/sessions/{small.pk}", f"/v2/sessions/{large.pk}"):
        with django_assert_max_num_queries(7):
            assert api.get(path)[0] == 200
    with django_assert_max_num_queries(4):
        assert api.get("/v2/sessions")[1]["count"] == 7
    for session in (small, large):
        with django_assert_max_num_queries(5):
            assert api.get(f"/v2/sessions/{session.pk}/sync")[0] == 200
        with django_assert_max_num_queries(5):
            assert api.get(f"/v2/sessions/{session.pk}/sync/history")[0] == 200
