"""`/v2/sessions/{id}/cut`: the whole cut of a session, kept as a project."""

import io

import numpy as np
import pytest
from PIL import Image

from render_app.models import Clip, ProjectEdit, Track, Transition, VideoProject
from render_app.services import timeline_edits
from sync_app.services import review
from tests.support.factories import Api, a_registry_asset, a_synced_session

pytestmark = pytest.mark.django_db
NOT_AUTOMATIC = {"reason": None, "chosenBy": None}


@pytest.fixture
def session():
    """Three cameras whose sync is decided, a second apart."""
    made = a_synced_session("ABC")
    made.assets.update(kind="video", fps="25/1", duration_ms=60_000, has_audio=True, audio_channels=2)
    review.approve(made.context, made.pk, approved_by="ada")
    made.refresh_from_db()
    return made


@pytest.fixture
def api():
    return Api()


def body(*points: tuple[float, str], **fields) -> dict:
    """A cut of ten seconds."""
    points = points or ((2000, "A"), (4000, "B"), (6000, "C"))
    return {
        "range": {"startMs": 2000, "endMs": 12_000},
        "switchPoints": [{"atMs": at, "angle": angle} for at, angle in points],
        **fields,
    }


def put(api: Api, session, sent: dict, seen: int | None = None):
    headers = {} if seen is None else {"If-Match": f'"{seen}"'}
    return api.call("PUT", f"/v2/sessions/{session.pk}/cut", sent, headers=headers)


def test_a_session_that_nobody_cut_shows_its_master_all_along(api, session):
    status, cut = api.get(f"/v2/sessions/{session.pk}/cut")

    assert status == 200
    assert (cut["projectId"], cut["revision"], cut["rate"]) == (None, 0, "25/1")
    assert cut["range"] == {"startMs": 0, "endMs": 60_000}
    assert cut["switchPoints"] == [{"atMs": 0, "angle": "A", "transition": None, **NOT_AUTOMATIC}]
    assert cut["audio"] == {"source": "follow", "gainDb": 0}
    assert VideoProject.objects.count() == 0


def test_a_cut_that_is_saved_is_a_project_of_the_session(api, session):
    title = {"text": "Tuesday lesson", "startMs": 2000, "endMs": 3000}
    fade = {"atMs": 4000, "angle": "B", "transition": {"type": "crossfade", "durationMs": 400}}
    sent = body(audio={"source": "B", "gainDb": -3}, titles=[title])
    sent["switchPoints"][1] = fade

    status, cut = put(api, session, sent, 0)

    assert status == 200, cut
    assert cut["switchPoints"][1] == fade | NOT_AUTOMATIC
    assert (cut["audio"], cut["titles"], cut["warnings"]) == (sent["audio"], [{**title, "style": {}}], [])
    project = VideoProject.objects.get(pk=cut["projectId"])
    assert (project.session_id, project.revision) == (session.pk, cut["revision"])
    picture = Track.objects.get(kind="video", order=0)
    assert picture.muted
    seen = picture.clips.values_list("camera_label", "in_ms", "out_ms", "start_ms_on_timeline")
    assert list(seen) == [("A", 2000, 4000, 0), ("B", 4000, 6000, 2000), ("C", 6000, 12_000, 4000)]
    sound = Clip.objects.get(track__kind="audio")
    assert (sound.camera_label, sound.in_ms, sound.out_ms, sound.track.volume_db) == ("B", 2000, 12_000, -3)
    assert api.get(f"/v2/sessions/{session.pk}/cut") == (200, cut)


def test_a_second_save_changes_only_the_clips_that_changed_and_is_one_edit(api, session):
    _, first = put(api, session, body())
    ids = dict(Clip.objects.values_list("camera_label", "pk"))
    Clip.objects.filter(camera_label="C").update(meta={"reason": "applause"})

    status, second = put(api, session, body((2000, "A"), (4000, "B"), (5000, "A"), (6000, "C")), first["revision"])

    assert (status, second["revision"]) == (200, first["revision"] + 1)
    assert {str(ids["B"]), str(ids["C"])} <= {str(pk) for pk in Clip.objects.values_list("pk", flat=True)}
    assert Clip.objects.get(camera_label="C").meta == {"reason": "applause"}
    edit = ProjectEdit.objects.order_by("-position").first()
    assert sorted(one["model"] for one in edit.changes if one["model"] == "Clip") == ["Clip", "Clip"]

    timeline_edits.undo(timeline_edits.Caller(session.context), VideoProject.objects.get().pk)
    _, undone = api.get(f"/v2/sessions/{session.pk}/cut")
    assert undone["switchPoints"] == first["switchPoints"]


