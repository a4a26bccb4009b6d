"""`/video`: projects and everything in them, by their API."""

import pytest
from django.db import IntegrityError, transaction

from render_app.core.timeline import snapshot
from render_app.models import AutomationCurve, Clip, FilterStack, ProjectEdit, Sequence, Track, Transition, VideoProject
from sync_app.services import review
from tests.support.factories import Api, a_derivative, a_registry_asset, a_synced_session

pytestmark = pytest.mark.django_db
OTHER = "t_other"


class Video(Api):
    """The API of a member who names their tenant by header."""

    def __init__(self, name="alice", tenant_id="t_club"):
        super().__init__(name, tenant_id)
        self.here = {"headers": {"X-Tenant-Id": tenant_id, "X-Env": "dev"}}

    def call(self, method, path, body=None, **more):
        headers = {**self.here["headers"], **more.pop("headers", {})}
        return super().call(method, f"/video/{path}", body, headers=headers, **more)

    def make(self, path, body):
        status, answer = self.post(path, body)
        assert status == 201, answer
        return answer

    def refused(self, path, body, method="POST"):
        """(status, code, field) of an error."""
        status, answer = self.call(method, path, body)
        return status, answer["error"]["code"], answer["error"]["field"]

    def project(self, **fields):
        return self.make("projects", {"title": "Recital", **fields})

    def sequence(self, project=None, **fields):
        project = project or self.project()
        return self.make(f"projects/{project['id']}/sequences", {"timebase": "30000/1001", **fields})

    def track(self, sequence=None, **fields):
        sequence = sequence or self.sequence()
        return self.make(f"sequences/{sequence['id']}/tracks", {"kind": "video", **fields})

    def clip(self, track=None, **fields):
        track = track or self.track()
        return self.make(f"tracks/{track['id']}/clips", {"text": {"text": "Hi"}, "out_ms": 1000, **fields})


@pytest.fixture
def video(db):
    return Video()


def a_film(video):
    """A project with two clips, a transition, a stack and a curve: the records by their names."""
    facts = {"duration_ms": 10_000, "has_audio": True, "original_filename": "interview.mov"}
    asset = a_registry_asset(tenant_id=video.here["headers"]["X-Tenant-Id"], **facts)
    project = video.project()
    sequence = video.sequence(project)
    track = video.track(sequence)
    first = video.clip(track, text=None, asset_id=str(asset.pk), in_ms=1000, out_ms=3000)
    second = video.clip(track, text=None, asset_id=str(asset.pk), in_ms=5000, out_ms=7000, start_ms_on_timeline=2000)
    pair = {"type": "crossfade", "from_clip_id": first["id"], "to_clip_id": second["id"]}
    return {
        "asset": asset,
        "project": project,
        "sequence": sequence,
        "track": track,
        "first": first,
        "second": second,
        "transition": video.make(f"sequences/{sequence['id']}/transitions", pair),
        "stack": video.make(
            f"filter-stacks/clip/{first['id']}", {"filters": [{"type": "gamma", "params": {"gamma": 9}}]}
        ),
        "curve": video.make(
            f"automation/clip/{first['id']}", {"property": "scale", "keyframes": [{"time_ms": 0, "value": 2}]}
        ),
    }


def test_a_record_is_answered_whole_with_defaults_and_found_again(video):
    clip = video.clip(out_ms=1500, speed=0.5)

    assert video.get(f"clips/{clip['id']}") == (200, clip)
    assert (clip["in_ms"], clip["end_ms"], clip["opacity"], clip["blend_mode"]) == (0, 3000, 1, "normal")
    assert clip["position"] == {"x": 0.5, "y": 0.5}
    assert clip["text"]["align"] == "center"
    assert (clip["tenant_id"], clip["env"], clip["user_id"], clip["created_by"]) == ("t_club", "dev", "alice", "alice")


def test_user_id_is_kept_as_given_beside_who_was_signed_in(video):
    project = video.project(user_id="u_7")

    assert (project["user_id"], project["created_by"]) == ("u_7", "alice")


