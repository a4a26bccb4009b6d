"""`POST /video/projects/import`: edits that come back, whole, changed, foreign and hostile."""

import json
import re
import zlib
from fractions import Fraction

import opentimelineio as otio
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import etree

from render_app.models import Clip, VideoProject
from sessions_app.models import RecordingSession
from tests.apps.render_app.test_edit import approved
from tests.apps.render_app.test_exchange import a_file, a_film, exchanged
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import TENANT, Api, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


@pytest.fixture
def video(db):
    return Video()


def sent(video, body, name, **fields):
    """The answer's status and JSON."""
    body = body if isinstance(body, bytes) else body.encode()
    answer = video.client.post(
        f"/video/projects/import?format={name}", {"file": SimpleUploadedFile("edit", body), **fields}, **video.here
    )
    return answer.status_code, answer.json()


def snapshot_of(video, sequence_id):
    """A sequence as it is kept, without ids and dates."""
    status, whole = video.get(f"sequences/{sequence_id}/snapshot")
    assert status == 200, whole
    ids = {}

    def plain(value):
        if isinstance(value, dict):
            drop = ("project_id", "warnings", "clamped")
            return {name: plain(one) for name, one in value.items() if name not in drop}
        if isinstance(value, list):
            return [plain(one) for one in value]
        return value

    def number(value):
        """Ids by their order, so that two sequences compare."""
        if isinstance(value, dict):
            return {
                name: ids.setdefault(one, len(ids)) if (name == "id" or name in OF) and one else number(one)
                for name, one in value.items()
            }
        return [number(one) for one in value] if isinstance(value, list) else value

    return number(plain(whole))


OF = ("track_id", "sequence_id", "from_clip_id", "to_clip_id", "target_id")


def a_rich_film(video):
    """Everything that Studio has and no other program: a title, a curve, filters, a wipe, a covered clip, odd milliseconds."""
    asset = str(a_file().pk)
    project = video.project()
    sequence = video.sequence(project, timebase="25", name="Cut 1", meta={"editor": "mine"})
    track = video.track(sequence, audio_role="dialogue")
    first = video.clip(track, text=None, asset_id=asset, in_ms=1007.3, out_ms=3011, opacity=0.5)
    second = video.clip(
        track, text=None, asset_id=asset, in_ms=5000, out_ms=8000, start_ms_on_timeline=2003.7, rotation=3
    )
    video.clip(track, text=None, asset_id=asset, in_ms=0, out_ms=500, start_ms_on_timeline=3000, speed=2)
    video.clip(video.track(sequence, order=1), text={"text": "Hello"}, out_ms=1000)
    video.clip(video.track(sequence, kind="audio"), text=None, asset_id=asset, in_ms=0, out_ms=4000, volume_db=-6)
    wipe = {"type": "wipe_left", "duration_ms": 400, "from_clip_id": first["id"], "to_clip_id": second["id"]}
    video.make(f"sequences/{sequence['id']}/transitions", wipe)
    video.make(f"filter-stacks/clip/{first['id']}", {"filters": [{"type": "gamma", "params": {"gamma": 2}}]})
    video.make(f"automation/track/{track['id']}", {"property": "opacity", "keyframes": [{"time_ms": 0, "value": 0.5}]})
    return project["id"], sequence["id"]


def test_our_own_otio_comes_back_as_it_was(video):
    project, sequence = a_rich_film(video)
    body = exchanged(video, project, format="otio").content

    status, answer = sent(video, body, "otio", title="Once more")

    assert status == 201, answer
    assert (answer["untouched"], answer["unmatched"], answer["clips"]) == (True, [], 5)
    assert (answer["project"]["title"], answer["project"]["revision"]) == ("Once more", 2)
    assert snapshot_of(video, answer["sequence_id"]) == snapshot_of(video, sequence)