def test_what_is_the_same_again_counts_nothing_up(api, session):
    _, first = put(api, session, body())

    assert put(api, session, body(), first["revision"])[1]["revision"] == first["revision"]


def test_points_outside_the_range_are_kept_for_a_wider_one(api, session):
    _, whole = put(api, session, body((2000, "A"), (4000, "B"), (9000, "C")))
    narrow = {**body(), "switchPoints": whole["switchPoints"], "range": {"startMs": 4400, "endMs": 8000}}

    _, cut = put(api, session, narrow)

    assert Clip.objects.filter(track__kind="video").count() == 1
    assert cut["switchPoints"] == whole["switchPoints"]


def test_of_two_people_the_second_is_warned_and_loses_nothing(api, session):
    _, first = put(api, session, body(), 0)
    theirs = Api("bob")
    assert put(theirs, session, body((2000, "C")), first["revision"])[0] == 200

    status, answer = put(api, session, body((2000, "B")), first["revision"])

    assert (status, answer["error"]["code"]) == (409, "stale_version")
    newest = answer["error"]["details"]["revision"]
    assert put(api, session, body((2000, "B")), newest)[0] == 200


def test_of_two_who_begin_at_once_one_project_is_left(api, session):
    _, first = put(api, session, body(), 0)

    status, answer = put(api, session, body((2000, "B")), 0)

    assert (status, answer["error"]["details"]) == (409, {"revision": first["revision"]})
    assert VideoProject.objects.count() == 1


def test_a_cut_whose_project_was_deleted_is_begun_anew_only_by_who_knows(api, session):
    _, first = put(api, session, body())
    VideoProject.objects.all().delete()

    assert put(api, session, {**body(), "projectId": first["projectId"]})[0] == 404
    assert put(api, session, body(), first["revision"])[1]["error"]["details"] == {"revision": 0}
    assert put(api, session, body(), 0)[0] == 200


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        (body((2000, "A"), (3000, "Z")), 422, "switchPoints[1].angle"),
        (body((3000, "A")), 422, "switchPoints"),
        (body(range={"startMs": 5, "endMs": 5}), 422, "range.endMs"),
        (body(audio={"source": "nobody"}), 422, "audio.source"),
        (body(audio={"gainDb": "nan"}), 400, "audio.gainDb"),
        (body(titles=[{"text": "x", "startMs": 5, "endMs": 5}]), 400, "titles"),
        (body(switchPoints=[]), 400, "switchPoints"),
    ],
)
def test_a_refusal_names_the_field(api, session, sent, status, field):
    found, answer = put(api, session, sent)

    assert (found, answer["error"]["field"]) == (status, field)
    assert VideoProject.objects.count() == 0


def test_a_camera_that_was_not_recording_is_kept_with_a_warning_where(api, session):
    _, cut = put(api, session, body((2000, "A"), (60_500, "B"), range={"startMs": 2000, "endMs": 62_000}))

    assert cut["switchPoints"][1]["angle"] == "B"
    assert [(one["code"], one["atMs"]) for one in cut["warnings"]] == [("beyond_media", 2000), ("beyond_media", 60_520)]


def test_a_project_that_is_more_than_a_cut_is_left_alone(api, session):
    put(api, session, body())
    asset = a_registry_asset(duration_ms=60_000)
    sequence = VideoProject.objects.get().sequences.get()
    track = Track.objects.create(**session.context.stamp(), sequence=sequence, kind="video", order=4)
    Clip.objects.create(**session.context.stamp(), track=track, asset=asset, out_ms=900)

    assert api.get(f"/v2/sessions/{session.pk}/cut")[1]["error"]["code"] == "not_a_cut"
    assert put(api, session, body((2000, "B")))[1]["error"]["code"] == "not_a_cut"
    assert Clip.objects.filter(track__order=0).count() == 3


def test_a_project_is_named_where_a_session_has_several(api, session):
    _, first = put(api, session, body())
    VideoProject.objects.create(
        **session.context.stamp(), session=session, title="Another", render_profile="social_1080p_h264"
    )

    other = VideoProject.objects.get(title="Another")
    status, cut = put(api, session, {**body((2000, "C")), "projectId": str(other.pk)})

    assert (status, cut["projectId"]) == (200, str(other.pk))
    assert api.get(f"/v2/sessions/{session.pk}/cut?projectId={other.pk}")[1]["switchPoints"][0]["angle"] == "C"
    assert api.get(f"/v2/sessions/{session.pk}/cut")[1]["projectId"] == first["projectId"]


