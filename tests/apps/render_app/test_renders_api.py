"""Renders over HTTP: what is refused before a file is opened, the limit of a tenant, jobs that wait, are hurried and canceled."""

import hashlib

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from media_app import storage
from media_app.jobs import CannotSucceed
from media_app.models import DerivedMedia, MediaAsset, MediaJob, Worker
from render_app.core import catalogue
from render_app.services import renders
from tests.apps.render_app.test_timelines_api import Video
from tests.support.factories import a_derivative, a_job, a_registry_asset
from tests.support.fonts import boxes
from tests.support.pictures import png

FOUND = {
    "container": "mov,mp4,m4a,3gp,3g2,mj2",
    "rate": "25/1",
    "variable_rate": False,
    "video_start": 0.0,
    "video": {
        "index": 0, "codec": "h264", "width": 1920, "height": 1080, "coded_width": 1920, "coded_height": 1080, "rotation": 0,
        "sample_aspect": "1/1", "pixel_format": "yuv420p", "interlaced": False, "hdr": False, "color_transfer": "bt709",
        "color_primaries": "bt709", "color_space": "bt709", "start": 0.0,
    },
    "audio": {"index": 1, "codec": "aac", "rate": 48000, "channels": 2, "layout": "stereo", "start": 0.0},
}  # fmt: skip


@pytest.fixture
def video(db):
    return Video()


def an_asset(video, **fields):
    facts = {"duration_ms": 10_000, "has_audio": True, "fps": "25/1", "checksum": "a" * 64, "media_info": FOUND}
    tenant = video.here["headers"]["X-Tenant-Id"]
    return a_registry_asset(tenant_id=tenant, original_filename="interview.mov", **facts | fields)


def a_sequence(video, *clips, **fields) -> dict:
    """A snapshot of one track."""
    track = {"id": "t", "kind": "video", "clips": [{"id": f"c{number}", **one} for number, one in enumerate(clips)]}
    return {"id": "s", "timebase": 25, "tracks": [track], **fields}


def a_clip(asset, **fields) -> dict:
    return {"asset_id": str(asset.pk), "in_ms": 0, "out_ms": 2000, "start_ms_on_timeline": 0, **fields}


def wish(video, **fields) -> dict:
    return {
        "sequence_snapshot": a_sequence(video, a_clip(an_asset(video), **fields)),
        "render_profile": "draft_480p_fast",
    }


def test_a_dry_run_says_what_will_come_out(video):
    status, plan = video.post("render/dry-run", wish(video))
    assert status == 200, plan
    assert plan["expected"] == {
        "frames": 48, "duration_ms": 2000, "width": 854, "height": 480, "fps": "24/1", "audio_samples": 96_000,
    }  # fmt: skip
    assert plan["commands"][0][plan["commands"][0].index("-filter_complex") + 1] == plan["filter_complex"]
    assert not MediaJob.objects.exists()


def test_a_plan_of_many_files_asks_the_database_no_more_often_than_one_of_few(video):
    def queries(count: int) -> int:
        clips = [a_clip(an_asset(video), start_ms_on_timeline=2000 * number) for number in range(count)]
        with CaptureQueriesContext(connection) as asked:
            status, plan = video.post("render/dry-run", {"sequence_snapshot": a_sequence(video, *clips)})
        assert (status, len(plan["inputs"])) == (200, count)
        return len(asked)

    queries(1)
    assert queries(2) == queries(6)


def test_an_id_may_be_written_in_any_form_that_is_one(video):
    asset = an_asset(video)
    clip = a_clip(asset) | {"asset_id": asset.pk.hex.upper()}
    status, plan = video.post("render/dry-run", {"sequence_snapshot": a_sequence(video, clip)})
    assert status == 200, plan
    assert plan["inputs"][0]["asset_id"] == str(asset.pk)