def test_it_comes_back_through_the_library_too(video):
    project, sequence = a_rich_film(video)
    body = exchanged(video, project, format="otio", mediaRoot="/Volumes/Shoot").content
    again = otio.adapters.write_to_string(otio.adapters.read_from_string(body.decode(), "otio_json"), "otio_json")

    status, answer = sent(video, again, "otio")

    assert (status, answer["untouched"]) == (201, True)
    assert snapshot_of(video, answer["sequence_id"]) == snapshot_of(video, sequence)


def test_undo_takes_an_import_back_in_one_step(video):
    project, _ = a_rich_film(video)
    _, answer = sent(video, exchanged(video, project, format="otio").content, "otio")

    status, _ = video.post(f"projects/{answer['project']['id']}/undo")

    assert status == 200
    assert not Clip.objects.filter(track__sequence__project=answer["project"]["id"]).exists()


def test_a_clip_that_was_slipped_keeps_its_looks_and_the_others_their_times(video):
    asset = str(a_file().pk)
    id = a_film(
        video,
        {"asset_id": asset, "in_ms": 1007.3, "out_ms": 3007.3, "opacity": 0.5},
        {"asset_id": asset, "in_ms": 5000, "out_ms": 6000, "start_ms_on_timeline": 2000},
    )
    timeline = otio.adapters.read_from_string(exchanged(video, id, format="otio").content.decode(), "otio_json")
    for track in timeline.tracks:
        clip = track[1]
        moved = clip.source_range.start_time + otio.opentime.RationalTime(10, 25)
        clip.source_range = otio.opentime.TimeRange(moved, clip.source_range.duration)

    status, answer = sent(video, otio.adapters.write_to_string(timeline, "otio_json"), "otio")

    assert (status, answer["untouched"], answer["clips"]) == (201, False, 2)
    first, second = Clip.objects.filter(track__sequence=answer["sequence_id"]).order_by("start_ms_on_timeline")
    assert (first.in_ms, first.out_ms, first.opacity) == (1007.3, 3007.3, 0.5)
    assert (second.in_ms, second.out_ms, second.start_ms_on_timeline) == (5400, 6400, 2000)


def test_cameras_stay_cameras(video):
    session = approved(tenant_id=TENANT)
    session.assets.update(tenant_id=TENANT)
    session.sync_results.update(tenant_id=TENANT)
    shot = {"session_id": str(session.pk), "camera_label": "B", "in_ms": 4000, "out_ms": 5001}
    id = a_film(video, shot, timebase="30000/1001")
    body = json.loads(exchanged(video, id, format="otio").content)
    assert body["metadata"]["studio"]["switchPoints"] == [{"atMs": 0, "angle": "B"}]
    # Ten frames later in its file.
    for track in body["tracks"]["children"]:
        track["children"][0]["source_range"]["start_time"]["value"] += 10

    status, answer = sent(video, json.dumps(body), "otio")

    assert status == 201, answer
    clip = Clip.objects.get(track__sequence=answer["sequence_id"])
    assert (str(clip.session_id), clip.camera_label) == (str(session.pk), "B")
    assert clip.in_ms == pytest.approx(4000 + 10 * 1001 / 30, abs=0.001)


@pytest.mark.parametrize(("name", "fields"), [("otio", {}), ("edl", {"timebase": "25"}), ("fcpxml", {})])
def test_an_edit_of_our_files_without_our_data_finds_them_again(video, name, fields):
    asset = a_file()
    shots = [
        {"asset_id": str(asset.pk), "in_ms": 1000, "out_ms": 3000},
        {"asset_id": str(asset.pk), "in_ms": 5000, "out_ms": 6000, "start_ms_on_timeline": 2000, "speed": 0.5},
    ]
    body = exchanged(video, a_film(video, *shots), format=name, mediaRoot="/Volumes/Shoot").content.decode()
    if name == "otio":
        timeline = otio.adapters.read_from_string(body, "otio_json")
        for one in (timeline, *timeline.tracks, *timeline.find_clips()):
            one.metadata.clear()
        for clip in timeline.find_clips():
            clip.media_reference.metadata.clear()
        body = otio.adapters.write_to_string(timeline, "otio_json")

    status, answer = sent(video, body, name, **fields)

    assert status == 201, answer
    assert (answer["unmatched"], answer["untouched"]) == ([], False)
    found = Clip.objects.filter(track__sequence=answer["sequence_id"], track__kind="video")
    times = [(one.asset_id, one.in_ms, one.out_ms, one.start_ms_on_timeline, one.speed) for one in found]
    assert sorted(times, key=lambda one: one[3]) == [(asset.pk, 1000, 3000, 0, 1), (asset.pk, 5000, 6000, 2000, 0.5)]


