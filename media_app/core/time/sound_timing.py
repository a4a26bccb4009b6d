"""How a file's sound keeps time: its packets' stamps held against the number of samples they carry.

Decoders give samples; containers give times. In a healthy file both agree within the container's rounding and the
samples must be left exactly as they are. Phones stamp with jitter, two clocks drift apart, and lost packets leave
holes: then the times are right and the samples must follow. Which of these a file is decides how ffmpeg's
`aresample` is set to follow (`SoundTiming.follow`), since one setting for all either lets errors of up to 100 ms
stand (its default) or chops healthy sound to pieces.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

#: Samples per packet of the codecs whose packets all carry the same number.
PACKET_SAMPLES: dict[str, tuple[int, ...]] = {
    "aac": (1024, 2048, 960, 1920, 512, 480),
    "mp3": (1152, 576),
    "mp2": (1152,),
    "opus": (960, 480, 240, 120, 1920, 2880),
    "ac3": (1536,),
    "eac3": (1536, 768, 512, 256),
    "amr_nb": (160,),
    "amr_wb": (320,),
}
#: Codecs whose packets last exactly as long as they say.
EXACT = frozenset({"flac", "alac", "wavpack", "tta"})
#: A gap between two such packets from which on it is a hole.
HOLE_S = Fraction(1, 50)
#: Packets that last longer than so many usual ones are stretched over a hole.
STRETCHED = 4
BLOCK = 32
STEP_S = 0.005
QUIET_JITTER_S = 0.0025
DRIFT_S = 0.001
MAX_SHIFT_S = 0.05
_LEARN = 1024
#: Distances of packets that are remembered where a file does not say how long they last.
_MAX_GAPS = 64


@dataclass(frozen=True, slots=True)
class Follow:
    """How `aresample` follows time stamps: `hard` seconds of error at which silence is put in or samples are cut,
    `soft` seconds at which it begins to stretch gently (0: never)."""

    hard: float = 0.01
    soft: float = 0.0


@dataclass(frozen=True, slots=True)
class SoundTiming:
    """Times in seconds on the stream's own clock. `first`: the first sample, priming left out; `end`: the last.

    `packet`: the longest packet. `carried`: seconds of sound in all packets together, holes apart. `shift`: how much later than stamped the first packet should be, going by all
    stamps together. `jitter`: how far stamps scatter around the even line; `drift`: by how many seconds the stamps leave
    the samples over the whole file, holes apart (0 where jitter hides it); `holes`: how often they jump by more than 5 ms.
    """

    packets: int
    first: Fraction
    end: Fraction
    packet: Fraction
    shift: float = 0.0
    jitter: float = 0.0
    drift: float = 0.0
    holes: int = 0
    restarts: int = 0
    carried: Fraction = Fraction(0)

    @property
    def follow(self) -> Follow:
        """The gentlest setting that still keeps the sound with its stamps."""
        hard = 0.01 if self.jitter <= QUIET_JITTER_S else min(0.1, 2 * self.jitter + 0.005)
        soft = max(0.0003, 1.2 * self.jitter) if self.drift else 0.0
        return Follow(hard, soft)


class SoundScan:
    """Feed it one sound stream's packets in file order, then ask `result`. Memory: 8 bytes per 32 packets."""

    def __init__(self, codec: str, rate: int, time_base: Fraction, longest_gap: Fraction | None = None) -> None:
        """`longest_gap`: see `FrameScan`."""
        self._base = time_base
        self._longest_gap = int(longest_gap / time_base) if longest_gap else np.iinfo(np.int64).max // 2
        self._sizes = [Fraction(size, rate) for size in PACKET_SAMPLES.get(codec, ())]
        self._rate = rate
        # The decoder rounds Opus's pre-skip to the container's tick, and such a shift must not be added to that.
        self._trusted_shift = float(time_base) * 1.001 if codec == "opus" else 0.0
        # AMR alone may have many frames in a packet.
        most = STRETCHED * max(self._sizes, default=Fraction(0)) if not codec.startswith("amr_") else 0
        self._most = int(most / time_base) or None
        self._exact = codec.startswith("pcm_") or codec in EXACT
        self._gaps_seen = 0
        self._packets = 0
        self._first: int | None = None
        self._end: int | None = None
        self._elapsed = 0
        self._longest = 0
        self._carried = 0
        self._gaps: Counter[int] = Counter()
        self._without_length = 0
        self._last_without_length = False
        self._restarts = 0
        self._waiting: NDArray[np.int64] = np.empty(0, np.int64)
        self._second = int(1 / time_base)
        self._size: float | None = None
        self._numbered = 0
        self._origin = 0
        self._medians: list[float] = []
        self._scatter: list[float] = []

    def feed(self, stamps: Sequence[int], durations: Sequence[int], skipped: Sequence[int]) -> None:
        """In ticks of the time base; `durations` 0 where unknown, `skipped` samples that the decoder throws away."""
        if not stamps:
            return
        if self._first is None:
            self._find_first(stamps, durations, skipped)
        starts, lengths = np.array(stamps, np.int64) + self._elapsed, np.array(durations, np.int64)
        before = self._end if self._end is not None else int(starts[0])
        reached = np.maximum.accumulate(np.concatenate(([before], starts + lengths)))
        ahead = starts - reached[:-1]
        for position in np.flatnonzero((ahead < -lengths - self._second) | (ahead > self._longest_gap)).tolist():
            # Segments joined end to end: what follows is laid after what came before.
            if not -lengths[position] - self._second <= starts[position] - reached[position] <= self._longest_gap:
                self._restarts += 1
                back = int(reached[position] - starts[position])
                self._elapsed += back
                starts[position:] += back
                reached[position + 1 :] = np.maximum.accumulate(starts[position:] + lengths[position:])
        self._note_lengths(starts, lengths)
        if self._exact and not self._without_length:
            self._gaps_seen += int((starts - reached[:-1] > float(HOLE_S / self._base)).sum())
        self._end = int(reached[-1])
        self._longest = max(self._longest, int(lengths.max()))
        self._packets += len(starts)
        if self._sizes:
            self._waiting = np.concatenate((self._waiting, starts))
            self._measure(final=False)

    def _note_lengths(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
        """Add up what the packets last; where the file does not say, their distance does."""
        self._carried += int(np.minimum(lengths, self._most).sum() if self._most else lengths.sum())
        without_length = int((lengths <= 0).sum())
        self._last_without_length = bool(lengths[-1] <= 0)
        if without_length:
            self._without_length += without_length
            gaps = np.diff(starts) if self._end is None else np.diff(starts, prepend=self._end)
            values, counts = np.unique(gaps[gaps > 0], return_counts=True)
            self._gaps.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
            self._gaps = Counter(dict(self._gaps.most_common(_MAX_GAPS)))

    def _usual_gap(self) -> int:
        """Ticks that a packet of unknown length lasts; 0 where all say it."""
        return self._gaps.most_common(1)[0][0] if self._without_length and self._gaps else 0

    def _find_first(self, stamps: Sequence[int], durations: Sequence[int], skipped: Sequence[int]) -> None:
        """The first sample that is heard: packets that hold nothing but priming do not count."""
        for stamp, duration, skip in zip(stamps, durations, skipped, strict=True):
            cut = int(Fraction(skip, self._rate) / self._base)
            if duration > cut or not duration:
                self._first = stamp + cut
                return

    def result(self) -> SoundTiming | None:
        """None when no sound came."""
        if self._first is None or self._end is None:
            return None
        if self._sizes:
            self._measure(final=True)
        shift, jitter, drift, holes = self._verdict()
        usual = self._usual_gap()
        end = self._end + (usual if self._last_without_length else 0)
        # Packets shorter than a tick say that they last a whole one: together they cannot last longer than the file.
        carried = min(self._carried + self._without_length * usual, end - self._first)
        return SoundTiming(
            packets=self._packets,
            first=self._first * self._base,
            end=end * self._base,
            packet=max(self._longest, usual) * self._base,
            carried=carried * self._base,
            shift=shift,
            jitter=jitter,
            drift=drift,
            holes=holes,
            restarts=self._restarts,
        )

    def _measure(self, *, final: bool) -> None:
        if self._size is None:
            if len(self._waiting) < 8 or (len(self._waiting) < _LEARN and not final):
                return
            self._learn(self._waiting)
            if self._size is None:
                self._waiting = self._waiting[:0]
                self._sizes = []
                return
        whole = len(self._waiting) // BLOCK * BLOCK
        if whole:
            self._rows(self._waiting[:whole].reshape(-1, BLOCK))
        self._waiting = self._waiting[whole:]
        if final and len(self._waiting):
            self._rows(self._waiting[None, :])
            self._waiting = self._waiting[:0]

    def _learn(self, stamps: NDArray[np.int64]) -> None:
        """Which of the codec's packet sizes this file has, from the usual distance of its stamps."""
        gaps = np.diff(stamps) * float(self._base)
        usual = float(np.median(gaps))
        near = gaps[np.abs(gaps - usual) < 0.5 * usual]
        if usual <= 0 or not len(near):
            return
        best = min(self._sizes, key=lambda size: abs(float(size) / float(near.mean()) - 1))
        if abs(float(best) / float(near.mean()) - 1) < 0.02:
            self._size = float(best)
            self._origin = int(stamps[0])

    def _rows(self, stamps: NDArray[np.int64]) -> None:
        """Note how late each block of packets is against the count of its samples; shape (blocks, packets)."""
        assert self._size is not None
        numbers = self._numbered + np.arange(stamps.size).reshape(stamps.shape)
        late = (stamps - self._origin) * float(self._base) - numbers * self._size
        middle = np.median(late, axis=1)
        self._medians += middle.tolist()
        self._scatter += np.quantile(np.abs(late - middle[:, None]), 0.9, axis=1).tolist()
        self._numbered += stamps.size

    def _verdict(self) -> tuple[float, float, float, int]:
        """Shift, jitter, drift and holes; all 0 where the codec or the file does not let them be known."""
        if not self._medians:
            return 0.0, 0.0, 0.0, self._gaps_seen
        medians, scatter = np.array(self._medians), np.array(self._scatter)
        moves = np.diff(medians)
        steps = np.abs(moves) > STEP_S
        if steps.sum() > 0.2 * len(moves) and steps.sum() > 2:
            return 0.0, 0.0, 0.0, int(steps.sum())
        # A block that holds a hole has a median somewhere between, so its neighbours' moves say nothing either.
        near = steps.copy()
        near[1:] |= steps[:-1]
        near[:-1] |= steps[1:]
        jitter = float(np.median(scatter))
        drift = float(moves[~near].sum())
        if abs(drift) <= max(DRIFT_S, jitter):
            drift = 0.0
        shift = float(medians.mean()) if not steps.any() and not drift else float(medians[0])
        trusted = self._trusted_shift < abs(shift) <= MAX_SHIFT_S
        return (shift if trusted else 0.0), jitter, drift, int(steps.sum())
