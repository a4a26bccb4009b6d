"""The registry in a browser: no accessibility fault in any state; found, tagged and followed by keyboard."""

import json
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import expect

from media_app import storage
from media_app.engines import regions, visual_meta
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from tests.browser.kit import look
from tests.support.faces import film, pasted
from tests.support.factories import a_derivative, a_registry_asset
from tests.support.shoots import gallery


def test_the_registry_in_all_its_states(open_page, operator):
    page = open_page("/registry/", user=operator)
    look(page, "registry-empty")
    shown = gallery()
    where = {"tenant_id": shown["ready"].tenant_id, "env": shown["ready"].env}
    scene = a_registry_asset(original_filename="film.mp4", tags=["talk", "wide"], source_ref="cam-7", **where)
    music = a_registry_asset("failed", original_filename="music.wav", status_message="The file is cut.", **where)
    frames = [a_derivative(scene, "frame", str(number)) for number in range(3)]
    for row in frames:
        storage.store().put_bytes(row.key, png_of(pasted(20, 40)), content_type="image/png")
    ArtifactSource.objects.record(frames[0], [music], "music")
    page.goto("/registry/")
    look(page, "registry-list")
    page.goto("/registry/?search=nothing+like+it&page=x")
    look(page, "registry-no-match")
    for asset in (scene, music):
        page.goto(f"/registry/{asset.pk}/")
        look(page, f"registry-{asset.original_filename}")

    page.goto("/registry/?search=film")
    page.get_by_role("link", name="film.mp4").press("Enter")
    expect(page.get_by_role("group", name="Lineage of film.mp4")).to_contain_text("3 files")
    page.get_by_label("Tags").fill("talk, close")
    page.get_by_role("button", name="Save tags").press("Enter")
    expect(page.get_by_text("Tags saved.")).to_be_visible()
    scene.refresh_from_db()
    assert scene.tags == ["talk", "close"]
    page.get_by_role("link", name="music.wav").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("music.wav")


def a_film_with_a_face(folder: Path) -> MediaAsset:
    """Two seconds: a face at the left, a cut, and one at the right; with all that is made of a picture."""
    asset = a_registry_asset(
        original_filename="street.mp4", tenant_id="t_local", duration_ms=2000, fps="25/1", width=320, height=180
    )
    made = {
        kind: a_derivative(asset, kind) for kind in ("proxy", "mask", "frame", "visual_meta", "video_region_summary")
    }
    shown = film(folder / "street.mp4", 50, lambda number: pasted(20 if number < 25 else 230, 40))
    storage.store().put_bytes(made["proxy"].key, shown.read_bytes(), content_type="video/mp4")
    selected = np.zeros((180, 320), np.uint8)
    selected[40:120, 20:80] = 255
    for kind, picture in (("mask", selected), ("frame", pasted(20, 40))):
        storage.store().put_bytes(made[kind].key, png_of(picture), content_type="image/png")
    DerivedMedia.objects.filter(pk=made["frame"].pk).update(start_ms=400)
    for kind, body, version in (
        ("visual_meta", what_is_seen(), visual_meta.ENGINE.backend.version),
        ("video_region_summary", where_faces_are(), regions.ENGINE.backend.version),
    ):
        storage.store().put_bytes(made[kind].key, json.dumps(body).encode(), content_type="application/json")
        meta = {"backend_version": version, "backend_type": "model"}
        DerivedMedia.objects.filter(pk=made[kind].pk).update(meta=meta)
    meta = {"frame_ms": 400, "needs_review": True, "review_reasons": ["two ways of cutting it out differ"]}
    DerivedMedia.objects.filter(pk=made["mask"].pk).update(meta=meta)
    return asset


def png_of(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


def what_is_seen() -> dict:
    frames = [
        {
            "timestamp_ms": 250 * number,
            "subjects": [{
                "track_id": id, "label": "face", "confidence": 0.9, "bbox_x": x, "bbox_y": 0.28, "bbox_width": 0.12, "bbox_height": 0.3
            }],
            "primary_track_id": id, "motion": 0.02 * number, "camera_x": 0.0, "camera_y": 0.01,
        }
        for number in range(8)
        for id, x in [("face-1", 0.09) if number < 4 else ("face-2", 0.75)]
    ]  # fmt: skip
    shots = [
        {"start_ms": 0, "end_ms": 1000, "begins_with": "start"},
        {"start_ms": 1000, "end_ms": 2000, "begins_with": "cut"},
    ]
    size = {"width": 320, "height": 180}
    return {"frames": frames, "shots": shots, "frame_sample_interval_ms": 250, "picture": size}


def where_faces_are() -> dict:
    box = {"time_ms": 400, "x": 0.09, "y": 0.28, "width": 0.12, "height": 0.3}
    doubts = [{"start_ms": 960, "end_ms": 1000, "reason": "a face is lost inside the picture"}]
    return {
        "regions": [{"start_ms": 0, "end_ms": 1000, "boxes": [box]}],
        "doubtful_ranges": doubts,
        "complete": True,
    }


def test_what_is_seen_in_a_picture_and_work_on_it(open_page, operator, tmp_path):
    asset = a_film_with_a_face(tmp_path)
    page = open_page(f"/registry/{asset.pk}/", user=operator)
    player = page.locator("video.asset-player")
    page.get_by_label("Frame", exact=True).select_option("9:16")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    expect(page.get_by_role("img", name="What the frame shows of the picture")).to_be_visible()
    page.get_by_text("Cuts and dissolves").click()
    look(page, "registry-picture")

    page.get_by_label("Shots").get_by_role("button", name="Go to 0:01").press("Enter")
    page.wait_for_function("() => document.querySelector('video.asset-player').currentTime === 1")
    page.get_by_role("button", name="Grab this frame").press("Enter")
    expect(page.get_by_text("Frame: waiting for a worker")).to_be_visible()
    assert MediaJob.objects.get(type="engine_frames_v1").input_json["params"]["times_ms"] == [1000]
    expect(player).to_be_visible()