def test_placement_opacity_and_titles_come_back_from_fcpxml(video):
    asset = a_file()
    looks = {"opacity": 0.4, "scale": 1.5, "rotation": -20, "position": {"x": 0.3, "y": 0.7}}
    looks["crop"] = {"left": 0.1, "top": 0.0, "right": 0.0, "bottom": 0.2}
    title = {"text": "Anna\nBell", "size": 60, "fill": "#ffcc00"}
    id = a_film(video, {"asset_id": str(asset.pk), **looks}, {"text": title, "in_ms": 0, "start_ms_on_timeline": 2000})
    body = exchanged(video, id, format="fcpxml", mediaRoot="/Volumes/Shoot").content

    status, answer = sent(video, body, "fcpxml")

    assert status == 201, answer
    assert (answer["unmatched"], answer["ignored"]) == ([], [])
    picture, words = Clip.objects.filter(track__sequence=answer["sequence_id"]).order_by("start_ms_on_timeline")
    assert {name: getattr(picture, name) for name in looks} == looks
    assert {name: words.text[name] for name in title} == title
    assert (words.start_ms_on_timeline, words.out_ms - words.in_ms) == (2000, 3000)


def a_dissolve(video):
    """Two clips of one file that dissolve into each other, at 25 frames a second."""
    asset = a_file()
    project = video.project()
    track = video.track(video.sequence(project, timebase="25"))
    pair = [
        video.clip(track, text=None, asset_id=str(asset.pk), in_ms=at, out_ms=at + 2000, start_ms_on_timeline=start)
        for at, start in ((1000, 0), (5000, 2000))
    ]
    fade = {"type": "crossfade", "duration_ms": 400, "from_clip_id": pair[0]["id"], "to_clip_id": pair[1]["id"]}
    video.make(f"sequences/{track['sequence_id']}/transitions", fade)
    return asset, project


def test_a_dissolve_comes_back_on_its_frames(video):
    _, project = a_dissolve(video)

    for name in ("fcpxml", "edl"):
        body = exchanged(video, project["id"], format=name, mediaRoot="/Volumes/Shoot").content
        status, answer = sent(video, body, name)
        assert status == 201, answer
        again = exchanged(video, answer["project"]["id"], format="otio").content.decode()
        seen = otio.adapters.read_from_string(again, "otio_json").tracks[0]
        join = next(one for one in seen if isinstance(one, otio.schema.Transition))
        cut = seen.range_of_child(join).start_time + join.in_offset
        assert [(cut - join.in_offset).value, (cut + join.out_offset).value] == [45, 55]
        assert [clip.source_range.start_time.value for clip in seen.find_clips()] == [900_025, 900_125]


