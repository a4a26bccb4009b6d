"""GET /v2/sessions/{id}/edit, by the API alone."""

import io
import json
import zipfile
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from rest_framework.test import APIClient

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset
from render_app.core.timeline.nouns import CameraReference
from render_app.exchange import formats
from render_app.services import edit as services
from render_app.services.render_media import camera_reels
from sessions_app.models import AccessToken, Membership, RecordingSession
from sync_app.core.correction import Correction
from sync_app.models import SyncResult
from sync_app.services import review, runs
from tests.support.factories import ready_since

pytestmark = pytest.mark.django_db

OFFSETS = {"A": 0.0, "B": 2513.7, "R": -1234.5}


def client_of(tenant_id):
    user = get_user_model().objects.create_user(f"user-of-{tenant_id}")
    Membership.objects.create(user=user, tenant_id=tenant_id)
    _, token = AccessToken.issue(user=user, tenant_id=tenant_id, name="test")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


@pytest.fixture
def client():
    return client_of("t_local")


def add_asset(session, label, **fields):
    defaults = {
        "status": MediaAsset.Status.READY,
        "kind": MediaAsset.Kind.VIDEO,
        "original_filename": f"camera {label}.mp4",
        "original_key": f"originals/{session.pk}/{label}.mp4",
        "checksum": label.lower() * 64,
        "project_id": session.project_id,
        "shoot_date": session.date,
        "version": RecordingSession.objects.count(),
        "duration_ms": 10_000,
        "fps": "30000/1001",
        "width": 1920,
        "height": 1080,
        "codec": "h264",
        "has_audio": True,
        "audio_codec": "aac",
        "sample_rate": 48_000,
        "audio_channels": 2,
        "video_start_ms": 0.0,
        "audio_start_ms": 0.0,
        "media_info": {"frames": 299},
    }
    known = defaults | fields
    return MediaAsset.objects.create(session=session, camera_label=label, **ready_since(known["status"]) | known)


def add_derivative(asset, kind, **fields):
    defaults = {"key": f"derived/{asset.pk}/{kind}", "checksum": "d" * 64, "input_ref": asset.original_key}
    return DerivedMedia.objects.create(asset=asset, kind=kind, **defaults | fields)


def shoot(labels="AB", **fields):
    """A session in review, with a sync that found an offset for every camera."""
    session = RecordingSession.objects.create(
        **{"title": "Tuesday lesson", "date": date(2026, 11, 20), "project_id": "lessons", "status": "needs-review"}
        | fields
    )
    for label in labels:
        asset = add_asset(session, label)
        for kind in (kinds.PROXY.name, kinds.AUDIO_WAV.name, kinds.THUMBNAIL.name):
            add_derivative(asset, kind)
    others = [label for label in labels if label != "A"]
    SyncResult.objects.create(
        session=session,
        run=1,
        master_camera="A",
        offsets_ms={label: OFFSETS.get(label, 100.0) for label in labels},
        drift_ppm=dict.fromkeys(others, 12.5),
        warnings={"B": ["It fell silent for a while."]} if "B" in labels else {},
        computed_at=timezone.now(),
    )
    return session


def approved(**fields):
    session = shoot(**fields)
    review.approve(session.context, session.pk, approved_by="alice")
    return session


def address(session, **query):
    return f"/v2/sessions/{session.pk}/edit" + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def test_the_answer_has_all_that_the_edit_needs(client):
    session = approved()
    mezzanine = add_derivative(session.assets.get(camera_label="B"), kinds.MEZZANINE.name, checksum="e" * 64)

    answer = client.get(address(session))

    assert answer.status_code == 200
    body = answer.json()
    assert body["sessionId"] == str(session.pk)
    assert (body["title"], body["projectId"], body["date"]) == ("Tuesday lesson", "lessons", "2026-11-20")
    assert (body["status"], body["masterCamera"], body["operatorStatus"]) == ("ready", "A", "approved")
    assert (body["decidedBy"], body["version"]) == ("alice", 2)
    assert body["approvedAt"]
    assert "tCamera × (1 + driftPpm/1e6) + offsetMs/1000" in body["timebase"]
    assert body["union"] == {"startMs": 0.0, "endMs": 12_513.825}
    assert body["overlap"] == {"startMs": 2513.7, "endMs": 10_000.0}
    assert body["leftOut"] == []
    a, b = body["angles"]
    assert (a["cameraLabel"], a["offsetMs"], a["driftPpm"], a["mezzanineUrl"]) == ("A", 0.0, 0.0, None)
    assert b["originalUrl"].startswith("http://testserver/store/originals/")
    assert f"/store/{mezzanine.key}?" in b["mezzanineUrl"]
    assert b["proxyUrl"]
    assert b["audioUrl"]
    assert b["checksums"] == {"original": "b" * 64, "mezzanine": "e" * 64, "proxy": "d" * 64, "audio": "d" * 64}
    assert a["checksums"]["mezzanine"] is None
    plain = {
        "cameraLabel": "B", "kind": "video", "offsetMs": 2513.7, "driftPpm": 12.5, "fps": "30000/1001",
        "durationMs": 10_000, "resolution": "1920x1080", "timecode": "", "videoStartMs": 0.0, "audioStartMs": 0.0,
        "hasAudio": True, "audioCodec": "aac", "sampleRate": 48_000, "audioChannels": 2, "frames": 299, "pieces": [],
        "originalFilename": "camera B.mp4", "warnings": ["It fell silent for a while."], "startMs": 2513.7,
    }  # fmt: skip
    assert plain.items() <= b.items()


