import numpy as np
import pytest

from sync_app.core.clock import partition
from sync_app.core.engine import align
from sync_app.core.values import CameraSync
from tests.core.sync_app.signals import RATE, chatter, filmed, noise, track

SOUND = chatter(80, 330)


def bent(lag_s) -> np.ndarray:
    """What a camera writes whose lag changes as `lag_s` says of its own clock."""
    own = np.arange(300 * RATE) / RATE
    heard = np.interp((10 + own + lag_s(own)) * RATE, np.arange(SOUND.size), SOUND)
    return (heard + noise(2, 300, 0.003)).astype(np.float32)


def b_of(samples: np.ndarray) -> CameraSync:
    return align([track("A", filmed(SOUND, 0, 330, 1)), track("B", samples)], master="A").cameras["B"]


def error_ms(found: CameraSync, lag_s) -> float:
    """The largest error of the segments at every second."""
    worst = 0.0
    for at in np.arange(1.0, 299.0):
        # Where nothing could be heard no segment is: the nearest one holds there.
        segment = min(found.segments, key=lambda s: max(s.start_s - at, at - s.end_s, 0.0))
        stated = segment.offset_ms / 1000 + at * segment.drift_ppm * 1e-6
        worst = max(worst, abs(stated - 10 - float(lag_s(np.array([at]))[0])))
    return 1000 * worst


@pytest.mark.parametrize(
    "lag_s",
    [
        lambda t: 200e-6 * np.minimum(t, 150),
        lambda t: 0.040 * np.sin(2 * np.pi * t / 180),
        lambda t: 0.002 * np.clip(np.floor((t - 200) / 1.67), 0, 59),
    ],
    ids=["a knee", "a swing", "sixty drops of 2 ms"],
)
def test_a_clock_that_bends_is_followed_within_a_frame_and_never_looks_good(lag_s):
    found = b_of(bent(lag_s))

    assert error_ms(found, lag_s) < 20
    assert found.classification == "review-suggested"
    assert any("The clock of camera B bends by" in warning for warning in found.warnings)
    assert not any("share no sound" in warning for warning in found.warnings)


def test_a_straight_clock_is_one_segment():
    found = b_of(bent(lambda t: 80e-6 * t))

    assert len(found.segments) == 1
    assert found.segments[0].drift_ppm == pytest.approx(80, abs=0.5)
    assert found.classification == "looks-good"


def test_a_small_bend_is_a_clock_or_a_source_that_moved():
    found = b_of(bent(lambda t: 0.022 * np.clip((t - 100) / 60, 0, 1)))

    assert any("or the sound's source moved" in warning for warning in found.warnings)
    assert found.classification == "review-suggested"


def test_pieces_are_as_few_as_the_lags_need():
    times = np.arange(0, 200, 2.0)
    rng = np.random.default_rng(1)
    flat = 0.001 * rng.standard_normal(times.size)
    step = flat + 0.02 * (times > 100)

    assert partition(times, flat, 0.001, 8.0) == [0, 100]
    assert partition(times, step, 0.001, 8.0) == [0, 51, 100]
