"""`/v2/sessions/{id}/sync`: what was found, and what a person decides about it."""

import pytest

from media_app.models import MediaJob
from sync_app.models import SyncResult
from sync_app.services.runs import sound_inputs, supersede
from tests.support.factories import Api, a_result, a_session, a_synced_session, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    return Api()


def sync(session, what: str = "") -> str:
    return f"/v2/sessions/{session.pk}/sync{what}"


def code_of(answer: tuple[int, dict]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


def test_the_sync_is_shown_as_the_contract_has_it(api):
    session = a_synced_session()
    status, body = api.get(sync(session))
    assert status == 200
    assert body["sessionId"] == str(session.pk)
    assert body["masterCamera"] == "A"
    assert body["offsets"] == {"A": 0.0, "B": 1000.0}
    assert body["confidence"] == {"B": 14.2}
    assert body["classification"] == {"B": "looks-good"}
    assert body["operatorStatus"] == "pending"
    assert body["finalOffsets"] is None
    assert body.keys() >= {"computedAt", "driftPpm", "warnings"}


@pytest.mark.parametrize("status", ["draft", "ingesting", "syncing", "needs-review"])
def test_while_there_is_no_sync_that_is_said_with_the_reason(api, status):
    session = a_session(status=status, status_reason="There is one camera.")
    answer = api.get(sync(session))
    assert code_of(answer) == (404, "not_synced")
    assert status in answer[1]["error"]["message"]
    assert "one camera" in answer[1]["error"]["message"]


def test_approving_a_synced_session_makes_it_ready(api):
    session = a_synced_session()
    status, body = api.post(sync(session, "/approve"), {"approvedBy": "Ann", "notes": "Looks good."})
    assert status == 200
    assert (body["sessionId"], body["status"], body["operatorStatus"]) == (str(session.pk), "ready", "approved")
    assert body["finalOffsets"] == {"A": 0.0, "B": 1000.0}
    assert api.get(sync(session))[1]["finalOffsets"] == {"A": 0.0, "B": 1000.0}
    (line,) = api.get(sync(session, "/history"))[1]
    assert (line["action"], line["by"], line["actor"], line["notes"]) == ("approved", "Ann", "alice", "Looks good.")
    assert (line["offsetsBefore"], line["offsetsAfter"], line["stale"]) == (None, {"A": 0.0, "B": 1000.0}, False)


def test_a_sync_that_needs_work_waits_for_review_with_the_reason(api):
    session = a_synced_session()
    status, body = api.post(sync(session, "/needs-work"), {"flaggedBy": "Ann", "notes": "B echoes after 20 min."})
    assert (status, body["status"], body["operatorStatus"], body["finalOffsets"]) == (
        200,
        "needs-review",
        "pending",
        None,
    )
    session.refresh_from_db()
    assert session.status_reason == "Needs work (Ann): B echoes after 20 min."
    (line,) = api.get(sync(session, "/history"))[1]
    assert (line["action"], line["by"], line["offsetsAfter"]) == ("needs-work", "Ann", None)


def test_a_decision_that_needs_work_is_taken_back_and_stays_in_the_history(api):
    session = a_synced_session()
    api.post(sync(session, "/correct"), {"offsets": {"B": 990.0}})
    seen = api.get(sync(session))[1]["version"]
    assert api.post(sync(session, "/needs-work"), {"notes": "Lips are late.", "version": seen})[0] == 200
    assert api.get(sync(session))[1]["finalOffsets"] is None
    newest, oldest = api.get(sync(session, "/history"))[1]
    assert (newest["action"], newest["offsetsBefore"]) == ("needs-work", {"A": 0.0, "B": 990.0})
    assert (oldest["action"], oldest["offsetsAfter"]) == ("corrected", {"A": 0.0, "B": 990.0})
    status, body = api.post(sync(session, "/approve"), {})
    assert (status, body["status"], body["finalOffsets"]) == (200, "ready", {"A": 0.0, "B": 1000.0})
    session.refresh_from_db()
    assert session.status_reason == ""


@pytest.mark.parametrize("said", [{}, {"notes": ""}, {"notes": "   "}])
def test_needing_work_wants_a_reason(api, said):
    session = a_synced_session()
    answer = api.post(sync(session, "/needs-work"), said)
    assert answer[0] == 400
    assert answer[1]["error"]["field"] == "notes"
    assert api.get(sync(session, "/history"))[1] == []


def test_who_saw_an_older_sync_cannot_say_that_it_needs_work(api):
    session = a_synced_session()
    api.post(sync(session, "/approve"), {})
    answer = api.post(sync(session, "/needs-work"), {"notes": "No.", "version": 1})
    assert code_of(answer) == (409, "stale_version")
    assert api.get(sync(session))[1]["operatorStatus"] == "approved"


def test_approving_twice_is_harmless(api):
    session = a_synced_session()
    for _ in range(2):
        assert api.post(sync(session, "/approve"), {"approvedBy": "Ann"})[0] == 200
    assert session.sync_decisions.count() == 1


def test_who_approves_is_the_caller_unless_named(api):
    session = a_synced_session()
    api.post(sync(session, "/approve"))
    assert session.sync_decisions.get().decided_by == "alice"


def test_correcting_sets_the_offsets_that_stand_and_keeps_those_computed(api):
    session = a_synced_session("ABC")
    status, body = api.post(sync(session, "/correct"), {"correctedBy": "Ben", "offsets": {"B": 1040.5}})
    assert (status, body["status"], body["operatorStatus"]) == (200, "ready", "corrected")
    assert body["finalOffsets"] == {"A": 0.0, "B": 1040.5, "C": 2000.0}
    assert body["originalOffsets"] == {"A": 0.0, "B": 1000.0, "C": 2000.0}
    assert SyncResult.objects.get().offsets_ms["B"] == 1000.0


def test_a_decision_may_be_changed_and_each_is_in_the_trail(api):
    session = a_synced_session()
    api.post(sync(session, "/correct"), {"offsets": {"B": 5}})
    api.post(sync(session, "/approve"), {"approvedBy": "Ann"})
    lines = api.get(sync(session, "/history"))[1]
    assert [(line["action"], line["offsetsBefore"], line["offsetsAfter"]["B"]) for line in lines] == [
        ("approved", {"A": 0.0, "B": 5.0}, 1000.0),
        ("corrected", None, 5.0),
    ]


@pytest.mark.parametrize(
    "offsets",
    [{}, {"D": 1}, {"B": None}, {"B": "1"}, {"B": True}, {"B": [1]}, {"B": {"B": 1}}, {"B": 1e300}, {"B": 10**400},
     {"A": 5, "B": 1}, {"": 1}, {"\ud800": 1}, [], "x", None, 7],
)  # fmt: skip
def test_offsets_that_cannot_stand_are_refused_and_change_nothing(api, offsets):
    session = a_synced_session("ABC")
    session.sync_results.update(offsets_ms={"A": 0.0, "B": None, "C": 1.0})
    status, body = api.post(sync(session, "/correct"), {"offsets": offsets})
    assert (status, body["error"]["code"]) == (400, "invalid_input")
    assert body["error"]["field"].startswith("offsets")
    session.refresh_from_db()
    assert session.status == "needs-review"


SEGMENTS = [
    {"start_s": 0.0, "end_s": 4.0, "offset_ms": 1000.0, "drift_ppm": 1.0, "confidence": 12.0, "probability": 0.99},
    {"start_s": 4.0, "end_s": 10.0, "offset_ms": 1400.0, "drift_ppm": 1.0, "confidence": 11.0, "probability": 0.98},
]


def paused_session():
    """Camera B lost 400 ms after four of its ten seconds."""
    session = a_synced_session()
    session.assets.update(duration_ms=10_000)
    cover = [{"start_s": 0.0, "end_s": 9.0, "state": "agreeing"}, {"start_s": 9.0, "end_s": 10.0, "state": "silent"}]
    session.sync_results.update(details={"segments": {"B": SEGMENTS}, "coverage": {"B": cover}})
    return session


WITNESS = {
    "witness": "tmcd",
    "offset_ms": 1240.0,
    "tolerance_ms": 40.0,
    "outcome": "agrees",
    "message": "Timecode agrees.",
}


def test_a_sync_says_probability_segments_coverage_and_what_was_heard(api):
    session = paused_session()
    heard = {"stream": 0, "channels": [2], "how": "channel", "reason": "channel 2; channel 1 is silent"}
    result = SyncResult.objects.get()
    result.details, result.probability = (
        result.details | {"heard": {"B": heard}, "witnesses": {"B": [WITNESS]}},
        {"B": 0.97},
    )
    result.save()
    _, body = api.get(sync(session))
    assert body["probability"] == {"B": 0.97}
    assert [piece["offsetMs"] for piece in body["segments"]["B"]] == [1000.0, 1400.0]
    assert body["coverage"]["B"][1] == {"startMs": 9000.0, "endMs": 10_000.0, "state": "silent"}
    assert body["heard"]["B"] == heard
    stated = {
        "witness": "tmcd",
        "offsetMs": 1240.0,
        "toleranceMs": 40.0,
        "outcome": "agrees",
        "message": "Timecode agrees.",
    }
    assert body["witnesses"] == {"B": [stated]}
    assert body["finalSegments"] is None


def test_one_segment_is_corrected_the_others_stay_and_the_history_has_both(api):
    session = paused_session()
    wanted = {"B": [{"startMs": 4000, "offsetMs": 1425.5}]}
    status, body = api.post(sync(session, "/correct"), {"segments": wanted, "correctedBy": "Ben"})
    assert (status, body["status"], body["operatorStatus"]) == (200, "ready", "corrected")
    assert body["finalOffsets"] == {"A": 0.0, "B": 1000.0}
    assert [(one["startMs"], one["offsetMs"]) for one in body["finalSegments"]["B"]] == [
        (0.0, 1000.0),
        (4000.0, 1425.5),
    ]
    again = api.get(sync(session))[1]
    assert again["finalSegments"] == body["finalSegments"]
    assert [one["offsetMs"] for one in again["segments"]["B"]] == [1000.0, 1400.0]
    (line,) = api.get(sync(session, "/history"))[1]
    assert [one["offsetMs"] for one in line["segmentsBefore"]["B"]] == [1000.0, 1400.0]
    assert [one["offsetMs"] for one in line["segmentsAfter"]["B"]] == [1000.0, 1425.5]


def test_an_approval_sets_the_corrected_segments_aside(api):
    session = paused_session()
    api.post(sync(session, "/correct"), {"segments": {"B": [{"startMs": 4000, "offsetMs": 1425.5}]}})
    assert [one["offsetMs"] for one in api.post(sync(session, "/approve"))[1]["finalSegments"]["B"]] == [1000.0, 1400.0]


def test_corrected_segments_are_history_when_the_recordings_change(api):
    session = paused_session()
    api.post(sync(session, "/correct"), {"segments": {"B": [{"startMs": 4000, "offsetMs": 1425.5}]}})
    assert api.post(sync(session, "/run"), {"force": True})[0] == 202
    (line,) = api.get(sync(session, "/history"))[1]
    assert (line["stale"], line["segmentsAfter"]["B"][1]["offsetMs"]) == (True, 1425.5)
    assert code_of(api.get(sync(session))) == (404, "not_synced")


@pytest.mark.parametrize(
    ("segments", "field"),
    [
        ({"B": [{"startMs": 4000, "offsetMs": 1}, {"startMs": 0, "offsetMs": 1}]}, "segments.B[1].startMs"),
        ({"B": [{"startMs": 10_000, "offsetMs": 1}]}, "segments.B[0].startMs"),
        ({"B": [{"startMs": 0, "offsetMs": None}]}, "segments.B[0].offsetMs"),
        ({"D": [{"startMs": 0, "offsetMs": 1}]}, "segments"),
        ({"A": [{"startMs": 0, "offsetMs": 1}]}, "segments.A"),
        ({"\ud800": [{"startMs": 0, "offsetMs": 1}]}, "segments"),
        ([], "segments"),
        ("B", "segments"),
    ],
)
def test_segments_that_cannot_stand_are_refused_with_their_field(api, segments, field):
    session = paused_session()
    status, body = api.post(sync(session, "/correct"), {"segments": segments})
    assert (status, body["error"]["code"], body["error"]["field"]) == (422, "invalid_segments", field)
    session.refresh_from_db()
    assert session.status == "needs-review"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"offsets_ms": {"A": 0.0, "B": None}, "confidence": {"B": None}}, "No offset was found for B."),
        ({"confidence": {"B": 3.14}}, "The score is below 5 for B (3.1)."),
    ],
)
@pytest.mark.parametrize("notes", [None, "", "  \n", "\u200b \u2060", "\u3164"])
def test_a_weak_sync_is_approved_with_a_reason_alone(api, found, words, notes):
    session = a_synced_session()
    session.sync_results.update(**found)
    answer = api.post(sync(session, "/approve"), {} if notes is None else {"notes": notes})
    assert code_of(answer) == (422, "reason_required")
    assert (answer[1]["error"]["field"], answer[1]["error"]["details"]) == ("notes", {"cameras": ["B"]})
    assert words in answer[1]["error"]["message"]
    session.refresh_from_db()
    assert (session.status, session.sync_decisions.count()) == ("needs-review", 0)

    status, body = api.post(sync(session, "/approve"), {"notes": "The clap is in the picture."})
    assert (status, body["status"]) == (200, "ready")
    assert api.get(sync(session, "/history"))[1][0]["notes"] == "The clap is in the picture."


