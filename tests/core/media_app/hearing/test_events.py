"""Speech, music, silence and other from probabilities and levels."""

from dataclasses import replace

import numpy as np
import pytest

from media_app.core.hearing.events import Heard, build, low_shares, silence_threshold, speech_only


def heard(*stretches: tuple[float, float, tuple[float, float, float]]) -> Heard:
    """(seconds, dBFS, (speech, singing, music)) one after another; a voice rises and falls four times a second."""
    rng = np.random.default_rng(2)
    frames = [round(100 * seconds) for seconds, _, _ in stretches]
    levels = np.concatenate([np.full(count, level) for count, (_, level, _) in zip(frames, stretches, strict=True)])
    rows = np.concatenate([np.tile(found, (count, 1)) for count, (_, _, found) in zip(frames, stretches, strict=True)])
    syllables = np.where(rows[:, :2].sum(axis=1) > 0.3, 3 * np.sin(np.arange(len(rows)) * 2 * np.pi / 25), 0)
    return Heard((levels + syllables + rng.uniform(-2, 2, len(levels))).astype(np.float32), rows.astype(np.float32))


NOTHING, SPEECH, MUSIC, BOTH = (0.02, 0.01, 0.02), (0.95, 0.02, 0.05), (0.03, 0.1, 0.9), (0.8, 0.1, 0.8)


def spans_of(found) -> list[tuple[str, float, float]]:
    return [(event.kind, event.start_ms / 1000, event.end_ms / 1000) for event in found]


def test_each_kind_begins_and_ends_where_its_sound_does():
    found = build(heard((2, -25, SPEECH), (1, -80, NOTHING), (3, -20, MUSIC), (1, -80, NOTHING)), 300)
    assert [kind for kind, _, _ in spans_of(found)] == ["speech", "silence", "music", "silence"]
    assert [start for _, start, _ in spans_of(found)] == pytest.approx([0, 2, 3, 6], abs=0.03)


def test_speech_and_music_lie_over_one_another_and_each_names_the_other():
    found = build(heard((2, -25, MUSIC), (2, -20, BOTH), (2, -25, MUSIC)), 300)
    music, speech = found
    assert spans_of(found)[0] == ("music", 0.0, 6.0)
    assert (speech.start_ms, speech.end_ms) == pytest.approx((2000, 4000), abs=300)
    assert (music.also, speech.also) == (("speech",), ("music",))


def test_singing_is_music():
    assert spans_of(build(heard((3, -20, (0.1, 0.9, 0.2))), 300)) == [("music", 0.0, 3.0)]


def test_noise_is_other_and_not_silence_however_long_it_lasts():
    assert spans_of(build(heard((5, -30, NOTHING)), 300)) == [("other", 0.0, 5.0)]


@pytest.mark.parametrize(("voice", "room"), [(-20, -52), (-40, -75), (-50, -90)])
def test_a_pause_is_silent_in_a_loud_room_and_in_a_quiet_recording(voice, room):
    found = build(heard((3, voice, SPEECH), (1, room, NOTHING), (3, voice, SPEECH)), 300)
    assert [kind for kind, _, _ in spans_of(found)] == ["speech", "silence", "speech"]


def test_a_hum_that_the_net_takes_for_music_is_other_and_a_long_chord_is_none():
    sound = heard((5, -20, MUSIC))
    steady = Heard(np.full(500, -20, np.float32), sound.probabilities)
    assert spans_of(build(sound, 300)) == [("music", 0.0, 5.0)]
    assert spans_of(build(steady, 300)) == [("other", 0.0, 5.0)]
    assert spans_of(build(Heard(steady.levels[:300], sound.probabilities), 300)) == [("music", 0.0, 3.0)]


def test_a_tone_that_the_net_takes_for_speech_is_other():
    tone = Heard(np.full(300, -20, np.float32), heard((3, -20, SPEECH)).probabilities)
    assert spans_of(build(tone, 300)) == [("other", 0.0, 3.0)]


def test_a_ring_is_too_short_to_be_music():
    assert spans_of(build(heard((3, -30, NOTHING), (1.2, -20, MUSIC), (3, -30, NOTHING)), 300)) == [("other", 0.0, 7.2)]


