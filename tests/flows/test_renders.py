"""A film from its project to the registry: planned, rendered by a job, looked at; the same one is not made twice."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from media_app import process, storage
from media_app.making.workspace import Workspace
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import ingest_queue
from render_app.making import film
from tests.support import media
from tests.support.factories import TENANT, Api, a_derivative, a_registry_asset
from tests.support.pictures import png
from tests.support.working import work_off

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"headers": {"X-Tenant-Id": TENANT, "X-Env": "dev"}}
PROFILE = "draft_480p_fast"


@pytest.fixture
def api(settings):
    settings.MEZZANINE = "off"
    return Api()


def an_asset(clip) -> MediaAsset:
    asset = a_registry_asset("ingesting", size_bytes=clip.stat().st_size, original_filename=clip.name)
    storage.store().put_bytes(asset.original_key, clip.read_bytes(), content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    work_off()
    asset.refresh_from_db()
    return asset


def post(api, path, body, status=201):
    found, answer = api.post(f"/video/{path}", body, **HERE)
    assert found == status, answer
    return answer


def a_project(api, asset) -> dict:
    """Two cuts with a dissolve between them."""
    project = post(api, "projects", {"title": "Recital", "render_profile": PROFILE})
    sequence = post(api, f"projects/{project['id']}/sequences", {"timebase": 25})
    track = post(api, f"sequences/{sequence['id']}/tracks", {"kind": "video"})
    places = ((0, 1500, 0), (1000, 2500, 1000))
    clips = [
        post(
            api, f"tracks/{track['id']}/clips",
            {"asset_id": str(asset.pk), "in_ms": begin, "out_ms": end, "start_ms_on_timeline": at},
        )
        for begin, end, at in places
    ]  # fmt: skip
    pair = {"type": "crossfade", "duration_ms": 500, "from_clip_id": clips[0]["id"], "to_clip_id": clips[1]["id"]}
    post(api, f"sequences/{sequence['id']}/transitions", pair)
    return project


def but_paths(argv, command) -> list[str]:
    """What is the same on every machine: all but the arguments that are paths in the plan."""
    return [part for part, planned in zip(argv, command, strict=True) if "{" not in planned]


def test_a_project_becomes_a_film_in_the_registry_once(api, tmp_path):
    asset = an_asset(media.slate(seconds=3, rate="25"))
    project = a_project(api, asset)
    wish = {"project_id": project["id"]}

    plan = post(api, "render/dry-run", wish, 200)
    assert not MediaJob.objects.filter(type="render_v1").exists()
    started = post(api, "render", wish, 202)
    assert post(api, "render", wish, 202)["job_id"] == started["job_id"]
    work_off()

    _, job = api.get(f"/video/render/jobs/{started['job_id']}", **HERE)
    assert (job["status"], job["error_message"]) == ("succeeded", "")
    assert job["plan_snapshot"] == plan
    ran = [
        argv
        for argv in MediaJob.objects.get(pk=job["id"]).attempt_rows.get().commands
        if argv[0] == "ffmpeg" and "-version" not in argv
    ]
    assert [but_paths(argv[-len(command) :], command) for argv, command in zip(ran, plan["commands"], strict=True)] == [
        but_paths(command, command) for command in plan["commands"]
    ]
    asset_of_film, row = (
        MediaAsset.objects.get(pk=job["result_asset_id"]),
        DerivedMedia.objects.get(pk=job["result_artifact_id"]),
    )
    assert (row.kind, row.asset, row.meta["render_cache_key"]) == (
        "render",
        asset_of_film,
        plan["meta"]["render_cache_key"],
    )
    assert (asset_of_film.status, asset_of_film.duration_ms, asset_of_film.width, asset_of_film.height) == (
        "ready",
        2500,
        854,
        480,
    )
    assert row.sources.get().source_asset == asset
    with storage.store().local_copy(row.key, tmp_path) as path:
        codes = media.frame_codes(path)
        assert len(codes) == plan["expected"]["frames"] == 60
        # Both clips show the same time of the same file, so the dissolve between them changes nothing.
        assert codes == [floor((Fraction(n * 1000, 24) + Fraction(1, 2)) * 25 / 1000) for n in range(60)]

    # The record is enough to make it once more, to the byte.
    with storage.store().local_copy(asset.original_key, tmp_path) as original:
        folder = Workspace(tmp_path).subfolder("again")
        [remade] = film.render(job["plan_snapshot"], [original], folder, stall_s=90).files
    assert (remade.sha256, row.meta["not_repeatable_because"]) == (row.checksum, "")
    assert row.meta["backend_version"] == process.ffmpeg_version() != ""

    again = post(api, "render", wish, 200)
    assert (again["artifact_id"], again["cache_hit"]) == (job["result_artifact_id"], True)
    assert post(api, "render/jobs", wish, 200)["id"] == job["id"]
    assert api.get("/video/render/jobs?status=succeeded", **HERE)[1]["count"] == 1
    assert api.get("/video/render/jobs?status=queued", **HERE)[1]["count"] == 0

    # What the artifact says is what the plan said, also when its job was purged.
    assert {name: row.meta[name] for name in plan["meta"]} == plan["meta"]
    MediaJob.objects.filter(pk=job["id"]).delete()
    found = post(api, "render/jobs", wish, 200)
    assert (found["id"], found["status"], found["cache_hit"]) == (None, "succeeded", True)
    assert (found["result_asset_id"], found["result_artifact_id"]) == (
        job["result_asset_id"],
        job["result_artifact_id"],
    )
    assert found["plan_snapshot"]["commands"] == plan["commands"]
    assert post(api, "render", wish, 200)["artifact_id"] == job["result_artifact_id"]


def test_another_build_of_ffmpeg_makes_another_film(api, monkeypatch):
    project = a_project(api, an_asset(media.slate(seconds=3, rate="25")))
    here = post(api, "render/dry-run", {"project_id": project["id"]}, 200)
    monkeypatch.setattr(process, "ffmpeg_version", lambda: "99.1")
    there = post(api, "render/dry-run", {"project_id": project["id"]}, 200)
    assert (here["ffmpeg"], there["ffmpeg"]) == (process.tools.ffmpeg_version(), "99.1")
    assert there["commands"] == here["commands"]
    assert there["meta"]["render_cache_key"] != here["meta"]["render_cache_key"]


def an_artifact(asset, kind: str, path, content_type: str) -> DerivedMedia:
    row = a_derivative(asset, kind, variant=path.stem)
    DerivedMedia.objects.filter(pk=row.pk).update(content_type=content_type, size_bytes=path.stat().st_size)
    storage.store().put_bytes(row.key, path.read_bytes(), content_type=content_type)
    return row


def test_artifacts_of_an_asset_are_clips_by_themselves(api, tmp_path):
    asset = an_asset(media.slate(seconds=3, rate="25"))
    picture = png(tmp_path / "still.png", np.repeat(media.draw_frame(77, (320, 180), flash=False)[..., None], 3, 2))
    rows = {
        "still": an_artifact(asset, "frame", picture, "image/png"),
        "film": an_artifact(asset, "video_proxy", media.slate("small.mp4", seconds=2, rate="50"), "video/mp4"),
        "sound": an_artifact(
            asset, "audio_clean", media.slate("clean.wav", seconds=2, video=None, audio=media.PCM), "audio/wav"
        ),
    }
    clips = {
        name: {
            "id": name,
            "asset_id": str(asset.pk),
            "artifact_id": str(row.pk),
            "out_ms": 500,
            "start_ms_on_timeline": at,
        }
        for (name, row), at in zip(rows.items(), (0, 500, 0), strict=True)
    }
    tracks = [
        {"id": "v", "kind": "video", "muted": True, "clips": [clips["still"], clips["film"]]},
        {"id": "a", "kind": "audio", "clips": [clips["sound"]]},
    ]
    wish = {"sequence_snapshot": {"id": "s", "timebase": 25, "tracks": tracks}, "render_profile": PROFILE}
    plan = post(api, "render/dry-run", wish, 200)
    assert {one["artifact_id"] for one in plan["inputs"]} == {str(row.pk) for row in rows.values()}
    started = post(api, "render", wish, 202)
    work_off()
    _, job = api.get(f"/video/render/jobs/{started['job_id']}", **HERE)
    assert (job["status"], job["error_message"]) == ("succeeded", "")
    row = DerivedMedia.objects.get(pk=job["result_artifact_id"])
    with storage.store().local_copy(row.key, tmp_path) as path:
        assert media.frame_codes(path) == [77] * 12 + [floor((n * 1000 / 24 + 0.5) * 50 / 1000) for n in range(12)]
        assert media.click_times(*media.decode_sound(path)) == pytest.approx([0.25], abs=0.001)

    broken = an_artifact(asset, "video_proxy", tmp_path / "still.png", "video/mp4")
    tracks[0]["clips"][1]["artifact_id"] = str(broken.pk)
    refused = post(api, "render/dry-run", wish, 422)["error"]
    assert (refused["code"], refused["field"], refused["details"]) == (
        "wrong_media",
        "artifact_id",
        {"clip_id": "film"},
    )


def test_other_bytes_under_the_same_id_are_another_film(api):
    asset = an_asset(media.slate(seconds=3, rate="25"))
    project = a_project(api, asset)
    before = post(api, "render/dry-run", {"project_id": project["id"]}, 200)
    MediaAsset.objects.filter(pk=asset.pk).update(checksum="f" * 64)
    after = post(api, "render/dry-run", {"project_id": project["id"]}, 200)
    assert before["commands"] == after["commands"]
    assert before["meta"]["render_cache_key"] != after["meta"]["render_cache_key"]
