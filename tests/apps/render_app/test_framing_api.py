"""What is seen in a clip, and keyframes that keep its subject in another frame."""

import pytest

from render_app.models import AutomationCurve, ProjectEdit
from sync_app.services import review
from tests.apps.render_app.test_heard_in_clips import a_document
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import a_registry_asset, a_synced_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(db):
    return Video()


def a_frame(time_ms: float, x: float | None) -> dict:
    box = {"bbox_x": (x or 0) - 0.05, "bbox_y": 0.3, "bbox_width": 0.1, "bbox_height": 0.2}
    subject = {"track_id": "face-1", "label": "face", "confidence": 0.9, **box}
    seen = {"primary_track_id": "face-1", "primary_subject_center_x": x, "primary_subject_center_y": 0.4}
    nobody = {"primary_track_id": None, "primary_subject_center_x": None, "primary_subject_center_y": None}
    return {"timestamp_ms": time_ms, "subjects": [] if x is None else [subject], **(nobody if x is None else seen)}


def seen_in(asset, shots=True):
    """Someone at the left for four seconds, then a cut, and nobody."""
    frames = [a_frame(500.0 * number, 0.2 if number < 8 else None) for number in range(12)]
    targets = [
        {"start_ms": 0, "end_ms": 4000, "begins_with": "start"},
        {"start_ms": 4000, "end_ms": 6000, "begins_with": "cut"},
    ]
    body = {
        "frames": frames,
        "shots": targets if shots else None,
        "frame_sample_interval_ms": 500,
        "picture": {"width": 1920, "height": 1080},
    }
    return a_document(asset, "visual_meta", body)


def a_clip(video, asset, **fields):
    return video.clip(asset_id=str(asset.pk), text=None, **{"in_ms": 1000, "out_ms": 6000, **fields})


def suggested(video, clip, status=200, **body):
    asked = {"clip_id": clip["id"], "target_aspect_ratio": "9:16", **body}
    found, answer = video.post("visual-meta/reframe-suggestion", asked)
    assert found == status, answer
    return answer


def curve(answer, name):
    [found] = [one["keyframes"] for one in answer["automation"] if one["property"] == name]
    return found


def test_a_clip_shows_its_frames_and_shots_on_its_own_clock(video):
    asset = a_registry_asset(duration_ms=6000)
    row = seen_in(asset)
    clip = a_clip(video, asset, speed=2)

    status, answer = video.get(f"visual-meta/by-clip/{clip['id']}")

    assert (status, answer["artifact_id"], answer["duration_ms"]) == (200, str(row.pk), 2500)
    assert [frame["timestamp_ms"] for frame in answer["frames"]] == [250.0 * number for number in range(10)]
    assert [(one["start_ms"], one["end_ms"], one["begins_with"]) for one in answer["shots"]] == [
        (0, 1500, "clip"),
        (1500, 2500, "cut"),
    ]
    assert answer["meta"]["clip_window_ms"] == [1000, 6000]


def test_a_camera_of_a_shoot_is_seen_through_the_approved_sync(video):
    session = a_synced_session("AB")
    session.assets.update(duration_ms=60_000)
    review.approve(session.context, session.pk, approved_by="Ada")
    seen_in(session.assets.get(camera_label="B"))
    clip = video.clip(session_id=str(session.pk), camera_label="B", text=None, in_ms=1500, out_ms=3000)
    other = video.clip(session_id=str(session.pk), camera_label="A", text=None, in_ms=1500, out_ms=3000)

    _, answer = video.get(f"visual-meta/by-clip/{clip['id']}")

    assert [frame["timestamp_ms"] for frame in answer["frames"]] == [0, 500, 1000]
    assert video.get(f"visual-meta/by-clip/{other['id']}")[0] == 404


def test_what_nobody_looked_at_is_404_and_says_how_to_get_it(video):
    clip = a_clip(video, a_registry_asset(duration_ms=10_000))
    for status, answer in (video.get(f"visual-meta/by-clip/{clip['id']}"), (404, suggested(video, clip, 404))):
        assert status == 404
        assert "/video/visual-meta/analyze" in answer["error"]["message"]
    assert video.get(f"visual-meta/by-clip/{video.clip()['id']}")[0] == 404