def test_what_does_not_match_is_listed_and_nothing_is_guessed(video):
    asset = a_file("Interview.mov")
    lines = """TITLE: Cut
FCM: NON-DROP FRAME
* RATE: 25/1
001  AX V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00
* FROM CLIP NAME: interview.MOV
002  AX V C 10:00:01:00 10:00:02:00 01:00:01:00 01:00:02:00
* FROM CLIP NAME: other.mov
003  TAPE7 V C 11:00:01:00 11:00:02:00 01:00:02:00 01:00:03:00
* FROM CLIP NAME: Interview.mov
004  AX V C 10:00:09:00 10:00:12:00 01:00:03:00 01:00:06:00
* FROM CLIP NAME: Interview
"""
    status, answer = sent(video, lines, "edl")

    assert (status, answer["clips"], answer["project"]["title"]) == (201, 1, "Cut")
    assert [(one["name"], one["start_ms"], one["reel"]) for one in answer["unmatched"]] == [
        ("other.mov", 1000, "AX"), ("Interview.mov", 2000, "TAPE7"), ("Interview", 3000, "AX"),
    ]  # fmt: skip
    assert answer["unmatched"][0]["reason"] == "There is no file with this name."
    assert answer["unmatched"][1]["reason"] == "No file of this name has this timecode and length."
    assert Clip.objects.get(track__sequence=answer["sequence_id"]).asset_id == asset.pk


def test_a_clip_that_was_renamed_is_found_by_its_reel(video):
    asset = a_file("C0001.MP4")
    lines = "* RATE: 25/1\n001  C0001 V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: Wide, second take\n"

    status, answer = sent(video, lines, "edl")

    assert (status, answer["unmatched"]) == (201, [])
    assert Clip.objects.get(track__sequence=answer["sequence_id"]).asset_id == asset.pk


def test_two_files_that_fit_are_no_match_until_their_session_is_named(video):
    session = approved(tenant_id=TENANT)
    camera = session.assets.get(camera_label="A")
    camera.tenant_id, camera.original_filename, camera.timecode, camera.timecode_source = (
        TENANT,
        "C0001.MP4",
        "10:00:00:00",
        "tmcd",
    )
    camera.timecode_rate = camera.fps
    camera.save()
    a_file("C0001.MP4", fps="30000/1001", timecode_rate="30000/1001")
    line = (
        "* RATE: 30000/1001\n001  AX V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: C0001.MP4\n"
    )

    status, answer = sent(video, line, "edl")
    assert (status, answer["error"]["code"]) == (422, "nothing_matched")
    assert "2 files of this name" in answer["error"]["details"]["unmatched"][0]["reason"]

    status, answer = sent(video, line, "edl", session_id=str(session.pk))
    assert (status, answer["project"]["session_id"]) == (201, str(session.pk))
    clip = Clip.objects.get()
    assert (clip.session_id, clip.camera_label, clip.in_ms) == (session.pk, "A", 1001)


def test_a_list_that_is_refused_names_all_that_was_not_taken_of_it(video):
    lines = [
        "* RATE: 25",
        "001  GONE V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00",
        "002  BACK V C 10:00:01:00 10:00:02:00 01:00:01:00 01:00:02:00",
        "M2   BACK -025.0 10:00:01:00",
        "003  TORN V C 10:00:01:00 10:00:02:00 01:00:02:00",
    ]
    status, answer = sent(video, "\n".join(lines) + "\n", "edl")
    details = answer["error"]["details"]
    assert (status, answer["error"]["code"]) == (422, "nothing_matched")
    assert [(one["name"], one["start_ms"]) for one in details["unmatched"]] == [("GONE", 0)]
    assert sorted(details["ignored"]) == [
        "BACK: a freeze frame or a reversed clip is left out.",
        f"Line 5 is no event that Studio reads: {lines[4]}",
    ]

    status, answer = sent(video, f"{lines[0]}\n{lines[4]}\n", "edl")
    assert (status, answer["error"]["code"]) == (400, "bad_edit")
    assert answer["error"]["details"]["ignored"] == [f"Line 2 is no event that Studio reads: {lines[4]}"]


def test_files_of_another_tenant_are_not_found_not_even_by_our_own_data(video):
    project, _ = a_rich_film(video)
    body = exchanged(video, project, format="otio").content
    bob = Video("bob", "t_other")

    status, answer = sent(bob, body, "otio")

    # The title alone needs no file.
    assert (status, answer["clips"], len(answer["unmatched"])) == (201, 1, 4)
    assert sent(bob, body, "otio", session_id=str(approved(tenant_id=TENANT).pk))[0] == 404


