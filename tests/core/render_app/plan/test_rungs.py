"""Which rung of the proxy ladder a draft reads."""

from fractions import Fraction

import pytest

from render_app.core.plan.placing import Canvas
from render_app.core.plan.rungs import kinds_for, lines_of, needed
from render_app.core.timeline.nouns import Automation, Crop, Keyframe, MediaReference, Sequence, Target, Track
from tests.core.render_app.plan.test_plan import clip

DRAFT = Canvas(854, 480)


def lines(*clips, **fields) -> dict[str, int]:
    sequence = Sequence("s", Fraction(25), tracks=(Track("t", "video", clips),), **fields)
    return {one.asset_id: round(found) for one, found in lines_of(sequence, DRAFT).items()}


def test_a_content_needs_the_lines_of_its_largest_clip():
    small, large = clip("a", 0, 1000, 0, scale=0.25), clip("b", 0, 1000, 1000, scale=0.5)
    assert lines(small, large) == {"a": 240}
    assert lines(clip("c", 0, 1000, 0, crop=Crop(left=0.5, top=0.5))) == {"a": 960}


def test_keyframes_count_by_the_largest_they_come_to():
    keys = (Keyframe(Fraction(0), 0.25), Keyframe(Fraction(900), 0.75))
    grow = Automation("grow", Target("clip", "a"), "scale", keys)
    assert lines(clip("a", 0, 1000, 0, scale=0.5), automation=(grow,)) == {"a": 360}


@pytest.mark.parametrize(
    ("wanted", "first"),
    [(200, "video_proxy_360p"), (360, "video_proxy_360p"), (361, "video_proxy"), (2000, "video_proxy")],
)
def test_the_smallest_rung_with_so_many_lines_comes_first_and_any_is_better_than_none(wanted, first):
    found = kinds_for(wanted)
    assert found[0] == first
    assert set(found) == {"video_proxy_360p", "video_proxy", "proxy"}


def test_what_nothing_is_known_of_needs_all_lines():
    assert needed({}, MediaReference("a")) == 720
