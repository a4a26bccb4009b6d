"""What is heard of each kind of file, measured from samples: the voice wherever it lies, and the reason in plain words."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from media_app.core.sound.heard import Heard, by_hand, choices, from_json, mixed
from media_app.core.sound.hearing import choose
from media_app.core.sound.meter import TrackMeter
from media_app.core.sound.tracks import TrackSummary
from tests.support.linear_timecode import linear_timecode
from tests.support.media import speech_like

RATE = 48_000
SECONDS = 12
COUNT = SECONDS * RATE


@cache
def voice():
    return 0.5 * speech_like(SECONDS)


@cache
def music():
    """Notes that last, a chord under each."""
    rng, time = np.random.default_rng(4), np.arange(RATE // 2) / RATE
    notes = []
    for _ in range(SECONDS * 2):
        pitch = 220 * 2 ** (rng.integers(0, 12) / 12)
        notes.append(sum(np.sin(2 * np.pi * pitch * k * time) / k for k in (1, 1.25, 1.5, 2, 3)) * np.exp(-2 * time))
    return (0.1 * np.concatenate(notes)).astype(np.float32)


@cache
def hiss():
    return (0.001 * np.random.default_rng(5).standard_normal(COUNT)).astype(np.float32)


@cache
def hum():
    time = np.arange(COUNT) / RATE
    return (0.05 * sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 9))).astype(np.float32)


@cache
def timecode():
    return linear_timecode("10:00:00:00", seconds=SECONDS, fps=Fraction(25))


def silence():
    return np.zeros(COUNT, np.float32)


def track(*channels, number=1, rank=0, drawback=""):
    """Measured as the decoder's blocks come, of whatever size."""
    samples = np.clip(np.rint(np.stack(channels, axis=1) * 32767), -32768, 32767).astype(np.int16)
    meter = TrackMeter(len(channels))
    for start in range(0, len(samples), 70_001):
        meter.feed(samples[start : start + 70_001])
    summaries = meter.channels()
    return TrackSummary(number - 1, number, "pcm_s16le", "", summaries, meter.covariance(), rank, drawback)


def heard(*tracks):
    chosen = choose(tracks)
    return chosen.stream + 1, chosen.channels, chosen.how


def reason(*tracks):
    return choose(tracks).reason


# --- ordinary files stay as they are ------------------------------------------------------------------------------


def test_one_channel_is_heard_as_it_is():
    assert heard(track(voice())) == (1, (1,), "mix")
    assert reason(track(voice())) == "the only channel"


def test_stereo_is_heard_as_the_mix_of_both_channels():
    stereo = track(voice(), 0.7 * voice() + hiss())
    assert heard(stereo) == (1, (1, 2), "mix")
    assert reason(stereo) == "both channels"


def test_stereo_music_and_stereo_hum_stay_mixed():
    assert heard(track(music(), 0.5 * music() + hiss())) == (1, (1, 2), "mix")
    assert heard(track(hum(), hum())) == (1, (1, 2), "mix")


# --- sound that is there and was not heard ------------------------------------------------------------------------


@pytest.mark.parametrize("other", [1.0, 0.8])
def test_channels_that_cancel_are_heard_as_their_difference(other):
    turned = track(voice(), -other * voice() + 0.1 * hiss())
    assert heard(turned) == (1, (1, 2), "difference")
    assert reason(turned) == "channels 1 and 2 cancel each other when mixed, so their difference is heard"


def test_a_microphone_is_heard_without_the_music_on_the_other_channel():
    assert heard(track(music(), voice())) == (1, (2,), "channel")
    assert reason(track(music(), voice())).endswith("channel 1 has hardly any speech")


def test_music_that_both_channels_have_stays_with_the_voice():
    assert heard(track(music() + 0.2 * voice(), voice() + 0.2 * music())) == (1, (1, 2), "mix")


def test_two_microphones_on_two_talkers_are_mixed():
    assert heard(track(voice(), np.roll(voice(), 3 * RATE))) == (1, (1, 2), "mix")