def test_a_list_without_a_rate_asks_for_it(video):
    line = "001  AX V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: interview.mov\n"
    a_file()

    assert sent(video, line, "edl")[1]["error"]["field"] == "timebase"
    assert sent(video, line, "edl", timebase="0/0")[1]["error"]["field"] == "timebase"
    assert sent(video, line, "edl", timebase="25")[0] == 201


BOMB = "".join(
    f'<!ENTITY a{n} "{"&a" + str(n - 1) + ";" if n else "ha"}{"&a" + str(n - 1) + ";" if n else "ha"}">'
    for n in range(40)
)
HOSTILE = [
    ("fcpxml", '<!DOCTYPE fcpxml [<!ENTITY x SYSTEM "file:///etc/passwd">]><fcpxml>&x;</fcpxml>', "entities or a DTD"),
    ("fcpxml", f"<!DOCTYPE fcpxml [{BOMB}]><fcpxml>&a39;</fcpxml>", "entities or a DTD"),
    ("fcpxml", '<!DOCTYPE fcpxml SYSTEM "http://example.org/x.dtd"><fcpxml/>', "entities or a DTD"),
    ("fcpxml", "<fcpxml>" * 100_000, "too many"),
    ("fcpxml", "<fcpxml><a/></fcpxml>", "no project"),
    ("fcpxml", "<xmeml/>", "not FCPXML"),
    ("fcpxml", "<fcpxml>\x00", "not XML"),
    ("fcpxml", "", "not XML"),
    ("fcp7xml", "<xmeml><sequence/></xmeml>", "no sequence"),
    ("fcp7xml", '<!DOCTYPE xmeml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xmeml>&x;</xmeml>', "entities or a DTD"),
    ("otio", "[" * 200_000, "nested too deeply"),
    ("otio", "[" * 200_000 + "]" * 200_000, "nested too deeply"),
    ("otio", '{"OTIO_SCHEMA": NaN}', "not JSON"),
    ("otio", "null", "not an OpenTimelineIO"),
    ("otio", '{"OTIO_SCHEMA": "Timeline.1"}', "how many frames"),
    ("otio", '{"OTIO_SCHEMA": "SerializableCollection.1"}', "not an OpenTimelineIO"),
    ("otio", b"\xff\xfe\x00", "not UTF-8"),
    ("edl", b"TITLE: \xe9t\xe9\n", "not UTF-8"),
    ("edl", "* RATE: 25/1\nnothing", "no event"),
    ("edl", "* RATE: 25/1\n001 AX V C 10:00:61:00 10:00:62:00 01:00:00:00 01:00:01:00", "Event 001"),
    ("edl", b"PK\x03\x04" + zlib.compress(b"0" * 100_000), "archive"),
    ("otio", b"\x1f\x8b" + b"0" * 100, "archive"),
    ("edl", "x" * (21 << 20), "at most"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body", "sentence"), HOSTILE, ids=[f"{n}-{name}" for n, (name, *_) in enumerate(HOSTILE)]
)
def test_a_hostile_file_ends_in_a_sentence(video, name, body, sentence):
    status, answer = sent(video, body, name)

    assert status == 400, answer
    assert sentence in answer["error"]["message"]
    assert not VideoProject.objects.exists()


def time_of(value, rate=25):
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


@pytest.mark.parametrize(
    "value", ["1e400", "1e15", '"x"', "null", "true", "-5", "0.1", "[]", "1" * 5000], ids=lambda one: str(one)[:8]
)
def test_odd_numbers_in_an_otio_end_in_a_sentence_or_an_edit(video, value):
    a_file()
    clip = {
        "OTIO_SCHEMA": "Clip.1", "name": "interview.mov",
        "source_range": {"OTIO_SCHEMA": "TimeRange.1", "start_time": time_of(900_025), "duration": time_of("VALUE")},
    }  # fmt: skip
    whole = {
        "OTIO_SCHEMA": "Timeline.1", "global_start_time": time_of(0),
        "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [clip]}]},
    }  # fmt: skip

    status, answer = sent(video, json.dumps(whole).replace('"VALUE"', value), "otio")

    assert status in (400, 422), answer
    assert answer["error"]["message"]


def test_studio_data_that_was_bent_is_refused(video):
    project, _ = a_rich_film(video)
    body = json.loads(exchanged(video, project, format="otio").content)
    body["metadata"]["studio"]["sequence"]["tracks"][0]["clips"][0]["speed"] = -1

    assert sent(video, json.dumps(body), "otio")[0] == 400


@pytest.mark.parametrize(("query", "field"), [("", "format"), ("?format=aaf", "format")])
def test_what_cannot_be_read_names_its_field(video, query, field):
    form = {"file": SimpleUploadedFile("edit", b"x")}

    answer = video.client.post(f"/video/projects/import{query}", form, **video.here)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    answer = video.client.post("/video/projects/import?format=otio", {}, **video.here)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "file")
    assert Client().post("/video/projects/import?format=otio", form, **video.here).status_code == 401