def test_a_file_that_is_not_read_to_its_end_yet_is_rendered_and_its_successor_is_another(video):
    """Its checksum is known once its proxy is made, and a cut is often wanted before that."""
    asset = an_asset(video, checksum="")
    status, started = video.post("render", wish(video) | {"sequence_snapshot": a_sequence(video, a_clip(asset))})
    assert status == 202, started
    job = MediaJob.objects.get(pk=started["job_id"])

    MediaAsset.objects.update(checksum="b" * 64)
    assert renders.inputs_of(job).files == (asset,)

    MediaAsset.objects.update(checksum="", version=2)
    with pytest.raises(CannotSucceed, match="removed or replaced"):
        renders.inputs_of(job)
    _, again = video.post("render/dry-run", {"sequence_snapshot": a_sequence(video, a_clip(asset))})
    assert again["meta"]["render_cache_key"] != job.input_json["plan"]["meta"]["render_cache_key"]


def test_a_file_with_other_bytes_than_were_planned_with_is_not_rendered(video):
    _, started = video.post("render", wish(video))
    job = MediaJob.objects.get(pk=started["job_id"])
    MediaAsset.objects.update(checksum="b" * 64)
    with pytest.raises(CannotSucceed, match="removed or replaced"):
        renders.inputs_of(job)


def stacked(*filters: dict) -> dict:
    """Filters on the clip of `wish`."""
    return {"filter_stacks": [{"target_type": "clip", "target_id": "c0", "filters": list(filters)}]}


def a_stored(video, data: bytes, name: str, kind: str = "other", **fields):
    """An asset that is one small file."""
    facts = {
        "kind": kind,
        "original_filename": name,
        "size_bytes": len(data),
        "checksum": hashlib.sha256(data).hexdigest(),
    }
    asset = a_registry_asset(tenant_id=video.here["headers"]["X-Tenant-Id"], **facts | fields)
    storage.store().put_bytes(asset.original_key, data, content_type="")
    return asset


def test_a_filter_that_lacks_its_mask_is_refused_by_its_place(video):
    asked = wish(video)
    asked["sequence_snapshot"] |= stacked({"type": "gamma"}, {"type": "face_blur"})
    status, answer = video.post("render/dry-run", asked)
    error = answer["error"]
    assert (status, error["code"], error["field"]) == (422, "mask_missing", "filters[1].params.mask_artifact_id")
    assert (error["details"]["clip_id"], error["details"]["filter_index"]) == ("c0", 1)


def test_a_filter_that_only_beautifies_is_left_out_with_a_warning_that_leads_to_its_clip(video):
    asset = an_asset(video)
    asked = {"sequence_snapshot": a_sequence(video, a_clip(asset)), "render_profile": "draft_480p_fast"}
    asked["sequence_snapshot"] |= stacked({"type": "teeth_whiten", "params": {"strength": 0.5}})
    status, plan = video.post("render/dry-run", asked)
    assert status == 200, plan
    [said] = plan["meta"]["warnings"]
    assert said["message"].startswith(f"video_regions missing for asset {asset.pk}: teeth_whiten is left out.")
    assert (said["clip_id"], said["filter_index"]) == ("c0", 0)


def test_the_faces_that_were_found_in_a_clip_are_its_mask(video):
    asset = an_asset(video)
    job = a_job("regions_v1", tenant=asset.tenant_id, asset=asset)
    rows = {kind: a_derivative(asset, kind) for kind in ("region_mask", "video_region_summary")}
    found = FOUND | {"audio": None, "container": "matroska,webm"}
    meta = {"media_info": found, "backend_version": "1", "cache_key": "k"}
    DerivedMedia.objects.filter(asset=asset).update(created_by_job=job, meta=meta, input_ref=asset.original_key)
    asked = {"sequence_snapshot": a_sequence(video, a_clip(asset)), "render_profile": "draft_480p_fast"}
    for params in ({}, {"source_summary_id": str(rows["video_region_summary"].pk)}):
        asked["sequence_snapshot"] |= stacked({"type": "face_blur", "params": params})
        status, plan = video.post("render/dry-run", asked)
        assert status == 200, plan
        assert plan["inputs"][1]["artifact_id"] == str(rows["region_mask"].pk)
        notices = {one["kind"]: one for one in plan["meta"]["dependency_notices"]}
        assert notices.keys() == {"region_mask", "video_region_summary"}
        assert {(one["backend_version"], one["cache_key"]) for one in notices.values()} == {("1", "k")}

    asked["sequence_snapshot"] |= stacked(
        {"type": "face_blur", "params": {"source_summary_id": str(rows["region_mask"].pk)}}
    )
    status, answer = video.post("render/dry-run", asked)
    assert (status, answer["error"]["code"]) == (422, "wrong_media")
    DerivedMedia.objects.filter(asset=asset).update(input_ref="another file")
    asked["sequence_snapshot"] |= stacked({"type": "face_blur"})
    assert video.post("render/dry-run", asked)[1]["error"]["code"] == "mask_missing", (
        "faces of another file are none of this"
    )


