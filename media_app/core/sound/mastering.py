"""A preset and what is known of the files → ffmpeg's arguments. `media_app.making.master` runs them, one after another:

    voice_args     the recorded sound as 16 kHz mono, to find who speaks when      (only where music is ducked)
    music_args     music decoded once, to be played again and again without a gap  (only where it is shorter)
    measure_args   the mix as it will be, into a meter and nowhere else            (only where loudness is to be set)
    render_args    the mix with its gain, encoded; the picture's packets copied
    verify_args    what came out, into the meter

The music is ducked by side-chain compression. Its key is not the speech itself, whose level would decide the depth, but
one level wherever the gate finds speech; so the depth is the preset's, and outside speech the music is left as it is.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_app.core.ffmpeg import LAYOUTS, Source, audio_chain, input_guard, wav_args
from media_app.core.files.faults import NotUsable
from media_app.core.files.media_info import VideoStream
from media_app.core.sound import loudness, speech
from media_app.core.sound.loudness import Gain
from media_app.core.sound.presets import Output, Preset

KEY_RATE = 4000
#: Of the key, −6 dBFS; the compressor's threshold follows from it.
KEY_LEVEL = 0.5
RATIO = 20.0
#: Pictures that MP4 holds; MOV takes those that editing programs write, Matroska the rest.
MP4_PICTURES = frozenset({"h264", "hevc", "av1", "mpeg4", "mpeg2video", "vp9"})
MOV_PICTURES = frozenset({"prores", "dnxhd", "mjpeg", "cfhd", "rawvideo", "qtrle", "dvvideo", "png"})
SUFFIXES = {"aac": ".m4a", "mp3": ".mp3", "flac": ".flac", "pcm_s16le": ".wav", "pcm_s24le": ".wav"}
CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
}
_MUXERS = {
    ".mp4": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".m4a": "ipod",
    ".mp3": "mp3",
    ".flac": "flac",
    ".wav": "wav",
}


class CannotMaster(NotUsable):
    """These files do not have what the preset needs."""

    code = "cannot_master"


@dataclass(frozen=True, slots=True)
class Plan:
    """One master. `seconds`: how long it is; `cut`: that is less than the recording. `music_seconds`: of one playing.

    `looped`: the music as `music_args` made it, played `plays` times. `key`: the side chain's WAV.
    """

    preset: Preset
    source: Source
    music: Source | None
    seconds: Fraction
    cut: bool
    rate: int
    channels: int
    suffix: str
    music_seconds: Fraction = Fraction(0)
    looped: Path | None = None
    plays: int = 1
    key: Path | None = None

    @property
    def samples(self) -> int:
        return round(self.seconds * self.rate)

    @property
    def keeps_picture(self) -> bool:
        return self.source.video is not None and self.preset.output.picture == "copy"

    @property
    def ducks(self) -> bool:
        return self.preset.ducking.active and self.music is not None and self.source.audio is not None

    @property
    def loops(self) -> bool:
        shorter = self.music is not None and self.music_seconds < self.seconds
        return shorter and self.preset.timing.music_shorter == "loop"


def plan(
    preset: Preset, source: Source, length: Fraction, music: Source | None = None, music_length: Fraction = Fraction(0)
) -> Plan:
    """What is to be made of a recording `length` seconds long.

    Raises CannotMaster when a file lacks what the preset needs.
    """
    if preset.takes_music and (music is None or music.audio is None or music_length <= 0):
        raise CannotMaster(f"{preset.name} needs music, and the music file has no sound.")
    if preset.mode == "keep" and source.audio is None:
        raise CannotMaster(f"The recording has no audio, and {preset.name} adds none. Choose a preset with music.")
    asked = preset.timing.duration_seconds
    seconds = length if asked is None else min(length, Fraction(asked).limit_denominator(100_000))
    heard = source.audio if preset.mode != "replace" else None
    like = heard or (music.audio if music else None)
    assert like is not None
    return Plan(
        preset=preset,
        source=source,
        music=music if preset.takes_music else None,
        seconds=seconds,
        cut=seconds < length,
        rate=preset.output.sample_rate or _possible_rate(preset.output.codec, like.rate),
        channels=preset.output.channels or _possible_channels(like.channels),
        suffix=_suffix(source.video, preset.output),
        music_seconds=music_length if preset.takes_music else Fraction(0),
    )


def voice_args(plan: Plan, wav: Path) -> list[str]:
    """The recorded sound in the band of the voice: 16 kHz mono 16-bit WAV."""
    source = plan.source
    assert source.audio
    chain = audio_chain(source.audio, source.sound, channels=1, rate=speech.RATE, sample_format="flt")
    chain += f",highpass=f=150,lowpass=f=5000,atrim=end={float(plan.seconds):.6f}"
    return [
        *input_guard(source.path),
        "-map",
        f"0:{source.audio.index}",
        "-af",
        chain,
        *wav_args("pcm_s16le"),
        str(wav),
    ]


def music_args(plan: Plan, wav: Path) -> list[str]:
    """The music once, as the mix will need it: 32-bit float WAV."""
    music = plan.music
    assert music
    assert music.audio
    chain = audio_chain(music.audio, music.sound, channels=plan.channels, rate=plan.rate, sample_format="flt")
    return [
        *input_guard(music.path),
        "-map",
        f"0:{music.audio.index}",
        "-af",
        chain,
        *wav_args("pcm_f32le"),
        str(wav),
    ]


def measure_args(plan: Plan, gain: Gain, log: str, *, before: str | None = None) -> list[str]:
    """The mix with `gain` into the meter, whose numbers go to the file `log` in the working directory; the recording's own
    sound likewise to `before`."""
    graph = [_mix(plan, split=before is not None), f"[mix]{_after(plan, gain, meter('mix', log))}[out]"]
    maps = ["-map", "[out]", "-f", "null", "-"]
    if before is not None:
        graph.append(f"[own]{meter('before', before)}[heard]")
        maps += ["-map", "[heard]", "-f", "null", "-"]
    return ["-v", "info", *_inputs(plan), "-filter_complex", ";".join(graph), *maps]


def source_args(plan: Plan, log: str) -> list[str]:
    """The recording's own sound into the meter."""
    audio = plan.source.audio
    assert audio
    return [
        "-v",
        "info",
        *input_guard(plan.source.path),
        "-map",
        f"0:{audio.index}",
        "-af",
        meter("before", log),
        "-f",
        "null",
        "-",
    ]


