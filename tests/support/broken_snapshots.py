"""Faults of requests for renders: each put into a valid one, with what the refusal must be called and name."""

import copy
import random
from collections.abc import Callable
from typing import Any

from tests.support.snapshots import HANDLE, Case, Draw, Json, Stock

#: A fault: changes the request and answers the codes of the refusal, and what it must name; None where it cannot be put in.
Fault = Callable[[Draw, Json], tuple[tuple[str, ...], Json] | None]
NOWHERE = "00000000-0000-4000-8000-000000000000"
FAULTS: dict[str, Fault] = {}
#: Faults that only a registry can know.
OF_REGISTRY = {
    "unknown_mask",
    "unknown_lut",
    "picture_as_lut",
    "unknown_font",
    "missing_glyph",
    "text_preset",
    "request_field",
    "range",
}


def fault(found: Fault) -> Fault:
    FAULTS[found.__name__.lstrip("_")] = found
    return found


def case_of(seed: int, stock: Stock, *, short: bool = False, registry: bool = True) -> Case:
    """The case of a seed: every third one is broken."""
    draw = Draw(random.Random(seed), stock, short=short)
    request = draw.request()
    names = [name for name in FAULTS if registry or name not in OF_REGISTRY]
    while seed % 3 == 2:
        name, broken = draw.pick(names), copy.deepcopy(request)
        found = FAULTS[name](draw, broken)
        if found is not None:
            return Case(broken, name, *found)
    return Case(request)


def clips_of(request: Json) -> list[Json]:
    return [clip for track in request["sequence_snapshot"]["tracks"] for clip in track["clips"]]


def _clip(draw: Draw, request: Json) -> Json:
    return draw.pick(clips_of(request))  # type: ignore[no-any-return]


def _in_clip(draw: Draw, request: Json, code: str | tuple[str, ...], **fields: Any) -> tuple[tuple[str, ...], Json]:
    clip = _clip(draw, request)
    clip |= fields
    return (code,) if isinstance(code, str) else code, {"clip_id": clip["id"]}


@fault
def _unknown_field(draw, request):
    return _in_clip(draw, request, "unknown_field", **{draw.pick(("startms", "blur", "In_ms", "")): 1})


@fault
def _unknown_field_of_track(draw, request):
    track = draw.pick(request["sequence_snapshot"]["tracks"])
    track["volume"] = 1
    return ("unknown_field",), {"track_id": track["id"]}


@fault
def _unknown_field_of_sequence(draw, request):
    request["sequence_snapshot"]["fps"] = 25
    return ("unknown_field",), {"sequence_id": "s"}


@fault
def _wrong_type(draw, request):
    name = draw.pick(("in_ms", "out_ms", "speed", "volume_db", "scale", "fade_in_ms", "start_ms_on_timeline"))
    return _in_clip(draw, request, "wrong_type", **{name: draw.pick(("1", True, [], {}, None))})


@fault
def _wrong_group(draw, request):
    name = draw.pick(("position", "crop"))
    return _in_clip(draw, request, ("wrong_type", "unknown_field"), **{name: draw.pick(([], "middle", 1, {"x": "0"}))})


@fault
def _unknown_word(draw, request):
    name = draw.pick(("blend_mode", "scale_mode", "slowmo_quality"))
    return _in_clip(draw, request, ("unknown_value",), **{name: draw.pick(("", "Normal", "nearest"))})


@fault
def _no_length(draw, request):
    clip = _clip(draw, request)
    clip["out_ms"] = clip["in_ms"] - draw.pick((0, 0.001, 100))
    return ("out_of_range",), {"clip_id": clip["id"]}


@fault
def _before_its_media(draw, request):
    clip = _clip(draw, request)
    if "camera_label" in clip:
        return None
    clip["in_ms"] = -draw.pick((0.001, 5, 10_000))
    return ("out_of_range",), {"clip_id": clip["id"]}


@fault
def _beyond_its_media(draw, request):
    items = [one for one in draw.stock.items if one.ends is not None]
    clip, item = _clip(draw, request), draw.pick(items)
    for name in ("asset_id", "artifact_id", "session_id", "camera_label", "text", "vector"):
        clip.pop(name, None)
    beyond = item.ends + draw.pick((10, 1000, 1e8))
    clip |= item.names | {"in_ms": max(0, item.ends - 500), "out_ms": beyond, "speed": 100}
    return ("beyond_media", "contradiction"), {"clip_id": clip["id"]}


@fault
def _speed(draw, request):
    return _in_clip(draw, request, "out_of_range", speed=draw.pick((0, -1, -0.001)))