@pytest.fixture
def operator():
    client = Client()
    client.force_login(a_user())
    return client


def test_the_page_takes_an_edit_and_lists_what_has_no_file(video, operator):
    a_file()
    line = "001  AX V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: {}\n"
    whole = line.format("interview.mov")
    part = whole + line.format("<b>other.mov").replace("01:00:00:00 01:00:01:00", "01:00:01:00 01:00:02:00")

    def posted(text, name="cut.edl", **fields):
        return operator.post("/projects/import/", {"file": SimpleUploadedFile(name, text.encode()), **fields})

    assert b"Import an edit" in operator.get("/projects/").content
    assert b"Send it as timebase" in posted(whole).content
    assert b"This format does not exist" in posted(whole, "cut.mov").content
    done = posted(whole, timebase="25/1")
    assert (done.status_code, done.url) == (302, f"/projects/{VideoProject.objects.get().pk}/")
    listed = posted(part, timebase="25/1").content.decode()
    assert "Imported with 1 clip; 1 left a gap." in listed
    assert "&lt;b&gt;other.mov" in listed
    assert "There is no file with this name." in listed

    refused = posted(f"{line.format('gone.mov')}002  TORN V C 10:00:01:00\n", timebase="25/1").content.decode()
    assert "No clip of this edit has its file" in refused
    assert '<th scope="row">gone.mov</th>' in refused
    assert "Line 3 is no event that Studio reads: 002  TORN V C 10:00:01:00" in refused


def test_a_clip_of_ours_beyond_its_file_and_a_transition_without_handles_are_listed(video):
    asset, project = a_dissolve(video)
    body = exchanged(video, project["id"], format="otio").content
    asset.duration_ms = 4000
    asset.save()

    status, answer = sent(video, body, "otio")

    assert (status, answer["clips"]) == (201, 1)
    assert [(one["name"], one["start_ms"]) for one in answer["unmatched"]] == [("interview.mov", 2000)]
    assert "interview.mov has 0 to 4000 ms" in answer["unmatched"][0]["reason"]


HOURS_LONG = {"duration_ms": 7_200_000, "has_audio": True, "audio_channels": 2}
#: A cut of two hours, where B's clock has drifted by seven frames, as frames after the beginning of the range.
CUT = [(0, "A"), (125, "B"), (90_001, "A"), (100_010, "B"), (150_077, "A"), (150_500, "B")]
RANGE = (3000, 154_000)


def a_cut_shoot(fps, **of_b):
    """An approved session whose camera B drifts by 40 ppm and is cut; what is asked for of it, and its edit's id."""
    session = approved(tenant_id=TENANT)
    rate = Fraction(fps)
    session.assets.update(
        tenant_id=TENANT, fps=fps, media_info={"frames": int(7200 * rate)}, timecode="10:00:00:00", timecode_rate=fps,
        timecode_source="tmcd", **HOURS_LONG,
    )  # fmt: skip
    result = session.sync_results.order_by("-version").first()
    result.drift_ppm, result.tenant_id = {"B": 40.0}, TENANT
    result.save()
    if of_b:
        session.assets.filter(camera_label="B").update(**of_b)
    return session


