"""Every frame of a film is the one that its timeline says, at every mix of rates; its sound comes in its time.

The judge is `tests/support/film_truth.py`, which shares nothing with the planner. A few timelines run here; `make prove-frames`
runs as many as PROVE_FRAMES says.
"""

import os
import random
from collections.abc import Sequence as Several
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from media_app.core.time.timebase import nearest_frame
from render_app.core.plan import by_chunks
from render_app.core.plan.request import RenderWish
from render_app.core.timeline import nouns
from render_app.core.timeline.nouns import Clip, MediaReference, Track
from tests.support import film_truth as truth
from tests.support import media
from tests.support.film_truth import Cut, Footage
from tests.support.films import compiled, rendered, small_profile

SECONDS = 8
SIZE = (160, 90)
DROPS = "select='not(eq(mod(n\\,7)\\,3)+eq(mod(n\\,5)\\,1))'"
#: Name → rate, and the rest of a slate: every rate of cameras, containers, a late start, pictures out of order, a variable rate.
FOOTAGE = {
    "24": ("24", {"name": "e.mp4"}),
    "25": ("25", {}),
    "29.97": ("30000/1001", {"name": "b.mov", "audio": media.PCM}),
    "30": ("30", {"name": "g.mp4", "video": (*media.H264, "-bf", "3", "-g", "24", "-x264-params", "open-gop=1")}),
    "50": ("50", {"name": "f.mkv", "video": (*media.H264, "-bf", "2", "-g", "12")}),
    "59.94": ("60000/1001", {"name": "c.mp4"}),
    "60": ("60", {"name": "h.mov", "video": (*media.H264, "-g", "30")}),
    "late": ("25", {"name": "late.mp4", "video_late": 0.49}),
    "matroska": ("24000/1001", {"name": "m.mkv"}),
    "variable": ("30", {"name": "vfr.mp4", "video_filter": DROPS, "output": ("-fps_mode", "passthrough")}),
}
OUTPUTS = [Fraction(text) for text in ("25", "30000/1001", "60000/1001", "24", "24000/1001", "50", "30", "60")]
#: Sound is judged this far from cuts, for a click lasts 10 ms, and from other clicks, of which the instrument hears one in 0.1 s.
CLEAR_S, APART_S = 0.02, 0.11
#: How far a click may be from its place: a sample where the film's sound is PCM, 1 ms where it is AAC.
SAMPLE_S, SOUND_S = 1 / media.RATE, 0.001
PROVED, FIRST = int(os.environ.get("PROVE_FRAMES", "4")), int(os.environ.get("PROVE_FIRST", "0"))


def file_of(name: str) -> Path:
    """A file of the table, made once."""
    rate, more = FOOTAGE[name]
    return media.slate(**{"seconds": SECONDS, "rate": rate, "size": SIZE, **more})


@cache
def footage(name: str) -> Footage:
    """What is in a file, read from it frame by frame."""
    path, rate = file_of(name), Fraction(FOOTAGE[name][0])
    times = [Fraction(repr(time)) for time in media.frame_times(path)]
    # A constant rate that begins between two frames of its grid is shifted onto it.
    shift = 0 if name == "variable" else times[0] - nearest_frame(times[0], rate) / rate
    starts = tuple(nearest_frame(time - shift, rate) for time in times)
    begin = media.first_sample_time(path)
    clicks = tuple(Fraction(round((begin + one) * 10**6), 1000) for one in media.click_times(*media.decode_sound(path)))
    return Footage(rate, starts, tuple(code or 0 for code in media.frame_codes(path)), clicks)


def drawn(random_: random.Random) -> list[list[tuple[str, Cut]]]:
    """A timeline: one or two tracks of clips with cuts, gaps, overlaps and speeds, at times that fall on no frame."""
    tracks = []
    for _ in range(random_.choice([1, 1, 2])):
        at, track = Fraction(random_.choice([0, 0, 333])), []
        for _ in range(random_.randint(1, 4)):
            name = random_.choice(list(FOOTAGE))
            speed = random_.choice([Fraction(1)] * 4 + [Fraction(1, 2), Fraction(3, 2), Fraction(2)])
            begin = Fraction(random_.randint(0, 60_000), 10)
            cut = Cut(footage(name), begin, begin + random_.randint(120, 1500), at, speed)
            track.append((name, cut))
            at = max(Fraction(0), cut.end_ms + random_.choice([0, 0, 0, 211, -90]))
        tracks.append(track)
    return tracks


def film_of(tracks: Several[Several[tuple[str, Cut]]], rate: Fraction) -> nouns.Sequence:
    """The same timeline in Studio's words."""
    made = []
    for order, track in enumerate(tracks):
        clips = tuple(
            Clip(
                id=f"{order}.{number}", content=MediaReference(name), in_ms=cut.in_ms, out_ms=cut.out_ms,
                start_ms=cut.start_ms, speed=cut.speed, keep_pitch=False,
            )
            for number, (name, cut) in enumerate(track)
        )  # fmt: skip
        made.append(Track(str(order), "video", clips, order=order))
    return nouns.Sequence("film", rate, tracks=tuple(made))


def bare(tracks: Several[Several[tuple[str, Cut]]]) -> list[list[Cut]]:
    return [[cut for _, cut in track] for track in tracks]


def profile(rate: Fraction, *, pcm: bool):
    """Small pictures, on which the numbers are still read."""
    return replace(small_profile(rate, pcm=pcm), width=SIZE[0], height=SIZE[1])


