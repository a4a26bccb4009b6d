import numpy as np
import pytest

from sync_app.core import waves
from sync_app.core.coverage import Pair, paired
from sync_app.core.engine import align
from sync_app.core.features import measure
from sync_app.core.refine import Line
from sync_app.core.segments import account
from sync_app.core.stretches import Stretch
from sync_app.core.values import CameraSync, Cover
from tests.core.sync_app.signals import RATE, chatter, filmed, noise, track

SOUND = chatter(70, 120)
MASTER = filmed(SOUND, 0, 120, 1)


def takes(*spans: tuple[float, float]) -> np.ndarray:
    """What a camera has that was stopped between the spans of the event."""
    return np.concatenate([filmed(SOUND, start, end, 2) for start, end in spans])


def b_of(samples: np.ndarray) -> CameraSync:
    return align([track("A", MASTER), track("B", samples)], master="A").cameras["B"]


@pytest.mark.parametrize(
    ("spans", "borders"),
    [
        (((5, 50), (75, 82)), (45,)),
        (((5, 12), (40, 85)), (7,)),
        (((5, 40), (55, 62), (80, 115)), (35, 42)),
        (((70, 115), (15, 50)), (45,)),
    ],
    ids=["the last 7 s", "the first 7 s", "7 s in the middle", "exchanged"],
)
def test_each_segment_is_found_with_its_borders(spans, borders):
    found = b_of(takes(*spans))

    starts = [0.0, *borders]
    assert [s.offset_ms for s in found.segments] == pytest.approx(
        [1000 * (span[0] - start) for span, start in zip(spans, starts, strict=True)], abs=1
    )
    assert [s.end_s for s in found.segments[:-1]] == pytest.approx(borders, abs=0.25)
    assert found.classification == "review-suggested"
    assert all(s.confidence > 5 and s.probability > 0.5 for s in found.segments)
    assert all(cover.state == "agreeing" for cover in found.coverage)


def test_a_border_that_was_guessed_in_faint_sound_is_moved_to_where_the_lines_change():
    faint = SOUND.copy()
    faint[50 * RATE : 58 * RATE] *= 0.1
    lost = np.concatenate([filmed(faint, 5, 50, 2), filmed(faint, 50.3, 115, 2)])
    pair = paired(measure(track("A", filmed(faint, 0, 120, 1))), measure(track("B", lost)))
    guessed = [Stretch(0.0, 52.5, Line(5.0, 0.0)), Stretch(52.5, 109.7, Line(5.3, 0.0))]

    before, after = account(pair, guessed).stretches

    assert (before.end_s, after.start_s) == pytest.approx((45, 45), abs=0.05)


def test_a_word_between_a_long_pause_and_a_border_belongs_to_its_own_side():
    sound = chatter(1, 110)
    sound[25 * RATE : 38 * RATE] = 0
    stopped = np.concatenate([filmed(sound, 5, 40, 51, 12), filmed(sound, 84, 104, 61, 12)])

    found = align([track("A", filmed(sound, 0, 110, 10, 12)), track("B", stopped)], master="A").cameras["B"]

    # The middle of the pause is 8 s early.
    assert found.segments[0].end_s == pytest.approx(35, abs=0.1)
    assert [s.offset_ms for s in found.segments] == pytest.approx([5000, 49_000], abs=1)


def bends_at_50_s(ppm: float) -> Pair:
    """A clock that is right for 50 s and leaves its line from there on, next to one that is right."""
    own = np.arange(105 * RATE) / RATE
    heard = np.interp((10 + own + ppm * 1e-6 * np.maximum(own - 50, 0)) * RATE, np.arange(SOUND.size), SOUND)
    written = (heard + noise(2, 105, 0.003)).astype(np.float32)
    return paired(measure(track("A", MASTER)), measure(track("B", written)))


def test_a_bend_lies_where_the_two_lines_cross_and_not_where_it_was_guessed():
    guessed = [Stretch(0.0, 80.0, Line(10.0, 0.0)), Stretch(80.0, 105.0, Line(10 - 220e-6 * 50, 220.0))]

    before, after = account(bends_at_50_s(220), guessed).stretches

    assert (before.end_s, after.start_s) == pytest.approx((50, 50), abs=0.5)


def test_a_clock_that_bends_is_followed_beyond_what_lags_near_a_line_reach():
    found = account(bends_at_50_s(4000), [Stretch(0.0, 105.0, Line(10.0, 0.0))])

    last = found.stretches[-1]
    assert last.end_s == pytest.approx(105, abs=5)
    assert float(last.line.lag(100)) == pytest.approx(10.2, abs=0.001)
    assert found.bend_s > 0.19


def test_a_stretch_of_another_place_is_named_with_its_times_and_never_looks_good():
    elsewhere = filmed(SOUND, 5, 105, 2)
    elsewhere[70 * RATE :] = chatter(71, 30)

    found = b_of(elsewhere)

    assert found.offset_ms == pytest.approx(5000, abs=0.5)
    assert found.classification == "review-suggested"
    assert any(
        said.startswith("From 1:10 to 1:40 camera B does not match camera A: it hears") for said in found.warnings
    )
    assert [(c.state, round(c.start_s)) for c in found.coverage] == [("agreeing", 0), ("contradicting", 70)]


