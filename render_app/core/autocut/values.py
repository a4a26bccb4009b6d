"""What an automatic cut is made of. Times in seconds on the master's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: Frames of the analysis: one each 20 ms.
RATE = 16_000
HOP_S = 0.02

Samples = NDArray[np.float32]
#: Of each frame: the number of the microphone whose person speaks, or one of the three below.
Labels = NDArray[np.int16]
NOBODY, CROSSTALK, APPLAUSE = -1, -2, -3


class Microphone(Protocol):
    """A microphone on the master's clock."""

    @property
    def label(self) -> str:
        """The key of its camera."""
        ...

    def read(self, start: float, seconds: float) -> Samples:
        """Its sound at RATE, mono, from −1 to 1: silence where it did not record."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who speaks when. `labels`: one for each frame from `start` on; `microphones`: whose numbers they are; `pauses`: where
    every microphone is quiet; `doubt`: the share of the speech where level and lag disagree; `pairs`: of each frame of crosstalk the
    two who speak, shape (frames, 2), where that is known; `sure`: the frames whose label is beyond doubt."""

    start: float
    microphones: tuple[str, ...]
    labels: Labels
    pauses: tuple[Span, ...]
    doubt: float = 0.0
    pairs: Labels | None = None
    sure: NDArray[np.bool_] | None = None

    @property
    def end(self) -> float:
        """When it ends."""
        return self.start + HOP_S * len(self.labels)

    def share_of(self, microphone: str) -> float:
        """How much of all speech of one person at a time is this one's."""
        alone = self.labels >= 0
        mine = self.labels == self.microphones.index(microphone)
        return float(mine.sum() / max(1, alone.sum()))

    def heard_among(self, numbers: Sequence[int]) -> NDArray[np.bool_]:
        """Of each frame, whether one of these microphones may be among those that speak at once."""
        if self.pairs is None:
            return np.full(len(self.labels), True)
        return np.asarray(np.isin(self.pairs, numbers).any(axis=1))


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that can be shown: `spans` where it recorded pictures, `shows` the microphones of the people whom it shows alone.
    A wide camera shows everybody: its `shows` is empty. `moving`: when somebody moves it."""

    label: str
    spans: tuple[Span, ...]
    shows: tuple[str, ...] = ()
    moving: tuple[Span, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Whether everybody is in its picture."""
        return not self.shows


@dataclass(frozen=True, slots=True)
class Rules:
    """How a cut feels: shots no shorter and no longer than this; what a cut costs, and a second of the wide while one person speaks,
    where a second of a wrong picture costs 8."""

    min_shot_s: float
    max_shot_s: float
    cut_cost: float
    wide_cost: float = 0.6


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera shown from `start` to `end`, and why: `reason` is one of `reasons.SENTENCES`, `speaker` the microphone meant;
    `exceptions` are the rules that could not be kept, from `reasons.EXCEPTIONS`."""

    start: float
    end: float
    camera: str
    reason: str
    speaker: str = ""
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A shot that a person chose and that stays."""

    start: float
    end: float
    camera: str

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Wish:
    """How a cut is wanted: its rules, a seed for what is as good either way, the seconds of a frame, and a person's own shots."""

    rules: Rules
    seed: int = 0
    grid_s: float = 0.0
    kept: tuple[Kept, ...] = ()


def frame_of(seconds: float, start: float) -> int:
    """The frame of the analysis at a time."""
    return round((seconds - start) / HOP_S)


def inside(span: Span, spans: Sequence[Span]) -> bool:
    """Whether one of `spans` holds all of `span`, to a millisecond."""
    return any(one.start - 0.001 <= span.start and span.end <= one.end + 0.001 for one in spans)