def judge(tracks: Several[Several[tuple[str, Cut]]], rate: Fraction, film: Path, *, pcm: bool = True) -> None:
    """0 frames off, the count exact, every click that is clear of a cut in its place; PCM of exactly its samples."""
    codes, sound = media.read_back(film, SIZE)
    assert codes == truth.codes(bare(tracks), rate)
    if pcm:
        assert len(sound) == round(Fraction(truth.frames(bare(tracks), rate)) / rate * media.RATE)
    found = media.click_times(sound) if sound.any() else []
    for click in clear_clicks(tracks, rate):
        assert min((abs(click - one) for one in found), default=9.0) < (SAMPLE_S if pcm else SOUND_S), (click, found)


def clear_clicks(tracks: Several[Several[tuple[str, Cut]]], rate: Fraction) -> list[float]:
    """The clicks at their own speed that no cut and no other click is near."""
    all_clicks = truth.clicks(bare(tracks))
    at_speed = {click for track in bare(tracks) for click in truth.clicks([track]) if all(c.speed == 1 for c in track)}
    edges = [float(edge / 1000) for track in bare(tracks) for cut in track for edge in (cut.start_ms, cut.end_ms)]
    edges.append(float(truth.frames(bare(tracks), rate) / rate))
    return [
        click
        for number, click in enumerate(all_clicks)
        if click in at_speed
        and all(abs(click - edge) > CLEAR_S for edge in edges)
        and all(abs(click - one) > APART_S for at, one in enumerate(all_clicks) if at != number)
    ]


@pytest.mark.parametrize("seed", range(FIRST, FIRST + PROVED))
def test_every_frame_is_the_one_that_the_timeline_says(seed, monkeypatch, tmp_path):
    random_ = random.Random(seed)
    if seed % 2:
        # As long films are made, and wherever keyframes lie.
        monkeypatch.setattr(by_chunks, "SHORTEST_S", 0)
        monkeypatch.setattr(by_chunks, "GRID_S", 1)
        monkeypatch.setattr(by_chunks, "_sought", lambda shot, rate: Fraction(0))
    rate = OUTPUTS[seed % len(OUTPUTS)]
    tracks = drawn(random_)
    files = {name: file_of(name) for track in tracks for name, _ in track}
    pcm = seed % 4 != 3

    plan = compiled(film_of(tracks, rate), files, RenderWish(profile(rate, pcm=pcm)))

    assert bool(plan.chunks) == bool(seed % 2 and plan.expected.frames >= 2 * rate)
    judge(tracks, rate, rendered(plan, files, tmp_path), pcm=pcm)


@pytest.mark.parametrize("sound", ["pcm", "aac"])
def test_a_film_of_many_cuts_is_made_in_parts_and_joined_without_a_seam(sound, tmp_path):
    rate, names = Fraction(30000, 1001), ("25", "29.97", "59.94")
    track, at = [], Fraction(0)
    for number in range(40):
        begin = Fraction(5_300 - 113 * number)
        cut = Cut(footage(names[number % 3]), begin, begin + 130 + number, at)
        track.append((names[number % 3], cut))
        at = cut.end_ms
    files = {name: file_of(name) for name in names}
    plan = compiled(film_of([track], rate), files, RenderWish(profile(rate, pcm=sound == "pcm")))
    assert len(plan.commands) == 3 + 3 + 1
    film = rendered(plan, files, tmp_path)
    judge([track], rate, film, pcm=sound == "pcm")


def test_a_stretch_of_a_film_is_that_stretch_of_it(tmp_path):
    rate = Fraction(25)
    cuts = [("25", Cut(footage("25"), Fraction(1000), Fraction(3000), Fraction(0)))]
    cuts.append(("59.94", Cut(footage("59.94"), Fraction(500), Fraction(2500), Fraction(2000))))
    files = {name: file_of(name) for name, _ in cuts}
    wish = RenderWish(profile(rate, pcm=True), start_ms=Fraction(1320), end_ms=Fraction(2680))
    plan = compiled(film_of([cuts], rate), files, wish)
    film = rendered(plan, files, tmp_path)
    assert media.frame_codes(film) == truth.codes(bare([cuts]), rate)[33:67]
    found = media.click_times(media.decode_sound(film)[0])
    wanted = [click - 1.32 for click in truth.clicks(bare([cuts])) if 1.34 < click < 2.66]
    assert wanted
    assert all(min(abs(click - one) for one in found) < SAMPLE_S for click in wanted)


OUT_OF_ORDER = {
    "sixteen": (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-bf",
        "16",
        "-x264-params",
        "open-gop=1:b-adapt=0:scenecut=0",
    ),
    "hevc": (
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "open-gop=1:bframes=4:b-adapt=0:log-level=error",
    ),
}


@pytest.mark.parametrize("name", OUT_OF_ORDER)
def test_reading_begins_far_enough_before_a_cut_however_pictures_are_ordered(name, tmp_path):
    film = media.slate(
        f"{name}.mp4",
        seconds=10,
        size=(160, 90),
        video=(*OUT_OF_ORDER[name], "-g", "40", "-pix_fmt", "yuv420p"),
        audio=None,
    )
    firsts = range(101, 245, 11)
    clips = tuple(
        Clip(str(first), MediaReference("m"), Fraction(40 * first + 120), Fraction(40 * first), Fraction(120 * number))
        for number, first in enumerate(firsts)
    )
    sequence = nouns.Sequence("s", Fraction(25), tracks=(Track("t", "video", clips),))
    plan = compiled(sequence, {"m": film}, RenderWish(small_profile(pcm=True)))
    shown = media.frame_codes(rendered(plan, {"m": film}, tmp_path))
    assert shown == [first + one for first in firsts for one in range(3)]
