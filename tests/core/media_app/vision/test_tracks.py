"""Places in pictures, joined into tracks that hide rather too much than too little."""

import numpy as np
import pytest

from media_app.core.vision.boxes import Box, Found, Part, letterbox, strongest, tiles
from media_app.core.vision.cuts import changes, cuts
from media_app.core.vision.tracks import Doubt, Scan, covers_at, doubts, joined, merged


def face(x: float, y: float = 0.4, size: float = 0.1, confidence: float = 0.9) -> Found:
    return Found(Box(x, y, size, size), confidence)


def scan(places: list[list[Found]], step: float = 0.1, cuts: tuple[float, ...] = ()) -> Scan:
    looked = [(round(number * step, 3), tuple(found)) for number, found in enumerate(places)]
    return Scan(looked, cuts, step * len(places))


def covered(found: Scan, time: float, x: float, y: float) -> bool:
    both = [*joined(found), *joined(found, backward=True)]
    return any(b.x <= x <= b.x + b.width and b.y <= y <= b.y + b.height for b in covers_at(both, found, time))


def test_a_face_that_moves_is_one_track_and_covered_between_two_looks():
    found = scan([[face(0.1 + 0.05 * n)] for n in range(10)])

    [track] = joined(found)

    assert (track.start, track.end, len(track.seen)) == (0.0, 0.9, 10)
    assert all(covered(found, 0.45, x, 0.45) for x in (0.3, 0.35, 0.4, 0.45))


def test_two_faces_that_pass_stay_two():
    found = scan([[face(0.1 + 0.06 * n, 0.2), face(0.7 - 0.06 * n, 0.6)] for n in range(10)])

    assert sorted(len(one.seen) for one in joined(found)) == [10, 10]


def test_a_face_that_was_missed_for_a_moment_is_covered_all_along():
    places = [[face(0.1 + 0.02 * n)] if n not in (4, 5, 6) else [] for n in range(12)]
    found = scan(places)

    assert len(joined(found)) == 1
    assert covered(found, 0.5, 0.1 + 0.02 * 5 + 0.05, 0.45)
    assert doubts(joined(found), found) == []


def test_a_cover_is_larger_than_the_face_and_lingers():
    found = scan([[], [], *[[face(0.4)] for _ in range(4)], *[[] for _ in range(9)]])

    assert covered(found, 0.3, 0.385, 0.45)
    assert not covered(found, 0.3, 0.33, 0.45)
    assert covered(found, 0.9, 0.45, 0.45)
    assert not covered(found, 1.2, 0.45, 0.45)


def test_nothing_lingers_across_a_cut():
    found = scan([*[[face(0.4)] for _ in range(5)], *[[] for _ in range(5)]], cuts=(0.5,))

    assert not covered(found, 0.55, 0.45, 0.45)
    assert doubts(joined(found), found) == []


def test_a_face_that_is_lost_inside_the_picture_leaves_a_doubt():
    found = scan([*[[face(0.4)] for _ in range(10)], *[[] for _ in range(30)]])

    [doubt] = doubts(joined(found), found)

    assert (doubt.start, doubt.end) == (0.9, 1.9)
    assert doubt.reason == "a face is lost inside the picture"


def test_a_face_that_appears_inside_the_picture_leaves_a_doubt_before_it():
    found = scan([*[[] for _ in range(20)], *[[face(0.4)] for _ in range(10)]])

    [doubt] = doubts(joined(found), found)

    assert (doubt.start, doubt.end) == (1.0, 2.0)


@pytest.mark.parametrize("last", [0.0, 0.89])
def test_a_face_that_leaves_by_the_border_leaves_no_doubt(last):
    found = scan(
        [
            *[[face(last + (0.01 * (9 - n) if last < 0.5 else -0.01 * (9 - n)))] for n in range(10)],
            *[[] for _ in range(20)],
        ]
    )

    assert [one for one in doubts(joined(found), found) if one.start > 0.5] == []


def test_a_single_unsure_place_is_covered_and_no_ground_for_a_doubt():
    found = scan([[face(0.4, confidence=0.25)] if n == 10 else [] for n in range(20)])

    assert doubts(joined(found), found) == []
    assert covered(found, 1.0, 0.45, 0.45)


def test_doubts_that_touch_are_one():
    joint = merged([Doubt(3, 4, "b"), Doubt(0, 1, "a"), Doubt(0.5, 2, "a")])

    assert joint == [Doubt(0, 2, "a"), Doubt(3, 4, "b")]


def test_of_places_that_lie_over_each_other_the_surest_stays():
    found = strongest([face(0.1, confidence=0.5), face(0.11, confidence=0.8), face(0.6)])

    assert sorted(one.confidence for one in found) == [0.8, 0.9]


def test_a_large_picture_is_looked_at_whole_and_in_four_parts_that_cover_it():
    parts = list(tiles(3840, 2160, 1920))

    assert parts[0] == Part(0, 0, 3840, 2160)
    assert len(parts) == 5
    assert max(one.x + one.width for one in parts[1:]) == 3840
    assert parts[1].width > 1920
    assert list(tiles(1920, 1080, 1920)) == [Part(0, 0, 1920, 1080)]
    assert face(0.5).within(parts[2], (3840, 2160)).box.x == pytest.approx((parts[2].x + 0.5 * parts[2].width) / 3840)


def test_a_letterboxed_place_is_where_it_was():
    fitted = letterbox(1920, 1080, 640)

    assert (fitted.width, fitted.height) == (640, 360)
    assert fitted.undone(Box(320, 180, 64, 36)) == Box(0.5, 0.5, 0.1, 0.1)


def scene(seed: int, count: int, *, pan: int = 0) -> list[np.ndarray]:
    """Frames of one textured place, panned by some pixels each."""
    rng = np.random.default_rng(seed)
    wide = np.kron(rng.integers(0, 255, (9, 64)), np.ones((4, 4))).astype(np.uint8)
    return [wide[:36, pan * n : pan * n + 64] for n in range(count)]


def test_cuts_are_where_one_place_gives_way_to_another():
    assert cuts([*scene(1, 12), *scene(2, 9), *scene(3, 14)]) == [12, 21]


def test_a_still_a_pan_and_a_flash_are_no_cuts():
    flash = [*scene(1, 10), np.full((36, 64), 250, np.uint8), *scene(1, 10)]

    assert cuts(scene(1, 20)) == []
    assert cuts(scene(1, 40, pan=3)) == []
    assert cuts(flash) == []


def test_no_frames_have_no_changes():
    assert changes([]).size == 0
    assert cuts([]) == []
