"""Mastering by real ffmpeg, measured on what came out: loudness, ducking, length, layout, time, bytes."""

import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from media_app import process
from media_app.core.sound import presets
from media_app.core.sound.loudness import Loudness, read_ebur128
from media_app.core.sound.mastering import CannotMaster, meter
from media_app.making import master as engine
from media_app.making.files import Outputs
from media_app.making.workspace import Workspace
from tests.support.media import AAC, RATE, cached, click_times, run_ffmpeg, slate, speech_like, write_wav

WORDS = "Camera one is ready. Please start the recording now."
#: High above every voice, so that a filter can take it out of the mix again.
MUSIC_HZ = 15_000
FIRST_WORD = 2.0


@cache
def has_flite() -> bool:
    said = subprocess.run(["ffmpeg", "-hide_banner", "-filters"], capture_output=True, text=True, check=True).stdout
    return " flite " in said


def voice(name: str = "voice.wav", *args: str, chain: str = "anull", tail: float = 1.5) -> Path:
    """Somebody who begins to speak at FIRST_WORD: flite where ffmpeg has it, else noise in the rhythm of speech."""

    def make(path: Path) -> None:
        after = f"volume=0.5,adelay={round(FIRST_WORD * 1000)}:all=1,apad=pad_dur={tail},{chain}"
        if has_flite():
            run_ffmpeg(
                "-f", "lavfi", "-i", f"flite=text='{WORDS}':voice=slt", "-af", after, "-ar", RATE, "-ac", 2, *args, path
            )
        else:
            plain = write_wav(path.with_suffix(".source.wav"), speech_like(6, seed=5))
            run_ffmpeg("-i", plain, "-af", after, "-ar", RATE, "-ac", 2, *args, path)

    return cached(name, (WORDS, FIRST_WORD, args, chain, tail, has_flite()), make)


def tone(seconds: float = 30, hz: int = MUSIC_HZ, db: float = -14) -> Path:
    def make(path: Path) -> None:
        run_ffmpeg(
            "-f", "lavfi", "-i", f"sine=f={hz}:r={RATE}:d={seconds}", "-af", f"volume={db}dB,volume=8", "-ac", 2, path
        )

    return cached("tone.wav", (seconds, hz, db), make)


def filmed(sound: Path, name: str = "filmed.mp4") -> Path:
    """A picture with numbered frames over that sound."""
    picture = slate(seconds=9, audio=None)

    def make(path: Path) -> None:
        run_ffmpeg("-i", picture, "-i", sound, "-map", "0:v", "-map", "1:a", "-c:v", "copy", *AAC, "-shortest", path)

    return cached(name, (str(picture), str(sound)), make)


def mastered(source: Path, preset: str, folder: Path, music: Path | None = None, **overrides) -> Outputs:
    folder.mkdir()
    return engine.master(source, presets.load(preset, overrides), Workspace(folder), music=music)


def loudness(path: Path, folder: Path) -> Loudness:
    """Measured anew, by ffmpeg's meter on the decoded file."""
    log = folder / "again.txt"
    done = process.ffmpeg(
        ["-v", "info", "-i", str(path), "-map", "0:a", "-af", meter("x", str(log)), "-f", "null", "-"]
    )
    return read_ebur128(log.read_text().splitlines(), done.stderr_tail)


def band(path: Path, low: int, high: int) -> np.ndarray:
    """Level of one band of a file's sound, dB for each 50 ms."""
    samples = heard_samples(path, "anull")
    sharp = signal.butter(10, [low, high], "bandpass", fs=RATE, output="sos")
    frames = signal.sosfilt(sharp, samples)[: len(samples) // 2400 * 2400].reshape(-1, 2400)
    return 10 * np.log10(np.mean(frames**2, axis=1) + 1e-20)


def heard_samples(path: Path, chain: str) -> np.ndarray:
    argv = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        path,
        "-vn",
        "-af",
        f"aresample={RATE},{chain}",
        "-ac",
        "1",
        "-f",
        "f32le",
        "-",
    ]
    return np.frombuffer(subprocess.run(argv, capture_output=True, check=True).stdout, "<f4").astype(float)


def music_level(path: Path) -> np.ndarray:
    return band(path, 14_000, 16_000)


def stream_of(path: Path, kind: str = "audio") -> dict:
    return next(s for s in process.ffprobe(path)["streams"] if s["codec_type"] == kind)


def seconds_of(path: Path) -> float:
    return float(process.ffprobe(path)["format"]["duration"])