def test_a_broken_table_is_refused_by_its_filter_and_a_good_one_is_an_input(video):
    head = b"LUT_3D_SIZE 2\n"
    for data, expected in ((head + b"0 0 0\n" * 8, 200), (head + b"0 0 0\n" * 7, 422)):
        table = a_stored(video, data, "look.cube")
        asked = wish(video)
        asked["sequence_snapshot"] |= stacked({"type": "lut", "params": {"lut_artifact_id": str(table.pk)}})
        status, answer = video.post("render/dry-run", asked)
        assert status == expected, answer
        if status == 200:
            assert answer["made"] == {"lut-1.cube": {"kind": "lut", "of": "{input:1}"}}
            assert answer["inputs"][1]["checksum"] == table.checksum
        else:
            assert (answer["error"]["code"], answer["error"]["field"]) == (
                "wrong_media", "filters[0].params.lut_artifact_id",
            )  # fmt: skip
            assert "7 rows" in answer["error"]["message"]


def test_a_watermark_is_an_input_of_every_command_that_makes_pictures(video, tmp_path):
    data = png(tmp_path / "m.png", np.full((8, 16), 255, np.uint8)).read_bytes()
    logo = a_stored(video, data, "logo.png", "image", width=16, height=8, media_info={"container": "png"})
    asked = wish(video) | {"watermark": {"asset_id": str(logo.pk), "corner": "top-left", "width": 0.1}}
    status, plan = video.post("render/dry-run", asked)
    assert status == 200, plan
    assert plan["inputs"][1]["asset_id"] == str(logo.pk)
    assert "overlay=x=14:y=14" in plan["filter_complex"]
    font = a_stored(video, b"OTTO", "a.otf", media_info={"container": "font"})
    status, answer = video.post("render/dry-run", asked | {"watermark": {"asset_id": str(font.pk)}})
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (422, "wrong_media", "watermark.asset_id")


def an_overlay(**content) -> dict:
    return {"sequence_snapshot": {"id": "s", "timebase": 25, "tracks": [
        {"id": "t", "kind": "video", "clips": [{"id": "c0", "out_ms": 400, **content}]}
    ]}, "render_profile": "draft_480p_fast"}  # fmt: skip


def test_words_and_shapes_are_drawn_once_and_the_plan_says_how(video):
    font = a_stored(video, boxes(), "boxes.ttf", media_info={"container": "font"})
    text = {"text": "ab", "font": str(font.pk), "variation": {"wght": 2000}, "tracking": 20, "text_preset": "credits"}
    status, plan = video.post("render/dry-run", an_overlay(text=text))
    assert status == 200, plan
    [said] = plan["meta"]["overlays"]
    assert (said["clip_id"], said["kind"], said["variant_axes"], said["tracking"]) == ("c0", "text", {"wght": 900}, 20)
    assert {"clip_id": "c0", "field": "text.variation.wght", "from": 2000, "to": 900} in plan["meta"]["clamped"]
    [(name, of)] = plan["made"].items()
    assert (name[5:37], of["font"]) == (said["layout_hash"][:32], "{input:0}")
    assert plan["inputs"][0]["checksum"] == font.checksum

    shapes = [{"type": "rect", "width": 9, "height": 9}, {"type": "ellipse", "width": 9, "height": 9}]
    vector = {"shapes": shapes, "boolean_ops": [{"op": "xor", "shapes": ["shape_0", "shape_1"]}]}
    status, plan = video.post("render/dry-run", an_overlay(vector=vector))
    assert status == 200, plan
    [said] = plan["meta"]["overlays"]
    assert said["boolean_ops"] == [{"id": "op_0", "op": "xor", "shapes": ["shape_0", "shape_1"]}]


