"""One place for each utterance, and none where nobody speaks."""

from itertools import pairwise

import pytest

from media_app.core.vision.boxes import Box
from render_app.core.focus import Speech, held, reasons
from render_app.core.reframe import Framing, Look, Shot, suggest


def looks(places: list[float | None]) -> list[Look]:
    return [Look(500.0 * number, None if x is None else Box(x, 0.4, 0.1, 0.1)) for number, x in enumerate(places)]


def rows_of(found: list[Look]) -> list[tuple[float, float | None]]:
    return [(look.time_ms, look.box.x if look.box else None) for look in found]


def test_an_utterance_holds_the_median_of_its_places_from_its_beginning_to_its_end():
    found = held(looks([0.1, 0.2, 0.3, 0.9, 0.9]), [Shot(0, 2500)], [Speech(200, 1700)])

    assert rows_of(found)[:6] == [(0, 0.3), (200, 0.3), (500, 0.3), (1000, 0.3), (1500, 0.3), (1699, 0.3)]
    # What the frame needs to come to rest; the look between says nothing.
    assert rows_of(found)[6:] == [(2000, None), (pytest.approx(2115.7, abs=0.1), 0.3)]


def test_a_cut_within_an_utterance_parts_its_places():
    found = held(looks([0.1, 0.1, 0.8, 0.8]), [Shot(0, 1000), Shot(1000, 2000)], [Speech(0, 2000)])

    assert rows_of(found) == [(0, 0.1), (500, 0.1), (999, 0.1), (1000, 0.8), (1500, 0.8), (1999, 0.8)]


def test_the_frame_stands_still_while_somebody_speaks_and_sways():
    seen = looks([0.5 + 0.1 * (-1) ** number for number in range(10)])

    found = suggest(
        held(seen, [Shot(0, 5000)], [Speech(500, 4500)]), [Shot(0, 5000)], Framing(16 / 9, 16 / 9, zoom=1.25)
    )

    assert len(found.position_x) == len(found.position_y) == 1


def test_between_two_utterances_the_frame_goes_over_and_holds_while_each_lasts():
    seen = looks([0.2] * 8 + [0.7] * 8)
    shot, speech = [Shot(0, 8000)], [Speech(500, 3000), Speech(5500, 8000)]

    found = suggest(held(seen, shot, speech), shot, Framing(16 / 9, 16 / 9, zoom=1.25))

    keys = found.position_x
    values = {key.value for key in keys if key.time_ms <= 3000 or key.time_ms >= 5500}
    assert len(values) == 2
    speeds = [(b.value - a.value) / (b.time_ms - a.time_ms) * 1000 for a, b in pairwise(keys) if not a.holds]
    assert max(map(abs, speeds)) <= 0.25 + 1e-6


def test_a_shot_says_whether_nobody_speaks_or_nobody_is_seen():
    shots, speech = [Shot(0, 1000), Shot(1000, 2000), Shot(2000, 3000)], [Speech(0, 1500)]

    assert reasons(shots, speech, ("", "no_subject", "no_subject")) == ("", "no_subject", "no_speech")
    assert held(looks([None, None]), shots, speech) == looks([None, None])