def ms_of(frame, fps):
    return float(1000 * frame / Fraction(fps))


def a_kept_cut(video, session, fps, cut=CUT, **more):
    """The edit's project."""
    points = [{"atMs": ms_of(RANGE[0] + at, fps), "angle": angle} for at, angle in cut]
    asked = {"startMs": ms_of(RANGE[0], fps), "endMs": ms_of(RANGE[1], fps)}
    body = {"range": asked, "switchPoints": points, **more}
    status, kept = Api.call(video, "PUT", f"/v2/sessions/{session.pk}/cut", body)
    assert status == 200, kept
    return kept["projectId"]


def shots_in_the_editor(video, session, project, fps):
    """What the angle editor shows: each shot's frame on the master's clock and its angle; the end of the range, and what is heard."""
    page = Client()
    page.force_login(video.user)
    assert 'id="page-data"' in page.get(f"/sessions/{session.pk}/angles/?project={project}").content.decode()
    status, cut = Api.call(video, "GET", f"/v2/sessions/{session.pk}/cut?projectId={project}")
    assert status == 200, cut
    frames = [(one["atMs"] * Fraction(fps) / 1000, one["angle"]) for one in cut["switchPoints"]]
    assert all(abs(at - round(at)) < 1e-4 for at, _ in frames), frames
    end = round(cut["range"]["endMs"] * Fraction(fps) / 1000)
    return [(round(at), angle) for at, angle in frames], end, cut["audio"]["source"]


def edited_otio(body):
    """The first shot gone with what follows moved up, one cut 12 frames later, one shot given to the one before; no word of Studio's."""
    timeline = otio.adapters.read_from_string(body, "otio_json")
    for one in (timeline, *timeline.tracks, *timeline.find_clips()):
        one.metadata.clear()
    for clip in timeline.find_clips():
        clip.media_reference.metadata.clear()
    for track in timeline.tracks:
        _edit_clips(track)
    return otio.adapters.write_to_string(timeline, "otio_json")


def _edit_clips(track):
    del track[0]
    move, give = 12, track[3].source_range.duration.value

    def ranged(clip, late, longer):
        span = clip.source_range
        start = otio.opentime.RationalTime(span.start_time.value + late, span.start_time.rate)
        length = otio.opentime.RationalTime(span.duration.value + longer, span.duration.rate)
        clip.source_range = otio.opentime.TimeRange(start, length)

    ranged(track[0], 0, move)
    ranged(track[1], move, -move)
    ranged(track[2], 0, give)
    del track[3]


def edited_edl(body):
    """The same by the library's adapter for lists, which knows nothing of Studio's remarks."""
    rate = float(Fraction(re.search(r"RATE: (\S+)", body)[1]))
    timeline = otio.adapters.read_from_string(body, "cmx_3600", rate=rate, ignore_timecode_mismatch=True)
    for track in timeline.tracks:
        _edit_clips(track)
        for clip in track:
            clip.metadata.clear()
            clip.media_reference = otio.schema.ExternalReference(f"file:///footage/{clip.name}")
    del timeline.tracks[1:]
    return otio.adapters.write_to_string(timeline, "cmx_3600", rate=rate, style="premiere")


