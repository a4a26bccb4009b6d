"""The arguments that decode what engines hear."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from media_app.core import ffmpeg as build
from media_app.core.files.media_info import AudioStream

AUDIO = AudioStream(1, "pcm_s16le", 44_100, 2, "stereo", Fraction(1, 44_100), Fraction(0), None, "only one")


def test_sound_is_resampled_once_from_its_own_rate_and_the_picture_is_left():
    args = build.heard_args(build.Source(Path("a.mov"), audio=AUDIO), Path("a.wav"), rate=16_000)
    [chain] = [args[index + 1] for index, arg in enumerate(args) if arg == "-af"]
    assert chain.count("aresample=osr=44100") == chain.count("aresample=osr=16000") == 1
    assert chain.startswith("pan=mono|c0=0.500000*c0+0.500000*c1,")
    assert "resampler=soxr" in chain
    assert "-vn" in args


def test_sound_at_the_wanted_rate_is_not_resampled():
    source = build.Source(Path("a.mov"), audio=replace(AUDIO, rate=16_000))
    assert "soxr" not in " ".join(build.heard_args(source, Path("a.wav"), rate=16_000))


def test_channels_without_names_are_mixed_too():
    source = build.Source(Path("a.mov"), audio=replace(AUDIO, channels=4, layout=""))
    chain = " ".join(build.heard_args(source, Path("a.wav"), rate=16_000))
    assert "pan=mono|c0=0.250000*c0+0.250000*c1+0.250000*c2+0.250000*c3," in chain
    assert "channelmap" not in chain
