"""Enhanced voices: noise taken away and nothing moved; what would harm is kept as it was."""

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from media_app.audio import WavWriter, open_wav
from media_app.engines import voice_enhance
from media_app.engines.base import Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import voices
from tests.support.talk import needs_speech

pytestmark = needs_speech
RATE = 48_000


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    return voices.spoken()[: 3 * RATE]


def enhanced(folder: Path, left: np.ndarray, right: np.ndarray | None = None, *, backend="deepfilternet", **params):
    """What comes out of the engine for this sound: samples (n, channels), meta."""
    heard = folder / "heard.wav"
    with WavWriter(heard, RATE, 2) as out:
        out.write(np.stack([left, left if right is None else right], axis=1).astype(np.float32))
    found, work = inspect(heard), Workspace(folder).subfolder("made")
    source = Source(heard, found, duration_ms=1000 * float(found.duration), backend=backend)
    [file] = voice_enhance.make(source, voice_enhance.Params(**params), work).files
    with open_wav(file.path) as wav:
        return wav.read_channels(0, wav.frames), file.meta


def distance_db(clean: np.ndarray, sound: np.ndarray) -> float:
    """How far the sound is from the clean voice at its best gain, dB: higher is nearer (SI-SDR)."""
    voiced = clean * (sound @ clean) / (clean @ clean)
    return float(10 * np.log10(np.sum(voiced**2) / np.sum((sound - voiced) ** 2)))


def lag(before: np.ndarray, after: np.ndarray) -> int:
    return int(np.argmax(signal.correlate(after, before, method="fft"))) - (len(before) - 1)


def test_white_noise_is_taken_away_and_nothing_moves(voice, tmp_path):
    noisy = voice + voices.at_snr(voice, voices.white(len(voice)), 5)
    out, meta = enhanced(tmp_path, noisy, mode="phone_recording")
    assert out.shape == (len(noisy), 1)
    assert abs(lag(noisy, out[:, 0])) <= 1
    assert distance_db(voice, out[:, 0]) > distance_db(voice, noisy) + 3
    assert (meta["rejected_by_guard"], meta["lag_samples"], meta["attenuation_limit_db"]) == (False, 0, 40)
    assert [stage["stage"] for stage in meta["stages"]] == ["highpass", "denoise", "loudness"]
    assert np.abs(out).max() <= 10 ** (-1 / 20) + 1e-4


def test_a_second_voice_is_not_made_unintelligible(voice, tmp_path):
    crowd = voice + voices.at_snr(voice, voices.babble(len(voice)), 5)
    out, meta = enhanced(tmp_path, crowd, aggressiveness=1.0)
    assert meta["attenuation_limit_lowered"] or meta["rejected_by_guard"]
    if meta["rejected_by_guard"]:
        assert meta["rejected_reason"]
        assert out[:, 0] == pytest.approx(crowd, abs=1e-6)


def test_a_clean_voice_stays_what_it_is(voice, tmp_path):
    out, meta = enhanced(tmp_path, voice)
    assert distance_db(voice, out[:, 0]) > 25
    assert meta["loudness"]["output_lufs"] == pytest.approx(meta["loudness"]["input_lufs"], abs=0.2)


def test_two_microphones_stay_apart(voice, tmp_path):
    other = voices.spoken("rms")[: len(voice)] * 0.5
    out, meta = enhanced(tmp_path, voice, other, mode="podcast")
    assert (out.shape[1], meta["channels"]) == (2, 2)
    assert abs(float(np.corrcoef(out[:, 0], voice)[0, 1])) > 0.9
    assert abs(float(np.corrcoef(out[:, 0], other)[0, 1])) < 0.2


def test_the_fallback_moves_nothing_either(voice, tmp_path):
    noisy = voice + voices.at_snr(voice, voices.white(len(voice)), 10)
    out, meta = enhanced(tmp_path, noisy, backend="ffmpeg")
    assert len(out) == len(noisy)
    assert abs(lag(noisy, out[:, 0])) <= 1
    # It takes too little of white noise to be sure that there is any, and goes by the gentlest limit.
    assert meta["stages"][1] == {"stage": "denoise", "with": "ffmpeg", "attenuation_limit_db": 6}


def test_silence_is_kept_as_it_is(tmp_path):
    out, meta = enhanced(tmp_path, np.zeros(RATE, np.float32))
    assert meta["rejected_by_guard"]
    assert not out.any()


def test_whoever_is_named_it_is_the_same_question():
    named = voice_enhance.Params(target_speaker_id="B", mode="podcast").as_json()
    assert named == voice_enhance.Params(mode="podcast").as_json()
    assert voice_enhance.Params(**named).as_json() == named