def test_a_score_of_five_needs_no_reason(api):
    session = a_synced_session()
    session.sync_results.update(confidence={"B": 5.0})
    assert api.post(sync(session, "/approve"))[0] == 200


def test_a_camera_without_an_offset_is_placed_by_hand_without_further_reason(api):
    session = a_synced_session()
    session.sync_results.update(offsets_ms={"A": 0.0, "B": None})
    assert api.post(sync(session, "/correct"), {"offsets": {"B": -12}})[0] == 200


def test_an_approved_camera_without_an_offset_is_left_out_of_the_edit(api):
    session = a_synced_session("ABC")
    session.sync_results.update(offsets_ms={"A": 0.0, "B": 1000.0, "C": None})
    status, body = api.post(sync(session, "/approve"), {"notes": "C films the audience."})
    assert (status, body["finalOffsets"]) == (200, {"A": 0.0, "B": 1000.0, "C": None})
    _, edit = api.get(f"/v2/sessions/{session.pk}/edit")
    assert [angle["cameraLabel"] for angle in edit["angles"]] == ["A", "B"]
    assert [left["cameraLabel"] for left in edit["leftOut"]] == ["C"]


def test_nothing_is_approved_where_no_sync_was_computed(api):
    session = a_session(status="needs-review", status_reason="No sound.")
    for label in "AB":
        an_asset(session, label, has_audio=False)
    assert code_of(api.post(sync(session, "/approve"), {"notes": "Fine."})) == (404, "not_synced")
    # A person's remark makes a result to hang it on, which is no sync either.
    assert api.post(sync(session, "/needs-work"), {"notes": "Where is the sound?"})[0] == 200
    assert code_of(api.post(sync(session, "/approve"), {"notes": "Fine."})) == (404, "not_synced")
    session.refresh_from_db()
    assert session.status == "needs-review"


