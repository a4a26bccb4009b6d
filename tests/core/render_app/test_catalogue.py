"""The tables that an edit chooses from."""

import pytest

from render_app.core import catalogue
from render_app.core.timeline import build, nouns
from render_app.core.timeline.fields import Number, Reading, read_fields
from render_app.core.timeline.refusals import Place

SEED_FILTERS = {
    *("sharpen", "vignette", "hue_shift", "film_grain", "gamma", "bloom", "levels", "teeth_whiten", "skin_smooth"),
    *("eye_enhance", "face_blur", "lut"),
}
COLORS = {"exposure", "contrast", "saturation", "temperature", "tint"}
HERE = Place("filter", "0")


def test_every_row_of_the_tables_is_there():
    assert set(catalogue.filters()) == SEED_FILTERS | COLORS
    assert {name for name, one in catalogue.filters().items() if one.color} == COLORS
    assert {name: one.video_alias for name, one in catalogue.transitions().items()} == {
        "crossfade": "fade",
        "dip_to_black": "fadeblack",
        "dip_to_white": "fadewhite",
        "wipe_left": "wipeleft",
        "wipe_right": "wiperight",
        "push_left": "slideleft",
        "push_right": "slideright",
        "slide_up": "slideup",
        "slide_down": "slidedown",
    }
    assert {one.audio_alias for one in catalogue.transitions().values()} == {"acrossfade"}
    assert list(catalogue.blends()) == ["normal", "add", "screen", "multiply", "overlay"]
    assert set(catalogue.roles()) == {"dialogue", "music", "fx", "ambience", "generic"}
    assert set(catalogue.slow_motions()) == {"high", "medium", "fast"}
    assert list(catalogue.motions()) == ["shake_1", "shake_2", "shake_3"]


def test_profiles_have_the_size_rate_and_codecs_of_the_table():
    assert {
        name: (one.width, one.height, one.fps, one.video_codec, one.audio_codec, one.audio_bitrate_kbps)
        for name, one in catalogue.profiles().items()
    } == {
        "draft_480p_fast": (854, 480, 24, "libx264", "aac", 96),
        "preview_720p_fast": (1280, 720, 30, "libx264", "aac", 128),
        "social_1080p_h264": (1920, 1080, 30, "libx264", "aac", 192),
        "youtube_4k_h264": (3840, 2160, 30, "libx264", "aac", 320),
        "master_4k_prores": (3840, 2160, 30, "prores_ks", "pcm_s16le", None),
    }


@pytest.mark.parametrize("name", sorted(SEED_FILTERS | COLORS))
def test_both_ends_of_a_filter_s_range_stay_and_beyond_them_is_clamped(name):
    for number in [one for one in catalogue.filters()[name].params if isinstance(one, Number)]:
        for sent, used in (
            (number.low, number.low), (number.high, number.high), (number.low - 1, number.low), (number.high + 1, number.high),
        ):  # fmt: skip
            reading = Reading()
            assert number.read(sent, HERE, reading) == used
            assert [one.as_json["to"] for one in reading.clamped] == ([] if sent == used else [used])


@pytest.mark.parametrize("kind", catalogue.filters().values(), ids=list(catalogue.filters()))
def test_what_is_off_lies_within_the_ranges(kind):
    if kind.off is not None:
        params = read_fields(kind.params, kind.off, HERE, Reading())
        assert kind.is_off(params)


def test_every_profile_has_a_preset_that_can_be_applied():
    presets = catalogue.filter_presets()

    assert set(presets) == {f"profile_default_{name}" for name in catalogue.profiles()}
    for preset in presets.values():
        reading = Reading()
        build.filter_stack({"filters": list(preset.filters)}, nouns.Target("sequence", "s"), HERE, reading)
        assert reading.clamped == ()


@pytest.mark.parametrize("motion", catalogue.motions().values(), ids=list(catalogue.motions()))
def test_a_shake_moves_about_the_middle_and_ends_where_it_began(motion):
    assert set(motion.tracks) == {"position_x", "position_y"}
    for keyframes in motion.tracks.values():
        assert keyframes[0] == (0, 0.5)
        assert keyframes[-1] == (motion.duration_ms, 0.5)
        assert [ms for ms, _ in keyframes] == sorted({ms for ms, _ in keyframes})