def edited_fcpxml(body):
    """The same by lxml in the file's own fractions of a second."""
    root = etree.fromstring(body.encode())
    spine = root.find(".//project/sequence/spine")
    formats = {one.get("id"): one.get("frameDuration") for one in root.iter("format")}
    frame = Fraction(formats[root.find(".//project/sequence").get("format")][:-1])

    def seconds(node, name):
        return Fraction(node.get(name, "0s")[:-1])

    def put(node, name, value):
        node.set(name, f"{value.numerator}/{value.denominator}s")

    first, *rest = list(spine)
    gone = seconds(first, "duration")
    spine.remove(first)
    for node in rest:
        put(node, "offset", seconds(node, "offset") - gone)
    put(rest[0], "duration", seconds(rest[0], "duration") + 12 * frame)
    for name, change in (("start", 12), ("offset", 12), ("duration", -12)):
        put(rest[1], name, seconds(rest[1], name) + change * frame)
    put(rest[2], "duration", seconds(rest[2], "duration") + seconds(rest[3], "duration"))
    spine.remove(rest[3])
    return etree.tostring(root).decode()


def edited_fcp7xml(body):
    """The same in the frames of the sequence, of picture and sound."""
    root = etree.fromstring(body.encode())

    def add(node, **frames):
        for name, by in frames.items():
            node.find(name).text = str(int(node.find(name).text) + by)

    for track in root.xpath("//sequence/media/*/track"):
        first, *rest = track.findall("clipitem")
        # What defines a file is needed by those that refer to it.
        for file in first.findall("file"):
            root.append(file)
        track.remove(first)
        for node in rest:
            add(node, start=-125, end=-125)
        add(rest[0], end=12, out=12)
        add(rest[1], start=12, **{"in": 12})
        long = int(rest[3].findtext("end")) - int(rest[3].findtext("start"))
        add(rest[2], end=long, out=long)
        track.remove(rest[3])
    return etree.tostring(root).decode()


EDITORS = {"otio": edited_otio, "edl": edited_edl, "fcpxml": edited_fcpxml, "fcp7xml": edited_fcp7xml}
#: What is left: the first shot gone, the second's end 12 frames later, and B all along where A was between two shots of it.
LEFT = [(125, "B"), (90_013, "A"), (100_010, "B")]


@pytest.mark.parametrize("fps", ["25/1", "30000/1001"])
@pytest.mark.parametrize("name", list(EDITORS))
def test_a_cut_that_another_program_changed_comes_back_as_a_cut_of_the_cameras(video, name, fps):
    session = a_cut_shoot(fps)
    project = a_kept_cut(video, session, fps)
    body = exchanged(video, project, format=name, mediaRoot="/Volumes/Shoot").content.decode()

    status, answer = sent(video, EDITORS[name](body), name, session_id=str(session.pk), timebase=fps)

    assert status == 201, answer
    assert answer["unmatched"] == []
    assert "clips are shots of the session's cameras" in answer["notes"][0]
    shots, end, heard = shots_in_the_editor(video, session, answer["project"]["id"], fps)
    assert (shots, end) == ([(RANGE[0] + at, angle) for at, angle in LEFT], RANGE[1])
    assert heard == "follow"


def test_the_page_says_which_clips_are_cameras_and_leads_to_the_angle_editor(video):
    session = a_cut_shoot("25/1")
    body = exchanged(video, a_kept_cut(video, session, "25/1"), format="edl").content
    operator = Client()
    operator.force_login(video.user)
    form = {"file": SimpleUploadedFile("cut.edl", body), "session_id": str(session.pk)}

    page = operator.post("/projects/import/", form).content.decode()

    project = VideoProject.objects.latest("created_at")
    assert "6 of 6 clips are shots of the session&#x27;s cameras" in page
    assert f"/sessions/{session.pk}/angles/?project={project.pk}" in page


def test_without_an_approved_sync_the_clips_stay_files_and_the_answer_says_why(video):
    session = a_cut_shoot("25/1")
    body = exchanged(video, a_kept_cut(video, session, "25/1"), format="edl").content
    RecordingSession.objects.filter(pk=session.pk).update(status="needs-review")

    status, answer = sent(video, body, "edl", session_id=str(session.pk))

    assert status == 201, answer
    assert answer["notes"][0].startswith("The clips stay files. The current sync of this session has not been approved")
    assert not Clip.objects.filter(track__sequence=answer["sequence_id"], session__isnull=False).exists()
