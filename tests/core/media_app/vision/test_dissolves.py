"""Dissolves, where they are proven, and nothing else that changes slowly."""

import numpy as np
import pytest

from media_app.core.vision.dissolves import dissolves

RATE = 25
RANDOM = np.random.default_rng(3)


def picture(seed: int) -> np.ndarray:
    """A picture of 64 by 36 with patches of its own."""
    return np.random.default_rng(seed).integers(20, 230, (6, 8)).repeat(6, axis=0).repeat(8, axis=1).astype(float)


def filmed(frames) -> list[np.ndarray]:
    """With the noise of a camera."""
    return [np.clip(frame + RANDOM.normal(0, 2, frame.shape), 0, 255).astype(np.uint8) for frame in frames]


def blend(one: np.ndarray, other: np.ndarray, start: int, end: int, count: int = 150) -> list[np.ndarray]:
    return filmed(one + (other - one) * min(1, max(0, (number - start) / (end - start))) for number in range(count))


@pytest.mark.parametrize("length", [10, 25, 50])
def test_a_dissolve_is_found_where_it_is(length):
    [found] = dissolves(blend(picture(1), picture(2), 60, 60 + length), RATE, [])

    assert found.start == pytest.approx(60, abs=3)
    assert found.middle == pytest.approx(60 + length / 2, abs=2)
    assert found.end == pytest.approx(60 + length, abs=3)


def test_two_dissolves_are_two():
    frames = blend(picture(1), picture(2), 40, 60, 100) + blend(picture(2), picture(3), 40, 60, 100)

    assert [one.middle for one in dissolves(frames, RATE, [])] == [pytest.approx(50, abs=2), pytest.approx(150, abs=2)]


def test_light_that_changes_fades_wipes_pans_and_cuts_are_none():
    one, other = picture(1), picture(2)
    wide = np.hstack([picture(seed) for seed in range(4)])
    films = {
        "light": blend(one, 0.4 * one + 20, 60, 85),
        "black": blend(one, np.zeros_like(one), 60, 85),
        "wipe": filmed(np.where(np.arange(64) < (number - 60) * 64 / 25, other, one) for number in range(150)),
        "pan": filmed(wide[:, number : number + 64] for number in range(150)),
        "cut": blend(one, other, 60, 61),
        "still": filmed(one for _ in range(150)),
    }
    for name, frames in films.items():
        assert dissolves(frames, RATE, []) == [], name


def test_no_dissolve_lies_across_a_cut_and_a_short_film_has_none():
    assert dissolves(blend(picture(1), picture(2), 60, 80), RATE, [70]) == []
    assert dissolves(blend(picture(1), picture(2), 2, 6, 10), RATE, []) == []
    assert dissolves([], RATE, []) == []