@pytest.mark.parametrize(("count", "place"), [(4, 3), (6, 3), (8, 6)])
def test_the_voice_is_found_on_any_channel(count, place):
    channels = [silence() if number % 2 else hiss() for number in range(count)]
    channels[place - 1] = voice()
    assert heard(track(*channels)) == (1, (place,), "channel")


@pytest.mark.parametrize("place", [3, 6])
def test_the_voice_is_found_on_any_track(place):
    tracks = [track(voice() if number == place else silence(), number=number) for number in range(1, 9)]
    assert heard(*tracks) == (place, (1,), "mix")
    assert "tracks 1, 2, " in reason(*tracks)
    assert reason(*tracks).endswith("are silent")


def test_the_microphone_is_heard_and_not_the_music_of_the_desktop():
    desktop, microphone = track(music(), music()), track(voice(), number=2)
    assert heard(desktop, microphone) == (2, (1,), "mix")
    assert "track 1 has hardly any speech" in reason(desktop, microphone)


def test_a_microphone_40_db_under_the_music_is_still_heard():
    assert heard(track(music(), music()), track(0.01 * voice(), number=2))[0] == 2


def test_a_dead_first_track_and_the_channel_beside_the_voice_are_named():
    tracks = track(silence(), silence()), track(hiss(), silence(), voice(), number=2)
    assert heard(*tracks) == (2, (3,), "channel")
    assert reason(*tracks).startswith("track 2, channel 3 (speech ")
    assert reason(*tracks).endswith(
        "; channel 1 of track 2 has only steady noise or hum; channel 2 of track 2 is silent; track 1 is silent"
    )


def test_a_dead_side_of_a_stereo_file_is_left_out_and_named():
    assert heard(track(voice(), silence())) == (1, (1,), "channel")
    assert "channel 2 is silent" in reason(track(voice(), silence()))
    assert "channel 1 has only steady noise or hum" in reason(track(hum(), voice()))


def test_timecode_is_kept_out_of_the_sound():
    assert heard(track(timecode(), voice())) == (1, (2,), "channel")
    assert "channel 1 carries timecode (LTC)" in reason(track(timecode(), voice()))
    assert heard(track(timecode()), track(hiss(), number=2)) == (2, (1,), "mix")


def test_where_there_is_nothing_but_timecode_nothing_is_heard():
    assert heard(track(timecode())) == (1, (), "mix")
    assert reason(track(timecode())) == "there is nothing but timecode (LTC)"


def test_faint_sound_is_not_called_silent_and_is_raised():
    faint = track(10 ** (-52 / 20) * voice())
    assert not faint.channels[0].silent
    chosen = choose([faint])
    assert faint.channels[0].peak_db + chosen.gain_db == pytest.approx(-20)
    assert "raised by" in chosen.reason


def test_silence_is_called_silence():
    assert reason(track(silence(), silence()), track(silence(), number=2)) == "every channel is silent"


def test_copies_are_heard_once():
    copies = track(voice(), voice(), voice(), voice())
    assert heard(copies) == (1, (1,), "channel")
    assert "channels 2, 3 and 4 are copies" in reason(copies)


def test_many_tracks_are_named_by_the_first_and_the_last():
    tracks = [track(voice()), *(track(silence(), number=number) for number in range(2, 41))]
    assert choose(tracks).reason.endswith("tracks 2 to 40 are silent")


def test_several_voices_are_mixed_without_what_would_cancel_one():
    other = 0.5 * speech_like(SECONDS, seed=9)
    poly = track(voice(), other, hiss(), -voice())
    assert heard(poly) == (1, (1, 2), "mix")
    assert "channel 4 would cancel it" in reason(poly)


def test_two_tracks_as_good_leave_the_choice_to_the_file():
    assert heard(track(voice()), track(voice(), number=2))[0] == 1
    assert heard(track(voice(), rank=1), track(voice(), number=2, rank=0))[0] == 2