def test_transitions_go_with_their_points(api, session):
    sent = body()
    sent["switchPoints"][1]["transition"] = {"type": "crossfade", "durationMs": 400}
    sent["switchPoints"][2]["transition"] = {"type": "dip_to_black", "durationMs": 800}
    put(api, session, sent)
    sent["switchPoints"][1]["transition"] = None
    sent["switchPoints"][2]["transition"]["durationMs"] = 600

    _, cut = put(api, session, sent)

    assert list(Transition.objects.values_list("type", "duration_ms")) == [("dip_to_black", 600)]
    assert cut["switchPoints"][2]["transition"] == {"type": "dip_to_black", "durationMs": 600}


def test_before_the_sync_is_decided_there_is_nothing_to_cut(api):
    waiting = a_synced_session("AB")

    assert api.get(f"/v2/sessions/{waiting.pk}/cut")[1]["error"]["code"] == "not_decided"
    assert put(api, waiting, body())[1]["error"]["code"] == "not_decided"


def test_another_tenant_has_no_such_session(session):
    stranger = Api("mallory", "t_other")

    assert stranger.get(f"/v2/sessions/{session.pk}/cut")[0] == 404
    assert put(stranger, session, body())[0] == 404


STYLE = {
    "textPreset": "lower_third",
    "size": 60.0,
    "fill": "#ff8800",
    "box": {"x": 0.1, "y": 0.6, "width": 0.5, "height": 0.2},
}


def test_a_titles_style_and_place_are_kept_with_the_cut_and_lie_in_its_clip(api, session):
    title = {"text": "Ada", "startMs": 2000, "endMs": 3000, "style": STYLE}
    outside = {**title, "text": "Later", "startMs": 20_000, "endMs": 21_000}

    status, cut = put(api, session, body(titles=[title, outside]))

    assert status == 200, cut
    assert cut["titles"] == [title, outside]
    text = Clip.objects.get(text__isnull=False).text
    assert (text["text_preset"], text["size"], text["fill"], text["box"]["y"]) == ("lower_third", 60, "#ff8800", 0.6)
    assert api.get(f"/v2/sessions/{session.pk}/cut") == (200, cut)


def test_a_title_of_which_no_style_is_said_keeps_its_own(api, session):
    title = {"text": "Ada", "startMs": 2000, "endMs": 3000}
    put(api, session, body(titles=[{**title, "style": STYLE}]))

    _, moved = put(api, session, body(titles=[{**title, "endMs": 4000}]))
    assert moved["titles"] == [{**title, "endMs": 4000, "style": STYLE}]

    _, plain = put(api, session, body(titles=[{**title, "style": {}}]))
    assert plain["titles"] == [{**title, "style": {}}]
    assert Clip.objects.get(text__isnull=False).text["text_preset"] == ""


@pytest.mark.parametrize(
    "style",
    [
        {"textPreset": "huge"}, {"size": 3}, {"size": "NaN"}, {"fill": "red"}, {"align": "justify"},
        {"box": {"width": 0}}, {"outlineWidth": 201}, {"tracking": -501}, {"variation": {"wght": "bold"}},
    ],
)  # fmt: skip
def test_a_style_that_cannot_be_drawn_names_its_field(api, session, style):
    title = {"text": "Ada", "startMs": 2000, "endMs": 3000, "style": style}

    status, answer = put(api, session, body(titles=[title]))

    assert status == 400
    assert next(iter(style)) in answer["error"]["field"], answer


def test_a_title_is_drawn_as_a_picture_with_alpha(api, session):
    sent = {"text": "Ada", "style": {"textPreset": "lower_third"}, "width": 640, "height": 360}

    answer = api.client.post(f"/v2/sessions/{session.pk}/cut/title", sent, content_type="application/json")

    assert answer["Content-Type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))
    assert picture.shape == (360, 640, 4)
    rows, columns = np.nonzero(picture[:, :, 3])
    assert 0.74 * 360 <= rows.min() < rows.max() <= 0.9 * 360
    assert 0.06 * 640 - 2 <= columns.min() < columns.max() < 0.66 * 640


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"text": ""}, 400, "blank"),
        ({"text": "x", "width": 5}, 400, "16"),
        ({"text": "\u4e2d"}, 422, "U+4E2D"),
        ({"text": "x", "style": {"font": "Comic"}}, 422, "Comic"),
    ],
)
def test_a_title_that_cannot_be_drawn_says_why(api, session, sent, status, words):
    found, answer = api.call("POST", f"/v2/sessions/{session.pk}/cut/title", sent)

    assert found == status
    assert words in answer["error"]["message"]