@fault
def _negative_start(draw, request):
    return _in_clip(draw, request, "out_of_range", start_ms_on_timeline=draw.pick((-0.001, -10, 2e9)))


@fault
def _nothing_left(draw, request):
    crop = draw.pick(({"left": 0.5, "right": 0.5}, {"top": 1}, {"top": 0.2, "bottom": 0.8}, {"left": 9}))
    return _in_clip(draw, request, "contradiction", crop=crop)


@fault
def _two_contents(draw, request):
    clip = _clip(draw, request)
    clip |= {"asset_id": NOWHERE, "vector": {"shapes": [{"type": "rect", "width": 1, "height": 1}]}}
    return ("contradiction",), {"clip_id": clip["id"]}


@fault
def _no_content(draw, request):
    clip = _clip(draw, request)
    for name in ("asset_id", "artifact_id", "session_id", "camera_label", "text", "vector"):
        clip.pop(name, None)
    return ("missing_field",), {"clip_id": clip["id"]}


@fault
def _unknown_asset(draw, request):
    clip = _clip(draw, request)
    for name in ("session_id", "camera_label", "text", "vector"):
        clip.pop(name, None)
    clip |= {"asset_id": draw.pick((NOWHERE, "x", "../etc/passwd")), "in_ms": 0, "out_ms": 500}
    return ("unknown_media",), {"clip_id": clip["id"]}


@fault
def _half_a_camera(draw, request):
    clip = _clip(draw, request)
    for name in ("asset_id", "artifact_id", "session_id", "camera_label", "text", "vector"):
        clip.pop(name, None)
    clip["session_id"] = NOWHERE
    return ("missing_field",), {"clip_id": clip["id"]}


@fault
def _foreign_path(draw, request):
    name = draw.pick(("output_path", "output_dir", "lut_path", "ffmpeg_opts"))
    return _in_clip(draw, request, "not_allowed", **{name: "/etc/passwd"})


@fault
def _words_on_sound(draw, request):
    tracks = [one for one in request["sequence_snapshot"]["tracks"] if one["kind"] == "audio"]
    if not tracks:
        return None
    clip = draw.pick(draw.pick(tracks)["clips"])
    for name in ("asset_id", "artifact_id", "session_id", "camera_label"):
        clip.pop(name, None)
    clip |= {"text": {"text": "a"}, "in_ms": 0, "out_ms": 500}
    return ("contradiction",), {"clip_id": clip["id"]}


@fault
def _nothing_drawn(draw, request):
    vector = draw.pick((
        {"shapes": []},
        {"shapes": [{"type": "rect", "width": 5}]},
        {"shapes": [{"type": "polygon", "points": [[0, 0], [1, 1]]}]},
        {"shapes": [{"type": "path"}]},
    ))  # fmt: skip
    clip = _clip(draw, request)
    for name in ("asset_id", "artifact_id", "session_id", "camera_label", "text"):
        clip.pop(name, None)
    clip |= {"vector": vector, "in_ms": 0, "out_ms": 500}
    return ("missing_field",), {"clip_id": clip["id"]}


@fault
def _wrong_color(draw, request):
    clip = _clip(draw, request)
    for name in ("asset_id", "artifact_id", "session_id", "camera_label", "vector"):
        clip.pop(name, None)
    clip |= {"text": {"text": "a", "fill": draw.pick(("red", "#ff", "#gggggg", ""))}, "in_ms": 0, "out_ms": 500}
    return ("wrong_type",), {"clip_id": clip["id"]}


def _new_stack(request: Json, one: Json, target: tuple[str, str] = ("sequence", "s")) -> Json:
    stacks = request["sequence_snapshot"]["filter_stacks"]
    stacks[:] = [stack for stack in stacks if (stack["target_type"], stack["target_id"]) != target]
    stacks.insert(0, {"id": "broken", "target_type": target[0], "target_id": target[1], "filters": [one]})
    return {"filter_stack_id": "broken"}


@fault
def _unknown_filter(draw, request):
    return ("unknown_value",), _new_stack(request, {"type": draw.pick(("sharpn", "drawtext", "movie", ""))})


@fault
def _unknown_param(draw, request):
    return ("unknown_field",), _new_stack(request, {"type": "gamma", "params": {"gama": 1}})


@fault
def _param_of_a_path(draw, request):
    return ("not_allowed",), _new_stack(request, {"type": "lut", "params": {"lut_path": "/etc/passwd"}})


@fault
def _lut_without_a_table(draw, request):
    return ("missing_field",), _new_stack(request, {"type": "lut", "params": {}})