def test_what_has_nothing_where_vowels_lie_is_no_speech():
    chirps, levels = heard((3, -20, SPEECH)), np.full(300, 1e-2)
    for share, kind in ((0.0005, "other"), (0.3, "speech")):
        found = build(replace(chirps, low_shares=low_shares(share * levels, levels)), 300)
        assert spans_of(found) == [(kind, 0.0, 3.0)]


def test_a_voice_in_one_tone_is_speech_and_one_that_mostly_sings_is_music():
    talk = heard((3, -20, SPEECH), (1.5, -20, (0.1, 0.85, 0.0)), (2, -20, SPEECH))
    assert spans_of(build(talk, 300)) == [("speech", 0.0, 6.5)]
    song = heard((1, -20, (0.7, 0.2, 0.0)), (6, -20, (0.1, 0.85, 0.0)))
    assert max(spans_of(build(song, 300)), key=lambda one: one[2] - one[1])[0] == "music"


def test_a_clock_that_ticks_is_other_and_one_bang_does_not_fill_the_silence():
    levels = np.full(1000, -120, np.float32)
    levels[50:500:50] = -20
    levels[900] = -20
    found = build(Heard(levels, None), 300)
    assert [kind for kind, _, _ in spans_of(found)] == ["silence", "other", "silence", "other", "silence"]
    assert spans_of(found)[1][1:] == pytest.approx((0.5, 4.5), abs=0.05)


def test_silence_shorter_than_asked_for_is_other():
    sound = heard((2, -20, MUSIC), (0.8, -80, NOTHING), (2, -20, MUSIC))
    assert "silence" in [kind for kind, _, _ in spans_of(build(sound, 300))]
    assert "silence" not in [kind for kind, _, _ in spans_of(build(sound, 1000))]


def test_a_flicker_of_the_net_is_no_event():
    assert spans_of(build(heard((3, -30, NOTHING), (0.1, -30, SPEECH), (3, -30, NOTHING)), 300)) == [
        ("other", 0.0, 6.1)
    ]


def test_a_kind_that_weakens_goes_on_and_does_not_begin_so():
    weak = (0.35, 0.0, 0.0)
    assert spans_of(build(heard((2, -25, SPEECH), (2, -25, weak)), 300)) == [("speech", 0.0, 4.0)]
    assert spans_of(build(heard((2, -25, weak)), 300)) == [("other", 0.0, 2.0)]


def test_every_moment_belongs_to_an_event():
    rng = np.random.default_rng(3)
    sound = Heard(rng.uniform(-90, -10, 4000).astype(np.float32), rng.uniform(0, 1, (3998, 3)).astype(np.float32))
    covered = np.zeros(4000, bool)
    for event in build(sound, 300):
        assert event.start_ms < event.end_ms
        covered[event.start_ms // 10 : event.end_ms // 10] = True
    assert covered.all()


def test_no_sound_gives_no_event():
    assert build(Heard(np.zeros(0, np.float32), np.zeros((0, 3), np.float32)), 300) == ()
    assert silence_threshold(np.zeros(0, np.float32)) == -60.0


def test_without_probabilities_nothing_is_called_music():
    levels = heard((2, -20, MUSIC), (1, -90, NOTHING)).levels
    other, silence = build(Heard(levels, None), 300)
    assert (other.kind, silence.kind, silence.end_ms) == ("other", "silence", 3000)
    assert other.end_ms == pytest.approx(2000, abs=30)
    assert spans_of(build(Heard(levels, np.zeros((0, 3), np.float32)), 300))[0][0] == "other"


def test_who_speaks_alone_gives_speech_silence_and_other():
    levels = heard((2, -20, SPEECH), (1, -90, NOTHING), (2, -20, MUSIC)).levels
    found = speech_only([(0, 1995)], levels, 300)
    assert [event.kind for event in found if event.end_ms - event.start_ms > 100] == ["speech", "silence", "other"]
    assert (found[0].start_ms, found[0].end_ms) == (0, 2000)


def test_an_event_as_it_is_stored():
    [event] = build(heard((1, -20, SPEECH)), 300)
    stored = event.as_json(-18.2)
    assert (stored["kind"], stored["loudness_lufs"], stored["speaker_id"]) == ("speech", -18.2, None)
    assert stored["confidence"] == pytest.approx(0.97, abs=0.01)
    assert speech_only([(0, 500)], np.zeros(50, np.float32), 300)[0].as_json(None)["confidence"] is None
