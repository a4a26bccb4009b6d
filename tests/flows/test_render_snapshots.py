"""Random requests, a third of them broken: a plan or a refusal that names the record, and no valid one refused; plans that are run
make their film without a word from ffmpeg.

The generator, `tests/support/snapshots.py`, knows which are valid and shares nothing with the planner. A few run here; `make
prove-snapshots` takes as many as SNAPSHOTS and EXECUTED say.
"""

import json
import os
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_app import process, storage
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.models import MediaAsset
from render_app.core import catalogue
from render_app.making import film
from sessions_app.errors import StudioError
from sessions_app.models import RecordingSession
from tests.support import media
from tests.support.broken_snapshots import case_of
from tests.support.factories import TENANT, Api, a_registry_asset, a_result, a_session, an_asset
from tests.support.pictures import png
from tests.support.snapshots import Case, Item, Stock

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"headers": {"X-Tenant-Id": TENANT, "X-Env": "dev"}}
ASKED, EXECUTED = int(os.environ.get("PROVE_SNAPSHOTS", "150")), int(os.environ.get("PROVE_EXECUTED", "3"))
FIRST = int(os.environ.get("PROVE_FIRST", "0"))
#: What ffmpeg says of a WAV that names no channels.
HARMLESS = "Guessed Channel Layout"
SMALL = (160, 90)
RATES = ("25", "30000/1001", "24000/1001", "50")
FILMS = {
    "plain.mp4": {"rate": "25"},
    "tall.mov": {"rate": "30000/1001", "size": (90, 160), "audio": media.PCM},
    "odd.mkv": {"rate": "50", "size": (202, 122), "audio": None},
    "late.mp4": {"rate": "25", "video_late": 0.31},
}


class Shelf:
    """Files in the registry, and where each lies on this disk."""

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}

    def put(self, path: Path, asset: MediaAsset) -> MediaAsset:
        found = None if asset.kind in ("image", "other") else inspect(path).as_json()
        ms = found and round(found["duration"] * 1000)
        facts = {"checksum": f"{asset.pk}", "size_bytes": path.stat().st_size, "original_filename": path.name}
        if found:
            video = found["video"]
            facts |= {
                "media_info": found,
                "duration_ms": ms,
                "has_audio": bool(found["audio"]),
                "fps": found.get("rate") or "",
            }
            facts |= {"width": video["width"], "height": video["height"]} if video else {"kind": "audio"}
        MediaAsset.objects.filter(pk=asset.pk).update(**facts)
        storage.store().put_bytes(asset.original_key, path.read_bytes(), content_type="video/mp4")
        self.paths[str(asset.pk)] = path
        asset.refresh_from_db()
        return asset

    def item(self, path: Path) -> Item:
        asset = self.put(path, a_registry_asset(original_filename=path.name))
        return Item({"asset_id": str(asset.pk)}, 0, asset.duration_ms, asset.kind == "video", asset.has_audio)

    def picture(self, path: Path) -> Item:
        form = {"container": "png"}
        size = {"width": 61, "height": 33}
        asset = a_registry_asset(original_filename=path.name, kind="image", media_info=form, checksum="p", **size)
        self.put(path, asset)
        return Item({"asset_id": str(asset.pk)}, 0, None, sound=False)

    def camera(self, session: RecordingSession, label: str, path: Path) -> MediaAsset:
        return self.put(path, an_asset(session, label))