def test_lists_have_one_shape_and_their_filters(video):
    film = a_film(video)
    video.project(title="Another", tags=["wide"])

    lists = {
        "projects": 2,
        "projects?tag=wide": 1,
        "projects?render_profile=youtube_4k_h264": 0,
        f"projects/{film['project']['id']}/sequences": 1,
        f"sequences/{film['sequence']['id']}/tracks": 1,
        f"sequences/{film['sequence']['id']}/tracks?kind=audio": 0,
        f"tracks/{film['track']['id']}/clips": 2,
        f"tracks/{film['track']['id']}/clips?asset_id={film['asset'].pk}": 2,
        f"sequences/{film['sequence']['id']}/transitions?type=crossfade": 1,
        f"automation/clip/{film['first']['id']}": 1,
        f"automation/clip/{film['second']['id']}": 0,
    }
    for path, count in lists.items():
        status, page = video.get(path)
        assert (status, set(page)) == (200, {"count", "next", "previous", "results"}), path
        assert (path, page["count"], len(page["results"])) == (path, count, count)


def test_every_record_can_be_read_changed_and_removed_by_its_own_id(video):
    film = a_film(video)
    changes = [
        ("automation", film["curve"], {"keyframes": [{"time_ms": 5, "value": 1, "interpolation": "hold"}]}),
        ("filter-stacks", film["stack"], {"filters": []}),
        ("transitions", film["transition"], {"duration_ms": 300}),
        ("clips", film["second"], {"opacity": 0.5}),
        ("tracks", film["track"], {"muted": True}),
        ("sequences", film["sequence"], {"name": "Cut 2"}),
        ("projects", film["project"], {"tags": ["done"]}),
    ]
    for plural, made, change in changes:
        path = f"{plural}/{made['id']}"
        status, changed = video.patch(path, change)
        assert status == 200, changed
        kept = {
            name: value for name, value in made.items() if name not in {*change, "updated_at", "revision", "clamped"}
        }
        assert kept.items() <= {**changed, "sequences": kept.get("sequences"), "tracks": kept.get("tracks")}.items()
        assert video.get(path)[1] == changed
        assert {name: changed[name] for name in change} == change
        assert video.delete(path) == (204, None)
        assert video.get(path)[0] == 404
    assert not any(
        model.objects.exists() for model in (Sequence, Track, Clip, Transition, FilterStack, AutomationCurve)
    )


def test_an_answer_can_be_sent_back_as_it_came(video):
    film = a_film(video)

    for path, record in (
        (f"clips/{film['first']['id']}", "first"), (f"filter-stacks/clip/{film['first']['id']}", "stack"),
        (f"transitions/{film['transition']['id']}", "transition"), (f"sequences/{film['sequence']['id']}", "sequence"),
    ):  # fmt: skip
        before = video.get(path)[1]
        assert video.patch(path, before)[0] == 200, record
        assert video.get(path)[1] == before
    assert VideoProject.objects.get().revision == 8, "nothing changed, so nothing counted"


def test_a_project_belongs_to_a_session_of_the_tenant(video):
    session = a_synced_session()
    theirs = a_synced_session(tenant_id=OTHER)

    project = video.project(session_id=str(session.pk))

    assert project["session_id"] == str(session.pk)
    assert video.get(f"projects?session_id={session.pk}")[1]["count"] == 1
    for unknown in (str(theirs.pk), "no-id"):
        assert video.refused("projects", {"title": "x", "session_id": unknown}) == (404, "not_found", "session_id")
    session.delete()
    assert video.get(f"projects/{project['id']}")[1]["session_id"] is None


def test_what_is_clamped_is_listed_and_kept_as_it_was_sent(video):
    clip = video.clip(opacity=3)
    stack = video.make(f"filter-stacks/clip/{clip['id']}", {"filters": [{"type": "sharpen", "params": {"luma_x": 30}}]})

    assert (clip["opacity"], clip["clamped"]) == (3, [{"clip_id": clip["id"], "field": "opacity", "from": 3, "to": 1}])
    assert stack["filters"][0]["params"] == {"luma_x": 30, "luma_y": 5, "luma_amount": 1.0}
    assert [(one["filter_index"], one["from"], one["to"]) for one in stack["clamped"]] == [(0, 30, 19)]


