"""Masks of what a person points at, on films with a drawn disc and a drawn box, through the route and in a clip."""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from media_app import storage
from media_app.backends import grabcut
from media_app.core.vision import masks
from media_app.core.vision.boxes import Box
from media_app.core.vision.prompts import Point, Prompt
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import ingest_queue
from tests.support.faces import RATE, SIZE, film
from tests.support.factories import TENANT, Api, a_registry_asset
from tests.support.working import work_off

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"headers": {"X-Tenant-Id": TENANT, "X-Env": "dev"}}
WIDE, HIGH = SIZE
#: The disc moves 20 pixels to the right with each frame.
FIRST_X, STEP_X = 70, 20
BOX_AROUND = {"x": 0.55, "y": 0.1, "width": 0.4, "height": 0.8}


def disc(number: int) -> np.ndarray:
    truth = np.zeros((HIGH, WIDE), np.uint8)
    return cv2.circle(truth, (FIRST_X + STEP_X * number, 90), 40, 1, -1) > 0


def rectangle() -> np.ndarray:
    truth = np.zeros((HIGH, WIDE), bool)
    truth[40:140, 200:280] = True
    return truth


def on_texture(truth: np.ndarray) -> np.ndarray:
    """A red thing on green ground, both grainy."""
    rng = np.random.default_rng(7)
    grain = cv2.GaussianBlur(rng.normal(0, 40, (HIGH, WIDE, 3)), (0, 0), 1)
    return np.clip(np.where(truth[..., None], (60, 70, 190), (60, 120, 70)) + grain, 0, 255).astype(np.uint8)


@pytest.fixture
def api(settings):
    settings.MEZZANINE = "off"
    return Api()