def test_an_upright_frame_goes_to_who_is_at_the_left_and_to_the_middle_after_the_cut(video):
    asset = a_registry_asset(duration_ms=6000)
    row = seen_in(asset)
    clip = a_clip(video, asset)

    answer = suggested(video, clip)

    first, second = curve(answer, "position_x")
    # The picture is 3.16 frames wide, so its left end fills the frame at 1.58 of it.
    assert first["value"] == pytest.approx(0.5 + 0.3 * (16 / 9) ** 2, abs=0.11)
    assert (first["time_ms"], first["interpolation"]) == (0, "hold")
    assert (second["time_ms"], second["value"]) == (3000, 0.5)
    assert curve(answer, "scale") == [
        {"time_ms": 0, "value": pytest.approx(3.1605, abs=1e-3), "interpolation": "linear"}
    ]
    meta = answer["meta"]
    assert (meta["source_visual_meta_artifact_id"], meta["target_aspect_ratio"]) == (str(row.pk), "9:16")
    assert [shot["reason"] for shot in meta["shots"]] == [None, "no_subject"]
    assert not AutomationCurve.objects.exists()


def test_a_suggestion_is_taken_as_automation_as_it_is(video):
    asset = a_registry_asset(duration_ms=6000)
    seen_in(asset)
    clip = a_clip(video, asset)

    for one in suggested(video, clip, framing_style="rule_of_thirds")["automation"]:
        sent = {"property": one["property"], "keyframes": one["keyframes"]}
        assert video.post(f"automation/clip/{clip['id']}", sent)[0] == 201

    assert AutomationCurve.objects.count() == 3


def test_what_is_cropped_away_does_not_count(video):
    asset = a_registry_asset(duration_ms=6000)
    seen_in(asset)
    whole, cropped = a_clip(video, asset), a_clip(video, asset, crop={"left": 0.5})

    assert [shot["reason"] for shot in suggested(video, cropped)["meta"]["shots"]] == ["no_subject"] * 2
    assert suggested(video, whole)["meta"]["shots"][0]["reason"] is None


def test_clips_that_no_position_can_frame_are_refused(video):
    asset = a_registry_asset(duration_ms=6000)
    seen_in(asset)
    for fields in ({"rotation": 10}, {"scale_mode": "none"}):
        answer = suggested(video, a_clip(video, asset, **fields), 400)
        assert answer["error"]["field"] == "clip_id"
    clip = a_clip(video, asset)
    assert suggested(video, clip, 400, target_aspect_ratio="2:1")["error"]["field"] == "target_aspect_ratio"
    assert suggested(video, clip, 400, framing_style="dutch")["error"]["field"] == "framing_style"


def test_without_shots_no_path_is_suggested(video):
    asset = a_registry_asset(duration_ms=6000)
    seen_in(asset, shots=False)

    answer = suggested(video, a_clip(video, asset), 409)

    assert "detect_shot_boundaries" in answer["error"]["message"]


def focused(video, clip, status=200, **body):
    found, answer = video.post("focus/automation", {"clip_id": clip["id"], "apply": False, **body})
    assert found == status, answer
    return answer


def test_focus_holds_who_is_seen_while_somebody_speaks(video):
    asset = a_registry_asset(duration_ms=6000, has_audio=True)
    row = seen_in(asset)
    events = [{"kind": "speech", "start_ms": 1000, "end_ms": 3500}, {"kind": "music", "start_ms": 3500, "end_ms": 6000}]
    sound = a_document(asset, "audio_semantic_timeline", {"events": events, "beats": []})

    answer = focused(video, a_clip(video, asset))

    # The project's frame is 16:9 as the picture is, so a quarter larger is 1.25; its left edge is then at 0.625.
    assert curve(answer, "position_x")[0] == {"time_ms": 0, "value": pytest.approx(0.621), "interpolation": "hold"}
    assert curve(answer, "scale")[0]["value"] == 1.25
    meta = answer["meta"]
    assert [shot["reason"] for shot in meta["shots"]] == [None, "no_speech"]
    assert meta["source_visual_meta_artifact_id"] == str(row.pk)
    assert meta["source_audio_semantic_artifact_id"] == str(sound.pk)
    assert (meta["utterances"], meta["applied"], AutomationCurve.objects.count()) == (1, False, 0)


