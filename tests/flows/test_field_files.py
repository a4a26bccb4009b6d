"""Files as the field sends them, each made small: the right answer or a clear sentence, and nothing lost without a word."""

import itertools
import struct

import numpy as np
import pytest

from media_app import audio
from media_app.core.files.faults import (
    NotMedia,
    OutOfRange,
    PictureNotDecodable,
    Protected,
    ReferenceMovie,
    SourceDamaged,
)
from media_app.core.time.witness import Source
from media_app.making import boxes
from media_app.making.decoded import decoded
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import field_pictures, media
from tests.support.derived import derive
from tests.support.media import H264, PCM


def made(path, scratch):
    scratch.mkdir(exist_ok=True)
    result = derive(path, inspect(path), Workspace(scratch))
    return result, {file.path.name: file for file in result.files}


def box(name, data):
    return struct.pack(">I", 8 + len(data)) + name + data


def clip():
    return media.slate("field.mp4", seconds=1).read_bytes()


def entry(data, letters, other):
    """The file with another name for the form of one track."""
    at = data.index(letters, data.index(b"stsd"))
    return data[:at] + other + data[at + 4 :]


def written(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("letters", [b"aprn", b"CRAW", b"apv1"])
def test_a_camera_with_a_picture_that_cannot_be_decoded_is_refused(letters, tmp_path):
    with pytest.raises(PictureNotDecodable, match=letters.decode()):
        inspect(written(tmp_path, "raw.mov", entry(clip(), b"avc1", letters)))


@pytest.mark.parametrize(
    "trailer",
    [b"SEFHe\0\0\0" + bytes(range(256)) * 4 + b"SEFT", b"\xee" * 200_000, b"8db42d694ccc418790edff439fe026bf"],
    ids=["Samsung", "action camera", "Insta360"],
)  # fmt: skip
def test_bytes_behind_the_last_box_are_named_and_nothing_is_cut(trailer, tmp_path):
    found = inspect(written(tmp_path, "t.mp4", clip() + trailer))
    assert found.frames.frames == 25
    assert f"{len(trailer):,} bytes follow the end of the recording" in found.info.warnings[0]


def test_a_recording_behind_the_recording_is_named(tmp_path):
    found = inspect(written(tmp_path, "twice.mp4", clip() + clip()))
    assert found.frames.frames == 25
    assert [warning.split(" of ")[0] for warning in found.info.warnings] == ["Another recording"]


def sound(name, *codec):
    return media.slate(name, seconds=3, video=None, audio=codec, sound="speech").read_bytes()


@pytest.mark.parametrize("name", ["two.wav", "two.aiff"])
def test_a_second_sound_behind_the_first_is_named(name, tmp_path):
    data = sound(name, "-c:a", "pcm_s16le" if name.endswith("wav") else "pcm_s16be")
    found = inspect(written(tmp_path, name, data * 2))
    assert found.duration == 3
    assert found.info.warnings[0].startswith(f"Another recording of {len(data):,} bytes follows")


@pytest.mark.parametrize("also_riff", [True, False])
def test_sound_beyond_what_a_recorder_wrote_into_its_header_is_named(also_riff, tmp_path):
    """A recorder that loses power has filled in its lengths for the last time a while ago."""
    data = bytearray(sound("stale.wav", *PCM))
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 96_000)
    if also_riff:
        data[4:8] = struct.pack("<I", at - 4 + 96_000)
    found = inspect(written(tmp_path, "stale.wav", bytes(data)))
    assert found.duration == 1
    assert "192,000 bytes follow where the file's header says that its sound ends" in found.info.warnings[0]
    data[at : at + 4] = bytes(4)
    assert inspect(written(tmp_path, "open.wav", bytes(data))).info.warnings == ()


