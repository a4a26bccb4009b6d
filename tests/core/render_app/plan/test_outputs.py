"""Several films of one sequence as a plan: each file is read once in a command, and the sound is made once."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from render_app.core import catalogue
from render_app.core.plan.checking import film_faults
from render_app.core.plan.encoding import container_args, part_extension, picture_args
from render_app.core.plan.films import Extras, Film
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.outputs_estimate import PastExport, PastFilm, estimated, measured
from render_app.core.plan.parts import MOST_INPUTS
from render_app.core.plan.reels import Segment
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import (
    Automation,
    Ducking,
    Keyframe,
    MediaReference,
    Sequence,
    Stabilise,
    Target,
    Track,
)
from tests.core.render_app.plan.test_plan import clip, medium

PROFILE = catalogue.profiles()["social_1080p_h264"]
REELS = {MediaReference(name): (Segment(one, one),) for name in "abc" for one in [medium(name)]}
NOTHING = Sequence("s", Fraction(25))


def film(name: str, *clips, **fields: Any) -> Film:
    sound_only = fields.pop("sound_only", False)
    sequence = Sequence("s", Fraction(25), tracks=(Track("t", "video", clips),))
    return Film(name, sequence, (), RenderWish(replace(PROFILE, **fields)), sound_only)


CUTS = [clip(str(n), 10_000 * n, 10_000 * n + 400, 400 * n, "abc"[n % 3]) for n in range(40)]


def test_each_file_is_opened_once_in_a_command_whatever_the_number_of_films():
    one = compile_outputs([film("a", *CUTS)], REELS)
    rates = (Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001))
    three = compile_outputs([film(f"f{n}", *CUTS, fps=rate) for n, rate in enumerate(rates)], REELS)
    assert [command.count("-i") for command in three.commands[:-1]] == [
        command.count("-i") for command in one.commands[:-1]
    ]
    assert max(command.count("-i") for command in three.commands) == MOST_INPUTS
    assert sum(three.frames) == three.films[0].expected.frames == 400
    assert [one.expected.audio_samples for one in three.films] == [three.films[0].expected.audio_samples] * 3


def test_a_file_of_keyframes_alone_is_read_from_what_the_film_needs_that_needs_it_first():
    every = {
        MediaReference(name): (Segment(one, one),)
        for name in "ab"
        for one in [replace(medium(name), keys=tuple(range(1000)))]
    }
    cuts = clip("0", 0, 2030, 0), clip("1", 6030, 7000, 2030, "b")
    slow, fast = film("slow", *cuts, fps=Fraction(25)), film("fast", *cuts, fps=Fraction(60000, 1001))

    plan = compile_outputs([slow, fast], every)

    # The cut is on frame 151 of the file at 25 frames a second, and on frame 150 at 59.94.
    assert plan.commands[0].count("-i") == 2
    assert Fraction(plan.commands[0][plan.commands[0].index("-ss") + 1]) < Fraction(150 + 1, 25)


def test_a_film_without_a_frame_in_a_part_takes_none_of_it():
    slow = [clip("long", 0, 4000, 0), *(clip(f"x{n}", 50, 51, 4000 + n, "b") for n in range(20))]
    plan = compile_outputs([film("fast", *slow, fps=Fraction(120)), film("slow", *slow, fps=Fraction(1))], REELS)
    assert plan.films[1].expected.frames == 4
    assert all("[picture1]" not in " ".join(command) for command in plan.commands[1:-1])


def test_sound_alone_reads_no_picture_and_a_still_picture_is_one_more_output():
    sound = compile_outputs([film("s", *CUTS[:2], sound_only=True, extension=".m4a")], REELS)
    assert all("-vn" in command for command in sound.commands[:-1])
    assert sound.still == ""
    both = compile_outputs([film("a", *CUTS[:2])], REELS, Extras(still_ms=Fraction(99_999)))
    assert "still.jpg" in both.commands[0]
    assert "trim=start_frame=23:end_frame=24" in " ".join(both.commands[0])


def test_what_is_mastered_is_written_before_it_is_encoded():
    plan = compile_outputs([film("a", *CUTS[:2])], REELS, Extras(mastered=True))
    assert plan.mastered_after == len(plan.commands) - 1
    assert plan.commands[-2][-1] == "program.wav"
    assert "mastered.wav" in plan.commands[-1]
    assert plan.as_json["mastered_after"] == plan.mastered_after


def test_a_film_that_shows_and_says_nothing_is_black_and_silent():
    clips = [clip("out", 0, 1000, 0, position=nowhere())]
    muted = film("a", *clips)
    muted = replace(muted, timeline=replace(muted.timeline, tracks=(replace(muted.timeline.tracks[0], muted=True),)))
    plan = compile_outputs([muted], REELS)
    assert "anullsrc" in " ".join(plan.commands[-1])
    assert "split" not in " ".join(plan.commands[0])


def nowhere():
    from render_app.core.timeline.nouns import Position

    return Position(9, 9)


def test_each_codec_has_its_own_arguments():
    def args(codec: str) -> list[str]:
        form = catalogue.formats()[codec]
        known = {
            "video_codec": form.video_codec,
            "preset": form.preset,
            "crf": form.crf,
            "extension": f".{form.format}",
        }
        made = replace(PROFILE, **known)
        return [*picture_args(made), part_extension(made), *container_args(made)]

    assert args("hevc")[args("hevc").index("-tag:v") + 1] == "hvc1"
    assert args("dnxhr")[args("dnxhr").index("-profile:v") + 1] == "dnxhr_hq"
    assert ".mp4" in args("vp9")
    assert args("vp9")[-1] == "webm"
    assert container_args(replace(PROFILE, extension=".m4a"))[-1] == "ipod"
    assert container_args(replace(PROFILE, extension=".wav"))[-1] == "wav"


def test_a_film_of_several_is_held_against_what_was_expected():
    expected = {"frames": 25, "duration_ms": 1000, "width": 320, "height": 180, "audio_samples": 48_000}
    video = {"codec_type": "video", "width": 320, "height": 180, "nb_read_packets": "25", "r_frame_rate": "25/1"}
    sound = {"codec_type": "audio", "sample_rate": "48000"}
    found: dict[str, Any] = {"format": {"duration": "1.000000"}, "streams": [video, sound]}
    assert film_faults(found, expected, sound_only=False) == []
    assert film_faults(found, expected, sound_only=True) == ["It lacks its picture or its sound, or has one too many."]
    alone = {"format": {"duration": "1.02"}, "streams": [sound]}
    assert film_faults(alone, expected, sound_only=True) == []
    short = {"format": {"duration": "0.9"}, "streams": [{**video, "nb_read_packets": "24"}, sound]}
    assert film_faults(short, expected, sound_only=False) == [
        "frames: 24, expected 25", "duration: 900 ms, expected 1000 ms",
    ]  # fmt: skip


def moved(property: str, target: Target) -> Automation:
    """A record with one keyframe."""
    return Automation("k", target, property, (Keyframe(Fraction(0), 0.5),))


def test_keyframes_of_clips_move_them_in_every_film_by_scripts_that_lie_beside_the_commands():
    films = [film("a", *CUTS[:2]), film("b", *CUTS[:2], fps=Fraction(50))]
    curves = (moved("position_x", Target("clip", "0")), moved("volume_db", Target("clip", "0")))
    films = [replace(one, timeline=replace(one.timeline, automation=curves)) for one in films]
    plan = compile_outputs(films, REELS)
    said = " ".join(part for command in plan.commands for part in command)
    scripts = [name for name in plan.files if name.startswith("moves-")]
    assert len(scripts) == 4
    assert all(f"sendcmd=f={name}" in said for name in scripts)
    assert "aevalsrc" in said


def test_what_ducks_shakes_and_swells_is_measured_once_for_all_films():
    shaky = replace(CUTS[0], stabilise=Stabilise())
    voice = Track("v", "audio", (clip("v", 0, 400, 0, "b"),), audio_role="dialogue")
    band = Track("m", "audio", (clip("m", 0, 400, 0, "c"),), audio_role="music", ducking=Ducking("dialogue", 9))
    wanted = film("a", shaky)
    tracks = (replace(wanted.timeline.tracks[0], muted=True), voice, band)
    timeline = replace(wanted.timeline, tracks=tracks, automation=(moved("volume_db", Target("sequence", "s")),))
    films = [replace(wanted, timeline=timeline), replace(film("b", shaky, fps=Fraction(50)), timeline=timeline)]

    plan = compile_outputs(films, REELS, Extras(mastered=True))

    said = [" ".join(command) for command in plan.commands]
    assert [("vidstabdetect" in one, "-f null" in one) for one in said[:2]] == [(True, True), (False, False)]
    assert (said[1].count("vidstabtransform"), plan.frames[:2]) == (2, (0, 12))
    [listening] = plan.measures
    assert said[listening["command"]].endswith(listening["reads"])
    program = said[plan.mastered_after - 1]
    assert listening["writes"] in program
    assert ("sidechain" in program, "amultiply" in program) == (True, True)
    assert not any(word in said[-1] for word in ("sidechain", "amultiply", "lane-"))


def test_an_estimate_follows_exports_of_the_same_codecs_and_films_of_the_same_codec():
    work = compile_outputs([film("a", *CUTS, crf=29), film("b", *CUTS, sound_only=True)], REELS).work
    pixels = 400 * PROFILE.width * PROFILE.height * Fraction(30, 25)
    assert (work["codecs"], work["films"]["a"]["pixels"]) == (["libx264"], pixels)
    slow, fast = PastExport(("libx265",), 1000, 100.0), PastExport(("libx264",), work["cost"] / 2, 7.0)
    films = [PastFilm("libx264", 0.4), PastFilm("libx265", 9.0)]

    found = estimated(work, [slow, fast], films, {"a": None, "b": None})

    assert (found["seconds"], found["basedOn"]) == (14.0, 1)
    sound = work["films"]["b"]["sound_bytes"]
    # Six steps of CRF above the one quality: half the bits.
    assert [one["bytes"] for one in found["outputs"]] == [round(0.2 * pixels / 8 + sound), sound]
    assert estimated(work, [slow], [], {})["seconds"] == round(work["cost"] / 10, 1)
    sound = PastExport((), 0, 3.0)
    assert estimated(work, [sound], [], {})["seconds"] is None
    alone = estimated(work | {"codecs": [], "cost": 0}, [sound, slow], [], {})
    assert (alone["seconds"], alone["basedOn"]) == (None, 0)
    assert estimated(work, [slow], films[1:], {})["bytes"] is None


def test_what_a_film_weighed_says_the_same_of_one_like_it():
    work = compile_outputs([film("a", *CUTS, crf=20)], REELS).work
    was = measured(work, {"a": 5_000_000}, 3.21)
    past = PastExport(tuple(was["codecs"]), was["cost"], was["seconds"])
    films = [PastFilm(one["codec"], one["bits"]) for one in was["films"]]
    found = estimated(work, [past], films, {})
    assert (found["seconds"], found["bytes"]) == (3.2, 5_000_000)


def test_two_films_are_decoded_once_and_each_is_encoded():
    one = compile_outputs([film("a", *CUTS)], REELS).work
    two = compile_outputs([film("a", *CUTS), film("b", *CUTS)], REELS).work
    assert two["decoded_frames"] == one["decoded_frames"]
    assert one["cost"] < two["cost"] < 2 * one["cost"]