def test_sound_that_noise_hides_from_the_features_contradicts_nothing_where_its_waves_are_on_the_line():
    hidden = SOUND.copy()
    part = slice(60 * RATE, 68 * RATE)
    hidden[part] = 0.3 * hidden[part] + noise(72, 8, 0.1)

    found = b_of(filmed(hidden, 5, 110, 2))

    assert found.classification == "looks-good"
    assert found.offset_ms == pytest.approx(5000, abs=0.5)


def test_what_is_left_of_a_contradiction_around_waves_on_the_line_still_contradicts():
    other = filmed(SOUND, 5, 110, 2)
    other[40 * RATE : 60 * RATE] = chatter(73, 20)
    other[46 * RATE : 50 * RATE] = filmed(SOUND, 51, 55, 2)
    pair = paired(measure(track("A", MASTER)), measure(track("B", other)))
    said = [Cover(0.0, 40.0, "agreeing"), Cover(40.0, 60.0, "contradicting"), Cover(60.0, 105.0, "agreeing")]

    found = waves.asked(pair, [Stretch(0.0, 105.0, Line(5.0, 0.0))], said)

    assert [c.state for c in found] == ["agreeing", "contradicting", "agreeing", "contradicting", "agreeing"]
    assert [c.start_s for c in found[1:]] == pytest.approx([40, 46, 50, 60], abs=1)


def test_a_second_talker_who_is_nearer_to_the_other_camera_is_no_step_of_the_clock():
    one, two = chatter(74, 90), 0.5 * chatter(75, 90)
    one[30 * RATE : 45 * RATE] = 0
    near, far = one + two + noise(76, 90, 0.001), np.roll(one, 27 * RATE // 1000) + two + noise(77, 90, 0.001)

    found = align([track("A", near), track("B", far[5 * RATE :])], master="A").cameras["B"]

    assert found.classification == "looks-good"
    assert len(found.segments) == 1
    assert found.offset_ms == pytest.approx(4973, abs=1)


def test_a_long_pause_in_the_talk_is_drowned_and_contradicts_nothing():
    quiet = SOUND.copy()
    quiet[40 * RATE : 70 * RATE] *= 0.001

    found = align([track("A", filmed(quiet, 0, 120, 1)), track("B", filmed(quiet, 5, 110, 2))], master="A").cameras["B"]

    assert found.classification == "looks-good"
    assert {cover.state for cover in found.coverage} == {"agreeing", "drowned"}


def test_a_recorder_that_was_muted_is_silent_there():
    muted = filmed(SOUND, 5, 75, 2)
    muted[: 30 * RATE] = 0

    found = b_of(muted)

    assert found.coverage[0].state == "silent"
    assert found.coverage[0].end_s == pytest.approx(30, abs=2)
    assert any("silence in A or B" in warning for warning in found.warnings)


def test_a_jingle_at_two_events_is_refused_by_what_is_shared():
    jingle = chatter(72, 10)
    one, two = chatter(73, 70), chatter(74, 65)
    one[20 * RATE : 30 * RATE] = jingle
    two[30 * RATE : 40 * RATE] = jingle

    found = align([track("A", one), track("B", two)], master="A").cameras["B"]

    assert found.offset_ms is None
    assert any("may have played at two events" in warning for warning in found.warnings)


def test_segments_do_not_explain_one_moment_of_the_master_twice():
    repeated = takes((5, 60), (30, 42))

    found = b_of(repeated)

    assert found.segments[0].offset_ms == pytest.approx(5000, abs=1)
    assert found.classification == "review-suggested"


def test_noise_in_both_is_no_contradiction():
    found = align(
        [track("A", filmed(SOUND, 0, 80, 1, snr_db=5)), track("B", filmed(SOUND, 10, 75, 2, snr_db=0))], master="A"
    ).cameras["B"]

    assert not [cover for cover in found.coverage if cover.state == "contradicting"]
    assert found.offset_ms == pytest.approx(10_000, abs=1)


def test_a_recorder_does_not_go_back_in_time_for_a_faint_likeness_before_the_overlap():
    early = chatter(78, 40)
    early[10 * RATE : 16 * RATE] = 4 * early[10 * RATE : 16 * RATE] + filmed(SOUND, 90, 96, 3)

    found = b_of(np.concatenate([early, filmed(SOUND, 0, 40, 2)]))

    assert len(found.segments) == 1
    assert found.offset_ms == pytest.approx(-40_000, abs=1)


def test_other_sound_after_the_overlap_makes_no_segment():
    longer = np.concatenate([filmed(SOUND, 90, 120, 2), chatter(75, 40) + noise(76, 40, 0.003)])

    found = b_of(longer)

    assert len(found.segments) == 1
    assert found.offset_ms == pytest.approx(90_000, abs=1)
    assert found.classification == "looks-good"
