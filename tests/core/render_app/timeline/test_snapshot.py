"""A sequence as JSON: read, written, refused."""

from copy import deepcopy
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_app.core.not_allowed import NotAllowed
from render_app.core.timeline import refusals, snapshot
from render_app.core.timeline.nouns import CameraReference, MediaReference, Target
from sessions_app.errors import StudioError
from tests.core.render_app.timeline.strategies import sequences

CLIP = {"id": "c", "asset_id": "m", "out_ms": 1000}


def one_clip(**fields):
    return {"id": "s", "timebase": 25, "tracks": [{"id": "t", "kind": "video", "clips": [{**CLIP, **fields}]}]}


def with_stack(*filters):
    return {
        **one_clip(),
        "filter_stacks": [{"id": "f", "target_type": "clip", "target_id": "c", "filters": list(filters)}],
    }


def with_curve(*keyframes, property="opacity", **target):
    target = {"target_type": "clip", "target_id": "c", **target}
    return {**one_clip(), "automation": [{"id": "k", **target, "property": property, "keyframes": list(keyframes)}]}


def two_clips(**transition):
    tracks = [{"id": "t", "kind": "video", "clips": [CLIP, {**CLIP, "id": "d", "start_ms_on_timeline": 1000}]}]
    moved = {"id": "x", "type": "crossfade", "from_clip_id": "c", "to_clip_id": "d", **transition}
    return {"id": "s", "timebase": 25, "tracks": tracks, "transitions": [moved]}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequences())
def test_what_is_written_reads_back_as_the_same_sequence(data):
    sequence = snapshot.read(data).sequence

    written = snapshot.written(sequence)

    again = snapshot.read(written)
    assert again.sequence == sequence
    assert again.clamped == (), "what was clamped once is within its range"
    assert snapshot.written(again.sequence) == written


def test_times_are_read_as_the_decimals_that_were_written():
    clip = snapshot.read(one_clip(in_ms=0.1, out_ms=1000.3, speed=0.3)).sequence.clips[0]

    assert (clip.in_ms, clip.out_ms, clip.speed) == (Fraction(1, 10), Fraction(10003, 10), Fraction(3, 10))
    assert clip.end_ms == Fraction(10002, 3)
    assert clip.source_ms(clip.end_ms) == clip.out_ms


def test_a_clip_shows_an_asset_or_a_camera():
    of_asset = snapshot.read(one_clip(artifact_id="a")).sequence.clips[0]
    of_camera = snapshot.read(one_clip(asset_id=None, session_id="shoot", camera_label="B", in_ms=-500)).sequence.clips[
        0
    ]

    assert of_asset.content == MediaReference("m", "a")
    assert of_camera.content == CameraReference("shoot", "B")
    assert of_camera.in_ms == -500, "a camera may have begun before the master"


def test_a_number_outside_its_range_is_clamped_and_listed():
    read = snapshot.read(one_clip(opacity=3, speed=1000))

    assert (read.sequence.clips[0].opacity, read.sequence.clips[0].speed) == (1, 100)
    assert [one.as_json for one in read.clamped] == [
        {"clip_id": "c", "field": "speed", "from": 1000, "to": 100},
        {"clip_id": "c", "field": "opacity", "from": 3, "to": 1},
    ]


def test_a_fade_is_no_longer_than_its_clip():
    read = snapshot.read(one_clip(fade_in_ms=5000, speed=2))

    assert read.sequence.clips[0].fade_in_ms == 500
    assert read.clamped[0].as_json == {"clip_id": "c", "field": "fade_in_ms", "from": 5000, "to": 500}


def test_the_larger_side_of_a_sharpening_window_comes_down_to_what_ffmpeg_takes():
    read = snapshot.read(with_stack({"type": "sharpen", "params": {"luma_x": 20, "luma_y": 8}}))

    params = read.sequence.filters_of(Target("clip", "c"))[0].params
    assert (params["luma_x"], params["luma_y"]) == (19, 7)
    assert 19 // 2 + 7 // 2 == 12
    assert {one.field for one in read.clamped} == {"filters[0].params.luma_x", "filters[0].params.luma_y"}


