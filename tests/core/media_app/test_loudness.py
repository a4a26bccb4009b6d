"""The gain that follows from a measurement, and what the meter's lines say."""

import pytest

from media_app.core.sound.loudness import Gain, Loudness, corrected, filters, plan, read_ebur128

LINES = """frame:0    pts:0       pts_time:0
lavfi.r128.M=-120.691
lavfi.r128.S=-120.691
lavfi.r128.I=-70.000
lavfi.r128.LRA=0.000
lavfi.r128.true_peak=0.000
frame:1    pts:4800    pts_time:0.1
lavfi.r128.M=nan
lavfi.r128.S=-21.500
lavfi.r128.I=-22.712
lavfi.r128.LRA=3.810
lavfi.r128.LRA.low=-26.090
lavfi.r128.true_peak=0.236
"""
SUMMARY = "Summary:\n\n  Integrated loudness:\n    I:         -22.7 LUFS\n    Threshold: -32.8 LUFS\n\n  Loudness range:\n    Threshold: -43.4 LUFS\n"


def heard(integrated=-23.0, peak=-12.0, spread=5.0, threshold=-33.0) -> Loudness:
    return Loudness(integrated, spread, peak, threshold)


def test_the_meters_last_word_counts():
    found = read_ebur128(LINES.splitlines(), SUMMARY)
    assert (found.integrated, found.range, found.true_peak, found.threshold) == (-22.712, 3.81, -12.54, -32.8)


def curve_of(seconds: int, points: int) -> tuple[tuple[float, float], ...]:
    lines = [
        f"frame:{n} pts:0 pts_time:{n / 10}\nlavfi.r128.M={-20 - n % 7}\nlavfi.r128.S={-30 + n % 7}"
        for n in range(seconds * 10)
    ]
    return read_ebur128("\n".join(lines).splitlines(), "", points=points).curve


def test_a_long_curve_is_short_term_and_thinned_to_its_loudest():
    curve = curve_of(103, 100)
    assert len(curve) == 100
    assert curve[0][0] == 3.0
    assert {value for _, value in curve} == {-24}


def test_a_short_curve_is_momentary_from_its_first_full_window():
    assert curve_of(1, 300) == tuple((n / 10, -20 - n % 7) for n in range(4, 10))


def test_silence_has_no_loudness_and_gets_no_gain():
    silent = read_ebur128(["lavfi.r128.I=-70.000", "lavfi.r128.true_peak=0.000"], "")
    assert (silent.integrated, silent.true_peak) == (None, None)
    assert plan(silent, -16, -1.5) == Gain()


def test_a_gain_that_the_peaks_allow_is_linear():
    gain = plan(heard(), -16, -1.5)
    assert (gain.db, gain.kind) == (7, "linear")
    assert "linear=true:measured_I=-23.000:measured_TP=-12.00" in filters(gain, 48000)[0]


@pytest.mark.parametrize("odd", [heard(spread=0.0), heard(spread=51.0), heard(threshold=-70.0)])
def test_where_loudnorm_would_leave_its_linear_mode_a_plain_gain_does_it(odd):
    gain = plan(odd, -16, -1.5)
    assert gain.kind == "gain"
    assert filters(gain, 48000) == ["volume=7.000dB:precision=double"]


def test_peaks_above_the_ceiling_are_held():
    gain = plan(heard(peak=-3), -16, -1.5)
    assert (gain.kind, gain.ceiling) == ("limited", -1.5)
    assert "aresample=192000" in filters(gain, 48000)


def test_a_miss_is_corrected_by_as_much():
    assert corrected(Gain(5.0), heard(-16.9), -16) == Gain(pytest.approx(5.9))
    assert corrected(Gain(5.0), heard(-16.1), -16) is None


def test_peaks_that_a_codec_added_lower_the_ceiling_by_more_than_that():
    better = corrected(Gain(5.0, -1.5), heard(-16.0, peak=-0.7), -16)
    assert better.ceiling == pytest.approx(-2.0)
    assert better.db == 5
