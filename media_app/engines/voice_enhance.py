"""Enhanced voice: noise taken away within a limit, the tone and the loudness of a mode, and the recording kept where it would harm.

In steps over scratch files, so that memory stays flat: high-pass and denoiser; then, once the limit is known, tone, compressor and
loudness; then the gain.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from media_app.audio import Wav, WavWriter, open_wav
from media_app.backends import denoise
from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.core.sound import enhance
from media_app.core.sound.enhance import RATE, Judgment, Mode, Powers
from media_app.core.sound.gated_loudness import LoudnessMeter
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.decoded import decoded, decoded_bytes
from media_app.making.files import Outputs, describe
from media_app.making.workspace import Workspace

BLOCK = 10 * RATE
#: Of the louder part of this much sound, seconds, the lag is measured.
LOOKED_AT_S = 4


class Params(EngineParams):
    """`aggressiveness` from 0 to 1 takes 6 to 40 dB of noise away; left out, the mode's own. `target_speaker_id` changes nothing."""

    mode: Literal["default", "podcast", "vlog", "phone_recording"] = field(default="default")
    aggressiveness: float | None = field(default=None, metadata={"min": 0.0, "max": 1.0})
    preserve_ambience: bool = False
    target_speaker_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Whoever is named, it is the same sound."""
        return super().as_json() | {"target_speaker_id": None}


ENGINE = Engine(
    "voice_enhance",
    kinds.AUDIO_VOICE_ENHANCED,
    "Making voices clearer",
    params=Params,
    backend=Backend("deepfilternet", "model", "2", packages=(denoise.DEEPFILTER,), models=(denoise.MODEL,)),
    fallbacks=(Backend("ffmpeg", version="2"),),
    setting="AUDIO_VOICE_ENHANCE_BACKEND",
    route="audio/voice-enhance",
    key_name="voice_enhance_cache_key",
    hears=True,
    scratch_bytes=lambda found: 5 * decoded_bytes(found, rate=RATE, channels=2),
)


@dataclass(frozen=True, slots=True)
class _Step:
    """The recording without its lowest tones, the same without noise, and frame by frame what each holds."""

    sound: Path
    denoised: Path
    powers: Powers
    lag: int


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    mode = enhance.MODES[params.mode]
    asked = enhance.cap_db(mode, params.aggressiveness, preserve_ambience=params.preserve_ambience)
    with decoded(source.path, source.found, work.share(0, 5), rate=RATE, channels=2) as both:
        channels = 1 if _alike(both) else 2
        step = _denoise(_Sound(both, channels), mode, source.backend, work)
        cap = enhance.careful_cap(step.powers, asked)
        out, facts = _finish(_Sound(both, channels), step, mode, cap, work)
    loudness = {"input_lufs", "output_lufs", "gain_db"}
    meta = {
        "mode": params.mode,
        "aggressiveness": params.aggressiveness,
        "preserve_ambience": params.preserve_ambience,
        "attenuation_limit_db": cap,
        "attenuation_limit_lowered": cap < asked,
        "channels": channels,
        "sample_rate": RATE,
        "stages": _stages(mode, source.backend, cap),
        **{name: value for name, value in facts.items() if name not in loudness},
        "loudness": {name: facts.get(name) for name in sorted(loudness)},
    }
    return Outputs((replace(describe(kinds.AUDIO_VOICE_ENHANCED, out, meta), start_ms=0.0),))


@dataclass(frozen=True, slots=True)
class _Sound:
    """The recording's frames, of the channels that differ."""

    wav: Wav
    channels: int

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Shape (n, channels), one after the other."""
        for first in range(0, self.wav.frames, BLOCK):
            yield self.wav.read_channels(first, BLOCK)[:, : self.channels]


def _alike(both: Wav) -> bool:
    """Whether both channels hold the same samples."""
    blocks = (both.read_channels(first, BLOCK) for first in range(0, both.frames, BLOCK))
    return all(np.array_equal(block[:, 0], block[:, -1]) for block in blocks)


def _denoise(sound: _Sound, mode: Mode, backend: str, work: Workspace) -> _Step:
    low, quiet = work.folder / "low.wav", work.folder / "quiet.wav"
    through = enhance.StillFilter(enhance.highpass_taps(mode.highpass), sound.channels)
    with WavWriter(low, RATE, sound.channels) as out:
        for block in sound.blocks():
            out.write(through.feed(block))
        out.write(through.rest())
    made = _by_network if backend == "deepfilternet" else _by_ffmpeg
    made(low, quiet, sound.channels, work.share(5, 80))
    with open_wav(low) as before, open_wav(quiet) as after:
        return _Step(low, quiet, _powers(before, after), _lag(before, after))


def _by_network(low: Path, quiet: Path, channels: int, work: Workspace) -> None:
    with (
        open_wav(low) as sound,
        WavWriter(quiet, RATE, channels) as out,
        denoise.denoisers(channels, 100.0) as networks,
    ):
        for first in range(0, sound.frames, RATE):
            work.check()
            work.report(100 * first / sound.frames, "taking the noise away")
            block = sound.read_channels(first, RATE)
            out.write(np.stack([each.feed(block[:, place]) for place, each in enumerate(networks)], axis=1))
        out.write(np.stack([each.rest() for each in networks], axis=1))


def _by_ffmpeg(low: Path, quiet: Path, channels: int, work: Workspace) -> None:
    """ffmpeg's own denoiser, whose delay is measured and taken out."""
    raw = work.folder / "raw.wav"
    args = [*build.input_guard(low), "-af", f"apad=pad_len={RATE // 2},afftdn=nr=24:tn=1", *build.wav_args("pcm_f32le")]
    with open_wav(low) as sound:
        work.ffmpeg([*args, str(raw)], "taking the noise away", sound.seconds)
        with open_wav(raw) as late, WavWriter(quiet, RATE, channels) as out:
            lag = max(0, _lag(sound, late))
            for first in range(0, sound.frames, BLOCK):
                out.write(late.read_channels(first + lag, min(BLOCK, sound.frames - first)))
    raw.unlink()


