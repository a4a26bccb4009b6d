"""What a person has changed in an automatic cut, and what stays the cut's own."""

from dataclasses import replace

import pytest

from render_app.core.autocut.changes import AUTO, PERSON, Laid, changed_by_hand, choices, made_with, remembered
from render_app.core.autocut.values import Kept, Shot


def laid(angle: str, start: float, end: float, code: str = "speaker") -> Laid:
    """A clip where an automatic cut put it, in seconds."""
    shot = Shot(start, end, angle, code, angle)
    return Laid(angle, 1000 * start, 1000 * end, remembered(shot, (1000 * start, 1000 * end), {"sound": "A"}))


CUT = (laid("A", 0, 5), laid("B", 5, 9), laid("A", 9, 20))


def test_an_untouched_cut_has_nothing_of_a_person():
    assert changed_by_hand(CUT) == ()
    assert [one.by for _, one in choices(CUT)] == [AUTO, AUTO, AUTO]
    assert choices(CUT)[1][1].reason == "The voice is at microphone B: camera B."
    assert made_with(CUT, "sound") == "A"


@pytest.mark.parametrize(
    "changed",
    [
        replace(CUT[1], angle="C"),
        replace(CUT[1], start_ms=5040.0),
        replace(CUT[1], end_ms=8960.0),
        replace(CUT[1], joined=True),
        replace(CUT[1], meta={}),
        replace(CUT[1], meta={"auto_cut": {"angle": "B", "start_ms": "x"}}),
        replace(CUT[1], meta={"auto_cut": 3}),
    ],
    ids=["another camera", "begins later", "ends earlier", "a transition", "new", "broken notes", "no notes"],
)
def test_a_clip_that_a_person_changed_is_theirs(changed):
    clips = (CUT[0], changed, CUT[2])

    assert changed_by_hand(clips) == (Kept(changed.start_ms / 1000, changed.end_ms / 1000, changed.angle),)
    assert [one.by for _, one in choices(clips)] == [AUTO, PERSON, AUTO]
    assert choices(clips)[1][1].reason == "Changed by a person; cutting again keeps it."


def test_trimming_the_film_changes_no_shot():
    trimmed = (replace(CUT[0], start_ms=1000.0), CUT[1], replace(CUT[2], end_ms=15_000.0))

    assert changed_by_hand(trimmed) == ()


def test_what_was_kept_once_stays_a_persons():
    again = (CUT[0], laid("C", 5, 9, "kept"), CUT[2])

    assert changed_by_hand(again) == (Kept(5.0, 9.0, "C"),)
    assert choices(again)[1][1].reason == "Chosen by a person, and kept."


def test_a_cut_that_a_person_alone_made_is_theirs_and_has_no_reasons():
    own = [Laid("A", 0.0, 5000.0, {}), Laid("B", 5000.0, 9000.0, {"reason": 7})]

    assert changed_by_hand(own) == (Kept(0.0, 5.0, "A"), Kept(5.0, 9.0, "B"))
    assert choices(own) == []
    assert made_with(own, "sound") is None


def test_a_reason_that_is_no_text_is_none():
    odd = replace(CUT[0], meta={**CUT[0].meta, "reason": 7})

    assert choices([odd])[0][1].reason is None
