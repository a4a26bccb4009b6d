"""`GET /video/projects/{id}/exchange` and the edit of a session in the same formats, by their API."""

import io
import json
import zipfile

import opentimelineio as otio
import pytest

from media_app import storage
from media_app.models import MediaAsset
from render_app.exchange import formats
from tests.apps.render_app.test_edit import address, approved, client  # noqa: F401  (a fixture)
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import TENANT, a_derivative, a_registry_asset

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
FOUND = {
    "kind": "video", "duration_ms": 10_000, "fps": "25/1", "width": 1920, "height": 1080, "has_audio": True,
    "audio_channels": 2, "sample_rate": 48_000, "video_start_ms": 0.0, "audio_start_ms": 0.0, "timecode": "10:00:00:00",
    "timecode_rate": "25/1", "timecode_source": "tmcd", "media_info": {"frames": 250},
}  # fmt: skip


@pytest.fixture
def video(db):
    return Video()


def a_file(name="interview.mov", **fields) -> MediaAsset:
    asset = a_registry_asset(original_filename=name, **{**FOUND, **fields})
    storage.store().put_bytes(asset.original_key, name.encode(), content_type="video/quicktime")
    return asset


def a_film(video, *clips, timebase="25", **track):
    """A project with a sequence of these clips: its id."""
    project = video.project()
    row = video.track(video.sequence(project, timebase=timebase), **track)
    for clip in clips:
        video.clip(row, **{"text": None, "out_ms": 3000, "in_ms": 1000, **clip})
    return project["id"]


