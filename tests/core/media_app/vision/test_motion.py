"""What moves by itself, with the camera's movement taken away."""

import numpy as np
import pytest

from media_app.core.vision.cuts import small
from media_app.core.vision.motion import SIZE, moved

WORLD = np.random.default_rng(7).integers(30, 220, (30, 50)).repeat(6, axis=0).repeat(6, axis=1).astype(np.uint8)


def view(x: int, y: int = 20) -> np.ndarray:
    """What a camera sees of a patterned world."""
    return WORLD[y : y + SIZE[1], x : x + SIZE[0]].copy()


def with_disc(picture: np.ndarray, x: int, y: int = 40) -> np.ndarray:
    picture[y : y + 20, x : x + 20] = 255 * ((np.indices((20, 20)).sum(axis=0) // 5) % 2)
    return picture


@pytest.mark.parametrize(("across", "down"), [(0, 0), (5, 0), (-9, 3)])
def test_a_camera_that_moves_over_what_stands_still_is_no_motion(across, down):
    found = moved(view(40), view(40 - across, 20 - down))

    assert found.places == ()
    assert found.share < 0.001
    assert (found.camera[0] * SIZE[0], found.camera[1] * SIZE[1]) == pytest.approx((across, down))


@pytest.mark.parametrize("pan", [0, 6])
def test_what_moves_is_found_where_it_is_also_while_the_camera_pans(pan):
    [place] = moved(with_disc(view(40), 60), with_disc(view(40 - pan), 68 + pan)).places

    x, y = place.box.center
    assert x * SIZE[0] == pytest.approx(74 + pan, abs=10)
    assert y * SIZE[1] == pytest.approx(50, abs=6)
    assert 0.1 < place.confidence <= 1


def test_one_thing_before_an_empty_wall_moves_and_not_the_camera():
    wall = np.full((SIZE[1], SIZE[0]), 90, np.uint8)

    found = moved(with_disc(wall.copy(), 60), with_disc(wall.copy(), 66))

    assert found.camera == (0, 0)
    assert len(found.places) == 1


def test_two_things_apart_are_two_places_and_noise_is_none():
    noise = np.random.default_rng(1).normal(0, 3, (SIZE[1], SIZE[0]))
    before = with_disc(with_disc(view(40), 20, 10), 120, 60)
    after = with_disc(with_disc(view(40), 26, 10), 126, 60)

    assert len(moved(before, np.clip(after + noise, 0, 255).astype(np.uint8)).places) == 2
    assert moved(view(40), np.clip(view(40) + noise, 0, 255).astype(np.uint8)).places == ()


def test_where_all_of_the_picture_changes_no_subject_is_named():
    found = moved(view(40), 255 - view(40))

    assert found.share > 0.4
    assert moved(np.zeros_like(view(40)), np.full_like(view(40), 200)).places == ()


def test_a_copy_keeps_what_is_where():
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[:90, 160:] = 200

    gray = small(picture, SIZE)

    assert gray.shape == (90, 160)
    assert (gray[:45, 80:] == 200).all()
    assert (gray[45:].max(), gray[:, :80].max()) == (0, 0)
