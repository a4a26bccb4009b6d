"""A shoot as an automatic cut sees it: whom its cameras show, and its frames."""

from fractions import Fraction

import numpy as np
import pytest

from render_app.core.autocut.session import SessionMicrophone, cameras_of, whole_frames
from render_app.core.autocut.values import RATE, Conversation, Span
from render_app.core.timeline.edges import edge_ms
from tests.core.render_app.conftest import make_angle

WHOLE = (Span(0.0, 10.0),)


def shows(labels: list[int], microphones: str, pictures: str, names: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Camera → whom it shows; `labels`: who speaks, a second each."""
    talk = Conversation(0.0, tuple(microphones), np.repeat(labels, 50).astype(np.int16), ())
    return {one.label: one.shows for one in cameras_of(dict.fromkeys(pictures, WHOLE), talk, names)}


def test_a_camera_shows_who_speaks_at_its_own_microphone_and_one_without_any_shows_everybody():
    assert shows([0, 1, 0, 1], "ABC", "ABC", {}) == {"A": ("A",), "B": ("B",), "C": ()}


def test_a_camera_that_is_called_wide_shows_everybody():
    assert shows([0, 1], "AB", "AB", {"A": "Anna, wide"}) == {"A": (), "B": ("B",)}


@pytest.mark.parametrize(
    ("camera", "shown"),
    [("Anna and Ben", ("D", "E")), ("close ANNA", ("D",)), ("Annabel", ()), ("", ())],
)
def test_a_camera_shows_the_people_of_microphones_without_a_picture_by_their_names(camera, shown):
    # Their microphones, D and E, are recorders'; what the camera hears itself is nobody's.
    assert shows([1, 2, 1, 2], "ADE", "A", {"A": camera, "D": "Anna", "E": "Ben"}) == {"A": shown}


def test_two_people_at_one_camera_may_have_a_microphone_each():
    found = shows([0, 1, 0, 1], "AD", "A", {"A": "Ada, Ben", "D": "Ben"})

    assert found == {"A": ("A", "D")}


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)])
@pytest.mark.parametrize("start_ms", [Fraction("-385.282"), Fraction(0), Fraction("0.001"), Fraction("19.9")])
def test_a_cut_has_the_whole_frames_that_were_recorded_and_none_before_or_after(rate, start_ms):
    first, last = whole_frames(start_ms, Fraction("35714.718"), rate)
    frame = 1000 / rate
    assert start_ms <= first < start_ms + frame
    assert last <= Fraction("35714.718") < last + frame
    assert all((ms / frame).denominator == 1 for ms in (first, last))


def test_a_cut_has_one_frame_at_least():
    assert whole_frames(Fraction(5), Fraction(6), Fraction(25)) == (edge_ms(1, Fraction(25)), edge_ms(2, Fraction(25)))


class Recorded:
    """A sound in memory."""

    def __init__(self, samples, rate: int = 48_000) -> None:
        self.samples, self.rate = np.asarray(samples, np.float32), rate

    def read(self, first: int, count: int):
        return self.samples[first : first + count]


def microphone(samples, **fields) -> SessionMicrophone:
    angle = make_angle(duration_ms=1000 * len(samples) / 48_000, **fields)
    return SessionMicrophone("A", [(angle, Recorded(samples))])


def test_noise_is_as_loud_wherever_a_drifting_clock_puts_its_samples():
    noise = np.random.default_rng(1).normal(0, 0.01, 40 * 48_000)
    heard = microphone(noise, drift_ppm=55.0).read(1.0, 38.0)
    loud = np.diff(heard)[: 76 * 8000 - 8000].reshape(-1, 8000).std(axis=1)
    assert 20 * np.log10(loud.max() / loud.min()) < 1.5


def test_a_tone_is_where_the_offset_puts_it_and_silence_is_where_nothing_was_recorded():
    time = np.arange(48_000) / 48_000
    heard = microphone(np.sin(2 * np.pi * 300 * time), offset_ms=500.25).read(0.0, 2.0)
    there = np.arange(2 * RATE) / RATE - 0.50025
    inside = (there > 0.002) & (there < 0.998)
    assert np.abs(heard[inside] - np.sin(2 * np.pi * 300 * there[inside])).max() < 0.01
    assert np.abs(heard[(there < -0.002) | (there > 1.002)]).max() < 0.02
