"""What is moved through the sync lies where the other camera's own analysis has it."""

import numpy as np
import pytest

from bench.engines.running import run
from media_app.engines import asr, beat_features, semantic_timeline
from render_app.core import heard_once
from render_app.core.heard import Stretch
from tests.support import talk

#: Camera B starts so much later, its clock runs fast by 40 ppm, and it stands farther from the sound.
LATE_MS, PACE = 400.0, 1 + 40e-6
NEAR_MS = 30


@pytest.fixture(scope="module")
def cameras():
    """The same sound at both cameras: speech, then music."""
    sound = np.concatenate([talk.silence(0.5), talk.said(), talk.silence(1.5), talk.music(12, 104), talk.silence(1)])
    times = (LATE_MS / 1000 + np.arange(int((len(sound) / talk.RATE - 2) * talk.RATE)) / talk.RATE * PACE) * talk.RATE
    far = (
        0.4 * np.interp(times, np.arange(len(sound)), sound)
        + talk.noise(len(times) / talk.RATE, 0.0003, 5)[: len(times)]
    )
    ends_ms = LATE_MS + 1000 * PACE * len(far) / talk.RATE
    return sound, far.astype(np.float32), (Stretch(LATE_MS, ends_ms, 1 / PACE, -LATE_MS / PACE),)


@talk.needs_speech
def test_words_beats_and_speech_are_where_the_camera_itself_hears_them(cameras):
    near, far, way = cameras

    words, own = (
        [word for one in body["segments"] for word in one["words"]]
        for body in (heard_once.moved("asr_transcript", run(asr, near).body, way), run(asr, far).body)
    )
    same = [(one, other) for one, other in zip(words, own, strict=True) if one["text"] == other["text"]]
    assert len(same) >= 0.8 * len(own)
    assert np.median([abs(one["start_ms"] - other["start_ms"]) for one, other in same]) <= NEAR_MS

    moved, own = (
        [beat["time_ms"] for beat in body["beats"]]
        for body in (
            heard_once.moved("beat_features", run(beat_features, near).body, way),
            run(beat_features, far).body,
        )
    )
    # Each finds the first and the last beats of the music or not: what both have is compared.
    both = [one for one in own if moved[0] - NEAR_MS <= one <= moved[-1] + NEAR_MS]
    assert len(both) >= 16
    assert max(min(abs(one - other) for other in moved) for one in both) <= NEAR_MS

    moved, own = (
        [(one["start_ms"], one["end_ms"]) for one in body["events"] if one["kind"] in ("speech", "music")]
        for body in (
            heard_once.moved("audio_semantic_timeline", run(semantic_timeline, near).body, way),
            run(semantic_timeline, far).body,
        )
    )
    assert np.abs(np.subtract(moved, own)).max() <= NEAR_MS