@pytest.mark.parametrize(
    ("preset", "amount"), [("music_mix_roll_duck_v1", 14), ("music_mix_abrupt_duck_v1", 18), ("dialogue_mix_v1", 10)]
)
def test_music_makes_room_by_the_amount_asked_and_comes_back(preset, amount, tmp_path):
    made = mastered(voice(), preset, tmp_path / "out", tone(), timing={"fade_enabled": False})
    level, ducking = music_level(made.files[0].path), presets.load(preset).ducking
    begun, ended = made.facts["speech"][0][0], made.facts["speech"][-1][1]
    before = level[4 : round(begun * 20) - 1]
    full = np.median(before)
    assert np.abs(before - full).max() < 0.3, "the music was touched before the first word"
    assert FIRST_WORD <= begun < FIRST_WORD + 0.3
    under = np.mean([level[round(s * 20) + 3 : round(e * 20) - 1].mean() for s, e in made.facts["speech"]])
    assert full - under == pytest.approx(amount, abs=1.5)
    back = round((ended + ducking.release_ms / 1000) * 20) + 2
    assert np.abs(level[back : back + 10] - full).max() < 1.0


def test_the_depth_does_not_hang_on_how_loudly_somebody_speaks(tmp_path):
    for name, db in (("quiet", -25), ("loud", 4)):
        spoken = voice(f"{name}.wav", chain=f"volume={db}dB")
        made = mastered(spoken, "music_mix_roll_duck_v1", tmp_path / name, tone(), normalization={"enabled": False})
        level = music_level(made.files[0].path)
        begun, ended = made.facts["speech"][0][0], made.facts["speech"][-1][1]
        under = level[round(begun * 20) + 3 : round(ended * 20) - 1].mean()
        assert np.median(level[4 : round(begun * 20) - 1]) - under == pytest.approx(14, abs=1.5)


HARD = {
    "speech": lambda: voice(),
    "quiet": lambda: voice("faint.wav", chain="volume=-35dB"),
    "mono 8 kHz": lambda: voice("phone.wav", "-ac", "1", "-ar", "8000"),
    "one second": lambda: voice("second.wav", "-ss", "2.2", "-t", "1"),
    "5.1": lambda: voice(
        "surround.wav", "-ac", "6", chain="pan=5.1|c0=c0|c1=c1|c2=0.7*c0|c3=0.05*c0|c4=0.3*c1|c5=0.3*c0"
    ),
    "knocks": lambda: voice("knocks.wav", chain="aeval='val(ch)+0.8*sin(2*PI*400*t)*lt(mod(t\\,2)\\,0.01)':c=same"),
}


@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("preset", ["normalise_v1", "dialogue_mix_v1"])
def test_the_loudness_is_as_asked_whatever_comes_in(kind, preset, tmp_path):
    music = tone(4, hz=600) if preset == "dialogue_mix_v1" else None
    made = mastered(HARD[kind](), preset, tmp_path / "out", music)
    heard = loudness(made.files[0].path, tmp_path)
    assert heard.integrated == pytest.approx(-16, abs=0.5)
    assert heard.true_peak <= -1
    assert made.facts["after"]["integrated_lufs"] == pytest.approx(heard.integrated, abs=0.05)
    assert not [w for w in made.warnings if "LUFS" in w]


SHORT = {
    "mono 8 kHz": lambda: voice("phone-second.wav", "-ac", "1", "-ar", "8000", "-ss", "2.2", "-t", "1"),
    "silent": lambda: voice("silent-second.wav", "-t", "1", chain="volume=0"),
}


@pytest.mark.parametrize("preset", sorted(set(presets.documents()) - {"normalise_v1", "dialogue_mix_v1"}))
def test_every_preset_copes_with_a_second_of_anything(preset, tmp_path):
    wanted = presets.load(preset)
    for kind, source in SHORT.items():
        made = mastered(
            source(), preset, tmp_path / kind.replace(" ", ""), tone(4, hz=600) if wanted.takes_music else None
        )
        assert seconds_of(made.files[0].path) == pytest.approx(1, abs=0.04), kind
        loud = made.facts["after"]["integrated_lufs"]
        if wanted.normalization.enabled and (wanted.takes_music or kind != "silent"):
            assert loud == pytest.approx(-16, abs=0.5), kind
        elif kind == "silent":
            assert loud is None


def test_5_1_stays_5_1_and_becomes_stereo_where_the_preset_says_so(tmp_path):
    kept = mastered(HARD["5.1"](), "normalise_v1", tmp_path / "kept").files[0].path
    assert (stream_of(kept)["channels"], stream_of(kept)["channel_layout"]) == (6, "5.1")
    folded = mastered(HARD["5.1"](), "podcast_stereo_v1", tmp_path / "folded").files[0].path
    assert (stream_of(folded)["channels"], stream_of(folded)["sample_rate"]) == (2, "44100")


def test_silence_is_left_as_it_is_and_said(tmp_path):
    silent = slate("silent.mp4", seconds=3, sound="silence")
    made = mastered(silent, "normalise_v1", tmp_path / "out")
    assert made.facts["after"]["integrated_lufs"] is None
    assert any("silent" in warning for warning in made.warnings)
    with_music = mastered(silent, "dialogue_mix_v1", tmp_path / "mix", tone(2, hz=600))
    assert loudness(with_music.files[0].path, tmp_path).integrated == pytest.approx(-16, abs=0.5)
    assert any("No speech was detected" in warning for warning in with_music.warnings)