def test_the_files_can_be_fetched_without_a_token(client, tmp_path, settings):
    from media_app import storage

    settings.MEDIA_STORE_ROOT = tmp_path
    session = approved()
    storage.store().put_bytes(session.assets.first().original_key, b"moving pictures", content_type="video/mp4")

    fetched = APIClient().get(client.get(address(session)).json()["angles"][0]["originalUrl"])

    assert b"".join(fetched.streaming_content) == b"moving pictures"


def test_corrected_offsets_are_the_ones_that_count(client):
    session = shoot()
    review.correct(session.context, session.pk, corrected_by="bob", wanted=Correction({"B": -40.0}))

    body = client.get(address(session)).json()

    assert (body["operatorStatus"], body["decidedBy"], body["angles"][1]["offsetMs"]) == ("corrected", "bob", -40.0)


def test_the_stretches_of_a_paused_camera_move_with_the_operators_offset(client):
    session = shoot()
    pieces = [{"start_s": 0.0, "end_s": 4.0, "offset_ms": 2513.7}, {"start_s": 4.0, "end_s": 10.0, "offset_ms": 5000.0}]
    SyncResult.objects.update(details={"pieces": {"B": pieces, "A": pieces[:1]}})
    review.correct(session.context, session.pk, corrected_by="bob", wanted=Correction({"B": 2500.0}))

    a, b = client.get(address(session)).json()["angles"]

    assert a["pieces"] == []
    assert b["pieces"] == [
        {"startMs": 0.0, "endMs": 4000.0, "offsetMs": 2500.0, "driftPpm": None},
        {"startMs": 4000.0, "endMs": 10_000.0, "offsetMs": 4986.3, "driftPpm": None},
    ]
    # The drift, 12.5 ppm, holds in both.
    assert (b["startMs"], b["endMs"]) == (2500.0, 14_986.425)


def test_a_corrected_segment_is_handed_over_in_every_format(client):
    session = shoot()
    stretches = [(0.0, 4.0, 2513.7), (4.0, 10.0, 5000.0)]
    rows = [{"start_s": start, "end_s": end, "offset_ms": ms, "drift_ppm": 12.5} for start, end, ms in stretches]
    SyncResult.objects.update(details={"segments": {"B": rows}})
    wanted = Correction(segments={"B": [{"startMs": 4000, "offsetMs": 5400.0}]})
    review.correct(session.context, session.pk, corrected_by="bob", wanted=wanted)

    body = client.get(address(session)).json()
    timeline = json.loads(client.get(address(session, format="otio")).content)
    xml = ET.fromstring(client.get(address(session, format="fcpxml")).content)
    edl = client.get(address(session, format="edl", camera="B")).content.decode()

    assert [(one["startMs"], one["offsetMs"]) for one in body["angles"][1]["pieces"]] == [
        (0.0, 2513.7),
        (4000.0, 5400.0),
    ]
    clips = [one for one in timeline["tracks"]["children"][1]["children"] if one["OTIO_SCHEMA"] == "Clip.2"]
    assert [one["metadata"]["studio"]["offsetMs"] for one in clips] == [2513.7, 5400.0]
    assert sum(one["source_range"]["duration"]["value"] for one in clips) == 299
    # 9.40005 s of the master's clock is frame 282 at 30000/1001.
    assert "00:00:09:12" in edl.split("002  CAM_B")[1].splitlines()[0]
    assert "* SEGMENT OFFSET: +5400.0000 MS" in edl
    notes = [note.text for note in xml.findall(".//mc-angle[@angleID='B']/asset-clip/note")]
    assert ["Offset +2513.7000 ms" in notes[0], "Offset +5400.0000 ms" in notes[1]] == [True, True]