def _powers(before: Wav, after: Wav) -> Powers:
    parts: list[list[NDArray[np.float64]]] = [[], [], []]
    for first in range(0, before.frames, BLOCK):
        sound, quiet = before.read_channels(first, BLOCK), after.read_channels(first, BLOCK)
        for part, one in zip(parts, (sound, quiet, sound - quiet), strict=True):
            part.append(enhance.frame_powers(one))
    return Powers(*(np.concatenate([np.zeros(0), *part]) for part in parts))


def _lag(before: Wav, after: Wav) -> int:
    """Measured where the recording is loudest."""
    length = LOOKED_AT_S * RATE
    starts = range(0, max(1, before.frames - length), max(1, min(BLOCK, before.frames)))
    loudest = max(starts, key=lambda first: float(np.square(before.read(first, length)).sum()))
    return enhance.lag_between(before.read(loudest, length), after.read(loudest, length))


def _finish(sound: _Sound, step: _Step, mode: Mode, cap: float, work: Workspace) -> tuple[Path, dict[str, Any]]:
    """The enhanced file and what was measured; or the recording as it was, and why."""
    with open_wav(step.sound) as before, open_wav(step.denoised) as quiet:
        treated = _Treated(before, quiet, mode, cap)
        meter, peak = LoudnessMeter(sound.channels), 0.0
        for block in treated.blocks():
            meter.feed(block)
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            work.check()
        was = _loudness(sound)
        gain = _gain_db(mode.loudness if mode.loudness is not None else was, meter, peak)
        judgment = enhance.judge(step.powers, treated.denoised_powers() * 10 ** (gain / 10), step.lag)
        gain = 0.0 if judgment.rejected else gain
        work.report(90, "writing the sound")
        out = work.folder / "enhanced.wav"
        with WavWriter(out, RATE, sound.channels) as written:
            for block in sound.blocks() if judgment.rejected else treated.blocks():
                written.write(block * np.float32(10 ** (gain / 20)))
    became = was if judgment.rejected else None if meter.integrated is None else meter.integrated + gain
    return out, {
        **_judged(judgment),
        "lag_samples": 0 if judgment.rejected else step.lag,
        "samples": written.frames,
        "input_lufs": _rounded(was),
        "output_lufs": _rounded(became),
        "gain_db": round(gain, 2),
    }


