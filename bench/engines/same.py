"""The same sound twice is the same bytes, and a changed byte of a model is another key."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import numpy as np
from django.test import override_settings

from bench.engines.scores import Row
from media_app.backends import aed, denoise, faces, whisper
from media_app.backends.files import ModelFile
from media_app.engines import asr, beat_features, preprocess, regions, segment, semantic_timeline, voice_enhance
from media_app.engines.base import Asked, EngineParams, Source, Subject, make_timed
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.models import MediaAsset
from tests.support import talk

ENGINES = (preprocess, segment, beat_features, asr, semantic_timeline, voice_enhance)
#: The models that an operator may replace, each with an engine that computes with it.
MODELS: tuple[tuple[ModelFile, ModuleType], ...] = (
    (whisper.MODEL, asr),
    (aed.MODEL, beat_features),
    (aed.MODEL, semantic_timeline),
    (denoise.MODEL, voice_enhance),
    (faces.MODEL, regions),
)


_SUBJECT = Subject(MediaAsset(pk=UUID(int=1), tenant_id="t_bench", env="dev", checksum="1" * 64))


def rows() -> Iterator[Row]:
    """Each engine that hears, twice; each model that an operator may replace, changed by a byte."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        sound = np.concatenate([talk.said(), talk.silence(1), talk.music(12), talk.noise(2)])
        heard = talk.wav(Path(folder) / "heard.wav", sound)
        for engine in ENGINES:
            first, again = (_bytes(engine, heard, Path(folder) / name / engine.ENGINE.name) for name in ("a", "b"))
            differing = sum(one != other for one, other in zip(first, again, strict=True))
            yield Row(
                engine.ENGINE.name,
                "files that differ, the same sound twice",
                differing,
                "",
                0.0,
                note=f"{len(first)} files",
            )
        for number, (model, engine) in enumerate(MODELS):
            same = _key_stays(model, engine, Path(folder) / f"own-{number}")
            yield Row(engine.ENGINE.name, f"keys that stay with a byte of {model.name} changed", same, "", 0.0)


def _bytes(engine: ModuleType, heard: Path, folder: Path) -> list[bytes]:
    """The files that the engine makes, with no time in them: what it took is a fact of its row alone."""
    folder.mkdir(parents=True)
    found, params = inspect(heard), engine.Params()
    source = Source(heard, found, backend=engine.ENGINE.choose().backend.name, duration_ms=1000 * float(found.duration))
    made = make_timed(engine, source, Asked(_SUBJECT, params, "k"), Workspace(folder))
    return [file.path.read_bytes() for file in made.files]


def _key_stays(model: ModelFile, engine: Any, folder: Path) -> int:
    """How many keys are the same with an operator's own copy of the model and with one that differs by a bit."""
    folder.mkdir()
    copy = folder / model.path.name
    if model.in_folder:
        shutil.copytree(model.path.parent, folder, dirs_exist_ok=True)
    else:
        shutil.copyfile(model.path, copy)
    params: EngineParams = engine.Params()
    with override_settings(**{model.setting: str(folder if model.in_folder else copy)}):
        before = engine.ENGINE.cache_key(_SUBJECT, params)
        data = bytearray(copy.read_bytes())
        data[-1] ^= 1
        copy.unlink()
        copy.write_bytes(data)
        after = engine.ENGINE.cache_key(_SUBJECT, params)
    shutil.rmtree(folder)
    return int(before == after)