@fault
def _levels_too_near(draw, request):
    params = draw.pick(({"black": 0.5, "white": 0.54}, {"black": 0.47, "white": 0.5}, {"black": 9, "white": -9}))
    return ("contradiction",), _new_stack(request, {"type": "levels", "params": params})


@fault
def _faces_without_a_mask(draw, request):
    one = {"type": "face_blur", "params": {"strength": 0.5}}
    return ("mask_missing",), _new_stack(request, one)


@fault
def _stack_of_nothing(draw, request):
    return ("unknown_record",), _new_stack(request, {"type": "gamma"}, (draw.pick(("clip", "track")), "nobody"))


@fault
def _two_stacks(draw, request):
    request["sequence_snapshot"]["filter_stacks"] = [
        {"id": id, "target_type": "sequence", "target_id": "s", "filters": []} for id in "ab"
    ]
    return ("duplicate_record",), {"filter_stack_id": "b"}


@fault
def _duplicate_clip(draw, request):
    clips = clips_of(request)
    if len(clips) < 2:
        return None
    first, second = draw.random.sample(clips, 2)
    second["id"] = first["id"]
    return ("duplicate_record",), {"clip_id": first["id"]}


def _new_curve(request: Json, **fields: Any) -> Json:
    keys = [{"time_ms": 0, "value": 1}, {"time_ms": 100, "value": 0}]
    curve = {"id": "broken", "target_type": "sequence", "target_id": "s", "property": "opacity", "keyframes": keys}
    request["sequence_snapshot"]["automation"].insert(0, curve | fields)
    return {"automation_id": "broken"}


@fault
def _keys_going_back(draw, request):
    keys = [{"time_ms": 100, "value": 1}, {"time_ms": draw.pick((100, 99.999)), "value": 0}]
    return ("out_of_range",), _new_curve(request, keyframes=keys)


@fault
def _no_keys(draw, request):
    return ("missing_field",), _new_curve(request, keyframes=[])


@fault
def _curve_of_another(draw, request):
    return ("contradiction",), _new_curve(request, property=draw.pick(("scale", "rotation", "position_x")))


@fault
def _unknown_property(draw, request):
    return ("unknown_value",), _new_curve(request, property=draw.pick(("speed", "", "Opacity")))


@fault
def _unknown_way(draw, request):
    return ("unknown_value",), _new_curve(request, keyframes=[{"time_ms": 0, "value": 1, "interpolation": "bezier"}])


@fault
def _target_type(draw, request):
    return ("unknown_value",), _new_curve(request, target_type=draw.pick(("project", None, 5)))


def _pair(draw: Draw, request: Json, second_at: float, **fields: Any) -> Json:
    """Two clips on a track of their own, with a transition between them."""
    item = draw.pick([one for one in draw.stock.items if one.begins == 0 and one.ends and one.picture])
    middle = {**item.names, "in_ms": 1000, "out_ms": 1800}
    clips = [middle | {"id": "x", "start_ms_on_timeline": 0}, middle | {"id": "y", "start_ms_on_timeline": second_at}]
    snapshot = request["sequence_snapshot"]
    snapshot["tracks"].append({"id": "pair", "kind": "video", "order": 50, "clips": clips})
    one = {"id": "broken", "type": "crossfade", "duration_ms": 200, "from_clip_id": "x", "to_clip_id": "y"}
    snapshot["transitions"] = [one | fields]
    return {"transition_id": "broken"}


@fault
def _clips_apart(draw, request):
    return ("nothing_to_blend",), _pair(draw, request, 800 + draw.pick((600, 1500)))


@fault
def _transition_of_one(draw, request):
    return ("contradiction",), _pair(draw, request, 800, to_clip_id="x")


@fault
def _transition_to_nobody(draw, request):
    return ("unknown_record",), _pair(draw, request, 800, to_clip_id="nobody")


@fault
def _transition_back(draw, request):
    return ("contradiction",), _pair(draw, request, 700, from_clip_id="y", to_clip_id="x")


@fault
def _transition_across(draw, request):
    return ("contradiction",), _pair(draw, request, 800, to_clip_id=clips_of(request)[0]["id"])


@fault
def _transition_type(draw, request):
    return ("unknown_value",), _pair(draw, request, 800, type=draw.pick(("fade", "wipeleft", "")))


@fault
def _transition_length(draw, request):
    return ("out_of_range",), _pair(draw, request, 800, duration_ms=draw.pick((0, -5)))


