"""Engines that hear: the sound cut and cleaned, every sample where the recording has it."""

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from media_app.audio import WavWriter, open_wav
from media_app.engines import preprocess, segment
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import media

RATE = 48_000


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """Two seconds of clicks on noise, off center by a tenth."""
    noise = np.random.default_rng(5).standard_normal(2 * RATE) * 0.02
    return (media.clicks(2.0) * 0.5 + noise + 0.1).astype(np.float32)


def source_of(path: Path) -> Source:
    found = inspect(path)
    return Source(path, found, duration_ms=1000 * float(found.duration))


def read_all(path: Path) -> np.ndarray:
    with open_wav(path) as wav:
        return np.concatenate(list(wav.blocks()))


def a_wav(path: Path, sound: np.ndarray, **options) -> Path:
    with WavWriter(path, RATE, 2, **options) as out:
        samples = np.rint(sound * 32767).astype(np.int16) if options else sound
        out.write(np.stack([samples, samples], axis=1))
    return path


def test_segments_are_the_samples_of_the_recording_bit_for_bit(sound, tmp_path):
    path = a_wav(tmp_path / "heard.wav", sound, int16=True)
    params = segment.Params(segment_seconds=0.75, overlap_seconds=0.25)
    made = segment.make(source_of(path), params, Workspace(tmp_path))
    with open_wav(path) as whole:
        for file in made.files:
            with open_wav(file.path) as piece:
                first = file.meta["first_sample"]
                assert np.array_equal(piece.read_int16(0, piece.frames), whole.read_int16(first, piece.frames))
                assert (file.start_ms, file.end_ms) == (first / 48, (first + piece.frames) / 48)
    assert [file.start_ms for file in made.files] == [0, 500, 1000, 1500]
    assert made.files[-1].end_ms == 2000


def test_a_compressed_artifact_is_cut_too(tmp_path):
    clip = media.slate("cut.m4a", seconds=2, video=None, audio=media.AAC)
    made = segment.make(source_of(clip), segment.Params(segment_seconds=1.0), Workspace(tmp_path))
    joined = np.concatenate([read_all(file.path) for file in made.files])
    assert media.click_times(joined, made.files[0].meta["sample_rate"]) == pytest.approx([0.25, 1.0], abs=0.002)


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_clean_sound_has_no_offset_no_lag_and_the_length_of_the_recording(sound, rate, tmp_path):
    path = a_wav(tmp_path / "heard.wav", sound)
    [file] = preprocess.make(source_of(path), preprocess.Params(sample_rate=rate), Workspace(tmp_path)).files
    clean = read_all(file.path)
    assert abs(len(clean) - 2 * rate) <= 1
    assert abs(float(clean.mean())) < 1e-4
    assert file.meta["dc_offset"] == pytest.approx(float(sound.mean()), abs=1e-4)
    reference = signal.resample_poly(sound - sound.mean(), rate // 100, RATE // 100)[: len(clean)]
    lags = signal.correlate(clean, reference, mode="full", method="fft")
    assert int(np.argmax(lags)) - (len(reference) - 1) == 0


def test_the_same_sound_is_the_same_bytes(sound, tmp_path):
    path = a_wav(tmp_path / "heard.wav", sound)
    made = [
        preprocess.make(source_of(path), preprocess.Params(), Workspace(tmp_path).subfolder(name)).files[0].sha256
        for name in ("one", "two")
    ]
    assert made[0] == made[1]
