"""Masks of a still picture as arrays of booleans or shares: how sure one is, and edges that follow the picture."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Shares = NDArray[np.float32]
#: Means over a square about each pixel, so many pixels to each side.
Means = Callable[[Shares, int], Shares]

#: Shares of the picture beyond which a selection is likely none.
SMALLEST, LARGEST = 0.001, 0.95
#: Two selections that have less in common than this are two opinions.
AGREED = 0.8
#: How much a picture has to vary within a square for the edge to follow it (He, Sun and Tang's ε), of values 0 to 1.
FLAT = 1e-3


def overlap(one: Mask, other: Mask) -> float:
    """The area that both have over the area that either has; 1 for two that are empty."""
    either = int(np.count_nonzero(one | other))
    return int(np.count_nonzero(one & other)) / either if either else 1.0


def doubts(chosen: Mask, again: Mask) -> list[str]:
    """Why a person should look at a selection, as sentences; `again`: the same from another seed."""
    share, same = float(chosen.mean()), overlap(chosen, again)
    found = []
    if share < SMALLEST:
        found.append(f"Only {share:.2%} of the picture is selected.")
    if share > LARGEST:
        found.append(f"Nearly all of the picture is selected: {share:.1%}.")
    if same < AGREED:
        found.append(f"A second try selected something else: {same:.0%} of both is in common.")
    return found


def edge_lines(mask: Shares, guide: Shares, radius: int, means: Means) -> tuple[Shares, Shares]:
    """For each pixel the line from the picture's brightness to the mask: slope and height (the guided filter of He, Sun and
    Tang, 2010)."""
    mean_guide, mean_mask = means(guide, radius), means(mask, radius)
    covariance = means(guide * mask, radius) - mean_guide * mean_mask
    slope = covariance / (means(guide * guide, radius) - mean_guide**2 + FLAT)
    height = mean_mask - slope * mean_guide
    return means(slope, radius), means(height, radius)