def test_one_good_camera_becomes_ready_only_with_a_reason(api):
    session = a_session(status="needs-review", status_reason="There is one camera.")
    an_asset(session, "A")
    an_asset(session, "B", status="failed")
    assert code_of(api.post(sync(session, "/correct"), {"offsets": {"A": 0}})) == (422, "reason_required")
    assert not session.sync_results.exists()
    assert api.post(sync(session, "/correct"), {"offsets": {"A": 0}, "notes": "B is lost."})[0] == 200


def test_segments_coverage_and_what_was_heard_are_shown_by_camera(api):
    session = a_synced_session()
    segment = {"start_s": 0.0, "end_s": 30.0, "offset_ms": 1000.0, "drift_ppm": 1.5, "confidence": 14.0}
    details = {
        "segments": {"B": [segment | {"start_s": 30.0, "end_s": 60.0, "offset_ms": 4000.0}, segment]},
        "coverage": {"B": [{"start_s": 0.0, "end_s": 60.0, "state": "agreeing"}]},
        "heard": {"B": {"stream": 1, "channels": [0], "how": "channel"}},
    }
    session.sync_results.update(details=details)
    _, body = api.get(sync(session))
    assert [(one["startMs"], one["offsetMs"]) for one in body["segments"]["B"]] == [(0.0, 1000.0), (30_000.0, 4000.0)]
    assert body["coverage"] == {"B": [{"startMs": 0.0, "endMs": 60_000.0, "state": "agreeing"}]}
    assert body["heard"] == {"B": {"stream": 1, "channels": [0], "how": "channel"}}


