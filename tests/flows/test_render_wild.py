"""No plan fails inside ffmpeg: wild timelines, each field at its ends, are made without a word on stderr and with every frame."""

import os
import random
import subprocess
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_app.core.sound.speech import Region
from media_app.making.speech_key import write_key
from render_app.core import catalogue
from render_app.core.plan.compiling import Plan
from render_app.core.plan.looks import LOOKS
from render_app.core.plan.request import RenderWish
from render_app.core.timeline import snapshot
from render_app.core.timeline.fields import Number
from render_app.core.timeline.refusals import TimelineRefused
from render_app.making.prepared import prepare
from tests.support import media
from tests.support.films import commands_of, compiled, materials_of, small_profile
from tests.support.pictures import png

WILD, FIRST = int(os.environ.get("PROVE_WILD", "3")), int(os.environ.get("PROVE_FIRST", "0"))
#: What ffmpeg says of a WAV that names no channels, and of a frame in which there is nothing to hold on to.
HARMLESS = ("Guessed Channel Layout", "too low contrast. (no translations are detected")
WAYS = ("linear", "hold", "ease")
FILES = {
    "a": lambda: media.slate(seconds=4, rate="25"),
    "b": lambda: media.slate("tall.mp4", seconds=4, rate="30000/1001", size=(90, 160)),
    "c": lambda: media.slate("odd.mkv", seconds=4, rate="50", size=(202, 122), audio=None),
    "d": lambda: media.slate("only.wav", seconds=4, video=None, audio=media.PCM),
}


def drawn(random_: random.Random) -> dict:
    """A snapshot of what can be rendered, with numbers up to the ends of their ranges and beyond."""
    tracks = [_track(random_, number) for number in range(random_.randint(1, 3))]
    ids = [clip["id"] for track in tracks for clip in track["clips"]]
    targets = [("clip", id) for id in random_.sample(ids, min(2, len(ids)))] + [("track", "t0"), ("sequence", "s")]
    return {
        "id": "s",
        "timebase": 25,
        "duration_ms": random_.choice([None, None, 700, 4000]),
        "tracks": tracks,
        "transitions": [one for track in tracks for one in _transitions(random_, track)],
        "filter_stacks": [
            {"target_type": type, "target_id": id, "filters": [_filter(random_) for _ in range(random_.randint(0, 3))]}
            for type, id in targets
        ],
        "automation": [_curve(random_, *one) for one in _curved(random_, targets)],
    }


