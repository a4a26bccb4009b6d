"""What was found, in words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_app.core.synced import SyncedCamera
from sync_app.core.verdict import Standing, change, drift_text, seconds, signed, verdict


def camera(
    key, offset_ms, classification="needs-manual-nudge", score=None, probability=None, drift_ppm=None
) -> SyncedCamera:
    return SyncedCamera(
        key,
        offset_ms=offset_ms,
        classification=classification,
        confidence=score,
        probability=probability,
        drift_ppm=drift_ppm,
    )


GOOD = camera("B", 1234.0, "looks-good", 41.25, 0.9987, 0.2)


def test_a_certain_sync_is_said_in_two_sentences():
    said = verdict("A", [GOOD])

    assert said.starts == ("Camera B starts 1.234 s after A.",)
    assert said.trust == "High confidence (score 41.2, 99.8% likely to be right); camera B drifts 0.7 ms per hour."
    assert said.tone == "good"


def test_the_weakest_camera_sets_the_tone():
    said = verdict("A", [GOOD, camera("C", -777.0, "review-suggested", 7.0, 0.9)])

    assert said.starts[1] == "Camera C starts 0.777 s before A."
    assert said.trust.startswith("Medium confidence for camera C (score 7.0, 90% likely to be right)")
    assert said.tone == "ask"


def test_a_camera_without_an_offset_is_to_be_placed():
    said = verdict("A", [GOOD, camera("C", None)])

    assert said.starts[1] == "Camera C could not be matched with A."
    assert said.trust.startswith("High confidence for camera B")
    assert said.trust.endswith("; place camera C by hand.")
    assert said.tone == "ask"


def test_nothing_matched_and_nothing_to_match_are_different_things():
    assert verdict("A", [camera("B", None)]).trust == "No audio match found: place the cameras by hand."
    assert verdict("A", []).trust == "Nothing to compare: this session has only one camera."


@pytest.mark.parametrize(
    ("ms", "said"),
    [(0, "0.000 s"), (1234.4, "1.234 s"), (125_500, "125.500 s"), (3_725_500, "3,725.500 s")],
)
def test_lengths_of_time(ms, said):
    assert seconds(ms) == said


@given(st.floats(0, 24 * 3600 * 1000))
def test_a_length_of_time_is_right_to_the_millisecond(ms):
    assert float(seconds(ms).removesuffix(" s").replace(",", "")) * 1000 == pytest.approx(ms, abs=0.5001)


def test_drift_is_said_as_it_is_felt():
    assert drift_text([camera("B", 0.0)]) == ""
    assert drift_text([camera("B", 0.0, drift_ppm=0.1)]) == "no drift"
    assert drift_text([camera("B", 0.0, drift_ppm=-30.0)]) == "camera B drifts 108.0 ms per hour"


def test_changes_are_said_from_and_to():
    assert change(1234.0, 1244.0) == "+1.234 s → +1.244 s"
    assert change(None, -5.0) == "\u22120.005 s"
    assert signed(None) == "not placed"


def test_a_corrected_sync_states_the_decided_offset_and_what_was_computed_beside_it():
    said = verdict("A", [replace(GOOD, final_offset_ms=1274.0)], Standing("corrected", "Ann"))

    assert said.starts == ("Camera B starts 1.274 s after A.",)
    assert said.trust == "Set by hand; the sync had computed B +1.234 s."
    assert (said.tone, said.standing.decided_by) == ("quiet", "Ann")


def test_a_camera_placed_by_hand_is_said_to_have_had_no_match():
    said = verdict("A", [replace(camera("C", None), final_offset_ms=-5.0)], Standing("corrected", "Ann"))

    assert said.starts == ("Camera C starts 0.005 s before A.",)
    assert said.trust == "Set by hand; the sync had found nothing for C."


def test_an_approved_sync_keeps_its_evidence_and_names_the_decision():
    said = verdict("A", [replace(GOOD, final_offset_ms=1234.0)], Standing("approved", "Ann"))

    assert said.trust.startswith("As computed: high confidence (score 41.2")
    assert said.standing.status == "approved"


def clips(letter: str, *offsets: float | None) -> list[SyncedCamera]:
    names = [letter if number == 1 else f"{letter}.{number}" for number in range(1, len(offsets) + 1)]
    return [
        camera(name, ms, "needs-manual-nudge" if ms is None else "looks-good", 20.0)
        for name, ms in zip(names, offsets, strict=True)
    ]


def test_a_camera_with_many_clips_is_counted_and_one_with_few_is_listed_clip_by_clip():
    many = clips("B", 0.0, 1000.0, 2000.0, None, 4000.0)
    many[2] = replace(many[2], classification="review-suggested", confidence=7.0)
    many[1] = replace(many[1], final_offset_ms=1040.0)
    said = verdict("A", [*many, *clips("C", 1500.0, 9000.0)])
    assert said.starts == (
        "Camera B: 5 clips, 2 look good, 1 set by hand, 1 to check, 1 not placed.",
        "Camera C starts 1.500 s after A.",
        "Camera C.2 starts 9.000 s after A.",
    )


def test_of_many_clips_that_are_nowhere_a_few_are_named():
    said = verdict("A", [GOOD, *clips("C", *[None] * 40)])
    assert "place camera C, C.2, C.3, C.4, C.5, C.6 and 34 more by hand" in said.trust
