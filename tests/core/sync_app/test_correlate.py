import numpy as np
import pytest
from audio_offset_finder import audio_offset_finder as library
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_app.core import correlate, features
from tests.core.sync_app.signals import chatter, filmed, track


def random_features(seed: int, frames: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((frames, 26))


@settings(deadline=None, max_examples=40)
@given(
    first=st.integers(12, 300), second=st.integers(12, 300), share=st.floats(0.05, 1), seed=st.integers(0, 2**31)
)  # fmt: skip
def test_the_curve_by_fft_is_the_librarys_curve(first, second, share, seed):
    mfcc1, mfcc2 = random_features(seed, first), random_features(seed + 1, second)
    count = max(1, int(share * min(first, second)))

    theirs, low, high = library.cross_correlation(mfcc1, mfcc2, nframes=count)
    ours, our_low, our_high = correlate.cross_correlation(mfcc1, mfcc2, nframes=count)

    assert (our_low, our_high) == (low, high)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9 * theirs.max())
    assert correlate.standard_score(ours, int(np.argmax(ours))) == pytest.approx(
        (theirs.max() - theirs.mean()) / theirs.std(), rel=1e-6
    ) or theirs.std() < 1e-10  # fmt: skip


@pytest.mark.parametrize(("start", "seconds"), [(4.0, 20.0), (0.0, 12.0), (16.0, 25.0)])
def test_the_library_gives_the_same_answer_with_studios_curve_in_its_place(monkeypatch, start, seconds):
    sound = chatter(7, 45, 8000) * 32768
    one, two = sound[: 30 * 8000].astype(float), sound[int(start * 8000) : int((start + seconds) * 8000)].astype(float)
    theirs = library.find_offset_between_buffers(one, two, 8000)

    monkeypatch.setattr(library, "cross_correlation", correlate.cross_correlation)
    ours = library.find_offset_between_buffers(one, two, 8000)

    assert ours["time_offset"] == theirs["time_offset"]
    assert ours["standard_score"] == pytest.approx(theirs["standard_score"], rel=1e-6)
    np.testing.assert_allclose(ours["correlation"], theirs["correlation"], rtol=1e-6)
    assert ours["earliest_frame_offset"] == theirs["earliest_frame_offset"]


def test_what_the_library_promises_of_its_curve_holds(monkeypatch):
    late = np.array([[0.2, -0.7, 0.1], [0.9, 0.8, 0.7], [0.1, -0.2, 0.3]])
    early = np.array([[0.9, 0.8, 0.7], [0.1, -0.2, 0.3], [-0.5, 0.1, -0.4]])

    curve, low, high = correlate.cross_correlation(late, early, 2)
    assert (int(np.argmax(curve)), low, high) == (1, -1, 2)

    back, low, high = correlate.cross_correlation(early, late, 2)
    assert (int(np.argmax(back)) - len(back), low, high) == (-1, -1, 2)

    same, _, _ = correlate.cross_correlation(late, late, 2)
    assert int(np.argmax(same)) == 0


def test_the_library_still_refuses_too_little_sound(monkeypatch):
    monkeypatch.setattr(library, "cross_correlation", correlate.cross_correlation)
    with pytest.raises(library.InsufficientAudioException):
        library.find_offset_between_buffers(np.ones(900), np.ones(900), 8000)


def test_arrays_shorter_than_the_frames_to_correlate_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        correlate.cross_correlation(random_features(1, 5), random_features(2, 20), 10)


@pytest.mark.parametrize("start", [-15.0, -0.5, 0.0, 6.3, 22.0])
def test_the_best_candidate_is_the_true_lag_whichever_is_longer(start):
    sound = chatter(8, 90)
    one = features.measure(track("A", filmed(sound, 30, 60, 1)))
    two = features.measure(track("B", filmed(sound, 30 + start, 70, 2)))

    assert correlate.detect(one, two).candidates[0].offset_s == pytest.approx(start, abs=0.05)
    assert correlate.detect(two, one).candidates[0].offset_s == pytest.approx(-start, abs=0.05)


def test_unrelated_recordings_stay_under_the_mark_for_good():
    for seed in range(4):
        one = features.measure(track("A", chatter(100 + seed, 60)))
        two = features.measure(track("B", chatter(200 + seed, 40)))
        assert correlate.detect(one, two).candidates[0].score < 10


def test_more_agreeing_sound_gives_a_higher_score():
    sound = chatter(9, 200)
    scores = []
    for seconds in (10, 40, 160):
        one = features.measure(track("A", filmed(sound, 0, 200, 1)))
        two = features.measure(track("B", filmed(sound, 20, 20 + seconds, 2)))
        scores.append(correlate.detect(one, two).candidates[0].score)
    assert scores == sorted(scores)


def test_silence_offers_no_lag_that_stands_out():
    one = features.measure(track("A", chatter(10, 20)))
    two = features.measure(track("B", np.zeros(16_000 * 20, np.float32)))

    assert all(candidate.score < 1 for candidate in correlate.detect(one, two).candidates)


def test_a_clip_is_found_in_the_part_of_a_recording_in_which_it_is_expected():
    sound = chatter(12, 120)
    whole = features.measure(track("A", filmed(sound, 0, 120, 1)))
    clip = features.measure(track("B", filmed(sound, 70, 85, 2)))

    near = correlate.detect(whole, clip, (50.0, 110.0)).candidates[0]
    elsewhere = correlate.detect(whole, clip, (0.0, 60.0)).candidates[0]

    assert near.offset_s == pytest.approx(70, abs=0.02)
    assert elsewhere.score < 6 < near.score