@fault
def _no_handles(draw, request):
    """Clips that meet, of media that end there."""
    item = draw.pick([one for one in draw.stock.items if one.begins == 0 and one.ends and one.picture])
    whole = {**item.names, "in_ms": 0, "out_ms": item.ends}
    clips = [whole | {"id": "x", "start_ms_on_timeline": 0}, whole | {"id": "y", "start_ms_on_timeline": item.ends}]
    snapshot = request["sequence_snapshot"]
    snapshot["tracks"].append({"id": "pair", "kind": "video", "order": 50, "clips": clips})
    one = {"id": "broken", "type": "crossfade", "duration_ms": 400, "from_clip_id": "x", "to_clip_id": "y"}
    snapshot["transitions"] = [one]
    return ("nothing_to_blend",), {"transition_id": "broken"}


@fault
def _crossing(draw, request):
    """Two transitions on one clip that are longer than it is."""
    item = draw.pick([one for one in draw.stock.items if one.begins == 0 and one.ends and one.picture])
    at, clips = 0, []
    for id, length in (("x", 800), ("y", 300), ("z", 800)):
        clips.append({**item.names, "id": id, "in_ms": 1000, "out_ms": 1000 + length, "start_ms_on_timeline": at})
        at += length
    snapshot = request["sequence_snapshot"]
    snapshot["tracks"].append({"id": "pair", "kind": "video", "order": 50, "clips": clips})
    pairs = (("a", "x", "y"), ("b", "y", "z"))
    snapshot["transitions"] = [
        {"id": id, "type": "crossfade", "duration_ms": 2 * HANDLE, "from_clip_id": first, "to_clip_id": second}
        for id, first, second in pairs
    ]
    return ("contradiction",), {"transition_id": "b"}


@fault
def _rate(draw, request):
    request["sequence_snapshot"]["timebase"] = draw.pick((29.97, "29.97", 0, -25, "25/0", None, 1e9))
    return ("wrong_type", "out_of_range", "missing_field"), {"sequence_id": "s"}


@fault
def _no_tracks(draw, request):
    request["sequence_snapshot"] |= {"tracks": [], "transitions": [], "filter_stacks": [], "automation": []}
    request["sequence_snapshot"].pop("duration_ms", None)
    return ("nothing_to_render",), {"sequence_id": "s"}


@fault
def _tracks_of_another_shape(draw, request):
    request["sequence_snapshot"]["tracks"] = draw.pick(({}, "t", [5], [None]))
    return ("wrong_type",), {}


@fault
def _broken_words(draw, request):
    return _in_clip(draw, request, ("broken_text", "contradiction"), asset_id=draw.pick(("a\0", "\ud800", "a\nb")))


@fault
def _ducks_itself(draw, request):
    track = draw.pick(request["sequence_snapshot"]["tracks"])
    track |= {"audio_role": "music", "ducking": {"key_role": "music"}}
    return ("contradiction",), {"track_id": track["id"]}


@fault
def _unknown_mask(draw, request):
    return _in_clip(draw, request, "unknown_media", mask_artifact_id=draw.pick((NOWHERE, "m")))


@fault
def _unknown_lut(draw, request):
    return ("unknown_media",), _new_stack(request, {"type": "lut", "params": {"lut_artifact_id": NOWHERE}})


@fault
def _picture_as_lut(draw, request):
    return ("wrong_media",), _new_stack(
        request, {"type": "lut", "params": {"lut_artifact_id": draw.pick(draw.stock.masks)}}
    )


def _with_words(draw: Draw, request: Json, **text: Any) -> Json:
    clip = {"id": "words", "text": {"text": "a", **text}, "out_ms": 500}
    request["sequence_snapshot"]["tracks"].append({"id": "words", "kind": "video", "clips": [clip]})
    return {"clip_id": "words"}


@fault
def _unknown_font(draw, request):
    return ("unknown_value", "unknown_media"), _with_words(draw, request, font=draw.pick(("Comic Sans", NOWHERE)))


@fault
def _missing_glyph(draw, request):
    return ("missing_glyph",), _with_words(draw, request, text="\u6f22\u5b57")


@fault
def _text_preset(draw, request):
    return ("unknown_value",), _with_words(draw, request, text_preset="loud")


@fault
def _request_field(draw, request):
    request[draw.pick(("profile", "fps", "output"))] = 1
    return ("unknown_field",), {}


@fault
def _range(draw, request):
    request["range_ms"] = draw.pick(
        (
            {"start_ms": 5, "end_ms": 5},
            {"start_ms": 9e8, "end_ms": 9.5e8},
            {"start_ms": -1, "end_ms": 5},
            {"end_ms": 5},
            [],
        )
    )
    return ("invalid_input", "nothing_to_render", "out_of_range", "missing_field", "wrong_type"), {}
