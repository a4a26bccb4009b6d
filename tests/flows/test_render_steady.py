"""A shaking clip is steadied in two passes, and is the same in a chunk as in the whole."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, MediaReference, Sequence, Stabilise, Track
from tests.support import media
from tests.support.films import compiled, made, rendered, small_profile

RATE = Fraction(25)


def shaky() -> Path:
    """Squares at random that jump by a few pixels from frame to frame."""

    def frames():
        random = np.random.default_rng(2)
        ground = np.repeat(np.repeat(random.integers(20, 235, (30, 48)), 8, axis=0), 8, axis=1).astype(np.uint8)
        for _ in range(50):
            down, across = random.integers(8, 17, 2)
            yield ground[down : down + 180, across : across + 320].tobytes()

    def make(path: Path) -> None:
        raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", "320x180", "-r", "25", "-i", "-")
        media.run_ffmpeg(*raw, "-pix_fmt", "yuv420p", "-crf", "8", str(path), stdin=frames())

    return media.cached("shaky.mp4", "8px", make)


def flat() -> Path:
    """A second of gray, in which there is nothing to hold on to."""
    raw = ("-f", "lavfi", "-i", "color=c=gray:s=320x180:r=25:d=1", "-pix_fmt", "yuv420p")
    return media.cached("flat.mp4", "1s", lambda path: media.run_ffmpeg(*raw, str(path)))


def pictures(clip: Clip, folder: Path, **window) -> np.ndarray:
    folder.mkdir()
    wish = RenderWish(replace(small_profile(RATE, pcm=True), crf=0), **window)
    plan = compiled(Sequence("s", RATE, tracks=(Track("t", "video", (clip,)),)), {"m": shaky()}, wish)
    found = np.stack(list(media.decode_pictures(rendered(plan, {"m": shaky()}, folder)))).astype(float)
    assert len(found) == plan.expected.frames
    return found


def shaking(found: np.ndarray) -> float:
    """How much of the middle changes from frame to frame."""
    return float(np.abs(np.diff(found[5:-5, 30:150, 40:280], axis=0)).mean())


def test_a_steadied_clip_shakes_far_less_and_a_chunk_of_it_is_that_of_the_whole(tmp_path):
    shot = Clip("x", MediaReference("m"), Fraction(1800), Fraction(200))
    steady = replace(shot, stabilise=Stabilise(smoothing=15))
    before, after = pictures(shot, tmp_path / "before"), pictures(steady, tmp_path / "after")
    assert shaking(after) < shaking(before) / 3
    still = pictures(replace(steady, stabilise=Stabilise(tripod=True, crop="black")), tmp_path / "tripod")
    assert shaking(still) < shaking(before) / 3
    part = pictures(steady, tmp_path / "part", start_ms=Fraction(600), end_ms=Fraction(1000))
    assert (part == after[15:25]).all()


def test_frames_in_which_no_motion_can_be_found_are_counted(tmp_path):
    clip = Clip("x", MediaReference("m"), Fraction(1000), stabilise=Stabilise())
    files = {"m": flat()}
    plan = compiled(Sequence("s", RATE, tracks=(Track("t", "video", (clip,)),)), files, RenderWish(small_profile(RATE)))
    steadying = made(plan, files, tmp_path).meta["steadying"]
    assert steadying["frames"] >= 20
    assert f"In {steadying['frames']} frames or more there is too little contrast" in steadying["warning"]