def test_an_emoji_and_another_script_are_drawn_in_fonts_that_have_them(video):
    text = {"text": "Thanks 🎉 नमस्ते", "font": "Noto Sans", "variation": {"wght": 650}}
    status, plan = video.post("render/dry-run", an_overlay(text=text))
    assert status == 200, plan
    [said] = plan["meta"]["overlays"]
    assert (said["variant_axes"], plan["meta"]["clamped"]) == ({"wght": 650}, [])
    assert said["fallback_fonts"] == ["Noto Color Emoji", "Noto Sans/7"]
    [of] = plan["made"].values()
    assert [(one["font"], one["color"]) for one in of["fallbacks"]] == [
        ("Noto Color Emoji", True), ("Noto Sans/7", False),
    ]  # fmt: skip
    assert of["fallbacks"][1]["axes"] == {"wght": 650}


@pytest.mark.parametrize(
    ("content", "status", "code", "field"),
    [
        ({"text": {"text": "a 中"}}, 422, "missing_glyph", "text.text"),
        ({"text": {"text": "a", "font": "Comic Sans"}}, 422, "unknown_value", "text.font"),
        ({"text": {"text": "a", "font": "0" * 32}}, 404, "unknown_media", "text.font"),
        ({"text": {"text": "a", "text_preset": "loud"}}, 422, "unknown_value", "text.text_preset"),
        ({"vector": {"shapes": [{"type": "path", "d": "M here"}]}}, 422, "out_of_range", "vector.shapes[0].d"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_its_clip_and_field(video, content, status, code, field):
    found, answer = video.post("render/dry-run", an_overlay(**content))
    assert (found, answer["error"]["code"], answer["error"]["field"]) == (status, code, field)
    assert answer["error"]["details"]["clip_id"] == "c0"


def test_a_file_that_is_no_font_is_refused_by_its_clip(video):
    fake = a_stored(video, b"OTTO and nothing else", "a.otf", media_info={"container": "font"})
    found, answer = video.post("render/dry-run", an_overlay(text={"text": "a", "font": str(fake.pk)}))
    assert (found, answer["error"]["code"], answer["error"]["field"]) == (422, "wrong_media", "text.font")


@pytest.mark.parametrize(
    ("named", "code", "status"),
    [
        ("another tenant's", "unknown_media", 404),
        ("a font", "wrong_media", 422),
        ("an expired one", "wrong_media", 422),
    ],
)
def test_a_mask_that_cannot_be_used_is_refused_by_its_clip(video, named, code, status):
    mask = {
        "another tenant's": lambda: a_registry_asset(tenant_id="t_other", kind="image", width=8, height=8),
        "a font": lambda: a_stored(video, b"OTTO", "a.otf", media_info={"container": "font"}),
        "an expired one": lambda: a_derivative(an_asset(video), "mask"),
    }[named]()
    if named == "an expired one":
        mask.expired_at = timezone.now()
        mask.save()
    found, answer = video.post("render/dry-run", wish(video, mask_artifact_id=str(mask.pk)))
    assert (found, answer["error"]["code"], answer["error"]["field"]) == (status, code, "mask_artifact_id")
    assert answer["error"]["details"] == {"clip_id": "c0"}


def test_a_mask_may_be_an_artifact_or_a_picture_of_the_registry(video, tmp_path):
    data = png(tmp_path / "m.png", np.full((8, 16), 255, np.uint8)).read_bytes()
    artifact = a_derivative(an_asset(video), "mask")
    storage.store().put_bytes(artifact.key, data, content_type="image/png")
    artifact.size_bytes = len(data)
    artifact.save()
    asset = a_stored(video, data, "m.png", "image", width=16, height=8, media_info={"container": "png"})
    for mask in (artifact, asset):
        status, plan = video.post("render/dry-run", wish(video, mask_artifact_id=str(mask.pk)))
        assert status == 200, plan
        assert plan["inputs"][1]["checksum"] == mask.checksum
        assert "alphamerge" in plan["filter_complex"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"output_path": "/etc/passwd"}, 422, "not_allowed"),
        ({"ffmpeg_opts": "-y"}, 422, "not_allowed"),
        ({"storage": "gcs"}, 422, "not_allowed"),
        ({"render_profil": "x"}, 422, "unknown_field"),
        ({"range_ms": {"start_ms": 0, "end_ms": 5, "stop_ms": 6}}, 422, "unknown_field"),
        ({"range_ms": {"start_ms": -1, "end_ms": 5}}, 422, "out_of_range"),
        ({"range_ms": [0, 5]}, 422, "wrong_type"),
        ({"target_loudness_lufs": "loud"}, 422, "wrong_type"),
        ({"normalize_audio": "yes"}, 422, "wrong_type"),
        ({"project_id": 5, "sequence_snapshot": None}, 422, "wrong_type"),
        ({"audio_mixdown": "5.1"}, 422, "unknown_value"),
        ({"strategy": 1}, 422, "wrong_type"),
        ({"voice_enhance_mode": "opera"}, 422, "unknown_value"),
        ({"watermark": "logo"}, 422, "wrong_type"),
        ({"watermark": {"asset_id": "x"}}, 404, "unknown_media"),
        ({"watermark": {"corner": "top-left"}}, 400, "invalid_input"),
        ({"watermark": {"asset_id": "0" * 32, "artifact_id": "1" * 32}}, 400, "invalid_input"),
        ({"watermark": {"asset_id": "0" * 32}}, 404, "unknown_media"),
        ({"watermark": {"asset": "0" * 32}}, 422, "unknown_field"),
        ({"render_profile": "8k"}, 422, "unknown_value"),
        ({"range_ms": {"start_ms": 5, "end_ms": 5}}, 400, "invalid_input"),
        ({"range_ms": {"start_ms": 5000, "end_ms": 6000}}, 422, "nothing_to_render"),
        ({"range_ms": {"start_ms": 5000}}, 422, "nothing_to_render"),
        ({"range_ms": {"end_ms": 500}}, 422, "missing_field"),
        ({"sequence_snapshot": None}, 400, "invalid_input"),
        ({"normalize_audio": False, "watermark": None}, 200, None),
    ],
)
def test_a_request_says_what_is_wrong_with_it(video, fields, status, code):
    found, answer = video.post("render/dry-run", wish(video) | fields)
    assert found == status, answer
    assert answer.get("error", {}).get("code") == code