@dataclass(frozen=True, slots=True)
class _Treated:
    """The sound with the noise at its limit, the mode's tone and compressor: as often as it is asked for."""

    before: Wav
    quiet: Wav
    mode: Mode
    cap: float

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Shape (n, channels), as long as the recording."""
        gains, at = self._gains(), 0
        for block in self._toned():
            yield block * gains(at, len(block))
            at += len(block)

    def denoised_powers(self) -> NDArray[np.float64]:
        """Frame by frame, before tone and compressor."""
        return np.concatenate([np.zeros(0), *(enhance.frame_powers(block) for block in self._limited())])

    def _limited(self) -> Iterator[NDArray[np.float32]]:
        for first in range(0, self.before.frames, BLOCK):
            sound, quiet = self.before.read_channels(first, BLOCK), self.quiet.read_channels(first, BLOCK)
            yield enhance.limited(sound, quiet, self.cap)

    def _toned(self) -> Iterator[NDArray[np.float32]]:
        if not self.mode.tone:
            yield from self._limited()
            return
        through = enhance.StillFilter(enhance.tone_taps(self.mode.tone), self.before.channels)
        for block in self._limited():
            yield through.feed(block)
        yield through.rest()

    def _gains(self) -> Any:
        """A function: (first, count) → a factor for each frame of samples, shape (count, 1)."""
        ratio = self.mode.ratio
        if ratio == 1.0:
            return lambda first, count: np.float32(1)
        factors = enhance.compressor_gains(self.denoised_powers(), ratio)
        middles = (np.arange(len(factors)) + 0.5) * enhance.FRAME
        return lambda first, count: np.interp(np.arange(first, first + count), middles, factors)[:, None].astype(
            np.float32
        )


def _loudness(sound: _Sound) -> float | None:
    meter = LoudnessMeter(sound.channels)
    for block in sound.blocks():
        meter.feed(block)
    return meter.integrated


def _gain_db(target: float | None, meter: LoudnessMeter, peak: float) -> float:
    """To the target, as far as the peaks allow it."""
    now = meter.integrated
    if target is None or now is None or not peak:
        return 0.0
    return min(target - now, 20 * float(np.log10(enhance.PEAK / peak)))


def _judged(judgment: Judgment) -> dict[str, Any]:
    return {
        "rejected_by_guard": bool(judgment.rejected),
        **({"rejected_reason": judgment.rejected} if judgment.rejected else {}),
        "snr_before_db": judgment.snr_before_db,
        "snr_after_db": judgment.snr_before_db if judgment.rejected else judgment.snr_after_db,
        "correlation": round(judgment.correlation, 4),
        "voice_loss_db": round(judgment.voice_loss_db, 2),
    }


def _stages(mode: Mode, backend: str, cap: float) -> list[dict[str, Any]]:
    """What was done, in order."""
    stages: list[dict[str, Any]] = [
        {"stage": "highpass", "hertz": mode.highpass},
        {"stage": "denoise", "with": backend, "attenuation_limit_db": cap},
    ]
    if mode.tone:
        stages.append({"stage": "tone", "points_hz_db": [list(point) for point in mode.tone]})
    if mode.ratio != 1.0:
        stages.append({"stage": "compressor", "ratio": mode.ratio})
    stages.append({"stage": "loudness", "target_lufs": mode.loudness if mode.loudness is not None else "as recorded"})
    return stages


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
