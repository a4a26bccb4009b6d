import numpy as np

from sync_app.core import bleed

FRAMES, CELLS, BINS = 8, 60, 6


def waves(seed: int) -> np.ndarray:
    """Frames of noise, shape (frames, bins)."""
    rng = np.random.default_rng(seed)
    count = CELLS * FRAMES
    return (rng.standard_normal((count, BINS)) + 1j * rng.standard_normal((count, BINS))).astype(np.complex64)


def power(wave: np.ndarray) -> np.ndarray:
    return np.square(np.abs(wave)).reshape(CELLS, FRAMES, 2, BINS // 2).sum(axis=(1, 3))


def test_a_faint_copy_that_is_late_is_predicted_and_another_sound_is_not():
    near, other = waves(1), waves(2)
    faint = 0.1j * np.roll(near, 2, axis=0) + 0.01 * waves(3)

    of_the_copy = bleed.alone([near], [faint], np.ones((CELLS, 2)))
    of_the_other = bleed.alone([near], [other], np.ones((CELLS, 2)))

    assert np.median(of_the_copy / power(faint)) < 0.1
    assert np.median(of_the_other / power(other)) > 0.9


def test_few_cells_are_not_predicted_by_what_was_fitted_to_themselves():
    near, other = waves(4), waves(5)
    weights = np.zeros((CELLS, 2))
    weights[:8, 0] = 1.0

    left = bleed.alone([near], [other], weights)

    assert np.all(np.isinf(left[8:]))
    assert np.all(np.isinf(left[:, 1]))
    assert np.median(left[:8, 0] / power(other)[:8, 0]) > 0.9


def test_a_filter_holds_for_all_windows_and_looks_into_none_next_to_it():
    near, faint = waves(6), 0.2 * np.roll(waves(6), 1, axis=0)
    halves = [[wave[: len(wave) // 2], wave[len(wave) // 2 :]] for wave in (near, faint)]

    left = bleed.alone(halves[0], halves[1], np.ones((CELLS, 2)))

    assert np.median(left / power(faint)) < 0.01
