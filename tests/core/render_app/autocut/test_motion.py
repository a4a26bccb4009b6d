"""When a camera is being moved, and what a cut makes of it."""

import pytest

from render_app.core.autocut.director import direct
from render_app.core.autocut.motion import moving
from render_app.core.autocut.values import Camera, Rules, Span, Wish
from render_app.core.heard import Stretch
from tests.core.render_app.autocut.test_director import cameras, talk


def seen(*shifts: float | None, apart_ms: float | None = 500.0) -> dict:
    """A visual meta with a picture each half second."""
    frames = [{"timestamp_ms": 500.0 * n, "camera_x": one, "camera_y": 0.0} for n, one in enumerate(shifts)]
    return {"frames": frames, "frame_sample_interval_ms": apart_ms}


def times(spans: tuple[Span, ...]) -> list[tuple[float, float]]:
    return [(one.start, one.end) for one in spans]


@pytest.mark.parametrize("apart_ms", [500.0, None])
def test_a_camera_moves_around_the_pictures_that_shifted(apart_ms):
    found = moving(seen(0, 0.02, -0.03, 0.004, None, 0.05, apart_ms=apart_ms), [Stretch(0, 10_000)])

    assert times(found) == [(0.25, 1.25), (2.25, 2.75)]


def test_a_move_lies_on_the_masters_clock_and_only_where_the_stretch_holds():
    stretches = [Stretch(0, 600, 1.0, 4000), Stretch(600, 10_000, 1.0, 9000)]

    assert times(moving(seen(0, 0.02, 0.02), stretches)) == [(4.25, 4.75), (9.75, 10.25)]


def test_what_is_no_number_moves_nothing():
    assert moving(seen("far", None), [Stretch(0, 10_000)]) == ()  # type: ignore[arg-type]


def test_while_its_camera_is_moved_a_speaker_is_in_the_wide():
    views = [
        Camera(one.label, one.spans, one.shows, (Span(8.0, 14.0),) if one.label == "A" else ()) for one in cameras(24)
    ]

    shots = direct(talk("A" * 24), views, Wish(Rules(2.0, 30.0, 1.0)))

    wide = [one for one in shots if one.camera == "W"]
    assert [(one.reason, one.speaker) for one in wide] == [("moving", "A")]
    assert wide[0].start == pytest.approx(8, abs=1.0)
    assert wide[0].end == pytest.approx(14, abs=1.0)