def exchanged(video, project_id, **query):
    """The answer as it came."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return video.client.get(f"/video/projects/{project_id}/exchange?{asked}", **video.here)


def refusal(answer):
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["field"]


@pytest.mark.parametrize("name", ["aaf", "edl", "fcp7xml", "fcpxml", "otio"])
def test_a_sequence_comes_in_every_format_as_a_file(video, name):
    asset = a_file()
    answer = exchanged(video, a_film(video, {"asset_id": str(asset.pk)}), format=name)

    assert answer.status_code == 200
    suffix = {"fcp7xml": "xml"}.get(name, name)
    assert answer.headers["Content-Disposition"].endswith(f'.{suffix}"')
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Recital')


def test_the_file_is_counted_by_its_timecode_in_the_folder_that_was_named(video):
    asset = a_file("Interview 1.mov")
    answer = exchanged(video, a_film(video, {"asset_id": str(asset.pk)}), format="otio", mediaRoot="/Volumes/Shoot")

    (clip,) = otio.adapters.read_from_string(answer.content.decode(), "otio_json").tracks[0].find_clips()
    assert clip.media_reference.target_url == "file:///Volumes/Shoot/Interview%201.mov"
    assert clip.source_range.start_time == otio.opentime.RationalTime(10 * 3600 * 25 + 25, 25)
    assert clip.media_reference.available_range.duration == otio.opentime.RationalTime(250, 25)


def test_a_mezzanine_is_counted_from_zero_as_it_has_no_timecode(video):
    asset = a_file()
    a_derivative(asset, "mezzanine")
    answer = exchanged(video, a_film(video, {"asset_id": str(asset.pk)}), format="otio", media="mezzanine")

    (clip,) = otio.adapters.read_from_string(answer.content.decode(), "otio_json").tracks[0].find_clips()
    assert clip.name == "interview.mezzanine"
    assert clip.source_range.start_time == otio.opentime.RationalTime(25, 25)


def test_the_report_lists_what_the_format_does_not_carry(video):
    asset = a_file()
    fast = {"asset_id": str(asset.pk), "speed": 2, "opacity": 0.5}
    id = a_film(video, fast, {"text": {"text": "Hello"}, "in_ms": 0, "start_ms_on_timeline": 1000})

    answer = exchanged(video, id, format="aaf", report=1).json()

    assert (answer["format"], answer["rate"], answer["frames"]) == ("aaf", "25/1", 100)
    assert (answer["video_tracks"], answer["audio_tracks"], answer["files"]) == (1, 1, ["interview.mov"])
    assert {one["code"] for one in answer["losses"]} == {"speed", "opacity", "text"}
    assert all(one["clip_id"] and one["message"] for one in answer["losses"])
    # AAF has speeds, which Studio does not write; of opacity and titles nothing is said.
    assert {one["code"] for one in answer["losses"] if one["not_written"]} == {"speed"}


def test_a_zip_has_the_document_its_media_and_the_report(video):
    asset, again = a_file("C0001.MP4"), a_file("c0001.mp4")
    second = {"asset_id": str(again.pk), "start_ms_on_timeline": 2000, "blend_mode": "screen"}
    answer = exchanged(video, a_film(video, {"asset_id": str(asset.pk)}, second), format="fcpxml", zip=1)

    package = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert package.testzip() is None
    names = sorted(name.partition("/")[2] for name in package.namelist())
    media = sorted([f"media/{asset.pk}/C0001.MP4", f"media/{again.pk}/c0001.mp4"])
    stem = next(name for name in names if name.endswith(".fcpxml"))
    assert names == sorted(["README.txt", "loss-report.txt", stem, *media])
    folder = package.namelist()[0].partition("/")[0]
    assert package.read(f"{folder}/{media[0]}") in (b"C0001.MP4", b"c0001.mp4")
    assert f'src="{media[0]}"'.encode() in package.read(f"{folder}/{stem}")
    assert b"The clip's blend mode. The format could hold it" in package.read(f"{folder}/loss-report.txt")


def test_cameras_of_a_session_come_as_a_multicam_clip(client, video):  # noqa: F811
    session = approved(tenant_id=TENANT)
    session.assets.update(tenant_id=TENANT)
    session.sync_results.update(tenant_id=TENANT)
    shots = [
        {
            "session_id": str(session.pk),
            "camera_label": label,
            "in_ms": 3000 + at,
            "out_ms": 4000 + at,
            "start_ms_on_timeline": at,
        }
        for label, at in (("A", 0), ("B", 1000))
    ]
    id = a_film(video, *shots, timebase="30000/1001")

    answer = exchanged(video, id, format="fcpxml")

    assert answer.status_code == 200, answer.content
    assert answer.content.count(b"<mc-clip ") == 2
    assert b'<mc-source angleID="B"' in answer.content
    assert answer.content.count(b"<mc-angle ") == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (400, "invalid_input", "format")),
        ({"format": "mov"}, (400, "invalid_input", "format")),
        ({"format": "otio", "media": "tape"}, (400, "invalid_input", "media")),
        ({"format": "otio", "mediaRoot": "shoot"}, (400, "invalid_input", "media_root")),
        ({"format": "otio", "target": "vegas"}, (400, "invalid_input", "target")),
        ({"format": "otio", "zip": "maybe"}, (400, "invalid_input", "zip")),
        ({"format": "otio", "sequence_id": "5f0c7a52-0000-4000-8000-000000000001"}, (404, "not_found", "sequence_id")),
        ({"format": "otio", "media": "proxy"}, (409, "cannot_export", None)),
    ],
)
def test_what_cannot_be_read_names_its_field(video, query, expected):
    id = a_film(video, {"asset_id": str(a_file().pk)})

    assert refusal(exchanged(video, id, **query)) == expected


def test_what_cannot_be_carried_at_all_is_refused_with_the_reason(video):
    titles = a_film(video, {"text": {"text": "Hello"}})
    odd = a_film(video, {"asset_id": str(a_file().pk)}, timebase="25/2")
    empty = video.project()["id"]

    for id, reason in ((titles, "shows no file"), (odd, "25/2 frames per second"), (empty, "no sequence")):
        answer = exchanged(video, id, format="fcpxml")
        assert refusal(answer)[:2] == (422, "cannot_export")
        assert reason in answer.json()["error"]["message"]
    kept = exchanged(video, odd, format="otio")
    assert kept.status_code == 200, kept.content


def test_a_project_of_another_tenant_is_not_there(video):
    id = a_film(video, {"asset_id": str(a_file().pk)})

    assert exchanged(Video("bob", "t_other"), id, format="otio").status_code == 404


@pytest.mark.parametrize("name", list(formats()))
def test_a_session_has_every_format_and_says_what_each_does_not_carry(client, name):  # noqa: F811
    session = approved()

    assert client.get(address(session, format=name)).status_code == 200
    report = client.get(address(session, format=name, report=1)).json()
    assert (report["format"], report["videoTracks"]) == (name, 2)
    assert all(one["message"] for one in report["losses"])


def test_a_session_in_one_format_comes_as_a_zip_with_its_media(client):  # noqa: F811
    session = approved()
    for asset in session.assets.all():
        storage.store().put_bytes(asset.original_key, b"film", content_type="video/mp4")

    answer = client.get(address(session, format="fcp7xml", zip=1))

    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert sorted(name.partition("/")[2] for name in names) == sorted(
        ["README.txt", "loss-report.txt", "Tuesday-lesson_20261120.xml", "media/camera A.mp4", "media/camera B.mp4"]
    )


def test_our_otio_holds_the_sequence_as_studio_has_it(video):
    id = a_film(video, {"asset_id": str(a_file().pk), "opacity": 0.25})

    own = json.loads(exchanged(video, id, format="otio").content)["metadata"]["studio"]["sequence"]

    assert own["tracks"][0]["clips"][0]["opacity"] == 0.25
