"""Sound that is there is heard, whatever track or channel it lies on, and timecode is a witness: real files, real ffmpeg."""

import json
import subprocess
import wave
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from media_app.audio import open_wav
from media_app.core.files.probe import read_probe
from media_app.core.sound.heard import Heard
from media_app.making.inspect import inspect
from media_app.making.mezzanine import mezzanine
from media_app.making.sound import hear
from media_app.making.workspace import Workspace
from media_app.process import probe_file
from sync_app.management.commands.sync_files import sync_files
from tests.support import media
from tests.support.derived import derive
from tests.support.linear_timecode import linear_timecode

RATE = media.RATE
SECONDS, LATER_S = 20, 3.25


@cache
def event():
    return 0.5 * media.speech_like(SECONDS + 5)


@cache
def voice():
    """What the second camera hears of the event."""
    start = round(LATER_S * RATE)
    return event()[start : start + SECONDS * RATE]


@cache
def music():
    rng, time = np.random.default_rng(4), np.arange(RATE // 2) / RATE
    pitches = 220 * 2 ** (rng.integers(0, 12, SECONDS * 2) / 12)
    notes = [sum(np.sin(2 * np.pi * p * k * time) / k for k in (1, 1.25, 1.5, 2)) for p in pitches]
    return (0.1 * np.concatenate(notes) * np.tile(np.exp(-2 * time), SECONDS * 2)).astype(np.float32)


def hiss():
    return (0.001 * np.random.default_rng(5).standard_normal(SECONDS * RATE)).astype(np.float32)


def silence():
    return np.zeros(SECONDS * RATE, np.float32)


def timecode(start, seconds=SECONDS):
    return linear_timecode(start, seconds=seconds, fps=Fraction(25))


def wav(path: Path, *channels) -> Path:
    return media.write_wav(path, np.stack(channels, axis=1))


def muxed(path: Path, tracks, *options, picture: str = "") -> Path:
    """Each of `tracks` (a tuple of channels) as an audio stream of its own."""
    files = [wav(path.with_suffix(f".{number}.wav"), *channels) for number, channels in enumerate(tracks)]
    command = ["ffmpeg", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"color=black:s=160x90:r=25:d={SECONDS}"] if picture else []
    first = 1 if picture else 0
    for file in files:
        command += ["-i", str(file)]
    command += ["-map", "0:v", "-c:v", picture, "-threads", "1"] if picture else []
    for number in range(len(files)):
        command += ["-map", f"{number + first}:a"]
    subprocess.run([*command, *(options or media.PCM), str(path)], check=True)
    return path


def synced(folder: Path, file: Path, master: Path | None = None):
    return sync_files([master or wav(folder / "master.wav", event()), file])


def eight(place, fill):
    return [voice() if number == place else fill() for number in range(1, 9)]


KINDS = {
    "R = -L": (lambda d: wav(d / "b.wav", voice(), -voice()), "difference", [1, 2], "cancel each other"),
    "third of four channels": (
        lambda d: wav(d / "b.wav", hiss(), silence(), voice(), hiss()),
        "channel",
        [3],
        "channel 2 is silent",
    ),
    "sixth of eight channels": (lambda d: wav(d / "b.wav", *eight(6, silence)), "channel", [6], "are silent"),
    "sixth of eight tracks, MXF": (
        lambda d: muxed(d / "b.mxf", [(c,) for c in eight(6, hiss)], picture="mpeg2video"),
        "mix",
        [1],
        "track 6",
    ),
    "first track dead, MOV": (
        lambda d: muxed(d / "b.mov", [(silence(),), (voice(),)]),
        "mix",
        [1],
        "track 1 is silent",
    ),
    "OBS, music and microphone": (
        lambda d: muxed(d / "b.mkv", [(music(), music()), (voice(),)], *media.AAC),
        "mix",
        [1],
        "track 1 has hardly any speech",
    ),
    "timecode next to the voice": (
        lambda d: wav(d / "b.wav", voice(), timecode("10:00:00:00")),
        "channel",
        [1],
        "channel 2 carries timecode (LTC)",
    ),
    "copies": (lambda d: wav(d / "b.wav", *[voice()] * 4), "channel", [1], "are copies"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_voice_is_heard_wherever_it_lies_and_the_choice_is_named(kind, tmp_path):
    make, how, channels, reason = KINDS[kind]

    answer = synced(tmp_path, make(tmp_path))

    # In Matroska the encoder's 21 ms of priming come after time zero.
    late = 21 if "OBS" in kind else 0
    assert answer["offsets_ms"]["B"] == pytest.approx(LATER_S * 1000 - late, abs=0.5)
    heard = answer["heard"]["B"]
    assert (heard["how"], heard["channels"]) == (how, channels)
    assert reason in heard["reason"]


@pytest.mark.parametrize("decibels", [-52, -90], ids=["-72 dBFS", "-110 dBFS"])
def test_floating_point_far_under_16_bits_is_heard(decibels, tmp_path):
    faint = (voice() * 10 ** (decibels / 20)).astype(np.float32)
    wavfile.write(tmp_path / "b.wav", RATE, faint)

    answer = synced(tmp_path, tmp_path / "b.wav")

    assert answer["offsets_ms"]["B"] == pytest.approx(LATER_S * 1000, abs=0.5)
    assert answer["heard"]["B"]["reason"].startswith("the only channel; raised by")


def test_silence_is_called_silence_and_only_that(tmp_path):
    answer = synced(tmp_path, wav(tmp_path / "b.wav", silence(), silence()))
    assert answer["heard"]["B"]["reason"] == "every channel is silent"
    assert answer["warnings"]["B"] == ["Camera B is silent throughout: set its offset by hand."]


def test_timecode_alone_is_not_called_silence_and_places_the_camera_for_a_person(tmp_path):
    master = wav(tmp_path / "a.wav", event(), timecode("10:00:00:00", SECONDS + 5))
    answer = synced(tmp_path, wav(tmp_path / "b.wav", timecode("10:00:03:05")), master)
    assert answer["offsets_ms"]["B"] is None
    assert answer["warnings"]["B"] == [
        "Camera B recorded timecode (LTC) and no other sound: set its offset by hand, or by the timecode.",
        "Timecode (ltc) puts camera B at +3.200 s; the sound gives no offset.",
    ]


@pytest.mark.parametrize(
    ("start", "outcome", "word"),
    [("10:00:03:06", "agrees", "looks-good"), ("10:00:11:00", "contradicts", "review-suggested")],
)
def test_timecode_that_runs_with_the_sound_agrees_and_one_that_runs_free_contradicts(start, outcome, word, tmp_path):
    master = wav(tmp_path / "a.wav", event(), timecode("10:00:00:00", SECONDS + 5))
    answer = synced(tmp_path, wav(tmp_path / "b.wav", voice(), timecode(start)), master)
    assert answer["offsets_ms"]["B"] == pytest.approx(LATER_S * 1000, abs=0.5)
    assert [said["outcome"] for said in answer["witnesses"]["B"]] == [outcome]
    assert answer["classification"]["B"] == word
    assert bool(answer["warnings"]["B"]) == (outcome == "contradicts")


def test_an_ordinary_camera_is_heard_as_the_mix_of_both_channels(tmp_path):
    found = hear(wav(tmp_path / "b.wav", voice(), 0.5 * voice()), tmp_path)
    assert found.listened.heard == Heard(0, (1, 2), "mix", "both channels")
    with open_wav(found.wav) as made, wave.open(str(tmp_path / "b.wav")) as source:
        original = np.frombuffer(source.readframes(source.getnframes()), "<i2").reshape(-1, 2)
        assert np.array_equal(made.read_int16(0, made.frames), original)


def test_what_a_person_chose_is_heard(tmp_path):
    file = wav(tmp_path / "b.wav", voice(), music())
    found = hear(file, tmp_path, heard=Heard(0, (2,), "channel", "chosen by hand"))
    with open_wav(found.wav) as made, open_wav(file) as source:
        assert np.array_equal(made.read_int16(0, made.frames)[:, 0], source.read_int16(0, source.frames)[:, 1])


def test_the_wav_and_the_peaks_of_an_ingest_are_of_what_is_heard(tmp_path):
    file = muxed(tmp_path / "b.mov", [(silence(),), (hiss(), voice())], picture="libx264")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    made = derive(file, inspect(file), Workspace(scratch))

    assert (made.listened.heard.stream, made.listened.heard.channels) == (2, (2,))
    assert json.loads(json.dumps(made.listened.tracks_as_json()))[0]["speech"] == 0
    files = {entry.kind.name: entry.path for entry in made.files}
    with open_wav(files["audio-wav"]) as sound:
        heard = sound.read(0, sound.frames)[: len(voice())]
    assert np.abs(heard - voice()).max() < 1e-4
    assert not list(scratch.glob("track-*"))


def test_the_mezzanine_carries_what_is_heard(tmp_path):
    file = muxed(tmp_path / "b.mov", [(silence(),), (hiss(), voice())], picture="libx264")
    found = inspect(file, heard=Heard(2, (2,), "channel", ""))
    (made,) = mezzanine(file, found, Workspace(tmp_path)).files
    sound, _ = media.decode_sound(made.path)
    mono = sound if sound.ndim == 1 else sound[:, 0]
    assert np.corrcoef(mono[: len(voice())], voice())[0, 1] > 0.999


@pytest.mark.parametrize(
    ("rate", "own", "label", "seconds"),
    [
        ("60000/1001", "60000/1001", "01:00:00;04", Fraction(215_784 + 4) * 1001 / 60_000),
        ("120", "120", "01:00:00:110", 3600 + Fraction(110, 120)),
        ("30", "30", "01:00:00;10", Fraction(107_892 + 10, 30)),
    ],
)
def test_timecode_in_a_real_file_counts_at_its_own_rate(rate, own, label, seconds, tmp_path):
    path = tmp_path / "a.mov"
    picture = ["-f", "lavfi", "-i", f"color=black:s=160x90:r={rate}:d=1", "-c:v", "libx264"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, "-timecode", label, str(path)], check=True)

    info = read_probe(probe_file(path))

    (witness,) = info.times.timecodes
    assert (info.timecode, witness.zero) == (label, seconds)
