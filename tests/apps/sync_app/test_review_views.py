"""The review page's answers: who sees it, what it says, where next."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from media_app.models import MediaAsset
from sessions_app.errors import StaleVersion
from sessions_app.models import Membership, RecordingSession
from sync_app.core.correction import Correction
from sync_app.pages import page_data
from sync_app.services import review, review_page, runs, summaries, truth
from tests.support import review_shoot as made
from tests.support.factories import ready_since

pytestmark = pytest.mark.django_db

CLIPS = ["B", *(f"B.{number}" for number in range(2, 41))]


@pytest.fixture
def session() -> RecordingSession:
    """Two cameras with a result; no files, which no answer here needs."""
    return plain_session()


@pytest.fixture
def operator(client):
    user = get_user_model().objects.create_user("operator", password="x", is_staff=True, is_superuser=True)
    Membership.objects.create(user=user, tenant_id="t_local", env="dev")
    client.force_login(user)
    return user


def plain_session(title="Lesson", *, status="needs-review", offsets=None, **fields) -> RecordingSession:
    session = made.shot(title=title, status=status, **fields)
    for label in offsets or {"A": 0.0, "B": 1234.0}:
        letter, _, clip = label.partition(".")
        MediaAsset.objects.create(
            session=session,
            camera_label=letter,
            clip=int(clip or 1),
            status="ready",
            original_filename=f"{label}.mp4",
            project_id="lessons",
            shoot_date=session.date,
            version=MediaAsset.objects.count() + 1,
            kind="video",
            duration_ms=60_000,
            fps="25",
            has_audio=True,
            **ready_since("ready"),
        )
    made.add_result(session, offsets or {"A": 0.0, "B": 1234.0})
    return session


def page_of(session) -> str:
    return reverse("sync:review", args=[session.pk])


def state(client, session, seen="") -> dict | None:
    answer = client.get(f"{page_of(session)}state", {"seen": seen})
    return None if answer.status_code == 204 else answer.json()


def test_the_page_says_when_each_camera_starts_and_how_sure_that_is(client, operator, session):
    shown = client.get(page_of(session)).content.decode()

    assert "Camera B starts 1.234 s after A." in shown
    assert "High confidence (score 41.2, 99.8% likely to be right)" in shown
    data = json.loads(shown.split('id="page-data" type="application/json">')[1].split("</script>")[0])
    assert (data["version"], data["master"], data["mayDecide"]) == (1, "A", True)
    assert data["sync"]["offsets"] == {"A": 0.0, "B": 1234.0}


def test_nobody_signed_in_is_sent_to_sign_in(client, session):
    assert client.get(page_of(session)).status_code == 302


@pytest.mark.parametrize("name", ["review", "review-state", "review-next", "review-previous"])
def test_another_tenants_session_is_unknown(client, session, name):
    stranger = get_user_model().objects.create_user("stranger", password="x")
    Membership.objects.create(user=stranger, tenant_id="t_other", env="dev")
    client.force_login(stranger)

    assert client.get(reverse(f"sync:{name}", args=[session.pk])).status_code == 404


def test_a_title_cannot_break_out_of_the_pages_data(client, operator):
    session = plain_session(title="</script><script>alert(1)</script>")

    assert "<script>alert" not in client.get(page_of(session)).content.decode()


def test_the_state_is_sent_again_only_when_it_changed(client, operator, session):
    first = state(client, session)
    assert state(client, session, first["stamp"]) is None

    review.approve(session.context, session.pk, approved_by="Berta", notes="fine")
    second = state(client, session, first["stamp"])

    assert "by Berta" in second["parts"]["verdict"]
    assert "fine" in second["parts"]["history"]
    assert second["recordings"] == first["recordings"]
    assert second["version"] == 2


def test_after_a_correction_the_verdict_states_what_is_in_force(client, operator, session):
    review.correct(session.context, session.pk, corrected_by="Berta", wanted=Correction({"B": 1274.0}))

    verdict = state(client, session)["parts"]["verdict"]

    assert "Camera B starts 1.274 s after A." in verdict
    assert "starts 1.234 s" not in verdict
    assert "High confidence" not in verdict
    assert "by Berta" in verdict


def test_the_page_knows_whether_an_approval_is_possible_and_wants_a_reason(client, operator, session):
    data = state(client, session)
    assert (data["mayApprove"], data["needsReason"]) == (True, [])
    session.sync_results.update(confidence={"B": 3.1})
    data = state(client, session)
    assert (data["mayApprove"], data["needsReason"]) == (True, ["B"])
    session.sync_results.all().delete()
    data = state(client, session)
    assert (data["mayDecide"], data["mayApprove"]) == (True, False)


def test_the_history_names_the_one_decision_that_stands(session):
    review.approve(session.context, session.pk, approved_by="Anna")
    review.correct(session.context, session.pk, corrected_by="Berta", wanted=Correction({"B": 1240.0}))

    states = [(event.label, event.state) for event in summaries.history(session)]
    assert states == [("Sync, run 1", "Current"), ("Sync corrected", "In force"), ("Sync approved", "Replaced")]

    review.needs_work(session.context, session.pk, flagged_by="Carla", notes="Echo.")
    assert [event.state for event in summaries.history(session)] == ["Current", "Sent back", "Replaced", "Replaced"]

    runs.supersede(session)
    assert {event.state for event in summaries.history(session)} == {"Replaced", "Stale"}


def test_new_recordings_and_new_runs_change_what_the_page_plays(client, operator, session):
    first = state(client, session)
    made.add_result(session, {"A": 0.0, "B": 1000.0})
    second = state(client, session)
    session.assets.filter(camera_label="B").update(status="ingesting", sound_ready_at=None)
    third = state(client, session)

    assert len({first["recordings"], second["recordings"], third["recordings"]}) == 3


def test_the_next_session_is_the_next_that_waits_and_after_the_last_comes_the_first(client, operator):
    one, two, three = (plain_session(title) for title in ("One", "Two", "Three"))
    plain_session("Ready", status="ready")

    def goes(session, name):
        return client.get(reverse(f"sync:review-{name}", args=[session.pk])).url

    assert goes(one, "next") == page_of(two)
    assert goes(three, "next") == page_of(one)
    assert goes(one, "previous") == page_of(three)
    assert client.get(reverse("sync:review-first")).url == page_of(one)
    RecordingSession.objects.filter(pk=two.pk).update(status="ready")
    assert goes(two, "next") == page_of(three)
    assert goes(two, "previous") == page_of(one)


def test_when_nothing_else_waits_the_list_says_so(client, operator, session):
    answer = client.get(reverse("sync:review-next", args=[session.pk]), follow=True)

    assert "Nothing else is waiting for review." in answer.content.decode()


def test_a_decision_on_an_earlier_run_is_refused_as_stale(session):
    seen = page_data(review_page.read(session))["version"]
    made.add_result(session, {"A": 0.0, "B": 1000.0})

    with pytest.raises(StaleVersion):
        review.approve(session.context, session.pk, approved_by="Anna", seen=seen)


def test_two_people_who_place_the_same_unsynced_session_do_not_overwrite_each_other():
    session = plain_session()
    session.sync_results.all().delete()
    seen = page_data(review_page.read(session))["version"]
    review.correct(session.context, session.pk, corrected_by="Anna", wanted=Correction({"B": 10.0}), seen=seen)

    with pytest.raises(StaleVersion) as refused:
        review.correct(session.context, session.pk, corrected_by="Berta", wanted=Correction({"B": 20.0}), seen=seen)

    assert refused.value.details["finalOffsets"] == {"A": 0.0, "B": 10.0}
    assert session.sync_results.get().final_offsets["B"] == 10.0


def test_the_history_says_from_what_to_what(session):
    review.correct(session.context, session.pk, corrected_by="Anna", wanted=Correction({"B": 1240.0}), notes="clap")
    review.correct(session.context, session.pk, corrected_by="Berta", wanted=Correction({"B": 1230.0}))

    lines = review_page.read(session).history

    assert [line["changes"] for line in lines] == [
        [("B", "+1.240 s → +1.230 s")],
        [("B", "+1.234 s → +1.240 s")],
    ]


def test_the_truth_is_shown_on_the_masters_clock(session, monkeypatch):
    monkeypatch.setattr(truth, "_providers", [lambda asked: None, lambda asked: {"A": 0.0, "B": 1300.5}])

    assert page_data(review_page.read(session))["truth"] == {"A": 0.0, "B": 1300.5}
    assert truth.on_clock_of("B", session) == {"A": -1300.5, "B": 0.0}
    assert truth.on_clock_of("C", session) is None


def test_a_real_shoot_has_no_known_truth(session):
    assert page_data(review_page.read(session))["truth"] is None


def test_a_page_asks_the_database_no_more_for_more_cameras(client, operator, django_assert_max_num_queries):
    few, many = plain_session(), plain_session(offsets={label: 10.0 * i for i, label in enumerate("ABCDEFGH")})
    client.get(page_of(few))

    for session in (few, many):
        with django_assert_max_num_queries(11):
            assert client.get(page_of(session)).status_code == 200


def test_forty_clips_of_a_camera_are_one_lane_and_ask_the_database_no_more(
    client, operator, django_assert_max_num_queries
):
    session = plain_session(offsets={"A": 0.0} | {key: 1000.0 * n for n, key in enumerate(CLIPS, 1)})
    client.get(page_of(session))
    with django_assert_max_num_queries(11):
        page = client.get(page_of(session)).content.decode()
    assert re.findall(r'data-lane="(\w)"', page) == ["A", "B"]
    assert page.count("<video") == page.count("data-angle=") == 2
    assert page.count('rel="preload" as="fetch"') <= 8
    assert "Camera B: 40 clips" in page


def test_a_note_that_holds_for_many_clips_is_written_once_and_the_seventh_note_is_folded(client, operator):
    session = plain_session(offsets={"A": 0.0} | {key: 1000.0 * n for n, key in enumerate(CLIPS, 1)})
    result = session.sync_results.get()
    result.warnings = {key: ["Wind."] for key in CLIPS} | {"A": [f"Note {number}." for number in range(8)]}
    result.save()
    page = client.get(page_of(session)).content.decode()
    assert page.count("<span>Wind.</span>") == 1
    assert "B, B.2, B.3, B.4, B.5, B.6 and 34 more" in page
    assert "3 more notes" in page


def test_the_records_lead_to_the_review(client, operator, session):
    for address in (
        reverse("admin:sessions_app_recordingsession_changelist"),
        reverse("admin:sessions_app_recordingsession_change", args=[session.pk]),
        reverse("admin:sync_app_syncresult_changelist"),
        reverse("admin:sync_app_syncresult_change", args=[session.sync_results.get().pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert page_of(session) in answer.content.decode()


def sure(client, *sessions, sampled=True) -> str:
    """What the page says after approving these together, as it shows them."""
    chosen = [f"{session.pk}:{session.sync_results.current().get().version}" for session in sessions]
    said = {"session": chosen} | ({"sampled": "on"} if sampled else {})
    return client.post(reverse("sync:review-confident"), said, follow=True).content.decode()


def test_sure_sessions_are_approved_together_after_a_look_at_a_sample(client, operator):
    sessions = [plain_session(f"Lesson {number}") for number in range(6)]
    shown = client.get(reverse("sync:review-confident")).content.decode()
    assert [f"Lesson {number}" in shown for number in range(6)] == [True] * 6
    assert shown.count("Spot-check<span") == 2

    assert "6 sessions approved and ready." in sure(client, *sessions)
    for session in sessions:
        session.refresh_from_db()
        assert session.status == "ready"
        assert session.sync_decisions.get().actor == operator.username


def test_nothing_is_approved_together_unless_the_sample_was_looked_at(client, operator, session):
    assert "Nothing was approved" in sure(client, session, sampled=False)
    session.refresh_from_db()
    assert session.status == "needs-review"


@pytest.mark.parametrize(
    "doubt",
    [
        {"classification": {"B": "review-suggested"}},
        {"offsets_ms": {"A": 0.0, "B": None}},
        {"warnings": {"B": ["clock drift 48 ppm"]}},
        {"operator_status": "approved"},
    ],
)
def test_a_session_with_a_doubt_is_not_among_the_confident_matches(client, operator, session, doubt):
    session.sync_results.update(**doubt)
    assert session.title not in client.get(reverse("sync:review-confident")).content.decode()
    assert "left alone" in sure(client, session)
    assert not session.sync_decisions.exists()


def test_a_session_that_needs_work_is_not_among_the_confident_matches(client, operator, session):
    session.status_reason = "Needs work (Ann): B echoes."
    session.save()
    assert session.title not in client.get(reverse("sync:review-confident")).content.decode()


def test_what_changed_meanwhile_is_left_alone_when_many_are_approved(client, operator, session):
    session.sync_results.update(version=2)
    said = client.post(
        reverse("sync:review-confident"), {"session": [f"{session.pk}:1", "rubbish"], "sampled": "on"}, follow=True
    ).content.decode()
    assert "2 sessions were left alone" in said
    assert not session.sync_decisions.exists()


def test_another_tenants_sure_sessions_are_neither_shown_nor_approved(client, operator):
    theirs = plain_session("Theirs")
    type(theirs).objects.filter(pk=theirs.pk).update(tenant_id="t_other")
    assert "Theirs" not in client.get(reverse("sync:review-confident")).content.decode()
    assert "left alone" in sure(client, theirs)
    assert not theirs.sync_decisions.exists()