def render_args(plan: Plan, gain: Gain, out: Path) -> list[str]:
    """The master itself."""
    args = ["-v", "info", *_inputs(plan), "-filter_complex", f"{_mix(plan)};[mix]{_after(plan, gain)}[out]"]
    if plan.keeps_picture:
        video = plan.source.video
        assert video
        args += ["-map", f"0:{video.index}", "-c:v", "copy"]
        if video.codec == "hevc" and plan.suffix in (".mp4", ".mov"):
            args += ["-tag:v", "hvc1"]
    args += ["-map", "[out]", *_codec(plan.preset.output), "-ar", str(plan.rate), "-flags:a", "+bitexact"]
    args += ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
    if plan.cut:
        args += ["-t", f"{float(plan.seconds):.6f}"]
    if plan.suffix in (".mp4", ".mov", ".m4a"):
        args += ["-movflags", "+faststart"]
    if plan.suffix == ".wav":
        args += ["-rf64", "auto"]
    return [*args, "-f", _MUXERS[plan.suffix], str(out)]


def verify_args(made: Path, log: str, *, listen: Path | None = None) -> list[str]:
    """What came out into the meter; with `listen` also as 48 kHz stereo WAV, for a page to play from."""
    graph = f"[0:a:0]{meter('after', log)}[out]"
    if listen is None:
        return ["-v", "info", *input_guard(made), "-filter_complex", graph, "-map", "[out]", "-f", "null", "-"]
    graph = f"[0:a:0]asplit[a][b];[a]{meter('after', log)}[out];"
    graph += "[b]aresample=osr=48000:ochl=stereo:osf=s16:async=1:first_pts=0[pcm]"
    args = ["-v", "info", *input_guard(made), "-filter_complex", graph, "-map", "[out]", "-f", "null", "-"]
    return [*args, "-map", "[pcm]", *wav_args("pcm_s16le"), str(listen)]


def meter(name: str, log: str) -> str:
    """ffmpeg's EBU R 128 meter, called `name` in what it writes."""
    return f"ebur128@{name}=peak=true:metadata=1:framelog=verbose,ametadata=mode=print:file={log}"


def ducker(amount_db: float, attack_ms: float, release_ms: float) -> str:
    """The compressor that lowers a sound by so much while the side chain is at its level."""
    threshold = KEY_LEVEL * 10 ** (-amount_db / (1 - 1 / RATIO) / 20)
    return (
        f"sidechaincompress=threshold={threshold:.6f}:ratio={RATIO:g}:attack={attack_ms:g}"
        f":release={release_ms:g}:knee=1:detection=peak:link=maximum"
    )


