"""t = 0 of everything made is the original's own time zero, in every container."""

from fractions import Fraction

import numpy as np
import pytest

from media_app import audio
from media_app.making.inspect import inspect
from media_app.making.sound import hear
from media_app.making.workspace import Workspace
from tests.support import media
from tests.support.derived import derive
from tests.support.media import AAC, H264, PCM

REORDERED = (*H264, "-preset", "veryfast", "-bf", "2")
OPUS = ("-c:a", "libopus")

#: name → how it is made, and by how many seconds the container shifts picture and sound against the scene.
GOLDEN = {
    "mp4": ({"name": "a.mp4", "video": REORDERED}, 0.0, 0.0),
    "mp4 at 29.97": ({"name": "a.mp4", "video": REORDERED, "rate": "30000/1001"}, 0.0, 0.0),
    "mp4 without edit list": ({"name": "b.mp4", "video": REORDERED, "output": ("-use_editlist", "0")}, 0.080, 0.080),
    "transport stream": ({"name": "a.ts", "video": REORDERED}, 0.02133, 0.02133),
    "mkv with aac": ({"name": "a.mkv", "video": REORDERED}, 0.021, 0.021),
    "mkv with pcm": ({"name": "p.mkv", "video": REORDERED, "audio": PCM}, 0.0, 0.0),
    "late sound": ({"name": "c.mkv", "audio": PCM, "audio_late": 0.478}, 0.0, 0.478),
    "late picture": ({"name": "d.mp4", "video_late": 0.478}, 0.478, 0.0),
    "mov with pcm": ({"name": "a.mov", "audio": PCM, "rate": "24000/1001"}, 0.0, 0.0),
    "mp3 recorder": ({"name": "a.mp3", "video": None, "audio": ("-c:a", "libmp3lame")}, 0.0, 0.0),
    "wav recorder": ({"name": "a.wav", "video": None, "audio": PCM}, 0.0, 0.0),
    "44.1 kHz m4a": ({"name": "a.m4a", "video": None, "audio": (*AAC, "-ar", "44100")}, 0.0, 0.0),
    "96 kHz 24-bit wav": ({"name": "h.wav", "video": None, "audio": ("-c:a", "pcm_s24le", "-ar", "96000")}, 0.0, 0.0),
    "8 kHz wav": ({"name": "l.wav", "video": None, "audio": (*PCM, "-ar", "8000")}, 0.0, 0.0),
    "ogg vorbis": ({"name": "a.ogg", "video": None, "audio": ("-c:a", "libvorbis")}, 0.0, 0.0),
    "flac": ({"name": "a.flac", "video": None, "audio": ("-c:a", "flac")}, 0.0, 0.0),
}


def made(path, scratch):
    found = inspect(path)
    files = derive(path, found, Workspace(scratch)).files
    return found, {file.kind.name: file for file in files}


def heard(path):
    with audio.open_wav(path) as wav:
        return media.click_times(wav.read(0, wav.frames), wav.rate)


@pytest.mark.parametrize("case", GOLDEN)
def test_flash_and_click_are_where_the_container_puts_them(case, tmp_path):
    recipe, picture_shift, sound_shift = GOLDEN[case]
    found, files = made(media.slate(seconds=3, **recipe), tmp_path)

    truth = [t + sound_shift for t in media.click_truth(3)]
    assert heard(files["audio-wav"].path) == pytest.approx(truth, abs=0.001)
    assert float(found.audio_start) <= sound_shift + 0.001

    if found.frames:
        rate = Fraction(files["proxy"].meta["rate"])
        codes = media.frame_codes(files["proxy"].path)
        shown = {code: n / rate for n, code in reversed(list(enumerate(codes)))}
        assert codes[0] == 0
        for code in range(1, round(3 * rate)):
            assert shown[code] == pytest.approx(code / rate + picture_shift, abs=float(1 / rate) / 2 + 0.001)
        flashes = [n for n, picture in enumerate(media.decode_pictures(files["proxy"].path)) if media.is_flash(picture)]
        assert codes[flashes[-1]] == int(2 * rate + Fraction(999, 1000))


def test_a_matroska_file_that_begins_below_zero_keeps_all_of_it(tmp_path):
    clip = media.slate("p.mkv", seconds=3, video=REORDERED, audio=PCM)
    early = ("-copypriorss", "1", "-avoid_negative_ts", "disabled")
    found, files = made(media.remux(clip, "below.mkv", *early, before=("-itsoffset", "-0.5")), tmp_path)
    assert found.info.start_time == Fraction(-1, 2)
    assert heard(files["audio-wav"].path) == pytest.approx(media.click_truth(3), abs=0.001)
    assert media.frame_codes(files["proxy"].path) == list(range(75))


