"""What stands out of a recording, by what was measured, and between which pauses it is taken."""

from itertools import pairwise

import numpy as np
import pytest

from render_app.core.highlights.choosing import PACINGS, borders, choose, pauses
from render_app.core.highlights.readers import observed
from render_app.core.highlights.scoring import FACES, LOUDNESS_CHANGE, MOTION, SPEECH, Observed, deviation, score

MINUTE = 60_000.0


def words(*spans: tuple[int, int]) -> dict:
    return {"segments": [{"words": [{"start_ms": start, "end_ms": end} for start, end in spans]}]}


def spoken(start: int, end: int, pause: int = 400, word: int = 800) -> list[tuple[int, int]]:
    """Words with pauses between them."""
    return [(at, at + word) for at in range(start, end - word + 1, word + pause)]


def chosen(*seen: Observed, target: float = 10_000, pacing: str = "medium"):
    return choose([(one, score(one)) for one in seen], target, PACINGS[pacing])


def test_the_one_stretch_with_a_face_and_motion_is_taken_and_begins_and_ends_between_words():
    said = spoken(0, 60_000)
    film = Observed(
        MINUTE, said, faces=[(30_000, 38_000)], motion=[(0, 0), (29_000, 0), (30_000, 0.3), (38_000, 0.3), (39_000, 0)]
    )

    [first, *more] = sorted(chosen(film), key=lambda one: -one.score)

    assert 29_000 <= first.start_ms < first.end_ms <= 39_000
    assert all(one.score < first.score for one in more)
    for time in (first.start_ms, first.end_ms):
        assert not any(start < time < end for start, end in said)
        assert any(start <= time <= end and end - start >= 300 for start, end in pauses(film))


@pytest.mark.parametrize(
    ("pacing", "least", "most"), [("fast", 2000, 6000), ("medium", 4000, 12_000), ("slow", 8000, 25_000)]
)
def test_highlights_lie_apart_are_as_long_as_the_pacing_says_and_last_no_longer_than_wanted(pacing, least, most):
    film = Observed(10 * MINUTE, spoken(0, 600_000), faces=[(60_000, 100_000), (400_000, 420_000)])

    found = chosen(film, target=45_000, pacing=pacing)

    assert all(least <= one.duration_ms <= most for one in found)
    assert sum(one.duration_ms for one in found) <= 45_000
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(found))
    assert len(found) > 1


def test_a_recording_in_which_nothing_differs_has_no_highlight():
    assert chosen(Observed(MINUTE, [])) == []
    assert chosen(Observed(MINUTE, [], loudness=[-20.0] * 60, faces=[(0, MINUTE)])) == []


def test_one_long_sentence_is_not_cut_into():
    film = Observed(MINUTE, [(1000, 59_000)], faces=[(20_000, 30_000)])
    assert chosen(film) == []
    assert [time for time in borders(film) if 1000 < time < 59_000] == []


def test_without_speech_a_film_may_be_cut_anywhere_on_a_grid():
    film = Observed(MINUTE, motion=[(time, 0.5 if 20_000 < time < 26_000 else 0.0) for time in range(0, 60_000, 500)])

    [best, *_] = sorted(chosen(film, target=6000), key=lambda one: -one.score)

    assert 19_000 <= best.start_ms < best.end_ms <= 27_000


def test_the_best_of_several_recordings_come_in_their_order():
    flat = Observed(MINUTE, spoken(0, 60_000), faces=[(10_000, 15_000)])
    film = Observed(MINUTE, spoken(0, 60_000), faces=[(30_000, 35_000)])

    found = chosen(flat, film, target=9000, pacing="fast")

    assert sorted({one.number for one in found}) == [0, 1]
    assert found == sorted(found, key=lambda one: (one.number, one.start_ms))


def test_a_shorter_film_than_the_pacing_still_gets_a_highlight():
    film = Observed(MINUTE, spoken(0, 60_000), faces=[(30_000, 38_000)])
    [one] = chosen(film, target=6000, pacing="slow")
    assert one.duration_ms <= 6000


def test_a_term_is_in_deviations_from_the_median_and_says_at_most_three():
    values = deviation(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    assert values.tolist() == pytest.approx([-2 / 1.4826, -1 / 1.4826, 0, 1 / 1.4826, 3])
    rare = deviation(np.array([0.0] * 9 + [1.0]))
    assert rare.tolist() == [0] * 9 + [3]
    assert deviation(np.array([0.5, 0.5])).tolist() == [0, 0]


def test_terms_are_measured_where_they_were_analyzed_and_left_out_elsewhere():
    found = score(Observed(2000, [(0, 750)], loudness=[-20.0, None], faces=[(1500, 2000), (1600, 1900)]))

    assert found.measured[SPEECH].tolist() == [1, 0.5, 0, 0]
    assert found.measured[LOUDNESS_CHANGE].tolist() == [0, 0, 50, 50]
    assert found.measured[FACES].tolist() == [0, 0, 0, 1]
    assert MOTION not in found.measured
    assert found.means(found.measured[SPEECH])(250, 1000) == pytest.approx(2 / 3)


def test_analyses_are_read_as_studio_writes_them():
    timeline = {
        "events": [
            {"kind": "speech", "start_ms": 0, "end_ms": 3000},
            {"kind": "speech", "start_ms": 5000, "end_ms": 6000},
            {"kind": "music", "start_ms": 0, "end_ms": 9000},
        ],
        "loudness": {"window_ms": 500, "lufs": [-20, None]},
    }
    regions = {"regions": [{"region_type": "face", "start_ms": 10, "end_ms": 20}]}
    visual = {
        "frame_sample_interval_ms": 250,
        "frames": [
            {"timestamp_ms": 0, "motion": None, "subjects": [{"label": "face"}]},
            {"timestamp_ms": 250, "motion": 0.2, "subjects": [{"label": "motion"}]},
        ],
    }

    found = observed(
        9000, {"audio_semantic_timeline": timeline, "asr_transcript": words((100, 400)), "visual_meta": visual}
    )

    assert found.speech == [(100, 400), (5000, 6000)]
    assert (found.loudness, found.window_ms) == ([-20, None], 500)
    assert (found.faces, found.motion) == ([(0, 250)], [(250, 0.2)])
    assert observed(9000, {"visual_meta": visual, "video_region_summary": regions}).faces == [(10, 20)]
    assert observed(9000, {"visual_meta": {**visual, "meta": {"labels_looked_for": ["motion"]}}}).faces is None
    assert observed(9000, {"audio_semantic_timeline": timeline}).speech == [(0, 3000), (5000, 6000)]
    assert observed(9000, {}) == Observed(9000)


@pytest.mark.parametrize(
    "found",
    [
        {"asr_transcript": words((400, 100))},
        {"asr_transcript": {"segments": [{}]}},
        {"audio_semantic_timeline": {"events": [], "loudness": {"lufs": ["loud"]}}},
        {"visual_meta": {"frames": [{"timestamp_ms": float("nan"), "motion": 1, "subjects": []}]}},
        {"video_region_summary": {}},
    ],
)
def test_what_is_not_as_studio_writes_it_is_an_error_and_no_guess(found):
    with pytest.raises((KeyError, TypeError, ValueError)):
        observed(9000, found)
