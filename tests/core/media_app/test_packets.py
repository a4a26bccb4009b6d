from dataclasses import replace
from fractions import Fraction

import pytest

from media_app.core.time.packets import PacketScan
from tests.core.media_app.test_ffmpeg import PICTURE, SOUND

LINES = b"".join(b"0|%d|%d|512|K_\n1|%d|%d|1024|K_\n" % (512 * n, 512 * n, 1024 * n, 1024 * n) for n in range(50))


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_lines_are_read_however_the_pipe_cuts_them(size):
    scan = PacketScan(PICTURE, SOUND)
    for start in range(0, len(LINES), size):
        scan.feed(LINES[start : start + size])
    assert scan.frames().frames == 50
    assert scan.frames().end == 2
    assert scan.sound().packets == 50


def test_frames_that_an_edit_list_hides_do_not_count():
    scan = PacketScan(PICTURE, None)
    scan.feed(b"0|-512|-512|512|KD\n0|0|0|512|K_\n")
    assert scan.frames().first == 0
    assert scan.sound() is None


def test_decoding_times_stand_in_where_a_file_has_no_others():
    scan = PacketScan(PICTURE, None)
    scan.feed(b"0|N/A|0|512|K_\n0|N/A|512|512|K_\n0|N/A|N/A|512|K_\n")
    assert scan.frames().frames == 2


def test_the_second_field_without_a_time_of_its_own_does_not_count():
    scan = PacketScan(PICTURE, None)
    scan.feed(b"0|0|0|512|K_\n0|N/A|256|256|__\n0|512|512|512|__\n")
    assert scan.frames().frames == 2


def test_samples_that_the_decoder_throws_away_are_left_out_of_the_start():
    scan = PacketScan(None, replace(SOUND, index=0))
    scan.feed(b"0|-1024|-1024|1024|KD|1024\n\n0|0|0|1024|K_\n")
    assert scan.sound().first == 0
    assert scan.frames() is None


def test_other_streams_and_broken_lines_are_passed_over():
    scan = PacketScan(PICTURE, SOUND)
    scan.feed(b"7|0|0|1|K_\n\nnonsense\n0|0|0|512|K_\n")
    assert scan.frames().frames == 1
    assert scan.frames().first == Fraction(0)