def _inputs(plan: Plan) -> list[str]:
    args = input_guard(plan.source.path)
    if plan.music is None:
        return args
    if plan.looped:
        args += ["-stream_loop", str(plan.plays - 1), *input_guard(plan.looped)]
    else:
        args += input_guard(plan.music.path)
    return args + (input_guard(plan.key) if plan.key else [])


def _mix(plan: Plan, *, split: bool = False) -> str:
    """The graph up to [mix]: voice and music as the preset wants them, exactly as long as the master.

    With `split` the recording's own sound comes out untouched at [own] as well.
    """
    preset, source = plan.preset, plan.source
    steps, heard = [], []
    tap = ""
    if split and source.audio:
        steps.append(
            f"[0:{source.audio.index}]asplit[tap][own]"
            if preset.mode != "replace"
            else f"[0:{source.audio.index}]anull[own]"
        )
        tap = "[tap]"
    if preset.mode != "replace" and source.audio:
        chain = audio_chain(source.audio, source.sound, channels=plan.channels, rate=plan.rate, sample_format="flt")
        steps.append(
            f"{tap or f'[0:{source.audio.index}]'}{chain}{_volume(preset.video_gain_db)},{_exactly(plan)}[voice]"
        )
        heard.append("[voice]")
    if plan.music and plan.music.audio:
        steps.append(_music(plan))
        heard.append("[music]")
    if len(heard) == 2:
        steps.append("[voice][music]amix=inputs=2:duration=first:normalize=0[mix]")
    else:
        steps.append(f"{heard[0]}anull[mix]")
    return ";".join(steps)


def _music(plan: Plan) -> str:
    music, timing, ducking = plan.music, plan.preset.timing, plan.preset.ducking
    assert music
    assert music.audio
    if plan.looped:
        chain = "[1:a]asetpts=N/SR/TB"
    else:
        chain = f"[1:{music.audio.index}]"
        chain += audio_chain(music.audio, music.sound, channels=plan.channels, rate=plan.rate, sample_format="flt")
    chain += _volume(plan.preset.music_gain_db)
    end = plan.seconds if plan.loops else min(plan.seconds, plan.music_seconds)
    if timing.fade_enabled and not plan.cut:
        chain += "," + _fade(end, timing.fade_seconds)
    chain += f",{_exactly(plan)}"
    if plan.key is None:
        return f"{chain}[music]"
    compressor = ducker(ducking.amount_db, ducking.attack_ms, ducking.release_ms)
    return f"{chain}[loud];[2:a]aresample={plan.rate}[key];[loud][key]{compressor}[music]"


def _after(plan: Plan, gain: Gain, *more: str) -> str:
    """What the whole mix goes through: a fade where the recording is cut short, then its gain."""
    steps = []
    if plan.cut and plan.preset.timing.fade_enabled:
        steps.append(_fade(plan.seconds, plan.preset.timing.fade_seconds))
    steps += loudness.filters(gain, plan.rate)
    return ",".join([*steps, f"atrim=end_sample={plan.samples}", *more])


def _exactly(plan: Plan) -> str:
    """As long as the master, to the sample."""
    return f"apad=whole_len={plan.samples},atrim=end_sample={plan.samples}"


def _fade(end: Fraction, seconds: float) -> str:
    length = min(seconds, float(end) / 2)
    return f"afade=t=out:st={float(end) - length:.6f}:d={length:.6f}"


def _volume(db: float) -> str:
    return f",volume={db:g}dB" if db else ""


def _codec(output: Output) -> list[str]:
    bitrate = ["-b:a", f"{output.bitrate_kbps or 192}k"]
    if output.codec == "aac":
        return ["-c:a", "aac", *bitrate]
    if output.codec == "mp3":
        return ["-c:a", "libmp3lame", *bitrate]
    if output.codec == "flac":
        return ["-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"]
    return ["-c:a", output.codec]


def _suffix(video: VideoStream | None, output: Output) -> str:
    if video is None or output.picture == "drop":
        return SUFFIXES[output.codec]
    if video.codec in MP4_PICTURES:
        return ".mp4" if output.codec == "aac" else ".mov"
    return ".mov" if video.codec in MOV_PICTURES else ".mkv"


def _possible_rate(codec: str, rate: int) -> int:
    """The nearest rate at or above that of the file which the codec has, 96 kHz at most."""
    rates = (8000, 16000, 22050, 24000, 32000, 44100, 48000) + (() if codec == "mp3" else (88200, 96000))
    if codec.startswith("pcm") and rate <= 96000:
        return rate
    return next((known for known in rates if known >= rate), rates[-1])


def _possible_channels(channels: int) -> int:
    return max(known for known in LAYOUTS if known <= channels)