@pytest.mark.parametrize(("jump_ms", "hole_ms"), [(6.0, 0.0), (-6.0, 0.0), (2486.3, 2486.3)])
def test_a_clock_that_jumps_by_a_few_milliseconds_leaves_no_black_frame(jump_ms, hole_ms):
    session = shoot()
    stretches = [(0.0, 4.0, 2513.7), (4.0, 10.0, 2513.7 + jump_ms)]
    rows = [{"start_s": start, "end_s": end, "offset_ms": ms, "drift_ppm": 0.0} for start, end, ms in stretches]
    SyncResult.objects.update(details={"segments": {"B": rows}})
    review.approve(session.context, session.pk, approved_by="alice")
    camera = CameraReference(str(session.pk), "B")

    before, after = camera_reels(session.context, [camera], "original")[camera]

    assert float(max(0, after.start_ms - before.end_ms)) == pytest.approx(hole_ms)
    # The picture goes on in its file meanwhile.
    assert float(before.file_ms(before.end_ms)) == pytest.approx(4000 + (max(0.0, jump_ms) if not hole_ms else 0))


def test_a_camera_whose_file_failed_is_left_out_with_its_reason(client):
    session = shoot()
    add_asset(session, "C", status=MediaAsset.Status.FAILED, status_message="It is a text file.")
    review.approve(session.context, session.pk, approved_by="alice")

    body = client.get(address(session)).json()

    assert [angle["cameraLabel"] for angle in body["angles"]] == ["A", "B"]
    assert body["leftOut"] == [{"cameraLabel": "C", "reason": "Its file is failed. It is a text file."}]


@pytest.mark.parametrize("format", ["otio", "edl", "fcpxml", "fcp7xml", "aaf"])
def test_every_format_lists_a_camera_that_is_not_in_it(client, format):
    session = shoot()
    add_asset(session, "C", status=MediaAsset.Status.FAILED, status_message="It is a text file.")
    review.approve(session.context, session.pk, approved_by="alice")
    losses = client.get(address(session), {"format": format, "report": 1}).json()["losses"]
    (lost,) = [one for one in losses if one["code"] == "camera_left_out"]
    assert lost["camera"] == "C"
    assert lost["message"] == "Camera C is not in the edit. Its file is failed. It is a text file."


def test_a_derivative_of_the_file_before_is_not_offered(client):
    session = approved()
    DerivedMedia.objects.filter(asset__camera_label="B", kind="proxy").update(input_ref="originals/an-older-file.mp4")

    assert client.get(address(session)).json()["angles"][1]["proxyUrl"] is None


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("draft", "Upload them"),
        ("ingesting", "Wait until it needs review"),
        ("syncing", "Wait until it needs review"),
        ("needs-review", "Approve it with POST"),
    ],
)
@pytest.mark.parametrize("query", [{}, {"format": "otio"}, {"format": "fcpxml"}])
def test_without_a_decision_there_is_no_edit(client, status, hint, query):
    answer = client.get(address(shoot(status=status), **query))

    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "not_decided"
    assert hint in error["message"]


def test_a_decision_about_recordings_that_changed_since_does_not_count(client):
    session = approved()
    runs.supersede(session)

    assert client.get(address(session)).json()["error"]["code"] == "not_decided"


def test_another_tenants_session_is_as_unknown_as_one_that_never_was(client):
    session = approved(tenant_id="t_other")

    for query in ({}, {"format": "edl"}):
        answer = client.get(address(session, **query))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert client_of("t_other").get(address(session)).status_code == 200
    assert client.get("/v2/sessions/5f0c7a52-0000-4000-8000-000000000001/edit").status_code == 404
    assert client.get("/v2/sessions/not-an-id/edit").status_code == 404


def test_a_stranger_is_asked_to_sign_in():
    assert APIClient().get(address(approved())).status_code == 401


def test_only_get_is_answered(client):
    assert client.post(address(approved())).status_code == 405


@pytest.mark.parametrize("name", ["mov", "", "OTIO", "otio%20", "%F0%9F%8E%AC", "x" * 3000])
def test_an_unknown_format_names_the_choices(client, name):
    answer = client.get(address(approved(), format=name))

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["field"]) == ("invalid_input", "format")
    assert "json, aaf, edl, fcp7xml, fcpxml, otio" in error["message"]


def test_format_json_is_the_plain_answer(client):
    session = approved()

    assert client.get(address(session, format="json")).json().keys() == client.get(address(session)).json().keys()


