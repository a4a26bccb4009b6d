from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.ffmpeg import (
    FORMATS,
    ProxySettings,
    SoundStart,
    Source,
    TrackOutput,
    Veil,
    audio_chain,
    fit,
    h264_level,
    input_guard,
    mezzanine_args,
    picture_args,
    preview_args,
    proxy_rate,
    sound_args,
    sound_start,
    tracks_args,
    video_chain,
)
from media_app.core.ffmpeg.picture import to_sdr
from media_app.core.files.media_info import AudioStream, VideoStream
from media_app.core.time.sound_timing import Follow
from media_app.core.vision.blur import Blur

PICTURE = VideoStream(
    index=0,
    codec="h264",
    width=1920,
    height=1080,
    coded_width=1920,
    coded_height=1080,
    rotation=0,
    sample_aspect=Fraction(1),
    pixel_format="yuv420p",
    rate=Fraction(25),
    average_rate=Fraction(25),
    time_base=Fraction(1, 12_800),
    start=Fraction(0),
    duration=None,
    field_order="progressive",
    color_transfer="",
    color_primaries="",
    color_space="",
    color_range="",
)
SOUND = AudioStream(1, "aac", 48_000, 2, "stereo", Fraction(1, 48_000), Fraction(0), None, "is the only sound")


def derived(video=PICTURE, audio=SOUND, **changes):
    """The arguments of both decodes: of the picture, then of the sound."""
    rate = changes.pop("rate", Fraction(25))
    still, settings = changes.pop("thumbnail_frame", 0), changes.pop("settings", ProxySettings())
    source = Source(Path("in.mp4"), video, audio, **changes)
    files = Path("p.mp4"), Path("t.jpg")
    picture = picture_args(source, *files, rate=rate, thumbnail_frame=still, settings=settings) if video else []
    tracks = (TrackOutput(audio, source.sound, Path("a.wav")),) if audio else ()
    return [*picture, *(tracks_args(source.path, tracks) if tracks else [])]


def after(args, name):
    return args[args.index(name) + 1]


@pytest.mark.parametrize(
    ("shape", "proxy"),
    [
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((3840, 2160), (1280, 720)),
        ((4096, 2160), (1364, 720)),
        ((640, 480), (640, 480)),
        ((321, 181), (320, 180)),
        ((1, 1), (2, 2)),
        ((7680, 1080), (1920, 270)),
        ((1440, 1080), (960, 720)),
    ],
)
def test_the_proxy_has_720_lines_at_most_and_is_never_larger_than_the_picture(shape, proxy):
    assert fit(*shape, short_side=720, long_side=1920) == proxy


@given(st.integers(2, 16_384), st.integers(2, 16_384))
def test_a_fitted_size_is_even_within_bounds_and_not_enlarged(width, height):
    w, h = fit(width, height, short_side=720, long_side=1920)
    assert w % 2 == h % 2 == 0
    assert 2 <= w <= width
    assert 2 <= h <= height
    assert min(w, h) <= 720
    assert max(w, h) <= 1920


@pytest.mark.parametrize(
    ("shape", "rate", "level"),
    [
        ((1280, 720), Fraction(30), "3.1"),
        ((1280, 720), Fraction(60), "3.2"),
        ((720, 480), Fraction(30000, 1001), "3"),
        ((320, 180), Fraction(25), "1.2"),
        ((1920, 720), Fraction(60), "4.2"),
        ((1920, 720), Fraction(30), "4"),
        ((3840, 2160), Fraction(60), "5.2"),
        ((176, 144), Fraction(15), "1"),
    ],
)
def test_the_level_follows_the_picture(shape, rate, level):
    assert h264_level(*shape, rate).name == level


def test_a_picture_beyond_all_levels_is_refused():
    with pytest.raises(ValueError, match="level holds"):
        h264_level(16_384, 16_384, Fraction(60))


@pytest.mark.parametrize(
    ("rate", "proxy"),
    [("25", "25"), ("60", "60"), ("120", "60"), ("240", "60"), ("100", "50"), ("120000/1001", "60000/1001")],
)
def test_slow_motion_keeps_every_nth_frame_in_the_proxy(rate, proxy):
    assert proxy_rate(Fraction(rate)) == Fraction(proxy)