def test_a_refused_request_names_its_field_and_what_may_stand_there(video):
    _, answer = video.post("render/dry-run", wish(video) | {"render_profile": "8k"})
    assert answer["error"]["field"] == "render_profile"
    assert "draft_480p_fast" in answer["error"]["details"]["choices"]
    _, answer = video.post("render/dry-run", wish(video) | {"watermark": {"corner": "middle"}})
    assert answer["error"]["field"] == "watermark.corner"
    _, answer = video.post("render/dry-run", wish(video) | {"storage": "local"})
    assert "uri" in answer["error"]["message"]


def test_a_number_beyond_its_range_is_clamped_and_listed(video, tmp_path):
    data = png(tmp_path / "m.png", np.full((8, 16), 255, np.uint8)).read_bytes()
    mark = a_stored(video, data, "m.png", "image", width=16, height=8, media_info={"container": "png"})
    asked = wish(video) | {
        "target_loudness_lufs": 0,
        "watermark": {"asset_id": str(mark.pk), "width": 3, "opacity": -1},
    }
    status, plan = video.post("render/dry-run", asked)
    assert (status, plan["meta"]["target_loudness_lufs"]) == (200, -9), plan
    assert [(one["field"], one["from"], one["to"]) for one in plan["meta"]["clamped"]] == [
        ("watermark.width", 3, 1),
        ("watermark.opacity", -1, 0),
        ("target_loudness_lufs", 0, -9),
    ]
    least = asked | {"target_loudness_lufs": -9, "watermark": {"asset_id": str(mark.pk), "width": 1, "opacity": 0}}
    _, same = video.post("render/dry-run", least)
    assert same["meta"]["render_cache_key"] == plan["meta"]["render_cache_key"]
    assert same["meta"]["clamped"] == []


