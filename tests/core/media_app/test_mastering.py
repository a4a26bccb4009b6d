"""The compiler: a preset and what is known of the files → ffmpeg's arguments, argument by argument."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from media_app.core.ffmpeg import input_guard
from media_app.core.files.media_info import AudioStream, VideoStream
from media_app.core.sound import presets
from media_app.core.sound.loudness import Gain, Loudness
from media_app.core.sound.mastering import (
    CannotMaster,
    Source,
    measure_args,
    plan,
    render_args,
    verify_args,
    voice_args,
)

GUARD = " ".join(input_guard(Path("X"))).removesuffix("file:X")


def sound(index: int = 1, rate: int = 48000, channels: int = 2) -> AudioStream:
    return AudioStream(index, "aac", rate, channels, "stereo", Fraction(1, rate), Fraction(0), None, "the only one")


def picture(codec: str = "h264") -> VideoStream:
    return VideoStream(
        0, codec, 1920, 1080, 1920, 1080, 0, Fraction(1), "yuv420p", Fraction(25), Fraction(25), Fraction(1, 12800),
        Fraction(0), None, "progressive", "", "", "", "",
    )  # fmt: skip


def film(codec: str = "h264") -> Source:
    return Source(Path("/s/in.mp4"), picture(codec), sound())


MUSIC = Source(Path("/s/music.mp3"), audio=sound(0, 44100))
HEARD = Loudness(-22.7, 3.8, -12.5, -32.8)


def spoken(args: list[str]) -> str:
    """The arguments as one line, the guard of each input left out."""
    return " ".join(args).replace(GUARD, "")


def test_normalising_copies_the_picture_and_gives_the_sound_its_gain():
    made = plan(presets.load("normalise_v1"), film(), Fraction(10))
    assert spoken(render_args(made, Gain(6.7, linear=(HEARD, -16, -1.5)), Path("/s/out.mp4"))) == (
        "-v info file:/s/in.mp4 -filter_complex "
        "[0:1]aresample=osr=48000:ochl=stereo:osf=flt:min_hard_comp=0.010000:async=1:min_comp=0.00002:first_pts=0,"
        "apad=whole_len=480000,atrim=end_sample=480000[voice];[voice]anull[mix];"
        "[mix]loudnorm=I=-16:TP=-1.5:LRA=50:linear=true:measured_I=-22.700:measured_TP=-12.50:measured_LRA=3.80"
        ":measured_thresh=-32.80:print_format=json,atrim=end_sample=480000[out] "
        "-map 0:0 -c:v copy -map [out] -c:a aac -b:a 192k -ar 48000 -flags:a +bitexact -map_metadata -1 -map_chapters -1 "
        "-fflags +bitexact -movflags +faststart -f mp4 /s/out.mp4"
    )


def test_rolling_music_is_compressed_by_the_key_and_mixed():
    made = plan(presets.load("music_mix_roll_duck_v1"), film(), Fraction(10), MUSIC, Fraction(60))
    made = replace(made, key=Path("/s/key.wav"))
    assert spoken(render_args(made, Gain(-3.0, -1.5), Path("/s/out.mp4"))) == (
        "-v info file:/s/in.mp4 file:/s/music.mp3 file:/s/key.wav -filter_complex "
        "[0:1]aresample=osr=48000:ochl=stereo:osf=flt:min_hard_comp=0.010000:async=1:min_comp=0.00002:first_pts=0,"
        "apad=whole_len=480000,atrim=end_sample=480000[voice];"
        "[1:0]aresample=osr=48000:ochl=stereo:osf=flt:min_hard_comp=0.010000:async=1:min_comp=0.00002:first_pts=0,"
        "afade=t=out:st=8.000000:d=2.000000,apad=whole_len=480000,atrim=end_sample=480000[loud];"
        "[2:a]aresample=48000[key];[loud][key]sidechaincompress=threshold=0.091649:ratio=20:attack=20:release=400"
        ":knee=1:detection=peak:link=maximum[music];[voice][music]amix=inputs=2:duration=first:normalize=0[mix];"
        "[mix]volume=-3.000dB:precision=double,aresample=192000,"
        "alimiter=limit=0.841395:attack=5:release=80:level=0:latency=1,aresample=48000,atrim=end_sample=480000[out] "
        "-map 0:0 -c:v copy -map [out] -c:a aac -b:a 192k -ar 48000 -flags:a +bitexact -map_metadata -1 -map_chapters -1 "
        "-fflags +bitexact -movflags +faststart -f mp4 /s/out.mp4"
    )


def test_replaced_sound_is_not_even_read():
    made = plan(presets.load("music_replace_v1"), film(), Fraction(10), MUSIC, Fraction(60))
    assert "[0:1]" not in spoken(render_args(made, Gain(), Path("/s/out.mp4")))


def test_shorter_music_is_played_again_from_what_was_decoded():
    made = plan(presets.load("music_replace_v1"), film(), Fraction(10), MUSIC, Fraction(4))
    assert made.loops
    made = replace(made, looped=Path("/s/m.wav"), plays=3)
    assert "-stream_loop 2 file:/s/m.wav" in spoken(render_args(made, Gain(), Path("/s/out.mp4")))
    ends = presets.load("music_replace_v1", {"timing": {"music_shorter": "end"}})
    made = plan(ends, film(), Fraction(10), MUSIC, Fraction(4))
    assert not made.loops
    assert "afade=t=out:st=2.000000:d=2.000000,apad" in spoken(render_args(made, Gain(), Path("/s/out.mp4")))


def test_a_duration_cuts_sound_and_picture_and_never_lengthens():
    short = presets.load("normalise_v1", {"timing": {"duration_seconds": 4, "fade_enabled": True}})
    args = spoken(render_args(plan(short, film(), Fraction(10)), Gain(), Path("/s/out.mp4")))
    assert "[mix]afade=t=out:st=3.000000:d=1.000000,atrim=end_sample=192000[out]" in args
    assert "-t 4.000000 " in args
    made = plan(short, film(), Fraction(3))
    assert (made.seconds, made.cut) == (3, False)


def test_the_meter_hears_the_mix_and_the_recording_apart():
    args = spoken(
        measure_args(plan(presets.load("normalise_v1"), film(), Fraction(10)), Gain(), "mix.txt", before="own.txt")
    )
    assert "[0:1]asplit[tap][own]" in args
    assert "ebur128@mix=peak=true:metadata=1:framelog=verbose,ametadata=mode=print:file=mix.txt[out]" in args
    assert args.endswith("file=own.txt[heard] -map [out] -f null - -map [heard] -f null -")


def test_the_voice_is_read_in_its_band_and_what_came_out_as_a_wav_too():
    made = plan(presets.load("dialogue_mix_v1"), film(), Fraction(10), MUSIC, Fraction(60))
    assert "highpass=f=150,lowpass=f=5000,atrim=end=10.000000" in spoken(voice_args(made, Path("/s/v.wav")))
    assert "[0:a:0]asplit[a][b]" in spoken(verify_args(Path("/s/out.mp4"), "after.txt", listen=Path("/s/l.wav")))


@pytest.mark.parametrize(
    ("codec", "sound_codec", "suffix"),
    [
        ("h264", "aac", ".mp4"),
        ("hevc", "pcm_s24le", ".mov"),
        ("prores", "aac", ".mov"),
        ("vp8", "aac", ".mkv"),
        (None, "aac", ".m4a"),
    ],
)
def test_the_container_follows_from_what_it_has_to_hold(codec, sound_codec, suffix):
    source = film(codec) if codec else replace(film(), video=None)
    assert plan(presets.load("normalise_v1", {"output": {"codec": sound_codec}}), source, Fraction(10)).suffix == suffix


@pytest.mark.parametrize(("channels", "made"), [(1, 1), (2, 2), (4, 2), (6, 6), (8, 6)])
def test_channels_stay_as_they_are_where_there_is_a_layout_for_them(channels, made):
    source = replace(film(), audio=sound(channels=channels))
    assert plan(presets.load("normalise_v1"), source, Fraction(10)).channels == made


def test_a_rate_that_no_codec_has_becomes_the_next_one_up():
    source = replace(film(), audio=sound(rate=11025))
    assert plan(presets.load("extract_audio_v1"), source, Fraction(10)).rate == 11025
    as_it_is = presets.load("convert_aac_v1", {"output": {"sample_rate": None}})
    assert plan(as_it_is, source, Fraction(10)).rate == 16000


def test_what_a_file_lacks_is_said():
    with pytest.raises(CannotMaster, match="needs music"):
        plan(presets.load("dialogue_mix_v1"), film(), Fraction(10))
    with pytest.raises(CannotMaster, match="no audio"):
        plan(presets.load("normalise_v1"), replace(film(), audio=None), Fraction(10))