def test_commentary_is_heard_only_where_there_is_nothing_else():
    commentary = track(voice(), number=2, drawback="marked as commentary")
    assert heard(track(music()), commentary)[0] == 1
    assert heard(track(silence()), commentary)[0] == 2


def test_no_tracks_no_choice():
    assert choose([]) is None


# --- measured -----------------------------------------------------------------------------------------------------


def test_a_channel_is_described_by_what_was_measured():
    channel = track(np.concatenate((0.5 * np.ones(RATE), np.zeros(COUNT - RATE))).astype(np.float32)).channels[0]
    assert channel.peak_db == pytest.approx(-6.02, abs=0.01)
    assert channel.zeros == pytest.approx(1 - 1 / SECONDS)


def test_a_channel_with_nothing_but_an_offset_is_silent():
    assert track(np.full(COUNT, 0.1, np.float32)).channels[0].silent


def test_the_size_of_blocks_changes_nothing():
    samples = np.rint(voice() * 32767).astype(np.int16)[:, None]
    one, many = TrackMeter(1), TrackMeter(1)
    one.feed(samples)
    for start in range(0, len(samples), 999):
        many.feed(samples[start : start + 999])
    assert one.channels() == many.channels()
    assert one.covariance() == many.covariance()


def test_a_file_shorter_than_a_window_is_measured():
    assert track(voice()[:RATE]).channels[0].level_db is not None


# --- the samples that follow ----------------------------------------------------------------------------------------


def test_the_difference_gives_the_voice_back():
    block = np.array([[1000, -1000], [-400, 400]], np.int16)
    assert mixed(block, Heard(0, (1, 2), "difference", "")).tolist() == [1000, -400]


def test_a_mix_is_the_mean_and_a_gain_is_added():
    block = np.array([[100, 0, 50]], np.int16)
    assert mixed(block, Heard(0, (1, 3), "mix", "")).tolist() == [75]
    assert mixed(block, Heard(0, (3,), "channel", "", 20.0)).tolist() == [500]
    assert mixed(block, Heard(0, (1,), "channel", "", 70.0)).tolist() == [32767]
    assert mixed(block, Heard(0, (), "mix", "")).tolist() == [0]


def test_a_choice_survives_its_json():
    chosen = choose([track(hiss(), voice())])
    assert from_json(chosen.as_json()) == chosen


def test_a_person_may_choose_what_the_file_has_and_nothing_else():
    tracks = [track(voice(), hiss())]
    assert by_hand(tracks, 0, [2], "channel") == Heard(0, (2,), "channel", "chosen by hand")
    for stream, channels, how in [(1, [1], "channel"), (0, [3], "channel"), (0, [], "mix"), (0, [1], "difference")]:
        with pytest.raises(ValueError, match=r"file has|channels|how"):
            by_hand(tracks, stream, channels, how)


def test_what_may_be_chosen_is_named_with_what_it_holds_and_can_be_chosen():
    tracks = [track(voice(), silence()), replace(track(timecode(), number=2), stream=1)]
    offered = choices(tracks)
    assert [choice.label.partition(" (")[0] for choice in offered] == [
        "Track 1: mix of channels 1, 2",
        "Track 1: channel 1",
        "Track 1: channel 2",
        "Track 1: channel 1 less channel 2",
        "Track 2: channel 1",
    ]
    assert offered[1].label.endswith("%)")
    assert [choice.label.partition(" (")[2] for choice in offered[2:]] == ["silent)", "", "timecode)"]
    for choice in offered:
        by_choice = by_hand(tracks, **choice.as_json())
        assert [other for other in offered if other.stands(by_choice)] == [choice]
    assert not any(choice.stands(choose(tracks)) for choice in offered)


def test_the_mix_of_one_channel_that_a_person_chose_is_that_channel():
    only = [track(voice())]
    (choice,) = choices(only)
    assert choice.label.startswith("Channel 1 (")
    assert choice.stands(by_hand(only, 0, [1], "mix"))