def test_a_camera_on_one_line_has_no_segments(api):
    session = a_synced_session()
    line = {"start_s": 0.0, "end_s": 60.0, "offset_ms": 1000.0, "drift_ppm": 1.5, "confidence": 14.0}
    session.sync_results.update(details={"segments": {"B": [line]}})
    assert api.get(sync(session))[1]["segments"]["B"] == []


def test_with_a_reason_a_correction_leaves_out_what_was_not_placed(api):
    session = a_session(status="needs-review")
    for label in "ABC":
        an_asset(session, label)
    a_result(session, {"A": 0.0, "B": 1000.0, "C": None})
    moved = {"offsets": {"B": 1010.0}}
    status, refused = api.post(sync(session, "/correct"), moved)
    assert (status, refused["error"]["field"]) == (400, "offsets.C")
    assert "say in notes why" in refused["error"]["message"]
    status, kept = api.post(sync(session, "/correct"), moved | {"notes": "C filmed something else."})
    assert (status, kept["finalOffsets"]) == (200, {"A": 0.0, "B": 1010.0, "C": None})
    _, edit = api.get(f"/v2/sessions/{session.pk}/edit")
    assert [camera["cameraLabel"] for camera in edit["leftOut"]] == ["C"]


def test_the_pieces_of_an_older_result_are_its_segments(api):
    session = a_synced_session()
    pieces = [{"start_s": 0, "end_s": 9, "offset_ms": 5.0}, {"start_s": 9, "end_s": 20, "offset_ms": 9.0}]
    session.sync_results.update(details={"pieces": {"B": pieces}})
    segment, _ = api.get(sync(session))[1]["segments"]["B"]
    assert (segment["endMs"], segment["offsetMs"], segment["driftPpm"]) == (9000.0, 5.0, None)


