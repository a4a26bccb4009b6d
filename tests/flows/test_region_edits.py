"""Regions changed by a person: masks of their own, which anonymised clips follow; what was found stays as it is."""

import pytest

from media_app import storage
from media_app.models import DerivedMedia
from render_app.models import Anonymisation, Clip, FilterStack
from render_app.services import clearances
from tests.flows.test_anonymise import HERE, a_clip, an_asset, api, frames_of, post, work_off
from tests.support.faces import film, pasted, pictures

__all__ = ["api"]
pytestmark = pytest.mark.django_db(transaction=True)
#: A place in which no face is, and that no cover of one reaches.
CORNER = {"x": 0.85, "y": 0.8, "width": 0.1, "height": 0.15}


@pytest.fixture
def crossing(api, tmp_path):
    """An asset in which a face crosses the picture, a clip of it, and the summary of its anonymisation."""
    asset = an_asset(film(tmp_path / "street.mp4", 24, lambda number: pasted(4 + 11 * number, 40)))
    _, clip = a_clip(api, asset, 900)
    asked = post(api, "anonymise/faces", {"clip_id": clip}, 202)
    work_off()
    _, done = api.get(f"/video/anonymise/faces/{asked['anonymisation_id']}", **HERE)
    return clip, done["source_summary_id"]


def change(api, summary, *changes, status=202):
    found, answer = api.call("PATCH", f"/video/regions/{summary}", {"regions": list(changes)}, **HERE)
    assert found == status, answer
    return answer


def changed(api, summary, *changes) -> dict:
    """The artifact of the changes."""
    change(api, summary, *changes)
    work_off()
    return change(api, summary, *changes, status=200)


def masks_of(summary, folder) -> list:
    key = DerivedMedia.objects.get(pk=summary).cache_key
    row = DerivedMedia.objects.get(kind="region_mask", cache_key=key)
    path = folder / f"{summary}.mkv"
    path.write_bytes(storage.store().read_range(row.key, 0, row.size_bytes))
    return pictures(path)


def corner_of(mask):
    high, wide = mask.shape[:2]
    return mask[int(0.82 * high) : int(0.93 * high), int(0.87 * wide) : int(0.93 * wide)]


def test_a_face_that_was_missed_is_added_hidden_and_followed_by_the_clip_once_a_person_has_looked(
    api, crossing, tmp_path
):
    clip, summary = crossing
    project = {"project_id": str(Clip.objects.get(pk=clip).track.sequence.project_id)}
    post(api, "render/dry-run", project, 200)

    moving = [{**CORNER, "time_ms": 200}, {**CORNER, "x": 0.1, "time_ms": 600}]
    made = changed(api, summary, {"boxes": moving, "end_ms": 700})

    before, after = masks_of(summary, tmp_path), masks_of(made["artifact_id"], tmp_path)
    assert len(after) == len(before) == 24
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        assert (new >= old).all(), number
    assert corner_of(after[5]).min() == 255
    assert corner_of(before[10]).max() == corner_of(after[15]).max() == 0
    [filter] = FilterStack.objects.get(clip=clip).filters
    assert filter["params"]["source_summary_id"] == made["artifact_id"]
    read = api.get(f"/video/regions/{made['artifact_id']}", **HERE)[1]
    assert [one["region_id"] for one in read["regions"]] == ["face-1", "added-1"]
    assert (read["meta"]["edited_by"], read["meta"]["changes"]) == ("alice", {"added": 1})
    assert read["artifact_id"] == summary
    # Who anonymises again gets the regions as they were changed.
    asked = post(api, "anonymise/faces", {"clip_id": clip}, 201)
    assert (asked["source_summary_id"], asked["status"]) == (made["artifact_id"], "doubtful")
    shows_it_in_no_film_until_a_person_releases_it(api, project, asked["anonymisation_id"], tmp_path)


def shows_it_in_no_film_until_a_person_releases_it(api, project, id, folder):
    refused = post(api, "render/dry-run", project, 422)
    assert "changed by hand" in refused["error"]["message"]
    asset = Anonymisation.objects.get(pk=id).asset
    assert asset.withheld == clearances.CHANGED
    api.client.force_login(api.user)
    faces = api.client.get(f"/registry/{asset.pk}/faces/").content.decode()
    assert "changed by hand by alice" in faces
    assert "1 added" in faces
    assert "doubtful ranges" not in faces
    assert post(api, f"anonymise/faces/{id}/clear", {"cleared_by": "Maya"}, 200)["status"] == "cleared"
    post(api, "render", {**project, "render_profile": "draft_480p_fast"}, 202)
    work_off()
    film = frames_of(DerivedMedia.objects.get(kind="render"), folder)
    # Half way between its two positions the box is half way across; before it came, the stripes there are sharp.
    stripes = [film[number][int(0.84 * 480) : int(0.92 * 480), int(0.5 * 854) : int(0.55 * 854)] for number in (0, 10)]
    assert [float(one.std()) > 5 for one in stripes] == [True, False]


def test_what_is_no_face_is_uncovered_and_the_scan_stays_as_it_was(api, crossing, tmp_path):
    _, summary = crossing
    found = api.get(f"/video/regions/{summary}", **HERE)[1]

    refuses_what_cannot_be_changed(api, summary)
    made = changed(api, summary, {"region_id": "face-1", "deleted": True, "reason": "a poster"})
    refuses_a_second_change_of_the_same(api, summary, made)
    again = changed(api, made["artifact_id"], {"boxes": [{**CORNER, "time_ms": 0}]})

    assert max(mask.max() for mask in masks_of(made["artifact_id"], tmp_path)) == 0
    assert corner_of(masks_of(again["artifact_id"], tmp_path)[0]).min() == 255
    assert api.get(f"/video/regions/{summary}", **HERE)[1] == found
    read = api.get(f"/video/regions/{again['artifact_id']}", **HERE)[1]
    assert ([one["region_id"] for one in read["regions"]], read["removed_region_ids"]) == (["added-1"], ["face-1"])
    [removal] = read["removals"]
    assert (removal["region_id"], removal["reason"], removal["removed_by"]) == ("face-1", "a poster", "alice")


def refuses_what_cannot_be_changed(api, summary):
    wrong = change(api, summary, {"region_id": "face-9", "deleted": True}, status=400)
    assert wrong["error"]["field"] == "regions[0].region_id"
    unexplained = change(api, summary, {"region_id": "face-1", "deleted": True}, status=400)
    assert unexplained["error"]["field"] == "regions[0].reason"
    late = change(api, summary, {"boxes": [{**CORNER, "time_ms": 99_000}]}, status=400)
    assert late["error"]["field"] == "regions[0].end_ms"
    stranger = {"headers": {"X-Tenant-Id": "t_other", "X-Env": "dev"}}
    body = {"regions": [{"region_id": "face-1", "deleted": True}]}
    assert api.call("PATCH", f"/video/regions/{summary}", body, **stranger)[0] in (403, 404)


def refuses_a_second_change_of_the_same(api, summary, made):
    stale = change(api, summary, {"boxes": [{**CORNER, "time_ms": 0}]}, status=409)
    assert stale["error"]["code"] == "stale_version"
    assert made["artifact_id"] in stale["error"]["message"]