@pytest.mark.parametrize("output", [(), ("-avoid_negative_ts", "disabled")])
def test_opus_in_matroska_is_within_a_millisecond(output, tmp_path):
    clip = media.slate("o.mkv", seconds=3, audio=OPUS, output=output)
    _, files = made(clip, tmp_path)
    first = media.first_sample_time(clip)
    truth = [t + first for t in media.click_times(*media.decode_sound(clip))]
    assert heard(files["audio-wav"].path) == pytest.approx(truth, abs=0.001)


def test_a_constant_rate_that_begins_half_a_frame_off_the_grid_is_not_juddered(tmp_path):
    clip = media.slate("half.mkv", seconds=6, rate="24000/1001", video=REORDERED)
    found, files = made(clip, tmp_path)
    assert not found.frames.variable
    codes = media.frame_codes(files["proxy"].path)
    assert codes[1:] == list(range(codes[1], codes[1] + len(codes) - 1))


def test_a_variable_rate_becomes_constant_and_every_frame_stays_at_its_time(tmp_path):
    clip = media.slate(
        "vfr.mp4",
        seconds=6,
        rate="30",
        video_filter="select='not(eq(mod(n,7),3))*not(between(n,60,80))'",
        output=("-fps_mode", "vfr"),
    )
    found, files = made(clip, tmp_path)
    assert found.frames.variable
    assert files["proxy"].meta["rate"] == "30/1"
    codes = media.frame_codes(files["proxy"].path)
    kept = [n for n in range(180) if n % 7 != 3 and not 60 <= n <= 80]
    assert codes == [max(k for k in kept if k <= n) for n in range(len(codes))]
    assert len(codes) == 180


def test_sound_with_a_millisecond_clock_is_not_cut_or_stretched(tmp_path):
    clip = media.slate("long.mka", video=None, seconds=60, audio=(*AAC, "-ar", "44100"))
    _, files = made(clip, tmp_path)
    times = np.array(heard(files["audio-wav"].path)) - np.array(media.click_truth(60))
    assert np.ptp(times) < 0.00005


def retimed(name, expression, *, seconds=60):
    base = media.slate("base.m4a", video=None, seconds=seconds, audio=(*AAC, "-ar", "44100"))
    return media.remux(base, name, "-bsf:a", expression)


def test_jittery_stamps_leave_the_sound_whole_and_at_its_mean_time(tmp_path):
    clip = retimed("jitter.m4a", "setts=ts='TS+floor((random(0)-0.5)*2*0.008*44100)'")
    _, files = made(clip, tmp_path)
    times = np.array(heard(files["audio-wav"].path)) - np.array(media.click_truth(60))
    assert np.ptp(times) < 0.00005
    assert abs(times.mean()) < 0.001


def test_two_clocks_in_one_file_are_brought_together(tmp_path):
    clip = retimed("drift.m4a", "setts=ts='floor(TS*1.0002)'")
    _, files = made(clip, tmp_path)
    times = np.array(heard(files["audio-wav"].path)) - 1.0002 * np.array(media.click_truth(60))
    assert np.abs(times).max() < 0.001


def test_after_lost_packets_the_sound_is_at_its_time_again(tmp_path):
    base = media.slate("base.mka", video=None, seconds=60, audio=(*AAC, "-ar", "44100"))
    clip = media.remux(base, "lost.mka", "-bsf:a", "noise=drop='not(mod(n+1,200))'")
    _, whole = made(base, tmp_path)
    before = heard(whole["audio-wav"].path)
    scratch = tmp_path / "lost"
    scratch.mkdir()
    _, files = made(clip, scratch)
    after = heard(files["audio-wav"].path)
    assert len(after) == 60
    assert after == pytest.approx(before, abs=0.001)


def test_sound_for_sync_alone_is_the_ingested_sound(tmp_path):
    clip = media.slate("late.mkv", seconds=3, audio=PCM, audio_late=0.478)
    wav = hear(clip, tmp_path).wav
    assert heard(wav) == pytest.approx([t + 0.478 for t in media.click_truth(3)], abs=0.0005)


def test_a_shoots_offsets_are_in_its_sound(tmp_path):
    shoot = media.three_cameras(seconds=8)
    found = {}
    for label, path in shoot.paths.items():
        scratch = tmp_path / label
        scratch.mkdir()
        with audio.open_wav(hear(path, scratch).wav) as wav:
            found[label] = media.click_times(wav.read(0, wav.frames))
    for label, offset in shoot.offsets_ms.items():
        differences = [(a - b) * 1000 - offset for a in found["A"] for b in found[label]]
        assert min(map(abs, differences)) < 8
