"""How a film goes from shot to shot: cuts in any light, dissolves and fades, and nothing where nothing but the light changes."""

import numpy as np
import pytest

from media_app.core.vision import cuts
from media_app.core.vision.transitions import transitions

RATE = 25


def picture(seed: int) -> np.ndarray:
    """A picture of 64 by 36 with patches of its own."""
    return np.random.default_rng(seed).integers(20, 230, (6, 8)).repeat(6, axis=0).repeat(8, axis=1).astype(float)


def filmed(frames, noise=1.0) -> list[np.ndarray]:
    """With the noise of a camera."""
    random = np.random.default_rng(3)
    return [np.clip(frame + random.normal(0, noise, frame.shape), 0, 255).astype(np.uint8) for frame in frames]


def found_in(frames) -> list[tuple[str, int]]:
    return [(one.kind, one.middle) for one in transitions(frames, RATE)]


@pytest.mark.parametrize("light", [1.0, 0.3, 0.12, 0.08])
def test_hard_cuts_are_found_in_any_light_and_only_they(light):
    frames = [picture(seed) * light for seed in range(6) for _ in range(20)]

    assert found_in(filmed(frames, 0.5)) == [("cut", number) for number in (20, 40, 60, 80, 100)]


def test_cuts_that_only_darkness_marks_can_be_left_out():
    frames = filmed([picture(seed) * 0.08 for seed in range(2) for _ in range(20)], 0.5)

    assert cuts.cuts(frames) == [20]
    assert cuts.cuts(frames, cuts.LEAST) == []


@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])
def test_black_footage_with_noise_has_none(noise):
    assert found_in(filmed([np.full((36, 64), 2.0)] * 120, noise)) == []


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("held", [0, 15])
@pytest.mark.parametrize("color", [0, 255])
def test_a_fade_through_one_color_is_one_transition_on_its_frames(seconds, held, color):
    half = round(seconds * RATE / 2)
    one, other = picture(1), picture(2)
    shares = np.clip(np.arange(50 + half) / half - 50 / half, 0, 1)
    out = [one + (color - one) * share for share in shares]
    into = [color + (other - color) * min(1, n / half) for n in range(half + 50)]

    [fade] = transitions(filmed([*out, *[np.full((36, 64), float(color))] * held, *into]), RATE)

    assert (fade.kind, fade.begins_shot) == ("fade_through", True)
    end = 50 + 2 * half + held
    assert fade.start == pytest.approx(50, abs=2)
    assert fade.middle == pytest.approx((50 + end) / 2, abs=2)
    assert fade.end == pytest.approx(end, abs=2)


def test_a_fade_in_at_the_beginning_and_one_out_at_the_end_begin_no_shot():
    shares = np.clip(np.minimum(np.arange(120) - 10, 119 - np.arange(120) - 10) / 25, 0, 1)

    made = transitions(filmed(picture(1) * share for share in shares), RATE)

    assert [(one.kind, one.begins_shot) for one in made] == [("fade_in", False), ("fade_out", False)]
    assert (made[0].start, made[0].end) == (pytest.approx(10, abs=2), pytest.approx(35, abs=2))
    assert (made[1].start, made[1].end) == (pytest.approx(84, abs=2), pytest.approx(109, abs=2))


@pytest.mark.parametrize("seconds", [3.0, 4.0])
def test_a_long_dissolve_is_found(seconds):
    long = round(seconds * RATE)
    shares = np.clip((np.arange(100 + long) - 50) / long, 0, 1)
    one, other = picture(1), picture(2)

    [found] = transitions(filmed(one + (other - one) * share for share in shares), RATE)

    assert (found.kind, found.middle) == ("dissolve", pytest.approx(50 + long / 2, abs=2))


def test_light_that_is_switched_flickers_or_is_dimmed_and_a_lens_that_is_covered_for_a_moment_are_none():
    one = picture(1)
    random = np.random.default_rng(5)
    lightning = [0.3 + (0.6 * random.random() if number in (20, 21, 24, 25, 26, 31, 32) else 0) for number in range(80)]
    films = {
        "switched on": [one * (0.25 if number < 40 else 0.9) for number in range(80)],
        "dimmed at once": [one * (1 - 0.75 * min(1, max(0, number - 20) / 6)) for number in range(80)],
        "exposure": [one * (0.4 + 0.6 * min(1, max(0, number - 20) / 30)) for number in range(80)],
        "lightning": [one * share for share in lightning],
        "flash": [np.full_like(one, 255) if number == 30 else one for number in range(80)],
        "flash in the dark": [np.full_like(one, 200) if number == 30 else one * 0.08 for number in range(80)],
    }
    for name, frames in films.items():
        assert found_in(filmed(frames)) == [], name