def test_a_plan_publishes_its_profile(video):
    _, plan = video.post("render/dry-run", wish(video))
    published = {name: plan["meta"][name] for name in ("threads", "preset", "audio_sample_rate", "audio_channels")}
    profile = catalogue.profiles()["draft_480p_fast"]
    assert published == {name: getattr(profile, name) for name in published}


def test_a_range_without_an_end_goes_to_the_end_of_the_sequence(video):
    _, whole = video.post("render/dry-run", wish(video))
    ends = whole["expected"]["duration_ms"]
    plans = [
        video.post("render/dry-run", wish(video) | {"range_ms": {"start_ms": 500, **end}})
        for end in ({}, {"end_ms": None}, {"end_ms": ends})
    ]
    assert [status for status, _ in plans] == [200, 200, 200]
    assert {plan["expected"]["duration_ms"] for _, plan in plans} == {ends - 500}


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"normalize_audio": True}, -16),
        ({"target_loudness_lufs": -23}, -23),
        ({"normalize_audio": True, "target_loudness_lufs": -14}, -14),
        ({"normalize_audio": False, "target_loudness_lufs": -14}, None),
    ],
)
def test_a_loudness_is_measured_by_a_command_of_its_own(video, fields, target):
    status, plan = video.post("render/dry-run", wish(video) | fields)
    assert (status, plan["meta"]["target_loudness_lufs"]) == (200, target), plan
    said = plan["meta"]["loudness"]
    if target is None:
        assert (plan["measures"], said) == ([], None)
        return
    assert (said["target_lufs"], said["true_peak_dbtp"], said["dual_mono"]) == (target, -1.5, True)
    assert said["instead_of"] == f"loudnorm=I={target}:TP=-1.5:LRA=11:dual_mono=true"
    measured = plan["measures"][0]
    assert (measured["kind"], measured["target_lufs"]) == ("loudness", target)
    graphs = [command[command.index("-filter_complex") + 1] for command in plan["commands"]]
    assert ["{measure:loudness}" in graph for graph in graphs] == [False, False, True, True, False]
    assert "ebur128" in graphs[measured["command"]]


def test_dialogue_takes_the_enhanced_voice_and_music_its_own_sound(video):
    asset = an_asset(video)
    row = a_derivative(asset, "audio_voice_enhanced")
    DerivedMedia.objects.filter(pk=row.pk).update(meta={"mode": "podcast"}, input_ref=asset.original_key)
    tracks = [
        {"id": role, "kind": "audio", "audio_role": role, "clips": [a_clip(asset) | {"id": role}]}
        for role in ("dialogue", "music")
    ]
    asked = {"sequence_snapshot": {"id": "s", "timebase": 25, "tracks": tracks}, "use_voice_enhanced_audio": True}

    status, plan = video.post("render/dry-run", asked | {"voice_enhance_mode": "podcast"})
    assert status == 200, plan
    assert {one["artifact_id"] for one in plan["inputs"]} == {str(row.pk), None}
    [chosen] = plan["meta"]["audio_voice_enhance_selection"]
    assert (chosen["clip_id"], chosen["source"], chosen["artifact_id"]) == ("dialogue", "enhanced", str(row.pk))
    assert plan["meta"]["voice_enhance_warnings"] == []

    other = asked | {"voice_enhance_mode": "vlog"}
    _, quiet = video.post("render/dry-run", other)
    _, plan = video.post("render/dry-run", other | {"voice_enhance_if_available_only": False})
    assert quiet["meta"]["voice_enhance_warnings"] == []
    assert {one["artifact_id"] for one in plan["inputs"]} == {None}
    assert [one["clip_id"] for one in plan["meta"]["voice_enhance_warnings"]] == ["dialogue"]
    assert "of mode vlog" in plan["meta"]["voice_enhance_warnings"][0]["message"]


