"""What goes into the sync engine and what comes out. Times in seconds unless a name says otherwise."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class Sound(Protocol):
    """A recording's sound, mixed to mono, readable in any order."""

    @property
    def rate(self) -> int:
        """Samples per second."""
        ...

    @property
    def frames(self) -> int:
        """Samples in all; 0 means that there is no sound."""
        ...

    def read(self, start: int, count: int) -> Samples:
        """`count` samples from `start` in −1..1, shape (n,), n less than `count` where the sound ends."""
        ...


class Track(Sound, Protocol):
    """One camera's sound."""

    @property
    def label(self) -> str:
        """The camera's letter."""
        ...


@dataclass(frozen=True, slots=True)
class Altered:
    """A track made of another: its camera and its rate are that one's."""

    track: Track

    @property
    def label(self) -> str:
        """The camera's letter."""
        return self.track.label

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self.track.rate


@dataclass(frozen=True, slots=True)
class ArrayTrack:
    """A track that is in memory already: `samples` has shape (n,), mono, −1..1."""

    label: str
    samples: Samples
    rate: int

    @property
    def frames(self) -> int:
        """Samples in all."""
        return int(self.samples.size)

    def read(self, start: int, count: int) -> Samples:
        """A view of `samples`."""
        return self.samples[start : start + count].astype(np.float32, copy=False)


@dataclass(frozen=True, slots=True)
class TrackQuality:
    """How good a master a track would make. Levels in dBFS; shares from 0 to 1."""

    seconds: float
    loudness_db: float | None
    peak_db: float | None
    clipped: float
    silent: float
    score: float


@dataclass(frozen=True, slots=True)
class Rival:
    """Another lag that the correlation curve offers, with its standard score there."""

    lag_ms: float
    score: float


@dataclass(frozen=True, slots=True)
class WindowLag:
    """What one window of the camera's sound says: at `time_s` on its own clock the master is `lag_ms` ahead of it.

    `weight` is the window's share in the answer, 0 where the answer does without it.
    """

    time_s: float
    lag_ms: float
    weight: float


#: What a stretch of the overlap is: both hear the same; one hears nothing; what both hear is under their noise; each hears
#: something else.
AGREEING, SILENT, DROWNED, CONTRADICTING = "agreeing", "silent", "drowned", "contradicting"


@dataclass(frozen=True, slots=True)
class Cover:
    """What the sound says between two times of the camera's own clock: `state` is one of the four above."""

    start_s: float
    end_s: float
    state: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an offset is believed, small enough to keep and to draw.

    `curve_ms` and `curve` are the correlation curve over the lag in standard scores, thinned to its highest values;
    `compared_with` is the track whose sound the camera was compared with, and all lags are on that track's clock.
    """

    compared_with: str
    curve_ms: tuple[float, ...] = ()
    curve: tuple[float, ...] = ()
    rivals: tuple[Rival, ...] = ()
    windows: tuple[WindowLag, ...] = ()
    start: WindowLag | None = None
    middle: WindowLag | None = None
    end: WindowLag | None = None
    coverage: tuple[Cover, ...] = ()
    measures: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> str:
        """The evidence as JSON text under 100 KB, the same bytes each time."""
        return json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)

    def as_dict(self) -> dict[str, Any]:
        """The evidence as plain lists, numbers and strings."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the camera's own clock with one line: a pause, lost samples or a bend of the clock begins another.

    `t_master = t * (1 + drift_ppm / 1e6) + offset_ms / 1000` for every t from `start_s` to `end_s`: the offset is that of the
    file's time zero, as for a whole clip. `confidence` is the standard score of the stretch by itself, `probability` the chance
    that its line is right to 33 ms.
    """

    start_s: float
    end_s: float
    offset_ms: float
    drift_ppm: float = 0.0
    confidence: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class PairSync:
    """What two tracks say of each other: `t_first = t_second * (1 + drift_ppm / 1e6) + offset_ms / 1000`.

    `confidence` is the standard score; `closure_ms` how far the pair is from the answer of all pairs together,
    None where no third camera speaks of it.
    """

    first: str
    second: str
    offset_ms: float | None
    confidence: float | None
    probability: float
    classification: str
    drift_ppm: float | None
    drift_error_ppm: float | None
    overlap_s: float
    closure_ms: float | None
    segments: tuple[Segment, ...]
    warnings: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class CameraSync:
    """Where a camera lies on the master's clock: `t_master = t * (1 + drift_ppm / 1e6) + offset_ms / 1000`.

    A positive offset says that the camera started later than the master. `confidence` is the standard score of
    BBC's audio-offset-finder, `probability` the estimated chance that the offset is right to 33 ms. Both offset and
    confidence are None where nothing was found.
    """

    offset_ms: float | None
    confidence: float | None
    probability: float | None
    classification: str
    drift_ppm: float | None
    drift_error_ppm: float | None
    segments: tuple[Segment, ...]
    warnings: tuple[str, ...]
    evidence: Evidence

    @property
    def placed(self) -> bool:
        """Whether it has a place on the master's clock."""
        return self.offset_ms is not None

    @property
    def coverage(self) -> tuple[Cover, ...]:
        """What each moment of the overlap says, on the camera's own clock."""
        return self.evidence.coverage


@dataclass(frozen=True, slots=True)
class Alignment:
    """Every camera on the master's clock. `cameras` has every label but the master's."""

    master: str
    cameras: dict[str, CameraSync]
    pairs: tuple[PairSync, ...]
    quality: dict[str, TrackQuality]
    warnings: dict[str, tuple[str, ...]]
