"""The mix as a value: which tracks sink under which, what is measured, and what a plan says of it."""

from dataclasses import replace
from fractions import Fraction

from render_app.core.plan.mixing import GAIN, Mix, groups_of
from render_app.core.plan.reels import Medium, Segment
from render_app.core.plan.request import VoiceWish
from render_app.core.timeline.nouns import Ducking, Track
from tests.core.render_app.plan.test_plan import WISH, clip, plan_of

TRACKS = (
    Track("talk", "audio", (clip("d", 0, 1000, 0),), audio_role="dialogue"),
    Track("band", "audio", (clip("m", 0, 1000, 0, "b"),), audio_role="music", ducking=Ducking("dialogue", 12)),
    Track("wind", "audio", (clip("w", 0, 1000, 0, "c"),), audio_role="ambience", ducking=Ducking("fx", 6)),
)


def graphs(plan) -> list[str]:
    return [command[command.index("-filter_complex") + 1] for command in plan.commands]


def test_tracks_are_grouped_by_what_they_sink_under_and_who_sinks_under_them():
    groups = groups_of(TRACKS)
    assert [groups[id].role for id in ("talk", "band", "wind")] == ["dialogue", "", ""]
    assert Mix(tuple(groups.values()), 48_000).roles == ("dialogue",)


def test_a_side_chain_is_made_of_the_role_that_is_listened_for():
    plan = plan_of(tracks=TRACKS)
    [speech] = plan.measures
    assert (speech["kind"], speech["reads"], speech["writes"]) == ("speech", "voice-dialogue.wav", "key-dialogue.wav")
    assert plan.commands[speech["command"]][-1] == "voice-dialogue.wav"
    assert plan.commands[speech["command"]].count("-i") == 1
    join = plan.commands[-1]
    assert join[join.index("key-dialogue.wav") - 1] == "-i"
    assert graphs(plan)[-1].count("sidechaincompress") == 1
    assert "amix=inputs=3" in graphs(plan)[-1]


def test_ducking_by_nothing_is_no_filter():
    band = replace(TRACKS[1], ducking=Ducking("dialogue", 0))
    assert "sidechain" not in graphs(plan_of(tracks=(TRACKS[0], band)))[-1]


def test_a_loudness_is_measured_before_the_film_is_made_and_proved_after_it():
    plan = plan_of(clip("x", 0, 1000, 0), wish=replace(WISH, target_lufs=-16.0, channels=1))
    kinds = [(one["kind"], one["command"]) for one in plan.measures]
    assert kinds == [("loudness", 2), ("proof", 4)]
    assert [GAIN in graph for graph in graphs(plan)] == [False, False, True, True, False]
    assert plan.commands[4][:4] == ("-v", "info", "-i", "{output}")
    assert "pan=stereo" in graphs(plan)[2]
    assert len(plan.frames) == len(plan.commands)


def test_another_loudness_is_another_film_and_silence_has_none():
    film = clip("x", 0, 1000, 0)
    keys = {plan_of(film, wish=replace(WISH, target_lufs=target)).cache_key for target in (None, -16.0, -23.0)}
    assert len(keys) == 3
    quiet = plan_of(tracks=(Track("t", "video", (film,), muted=True),), wish=replace(WISH, target_lufs=-16.0))
    assert quiet.measures == ()
    assert "anullsrc" in graphs(quiet)[-1]


def test_the_enhanced_voice_is_heard_where_it_is_wanted():
    own, voice = Medium("own", "a", "a.mov", ""), Medium("voice", "a", "a.wav", "")
    segment = Segment(None, own, Fraction(0), enhanced=voice)
    assert (segment.heard(enhanced=True), segment.heard(enhanced=False)) == (voice, own)
    assert replace(segment, enhanced=None).heard(enhanced=True) == own
    assert (VoiceWish("vlog").said, VoiceWish().said) == (" of mode vlog", "")