def test_replaced_sound_leaves_nothing_of_the_original(tmp_path):
    made = mastered(
        filmed(voice()), "music_replace_v1", tmp_path / "out", tone(30, hz=MUSIC_HZ), timing={"fade_enabled": False}
    )
    level = band(made.files[0].path, 150, 4000)
    assert level[2:-2].max() < music_level(made.files[0].path)[2:-2].min() - 70


@pytest.mark.parametrize(
    ("preset", "codec", "rate", "channels"),
    [
        ("normalise_v1", "aac", "48000", 2),
        ("dialogue_mix_v1", "aac", "48000", 2),
        ("music_mix_abrupt_duck_v1", "aac", "48000", 2),
        ("music_mix_roll_duck_v1", "aac", "48000", 2),
        ("music_replace_v1", "aac", "48000", 2),
        ("podcast_stereo_v1", "aac", "44100", 2),
        ("extract_audio_v1", "pcm_s24le", "48000", 2),
        ("convert_aac_v1", "aac", "48000", 2),
    ],
)
def test_codec_rate_layout_and_length_are_as_asked_and_the_bytes_the_same_each_time(
    preset, codec, rate, channels, tmp_path
):
    source = filmed(voice())
    music = tone(5, hz=600) if presets.load(preset).takes_music else None
    first = mastered(source, preset, tmp_path / "first", music).files[0]
    stream = stream_of(first.path)
    assert (stream["codec_name"], stream["sample_rate"], stream["channels"]) == (codec, rate, channels)
    assert seconds_of(first.path) == pytest.approx(seconds_of(source), abs=0.04)
    if preset in ("music_mix_roll_duck_v1", "extract_audio_v1"):
        again = mastered(source, preset, tmp_path / "again", music).files[0]
        assert first.sha256 == again.sha256


def test_the_picture_is_copied_packet_by_packet(tmp_path):
    source = filmed(voice())
    made = mastered(source, "normalise_v1", tmp_path / "out").files[0].path
    assert packets(made) == packets(source)


def packets(path: Path) -> list[str]:
    argv = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-show_entries",
        "packet=pts_time,flags,data_hash",
        "-show_data_hash",
        "md5",
        "-of",
        "csv",
    ]
    lines = subprocess.run([*argv, str(path)], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if line.startswith("packet,")]


@pytest.mark.parametrize(
    "late", [{}, {"audio_late": 0.3}, {"video_late": 0.2}, {"name": "slate.ts"}, {"name": "slate.mkv"}]
)
def test_sound_and_picture_stay_as_far_apart_as_they_were(late, tmp_path):
    source = slate(**{"name": "slate.mp4", "seconds": 4} | late)
    made = mastered(source, "normalise_v1", tmp_path / "out", normalization={"enabled": False}).files[0].path
    assert offset(made) == pytest.approx(offset(source), abs=0.001)


def offset(path: Path) -> float:
    """Seconds from the first packet of the picture to the third click, both on the file's own clock."""
    origin = float(process.ffprobe(path)["format"].get("start_time", 0))
    first = min(float(line.split(",")[1]) for line in packets(path)) - origin
    sound = heard_samples(path, "aresample=async=1:first_pts=0")
    return click_times(sound.astype(np.float32))[2] - first


def test_music_shorter_than_the_picture_loops_without_a_gap_or_ends(tmp_path):
    source = slate("mute.mp4", seconds=8, sound="silence")
    looped = mastered(source, "music_replace_v1", tmp_path / "loop", tone(3, hz=600), timing={"fade_enabled": False})
    level = band(looped.files[0].path, 300, 1200)[2:-2]
    assert level.max() - level.min() < 1.5
    ended = mastered(
        source, "music_replace_v1", tmp_path / "end", tone(3, hz=600),
        timing={"music_shorter": "end", "fade_seconds": 1}, normalization={"enabled": False},
    )  # fmt: skip
    level = band(ended.files[0].path, 300, 1200)
    assert level[45] > level[30] - 3 > level[57] > level[70] + 20


def test_longer_music_is_cut_with_a_fade_and_a_duration_cuts_all(tmp_path):
    source = slate("mute.mp4", seconds=8, sound="silence")
    cut = mastered(
        source, "music_replace_v1", tmp_path / "out", tone(hz=600), timing={"duration_seconds": 5, "fade_seconds": 1}
    )
    level = band(cut.files[0].path, 300, 1200)
    assert seconds_of(cut.files[0].path) == pytest.approx(5, abs=0.04)
    assert level[97] < level[60] - 12


def test_what_cannot_be_mastered_says_why(tmp_path):
    mute = slate("no-sound.mp4", seconds=2, audio=None)
    with pytest.raises(CannotMaster, match="has no audio"):
        mastered(mute, "normalise_v1", tmp_path / "a")
    with pytest.raises(CannotMaster, match="needs music"):
        mastered(mute, "music_replace_v1", tmp_path / "b", mute)
    made = mastered(mute, "dialogue_mix_v1", tmp_path / "c", tone(1, hz=600))
    assert made.facts["before"] is None