REFUSED = [
    ("clips", {"blend_mode": "burn"}, (422, "unknown_value", "blend_mode")),
    ("clips", {"opacity": "1"}, (422, "wrong_type", "opacity")),
    ("clips", {"lut_path": "/etc/passwd"}, (422, "not_allowed", "lut_path")),
    ("clips", {"meta": {"a": "\0"}}, (400, "broken_text", "meta")),
    ("clips", {"colour": 1}, (422, "unknown_field", "colour")),
    ("clips", {"asset_id": "00000000-0000-0000-0000-000000000007", "text": None}, (404, "unknown_media", "asset_id")),
    ("clips", {"asset_id": "no-id", "text": None}, (404, "unknown_media", "asset_id")),
    ("clips", {"mask_artifact_id": "no-id"}, (404, "unknown_media", "mask_artifact_id")),
    ("clips", {"track_id": "00000000-0000-0000-0000-000000000007"}, (400, "invalid_input", "track_id")),
    ("clips", {"opacity": 10**400, "speed": 0}, (422, "out_of_range", "speed")),
    ("clips", [], (400, "invalid_input", None)),
]


@pytest.mark.parametrize(("plural", "body", "error"), REFUSED)
def test_a_clip_that_cannot_be_is_refused_by_its_field(video, plural, body, error):
    track = video.track()
    body = {"text": {"text": "Hi"}, "out_ms": 1000, **body} if isinstance(body, dict) else body

    status, code, field = video.refused(f"tracks/{track['id']}/clips", body)

    assert (status, code) == error[:2]
    if error[1] != "invalid_input" or error[2] == "track_id":
        assert field == error[2]
    assert not Clip.objects.exists()


def test_a_clip_of_words_or_shapes_says_how_it_is_drawn(video):
    track = video.track()
    clip = video.clip(track, text={"text": "Hi", "tracking": 20}, out_ms=1000)
    assert (len(clip["layout_hash"]), clip["tracking"], clip["variant_axes"], clip["boolean_ops"]) == (64, 20, {}, None)
    wider = video.clip(track, text={"text": "Hi", "tracking": 21}, out_ms=1000, start_ms_on_timeline=1000)
    assert wider["layout_hash"] != clip["layout_hash"]

    circles = [{"type": "ellipse", "width": 9, "height": 9}, {"type": "ellipse", "x": 4, "width": 9, "height": 9}]
    joined = {"shapes": circles, "boolean_ops": [{"op": "union", "shapes": ["shape_0", "shape_1"]}]}
    shapes = video.clip(track, text=None, vector=joined, out_ms=1000, start_ms_on_timeline=2000)
    assert shapes["boolean_ops"] == [{"id": "op_0", "op": "union", "shapes": ["shape_0", "shape_1"]}]
    assert (len(shapes["layout_hash"]), shapes["tracking"]) == (64, None)

    unknown = video.clip(track, text={"text": "Hi", "font": "Comic Sans"}, out_ms=1000, start_ms_on_timeline=3000)
    assert unknown["layout_hash"] is None
    # An answer can be sent as it came; what follows from the words cannot be set by itself.
    assert video.post(f"tracks/{track['id']}/clips", {**clip, "start_ms_on_timeline": 9000})[0] == 201
    assert video.refused(f"tracks/{track['id']}/clips", {"text": {"text": "Hi"}, "out_ms": 9, "tracking": 5}) == (
        422, "unknown_field", "tracking",
    )  # fmt: skip


def test_a_clip_beyond_its_medium_is_refused_with_how_much_there_is(video):
    asset, track = a_registry_asset(duration_ms=10_000), video.track()

    status, answer = video.post(f"tracks/{track['id']}/clips", {"asset_id": str(asset.pk), "out_ms": 12_000})

    assert (status, answer["error"]["code"], answer["error"]["field"]) == (422, "beyond_media", "out_ms")
    assert answer["error"]["details"] == {"clip_id": "new", "available_from_ms": 0, "available_to_ms": 10_000}
    assert answer["error"]["message"].startswith("The new clip: out_ms ")


