"""What keyframes move, as scripts and expressions: written where a value changes, and short at any number of keyframes."""

from fractions import Fraction

from render_app.core.plan.commands import LONGEST_ARGUMENT
from render_app.core.plan.gains import VolumeCurve
from render_app.core.plan.moving import Scripts
from render_app.core.timeline.nouns import Automation, Keyframe, Target, Track
from tests.core.render_app.plan.test_plan import clip, plan_of

CLIP = Target("clip", "x")


def curve(property: str, *keys: tuple, of: Target = CLIP) -> Automation:
    return Automation("c", of, property, tuple(Keyframe(Fraction(at), *how) for at, *how in keys))


def test_a_script_says_a_value_half_a_frame_before_it_changes_and_no_more():
    scripts = Scripts()
    sent = scripts.send([{"overlay@m x": 3}, {"overlay@m x": 3}, {"overlay@m x": 4}], Fraction(25))
    assert str(sent) == "sendcmd=f=moves-0000.txt"
    assert scripts.files == {"moves-0000.txt": "0.000000 overlay@m x 3;\n0.060000 overlay@m x 4;\n"}


def test_a_moved_clip_is_scaled_turned_and_laid_by_its_own_filters():
    moves = (curve("rotation", (0, 0), (500, 90)), curve("scale", (0, 1), (500, 2)))
    plan = plan_of(clip("x", 0, 1000, 0), automation=moves)
    [graph] = [command[command.index("-filter_complex") + 1] for command in plan.commands[:1]]
    assert all(name in graph for name in ("rotate@m0", "scale@m0", "colorchannelmixer@m0", "overlay@m1"))
    assert sorted(plan.files)[-3:] == ["moves-0000.txt", "moves-0001.txt", "pictures.txt"]
    assert plan.files["moves-0000.txt"].splitlines()[-1].startswith("0.483333 ")


def test_a_clip_that_moves_hides_nothing_and_the_opacity_of_a_sequence_dims_all():
    below, above = clip("below", 0, 1000, 0), clip("x", 0, 1000, 0, "b")
    plan = plan_of(below, automation=(curve("opacity", (0, 1), (900, 0), of=Target("sequence", "s")),))
    assert "colorchannelmixer@m0=rr=1" in plan.commands[0][plan.commands[0].index("-filter_complex") + 1]
    tracks = (Track("t", "video", (below,)), Track("u", "video", (above,), order=1))
    still, moved = plan_of(tracks=tracks), plan_of(tracks=tracks, automation=(curve("position_x", (0, 0.5)),))
    assert [one.commands[0].count("-i") for one in (still, moved)] == [1, 2]


def test_a_volume_begins_and_ends_with_its_first_and_last_keyframe():
    one = VolumeCurve(curve("volume_db", (1, -6, "linear"), (2, 0, "hold"), (3, -3, "ease"), (4, 1)), Fraction(1000))
    text = one.expression(48_000, 96_000)
    assert text.startswith("if(lt(n,96),if(lt(n,48),-6,-6+(6)*((n-(48))*0.0208333333333333)),")
    assert "st(0,(n-(144))*0.0208333333333333)*ld(0)*(3-2*ld(0))" in text
    assert one.expression(96_000, 96_100) == "1"


def test_a_gain_of_ten_thousand_keyframes_is_no_deeper_than_their_logarithm_and_lies_in_a_file():
    many = curve("volume_db", *((n, float(n % 5)) for n in range(10_000)))
    text = VolumeCurve(many, Fraction(0)).expression(0, 480_000)
    depth = deepest = 0
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        deepest = max(deepest, depth)
    assert deepest < 32
    plan = plan_of(clip("x", 0, 10_000, 0), automation=(many,))
    assert all(len(part) <= LONGEST_ARGUMENT for command in plan.commands for part in command)
    [name] = [name for name in plan.files if name.startswith("graph")]
    assert any(name in command for command in plan.commands)
