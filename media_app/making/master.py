"""One local recording and, where the preset wants it, music → the finished sound, on the local disk, without a database.

What comes out is measured, and made again with a better gain when it is not as asked for: a limiter takes loudness away,
and a lossy codec adds peaks, and neither says beforehand how much.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from media_app import process
from media_app.audio import open_wav
from media_app.core import kinds
from media_app.core.files.faults import SourceDamaged
from media_app.core.sound import mastering, speech
from media_app.core.sound.heard import Heard
from media_app.core.sound.loudness import (
    MAX_GAIN_DB,
    PEAK_LIMIT,
    Gain,
    Loudness,
    corrected,
    plan,
)
from media_app.core.sound.mastering import CannotMaster, Plan
from media_app.core.sound.presets import Preset
from media_app.core.time.timebase import clock
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.inspect import inspect
from media_app.making.loudness import held, read_meter
from media_app.making.peaks import peaks_of
from media_app.making.speech_key import regions_of, write_key
from media_app.making.workspace import Workspace

#: How often what came out is corrected before what there is must do.
TRIES = 4


@dataclass
class _Bench:
    """Where one master is made, and the doubts that arise on the way."""

    work: Workspace
    warnings: list[str] = field(default_factory=list)

    def ffmpeg(
        self, args: list[str], step: str, seconds: Fraction, part: tuple[float, float], *, own: bool = False
    ) -> str:
        """Run it as `part` (begin, end percent) of the work; the last of its stderr. `own`: it reads what Studio made, in
        which nothing may be damaged; what came of originals is held against the plan at the end."""
        try:
            return self.work.share(*part).ffmpeg(args, step, float(seconds), damage_ok=not own).stderr_tail
        except process.ToolFailed as error:
            raise _explain(error) from error

    def read(self, name: str, stderr: str) -> Loudness:
        """What the meter `name` found."""
        return read_meter(self.work.folder, name, stderr)


def master(
    source: Path,
    preset: Preset,
    work: Workspace,
    *,
    music: Path | None = None,
    listen: bool = False,
    heard: Heard | None = None,
) -> Outputs:
    """Make `master.*` of `source` (and `music`) as `preset` wants it, in the workspace's empty folder.

    `listen`: also a WAV and peaks for a page that compares. `heard`: what of the source is listened to. The master is the first of the files; the facts say what was
    measured. Raises CannotMaster and the other NotUsable types with a sentence, SourceDamaged when the output is too short,
    and as `process.run`.
    """
    bench = _Bench(work)
    work.report(1, "looking at the files")
    found, over = process.run_in_parallel(
        lambda: inspect(source, work, heard=heard),
        lambda: inspect(music, work) if music and preset.takes_music else None,
    )
    made = mastering.plan(
        preset,
        found.source(source),
        found.duration,
        over.source(music) if music and over else None,
        over.duration if over else Fraction(0),
    )
    made, talked = _prepare(made, bench)
    before, gain = _loudness_wanted(made, bench)
    out, after, gain, kind = _render(made, gain, bench, listen=listen)
    report = {
        "preset": preset.name,
        "seconds": float(made.seconds),
        "sample_rate": made.rate,
        "channels": made.channels,
        "codec": preset.output.codec,
        "gain_db": round(gain.db, 3),
        "gain_kind": kind,
        "speech": [[region.start, region.end] for region in talked],
        "before": before.as_json() if before else None,
        "after": after.as_json(),
    }
    return Outputs(_files(out, report, listen=listen), report, tuple(bench.warnings))


def _prepare(made: Plan, bench: _Bench) -> tuple[Plan, tuple[speech.Region, ...]]:
    """The files that the mix reads besides the originals: music to be played again, and the side chain."""
    talked, looped = process.run_in_parallel(
        lambda: _speech(made, bench) if made.ducks else (),
        lambda: _music(made, bench) if made.loops else None,
    )
    if looped:
        path, length = looped
        made = replace(made, looped=path, plays=ceil(made.seconds / length))
    if made.ducks:
        key = bench.work.folder / "key.wav"
        write_key(key, talked, float(made.seconds) + 1)
        made = replace(made, key=key)
    return made, talked


def _music(made: Plan, bench: _Bench) -> tuple[Path, Fraction]:
    """The music decoded once, and its seconds."""
    looped = bench.work.folder / "music.wav"
    bench.ffmpeg(mastering.music_args(made, looped), "decoding the music", made.music_seconds, (2, 5))
    with open_wav(looped) as sound:
        length = Fraction(sound.frames, sound.rate)
    if length <= 0:
        raise CannotMaster("Nothing of the music could be decoded. Choose another file.")
    return looped, length


def _speech(made: Plan, bench: _Bench) -> tuple[speech.Region, ...]:
    """Who speaks when."""
    voice = bench.work.folder / "voice.wav"
    bench.ffmpeg(mastering.voice_args(made, voice), "finding who speaks when", made.seconds, (5, 15))
    ducking = made.preset.ducking
    talked = regions_of(voice, ducking.gate, speech.PAUSES[ducking.mode])
    voice.unlink()
    if not talked:
        bench.warnings.append("No speech was detected, so the music is never lowered.")
    return talked


def _loudness_wanted(made: Plan, bench: _Bench) -> tuple[Loudness | None, Gain]:
    """How loud the recording is, and the gain that its mix needs."""
    wanted = made.preset.normalization
    if not wanted.enabled:
        if made.source.audio is None:
            return None, Gain()
        stderr = bench.ffmpeg(mastering.source_args(made, "before.txt"), "measuring", made.seconds, (15, 45))
        return bench.read("before", stderr), Gain()
    before = "before.txt" if made.source.audio else None
    args = mastering.measure_args(made, Gain(), "mix.txt", before=before)
    stderr = bench.ffmpeg(args, "measuring the mix", made.seconds, (15, 35))
    mix, own = bench.read("mix", stderr), bench.read("before", stderr) if before else None
    if mix.integrated is None:
        bench.warnings.append(
            "The sound is silent or too short to measure its loudness, so its level was left unchanged."
        )
        return own, Gain()
    gain = plan(mix, wanted.target_lufs, wanted.true_peak_dbtp)
    if gain.ceiling is not None:
        gain = _held(made, gain, bench)
    return own, gain


def _held(made: Plan, gain: Gain, bench: _Bench) -> Gain:
    """The gain that gives back what the limiter takes."""

    def measure(gain: Gain) -> float | None:
        args = mastering.measure_args(made, gain, "mix.txt")
        return bench.read("mix", bench.ffmpeg(args, "limiting the peaks", made.seconds, (35, 50))).integrated

    return held(gain, made.preset.normalization.target_lufs, measure)


def _render(made: Plan, gain: Gain, bench: _Bench, *, listen: bool) -> tuple[Path, Loudness, Gain, str]:
    wanted = made.preset.normalization
    out = bench.work.folder / f"master{made.suffix}"
    wav = bench.work.folder / "listen.wav" if listen else None
    for tried in range(TRIES):
        stderr = bench.ffmpeg(mastering.render_args(made, gain, out), "making the master", made.seconds, (50, 85))
        kind = gain.kind
        if gain.linear and "linear" not in stderr.rpartition('"normalization_type"')[2].partition(",")[0]:
            # It may judge a hair otherwise than `plan`; the same gain without it cannot.
            gain = replace(gain, linear=None)
            continue
        after = _measured(out, made, bench, wav)
        if (
            not wanted.enabled
            or after.integrated is None
            or _good(after, gain, wanted.target_lufs)
            or tried == TRIES - 1
        ):
            break
        better = corrected(gain, after, wanted.target_lufs)
        if better is None:
            break
        gain = better
    _report_misses(made, after, gain, bench)
    return out, after, gain, kind


def _measured(out: Path, made: Plan, bench: _Bench, wav: Path | None) -> Loudness:
    args = mastering.verify_args(out, "after.txt", listen=wav)
    stderr, _ = process.run_in_parallel(
        lambda: bench.ffmpeg(args, "measuring what came out", made.seconds, (85, 95), own=True),
        lambda: _check(out, made, bench),
    )
    return bench.read("after", stderr)


def _good(after: Loudness, gain: Gain, target: float) -> bool:
    """Loud enough, or as loud as a limiter lets it be (which `_held` has tried); and no peak too high."""
    near = after.integrated is not None and abs(after.integrated - target) <= 0.4
    return (near or gain.ceiling is not None) and (after.true_peak or -99.0) <= PEAK_LIMIT


def _report_misses(made: Plan, after: Loudness, gain: Gain, bench: _Bench) -> None:
    wanted = made.preset.normalization
    if not wanted.enabled or after.integrated is None or abs(after.integrated - wanted.target_lufs) <= 0.5:
        return
    came = f"It came out at {after.integrated:.1f} LUFS, not {wanted.target_lufs:g}: "
    if gain.db >= MAX_GAIN_DB:
        bench.warnings.append(f"{came}it is so quiet that more gain would only raise the noise. Record it louder.")
    else:
        bench.warnings.append(
            f"{came}its peaks are too far above the rest. Ask for a lower loudness, or remove the loudest peaks first."
        )


def _check(out: Path, made: Plan, bench: _Bench) -> None:
    """What came out must be as long as planned: ffmpeg calls a half-read input a success."""
    answer = bench.work.ffprobe(out)
    length = Fraction(str(answer["format"].get("duration", "0")))
    streams = {stream.get("codec_type"): stream for stream in answer.get("streams", [])}
    rate = made.source.video.rate if made.keeps_picture and made.source.video else None
    slack = max(Fraction(1, 10), 2 / rate if rate else Fraction(0))
    if "audio" not in streams or (made.keeps_picture and "video" not in streams) or length < made.seconds - slack:
        raise SourceDamaged(
            f"Only {clock(length)} of {clock(made.seconds)} came out: the recording or the music is damaged or cut. "
            "Copy it again from the card."
        )


def _files(out: Path, report: dict[str, Any], *, listen: bool) -> tuple[DerivedFile, ...]:
    meta = {"preset": report["preset"], "seconds": report["seconds"]}
    files = [describe(kinds.AUDIO_MASTER, out, meta, content_type=mastering.CONTENT_TYPES[out.suffix])]
    if listen:
        wav, dat = out.with_name("listen.wav"), out.with_name("listen.dat")
        dat.write_bytes(peaks_of(wav, (20,))[20])
        files += [describe(kinds.MASTER_LISTEN, wav), describe(kinds.MASTER_PEAKS, dat)]
    return tuple(files)


def _explain(error: process.ToolFailed) -> Exception:
    said = error.stderr_tail
    if "No space left" in said or error.exit_code < 0 or isinstance(error, process.ToolStalled):
        return error
    if "unknown timestamp" in said or "Could not write header" in said or "Could not find tag for codec" in said:
        return CannotMaster(
            "The picture cannot be copied into a new file as it is. Convert the recording to MP4 first, or choose a preset "
            "without the picture."
        )
    if "Invalid data" in said or "Error while decoding" in said:
        return SourceDamaged("The sound could not be decoded. Copy the file again from the card.")
    return error
