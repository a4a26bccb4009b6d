"""What an export is encoded to, and the requests that its schema refuses."""

from fractions import Fraction
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from render_app.core.export.outputs import Base, outputs_of
from render_app.core.export.refusals import ExportRefused
from render_app.core.export.schema import EXAMPLES, check, export_schema, in_openapi

BASE = Base(1280, 720, Fraction(25))
SESSION = EXAMPLES[0]["sessionId"]


def profile(**asked: Any):
    [made] = outputs_of([{"name": "a"} | asked], BASE)
    return made.profile


def test_an_output_that_says_nothing_has_the_size_and_rate_of_the_first_angle_as_h264():
    made = profile()
    assert (made.width, made.height, made.fps, made.video_codec, made.extension) == (1280, 720, 25, "libx264", ".mp4")


def test_a_profile_is_changed_by_what_is_said_beside_it():
    made = profile(profile="social_1080p_h264", fps="30000/1001", crf=30)
    assert (made.width, made.fps, made.crf, made.preset) == (1920, Fraction(30000, 1001), 30, "medium")
    assert profile(profile="social_1080p_h264", codec="hevc").video_codec == "libx265"
    assert profile(profile="social_1080p_h264", format="mp4").name == "social_1080p_h264"
    assert profile(profile="social_1080p_h264").fps == 30
    assert profile(codec="prores", width=640, height=360).pix_fmt == "yuv422p10le"


def test_sound_alone_is_aac_or_samples():
    assert [profile(audioOnly=True, **more).extension for more in ({}, {"format": "wav"}, {"codec": "pcm"})] == [
        ".m4a", ".wav", ".wav",
    ]  # fmt: skip


def test_sound_of_one_codec_is_encoded_alike_for_all_outputs():
    said = [
        {"name": "a", "profile": "draft_480p_fast"},
        {"name": "b", "profile": "youtube_4k_h264"},
        {"name": "c", "format": "mov"},
    ]
    assert [one.profile.audio_bitrate_kbps for one in outputs_of(said, BASE)] == [320, 320, None]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"width": 640}, "outputs[0]"),
        ({"width": 641, "height": 360}, "outputs[0].width"),
        ({"width": 8192, "height": 8192}, "outputs[0]"),
        ({"codec": "dnxhr", "width": 128, "height": 72}, "outputs[0]"),
        ({"fps": "0/1"}, "outputs[0].fps"),
        ({"fps": "240"}, "outputs[0].fps"),
        ({"format": "wav"}, "outputs[0].format"),
        ({"audioOnly": True, "format": "mov"}, "outputs[0].format"),
        ({"audioOnly": True, "crf": 20}, "outputs[0].crf"),
        ({"format": "webm", "codec": "h264"}, "outputs[0].codec"),
        ({"codec": "prores", "crf": 20}, "outputs[0].crf"),
        ({"codec": "h264", "crf": 60}, "outputs[0].crf"),
        ({"mode": "smart", "crf": 20}, "outputs[0].crf"),
        ({"mode": "smart", "format": "mov"}, "outputs[0].format"),
    ],
)
def test_an_output_that_cannot_be_made_is_named(asked, field):
    with pytest.raises(ExportRefused) as refusal:
        profile(**asked)
    assert refusal.value.field == field


def test_two_outputs_do_not_share_a_name():
    with pytest.raises(ExportRefused, match="earlier output"):
        outputs_of([{"name": "a"}, {"name": "a"}], BASE)


def test_the_published_schema_is_one_and_its_examples_pass():
    Draft202012Validator.check_schema(export_schema())
    for example in EXAMPLES:
        check(example)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outputs": []}, "outputs"),
        ({"outputs": [{"name": "a b"}]}, "outputs[0].name"),
        ({"switchPoints": [{"atMs": "0", "angle": "A"}]}, "switchPoints[0].atMs"),
        ({"switchPoints": [{"atMs": 0}]}, "switchPoints[0].angle"),
        ({"switchPoints": [{"atMs": 0, "angle": "A", "cut": 1}]}, "switchPoints[0].cut"),
        ({"switchPoints": [{"atMs": 1e12, "angle": "A"}]}, "switchPoints[0].atMs"),
        ({"switchPoints": [{"atMs": float("nan"), "angle": "A"}]}, "switchPoints[0].atMs"),
        ({"sessionId": "1"}, "sessionId"),
        ({"projectId": SESSION}, None),
        ({"audio": {"preset": "music_replace_v1"}}, "audio.preset"),
        ({"ffmpeg_opts": "-y"}, "ffmpeg_opts"),
    ],
)
def test_a_request_is_refused_by_the_path_of_its_fault(change, field):
    with pytest.raises(ExportRefused) as refusal:
        check(EXAMPLES[0] | change)
    assert refusal.value.field == field


def test_openapi_spells_the_same_fields():
    spelled = in_openapi(export_schema())
    assert spelled["properties"]["webhookUrl"]["nullable"]
    assert spelled["properties"]["outputs"]["items"]["properties"]["fps"]["oneOf"] == [
        {"type": "string"},
        {"type": "integer"},
    ]
    assert "$schema" not in spelled