def an_asset(folder, draw, frames: int = 4) -> MediaAsset:
    path = film(folder / "marked.mp4", frames, draw)
    asset = a_registry_asset("ingesting", size_bytes=path.stat().st_size, original_filename=path.name)
    storage.store().put_bytes(asset.original_key, path.read_bytes(), content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    work_off()
    asset.refresh_from_db()
    return asset


def ask(api, asset, **body) -> tuple[int, dict]:
    return api.post("/video/masks/auto", {"asset_id": str(asset.pk), **body}, **HERE)


def made(api, asset, **body) -> dict:
    """The artifact that is made of marks."""
    status, answer = ask(api, asset, **body)
    assert status == 202, answer
    work_off()
    status, answer = ask(api, asset, **body)
    assert status == 200, answer
    return answer


def picture_of(artifact: dict) -> np.ndarray:
    """The mask as it is stored."""
    row = DerivedMedia.objects.get(pk=artifact["artifact_id"])
    data = storage.store().read_range(row.key, 0, row.size_bytes)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def likeness(mask: np.ndarray, truth: np.ndarray) -> float:
    return np.count_nonzero((mask > 127) & truth) / np.count_nonzero((mask > 127) | truth)


def test_a_point_selects_the_disc_in_the_frame_that_is_on_the_screen_then(api, tmp_path):
    asset = an_asset(tmp_path, lambda number: on_texture(disc(number)))
    point = {"x": (FIRST_X + STEP_X * 2) / WIDE, "y": 0.5, "label": 1}

    found = made(api, asset, time_ms=2 * 1000 / RATE + 10, points=[point], feather_radius=0)

    mask, meta = picture_of(found), found["meta"]
    assert mask.shape == (HIGH, WIDE)
    assert set(np.unique(mask)) == {0, 255}
    assert likeness(mask, disc(2)) >= 0.9
    assert likeness(mask, disc(1)) < 0.8
    assert (meta["frame_index"], meta["mask_type"], meta["point_count"], meta["stroke_count"]) == (2, "points", 1, 0)
    assert (meta["feather_radius"], meta["needs_review"], meta["review_reasons"]) == (0, False, [])
    assert (meta["backend_type"], meta["model_used"], len(meta["selection_hash"])) == ("dsp", "", 64)


def test_a_box_selects_the_rectangle_in_it_and_feathers_the_edge(api, tmp_path):
    asset = an_asset(tmp_path, lambda number: on_texture(rectangle()))

    found = made(api, asset, time_ms=0, box=BOX_AROUND, feather_radius=4)

    mask = picture_of(found)
    assert likeness(mask, rectangle()) >= 0.9
    assert mask[90, 240] == 255
    assert mask[90, 100] == 0
    assert 64 < mask[90, 199:201].mean() < 192
    assert found["meta"]["mask_type"] == "box"


def test_strokes_say_what_is_wanted_and_the_same_request_gives_the_same_bytes(api, tmp_path):
    both = disc(0) | rectangle()
    wanted = {"points": [{"x": 0.65, "y": 0.3}, {"x": 0.85, "y": 0.7}], "label": 1}
    asset, other = (an_asset(tmp_path, lambda number: on_texture(both)) for _ in range(2))

    one, again = (made(api, each, time_ms=0, strokes=[wanted]) for each in (asset, other))

    assert likeness(picture_of(one), rectangle()) >= 0.9
    assert np.array_equal(picture_of(one), picture_of(again))
    assert one["meta"]["selection_hash"] == again["meta"]["selection_hash"]
    assert one["meta"]["stroke_count"] == 1


def test_marks_on_nothing_ask_a_person_to_look(api, tmp_path):
    asset = an_asset(tmp_path, lambda number: on_texture(np.zeros((HIGH, WIDE), bool)))

    meta = made(api, asset, time_ms=0, points=[{"x": 0.5, "y": 0.5}])["meta"]

    assert meta["needs_review"] is True
    assert meta["review_reasons"]


def test_a_mask_is_read_back_and_laid_on_a_clip(api, tmp_path):
    asset = an_asset(tmp_path, lambda number: on_texture(disc(0)))
    mask = made(api, asset, time_ms=0, points=[{"x": FIRST_X / WIDE, "y": 0.5}])

    status, read = api.get(f"/video/masks/{mask['artifact_id']}", **HERE)
    project = post(api, "projects", {"title": "Cut out", "render_profile": "draft_480p_fast"}, 201)
    sequence = post(api, f"projects/{project['id']}/sequences", {"timebase": RATE}, 201)
    track = post(api, f"sequences/{sequence['id']}/tracks", {"kind": "video"}, 201)
    clip = {"asset_id": str(asset.pk), "in_ms": 0, "out_ms": 120, "mask_artifact_id": mask["artifact_id"]}
    post(api, f"tracks/{track['id']}/clips", clip, 201)
    plan = post(api, "render/dry-run", {"project_id": project["id"]}, 200)

    assert (status, read["kind"], read["meta"]["selection_hash"]) == (200, "mask", mask["meta"]["selection_hash"])
    assert mask["artifact_id"] in [one["artifact_id"] for one in plan["inputs"]]


def post(api, path, body, status):
    found, answer = api.post(f"/video/{path}", body, **HERE)
    assert found == status, answer
    return answer


def test_marks_and_times_outside_are_refused_by_name_and_strangers_find_nothing(api, tmp_path):
    asset = an_asset(tmp_path, lambda number: on_texture(disc(0)))
    point = {"x": 0.2, "y": 0.5}

    for body, field in (
        ({"time_ms": 0}, "points"),
        ({"time_ms": 0, "points": [{"x": 2, "y": 0}]}, "points[0].x"),
        ({"time_ms": 0, "box": {"x": 0, "y": 0, "width": 1, "height": 1.5}}, "box.height"),
        ({"time_ms": 10_000, "points": [point]}, "time_ms"),
    ):
        status, answer = ask(api, asset, **body)
        assert (status, answer["error"]["code"], answer["error"]["field"]) == (422, "bad_selection", field)
    assert ask(api, asset, points=[point])[0] == 400
    stranger = {"headers": {"X-Tenant-Id": "t_other", "X-Env": "dev"}}
    body = {"asset_id": str(asset.pk), "time_ms": 0, "points": [point]}
    assert api.post("/video/masks/auto", body, **stranger)[0] in (403, 404)


def test_a_box_around_a_person_selects_what_looks_like_the_ground_in_their_middle():
    folder = Path(next(iter(find_spec("skimage").submodule_search_locations)))
    picture = cv2.imread(str(folder / "data" / "astronaut.png"))
    person = Prompt(box=Box(20 / 512, 18 / 512, 342 / 512, 493 / 512))

    chosen = grabcut.cut(picture, person, grabcut.FIRST)

    # Hair, face, the dark ring of the suit, the suit, a sleeve; and the flag and the wall.
    assert all(chosen[y, x] for x, y in ((225, 45), (225, 115), (220, 215), (200, 330), (70, 420)))
    assert not any(chosen[y, x] for x, y in ((60, 180), (330, 60)))
    assert 0.3 < chosen.mean() < 0.5


@pytest.mark.parametrize("seed", [grabcut.FIRST, grabcut.SECOND])
def test_a_box_around_a_ring_selects_the_ring_and_not_the_ground_in_its_middle(seed):
    truth = cv2.circle(np.zeros((HIGH, WIDE), np.uint8), (150, 90), 60, 1, 22) > 0

    chosen = grabcut.cut(on_texture(truth), Prompt(box=Box(0.22, 0.05, 0.5, 0.9)), seed)

    assert masks.overlap(chosen, truth) > 0.9


def test_a_point_in_the_middle_that_is_not_wanted_frees_all_of_it():
    truth = cv2.circle(np.zeros((HIGH, WIDE), np.uint8), (150, 90), 60, 1, 22) > 0
    folder = Path(next(iter(find_spec("skimage").submodule_search_locations))) / "data"
    sky, ground = (cv2.resize(cv2.imread(str(folder / name)), SIZE) for name in ("rocket.jpg", "gravel.png"))
    picture, box = np.where(truth[..., None], sky, ground), Box(0.22, 0.05, 0.5, 0.9)

    def chosen(seed, *points):
        return grabcut.cut(picture, Prompt(box=box, points=points), seed)

    assert masks.doubts(chosen(grabcut.FIRST), chosen(grabcut.SECOND))
    assert masks.overlap(chosen(grabcut.FIRST, Point(0.47, 0.5, wanted=False)), truth) > 0.9
