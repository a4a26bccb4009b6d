from fractions import Fraction

import numpy as np
import pytest

from media_app.core.time.sound_timing import Follow, SoundScan

AAC = Fraction(1024, 48_000)
FINE, MILLISECOND = Fraction(1, 48_000), Fraction(1, 1000)


def scan(times, base=FINE, codec="aac", *, block=300, skipped=0):
    stamps = [round(time / base) for time in times]
    sound = SoundScan(codec, 48_000, base)
    length = round(AAC / base)
    for start in range(0, len(stamps), block):
        piece = stamps[start : start + block]
        skips = [skipped if start + n == 0 else 0 for n in range(len(piece))]
        sound.feed(piece, [length] * len(piece), skips)
    return sound.result()


def even(count, start=Fraction(0)):
    return [start + n * AAC for n in range(count)]


@pytest.mark.parametrize("base", [FINE, MILLISECOND])
def test_healthy_sound_is_left_as_it_is(base):
    timing = scan(even(5000), base)
    assert timing.follow == Follow(hard=0.01, soft=0.0)
    assert abs(timing.shift) < 0.0005
    assert timing.holes == 0


def test_a_container_that_rounds_down_is_seen_through():
    stamps = [Fraction(int(time * 1000), 1000) for time in even(3000)]
    assert scan(stamps, MILLISECOND).shift == pytest.approx(-1 / 3000, abs=0.00002)


def test_priming_is_no_sound():
    timing = scan(even(200, -AAC), skipped=1024)
    assert timing.first == 0


def test_jitter_widens_the_threshold_and_corrects_the_first_stamp():
    rng = np.random.default_rng(3)
    late = [t + Fraction(float(rng.uniform(-0.008, 0.008))) for t in even(4000)]
    timing = scan(late)
    assert timing.follow.soft == 0
    assert 0.016 < timing.follow.hard < 0.03
    assert late[0] + Fraction(timing.shift) == pytest.approx(0, abs=0.001)


def test_two_clocks_that_drift_apart_are_followed_gently():
    timing = scan([t * Fraction(10_001, 10_000) for t in even(20_000)])
    assert timing.drift == pytest.approx(0.0426, rel=0.05)
    assert timing.follow.soft == pytest.approx(0.0003, abs=0.0002)
    assert timing.holes == 0


def test_holes_in_sound_without_a_packet_size_are_seen_in_its_stamps():
    sound = SoundScan("pcm_s16le", 48_000, MILLISECOND)
    for start in (0, 40, 80, 620, 660, 701):
        sound.feed([start], [40], [0])
    assert (sound.result().holes, sound.result().carried) == (1, Fraction(240, 1000))


def test_a_packet_that_is_stretched_over_a_hole_carries_no_more_than_others():
    sound = SoundScan("aac", 48_000, FINE)
    sound.feed([1024 * n for n in range(20)], [1024] * 19 + [25_600], [0] * 20)
    timing = sound.result()
    assert timing.end == Fraction(19 * 1024 + 25_600, 48_000)
    assert timing.carried < Fraction(28 * 1024, 48_000)


def test_packets_shorter_than_a_tick_carry_no_more_than_lies_between_them():
    """TrueHD in Matroska: 40 samples, 5/6 ms, are written as 1 ms."""
    sound = SoundScan("truehd", 48_000, MILLISECOND)
    sound.feed([n * 5 // 6 for n in range(3600)], [1] * 3600, [0] * 3600)
    assert sound.result().carried == sound.result().end == 3


def test_holes_are_counted_and_are_neither_jitter_nor_drift():
    kept = [t for n, t in enumerate(even(6000)) if n % 500]
    timing = scan(kept)
    assert timing.holes == 11
    assert timing.follow == Follow(hard=0.01, soft=0.0)


def test_a_codec_whose_packets_differ_in_length_is_not_judged():
    timing = scan(even(500), codec="vorbis")
    assert (timing.shift, timing.jitter, timing.drift, timing.follow) == (0, 0, 0, Follow())


def test_pieces_joined_end_to_end_are_laid_one_after_the_other():
    timing = scan([*even(500), *even(500)])
    assert timing.restarts == 1
    assert timing.end == 1000 * AAC


def test_no_packet_is_no_sound():
    assert SoundScan("aac", 48_000, FINE).result() is None


def test_a_few_packets_are_enough_to_know_their_end():
    timing = scan(even(3))
    assert (timing.packets, timing.end, timing.shift) == (3, 3 * AAC, 0)