@pytest.mark.parametrize(
    ("query", "content_type", "filename"),
    [
        ({"format": "otio"}, "application/vnd.pixar.opentimelineio+json", "Tuesday-lesson_20261120.otio"),
        ({"format": "fcpxml"}, "application/xml; charset=utf-8", "Tuesday-lesson_20261120.fcpxml"),
        ({"format": "edl"}, "application/zip", "Tuesday-lesson_20261120_edl.zip"),
        ({"format": "edl", "camera": "B"}, "text/plain; charset=utf-8", "Tuesday-lesson_20261120_camera-B.edl"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "application/xml", "text/html"])
def test_a_format_is_a_download_with_its_type_and_name(client, query, content_type, filename, accept):
    answer = client.get(address(approved(), **query), headers={"accept": accept})

    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == f'attachment; filename="{filename}"'


def test_the_documents_lead_to_the_originals_by_full_addresses(client):
    session = approved()

    timeline = json.loads(client.get(address(session, format="otio")).content)
    xml = ET.fromstring(client.get(address(session, format="fcpxml")).content)
    archive = zipfile.ZipFile(io.BytesIO(client.get(address(session, format="edl")).content))

    clip = timeline["tracks"]["children"][1]["children"][1]
    assert clip["media_references"]["DEFAULT_MEDIA"]["target_url"].startswith("http://testserver/store/originals/")
    assert all(rep.get("src").startswith("http://testserver/store/originals/") for rep in xml.iter("media-rep"))
    assert clip["source_range"]["duration"]["value"] == 299
    assert len(archive.namelist()) == 2


def test_a_camera_that_is_not_there_is_refused_naming_those_that_are(client):
    session = approved()

    for camera in ("C", "", "b", "AA", "B: y"):
        error = client.get(address(session, format="edl", camera=camera)).json()["error"]
        assert (error["field"], "It has A, B." in error["message"]) == ("camera", True)


def test_a_format_of_all_cameras_takes_no_camera(client):
    answer = client.get(address(approved(), format="otio", camera="A"))

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "camera")
    assert "It goes with edl." in answer.json()["error"]["message"]


def test_a_title_cannot_break_out_of_the_header_or_the_document(client):
    session = approved(title='Ärger\r\nSet-Cookie: a=b; "<x>&\x0b日本')

    for name in ("otio", "fcpxml", "edl"):
        answer = client.get(address(session, format=name))
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer["Content-Disposition"].startswith('attachment; filename="Arger-Set-Cookie-a-b-x_20261120')
    assert ET.fromstring(client.get(address(session, format="fcpxml")).content).find(".//project") is not None


def test_a_camera_whose_frame_rate_was_lost_is_named_not_a_fault_of_the_server(client):
    session = approved()
    MediaAsset.objects.filter(camera_label="B").update(fps="")

    answer = client.get(address(session, format="otio"))

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "cannot_export")
    assert "Camera B" in answer.json()["error"]["message"]
    assert client.get(address(session)).status_code == 200


def test_more_cameras_take_no_more_queries(client, django_assert_num_queries):
    small, large = approved(labels="AB"), approved(labels="ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    for session in (small, large):
        with django_assert_num_queries(5):
            edit = services.multicam_edit(session.context, session.pk)
    assert len(edit.angles) == 26


def test_the_schema_has_the_edit(client):
    schema = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()

    operation = schema["paths"]["/v2/sessions/{session_id}/edit"]["get"]
    choices = next(p for p in operation["parameters"] if p["name"] == "format")["schema"]["enum"]
    assert set(choices) == {"json", "zip", *formats()}
    either = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rsplit("/")[-1]
    name = schema["components"]["schemas"][either]["oneOf"][0]["$ref"].rsplit("/")[-1]
    assert {"angles", "overlap", "union", "timebase"} <= schema["components"]["schemas"][name]["properties"].keys()


def test_the_target_says_whose_timecode_is_written(client):
    session = approved()
    camera = session.assets.get(camera_label="B")
    camera.timecode, camera.timecode_rate, camera.timecode_source = "10:00:00:00", "30000/1001", "rtmd"
    camera.tracks = [{"channels": [{}]}] * 4
    camera.save()

    starts = {
        target: ET.fromstring(client.get(address(session, format="fcpxml", **query)).content)
        .findall(".//asset")[1]
        .get("start")
        for target, query in {"usual": {}, "resolve": {"target": "resolve"}, "finalcut": {"target": "finalcut"}}.items()
    }

    assert starts["usual"] == starts["finalcut"] == "0s"
    assert starts["resolve"] != "0s"
    refused = client.get(address(session, format="otio", target="vegas"))
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "target")
    angle = client.get(address(session)).json()["angles"][1]
    assert (angle["timecodeSource"], angle["audioTracks"]) == ("rtmd", [1, 1, 1, 1])


def test_a_camera_whose_faces_are_to_be_hidden_is_in_no_edit_until_that_is_cleared(client):
    session = approved()
    MediaAsset.objects.filter(session=session, camera_label="B").update(withheld="Faces are being looked for.")
    for path in (f"/v2/sessions/{session.pk}/edit", f"/v2/sessions/{session.pk}/cut"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "withheld")
        assert "camera B.mp4" in answer.json()["error"]["message"]
