import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.sound.peaks import PeakBuilder, read_dat


def test_the_header_is_audiowaveforms_version_2():
    builder = PeakBuilder(48_000, 48)
    builder.feed(np.zeros(96, np.int16))
    assert builder.dat()[:24] == struct.pack("<iIiiIi", 2, 1, 48_000, 48, 2, 1)


def test_a_pixel_holds_the_least_and_the_greatest_sample_of_its_stretch():
    samples = np.zeros(10, np.int16)
    samples[3], samples[4], samples[9] = 32767, -32768, 256
    builder = PeakBuilder(48_000, 5)
    builder.feed(samples)
    peaks = read_dat(builder.dat())
    assert peaks.low.tolist() == [-128, 0]
    assert peaks.high.tolist() == [127, 1]


def test_the_last_pixel_covers_what_is_left():
    builder = PeakBuilder(48_000, 4)
    builder.feed(np.array([0, 0, 0, 0, -512], np.int16))
    peaks = read_dat(builder.dat())
    assert (peaks.low.tolist(), peaks.high.tolist()) == ([0, -2], [0, -2])


@given(st.lists(st.integers(0, 700), max_size=12), st.integers(1, 300))
def test_the_peaks_do_not_depend_on_how_the_sound_was_cut_into_blocks(lengths, per_pixel):
    sound = np.random.default_rng(1).integers(-32768, 32768, sum(lengths)).astype(np.int16)
    whole, parts = PeakBuilder(48_000, per_pixel), PeakBuilder(48_000, per_pixel)
    whole.feed(sound)
    for piece in np.split(sound, np.cumsum(lengths)[:-1]) if lengths else []:
        parts.feed(piece)
    assert whole.dat() == parts.dat()


@pytest.mark.parametrize("data", [b"", b"x" * 24, struct.pack("<iIiiIi", 2, 1, 48_000, 48, 9, 1), b"RIFF" * 20])
def test_what_is_no_dat_file_is_refused(data):
    with pytest.raises(ValueError, match="waveform peaks"):
        read_dat(data)
