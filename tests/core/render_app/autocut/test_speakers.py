"""Who speaks, by several microphones whose gains nobody knows."""

import numpy as np
import pytest

from bench.autocut import levels, voices
from bench.autocut.__main__ import heard_right
from bench.autocut.judge import true_pauses
from bench.autocut.scene import Recorded, scene
from bench.engines.speakers import overlaps
from render_app.core.autocut.hearing import listen
from render_app.core.autocut.speakers import who_speaks
from render_app.core.autocut.values import APPLAUSE, CROSSTALK, HOP_S, NOBODY, RATE, Span

RNG = np.random.default_rng(3)


def at(spans: list[tuple[float, float]], name: str, seconds: float = 12.0) -> np.ndarray:
    """A voice that speaks in these spans alone, word after word."""
    rng, sound = np.random.default_rng(1), np.zeros(round(seconds * RATE), np.float32)
    for start, end in spans:
        said = np.concatenate([voices.word(name, rng) for _ in range(60)])
        sound[round(start * RATE) : round(end * RATE)] = said[: round(end * RATE) - round(start * RATE)]
    return sound


def table(first: np.ndarray, second: np.ndarray, *, gains=(1.0, 1.0), bleed=0.4) -> list[Recorded]:
    """Two people at a table, a microphone each, two meters apart."""
    late = round(0.006 * RATE)

    def heard(near: np.ndarray, far: np.ndarray, gain: float) -> np.ndarray:
        sound = near + bleed * np.concatenate([np.zeros(late, np.float32), far[:-late]])
        return (gain * (sound + 0.0003 * RNG.standard_normal(sound.size))).astype(np.float32)

    return [Recorded("A", heard(first, second, gains[0])), Recorded("B", heard(second, first, gains[1]))]


def label_at(talk, seconds: float) -> int:
    return int(talk.labels[round((seconds - talk.start) / HOP_S)])


@pytest.mark.parametrize("gains", [(1.0, 1.0), (4.0, 0.25), (0.25, 4.0)], ids=["equal", "+12 -12 dB", "-12 +12 dB"])
def test_the_speaker_is_found_whatever_the_gains(gains):
    talk = who_speaks(listen(table(at([(1, 4)], "rms"), at([(5, 9)], "slt"), gains=gains), 0.0, 12.0))

    assert [label_at(talk, at) for at in (2.0, 3.0, 6.0, 8.0)] == [0, 0, 1, 1]
    assert label_at(talk, 10.5) == NOBODY
    assert talk.share_of("B") == pytest.approx(4 / 7, abs=0.05)


def test_somebody_who_hardly_speaks_is_found_when_they_do():
    talk = who_speaks(listen(table(at([(0.5, 8)], "rms"), at([(9, 10.2)], "slt"), gains=(2.0, 0.3)), 0.0, 12.0))

    assert label_at(talk, 9.6) == 1
    assert label_at(talk, 5.0) == 0


def test_a_microphone_of_somebody_who_never_speaks_names_nobody():
    talk = who_speaks(listen(table(at([(1, 8)], "rms"), at([], "slt")), 0.0, 12.0))

    assert talk.share_of("B") == 0.0
    assert talk.share_of("A") == 1.0


def test_two_who_speak_at_once_are_crosstalk():
    talk = who_speaks(listen(table(at([(1, 4), (5, 9)], "rms"), at([(6, 10.5)], "slt")), 0.0, 12.0))

    both = talk.labels[round(6.3 / HOP_S) : round(8.7 / HOP_S)]
    assert (both == CROSSTALK).mean() > 0.9
    assert label_at(talk, 2.5) == 0
    assert label_at(talk, 10.0) == 1


def test_of_those_who_speak_at_once_it_is_known_who_they_are():
    third = at([(0.3, 0.9), (11, 11.8)], "kal16")
    microphones = table(at([(1, 4), (5, 9)], "rms"), at([(6, 10.5)], "slt"))
    for late, one in zip((50, 70), microphones, strict=True):
        one.sound[late:] += 0.3 * third[:-late]
    microphones.append(Recorded("C", (third + 0.1 * microphones[0].sound).astype(np.float32)))

    talk = who_speaks(listen(microphones, 0.0, 12.0))

    both = talk.pairs[round(6.3 / HOP_S) : round(8.7 / HOP_S)]
    assert (np.sort(both, axis=1) == [0, 1]).all(axis=1).mean() > 0.9
    assert talk.heard_among([1])[round(7 / HOP_S)]
    assert not talk.heard_among([2])[round(7 / HOP_S)]


def test_in_drawn_conversations_nobody_is_heard_beside_another_who_is_not():
    named, true, right = 0, 0, 0
    for seed in range(5003, 5013):
        staged, heard = levels.scene(seed)
        both, said, judged = overlaps(staged, who_speaks(heard))
        named, true = named + int((said & judged).sum()), true + int((both & judged).sum())
        right += int((both & said & judged).sum())

    assert true * HOP_S > 5
    assert right / named > 0.9
    assert right / true > 0.7