def test_a_clip_may_be_cut_before_its_file_is_ingested(video):
    asset, track = a_registry_asset(status="ingesting"), video.track()

    clip = video.clip(track, text=None, asset_id=str(asset.pk), out_ms=12_000)

    shown = video.get(f"sequences/{track['sequence_id']}/snapshot")[1]
    assert [(one["code"], one["clip_id"]) for one in shown["warnings"]] == [("wrong_media", clip["id"])]


def of_camera(session, label="B", **fields):
    return {"text": None, "session_id": str(session.pk), "camera_label": label, **fields}


def test_a_clip_of_a_camera_waits_for_its_sync_to_be_approved(video):
    session, track = a_synced_session(), video.track()

    clip = video.clip(track, **of_camera(session), in_ms=-500, out_ms=9000)

    assert (clip["camera_label"], clip["in_ms"], clip["asset_id"]) == ("B", -500, None)
    shown = video.get(f"sequences/{track['sequence_id']}/snapshot")[1]
    assert "approve" in shown["warnings"][0]["message"].lower()


def test_a_clip_of_a_camera_counts_on_the_master_s_clock(video):
    session, track = a_synced_session(), video.track()
    session.assets.update(duration_ms=10_000, fps="25/1", width=1920, height=1080)
    review.approve(session.context, session.pk, approved_by="Ada")
    path = f"tracks/{track['id']}/clips"

    video.clip(track, **of_camera(session, in_ms=1000, out_ms=11_000))

    assert video.get(f"sequences/{track['sequence_id']}/snapshot")[1]["warnings"] == []
    status, answer = video.post(path, of_camera(session, in_ms=0, out_ms=9000))
    assert (status, answer["error"]["field"], answer["error"]["details"]["available_from_ms"]) == (422, "in_ms", 1000)
    assert video.refused(path, of_camera(session, "C", out_ms=9)) == (404, "unknown_media", "camera_label")


def test_a_transition_needs_clips_of_one_track_with_something_to_blend(video):
    film = a_film(video)
    elsewhere = video.clip(video.track(film["sequence"]))
    path = f"sequences/{film['sequence']['id']}/transitions"
    whole = {"text": None, "asset_id": str(film["asset"].pk), "out_ms": 10_000}
    other = video.track(film["sequence"])
    full = [video.clip(other, **whole, start_ms_on_timeline=start)["id"] for start in (0, 10_000)]

    def pair(a, b):
        return {"type": "crossfade", "from_clip_id": a, "to_clip_id": b}

    assert video.refused(path, pair(film["second"]["id"], elsewhere["id"]))[:2] == (422, "contradiction")
    assert video.refused(path, pair(film["second"]["id"], "gone"))[:2] == (422, "unknown_record")
    assert video.refused(path, pair(*full)) == (422, "nothing_to_blend", "duration_ms")
    assert video.refused(path, pair(film["first"]["id"], film["second"]["id"]))[:2] == (422, "duplicate_record")


def test_one_stack_a_record_and_one_curve_a_property(video):
    film = a_film(video)
    of = f"clip/{film['first']['id']}"
    curve = {"property": "scale", "keyframes": [{"time_ms": 0, "value": 1}]}

    assert video.refused(f"filter-stacks/{of}", {})[:2] == (422, "duplicate_record")
    assert video.refused(f"automation/{of}", curve)[:2] == (422, "duplicate_record")
    video.make(f"automation/{of}", {**curve, "property": "opacity"})
    assert video.patch(f"automation/{of}", {**curve, "keyframes": [{"time_ms": 9, "value": 3}]})[0] == 200
    assert video.delete(f"automation/{of}?property=opacity")[0] == 204
    assert [one["property"] for one in video.get(f"automation/{of}")[1]["results"]] == ["scale"]
    assert video.delete(f"automation/{of}")[0] == 204
    assert video.refused(f"automation/{of}", {"property": "scale"}, "PATCH")[0] == 404
    assert video.refused("filter-stacks/scene/00000000-0000-0000-0000-000000000007", {})[0] == 400
    assert video.refused("filter-stacks/clip/00000000-0000-0000-0000-000000000007", {})[:2] == (404, "not_found")