def test_a_session_that_could_not_be_compared_is_placed_by_hand(api):
    session = a_session(status="needs-review", status_reason="No sound.")
    an_asset(session, "A", has_audio=False)
    an_asset(session, "B", has_audio=False)
    assert code_of(api.post(sync(session, "/approve"))) == (404, "not_synced")
    status, body = api.post(sync(session, "/correct"), {"offsets": {"B": 40}})
    assert (status, body["finalOffsets"], body["status"]) == (200, {"A": 0.0, "B": 40.0}, "ready")


@pytest.mark.parametrize("status", ["draft", "ingesting", "syncing"])
@pytest.mark.parametrize("what", ["/approve", "/correct"])
def test_nothing_is_decided_while_the_session_is_worked_on(api, status, what):
    session = a_synced_session()
    session.status = status
    session.save()
    assert code_of(api.post(sync(session, what), {"offsets": {"B": 1}})) == (409, "wrong_status")


def test_a_decision_on_what_has_changed_since_is_refused(api):
    session = a_synced_session()
    version = api.get(sync(session))[1]["version"]
    assert api.post(sync(session, "/correct"), {"offsets": {"B": 1}, "version": version})[0] == 200
    answer = api.post(sync(session, "/correct"), {"offsets": {"B": 2}, "version": version})
    assert code_of(answer) == (409, "stale_version")
    assert answer[1]["error"]["details"]["version"] == version + 1
    for odd in (10**30, -1, 0):
        assert code_of(api.post(sync(session, "/approve"), {"version": odd})) == (409, "stale_version")


