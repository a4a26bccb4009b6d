"""What a film sounds like: gains, fades, roles of time, transitions, and clocks that drift, measured in its samples."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from media_app.errors import CannotSucceed
from media_app.making.inspect import inspect
from render_app.core.plan import sound
from render_app.core.plan.compiling import compile_plan
from render_app.core.plan.media import FileFacts, medium_of
from render_app.core.plan.reels import Segment
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import CameraReference, Clip, MediaReference, Sequence, Track, Transition
from render_app.making import film
from render_app.making.film import WrongFilm
from tests.support import media
from tests.support.films import compiled, made, rendered, small_profile

RATE = Fraction(25)
SAMPLES = 48_000


def tone(seconds: float = 6) -> Path:
    """An even tone at a tenth of full scale, in both channels."""

    def make(path: Path) -> None:
        t = np.arange(round(seconds * SAMPLES)) / SAMPLES
        sound = (0.1 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
        media.write_wav(path, np.stack([sound, sound], axis=1))

    return media.cached("tone.wav", seconds, make)


def clip(id: str, begin: int, end: int, at: int, **fields) -> Clip:
    return Clip(id, MediaReference("tone"), Fraction(end), Fraction(begin), Fraction(at), **fields)


def heard(folder: Path, *tracks: Track, **more) -> np.ndarray:
    """The film's sound; its level in 10 ms."""
    files = {"tone": tone()}
    plan = compiled(Sequence("s", RATE, tracks=tracks, **more), files, RenderWish(small_profile(RATE, pcm=True)))
    sound, _ = media.decode_sound(rendered(plan, files, folder))
    assert len(sound) == plan.expected.audio_samples
    return np.sqrt(2 * (sound[: len(sound) // 480 * 480].reshape(-1, 480) ** 2).mean(axis=1)) / 0.1


def audio(*clips: Clip, **fields) -> Track:
    return Track(fields.pop("id", "t"), "audio", clips, **fields)


def test_gains_of_clip_and_track_add_up_and_a_gap_is_silent(tmp_path):
    level = heard(tmp_path, audio(clip("a", 0, 1000, 0, volume_db=-3.0), clip("b", 0, 1000, 2000), volume_db=-3.0))
    assert level[5:95] == pytest.approx(10 ** (-6 / 20), abs=0.01)
    assert level[105:195].max() == 0
    assert level[205:295] == pytest.approx(10 ** (-3 / 20), abs=0.01)


def test_fades_rise_and_fall_evenly_also_where_a_clip_is_covered_in_the_midst_of_one(tmp_path):
    long = clip("a", 0, 4000, 0, fade_in_ms=Fraction(1000), fade_out_ms=Fraction(2000))
    level = heard(tmp_path, audio(long, clip("b", 0, 500, 2500)))
    assert level[:100] == pytest.approx((np.arange(100) + 0.5) / 100, abs=0.02)
    assert level[101:199] == pytest.approx(1, abs=0.02)
    assert level[251:299] == pytest.approx(1, abs=0.02)
    after = 1 - (np.arange(301, 399) + 0.5 - 200) / 200
    assert level[301:399] == pytest.approx(after, abs=0.02)


def test_a_muted_track_is_silent_and_tracks_add_up(tmp_path):
    both = heard(tmp_path, audio(clip("a", 0, 1000, 0)), audio(clip("b", 0, 1000, 0), id="u"))
    assert both[5:95] == pytest.approx(2, abs=0.02)
    (tmp_path / "muted").mkdir()
    quiet = heard(tmp_path / "muted", audio(clip("a", 0, 1000, 0), muted=True))
    assert quiet.max() == 0


def test_a_transition_of_one_tone_with_itself_keeps_its_length(tmp_path):
    pair = audio(clip("a", 0, 2000, 0), clip("b", 1000, 3000, 1000))
    made = Transition("x", "crossfade", Fraction(1000), "a", "b")
    level = heard(tmp_path, pair, transitions=(made,))
    assert len(level) == 300
    assert level[5:98] == pytest.approx(1, abs=0.02)
    assert level[203:295] == pytest.approx(1, abs=0.02)


def test_a_slowed_sound_that_keeps_its_pitch_comes_neither_early_nor_late(tmp_path):
    seconds, speed = 8, Fraction(7, 10)
    files = {"clicks": media.cached("clicks.wav", seconds, lambda path: media.write_wav(path, media.clicks(seconds)))}
    begins_ms = Fraction(600)
    slow = Clip("a", MediaReference("clicks"), Fraction(seconds * 1000), begins_ms, speed=speed, keep_pitch=True)
    plan = compiled(Sequence("s", RATE, tracks=(audio(slow),)), files, RenderWish(small_profile(RATE, pcm=True)))
    found = np.array(media.click_times(media.decode_sound(rendered(plan, files, tmp_path))[0]))
    wanted = [(second - float(begins_ms) / 1000) / float(speed) for second in media.click_truth(seconds)[1:]]
    off = np.array([found[np.abs(found - second).argmin()] - second for second in wanted])
    # Each click moves by itself, for pieces are laid where they fit their neighbors best.
    assert np.abs(off).max() < 0.016
    assert abs(np.median(off)) < 0.008


@pytest.mark.parametrize(("speed", "begin"), [(4, 5800), (64, 5360), (100, 0), (100, 5000)])
def test_a_clip_that_runs_many_times_as_fast_is_heard_to_its_end_and_silences_nobody_behind_it(speed, begin, tmp_path):
    """Also where it ends with its file, and nothing is left that could push its last samples out of the filters."""
    ends = (6000 - begin) // speed
    level = heard(tmp_path, audio(clip("a", begin, 6000, 0, speed=Fraction(speed)), clip("b", 2333, 3333, ends)))
    assert level[1 : ends // 10 - 1] == pytest.approx(1, abs=0.1)
    assert level[ends // 10 + 1 : ends // 10 + 95] == pytest.approx(1, abs=0.02)


def test_a_film_that_ffmpeg_left_a_part_out_of_is_none_although_it_ended_well(tmp_path, monkeypatch):
    monkeypatch.setattr(sound, "_spare", lambda speed: sound.SPARE_SAMPLES)
    track = audio(clip("a", 5360, 6000, 0, speed=Fraction(64)), clip("b", 2333, 3333, 10))
    plan = compiled(Sequence("s", RATE, tracks=(track,)), {"tone": tone()}, RenderWish(small_profile(RATE, pcm=True)))
    with pytest.raises(WrongFilm, match="None of it was kept"):
        made(plan, {"tone": tone()}, tmp_path)


def test_a_film_that_takes_too_much_memory_is_refused_in_a_sentence_and_not_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(film, "MEMORY_BYTES", 400 << 20)
    large = replace(small_profile(RATE, pcm=True), width=3840, height=2160)
    plan = compiled(Sequence("s", RATE, tracks=(audio(clip("a", 0, 500, 0)),)), {"tone": tone()}, RenderWish(large))
    with pytest.raises(CannotSucceed, match="more memory than one may take"):
        made(plan, {"tone": tone()}, tmp_path)


@pytest.mark.parametrize("codec", [media.PCM, media.AAC], ids=["pcm", "aac"])
def test_a_cut_within_a_matroska_file_moves_its_sound_by_no_sample(codec, tmp_path):
    path = media.slate("cut.mkv", seconds=6, size=(160, 90), sound="speech", audio=codec)
    films = []
    for edges in ([0, 5400], [0, 3210, 3900, 4777, 5400]):
        clips = [
            Clip(str(begin), MediaReference("m"), Fraction(end), Fraction(begin), Fraction(begin))
            for begin, end in pairwise(edges)
        ]
        files, sequence = {"m": path}, Sequence("s", RATE, tracks=(audio(*clips),))
        plan = compiled(sequence, files, RenderWish(small_profile(RATE, pcm=True)))
        films.append(media.decode_sound(rendered(plan, files, tmp_path))[0])
    whole, cut = films
    # A decoder that begins in the midst hears its first packet another way.
    assert np.abs(whole - cut).max() < 0.001


def test_a_camera_whose_clock_drifts_is_on_the_masters_time_from_beginning_to_end(tmp_path):
    """150 ppm is 3 ms in 20 s; a camera that started 1.25 s after the master."""
    path = media.slate("drift.mov", seconds=24, rate="25", size=(160, 90), audio=media.PCM)
    found = medium_of(FileFacts("cam", "cam", path.name, "", inspect(path).as_json()))
    of, pace, offset = CameraReference("s", "B"), 1 + Fraction(150, 1_000_000), Fraction(1250)
    segment = Segment(found, found, offset, offset + 24_000 * pace, offset, pace)
    shown = Clip("a", of, Fraction(24_000), Fraction(0), Fraction(0))
    sequence = Sequence("s", RATE, tracks=(Track("t", "video", (shown,)),))
    plan = compile_plan(sequence, {of: (segment,)}, (), RenderWish(small_profile(RATE, pcm=True)))
    film = rendered(plan, {"cam": path}, tmp_path)

    sound, _ = media.decode_sound(film)
    wanted = [1.25 + click * float(pace) for click in media.click_truth(22)]
    got = media.click_times(sound)
    assert [min(got, key=lambda one: abs(one - click)) - click for click in wanted] == pytest.approx(
        [0] * len(wanted), abs=0.0001
    )
    codes = media.frame_codes(film)
    for number in range(40, 590):
        ms = (Fraction(number * 40) - offset) / pace
        assert codes[number] == int((ms + Fraction(1, 2)) * 25 / 1000)
    assert set(codes[:31]) == {None}