def _curved(random_: random.Random, targets: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Some properties of some records, each once."""
    every = [
        (type, id, one.name) for type, id in targets for one in catalogue.properties().values() if type in one.targets
    ]
    return random_.sample(every, random_.randint(0, min(4, len(every))))


def _curve(random_: random.Random, type: str, id: str, name: str) -> dict:
    kind, at = (
        catalogue.properties()[name],
        sorted(random_.sample([0, 0.4, 40, 333.3, 1000, 5000], random_.randint(1, 4))),
    )
    values = [kind.low, kind.high, kind.default, kind.low - 1, kind.default + 0.1]
    keys = [{"time_ms": ms, "value": random_.choice(values), "interpolation": random_.choice(WAYS)} for ms in at]
    return {"target_type": type, "target_id": id, "property": name, "keyframes": keys}


def _track(random_: random.Random, number: int) -> dict:
    at, clips = random_.choice([0, 0, 130.5]), []
    for place in range(random_.randint(1, 4)):
        speed = random_.choice([1, 1, 1, 0.5, 2, 3.3, 0.01, 100, 0.123])
        begin, length = random_.choice([0, 0.1, 1000, 2333.3]), random_.choice([40, 333, 900.7, 1500])
        clip = {
            "id": f"t{number}.{place}",
            **_content(random_),
            "in_ms": begin,
            "out_ms": begin + length,
        }
        clips.append(clip | {"start_ms_on_timeline": at, "speed": max(speed, length / 6000)} | _looks(random_))
        at = max(0, at + length / clips[-1]["speed"] + random_.choice([0, 0, 0, 200, -100]))
    fields: dict = {
        "hidden": random_.random() < 0.1,
        "muted": random_.random() < 0.1,
        "volume_db": random_.choice([0, -96, 24]),
    }
    if random_.random() < 0.3:
        fields |= {"audio_role": "music", "ducking": {"key_role": "generic", "amount_db": random_.choice([0, 12, 30])}}
    return {"id": f"t{number}", "kind": "video", "order": random_.randint(-1, 2), "clips": clips, **fields}


def _content(random_: random.Random) -> dict:
    text = {
        "text": random_.choice(
            ["a", "Wide words that go on\nand on", "\u0645\u0631\u062d\u0628\u0627 12", "\U0001f600"]
        ),
        "size": random_.choice([4, 72, 1080]),
        "tracking": random_.choice([0, -500, 2000]),
        "box": random_.choice([{}, {"x": -1, "width": 0.001}]),
        "fill": random_.choice(["#ffffff", "#ff000000"]),
    }
    shapes = [
        {"type": "rect", "x": -20_000, "width": 20_000, "height": 1, "radius": random_.choice([0, 500])},
        {"type": "ellipse", "width": random_.choice([1, 1e-6]), "height": 20_000, "rotation": 45},
        {"type": "path", "d": "M 0 0 A 9 9 0 1 1 500 500", "stroke": "#00ff0080", "stroke_width": 20_000},
    ]
    ops = [
        {
            "op": random_.choice(["union", "difference", "intersection", "xor"]),
            "shapes": ["shape_0", "shape_2", "shape_1"],
        }
    ]
    vector = {"shapes": shapes, "boolean_ops": random_.choice([[], ops])}
    return random_.choice([{"asset_id": random_.choice("aabbcdm")}] * 6 + [{"text": text}, {"vector": vector}])


def _looks(random_: random.Random) -> dict:
    choices = {
        "scale_mode": ["fit", "fill", "stretch", "none"],
        "scale": [1, 0.01, 20, 0.333],
        "rotation": [90, 45.5, -36_000, 720.1],
        "position": [{"x": -10, "y": 10}, {"x": 0, "y": 1}, {"x": 0.503, "y": 0.3}],
        "crop": [{"left": 0.999}, {"left": 0.3, "right": 0.3, "top": 0.1}, {"bottom": 0.97}],
        "opacity": [0, 0.5, 0.003],
        "keep_pitch": [False],
        "volume_db": [-96, 24, 3.3],
        "fade_in_ms": [1, 5000],
        "fade_out_ms": [1, 5000],
        "mask_artifact_id": ["m"],
        "blend_mode": list(catalogue.blends()),
        "slowmo_quality": ["high", "medium", "fast"],
        "optical_flow": [True],
        "stabilise": [{}, {"smoothing": 0, "zoom": 50, "crop": "black"}, {"tripod": True, "zoom": -50}],
    }
    return {name: random_.choice(values) for name, values in choices.items() if random_.random() < 0.3}


def _transitions(random_: random.Random, track: dict) -> list[dict]:
    pairs = list(zip(track["clips"], track["clips"][1:], strict=False))
    kinds = list(catalogue.transitions())
    return [
        {
            "type": random_.choice(kinds), "from_clip_id": a["id"], "to_clip_id": b["id"],
            "duration_ms": random_.choice([40, 80, 120, 400, 5000]),
        }
        for a, b in pairs
        if random_.random() < 0.4
    ]  # fmt: skip


def _filter(random_: random.Random) -> dict:
    kind = catalogue.filters()[random_.choice(list(LOOKS))]
    numbers = [one for one in kind.params if isinstance(one, Number)]
    params = {one.name: random_.choice([one.low - 1, one.low, one.high, one.high + 1, one.default]) for one in numbers}
    ids = {"lut_artifact_id": "l"} if kind.name == "lut" else {}
    masks = {"mask_artifact_id": "m"} if kind.mask else {}
    return {"type": kind.name, "params": params | ids | masks}


def _first_that_can_be_made(random_: random.Random, files: Mapping[str, Path], wish: RenderWish) -> Plan:
    """The first plan of what is drawn; what is refused is refused by its record."""
    while True:
        try:
            return compiled(snapshot.read(drawn(random_)).sequence, files, wish, materials_of(files))
        except TimelineRefused as refused:
            if not refused.details:
                raise


@pytest.mark.parametrize("seed", range(FIRST, FIRST + WILD))
def test_a_wild_timeline_is_refused_by_name_or_made_whole(seed, tmp_path):
    files = {name: make() for name, make in FILES.items()}
    files["m"] = png(tmp_path / "m.png", np.tri(33, 61, 20, np.uint8) * 255)
    files["l"] = tmp_path / "l.cube"
    files["l"].write_text("LUT_3D_SIZE 2\n" + "".join(f"{n & 1} {n >> 1 & 1} {1 - (n >> 2)}\n" for n in range(8)))
    profile = small_profile(random.Random(seed).choice([Fraction(25), Fraction(30000, 1001), Fraction(50)]), pcm=True)
    plan = _first_that_can_be_made(random.Random(seed), files, RenderWish(profile))
    for name, text in plan.files.items():
        (tmp_path / name).write_text(text)
    prepare(plan.as_json, [files[one["asset_id"]] for one in plan.inputs], tmp_path)
    for one in plan.measures:
        write_key(tmp_path / one["writes"], (Region(0.5, 2.0),), plan.expected.duration_ms / 1000 + 1)
    film = tmp_path / "film.mov"
    for args in commands_of(plan, files, film):
        done = subprocess.run(
            ["ffmpeg", "-v", "warning", "-nostdin", "-y", *args], cwd=tmp_path, capture_output=True, text=True
        )
        said = [line for line in done.stderr.splitlines() if not any(one in line for one in HARMLESS)]
        assert (done.returncode, said) == (0, []), args
    _look_at(film, plan)


def _look_at(film: Path, plan) -> None:
    found = media.probe(film, "-count_packets", "-show_streams")["streams"]
    assert int(found[0]["nb_read_packets"]) == plan.expected.frames
    assert int(found[1]["duration_ts"]) == plan.expected.audio_samples