def test_focus_is_written_into_the_clip_in_one_edit_and_again_in_place(video):
    asset = a_registry_asset(duration_ms=6000, has_audio=True)
    seen_in(asset)
    a_document(asset, "audio_semantic_timeline", {"events": [{"kind": "speech", "start_ms": 1000, "end_ms": 3500}]})
    clip = a_clip(video, asset)

    for _ in range(2):
        status, answer = video.post("focus/automation", {"clip_id": clip["id"]})
        assert (status, answer["meta"]["applied"]) == (200, True)

    _, there = video.get(f"automation/clip/{clip['id']}")
    assert {one["property"]: one["keyframes"] for one in there["results"]} == {
        one["property"]: one["keyframes"] for one in answer["automation"]
    }
    edit = ProjectEdit.objects.get(summary="focus")
    assert [change["model"] for change in edit.changes] == ["AutomationCurve"] * 3


def test_a_reframe_is_written_on_request_alone_and_not_over_what_the_caller_has_not_seen(video):
    asset = a_registry_asset(duration_ms=6000)
    seen_in(asset)
    clip = a_clip(video, asset)

    assert suggested(video, clip)["meta"]["applied"] is False
    assert AutomationCurve.objects.count() == 0
    assert suggested(video, clip, apply=True)["meta"]["applied"] is True
    assert AutomationCurve.objects.count() == 3
    assert suggested(video, clip, 400, apply="often")["error"]["field"] == "apply"
    asked = {"clip_id": clip["id"], "target_aspect_ratio": "9:16", "apply": True}
    status, answer = video.post("visual-meta/reframe-suggestion", asked, headers={"If-Match": "1"})
    assert (status, answer["error"]["code"]) == (409, "stale_version")


def test_nothing_is_written_where_nothing_is_known(video):
    clip = a_clip(video, a_registry_asset(duration_ms=6000, has_audio=True))

    assert focused(video, clip, apply=True)["meta"]["applied"] is False
    assert AutomationCurve.objects.count() == 0


def test_focus_without_what_it_needs_is_the_middle_and_says_what_is_missing(video):
    asset = a_registry_asset(duration_ms=6000, has_audio=True)
    clip = a_clip(video, asset)
    for missing in ("no_visual_meta", "no_semantic_timeline"):
        if missing == "no_semantic_timeline":
            seen_in(asset)
        answer = focused(video, clip)
        assert [shot["reason"] for shot in answer["meta"]["shots"]] == [missing]
        assert [curve(answer, name)[0]["value"] for name in ("position_x", "position_y", "scale")] == [0.5, 0.5, 1]
    assert focused(video, Video("bob", "t_other").clip(), 404)["error"]["field"] == "clip_id"


def test_registered_artifacts_of_another_shape_are_no_fault_of_ours(video):
    frames = [1, {"timestamp_ms": "a"}, {"timestamp_ms": 0, "subjects": [{"bbox_x": None}, 7]}]
    for visual, found in (([], 404), ({"frames": frames, "shots": [3]}, 200)):
        asset = a_registry_asset(duration_ms=6000, has_audio=True)
        a_document(asset, "visual_meta", visual)
        clip = a_clip(video, asset, in_ms=0)
        status, answer = video.get(f"visual-meta/by-clip/{clip['id']}")
        assert status == found
        suggested(video, clip, 404 if found == 404 else 409)
    assert (answer["shots"], answer["picture"], answer["frames"]) == ([], None, [{"timestamp_ms": 0, "subjects": []}])

    asset = a_registry_asset(duration_ms=6000, has_audio=True)
    seen_in(asset)
    a_document(asset, "audio_semantic_timeline", {"events": [{"kind": "speech"}]})
    assert focused(video, a_clip(video, asset))["meta"]["utterances"] == 0


def test_a_clip_of_another_tenant_is_not_there(video):
    other = Video("bob", "t_other").clip()
    assert video.get(f"visual-meta/by-clip/{other['id']}")[0] == 404
    assert suggested(video, other, 404)["error"]["field"] == "clip_id"