def test_a_filter_s_artifacts_are_the_tenant_s(video):
    clip = video.clip()
    mine = a_derivative(a_registry_asset(), "mask")
    theirs = a_derivative(a_registry_asset(tenant_id=OTHER), "mask")

    def lut(artifact):
        return {"filters": [{"type": "gamma"}, {"type": "lut", "params": {"lut_artifact_id": str(artifact.pk)}}]}

    status, answer = video.post(f"filter-stacks/clip/{clip['id']}", lut(theirs))
    assert (status, answer["error"]["details"]["filter_index"]) == (404, 1)
    assert video.post(f"filter-stacks/clip/{clip['id']}", lut(mine))[0] == 201


def test_a_snapshot_is_the_whole_sequence_as_a_render_takes_it(video):
    film = a_film(video)

    shown = video.get(f"sequences/{film['sequence']['id']}/snapshot")[1]

    read = snapshot.read(shown)
    assert [clip.id for clip in read.sequence.clips] == [film["first"]["id"], film["second"]["id"]]
    assert read.sequence.end_ms == 4000
    assert read.sequence.filter_stacks[0].filters[0].params == {"gamma": 6}
    assert [one["field"] for one in shown["clamped"]] == ["filters[0].params.gamma"]
    assert shown["warnings"] == []


def test_lists_ask_the_database_no_more_for_more_records(video, django_assert_max_num_queries):
    project = video.project()
    sequence = video.sequence(project)
    for _ in range(4):
        track = video.track(video.sequence(project))
        for start in range(3):
            video.clip(track, start_ms_on_timeline=start)

    for path in (
        "projects",
        f"projects/{project['id']}/sequences",
        f"tracks/{track['id']}/clips",
        f"sequences/{sequence['id']}/tracks",
    ):
        with django_assert_max_num_queries(8):
            assert video.get(path)[0] == 200


def test_a_revision_that_is_no_longer_the_last_one_is_409(video):
    project = video.project()
    path = f"projects/{project['id']}"

    answer = video.client.get(f"/video/{path}", **video.here)
    assert answer["ETag"] == '"1"'
    video.sequence(project)

    status, stale = video.call("PATCH", path, {"title": "x"}, headers={"If-Match": '"1"'})
    assert (status, stale["error"]["code"], stale["error"]["details"]) == (409, "stale_version", {"revision": 2})
    assert video.call("DELETE", path, headers={"If-Match": "1"})[0] == 409
    assert video.call("POST", f"{path}/sequences", {"timebase": 25}, headers={"If-Match": 'W/"1"'})[0] == 409
    assert video.call("PATCH", path, {"title": "x"}, headers={"If-Match": "seven"})[0] == 400
    assert video.call("PATCH", path, {"title": "x"}, headers={"If-Match": '"2"'})[0] == 200


def everything():
    """Every row of every timeline, but for when it was written last."""
    rows = {}
    for model in (Sequence, Track, Clip, Transition, FilterStack, AutomationCurve):
        for row in model.objects.order_by("pk").values():
            row.pop("updated_at")
            rows[model.__name__, str(row["id"])] = row
    return rows


def test_undo_brings_back_what_was_removed_with_all_that_stood_on_it(video):
    film = a_film(video)
    path = f"projects/{film['project']['id']}"
    before = everything()

    video.delete(f"sequences/{film['sequence']['id']}")
    assert everything() == {}
    assert video.post(f"{path}/undo")[1]["revision"] == 10
    assert everything() == before
    video.post(f"{path}/redo")
    assert everything() == {}


