"""What keyframes move is where its curve says on every frame and at every sample, measured in the film."""

from fractions import Fraction
from itertools import pairwise
from math import atan2, degrees
from pathlib import Path

import numpy as np
import pytest

from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Automation, Clip, Keyframe, MediaReference, Sequence, Target, Track
from tests.support import media
from tests.support.films import compiled, rendered, small_profile

RATE, WIDTH, HEIGHT, SAMPLES = Fraction(25), 320, 180, 48_000


def bar() -> Path:
    """A white bar of 160 × 40 px, so that its angle can be seen."""

    def make(path: Path) -> None:
        media.run_ffmpeg("-f", "lavfi", "-i", "color=white:s=160x40:r=25:d=4", "-qp", "0", str(path))

    return media.cached("bar.mp4", "white", make)


def tone() -> Path:
    """An even tone at a tenth of full scale."""

    def make(path: Path) -> None:
        sound = (0.1 * np.sin(2 * np.pi * 3000 * np.arange(3 * SAMPLES) / SAMPLES)).astype(np.float32)
        media.write_wav(path, np.stack([sound, sound], axis=1))

    return media.cached("tone3k.wav", 3, make)


CLIP = Target("clip", "a")


def curve(property: str, *keys: tuple, of: Target = CLIP) -> Automation:
    """Keyframes as (ms, value, interpolation)."""
    return Automation(f"{of.id}.{property}", of, property, tuple(Keyframe(Fraction(at), *how) for at, *how in keys))


def worth(keys: tuple, ms: float) -> float:
    """A curve's value, by the definition alone."""
    if ms <= keys[0][0]:
        return keys[0][1]
    for (begin, low, how), (end, high, _) in pairwise(keys):
        if begin <= ms < end:
            u = (ms - begin) / (end - begin)
            return {"hold": low, "linear": low + (high - low) * u, "ease": low + (high - low) * (3 * u**2 - 2 * u**3)}[
                how
            ]
    return keys[-1][1]


def film(folder: Path, shown: Clip, file: Path, *curves: Automation, kind: str = "video") -> Path:
    sequence = Sequence("s", RATE, tracks=(Track("t", kind, (shown,)),), automation=curves)
    files = {"m": file}
    return rendered(compiled(sequence, files, RenderWish(small_profile(RATE, pcm=True))), files, folder)


def seen(picture: np.ndarray) -> tuple[float, float, float, float, float]:
    """Center, width, angle and level of the bar in a picture."""
    level = float(np.percentile(picture[picture > picture.max() / 2], 50))
    weight = np.clip(picture / level, 0, 1) * (picture > 6)
    down, across = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    x, y = (weight * across).sum() / weight.sum(), (weight * down).sum() / weight.sum()
    xx, yy, xy = (
        (weight * one).sum() / weight.sum() for one in ((across - x) ** 2, (down - y) ** 2, (across - x) * (down - y))
    )
    return x, y, float(np.sqrt(weight.sum() * 4)), degrees(atan2(2 * xy, xx - yy)) / 2, level


MOVED = {
    "position_x": ((0, 0.4, "linear"), (700, 0.6, "ease"), (1300, 0.5, "linear")),
    "position_y": ((200, 0.5, "hold"), (610, 0.6, "linear"), (1000, 0.4, "linear")),
    "scale": ((0, 0.25, "ease"), (900, 0.5, "hold"), (1100, 0.3, "linear")),
    "rotation": ((100, -30, "linear"), (1200, 60, "linear")),
    "opacity": ((0, 0.4, "linear"), (500, 1, "hold"), (1000, 0.7, "ease"), (1300, 1, "linear")),
}


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(1, 2)])
def test_a_picture_lies_on_every_frame_where_its_curves_say(speed, tmp_path):
    shown = Clip("a", MediaReference("m"), 1400 * speed + 500, Fraction(500), Fraction(120), speed=speed)
    path = film(tmp_path, shown, bar(), *(curve(name, *keys) for name, keys in MOVED.items()))
    pictures = np.stack(list(media.decode_pictures(path))).astype(float)
    assert len(pictures) == 38
    assert pictures[:3].max() < 3
    for number, picture in enumerate(pictures[3:]):
        want = {name: worth(keys, 40 * number) for name, keys in MOVED.items()}
        x, y, width, angle, level = seen(picture)
        assert (x, y) == pytest.approx((want["position_x"] * WIDTH, want["position_y"] * HEIGHT), abs=1.2), number
        assert width == pytest.approx(want["scale"] * WIDTH, rel=0.04), number
        assert angle == pytest.approx(want["rotation"], abs=2.5), number
        assert level == pytest.approx(255 * want["opacity"], abs=4), number


