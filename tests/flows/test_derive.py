"""One original, whatever made it → proxy, WAV, peaks and thumbnail that are right; or a sentence that says why not."""

import hashlib
import json
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from media_app import audio, process
from media_app.core.ffmpeg import ProxySettings
from media_app.core.files.faults import (
    EmptyFile,
    NeitherPictureNorSound,
    NotMedia,
    NotUsable,
    SourceDamaged,
    StillImage,
)
from media_app.core.files.media_info import Kind
from media_app.core.sound.peaks import read_dat
from media_app.making.inspect import inspect
from media_app.making.mezzanine import mezzanine
from media_app.making.sound import hear
from media_app.making.workspace import Workspace
from tests.support import media
from tests.support.derived import derive
from tests.support.media import AAC, H264, PCM

VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1")


def made(path, scratch, **options):
    scratch.mkdir(exist_ok=True)
    found = inspect(path)
    result = derive(path, found, Workspace(scratch), **options)
    return found, {file.path.name: file for file in result.files}, result


def stream(path):
    return media.probe(path)["streams"][0]


def test_a_clip_gives_all_that_review_needs(tmp_path):
    source = media.slate("whole.mp4", seconds=4, size=(640, 360), sound="speech")
    found, files, result = made(source, tmp_path / "a")

    proxy = stream(files["proxy.mp4"].path)
    assert (proxy["codec_name"], proxy["profile"], proxy["pix_fmt"]) == ("h264", "Constrained Baseline", "yuv420p")
    assert (proxy["width"], proxy["height"], proxy["r_frame_rate"]) == (640, 360, "25/1")
    assert (proxy["color_space"], proxy["color_transfer"], proxy["color_range"]) == ("bt709", "bt709", "tv")
    assert len(media.probe(files["proxy.mp4"].path)["streams"]) == 1
    assert media.frame_codes(files["proxy.mp4"].path) == list(range(100))

    with audio.open_wav(files["audio.wav"].path) as wav:
        assert (wav.rate, wav.channels) == (48_000, 2)
        assert wav.seconds == pytest.approx(4, abs=0.05)
        sound = wav.read(0, wav.frames)
    for rate, size in ((20, 2400), (1000, 48)):
        peaks = read_dat(files[f"waveform-{rate}.dat"].path.read_bytes())
        assert (peaks.rate, peaks.samples_per_pixel) == (48_000, size)
        pixel = sound[size * 20 : size * 21]
        assert peaks.high[20] == pytest.approx(pixel.max() * 128, abs=1)
        assert peaks.low[20] == pytest.approx(pixel.min() * 128, abs=1)
        assert len(peaks.high) == -(-len(sound) // size)

    still = Image.open(files["thumbnail.jpg"].path)
    assert still.size == (640, 360)
    assert media.read_frame_code(np.asarray(still)) == 10
    for file in files.values():
        data = file.path.read_bytes()
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert result.warnings == ()
    assert result.commands[0][0] == "ffmpeg"
    assert found.info.kind is Kind.VIDEO
    assert json.loads(json.dumps(found.as_json()))["rate"] == "25/1"


def test_every_second_frame_of_the_proxy_can_be_jumped_to_and_it_starts_at_once(tmp_path):
    _, files, _ = made(media.slate("whole.mp4", seconds=4, size=(640, 360), sound="speech"), tmp_path / "a")
    packets = media.probe(files["proxy.mp4"].path, "-show_entries", "packet=flags,pts,dts")["packets"]
    assert [packet["flags"][0] for packet in packets[:6]] == ["K", "_", "K", "_", "K", "_"]
    assert all(packet["pts"] == packet["dts"] for packet in packets)
    data = files["proxy.mp4"].path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_the_same_bytes_in_give_the_same_bytes_out(tmp_path):
    source = media.slate("whole.mp4", seconds=4, size=(640, 360), sound="speech")
    _, one, _ = made(source, tmp_path / "one")
    copy = tmp_path / "renamed.mov"
    copy.write_bytes(source.read_bytes())
    _, other, _ = made(copy, tmp_path / "other")
    assert {name: file.sha256 for name, file in one.items()} == {name: file.sha256 for name, file in other.items()}


@pytest.mark.parametrize(
    ("recipe", "size"),
    [
        ({"name": "ten.mkv", "video": (*X265, "-pix_fmt", "yuv420p10le")}, (320, 180)),
        ({"name": "vp9.webm", "video": VP9, "audio": ("-c:a", "libopus")}, (320, 180)),
        ({"name": "av1.mp4", "video": ("-c:v", "libsvtav1", "-preset", "12")}, (320, 180)),
        (
            {"name": "mjpeg.avi", "video": ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p"), "audio": PCM},
            (320, 180),
        ),
        ({"name": "prores.mov", "video": ("-c:v", "prores_ks", "-profile:v", "0"), "audio": PCM}, (320, 180)),
        (
            {"name": "xdcam.mxf", "video": ("-c:v", "mpeg2video", "-b:v", "8M", "-pix_fmt", "yuv422p"), "audio": PCM},
            (320, 180),
        ),
        ({"name": "odd.mkv", "size": (321, 181), "video": ("-c:v", "ffv1", "-pix_fmt", "yuv444p")}, (320, 180)),
        ({"name": "rgb.mkv", "video": ("-c:v", "libx264rgb", "-preset", "ultrafast")}, (320, 180)),
        ({"name": "wide.mp4", "video_filter": "setsar=4/3"}, (426, 180)),
        ({"name": "tall.mp4", "size": (180, 320)}, (180, 320)),
        ({"name": "high.mp4", "size": (1920, 1080), "seconds": 0.4}, (1280, 720)),
        ({"name": "upright.mp4", "size": (1080, 1920), "seconds": 0.4}, (720, 1280)),
        ({"name": "slow-motion.mp4", "rate": "120", "seconds": 0.4}, (320, 180)),
        ({"name": "one-frame.mp4", "seconds": 0.04}, (320, 180)),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_cameras_of_all_kinds_are_read(recipe, size, tmp_path):
    recipe = {"seconds": 1} | recipe
    found, files, _ = made(media.slate(**recipe), tmp_path / "a")
    proxy = stream(files["proxy.mp4"].path)
    assert (proxy["width"], proxy["height"]) == size
    assert proxy["pix_fmt"] == "yuv420p"
    assert proxy.get("sample_aspect_ratio", "1:1") == "1:1"
    codes = media.frame_codes(files["proxy.mp4"].path)
    frames = round(recipe["seconds"] * Fraction(recipe.get("rate", "25")))
    step = 2 if recipe.get("rate") == "120" else 1
    assert sorted(set(codes)) == list(range(0, frames, step))
    assert found.sound


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_phone_held_another_way_is_turned_upright_once(angle, tmp_path):
    # The picture is stored turned clockwise; the tag turns it back, counter-clockwise.
    turned = {90: "transpose=1", 180: "hflip,vflip", 270: "transpose=2"}[angle]
    stored = media.slate("stored.mp4", seconds=1, video_filter=turned)
    source = media.remux(stored, "held.mp4", "-metadata:s:v:0", f"rotate={angle}")
    found, files, _ = made(source, tmp_path / "a")
    assert found.info.video.rotation == -angle % 360
    assert (found.info.video.width, found.info.video.height) == (320, 180)
    proxy = stream(files["proxy.mp4"].path)
    assert (proxy["width"], proxy["height"]) == (320, 180)
    assert "side_data_list" not in proxy
    assert media.frame_codes(files["proxy.mp4"].path) == list(range(25))
    assert Image.open(files["thumbnail.jpg"].path).size == (320, 180)


def test_interlaced_pictures_are_deinterlaced_at_their_frame_rate(tmp_path):
    mpeg2 = ("-c:v", "mpeg2video", "-b:v", "6M", "-flags", "+ildct+ilme", "-field_order", "tt")
    source = media.slate("fields.ts", seconds=1, size=(352, 288), video=mpeg2, video_filter="setfield=tff")
    found, files, result = made(source, tmp_path / "a")
    assert found.info.video.interlaced
    assert "bwdif" in " ".join(result.commands[-1])
    codes = media.frame_codes(files["proxy.mp4"].path)
    assert sorted(set(codes)) == list(range(25))
    assert files["proxy.mp4"].meta["rate"] == "25/1"


def test_hdr_is_mapped_to_what_every_screen_shows(tmp_path):
    tags = ("-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc")
    source = media.slate("hlg.mov", seconds=0.4, video=(*X265, "-pix_fmt", "yuv420p10le", *tags, "-tag:v", "hvc1"))
    found, files, _ = made(source, tmp_path / "a")
    assert found.info.video.hdr
    assert stream(files["proxy.mp4"].path)["color_transfer"] == "bt709"
    assert media.frame_codes(files["proxy.mp4"].path) == list(range(10))
    assert media.read_frame_code(np.asarray(Image.open(files["thumbnail.jpg"].path))) == 1


def test_full_range_pictures_keep_their_black_and_white(tmp_path):
    full = ("-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p")
    source = media.slate(
        "full.avi", seconds=0.2, video=full, video_filter="scale=in_range=tv:out_range=pc,format=yuvj420p"
    )
    _, files, _ = made(source, tmp_path / "a")
    picture = next(media.decode_pictures(files["proxy.mp4"].path))
    # The reader expands to 0–255, as a screen does.
    assert picture.min() <= 6
    assert picture.max() >= 249


def test_subtitles_attachments_and_covers_are_passed_over(tmp_path):
    subtitles = tmp_path / "s.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    font = tmp_path / "f.ttf"
    font.write_bytes(b"\0\1\0\0" + bytes(500))
    source = tmp_path / "all.mkv"
    base = media.slate("base.mkv", seconds=1)
    media.run_ffmpeg(
        "-i", base, "-i", subtitles, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "srt", "-attach", font,
        "-metadata:s:t", "mimetype=application/x-truetype-font", source,
    )  # fmt: skip
    found, files, _ = made(source, tmp_path / "a")
    assert found.info.video.index == 0
    assert set(files) == {"proxy.mp4", "thumbnail.jpg", "audio.wav", "waveform-20.dat", "waveform-1000.dat"}


@pytest.mark.parametrize("name", ["song.mp3", "song.m4a"])
def test_cover_art_does_not_make_a_recorder_a_camera(name, tmp_path):
    cover, song = tmp_path / "c.jpg", tmp_path / name
    Image.new("RGB", (300, 300), "red").save(cover)
    base = media.slate(name, seconds=2, video=None, audio=AAC if name.endswith("m4a") else ("-c:a", "libmp3lame"))
    media.run_ffmpeg(
        "-i", base, "-i", cover, "-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic", song
    )
    found, files, _ = made(song, tmp_path / "a")
    assert found.info.kind is Kind.AUDIO
    assert set(files) == {"audio.wav", "waveform-20.dat", "waveform-1000.dat"}


def test_a_picture_without_sound_says_that_its_sync_is_by_hand(tmp_path):
    _, files, result = made(media.slate("mute.mp4", seconds=0.4, audio=None), tmp_path / "a")
    assert set(files) == {"proxy.mp4", "thumbnail.jpg"}
    assert "by hand" in result.warnings[0]


def test_mono_keeps_its_level_on_both_sides_and_surround_is_mixed_down(tmp_path):
    mono = media.slate("mono.wav", seconds=1, video=None, audio=PCM)
    _, files, _ = made(mono, tmp_path / "a")
    with audio.open_wav(files["audio.wav"].path) as wav:
        both = wav.read_channels(0, wav.frames)
    assert (both[:, 0] == both[:, 1]).all()
    assert np.abs(both).max() == pytest.approx(np.abs(media.clicks(1)).max(), abs=0.001)

    surround = media.slate("5.1.mp4", seconds=1, audio=(*AAC, "-b:a", "256k"), audio_filter="pan=5.1|FC=c0|FL=0.5*c0")
    _, files, _ = made(surround, tmp_path / "b")
    with audio.open_wav(files["audio.wav"].path) as wav:
        assert wav.channels == 2
        assert media.click_times(wav.read(0, wav.frames)) == pytest.approx([0.25], abs=0.001)


def test_of_sixteen_nameless_channels_the_one_with_sound_is_heard(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.1, 48_000).astype(np.float32)
    sound = np.zeros((48_000, 16), np.float32)
    sound[:, 7] = noise
    _, files, _ = made(media.write_wav(tmp_path / "poly.wav", sound), tmp_path / "a")
    with audio.open_wav(files["audio.wav"].path) as wav:
        for heard in wav.read_channels(0, 48_000).T:
            assert np.corrcoef(heard, noise)[0, 1] > 0.999


def test_sound_that_changes_its_form_in_mid_file_is_not_doubled(tmp_path):
    one = media.slate("one.ts", seconds=2, video=None, audio=AAC)
    two = media.slate("two.ts", seconds=2, video=None, audio=(*AAC, "-ac", "2"))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    _, files, result = made(joined, tmp_path / "a")
    assert files["audio.wav"].meta["duration"] == pytest.approx(4.05, abs=0.1)
    assert len(result.commands) == 2
    assert "joined from pieces" in result.warnings[0]


def test_sound_that_cannot_be_decoded_to_its_end_is_not_taken_for_the_whole(tmp_path):
    whole = media.slate("whole.m4a", seconds=4, video=None, audio=AAC).read_bytes()
    begin = whole.index(b"mdat") + 4
    end = begin - 8 + int.from_bytes(whole[begin - 8 : begin - 4], "big")
    half = (begin + end) // 2
    broken = tmp_path / "broken.m4a"
    broken.write_bytes(whole[:half] + b"\xff" * (end - half) + whole[end:])
    with pytest.raises(SourceDamaged, match="of sound came out of"):
        hear(broken, tmp_path)


def test_a_picture_that_changes_its_size_in_mid_file_goes_on(tmp_path):
    joined = tmp_path / "joined.ts"
    parts = [media.slate("one.ts", seconds=2), media.slate("two.ts", seconds=2, size=(640, 360))]
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    _, files, _ = made(joined, tmp_path / "a")
    codes = media.frame_codes(files["proxy.mp4"].path)
    assert codes[-1] == 49
    assert len(codes) == pytest.approx(101, abs=2)


@pytest.mark.parametrize("codec", ["prores", "dnxhr"])
def test_the_mezzanine_is_whole_and_upright_with_its_sound_in_time(codec, tmp_path):
    source = media.slate("mezz.mkv", seconds=1, rate="30000/1001", audio=PCM, audio_late=0.3)
    found = inspect(source)
    [file] = mezzanine(source, found, Workspace(tmp_path), codec=codec).files
    described = media.probe(file.path)["streams"]
    assert described[0]["codec_name"] == {"prores": "prores", "dnxhr": "dnxhd"}[codec]
    assert described[0]["r_frame_rate"] == "30000/1001"
    assert media.frame_codes(file.path) == list(range(30))
    assert media.click_times(*media.decode_sound(file.path)) == pytest.approx([0.55], abs=0.001)
    assert (file.kind.name, file.content_type, file.meta["codec"]) == ("mezzanine", "video/quicktime", codec)


def test_a_recorder_has_no_mezzanine(tmp_path):
    source = media.slate("a.wav", seconds=1, video=None, audio=PCM)
    with pytest.raises(ValueError, match="has none"):
        mezzanine(source, inspect(source), Workspace(tmp_path))


def test_settings_reach_the_proxy(tmp_path):
    source = media.slate("whole.mp4", seconds=4, size=(640, 360), sound="speech")
    _, files, _ = made(source, tmp_path / "a", settings=ProxySettings(short_side=180, gop=12))
    assert stream(files["proxy.mp4"].path)["height"] == 180
    packets = media.probe(files["proxy.mp4"].path, "-show_entries", "packet=flags")["packets"]
    assert [n for n, packet in enumerate(packets[:30]) if packet["flags"][0] == "K"] == [0, 12, 24]


def test_progress_runs_from_nothing_to_all(tmp_path):
    seen = []
    source = media.slate("whole.mp4", seconds=4, size=(640, 360), sound="speech")
    derive(source, inspect(source), Workspace(tmp_path, report=lambda percent, step: seen.append((percent, step))))
    for part in ("reading the audio", "making the proxy"):
        percents = [percent for percent, step in seen if step == part]
        assert percents == sorted(percents)
        assert (percents[0], percents[-1]) == (0, 100)


# --- what cannot be used --------------------------------------------------------------------------------------------


def cut(source, share, target):
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


FAST = {"name": "fast.mp4", "seconds": 6, "output": ("-movflags", "+faststart")}


@pytest.mark.parametrize(
    ("recipe", "share"),
    [
        (FAST, 0.6),
        (FAST, 0.9),
        ({"name": "tail.mp4", "seconds": 6}, 0.9),
        ({"name": "tail.mkv", "seconds": 6}, 0.6),
        ({"name": "tail.avi", "seconds": 6, "audio": PCM, "video": ("-c:v", "mjpeg")}, 0.6),
        ({"name": "tail.wav", "seconds": 6, "video": None, "audio": PCM}, 0.9),
        ({"name": "tail.flac", "seconds": 6, "video": None, "audio": ("-c:a", "flac"), "sound": "speech"}, 0.6),
        ({"name": "tail.mp3", "seconds": 6, "video": None, "audio": ("-c:a", "libmp3lame")}, 0.6),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else str(value),
)
def test_a_file_that_ends_early_is_refused_in_words(recipe, share, tmp_path):
    source = cut(media.slate(**recipe), share, tmp_path / recipe["name"])
    with pytest.raises(SourceDamaged, match=r"cut|missing") as refusal:
        made(source, tmp_path / "a")
    assert "Copy it again" in str(refusal.value)


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "ts"])
def test_a_whole_file_whose_clock_starts_late_is_not_called_cut(ending, tmp_path):
    source = media.remux(media.slate("whole.mp4", seconds=4), f"late.{ending}", "-output_ts_offset", "5")
    found, files, _ = made(source, tmp_path / "a")
    assert found.info.start_time > 4.9
    assert list(dict.fromkeys(media.frame_codes(files["proxy.mp4"].path))) == list(range(100))


def test_a_cut_file_whose_clock_starts_late_is_refused(tmp_path):
    late = media.remux(media.slate("long.mkv", seconds=6), "late-long.mkv", "-output_ts_offset", "5")
    with pytest.raises(SourceDamaged, match="cut: it announces 00:00:06"):
        inspect(cut(late, 0.6, tmp_path / "late.mkv"))


@pytest.mark.parametrize("name", ["hole.mp4", "hole.mkv", "hole.ts"])
def test_a_hole_in_the_middle_costs_no_more_than_itself(name, tmp_path):
    output = ("-movflags", "+faststart") if name.endswith("mp4") else ()
    source = media.slate(name, seconds=6, video=(*H264, "-g", "25"), output=output)
    data = bytearray(source.read_bytes())
    data[int(len(data) * 0.5) : int(len(data) * 0.6)] = bytes(int(len(data) * 0.6) - int(len(data) * 0.5))
    broken = tmp_path / name
    broken.write_bytes(data)
    found, files, result = made(broken, tmp_path / "a")
    codes = media.frame_codes(files["proxy.mp4"].path)
    late = round(float(found.video_start) * 25)
    right = sum(code == max(0, n - late) for n, code in enumerate(codes))
    assert right > 0.6 * len(codes)
    assert codes[-1] == 149
    with audio.open_wav(files["audio.wav"].path) as wav:
        clicks = media.click_times(wav.read(0, wav.frames))
    assert clicks[-1] == pytest.approx(5 + float(found.video_start), abs=0.005)
    assert any("could not be decoded" in warning or "hole" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("empty.mp4", b"", EmptyFile),
        ("zeros.mp4", bytes(100_000), NotMedia),
        ("noise.mp4", np.random.default_rng(1).bytes(100_000), NotMedia),
        ("text.mp4", b"Dear all, please find attached\n" * 100, NotMedia),
        ("list.mp4", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", NotMedia),
        ("concat.mp4", b"ffconcat version 1.0\nfile other.mp4\n", NotMedia),
        ("page.mp4", b"<html><body>404</body></html>", NotMedia),
        ("moov.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\x08free\0\0\x10\0mdat" + bytes(4088), SourceDamaged),
        ("photo.mp4", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(1000), StillImage),
    ],
)
def test_what_is_no_recording_is_refused_in_words(name, content, refusal, tmp_path):
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(refusal) as caught:
        inspect(source)
    assert issubclass(refusal, NotUsable)
    assert len(str(caught.value)) > 40


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "tiff", "bmp", "gif"])
def test_an_image_renamed_to_a_video_is_refused_as_an_image(form, tmp_path):
    source = tmp_path / "clip.mp4"
    Image.new("RGB", (64, 64), "blue").save(source, format=form)
    with pytest.raises(StillImage, match="not a recording"):
        inspect(source)


def test_a_file_with_subtitles_alone_holds_neither_picture_nor_sound(tmp_path):
    subtitles = tmp_path / "s.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    source = tmp_path / "s.mkv"
    media.run_ffmpeg("-i", subtitles, source)
    with pytest.raises(NeitherPictureNorSound):
        inspect(source)


def test_a_missing_file_is_no_media_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "gone.mp4")


def test_an_enormous_picture_is_refused_before_it_is_decoded(tmp_path):
    source = tmp_path / "bomb.mkv"
    media.run_ffmpeg(
        "-f", "lavfi", "-i", "color=s=16640x128:d=0.04", "-c:v", "ffv1", "-pix_fmt", "yuv420p", source
    )  # fmt: skip
    with pytest.raises(NotUsable):
        inspect(source)


def test_a_cancelled_ingest_stops_and_leaves_nothing_running(tmp_path):
    source = media.slate("long.mp4", seconds=30, size=(640, 360), rate="60", audio=None)
    found = inspect(source)
    asked = iter([False, False, False, *[True] * 1000])
    with pytest.raises(process.Cancelled):
        derive(source, found, Workspace(tmp_path, cancelled=lambda: next(asked)))


def test_names_are_never_taken_for_options_or_protocols(tmp_path):
    source = media.slate("plain.mp4", seconds=0.4)
    for name in ("-i.mp4", "concat:a|b.mp4", "%03d.mp4", "späce ünd\nline.mp4", "http:x.mp4"):
        odd = tmp_path / name
        odd.write_bytes(source.read_bytes())
        assert inspect(odd).frames.frames == 10