def test_running_again_queues_one_sync_and_keeps_the_old_result_until_the_new_one_is_there(api):
    session = a_synced_session()
    first, again = (api.post(sync(session, "/run")) for _ in range(2))
    assert first[0] == again[0] == 202
    assert first[1]["id"] == again[1]["id"]
    session.refresh_from_db()
    assert session.status == "syncing"
    assert api.get(sync(session))[0] == 200


def test_a_decision_is_only_put_aside_when_asked_and_is_kept_as_stale(api):
    session = a_synced_session()
    api.post(sync(session, "/approve"), {"approvedBy": "Ann"})
    assert code_of(api.post(sync(session, "/run"))) == (409, "decision_stands")
    session.refresh_from_db()
    assert session.status == "ready"
    assert api.post(sync(session, "/run"), {"force": True})[0] == 202
    assert code_of(api.get(sync(session))) == (404, "not_synced")
    assert [(line["by"], line["stale"]) for line in api.get(sync(session, "/history"))[1]] == [("Ann", True)]


def replaced(session, label: str) -> None:
    """Another recording took a camera's place, and the session was compared anew with the same offsets."""
    session.assets.filter(camera_label=label).delete()
    an_asset(session, label)
    a_result(session, {"A": 0.0, "B": 1000.0, "C": 2000.0}, inputs=sound_inputs(session), version=9)
    session.refresh_from_db()
    session.status = "needs-review"
    session.save()


def test_a_replaced_clip_makes_only_its_own_decision_stale(api):
    session = a_synced_session("ABC")
    SyncResult.objects.update(inputs=sound_inputs(session))
    api.post(sync(session, "/correct"), {"offsets": {"B": 1040.0, "C": 2070.0}})
    supersede(session)
    replaced(session, "C")
    (line,) = api.get(sync(session, "/history"))[1]
    assert (line["stale"], line["staleCameras"]) == (True, ["C"])
    body = api.get(sync(session))[1]
    assert (body["earlierCorrections"], body["finalOffsets"]) == ({"B": 1040.0}, None), "proposed, and not in force"
    api.post(sync(session, "/correct"), {"offsets": body["earlierCorrections"]})
    body = api.get(sync(session))[1]
    assert body["finalOffsets"] == {"A": 0.0, "B": 1040.0, "C": 2000.0}
    assert body["earlierCorrections"] == {}


def test_another_master_may_be_asked_for_if_it_has_sound(api):
    session = a_synced_session()
    an_asset(session, "C", has_audio=False)
    answer = api.post(sync(session, "/run"), {"masterCamera": "C"})
    assert (code_of(answer), answer[1]["error"]["field"]) == ((400, "invalid_input"), "masterCamera")
    assert api.post(sync(session, "/run"), {"masterCamera": "B"})[0] == 202
    assert MediaJob.objects.get().input_json["master"] == "B"
    session.refresh_from_db()
    assert session.preferred_master == "B"


def test_there_is_nothing_to_run_with_one_camera_or_while_files_come(api):
    session = a_session(status="needs-review")
    an_asset(session, "A")
    assert code_of(api.post(sync(session, "/run"))) == (409, "wrong_status")
    an_asset(session, "B")
    for status in ("draft", "ingesting"):
        session.status = status
        session.save()
        assert code_of(api.post(sync(session, "/run"))) == (409, "wrong_status")


def test_an_approval_that_outlived_a_failed_rerun_may_be_given_again(api):
    session = a_synced_session()
    api.post(sync(session, "/approve"))
    session.status = "needs-review"
    session.save()
    assert api.post(sync(session, "/approve"))[1]["status"] == "ready"


def test_only_one_result_of_a_session_is_current():
    from django.db import IntegrityError, transaction

    session = a_synced_session()
    with pytest.raises(IntegrityError), transaction.atomic():
        a_result(session)