def test_every_input_is_guarded_against_opening_anything_else():
    guard = input_guard(Path("-i.mp4"))
    assert after(guard, "-protocol_whitelist") == "file"
    assert after(guard, "-i") == "file:-i.mp4"
    assert not {"hls", "concat", "dash", "image2", "tty", "sdp", "applehttp"} & set(
        after(guard, "-format_whitelist").split(",")
    )
    assert after(guard, "-format_whitelist") == FORMATS


def test_the_picture_is_decoded_once_and_the_sound_once():
    args = derived()
    assert args.count("-i") == 2
    assert {"p.mp4", "t.jpg", "a.wav"} <= set(args)
    assert derived(audio=None).count("-i") == derived(video=None).count("-i") == 1


def test_the_proxy_can_be_scrubbed_and_streamed():
    args = derived()
    for name, value in {
        "-profile:v": "baseline",
        "-level:v": "3.1",
        "-preset": "veryfast",
        "-crf": "22",
        "-g": "2",
        "-keyint_min": "2",
        "-sc_threshold": "0",
        "-bf": "0",
        "-pix_fmt": "yuv420p",
        "-movflags": "+faststart",
    }.items():
        assert after(args, name) == value
    assert "-an" in args


def test_settings_reach_the_encoder():
    args = derived(settings=ProxySettings(short_side=360, crf=28, preset="veryfast", gop=12))
    assert (after(args, "-crf"), after(args, "-preset"), after(args, "-g")) == ("28", "veryfast", "12")
    assert "scale=w=640:h=360" in after(args, "-filter_complex")


def test_sound_alone_makes_a_wav_and_nothing_else():
    args = derived(video=None)
    assert "-filter_complex" not in args
    assert "p.mp4" not in args
    assert after(args, "-rf64") == "auto"


def test_picture_alone_makes_no_wav():
    assert "a.wav" not in derived(audio=None)


def test_interlaced_pictures_are_woven_before_the_rate_is_made_constant():
    chain = video_chain(replace(PICTURE, field_order="tt"), (1280, 720), Fraction(25))
    assert chain.index("bwdif") < chain.index("fps=")
    assert "bwdif" not in video_chain(PICTURE, (1280, 720), Fraction(25))


def test_hdr_is_named_in_full_and_tone_mapped():
    chain = video_chain(replace(PICTURE, color_transfer="smpte2084"), (1280, 720), Fraction(25))
    assert "color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc" in chain
    assert "tonemap=hable" in chain


def test_small_untagged_pictures_are_taken_for_bt601():
    assert "ispace=smpte170m:space=bt709" in video_chain(
        replace(PICTURE, coded_width=720, coded_height=576), (720, 576), Fraction(25)
    )
    plain = video_chain(PICTURE, (1280, 720), Fraction(25))
    assert not any(word in plain for word in ("matrix", "colorspace=ispace")), "colors that are right are left alone"
    assert "ispace=bt470bg:space=bt709" in video_chain(
        replace(PICTURE, color_space="bt470bg"), (1280, 720), Fraction(25)
    )


def test_colors_that_one_filter_cannot_turn_are_left_to_the_other():
    old = replace(PICTURE, color_space="smpte170m")
    assert "in_color_matrix=smpte170m:out_color_matrix=bt709" in ",".join(to_sdr(old, (641, 360), "yuv420p"))
    assert "in_color_matrix=smpte170m:out_color_matrix=smpte170m:out_range=tv" in ",".join(
        to_sdr(replace(old, color_range="pc"), (640, 360), "yuv420p")
    )
    assert "out_color_matrix=bt709" in ",".join(to_sdr(replace(old, pixel_format="gbrp"), (640, 360), "yuv420p"))


def test_one_channel_goes_to_both_sides_without_losing_level():
    assert audio_chain(replace(SOUND, channels=1, layout="mono")).startswith("channelmap=map=0|0")
    assert "channelmap" not in audio_chain(replace(SOUND, channels=1, layout="mono"), channels=1)


def test_channels_without_names_give_the_first_two():
    assert audio_chain(replace(SOUND, channels=8, layout="")).startswith("channelmap=map=0|1")
    assert "channelmap" not in audio_chain(replace(SOUND, channels=6, layout="5.1"))