def _cameras(shelf: Shelf) -> list[Item]:
    """Two cameras of an approved session, one that began earlier and drifts."""
    session = a_session()
    lasts = {}
    for label, rate in (("A", "25"), ("B", "30000/1001")):
        path = media.slate(f"{label}.mp4", seconds=6, rate=rate, size=SMALL, flash_phase=0.1 * ord(label))
        lasts[label] = shelf.camera(session, label, path).duration_ms
    RecordingSession.objects.filter(pk=session.pk).update(status="ready")
    a_result(
        session,
        {"A": 0.0, "B": -731.4},
        drift_ppm={"A": None, "B": 40.0},
        operator_status="approved",
        decided_by="Maya",
    )
    begins = {"A": 0, "B": -731}
    return [
        Item({"session_id": str(session.pk), "camera_label": label}, begins[label], begins[label] + lasts[label] - 2)
        for label in "AB"
    ]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def stock(shelf, tmp_path) -> Stock:
    """Films of several rates and shapes, sound alone, a picture, a mask, a table, and two cameras."""
    films = [shelf.item(media.slate(name, seconds=4, **{"size": SMALL} | more)) for name, more in FILMS.items()]
    sound = shelf.item(media.slate("only.wav", seconds=4, video=None, audio=media.PCM))
    picture = shelf.picture(png(tmp_path / "mask.png", np.tri(33, 61, 20, np.uint8) * 255))
    cube = tmp_path / "l.cube"
    cube.write_text("LUT_3D_SIZE 2\n" + "".join(f"{n & 1} {n >> 1 & 1} {1 - (n >> 2)}\n" for n in range(8)))
    table = shelf.put(cube, a_registry_asset(original_filename="l.cube", kind="other"))
    id = picture.names["asset_id"]
    return Stock([*films, sound, picture, *_cameras(shelf)], [id], [str(table.pk)], [id])


@pytest.fixture
def api(settings):
    settings.MEZZANINE = "off"
    return Api()


def fault_of(case: Case, status: int, answer: dict) -> str:
    """What of an answer is not as it must be; empty for nothing."""
    if not case.codes:
        return "" if status == 200 else f"a valid request was refused: {answer}"
    if not 400 <= status < 500:
        return f"{case.fault} gave {status}"
    error = answer["error"]
    if error["code"] not in case.codes:
        return f"{case.fault} is {error}"
    named = {name: error["details"].get(name) for name in case.details}
    return "" if named == case.details and error["message"] else f"{case.fault} names {error}, not {case.details}"


def test_what_is_valid_has_a_plan_and_what_is_broken_is_refused_by_name(api, stock):
    wrong = []
    for seed in range(FIRST, FIRST + ASKED):
        case = case_of(seed, stock)
        status, answer = api.post("/video/render/dry-run", case.request, **HERE)
        if fault := fault_of(case, status, answer):
            wrong.append(f"seed {seed}: {fault}")
    assert not wrong, f"{len(wrong)} of {ASKED}: {wrong[:20]}"


def _small(seed: int) -> None:
    """Every profile at a small size, and a rate of the seed."""
    for name, profile in list(catalogue.profiles().items()):
        rate = Fraction(RATES[seed % len(RATES)])
        catalogue.profiles()[name] = replace(profile, width=SMALL[0], height=SMALL[1], fps=rate)


@pytest.fixture
def ordinary_profiles():
    """The profiles as they were, when the test is over."""
    kept = dict(catalogue.profiles())
    yield
    catalogue.profiles().update(kept)


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What ffmpeg says, but for meters, which are meant to speak."""
    lines, run = list[str](), process.ffmpeg

    def listening(args, *rest, limits, **more):
        # Nobody waits for a page here.
        done = run(args, *rest, limits=replace(limits, nice=0), **more)
        if "info" not in args:
            lines.extend(line for line in done.stderr_tail.splitlines() if HARMLESS not in line)
        return done

    monkeypatch.setattr(process, "ffmpeg", listening)
    return lines


def _executed(plan: dict, shelf: Shelf, said: list[str], folder: Path) -> str:
    """What is wrong with a film as a job makes it, frames and samples counted; empty for nothing."""
    said.clear()
    try:
        film.render(plan, [shelf.paths[one["asset_id"]] for one in plan["inputs"]], Workspace(folder), stall_s=300)
    except (RuntimeError, StudioError) as error:
        return repr(error)
    return " ".join(said)


def test_plans_of_valid_requests_run_without_a_word(api, stock, shelf, ordinary_profiles, said, tmp_path):
    wrong = []
    for seed in range(FIRST, FIRST + EXECUTED):
        _small(seed)
        case = case_of(3 * seed, stock, short=True)
        status, plan = api.post("/video/render/dry-run", case.request, **HERE)
        assert status == 200, plan
        folder = tmp_path / str(seed)
        folder.mkdir()
        if fault := _executed(plan, shelf, said, folder):
            wrong.append(f"seed {seed}: {fault[:1500]}: {json.dumps(case.request)}")
        shutil.rmtree(folder)
    assert not wrong, f"{len(wrong)} of {EXECUTED}: {wrong[:5]}"