def test_what_an_answer_has_besides_is_taken_back():
    kept = {"tenant_id": "t_club", "env": "prod", "created_at": "2026-01-01", "clamped": [], "user_id": "ada"}

    sequence = snapshot.read({**one_clip(**kept), **kept}).sequence

    assert sequence == snapshot.read(one_clip()).sequence


REFUSED = {
    "an unknown field": (one_clip(volumn_db=3), "unknown_field", "volumn_db"),
    "an unknown blend": (one_clip(blend_mode="burn"), "unknown_value", "blend_mode"),
    "text for a number": (one_clip(in_ms="5"), "wrong_type", "in_ms"),
    "true for a number": (one_clip(opacity=True), "wrong_type", "opacity"),
    "a number that is none": (one_clip(opacity=float("nan")), "wrong_type", "opacity"),
    "null where there is none": (one_clip(opacity=None), "wrong_type", "opacity"),
    "no end": (one_clip(out_ms=None), "wrong_type", "out_ms"),
    "no length": (one_clip(in_ms=1000), "out_of_range", "out_ms"),
    "a beginning before the file": (one_clip(in_ms=-1), "out_of_range", "in_ms"),
    "a speed of zero": (one_clip(speed=0), "out_of_range", "speed"),
    "a speed backwards": (one_clip(speed=-1), "out_of_range", "speed"),
    "a time that never comes": (one_clip(out_ms=10**400), "out_of_range", "out_ms"),
    "two contents": (one_clip(text={"text": "Hi"}), "contradiction", "asset_id"),
    "no content": (one_clip(asset_id=None), "missing_field", "asset_id"),
    "a session without a camera": (one_clip(asset_id=None, session_id="s"), "missing_field", "camera_label"),
    "nothing left of a crop": (one_clip(crop={"left": 0.5, "right": 0.5}), "contradiction", "crop.right"),
    "words that nobody sees": (one_clip(asset_id=None, text={"text": "\u200b"}), "out_of_range", "text.text"),
    "a field inside": (one_clip(position={"z": 1}), "unknown_field", "position.z"),
    "a shape without size": (
        one_clip(asset_id=None, vector={"shapes": [{"type": "rect"}]}), "missing_field", "vector.shapes[0].width",
    ),
    "a color": (one_clip(asset_id=None, text={"text": "Hi", "fill": "red"}), "wrong_type", "text.fill"),
    "an operation on nothing": (
        one_clip(
            asset_id=None,
            vector={
                "shapes": [{"type": "rect", "width": 1, "height": 1}],
                "boolean_ops": [{"op": "union", "shapes": ["shape_0", "none"]}],
            },
        ),
        "out_of_range",
        "vector.boolean_ops[0].shapes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code", "field"), REFUSED.values(), ids=REFUSED)
def test_a_clip_is_refused_by_its_id_and_field(data, code, field):
    with pytest.raises(refusals.TimelineRefused) as refused:
        snapshot.read(data)

    assert (refused.value.code, refused.value.field, refused.value.status) == (code, field, 422)
    assert refused.value.details["clip_id"] == "c"


@pytest.mark.parametrize("data", [one_clip(asset_id="a\0"), one_clip(meta={"a": ["\ud800"]}), one_clip(meta={"\0": 1})])
def test_broken_characters_are_refused(data):
    with pytest.raises(refusals.BrokenText):
        snapshot.read(data)