def test_undo_and_redo_walk_through_every_edit_and_back(video):
    states = []
    project = video.project()
    sequence = video.sequence(project)
    track = video.track(sequence)
    for body in ({"opacity": 0.25}, {"start_ms_on_timeline": 40, "meta": {"a": 1}}, {"out_ms": 2000}):
        states.append(everything())
        video.clip(track, **body)
    clip = Clip.objects.first()
    states.append(everything())
    video.patch(f"clips/{clip.pk}", {"blend_mode": "screen"})
    states.append(everything())
    video.delete(f"tracks/{track['id']}")
    states.append(everything())

    for state in reversed(states[:-1]):
        assert video.post(f"projects/{project['id']}/undo")[0] == 200
        assert everything() == state
    for state in states[1:]:
        assert video.post(f"projects/{project['id']}/redo")[0] == 200
        assert everything() == state
    assert video.refused(f"projects/{project['id']}/redo", {})[:2] == (409, "wrong_status")


def test_an_edit_after_an_undo_takes_the_place_of_what_was_undone(video):
    project = video.project(title="One")
    path = f"projects/{project['id']}"
    for title in ("Two", "Three"):
        video.patch(path, {"title": title})

    assert video.post(f"{path}/undo")[1]["title"] == "Two"
    video.patch(path, {"title": "Four"})

    assert video.refused(f"{path}/redo", {})[0] == 409
    assert [video.post(f"{path}/undo")[1]["title"] for _ in range(2)] == ["Two", "One"]
    assert video.refused(f"{path}/undo", {})[0] == 409
    assert ProjectEdit.objects.count() == 2


def test_undo_outlives_the_account_that_made_the_record(video):
    film = a_film(video)
    video.delete(f"clips/{film['first']['id']}")
    other = Video("bob")
    video.user.delete()

    assert other.post(f"projects/{film['project']['id']}/undo")[0] == 200

    assert Clip.objects.get(pk=film["first"]["id"]).created_by is None


def test_another_tenant_s_records_are_unknown(video):
    film = a_film(video)
    eve = Video("eve", OTHER)
    theirs = a_film(eve)

    for path in (
        f"projects/{film['project']['id']}", f"projects/{film['project']['id']}/sequences",
        f"clips/{film['first']['id']}", f"filter-stacks/clip/{film['first']['id']}", f"automation/{film['curve']['id']}",
        f"sequences/{film['sequence']['id']}/snapshot",
    ):  # fmt: skip
        assert eve.get(path)[0] == 404
    ours = str(film["asset"].pk)
    moved = {"text": None, "asset_id": ours, "out_ms": 1}
    assert eve.refused(f"tracks/{theirs['track']['id']}/clips", moved) == (404, "unknown_media", "asset_id")
    assert eve.refused(f"clips/{theirs['first']['id']}", {"track_id": film["track"]["id"]}, "PATCH")[0] == 404
    assert eve.get("projects")[1]["count"] == 1


def test_a_tenant_is_named_and_its_caller_a_member(video):
    api = Api()

    assert api.get("/video/projects")[1]["error"]["field"] == "tenant_id"
    assert api.get("/video/projects?tenant_id=t_club")[1]["error"]["field"] == "env"
    assert api.get("/video/projects?tenant_id=t_club&env=dev")[0] == 200
    assert api.post("/video/projects", {"tenant_id": "t_club", "env": "dev", "title": "x"})[0] == 201
    assert api.post("/video/projects", {"tenant_id": OTHER, "env": "dev", "title": "x"})[0] == 403
    assert video.call("POST", "projects", {"tenant_id": OTHER, "title": "x"})[0] == 400


def test_a_clip_moves_to_another_track_of_its_sequence_alone(video):
    film = a_film(video)
    other, elsewhere = video.track(film["sequence"], order=1), video.track()
    clip = video.clip(film["track"])

    assert video.patch(f"clips/{clip['id']}", {"track_id": other["id"]})[1]["track_id"] == other["id"]
    assert video.refused(f"clips/{clip['id']}", {"track_id": elsewhere["id"]}, "PATCH")[0] == 404


