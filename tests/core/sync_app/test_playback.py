import numpy as np
import pytest

from sync_app.core import confidence, ltc, one_event, residue
from sync_app.core.confidence import Measures
from sync_app.core.coverage import paired
from sync_app.core.engine import align
from sync_app.core.features import low_rate, measure
from sync_app.core.refine import Line
from sync_app.core.stretches import Stretch
from tests.core.sync_app.signals import RATE, chatter, filmed, noise, track


def timecode(first_frame: int, seconds: float, frame_rate: int = 25) -> np.ndarray:
    """Linear timecode as SMPTE 12M-1 has it, at 48 kHz, then every third sample."""
    bits: list[int] = []
    for frame in range(first_frame, first_frame + int(seconds * frame_rate)):
        count, second = frame % frame_rate, frame // frame_rate
        digits = [count, second % 60, second // 60 % 60, second // 3600 % 24]
        nibbles = [part for digit in digits for part in (digit % 10, 0, digit // 10, 0)]
        bits += [nibble >> place & 1 for nibble in nibbles for place in range(4)]
        bits += [0, 0, *[1] * 12, 0, 1]
    # The level changes at the start of each bit, and in the middle of a one.
    changes = np.stack([np.ones(len(bits), int), np.array(bits)], axis=1).reshape(-1)
    wave = np.repeat((-1.0) ** np.cumsum(changes), 48_000 // (80 * frame_rate) // 2)
    smooth = np.convolve(wave, np.ones(6) / 6, mode="same")
    return (0.2 * smooth[::3]).astype(np.float32)


@pytest.mark.parametrize("program_level", [0.8, 1.2])
def test_a_program_at_two_events_never_looks_good(program_level):
    program = chatter(100, 36) * program_level
    one, two = chatter(101, 36) + program, chatter(102, 36) + program

    found = align([track("A", one), track("B", two[6 * RATE :])], master="A").cameras["B"]

    assert found.classification != "looks-good"
    assert any("two events" in warning for warning in found.warnings)


def vowels(seed: int, seconds: int) -> np.ndarray:
    """Syllables with a pitch, three a second, half of them left out."""
    rng, time = np.random.default_rng(seed), np.arange(RATE // 3) / RATE
    silence = np.zeros(time.size)
    said = [
        np.hanning(time.size) * sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 20))
        for pitch in rng.uniform(100, 240, seconds * 3)
    ]
    return np.concatenate([one if rng.random() < 0.5 else silence for one in said]).astype(np.float32)


def in_room(sound: np.ndarray, seed: int) -> np.ndarray:
    rng, count = np.random.default_rng(seed), RATE // 2
    tail = 0.1 * rng.standard_normal(count) * np.exp(-8 * np.arange(count) / count)
    tail[0] = 1.0
    return np.convolve(sound, tail)[: sound.size].astype(np.float32)


def test_talk_far_under_a_program_at_two_events_asks_for_a_look():
    program = 0.5 * chatter(110, 40)
    one, two = (in_room(program, 111 + k) + 0.04 * vowels(113 + k, 41)[: program.size] for k in range(2))

    found = align([track("A", one), track("B", two[6 * RATE :])], master="A").cameras["B"]

    assert found.classification == "review-suggested"
    assert any("two events" in warning for warning in found.warnings)
    assert found.evidence.measures["beside"] > 0.001


def test_the_same_talk_in_two_places_of_a_room_is_one_event():
    sound = 0.5 * chatter(110, 40)
    sound += 0.04 * vowels(113, 41)[: sound.size]

    found = align([track("A", in_room(sound, 111)), track("B", in_room(sound, 112)[6 * RATE :])], master="A").cameras[
        "B"
    ]

    assert found.classification == "looks-good"
    assert found.evidence.measures["own_sound"] < 0.0045
    assert found.evidence.measures["beside"] < 0.0001


def in_turns(seed: int, seconds: int) -> list[np.ndarray]:
    """Two people, of whom one talks for two seconds or more while the other one is silent."""
    first = np.repeat(np.random.default_rng(seed).random(seconds // 2) < 0.5, 2 * RATE)
    return [0.3 * vowels(seed + 1 + k, seconds + 1)[: first.size] * (first == (k == 0)) for k in range(2)]


def test_what_is_near_one_microphone_and_faint_in_the_other_is_no_sound_of_another_event():
    near, far = in_turns(120, 40)
    late = [0.1 * np.roll(voice, 120) for voice in (near, far)]
    one, two = near + late[1] + noise(123, 40, 0.0002), far + late[0] + noise(124, 40, 0.0002)

    found = align([track("A", one), track("B", two[6 * RATE :])], master="A").cameras["B"]

    assert found.classification == "looks-good"
    assert found.evidence.measures["own_sound"] == 0


@pytest.mark.parametrize(("stays", "is_refused"), [(0.05, False), (0.75, True)])
def test_two_talkers_with_a_microphone_each_are_a_doubt_where_each_is_faint_in_the_other(
    monkeypatch, stays, is_refused
):
    """As two lavaliers of an interview measured: 3.5 % of the loud cells by their coherence, of which a filter foretells nearly all."""
    monkeypatch.setattr(residue, "residue", lambda *_: residue.Residue(0.016, 0.006, stays, beside=0.18))
    track_of = measure(track("A", chatter(120, 2)))
    found = Measures(score=28, fine=57, repeat=0, hum=0.1, agreeing=13, windows=15, overlap_s=60, jump_ms=0, residual_ms=0,
                     margin=4, unexplained=0.035)  # fmt: skip

    known = one_event.with_own_sound(paired(track_of, track_of), found, Stretch(0, 60, Line(0, 0)), [])

    assert confidence.played_twice(known) is is_refused
    assert confidence.judge(known) != "looks-good"


@pytest.mark.parametrize(
    ("own_sound", "beside", "fine", "word"),
    [
        (0.0042, 0.0024, 22, "review-suggested"),
        (0.0036, 0.0023, 19, "review-suggested"),
        (0.0018, 0.0006, 47, "review-suggested"),
        (0.0009, 0.0002, 21, "looks-good"),
        (0.0013, 0.0002, 36, "looks-good"),
    ],
    ids=["talk 15 dB under a song", "17 dB", "20 dB", "traffic", "a radio's codec"],
)
def test_talk_far_under_a_song_at_two_events_is_a_doubt(own_sound, beside, fine, word):
    """As measured."""
    found = Measures(score=12.5, fine=fine, repeat=0, hum=0.4, agreeing=15, windows=15, overlap_s=60, jump_ms=0, residual_ms=0,
                     margin=3, agreeing_s=60, own_sound=own_sound, beside=beside)  # fmt: skip

    assert confidence.judge(found) == word


def test_two_talkers_at_one_event_are_one_event():
    near, far = chatter(103, 36), chatter(104, 36)
    late = np.concatenate([np.zeros(160, np.float32), far])[: far.size]

    found = align([track("A", near + 0.5 * far), track("B", (0.6 * near + late)[6 * RATE :])], master="A").cameras["B"]

    assert found.classification == "looks-good"
    assert found.offset_ms == pytest.approx(6000, abs=11)


@pytest.mark.parametrize("level", [0.05, 1.0])
def test_timecode_in_both_is_refused_by_name(level):
    one = level * chatter(105, 30) + timecode(900_000, 30)
    two = level * chatter(106, 25) + timecode(900_500, 25)

    found = align([track("A", one), track("B", two)], master="A").cameras["B"]

    assert found.offset_ms is None
    assert any("carries timecode (LTC)" in warning for warning in found.warnings)


def test_timecode_in_one_camera_is_only_noise():
    sound = chatter(107, 45)

    found = align(
        [track("A", filmed(sound, 0, 45, 1)), track("B", filmed(sound, 10, 40, 2) + 0.2 * timecode(5000, 30))],
        master="A",
    ).cameras["B"]

    assert found.offset_ms == pytest.approx(10_000, abs=1)


@pytest.mark.parametrize(
    "sound",
    [
        chatter(108, 30),
        noise(109, 30),
        (0.2 * np.sin(2 * np.pi * 1000 * np.arange(30 * RATE) / RATE)).astype(np.float32),
        np.tile(chatter(110, 2), 15),
        np.zeros(30 * RATE, np.float32),
    ],
    ids=["talk", "noise", "a tone", "a loop", "silence"],
)
def test_other_sound_is_no_timecode(sound):
    assert not ltc.carries_ltc(low_rate(track("A", sound))[0])


@pytest.mark.parametrize("frame_rate", [24, 25, 30])
def test_timecode_is_heard_at_every_rate(frame_rate):
    if frame_rate == 24:
        wave = timecode(40_000, 20, 25)[: 20 * RATE]
        wave = np.interp(np.arange(int(wave.size * 25 / 24)) * 24 / 25, np.arange(wave.size), wave).astype(np.float32)
    else:
        wave = timecode(40_000, 20, frame_rate)

    assert ltc.carries_ltc(low_rate(track("A", wave))[0])