OTHERS = {
    "a filter that there is not": (with_stack({"type": "sepia"}), "filters[0].type", {"filter_index": 0, "clip_id": "c"}),
    "a parameter that it has not": (
        with_stack({"type": "gamma"}, {"type": "gamma", "params": {"gama": 1}}),
        "filters[1].params.gama",
        {"filter_index": 1, "filter_stack_id": "f"},
    ),
    "an all-black picture": (
        with_stack({"type": "levels", "params": {"black": 0.5, "white": 0.5}}), "filters[0].params.white", {"filter_index": 0},
    ),
    "a LUT without a table": (with_stack({"type": "lut"}), "filters[0].params.lut_artifact_id", {"filter_index": 0}),
    "no keyframes": (with_curve(), "keyframes", {"automation_id": "k"}),
    "keyframes that do not ascend": (
        with_curve({"time_ms": 5, "value": 1}, {"time_ms": 5, "value": 0}), "keyframes[1].time_ms", {"keyframe_index": 1},
    ),
    "a property of clips on a track": (
        with_curve({"time_ms": 0, "value": 1}, property="scale", target_type="track", target_id="t"), "property", {"track_id": "t"},
    ),
    "a curve of nothing": (
        with_curve({"time_ms": 0, "value": 1}, target_id="gone"), "target_id", {"automation_id": "k", "clip_id": "gone"},
    ),
    "an unknown transition": (two_clips(type="iris"), "type", {"transition_id": "x"}),
    "a transition to nothing": (two_clips(to_clip_id="e"), "to_clip_id", {"transition_id": "x"}),
    "a transition to itself": (two_clips(to_clip_id="c"), "to_clip_id", {"transition_id": "x"}),
    "a transition without length": (two_clips(duration_ms=0), "duration_ms", {"transition_id": "x"}),
    "a rate as a decimal": ({**one_clip(), "timebase": 29.97}, "timebase", {"sequence_id": "s"}),
    "a rate of nothing": ({**one_clip(), "timebase": "0/0"}, "timebase", {"sequence_id": "s"}),
    "one id twice": ({**one_clip(), "tracks": one_clip()["tracks"] * 2}, "id", {"track_id": "t"}),
    "a list that is none": ({**one_clip(), "tracks": 5}, "tracks", {"sequence_id": "s"}),
    "a record that is none": ({**one_clip(), "tracks": [5]}, "track", {"track_id": "0"}),
}  # fmt: skip


@pytest.mark.parametrize(("data", "field", "details"), OTHERS.values(), ids=OTHERS)
def test_another_record_is_refused_by_its_id_and_field(data, field, details):
    with pytest.raises(refusals.TimelineRefused) as refused:
        snapshot.read(data)

    assert (refused.value.field, refused.value.status) == (field, 422)
    assert details.items() <= refused.value.details.items()


@pytest.mark.parametrize("name", ["lut_path", "ffmpeg_opts", "output_path"])
def test_a_path_or_a_program_option_is_not_allowed_wherever_it_stands(name):
    for data in (
        {**one_clip(), name: "/x"},
        one_clip(**{name: "/x"}),
        with_stack({"type": "lut", "params": {name: "/x"}}),
    ):
        with pytest.raises(NotAllowed) as refused:
            snapshot.read(data)
        assert refused.value.field.endswith(name)


@pytest.mark.parametrize(
    "data", [None, 5, "x", [], [1], {"timebase": {}}, {"timebase": 25, "tracks": [{"clips": None}]}]
)
def test_anything_else_is_a_typed_refusal(data):
    with pytest.raises(StudioError):
        snapshot.read(data)


JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        1e308,
        float("nan"),
        10**400,
        "",
        "x" * 300,
        "a\0",
        "\ud800",
        [],
        [[]],
        {},
        {"x": 1},
        "30000/0",
        b"x",
        {5: 6},
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequences(), st.data())
def test_whatever_stands_anywhere_is_read_or_a_typed_refusal(data, draw):
    """One value of a good sequence is another, or has another name."""
    data = deepcopy(data)
    parent, name = data, draw.draw(st.sampled_from(sorted(data)))
    while isinstance(parent[name], dict | list) and parent[name] and draw.draw(st.integers(0, 3)):
        parent = parent[name]
        name = draw.draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
    if isinstance(parent, dict):
        name = draw.draw(st.sampled_from([name, name, "lut_path", "no_such"]))
    parent[name] = deepcopy(draw.draw(JUNK))

    found = read_or_refused(data)

    if isinstance(found, StudioError):
        assert found.status in (400, 404, 422)
        assert found.field
    else:
        assert snapshot.read(snapshot.written(found)).sequence == found


def read_or_refused(data):
    try:
        return snapshot.read(data).sequence
    except StudioError as refused:
        return refused