def test_words_do_not_stand_on_a_track_of_sound(video):
    path = f"tracks/{video.track(kind='audio')['id']}/clips"

    assert video.refused(path, {"text": {"text": "Hi"}, "out_ms": 9}) == (422, "contradiction", "text")


@pytest.mark.parametrize("kind", ["filters", "motion"])
def test_presets_are_kept_listed_and_removed_beside_the_built_in_ones(video, kind):
    own = {"filters": {"filters": [{"type": "bloom"}]}, "motion": {"duration_ms": 500, "tracks": [
        {"property": "scale", "keyframes": [{"time_ms": 0, "value": 1}]}]}}[kind]  # fmt: skip
    made = video.make(f"presets/{kind}", {"name": "Dream", "tags": ["soft"], **own})

    listed = video.get(f"presets/{kind}")[1]["results"]
    assert {one["name"] for one in listed if not one["built_in"]} == {"Dream"}
    assert {one["name"] for one in listed if "built_in" in one["tags"]} == {one["name"] for one in listed} - {"Dream"}
    assert [one["id"] for one in video.get(f"presets/{kind}?tag=soft")[1]["results"]] == [made["id"]]
    assert video.patch(f"presets/{kind}/{made['id']}", {"description": "Soft."})[1]["description"] == "Soft."
    assert Video("eve", OTHER).get(f"presets/{kind}/{made['id']}")[0] == 404
    assert video.delete(f"presets/{kind}/{made['id']}")[0] == 204
    assert video.get(f"presets/{kind}/{made['id']}")[0] == 404


def test_every_profile_has_its_preset_and_shakes_are_there(video):
    social = video.get("presets/filters?render_profile=social_1080p_h264")[1]["results"]
    assert [one["id"] for one in social] == ["profile_default_social_1080p_h264"]
    assert social[0]["meta"]["render_profiles"] == ["social_1080p_h264"]

    shake = video.get("presets/motion/shake_2")[1]
    assert [one["property"] for one in shake["tracks"]] == ["position_x", "position_y"]
    clip = video.clip()
    for track in shake["tracks"]:
        video.make(f"automation/clip/{clip['id']}", track)
    assert video.delete("presets/motion/shake_2")[0] == 403


def test_a_preset_that_cannot_be_applied_is_refused(video):
    assert video.refused("presets/filters", {"name": "x", "filters": [{"type": "sepia"}]}) == (
        422, "unknown_value", "filters[0].type",
    )  # fmt: skip
    assert video.refused("presets/motion", {"name": "x", "duration_ms": 0, "tracks": []})[:2] == (422, "out_of_range")


def test_the_database_itself_refuses_what_cannot_be(video):
    film = a_film(video)
    clip, track = Clip.objects.get(pk=film["first"]["id"]), Track.objects.get()
    broken = [
        lambda: Clip.objects.filter(pk=clip.pk).update(out_ms=0),
        lambda: Clip.objects.filter(pk=clip.pk).update(speed=0),
        lambda: Clip.objects.filter(pk=clip.pk).update(asset=None),
        lambda: Clip.objects.filter(pk=clip.pk).update(text={"text": "two things"}),
        lambda: Track.objects.filter(pk=track.pk).update(kind="smell"),
        lambda: Transition.objects.update(to_clip=clip),
        lambda: FilterStack.objects.create(sequence=track.sequence, clip=clip),
        lambda: FilterStack.objects.update(track=track),
        lambda: AutomationCurve.objects.create(sequence=track.sequence, clip=clip, property="scale"),
    ]
    for change in broken:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_clip_keeps_the_name_of_a_file_that_was_removed(video):
    film = a_film(video)
    film["asset"].delete()

    assert video.get(f"clips/{film['first']['id']}")[1]["asset_id"] == str(film["first"]["asset_id"])
    warnings = video.get(f"sequences/{film['sequence']['id']}/snapshot")[1]["warnings"]
    assert (warnings[0]["code"], warnings[0]["clip_id"]) == ("unknown_media", film["first"]["id"])