def test_healthy_sound_begins_at_time_zero_and_is_not_stretched():
    chain = audio_chain(SOUND)
    assert "first_pts=0" in chain
    assert "async=1:" in chain
    assert "asetpts" not in chain


def test_drifting_sound_is_stretched_and_a_wrong_first_stamp_corrected():
    chain = audio_chain(SOUND, SoundStart(shift=-0.008, follow=Follow(0.02, 0.001)))
    assert chain.startswith("asetpts='PTS+if(eq(N,0),round(-0.008000/TB),0)'")
    assert "async=200:min_comp=0.001000" in chain


def test_sound_that_changes_its_form_gets_its_silence_in_front():
    chain = audio_chain(SOUND, SoundStart(delay=Fraction(1, 10)))
    assert "first_pts" not in chain
    assert chain.endswith("adelay=delays=4800S:all=1")
    assert sound_start(None) == SoundStart()


def test_sound_for_sync_decodes_no_picture():
    args = sound_args(Source(Path("in.mp4"), audio=SOUND), Path("o.wav"))
    assert after(args, "-map") == "0:1"
    assert "-vn" in args
    assert "ochl=mono" in after(args, "-af")


@pytest.mark.parametrize(
    ("codec", "encoder", "fmt"), [("prores", "prores_ks", "yuv422p10le"), ("dnxhr", "dnxhd", "yuv422p")]
)
def test_the_mezzanine_is_full_size_with_pcm(codec, encoder, fmt):
    args = mezzanine_args(Source(Path("in.mp4"), PICTURE, SOUND, rate=Fraction(25)), Path("m.mov"), codec=codec)
    assert after(args, "-c:v") == encoder
    assert after(args, "-pix_fmt") == fmt
    assert after(args, "-c:a") == "pcm_s16le"
    assert "scale=w=1920:h=1080" in after(args, "-filter_complex")


@pytest.mark.parametrize(("codec", "mask"), [("prores", "gray10le"), ("dnxhr", "gray")])
def test_a_mezzanine_with_a_veil_reads_the_masks_and_blurs_within_them(codec, mask):
    veil = Veil(Path("faces.mkv"), Blur(0.25, 1.0))
    args = mezzanine_args(
        Source(Path("in.mp4"), PICTURE, SOUND, rate=Fraction(25)), Path("m.mov"), codec=codec, veil=veil
    )

    graph = after(args, "-filter_complex")
    assert [args[at + 1] for at, arg in enumerate(args) if arg == "-i"] == ["file:in.mp4", "file:faces.mkv"]
    assert "scale=8:4:flags=area" in graph
    assert f"flags=neighbor:in_range=pc:out_range=pc,format={mask},split=3" in graph
    assert graph.endswith("maskedmerge[picture]")
    one_color = replace(veil, blur=Blur(1.0, 1.0))
    source = Source(Path("in.mp4"), PICTURE, rate=Fraction(25))
    plain = after(mezzanine_args(source, Path("m.mov"), codec=codec, veil=one_color), "-filter_complex")
    assert "scale=1:1:flags=area" in plain
    assert "gblur" not in plain


def test_a_preview_is_small_and_silent():
    veil = Veil(Path("faces.mkv"), Blur(0.25, 1.0))
    args = preview_args(
        Source(Path("in.mp4"), PICTURE, SOUND, rate=Fraction(100)), veil, Path("p.mp4"), settings=ProxySettings(480)
    )

    assert "scale=w=852:h=480" in after(args, "-filter_complex")
    assert "fps=fps=50/1" in after(args, "-filter_complex")
    assert "-an" in args


def test_prores_keeps_hdr_and_dnxhr_maps_it_down():
    source = Source(Path("in.mp4"), replace(PICTURE, color_transfer="arib-std-b67"), rate=Fraction(25))
    kept = mezzanine_args(source, Path("m.mov"))
    mapped = mezzanine_args(source, Path("m.mov"), codec="dnxhr")
    assert after(kept, "-color_trc") == "arib-std-b67"
    assert "tonemap" not in " ".join(kept)
    assert "tonemap" in " ".join(mapped)
    assert after(mapped, "-color_trc") == "bt709"


def test_an_unknown_mezzanine_codec_is_refused():
    with pytest.raises(KeyError):
        mezzanine_args(Source(Path("in.mp4"), PICTURE, rate=Fraction(25)), Path("m.mov"), codec="cinepak")
