"""A film as loud as it was asked to be, and tracks that sink while others speak: measured in what came out."""

import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, Ducking, MediaReference, Sequence, Track
from tests.support import media
from tests.support.films import compiled, made, small_profile

RATE, SAMPLES = Fraction(25), 48_000


def speech() -> Path:
    """Talk in seconds 2 to 4 of 8."""

    def make(path: Path) -> None:
        sound = np.zeros(8 * SAMPLES, np.float32)
        sound[2 * SAMPLES : 4 * SAMPLES] = 0.4 * media.speech_like(2)
        media.write_wav(path, np.stack([sound, sound], axis=1))

    return media.cached("talk.wav", 8, make)


def music(level: float = 0.1, knocks: bool = False) -> Path:
    """An even high tone; with knocks, two of full scale in each second."""

    def make(path: Path) -> None:
        sound = level * np.sin(2 * np.pi * 9000 * np.arange(8 * SAMPLES) / SAMPLES)
        for at in range(0, 8 * SAMPLES, SAMPLES // 2) if knocks else ():
            sound[at : at + 480] = 0.95 * np.sin(2 * np.pi * 1000 * np.arange(480) / SAMPLES)
        media.write_wav(path, np.stack([sound, sound], axis=1).astype(np.float32))

    return media.cached("music.wav", (level, knocks), make)


def clip(id: str) -> Clip:
    return Clip(id, MediaReference(id), Fraction(8000))


def loudness(path: Path) -> tuple[float, float]:
    """LUFS and dBTP, by ffmpeg's meter on the finished file."""
    args = [
        "ffmpeg",
        "-hide_banner",
        "-nostats",
        "-i",
        str(path),
        "-af",
        "ebur128=peak=true:dualmono=true",
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(args, capture_output=True, text=True, check=True).stderr.rpartition("Summary")[2]
    return float(re.search(r"I:\s+(\S+) LUFS", said)[1]), float(re.search(r"Peak:\s+(\S+) dBFS", said)[1])


@pytest.mark.parametrize(("target", "channels", "knocks"), [(-16.0, 2, False), (-23.0, 1, False), (-14.0, 2, True)])
def test_a_film_is_as_loud_as_asked_and_no_peak_is_above_the_ceiling(target, channels, knocks, tmp_path):
    sequence = Sequence("s", RATE, tracks=(Track("t", "audio", (clip("m"),)),))
    wish = replace(RenderWish(small_profile(RATE, pcm=True), channels), target_lufs=target)
    files = {"m": music(0.05, knocks)}
    plan = compiled(sequence, files, wish)
    file = made(plan, files, tmp_path)
    integrated, peak = loudness(file.path)
    assert integrated == pytest.approx(target, abs=0.5)
    assert peak <= -1.4
    assert file.meta["loudness"]["after_lufs"] == pytest.approx(integrated, abs=0.11)
    assert file.meta["loudness"]["gain_kind"] == ("limited" if knocks else "gain")
    assert "warning" not in file.meta["loudness"]
    sound, _ = media.decode_sound(file.path)
    assert len(sound) == plan.expected.audio_samples


def test_silence_has_no_loudness_and_is_left_as_it_is(tmp_path):
    quiet = replace(clip("m"), volume_db=-96.0)
    sequence = Sequence("s", RATE, tracks=(Track("t", "audio", (quiet,)),))
    wish = replace(RenderWish(small_profile(RATE, pcm=True)), target_lufs=-16.0)
    facts = made(compiled(sequence, {"m": music()}, wish), {"m": music()}, tmp_path).meta["loudness"]
    assert (facts["before_lufs"], facts["gain_db"]) == (None, 0)
    assert "left unchanged" in facts["warning"]


def test_music_sinks_by_its_amount_while_somebody_speaks_and_comes_back(tmp_path):
    tracks = (
        Track("talk", "audio", (clip("d"),), audio_role="dialogue"),
        Track("music", "audio", (clip("m"),), audio_role="music", ducking=Ducking("dialogue", 12)),
        Track("other", "audio", (replace(clip("m"), id="x"),), audio_role="fx", muted=True),
    )
    files = {"d": speech(), "m": music()}
    wish = RenderWish(small_profile(RATE, pcm=True))
    sound, _ = media.decode_sound(made(compiled(Sequence("s", RATE, tracks=tracks), files, wish), files, tmp_path).path)
    high = np.abs(np.fft.rfft(sound[: 8 * SAMPLES].reshape(-1, 4800), axis=1)[:, 895:906]).max(axis=1) / 2400 / 0.1
    level = 20 * np.log10(high + 1e-9)
    assert level[1:18] == pytest.approx(0, abs=0.5)
    assert level[24:38] == pytest.approx(-12, abs=1)
    assert level[55:78] == pytest.approx(0, abs=0.5)


def test_ducking_under_a_role_that_is_not_there_changes_nothing(tmp_path):
    tracks = (Track("music", "audio", (clip("m"),), audio_role="music", ducking=Ducking("dialogue", 12)),)
    plan = compiled(Sequence("s", RATE, tracks=tracks), {"m": music()}, RenderWish(small_profile(RATE, pcm=True)))
    assert plan.measures == ()
    assert not any("sidechain" in part for command in plan.commands for part in command)
