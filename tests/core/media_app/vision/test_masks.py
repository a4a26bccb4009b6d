"""Selections: how much two have in common, when a person should look, and edges that follow the picture."""

import numpy as np
import pytest

from media_app.core.vision.masks import doubts, edge_lines, overlap


def square(side: int, shift: int = 0) -> np.ndarray:
    mask = np.zeros((100, 100), bool)
    mask[20 : 20 + side, 20 + shift : 20 + side + shift] = True
    return mask


def test_the_overlap_is_what_both_have_over_what_either_has():
    assert overlap(square(10), square(10)) == 1
    assert overlap(square(10), square(10, shift=5)) == pytest.approx(50 / 150)
    assert overlap(square(10), square(10, shift=20)) == 0
    assert overlap(square(0), square(0)) == 1


def test_a_clear_selection_is_not_doubted():
    assert doubts(square(40), square(40, shift=1)) == []


@pytest.mark.parametrize(
    ("chosen", "again", "says"),
    [
        (square(3), square(3), "Only 0.09% of the picture"),
        (square(0), square(0), "Only 0.00% of the picture"),
        (~square(10), ~square(10), "Nearly all of the picture is selected: 99.0%"),
        (square(40), square(40, shift=10), "A second try selected something else: 60% "),
    ],
)
def test_a_selection_that_is_likely_none_is_doubted_in_words(chosen, again, says):
    [found] = doubts(chosen, again)
    assert found.startswith(says)


def test_an_edge_that_is_a_pixel_off_is_laid_on_the_edge_of_the_picture():
    guide = np.zeros((40, 40), np.float32)
    guide[:, 20:] = 1
    mask = np.zeros((40, 40), np.float32)
    mask[:, 21:] = 1

    slope, height = edge_lines(mask, guide, 4, means)

    assert ((slope * guide + height > 0.5) == (guide > 0.5))[5:-5].all()


def means(values: np.ndarray, radius: int) -> np.ndarray:
    """The mean of the square about each pixel, the border repeated."""
    side = 2 * radius + 1
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, radius, mode="edge"), (side, side))
    return windows.mean(axis=(2, 3)).astype(np.float32)
