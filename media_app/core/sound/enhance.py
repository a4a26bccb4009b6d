"""A voice made clearer, as numbers: what each mode does, how much noise may be taken, and whether the result may be kept."""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

RATE = 48_000
#: Frames in which levels are compared, 10 ms.
FRAME = RATE // 100
#: The least and the most noise that is taken away, dB; and the most where the sound of the place is to stay.
GENTLEST_DB, STRONGEST_DB, AMBIENT_DB = 6.0, 40.0, 9.0
#: Of a noise that comes and goes like a voice no more than this is taken, dB.
CAREFUL_DB = 12.0
#: Noise that is so far under the voice in its pauses, dB, is none.
INAUDIBLE_DB = 38.0
#: What was removed is steady while its level scatters by less than this, dB.
STEADY_DB = 4.0
#: The voice may lose this, dB, and its envelope must stay this alike.
LOSS_DB, ALIKE = 3.0, 0.9
#: Frames less than this under the loud ones are voice, dB.
VOICE_DB = 20.0
PEAK = 10 ** (-1 / 20)
_FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to treat a voice. `highpass`: Hz; `cap_db`: noise that is taken away; `tone`: (Hz, dB) points between which the
    equalizer runs; `ratio`: of the compressor, 1 for none; `loudness`: LUFS, None to keep the recording's."""

    highpass: float
    cap_db: float
    tone: tuple[tuple[float, float], ...] = ()
    ratio: float = 1.0
    loudness: float | None = None


MODES = {
    "default": Mode(70.0, 12.0),
    "podcast": Mode(80.0, 12.0, ((120, 0), (250, -1.5), (500, 0), (2000, 0), (4000, 2.0), (9000, 1.0)), 2.0, -16.0),
    "vlog": Mode(80.0, 12.0, ((200, 0), (1500, 0), (3500, 2.5), (9000, 1.5)), 1.7, -14.0),
    "phone_recording": Mode(75.0, 40.0, (), 1.0, -16.0),
}


def cap_db(mode: Mode, aggressiveness: float | None, *, preserve_ambience: bool) -> float:
    """How much noise may be taken away, dB: the mode's own, or as `aggressiveness` from 0 to 1 says."""
    cap = mode.cap_db if aggressiveness is None else GENTLEST_DB + aggressiveness * (STRONGEST_DB - GENTLEST_DB)
    return round(min(cap, AMBIENT_DB) if preserve_ambience else cap, 2)


def limited(sound: NDArray[np.float32], denoised: NDArray[np.float32], cap: float) -> NDArray[np.float32]:
    """The denoised sound with as much of the original as leaves noise `cap` dB under what it was."""
    kept = np.float32(10 ** (-cap / 20))
    mixed: NDArray[np.float32] = denoised + kept * (sound - denoised)
    return mixed


