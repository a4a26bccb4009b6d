"""Slow motion: of the exact length, between its source frames, and the same in a chunk as in the whole."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, MediaReference, Sequence, Track
from tests.support import media
from tests.support.films import compiled, rendered, small_profile

RATE = Fraction(25)


def sweep() -> Path:
    """A soft bright bar that moves 4 px a frame over a grainy ground."""

    def frames():
        ground = np.random.default_rng(1).integers(60, 90, (90, 160)).astype(np.float32)
        for number in range(60):
            bar = 150 * np.exp(-(((np.arange(160) - 10 - 4 * (number % 35)) / 5) ** 2))
            yield np.clip(ground + bar, 0, 255).astype(np.uint8).tobytes()

    def make(path: Path) -> None:
        raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", "160x90", "-r", "25", "-i", "-")
        media.run_ffmpeg(*raw, "-pix_fmt", "yuv420p", "-qp", "0", str(path), stdin=frames())

    return media.cached("sweep.mp4", "4px", make)


def pictures(clip: Clip, folder: Path, rate: Fraction = RATE, **window) -> np.ndarray:
    folder.mkdir(exist_ok=True)
    profile = replace(small_profile(rate, pcm=True), width=160, height=90, crf=0)
    plan = compiled(
        Sequence("s", rate, tracks=(Track("t", "video", (clip,)),)), {"m": sweep()}, RenderWish(profile, **window)
    )
    found = np.stack(list(media.decode_pictures(rendered(plan, {"m": sweep()}, folder)))).astype(float)
    assert len(found) == plan.expected.frames
    return found


def slow(speed: Fraction, quality: str, *, flow: bool, begin: int = 200, end: int = 1000) -> Clip:
    content = MediaReference("m")
    return Clip("x", content, Fraction(end), Fraction(begin), speed=speed, slowmo_quality=quality, optical_flow=flow)


def bar_at(picture: np.ndarray) -> float:
    """Where the bar is."""
    bright = np.clip(picture.mean(axis=0) - 100, 0, None)
    return float((bright * np.arange(160)).sum() / bright.sum())


WAYS = [("high", True), ("medium", True), ("fast", False)]


@pytest.mark.parametrize(("quality", "flow"), WAYS)
@pytest.mark.parametrize(("speed", "rate"), [(Fraction(2, 5), RATE), (Fraction(1, 2), Fraction(30000, 1001))])
def test_a_slowed_clip_lasts_as_long_as_it_says_and_moves_on_evenly(quality, flow, speed, rate, tmp_path):
    found = pictures(slow(speed, quality, flow=flow), tmp_path / "film", rate)
    assert len(found) == round(800 / float(speed) * float(rate) / 1000)
    places = [bar_at(one) for one in found]
    wanted = [10 + 4 * 25 * (0.2 + n / float(rate) * float(speed)) for n in range(len(found))]
    # Blending shows half of the frame before; flow lies between, but at the clip's own last frame, which stays.
    slack = 4.5 if quality == "fast" else 1.5
    assert np.abs(np.array(places) - wanted)[: -int(3 / speed)].max() < slack
    if quality != "fast":
        assert min(np.diff(places)[3:-8]) > 0


@pytest.mark.parametrize(("quality", "flow"), WAYS)
def test_a_slowed_clip_is_the_same_in_a_chunk_as_in_the_whole(quality, flow, tmp_path):
    clip = slow(Fraction(2, 5), quality, flow=flow)
    whole = pictures(clip, tmp_path / "whole")
    part = pictures(clip, tmp_path / "part", start_ms=Fraction(720), end_ms=Fraction(1400))
    assert (part == whole[18:35]).all()


def test_a_clip_without_a_quality_repeats_its_frames(tmp_path):
    found = pictures(slow(Fraction(1, 2), "", flow=True), tmp_path / "film")
    assert (found[0::2] == found[1::2]).all()
