"""What an edit may choose from, as the API lists it and as its schema says it: the catalogue's own, and what is taken."""

from functools import cache

import pytest

from render_app.core import catalogue
from render_app.core.timeline.fields import Number
from tests.apps.render_app.test_timelines_api import Video


@pytest.fixture
def video(db):
    return Video()


@cache
def schemas() -> dict:
    from drf_spectacular.generators import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]


def test_the_catalogue_lists_every_entry_with_its_ranges(video):
    status, found = video.get("catalogue")
    assert status == 200
    assert [one["name"] for one in found["filters"]] == list(catalogue.filters())
    assert [one["name"] for one in found["transitions"]] == list(catalogue.transitions())
    assert [one["name"] for one in found["render_profiles"]] == list(catalogue.profiles())
    assert {"Noto Sans", "Noto Color Emoji"} < {one["name"] for one in found["fonts"]}
    [gamma] = [one for one in found["filters"] if one["name"] == "gamma"]
    [param] = gamma["params"]
    assert (param["minimum"], param["maximum"], param["default"], param["type"]) == (0.1, 6, 1, "number")
    [scale] = [one for one in found["automation"] if one["name"] == "scale"]
    assert (scale["minimum"], scale["targets"]) == (catalogue.properties()["scale"].low, ["clip"])


def test_an_end_of_a_range_as_it_is_listed_is_taken_and_beyond_it_clamped(video):
    _, found = video.get("catalogue")
    track = video.track()
    for one in found["filters"]:
        numbers = {param["name"]: param for param in one["params"] if param["type"] != "id"}
        if one["name"] in ("levels", "sharpen", "lut") or not numbers:
            continue
        clip = video.clip(track, start_ms_on_timeline=1000 * found["filters"].index(one))
        for end, beyond in (("minimum", -1), ("maximum", 1)):
            at = {name: param[end] for name, param in numbers.items()}
            for more, clamped in ((0, 0), (beyond, len(numbers))):
                params = {name: value + more for name, value in at.items()}
                body = {"filters": [{"type": one["name"], "params": params}]}
                path = f"filter-stacks/clip/{clip['id']}"
                video.call("DELETE", path)
                status, stack = video.post(path, body)
                assert (status, len(stack["clamped"])) == (201, clamped), (one["name"], stack)


def test_a_request_is_described_with_its_bounds_and_choices_and_an_answer_may_lie_outside():
    sent, answered = schemas()["ClipInputRequest"]["properties"], schemas()["Clip"]["properties"]
    opacity = catalogue.properties()["opacity"]
    assert (sent["opacity"]["minimum"], sent["opacity"]["maximum"]) == (opacity.low, opacity.high)
    assert "maximum" not in answered["opacity"]
    assert answered["opacity"]["x-clamped"] == {"minimum": opacity.low, "maximum": opacity.high}
    assert sent["blend_mode"]["enum"] == answered["blend_mode"]["enum"] == list(catalogue.blends())
    assert sent["slowmo_quality"]["enum"] == [*catalogue.slow_motions(), None]
    assert sent["start_ms_on_timeline"]["x-unit"] == "ms"
    wish = schemas()["RenderInputRequest"]["properties"]
    assert (wish["target_loudness_lufs"]["minimum"], wish["target_loudness_lufs"]["maximum"]) == (-40, -9)
    assert wish["render_profile"]["enum"] == [*catalogue.profiles(), None]


def test_each_filter_is_described_by_its_own_parameters():
    whole = schemas()["FilterRequest"]
    assert whole["discriminator"]["mapping"].keys() == catalogue.filters().keys()
    for kind in catalogue.filters().values():
        schema = schemas()[f"FilterRequest_{kind.name}"]
        assert {"$ref": f"#/components/schemas/FilterRequest_{kind.name}"} in whole["oneOf"]
        params = schema["properties"]["params"]
        assert params["additionalProperties"] is False
        assert params["properties"].keys() == {one.name for one in kind.params}
        for one in kind.params:
            if isinstance(one, Number):
                said = params["properties"][one.name]
                assert (said["minimum"], said["maximum"]) == (one.low, one.high)


def test_the_meta_of_a_plan_is_described_key_by_key(video):
    text = {"text": {"text": "Hi"}, "out_ms": 400, "id": "c"}
    sequence = {"id": "s", "timebase": 25, "tracks": [{"id": "t", "kind": "video", "clips": [text]}]}
    status, plan = video.post("render/dry-run", {"sequence_snapshot": sequence, "normalize_audio": True})
    assert status == 200, plan
    described = schemas()["PlanMeta"]["properties"].keys()
    assert described - plan["meta"].keys() == {"segment_count", "segment_job_ids"}
    assert plan["meta"].keys() <= described