def frame_powers(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean square of each whole frame; shape (n, channels) in, (n // FRAME,) out."""
    whole = sound[: len(sound) // FRAME * FRAME].astype(np.float64)
    powers: NDArray[np.float64] = np.mean(whole.reshape(-1, FRAME * whole.shape[1]) ** 2, axis=1)
    return powers


@dataclass(frozen=True, slots=True)
class Powers:
    """Frame by frame: what went in, what the denoiser made of it, and what it took away."""

    before: NDArray[np.float64]
    denoised: NDArray[np.float64]
    removed: NDArray[np.float64]

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Frames in which the denoiser found a voice."""
        loud = float(np.percentile(self.denoised, 95)) if len(self.denoised) else 0.0
        found: NDArray[np.bool_] = self.denoised > max(loud * 10 ** (-VOICE_DB / 10), 1e-9)
        return found

    @property
    def scatter_db(self) -> float:
        """By how much the level of what was removed comes and goes, over tenths of a second."""
        tenths = self.removed[: len(self.removed) // 10 * 10].reshape(-1, 10).mean(axis=1)
        heard = tenths[tenths > tenths.max(initial=0.0) * 1e-4]
        return float(np.std(_db(heard))) if len(heard) > 1 else 0.0

    @property
    def audible(self) -> bool:
        """Whether what was removed is loud enough to be a second voice: within 25 dB of the voice."""
        voiced = self.voiced
        return bool(voiced.any()) and float(self.removed.mean()) > float(self.denoised[voiced].mean()) * 10 ** (-2.5)

    @property
    def clean(self) -> bool:
        """Whether nothing could be heard of what was removed in the pauses."""
        voiced = self.voiced
        if not voiced.any() or voiced.all():
            return False
        voice = float(self.denoised[voiced].mean())
        return float(self.removed[~voiced].mean()) < voice * 10 ** (-INAUDIBLE_DB / 10)


def careful_cap(powers: Powers, cap: float) -> float:
    """The cap; none where the recording is clean, the gentlest where there is next to no noise, and lower where what was removed comes and
    goes like a second voice, which more would make unintelligible."""
    if powers.clean and not powers.audible:
        return 0.0
    if not powers.audible:
        return min(cap, GENTLEST_DB)
    return cap if powers.scatter_db <= STEADY_DB else min(cap, CAREFUL_DB)


@dataclass(frozen=True, slots=True)
class Judgment:
    """The result held against the recording. `rejected`: why the recording is kept as it was; empty where the result may stay."""

    snr_before_db: float
    snr_after_db: float
    correlation: float
    voice_loss_db: float
    rejected: str = ""


def judge(powers: Powers, after: NDArray[np.float64], lag: int) -> Judgment:
    """Whether the voice is still there, as loud, in its shape and in its place. `after`: each frame's power with the last gain."""
    voiced, count = powers.voiced, min(len(powers.before), len(after))
    voiced, before, after = voiced[:count], powers.before[:count], after[:count]
    if not voiced.any():
        return Judgment(0.0, 0.0, 1.0, 0.0, "No voice could be distinguished from the noise.")
    noise = float(np.percentile(before, 10))
    kept = np.maximum(before[voiced] - noise, before[voiced] * 0.1)
    loss = float(_db(kept.mean()) - _db(after[voiced].mean()))
    alike = _alike(np.sqrt(np.maximum(before[voiced] - noise, 0)), np.sqrt(after[voiced]))
    rejected = ""
    if loss > LOSS_DB:
        rejected = f"The voice would lose {loss:.1f} dB."
    elif alike < ALIKE:
        rejected = f"The voice would change its shape (correlation {alike:.2f})."
    elif abs(lag) > 1:
        rejected = f"The voice would be {lag} samples late."
    return Judgment(_snr(before, voiced), _snr(after, voiced), alike, loss, rejected)


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    spread = float(one.std() * other.std())
    return float(np.mean((one - one.mean()) * (other - other.mean())) / spread) if spread > _FLOOR else 1.0


def _snr(powers: NDArray[np.float64], voiced: NDArray[np.bool_]) -> float:
    """The voice against the quietest tenth, dB: an estimate, and one of the noise in the pauses."""
    noise = max(float(np.percentile(powers, 10)), 1e-10)
    return round(float(_db(max(float(powers[voiced].mean()) - noise, noise * 0.01) / noise)), 1)


def _db(power: "NDArray[np.float64] | float") -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(np.maximum(power, _FLOOR)), np.float64)


def compressor_gains(powers: NDArray[np.float64], ratio: float) -> NDArray[np.float32]:
    """A factor for each frame that brings loud and quiet passages nearer: over the voice's median level, by `ratio`. It looks ahead as
    far as back, so nothing moves in time."""
    if ratio == 1.0 or not len(powers):
        return np.ones(len(powers), np.float32)
    loud = powers[powers > np.percentile(powers, 95) * 10 ** (-VOICE_DB / 10)]
    over = _db(powers) - float(np.median(_db(loud)))
    gain = -np.maximum(over, 0.0) * (1 - 1 / ratio)
    window = np.hanning(17)
    smooth = np.convolve(np.pad(gain, 8, mode="edge"), window / window.sum(), mode="valid")
    factors: NDArray[np.float32] = (10 ** (smooth / 20)).astype(np.float32)
    return factors


def highpass_taps(hertz: float, size: int = 4801) -> NDArray[np.float32]:
    """A filter of linear phase that takes away what is lower."""
    taps: NDArray[np.float32] = scipy.signal.firwin(size, hertz, fs=RATE, pass_zero=False).astype(np.float32)
    return taps


def tone_taps(points: tuple[tuple[float, float], ...], size: int = 2401) -> NDArray[np.float32]:
    """A filter of linear phase through the equalizer's points."""
    hertz = [0.0, *(float(point[0]) for point in points), RATE / 2]
    factors = [10 ** (db / 20) for db in (points[0][1], *(point[1] for point in points), points[-1][1])]
    taps: NDArray[np.float32] = scipy.signal.firwin2(size, hertz, factors, fs=RATE).astype(np.float32)
    return taps


class StillFilter:
    """A filter of linear phase, block by block, whose output is where its input was: `feed` gives what is done, `rest` the rest."""

    def __init__(self, taps: NDArray[np.float32], channels: int) -> None:
        self._taps, self._half = taps[:, None], len(taps) // 2
        self._before = np.zeros((len(taps) - 1, channels), np.float32)
        self._late = self._half

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """The next frames, shape (n, channels)."""
        sound = np.concatenate([self._before, block])
        self._before = sound[len(sound) - len(self._before) :]
        done = scipy.signal.oaconvolve(sound, self._taps, mode="valid", axes=0).astype(np.float32)
        late = min(self._late, len(done))
        self._late -= late
        out: NDArray[np.float32] = done[late:]
        return out

    def rest(self) -> NDArray[np.float32]:
        """What is still inside."""
        return self.feed(np.zeros((self._half, self._before.shape[1]), np.float32))


def lag_between(before: NDArray[np.float32], after: NDArray[np.float32], most: int = 4800) -> int:
    """By how many samples the second is later than the first, at most `most`; 0 in silence."""
    if not before.any() or not after.any():
        return 0
    matched = scipy.signal.correlate(after, before, mode="full", method="fft")
    middle = len(before) - 1
    near = matched[max(0, middle - most) : middle + most + 1]
    return int(np.argmax(near)) - min(middle, most)