def test_a_microphone_that_dies_leaves_its_person_to_the_others():
    microphones = table(at([(1, 4), (7, 9)], "rms"), at([(4.5, 6), (9.5, 11.5)], "slt"))
    microphones[0].sound[6 * RATE :] = 0

    talk = who_speaks(listen(microphones, 0.0, 12.0))

    assert [label_at(talk, at) for at in (2.0, 5.0, 8.0, 10.5)] == [0, 1, 0, 1]


def test_somebody_who_speaks_after_a_microphone_died_is_found_all_the_same():
    third = at([(8, 10.5)], "kal16")
    microphones = table(at([(1, 3)], "rms"), at([(3.5, 5), (11, 11.8)], "slt"))
    microphones[1].sound[96:] += 0.35 * third[:-96]
    microphones[0].sound[5 * RATE :] = 0
    hiss = 0.0003 * RNG.standard_normal(third.size)
    microphones.append(Recorded("C", (third + 0.1 * np.roll(microphones[1].sound, 80) + hiss).astype(np.float32)))

    talk = who_speaks(listen(microphones, 0.0, 12.0))

    assert [label_at(talk, at) for at in (2.0, 4.2, 9.0, 11.4)] == [0, 1, 2, 1]


def test_applause_is_no_speaker():
    first, second = at([(1, 4)], "rms"), at([(5, 7)], "slt")
    clapping = (0.1 * RNG.standard_normal(3 * RATE)).astype(np.float32)
    microphones = table(first, second)
    for one in microphones:
        one.sound[8 * RATE : 11 * RATE] += clapping * RNG.standard_normal(3 * RATE)

    talk = who_speaks(listen(microphones, 0.0, 12.0))

    assert label_at(talk, 9.5) == APPLAUSE


@pytest.mark.parametrize("seed", [20079, 20168])
def test_those_who_first_speak_after_a_microphone_died_are_distinguished(seed):
    wanted, heard = levels.scene(seed)

    found = heard_right(wanted, who_speaks(heard))

    assert wanted.about["dead"]
    assert found["named_right"] >= 0.98 * found["named"] > 1000


def test_silence_has_no_speaker_and_one_long_pause():
    quiet = [Recorded(label, np.zeros(4 * RATE, np.float32)) for label in "AB"]

    talk = who_speaks(listen(quiet, 0.0, 4.0))

    assert (talk.labels == NOBODY).all()
    assert talk.doubt == 0.0


def test_one_microphone_names_the_one_who_has_it():
    talk = who_speaks(listen([Recorded("A", at([(1, 4)], "rms"))], 0.0, 12.0))

    assert label_at(talk, 2.0) == 0
    assert label_at(talk, 6.0) == NOBODY


def test_sound_that_comes_to_all_at_once_is_distinguished_by_level():
    # Without any way between the microphones no lag names anybody.
    first, second = at([(1, 4)], "rms"), at([(5, 9)], "slt")
    microphones = [Recorded("A", 2 * first + 0.8 * second), Recorded("B", 0.3 * second + 0.12 * first)]

    talk = who_speaks(listen(microphones, 0.0, 12.0))

    assert [label_at(talk, at) for at in (2.0, 7.0)] == [0, 1]


def test_pauses_lie_between_words_and_not_in_known_ones():
    microphones = table(at([(1, 4), (4.5, 8)], "rms"), at([(9, 11)], "slt"))
    heard = listen(microphones, 0.0, 12.0)

    free = who_speaks(heard).pauses
    bound = who_speaks(heard, words=(Span(4.0, 4.5),)).pauses

    assert any(abs(one.start - 4.0) < 0.1 and abs(one.end - 4.5) < 0.1 for one in free)
    assert not any(one.start < 4.5 and one.end > 4.0 for one in bound)


def test_a_microphone_that_starts_late_leaves_the_pauses_as_they_are():
    microphones = table(at([(1, 4), (4.5, 8)], "rms"), at([(9, 11)], "slt"))
    microphones[1].sound[: 3 * RATE] = 0

    talk = who_speaks(listen(microphones, 0.0, 12.0))

    assert any(abs(one.start - 4.0) < 0.1 and abs(one.end - 4.5) < 0.1 for one in talk.pauses)
    assert [label_at(talk, at) for at in (3.5, 7.0, 10.0)] == [0, 0, 1]


def test_a_conversation_that_starts_later_keeps_its_times():
    talk = who_speaks(listen(table(at([(1, 4)], "rms"), at([(5, 9)], "slt")), 3.0, 7.0))

    assert talk.start == 3.0
    assert talk.end == pytest.approx(10.0)
    assert label_at(talk, 3.5) == 0
    assert label_at(talk, 6.0) == 1


@pytest.mark.parametrize("seed", [2, 9])
def test_drawn_conversations_are_heard_right(seed):
    bound = scene(seed, 20.0)

    found = heard_right(bound, who_speaks(listen(bound.microphones, 0.0, bound.seconds)))

    assert found["named"] > 200
    assert found["named_right"] >= 0.98 * found["named"]
    assert true_pauses(bound)