def test_a_medium_of_another_tenant_is_not_there(video):
    other = a_registry_asset(tenant_id="t_other", duration_ms=10_000, has_audio=True, media_info=FOUND, fps="25/1")
    asked = {"sequence_snapshot": a_sequence(video, a_clip(other))}
    status, answer = video.post("render", asked)
    assert (status, answer["error"]["code"], answer["error"]["details"]["clip_id"]) == (404, "unknown_media", "c0")


def test_a_clip_beyond_its_medium_is_refused_with_how_much_there_is(video):
    status, answer = video.post("render/dry-run", wish(video, out_ms=10_500))
    assert (status, answer["error"]["code"]) == (422, "beyond_media")
    assert answer["error"]["details"]["available_to_ms"] == 10_000


def test_one_more_render_than_a_tenant_may_have_waits_outside(video, settings):
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 2
    asset = an_asset(video)
    wishes = [{"sequence_snapshot": a_sequence(video, a_clip(asset, out_ms=end))} for end in (500, 600, 700)]
    assert [video.post("render/jobs", one)[0] for one in wishes[:2]] == [201, 201]
    assert video.post("render/jobs", wishes[0])[0] == 201, "the same render counts once"

    headers = {"X-Tenant-Id": video.here["headers"]["X-Tenant-Id"], "X-Env": "dev"}
    refused = video.client.post("/video/render/jobs", wishes[2], content_type="application/json", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_renders")
    assert int(refused["Retry-After"]) > 0
    assert MediaJob.objects.filter(type="render_v1").count() == 2


def test_a_waiting_render_is_hurried_canceled_and_tried_again(video):
    job = video.make("render/jobs", wish(video))
    path = f"render/jobs/{job['id']}"
    assert (job["status"], job["progress"], job["result_asset_id"]) == ("queued", 0, None)
    assert video.post(f"{path}/run")[0] == 202
    assert MediaJob.objects.get().priority > 0

    status, canceled = video.post(f"{path}/cancel")
    assert (status, canceled["status"]) == (200, "cancelled")
    status, answer = video.post(f"{path}/cancel")
    assert (status, answer["error"]["code"]) == (409, "wrong_status")
    status, again = video.post(f"{path}/run")
    assert (status, again["status"]) == (202, "queued")


def test_a_render_whose_file_was_replaced_is_not_tried_again(video):
    asset = an_asset(video)
    job = video.make("render/jobs", {"sequence_snapshot": a_sequence(video, a_clip(asset))})
    video.post(f"render/jobs/{job['id']}/cancel")
    asset.checksum = "b" * 64
    asset.save()
    status, answer = video.post(f"render/jobs/{job['id']}/run")
    assert (status, answer["error"]["code"]) == (409, "wrong_status")


def test_a_job_of_another_kind_is_no_render(video):
    other = MediaJob.objects.create(tenant_id=video.here["headers"]["X-Tenant-Id"], env="dev", type="audio_master_v1")
    assert video.get(f"render/jobs/{other.pk}")[0] == 404


def hardware(settings, used: str) -> None:
    """A worker on whose machine NVENC works, and which renders may use it."""
    settings.VIDEO_HARDWARE_ENCODER = used
    Worker.objects.create(name="a:1", host="a", encoders=[{"name": "h264_nvenc", "works": True}])


@pytest.mark.parametrize(
    ("used", "strategy", "profile", "encoder"),
    [
        ("drafts", "draft", None, "h264_nvenc"),
        ("drafts", "final", "draft_480p_fast", None),
        ("all", "final", "social_1080p_h264", "h264_nvenc"),
        ("all", "final", "master_4k_prores", None),
        ("off", "draft", None, None),
    ],
)
def test_graphics_hardware_encodes_what_it_may_and_the_plan_says_so(video, settings, used, strategy, profile, encoder):
    hardware(settings, used)
    status, plan = video.post("render/dry-run", wish(video) | {"strategy": strategy, "render_profile": profile})
    assert (status, plan["meta"]["hardware_encoder"]) == (200, encoder)
    assert ("h264_nvenc" in plan["commands"][0]) == (encoder is not None)
    assert plan["meta"]["not_repeatable_because"] == ("Graphics hardware encoded it (h264_nvenc)." if encoder else "")