def test_tags_behind_an_mp3_and_a_second_one_cut_nothing(tmp_path):
    data = sound("tags.mp3", "-c:a", "libmp3lame")
    assert float(inspect(written(tmp_path, "ape.mp3", data + b"APETAGEX" + bytes(9000))).duration) == pytest.approx(
        3, abs=0.1
    )
    assert float(inspect(written(tmp_path, "two.mp3", data * 2)).duration) == pytest.approx(6, abs=0.1)
    with pytest.raises(SourceDamaged, match="cut"):
        inspect(written(tmp_path, "cut.mp3", data[: len(data) // 2]))


@pytest.mark.parametrize("behind", [b"PK\x03\x04", b"%PDF-1.7", b"\x7fELF"])
def test_another_file_behind_the_recording_is_refused(behind, tmp_path):
    with pytest.raises(NotMedia, match="After the recording, the file contains"):
        inspect(written(tmp_path, "two.mp4", clip() + behind + bytes(64)))


def test_a_box_with_the_picture_in_it_that_is_cut_is_still_refused(tmp_path):
    data = clip()
    with pytest.raises(SourceDamaged, match="cut"):
        inspect(written(tmp_path, "cut.mp4", data[:-300]))


@pytest.mark.parametrize(("letters", "other"), [(b"avc1", b"encv"), (b"mp4a", b"enca"), (b"mp4a", b"drms")])
def test_encrypted_files_are_refused_as_such(letters, other, tmp_path):
    with pytest.raises(Protected):
        inspect(written(tmp_path, "enc.mp4", entry(clip(), letters, other)))


def test_a_file_that_is_really_encrypted_is_refused_as_such(tmp_path):
    path = tmp_path / "enc.mp4"
    key = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "0" * 31 + "1", "-encryption_kid", "1" * 32)
    media.run_ffmpeg("-i", media.slate("field.mp4", seconds=1), "-c", "copy", *key, path)
    with pytest.raises(Protected):
        inspect(path)


def test_a_reference_movie_is_distinguished_from_a_cut_one(tmp_path):
    url = b"file:///movie-high.mov\0"
    pointing = box(b"rdrf", b"\0\0\0\0url " + struct.pack(">I", len(url)) + url)
    movie = box(b"moov", box(b"rmra", box(b"rmda", pointing)))
    with pytest.raises(ReferenceMovie, match="points at recordings in other files"):
        inspect(written(tmp_path, "ref.mov", movie))
    elsewhere = clip().replace(b"url \0\0\0\1", b"url \0\0\0\0")
    with pytest.raises(ReferenceMovie):
        inspect(written(tmp_path, "ref2.mov", elsewhere))


def with_edits(data, count):
    """The file whose first track is put together from so many pieces."""
    at = data.index(b"elst") - 4
    old = int.from_bytes(data[at : at + 4], "big")
    entries = b"".join(struct.pack(">IiHH", 1, n % 12_000, 1, 0) for n in range(count))
    new = box(b"elst", struct.pack(">II", 0, count) + entries)
    out = bytearray(data[:at] + new + data[at + old :])
    for name in (b"edts", b"trak", b"moov"):
        start = bytes(out).rindex(name, 0, at + 4) - 4
        out[start : start + 4] = struct.pack(">I", int.from_bytes(out[start : start + 4], "big") + len(new) - old)
    return bytes(out)


def test_a_hundred_thousand_edits_are_refused_before_a_program_turns_in_circles(tmp_path):
    path = written(tmp_path, "edits.mp4", with_edits(clip(), 100_000))
    with pytest.raises(OutOfRange, match="100,000 pieces"):
        inspect(path)


def test_an_index_made_to_cost_is_refused_before_it_costs(tmp_path, monkeypatch):
    monkeypatch.setattr(boxes.Budget.__init__, "__defaults__", (5_000,))
    lists = box(b"stbl", box(b"stsd", bytes(8) + box(b"mp4a", b"") * 100))
    tracks = box(b"trak", box(b"mdia", box(b"minf", lists))) * 100
    with pytest.raises(OutOfRange, match="far more parts than a recording needs"):
        inspect(written(tmp_path, "deep.mp4", box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", tracks)))


@pytest.mark.parametrize("name", ["alac.caf", "alac.mka", "opus.caf", "wavpack.mka"])
def test_sound_whose_packets_do_not_say_how_long_they_are_is_whole(name, tmp_path):
    codec = {"alac": "alac", "opus": "libopus", "wavpack": "wavpack"}[name.split(".")[0]]
    sound = media.slate(name, seconds=3, video=None, audio=("-c:a", codec), sound="speech")
    _, files = made(sound, tmp_path / "a")
    assert files["audio.wav"].meta["duration"] == pytest.approx(3, abs=0.05)


def test_ambisonic_sound_is_heard_as_channels_without_names(tmp_path):
    path = tmp_path / "sphere.opus"
    tones = ("-f", "lavfi", "-i", "anoisesrc=d=1:r=48000:a=0.1,pan=4.0|FL=c0|FR=c0|FC=c0|BC=c0")
    media.run_ffmpeg(*tones, "-c:a", "libopus", "-mapping_family", "2", path)
    result, files = made(path, tmp_path / "a")
    assert len(result.listened.heard.channels) == 4
    assert files["audio.wav"].meta["duration"] == pytest.approx(1, abs=0.02)


def test_sound_without_a_clock_that_is_damaged_says_that_its_time_may_be_lost(tmp_path):
    data = bytearray(sound("bad.aac", "-c:a", "aac"))
    data[len(data) // 2 : len(data) // 2 + 900] = bytes(range(225)) * 4
    result, _ = made(written(tmp_path, "bad.aac", bytes(data)), tmp_path / "a")
    assert [warning for warning in result.warnings if "has no clock" in warning]


@pytest.mark.parametrize("name", ["subs.mp4", "subs.mkv"])
def test_subtitles_longer_than_the_recording_cost_nothing(name, tmp_path):
    subtitles = written(tmp_path, "s.srt", b"1\n00:00:08,000 --> 00:00:12,000\nhello\n")
    kind = "mov_text" if name.endswith("mp4") else "srt"
    path = tmp_path / name
    media.run_ffmpeg(
        "-i", media.slate("field.mp4", seconds=1), "-i", subtitles, "-map", "0", "-map", "1", "-c", "copy", "-c:s", kind, path
    )  # fmt: skip
    assert inspect(path).frames.frames == 25


def test_a_movie_header_that_is_stale_cuts_nothing(tmp_path):
    data = bytearray(clip())
    at = data.index(b"mvhd") + 20
    data[at : at + 4] = struct.pack(">I", 60_000)
    assert inspect(written(tmp_path, "stale.mp4", bytes(data))).duration == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["paff.mts", "paff.mp4"])
def test_two_fields_in_packets_of_their_own_are_one_frame(name, tmp_path):
    raw, path = field_pictures.stream(tmp_path / "paff.h264", frames=50), tmp_path / name
    media.run_ffmpeg("-framerate", "25", "-i", raw, "-c", "copy", path)
    _, files = made(path, tmp_path / "a")
    assert (files["proxy.mp4"].meta["rate"], files["proxy.mp4"].meta["frames"]) == ("25/1", 50)
    shown = [int(np.asarray(picture).mean()) for picture in media.decode_pictures(files["proxy.mp4"].path)]
    assert len(shown) == 50
    assert all(later > before for before, later in itertools.pairwise(shown))


def phone_sound(frames, pause):
    """AMR of noise, in which of every ten frames the last `pause` hold nothing."""
    noise = np.random.default_rng(1)
    said = (bytes([7 << 3 | 4]) + noise.bytes(31), bytes([15 << 3 | 4]))
    return b"#!AMR\n" + b"".join(said[n % 10 >= 10 - pause] for n in range(frames))


@pytest.mark.parametrize(("pause", "lost"), [(7, "00:00:03.500 of 00:00:05.000"), (0, "")])
def test_a_phone_s_pauses_are_silent_with_a_word(pause, lost, tmp_path):
    raw = written(tmp_path, "x.amr", phone_sound(250, pause))
    path = tmp_path / "x.3gp"
    media.run_ffmpeg("-i", raw, "-c", "copy", path)
    result, files = made(path, tmp_path / "a")
    assert [warning[: len(lost)] for warning in result.warnings] == ([lost] if lost else [])
    with audio.open_wav(files["audio.wav"].path) as wav:
        zeros = (wav.read(0, wav.frames) == 0).mean()
    assert zeros == pytest.approx(pause / 10, abs=0.1)


@pytest.mark.parametrize(
    ("bad", "word"), [(np.nan, "not numbers"), (-np.inf, "not numbers"), (3e38, "96 dB above"), (7, "")]
)
def test_samples_that_are_no_numbers_are_silent_and_take_nothing_along(bad, word, tmp_path):
    """On one of three channels. Sound that is merely too loud, as 32-bit recorders keep it, is as it was."""
    samples = np.random.default_rng(1).normal(0, 0.1, (96_000, 3)).astype(np.float32)
    samples[48_000, 2] = bad
    path = tmp_path / "x.wav"
    with audio.WavWriter(path, 48_000, 3) as wav:
        wav.write(samples)
    result, files = made(path, tmp_path / "a")
    assert [word in warning for warning in result.warnings] == ([True] if word else [])
    with (
        audio.open_wav(files["audio.wav"].path) as wav,
        decoded(path, inspect(path), Workspace(tmp_path / "a")) as heard,
    ):
        kept, floats = wav.read(0, wav.frames), heard.read(0, heard.frames)
    samples[48_000, 2] = 0 if word else bad
    assert np.abs(kept - np.clip(samples.mean(axis=1), -1, 1)).max() < 0.001
    assert np.isfinite(floats).all()
    assert np.abs(floats).max() < (0.4 if word else 2.5)


def with_rtmd(data):
    """The clip with its timecode track made a Sony data track: hours to frames in bytes 13 to 17 of its only sample."""
    at = next(i for i in range(len(data)) if data.startswith(b"stsd", i) and data[i + 16 : i + 20] == b"tmcd")
    sample = b"\0\x1c\1\0" + bytes(9) + bytes([10, 11, 12, 0, 13]) + bytes(110)
    out = bytearray(data)
    out[at + 16 : at + 20] = b"rtmd"
    handler = max(i for i in range(at) if data.startswith(b"hdlr", i) and data[i + 12 : i + 16] == b"tmcd")
    out[handler + 12 : handler + 16] = b"meta"
    size, offset = data.index(b"stsz", at), data.index(b"stco", at)
    out[size + 8 : size + 12] = struct.pack(">I", len(sample))
    out[offset + 12 : offset + 16] = struct.pack(">I", len(data) + 8)
    return bytes(out).replace(b"tref", b"free") + box(b"mdat", sample)


def test_the_timecode_of_a_sony_camera_is_read_from_its_data_track(tmp_path):
    base = media.slate("coded.mov", seconds=1, output=("-timecode", "01:00:00:00"))
    found = inspect(written(tmp_path, "sony.mp4", with_rtmd(base.read_bytes())))
    (witness,) = found.info.times.timecodes
    assert (witness.source, found.info.timecode) == (Source.RTMD, "10:11:12:13")
    assert "Sony rtmd" in found.info.warnings[0]


def test_eighty_subtitle_tracks_do_not_make_a_film_unreadable(tmp_path):
    subtitles = written(tmp_path, "s.srt", b"1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    path = tmp_path / "many.mkv"
    media.run_ffmpeg(
        "-i", media.slate("field.mp4", seconds=1), "-i", subtitles, "-map", "0", *["-map", "1"] * 80, "-c", "copy", "-c:s", "srt",
        path,
    )  # fmt: skip
    assert inspect(path).frames.frames == 25


def test_a_time_lapse_lasts_as_long_as_its_frames(tmp_path):
    path = tmp_path / "lapse.mp4"
    media.run_ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=64x48:r=1:d=13", "-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p", path
    )
    found = inspect(path)
    assert (found.frames.frames, found.duration, found.frames.restarts) == (13, 13, 0)


def test_the_still_of_a_motion_photo_is_not_the_recording(tmp_path):
    path = tmp_path / "motion.mp4"
    still = ("-f", "lavfi", "-i", "color=red:s=640x480:r=1:d=1")
    clip_ = media.slate("field.mp4", seconds=1)
    media.run_ffmpeg(*still, "-i", clip_, "-map", "0", "-map", "1", *H264, "-c:a", "copy", path)
    found = inspect(path)
    assert (found.info.video.index, found.frames.frames) == (1, 25)
    assert "second picture" in found.info.warnings[0]


def test_every_track_of_an_mxf_is_measured(tmp_path):
    path = tmp_path / "four.mxf"
    base = media.slate("four.mov", seconds=1, audio=PCM)
    picture = ("-c:v", "mpeg2video", "-q:v", "4", *PCM, "-ac", "1")
    media.run_ffmpeg("-i", base, "-map", "0:v", *["-map", "0:a"] * 4, *picture, path)
    result, _ = made(path, tmp_path / "a")
    assert [len(track["channels"]) for track in result.listened.tracks_as_json()] == [1, 1, 1, 1]


def test_a_recording_in_fragments_that_stopped_within_one_is_taken_to_there_and_named(tmp_path):
    """With the index that lies behind the fragments left out, as after a loss of power."""
    whole = media.slate("fragments.mp4", output=("-g", "25", "-movflags", "frag_keyframe+empty_moov"))
    data = whole.read_bytes()
    data = data[: data.rindex(b"mfra") - 4] if b"mfra" in data else data
    found = inspect(written(tmp_path, "stopped.mp4", data[:-300]))
    said = [warning for warning in found.info.warnings if "the file" in warning.lower()]
    assert [warning[:53] for warning in said] == ["The file ends within its last fragment, of which 300 "]
    assert 2.9 < found.duration <= 4.1
    assert inspect(written(tmp_path, "whole.mp4", data)).info.warnings == ()


def test_a_gap_of_half_a_minute_in_a_transport_stream_stays_and_what_follows_is_in_time(tmp_path):
    """A receiver that lost its signal. ffmpeg alone would close the gap."""
    clip = media.slate(seconds=2)
    pieces = [media.remux(clip, f"{at}.ts", "-output_ts_offset", str(at)) for at in (10, 40)]
    _, files = made(written(tmp_path, "gap.ts", b"".join(one.read_bytes() for one in pieces)), tmp_path / "out")
    with audio.open_wav(files["audio.wav"].path) as wav:
        heard = media.click_times(wav.read(0, wav.frames))
    before, after = [time for time in heard if time < 15], [time for time in heard if time > 15]
    assert len(before) == len(after) == 2
    assert np.subtract(after, before) == pytest.approx(30, abs=0.01)
    assert files["proxy.mp4"].meta["duration"] == pytest.approx(32, abs=0.1)


@pytest.mark.parametrize(("clocks", "apart", "anew"), [((10, 5000), 2, 1), ((5000, 10), 2, 1), ((95_440, 3), 6.718, 0)])
def test_a_transport_stream_whose_clock_begins_anew_is_laid_end_to_end_with_a_word(clocks, apart, anew, tmp_path):
    """An encoder that was restarted; the last goes on after what 33 bits can count, with its gap."""
    clip = media.slate(seconds=2)
    pieces = [media.remux(clip, f"{at}.ts", "-output_ts_offset", str(at)) for at in clocks]
    result, files = made(written(tmp_path, "anew.ts", b"".join(one.read_bytes() for one in pieces)), tmp_path / "out")
    assert len([warning for warning in result.warnings if "begins anew in mid-file" in warning]) == anew
    with audio.open_wav(files["audio.wav"].path) as wav:
        heard = media.click_times(wav.read(0, wav.frames))
    assert np.subtract(heard[2:], heard[:2]) == pytest.approx(apart, abs=0.1)
    assert files["proxy.mp4"].meta["duration"] == pytest.approx(apart + 2, abs=0.1)
