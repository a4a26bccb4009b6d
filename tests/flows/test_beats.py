"""Beats of music, on the beat; none where there is no music."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.engines import noises
from media_app.engines import beat_features
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import talk


def document(folder: Path, *parts: np.ndarray, backend: str = "onsets_aed", **params) -> dict:
    """What the engine says of this sound."""
    path = talk.wav(folder / "heard.wav", *parts)
    found = inspect(path)
    source = Source(path, found, duration_ms=1000 * float(found.duration), backend=backend)
    [made] = beat_features.make(source, beat_features.Params(**params), Workspace(folder)).documents
    return json.loads(json.dumps(made.body, allow_nan=False)) | {"meta": made.meta}


def test_the_beats_of_a_song_after_speech_are_where_its_drum_is(tmp_path):
    intro = talk.silence(3)
    said = document(tmp_path, intro, talk.music(12, 100))
    assert said["bpm"] == pytest.approx(100, abs=0.5)
    times = np.array([beat["time_ms"] for beat in said["beats"]])
    assert len(times) >= 15
    assert times.min() >= 2900
    assert np.median(np.abs((times - 3000) % 600 - 600 * (((times - 3000) % 600) > 300))) < 15
    assert [beat["bar_index"] for beat in said["beats"][:5]] == [0, 0, 0, 0, 1]
    assert said["downbeats"][:2] == [times[0], times[4]]
    assert (said["downbeat_source"], said["reason"]) == ("assumed", None)
    assert said["meta"]["beat_features"]["beat_count"] == len(times)


@pytest.mark.parametrize("backend", ["onsets_aed", "onsets"])
def test_noise_and_silence_have_no_beats_and_say_so(backend, tmp_path):
    said = document(tmp_path, talk.noise(6), talk.silence(4), backend=backend)
    assert (said["beats"], said["bpm"], said["reason"]) == ([], None, "no_steady_pulse")


@talk.needs_speech
def test_speech_has_no_beats(tmp_path):
    said = document(tmp_path, *[talk.said()] * 3, beats_per_bar=None)
    assert (said["beats"], said["grid"]) == ([], None)


def test_laughter_has_no_beats(tmp_path):
    assert document(tmp_path, noises.noise("laughter", 12))["beats"] == []


def test_drums_alone_have_beats(tmp_path):
    said = document(tmp_path, noises.noise("drums", 12, seed=2))
    assert len(said["beats"]) >= 17
    assert said["reason"] is None
