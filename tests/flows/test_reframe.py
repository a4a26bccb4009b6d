"""A suggestion as it is rendered: a wide film in an upright frame, read back from the output's frames."""

from dataclasses import replace

import numpy as np
import pytest

from media_app.backends import faces
from media_app.core.vision.boxes import Box
from render_app.core.plan.request import RenderWish
from render_app.core.reframe import Framing, Look, Shot, suggest
from render_app.core.timeline import snapshot
from tests.support import films
from tests.support.faces import film, pasted, pictures

FRAMES = 40


def face_at(number: int) -> int:
    """The pasted head's left edge: it walks a tenth of the picture in 1.6 s, and after a cut it is at the right."""
    return 20 + number if number < 25 else 240


def suggested():
    looks = [
        Look(40.0 * number, Box((face_at(number) + 12) / 320, 55 / 180, 36 / 320, 50 / 180))
        for number in range(0, FRAMES, 5)
    ]
    return suggest(looks, [Shot(0, 1000), Shot(1000, 1600)], Framing(16 / 9, 9 / 16))


def rendered(folder) -> list[np.ndarray]:
    """The film in a frame of 180 by 320, with the suggestion as the clip's automation."""
    path = film(folder / "walk.mp4", FRAMES, lambda number: pasted(face_at(number), 40))
    found = suggested()
    curves = {"position_x": found.position_x, "position_y": found.position_y, "scale": found.scale}
    automation = [
        {
            "property": name,
            "target_type": "clip",
            "target_id": "c",
            "keyframes": [
                {"time_ms": key.time_ms, "value": key.value, "interpolation": "hold" if key.holds else "linear"}
                for key in keys
            ],
        }
        for name, keys in curves.items()
    ]
    clip = {"id": "c", "asset_id": "a", "in_ms": 0, "out_ms": 40 * FRAMES}
    tracks = [{"id": "t", "kind": "video", "clips": [clip]}]
    sequence = snapshot.read({"timebase": 25, "tracks": tracks, "automation": automation}).sequence
    profile = replace(films.small_profile(), width=180, height=320)
    plan = films.compiled(sequence, {"a": path}, RenderWish(profile))
    return pictures(films.rendered(plan, {"a": path}, folder))


@pytest.fixture(scope="module")
def upright(tmp_path_factory):
    return rendered(tmp_path_factory.mktemp("upright"))


def test_the_face_is_in_every_frame_of_the_upright_film(upright):
    assert (len(upright), upright[0].shape) == (FRAMES, (320, 180, 3))
    with faces.detector(0.35, lambda: None) as detect:
        for number in (0, 6, 12, 18, 24, 25, 32, 39):
            [found] = detect(upright[number])
            box = found.box
            assert (box.x > 0, box.x + box.width < 1) == (True, True), number


def test_no_border_shows_in_any_frame(upright):
    for number, picture in enumerate(upright):
        edges = [picture[:, :2], picture[:, -2:], picture[:2], picture[-2:]]
        assert min(float(np.median(edge)) for edge in edges) > 60, number