def test_the_opacity_of_a_track_and_of_the_sequence_lie_over_that_of_the_clip(tmp_path):
    track, whole = ((0, 0, "linear"), (800, 1, "hold")), ((400, 1, "linear"), (1000, 0.5, "hold"))
    shown = Clip("a", MediaReference("m"), Fraction(1200), scale_mode="stretch", opacity=0.8)
    curves = (curve("opacity", *track, of=Target("track", "t")), curve("opacity", *whole, of=Target("sequence", "s")))
    path = film(tmp_path, shown, bar(), *curves)
    levels = [one[60:120, 60:260].mean() for one in media.decode_pictures(path)]
    wanted = [255 * 0.8 * worth(track, 40 * n) * worth(whole, 40 * n) for n in range(30)]
    assert levels == pytest.approx(wanted, abs=3)


def test_a_clip_moves_within_a_transition_as_it_does_outside_it(tmp_path):
    """Keyframes count from the clip's start, also where a stretch of it is drawn for itself."""
    keys = tuple((40 * n, 0.3 + 0.01 * n, "hold") for n in range(30))
    shown = Clip("a", MediaReference("m"), Fraction(1200), scale=0.3)
    sequence = Sequence("s", RATE, tracks=(Track("t", "video", (shown,)),), automation=(curve("position_x", *keys),))
    wish = RenderWish(small_profile(RATE, pcm=True), start_ms=Fraction(400), end_ms=Fraction(800))
    path = rendered(compiled(sequence, {"m": bar()}, wish), {"m": bar()}, tmp_path)
    found = [seen(one.astype(float))[0] for one in media.decode_pictures(path)]
    assert found == pytest.approx([WIDTH * (0.3 + 0.01 * n) for n in range(10, 20)], abs=1.2)


def decibels(path: Path) -> np.ndarray:
    """The level of each millisecond, against the tone's own."""
    sound, _ = media.decode_sound(path)
    return 20 * np.log10(np.sqrt(2 * (sound.reshape(-1, 48) ** 2).mean(axis=1)) / 0.1 + 1e-9)


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(3, 2)])
def test_a_volume_follows_its_curve_at_every_millisecond(speed, tmp_path):
    clip_keys = ((100, -20, "linear"), (500, 0, "ease"), (900, -12, "hold"), (1200.4, -3, "linear"))
    track_keys, whole_keys = ((0, 0, "linear"), (1600, -6, "hold")), ((800, 0, "hold"), (1000, -10, "hold"))
    shown = Clip("a", MediaReference("m"), 1600 * speed, start_ms=Fraction(200), speed=speed, keep_pitch=False)
    curves = (
        curve("volume_db", *((Fraction(str(at)), *rest) for at, *rest in clip_keys)),
        curve("volume_db", *track_keys, of=Target("track", "t")),
        curve("volume_db", *whole_keys, of=Target("sequence", "s")),
    )
    level = decibels(film(tmp_path, shown, tone(), *curves, kind="audio"))
    wanted = [
        worth(clip_keys, ms + 0.5 - 200) + worth(track_keys, ms + 0.5) + worth(whole_keys, ms + 0.5)
        for ms in range(1800)
    ]
    off = np.abs(level - wanted)[205:1795]
    edges = [n for n in range(len(off)) if min(abs(n + 205 - at) for at in (1000, 1100, 1400)) > 1]
    assert off[edges].max() < 0.1


def test_thousands_of_keyframes_are_kept_apart(tmp_path):
    """3,000 slopes of a millisecond each: a graph too long for an argument, and for ifs within ifs."""
    keys = tuple((n, -6.0 * (n % 3), "linear") for n in range(3000))
    shown = Clip("a", MediaReference("m"), Fraction(3000))
    level = decibels(film(tmp_path, shown, tone(), curve("volume_db", *keys), kind="audio"))
    # Between -12 and 0 dB in a millisecond the loud half weighs more.
    means = {(0, 1): -2.80, (1, 2): -8.80, (2, 0): -5.00}
    wanted = [means[n % 3, (n + 1) % 3] for n in range(2990)]
    assert level[:2990] == pytest.approx(wanted, abs=0.6)
