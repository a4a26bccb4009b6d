"""What the LTC of a recording says of it: which rate it counts in, when the recording began, and how its clock runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from media_app.core.sound.ltc import LtcFrame, nearest_rate
from media_app.core.time.timebase import Timecode, can_drop, frames_per_day, parse_timecode

#: A label may lie this far from where the others put it, in frames; more is a jump of the timecode.
JUMP_FRAMES = 0.5
#: Frames that a reading needs: fewer can be chance.
FEWEST = 6


@dataclass(frozen=True, slots=True)
class LtcReading:
    """The longest stretch of even timecode. `label` begins `at` seconds after sample 0, to about 0.01 ms.

    `clock_ppm`: how much faster the generator's clock runs than the recording's, by the nominal rate; None in a stretch too
    short to tell. `jumps`: how often the timecode leaves one count for another.
    """

    label: Timecode
    at: Fraction
    clock_ppm: float | None
    frames: int
    jumps: int


def read(frames: Sequence[LtcFrame], sample_rate: int) -> LtcReading | None:
    """The reading of frames found anywhere in a recording, in order; None when they are too few."""
    if len(frames) < FEWEST:
        return None
    fps = nearest_rate(float(np.median([frame.fps for frame in frames])))
    drop = sum(frame.drop for frame in frames) * 2 > len(frames) and can_drop(fps)
    counted = [(frame.at / sample_rate, label.frame) for frame in frames if (label := _label(frame, fps, drop))]
    runs = _runs(counted, float(fps), frames_per_day(fps, drop=drop))
    longest = max(runs, key=len, default=[])
    if len(longest) < FEWEST:
        return None
    at, pace = _line(longest, float(fps))
    start = Fraction(round(at * 1_000_000), 1_000_000)
    return LtcReading(Timecode(longest[0][1], fps, drop), start, pace, len(longest), len(runs) - 1)


def _label(frame: LtcFrame, fps: Fraction, drop: bool) -> Timecode | None:
    """None for a label that the rate has not."""
    mark = ";" if drop else ":"
    try:
        return parse_timecode(f"{frame.hour:02d}:{frame.minute:02d}:{frame.second:02d}{mark}{frame.frame:02d}", fps)
    except ValueError:
        return None


def _runs(counted: Sequence[tuple[float, int]], fps: float, day: int) -> list[list[tuple[float, int]]]:
    """(seconds, frames of the day) parted where the count jumps; past midnight it goes on counting."""
    runs: list[list[tuple[float, int]]] = []
    for seconds, frame in counted:
        if runs:
            last_seconds, last_frame = runs[-1][-1]
            expected = last_frame + (seconds - last_seconds) * fps
            frame += round((expected - frame) / day) * day
            # Clocks may be 200 ppm apart, over a pause of minutes as well.
            if abs(frame - expected) <= JUMP_FRAMES + 2e-4 * (expected - last_frame):
                runs[-1].append((seconds, frame))
                continue
        runs.append([(seconds, frame)])
    return runs


def _line(run: Sequence[tuple[float, int]], fps: float) -> tuple[float, float | None]:
    """When the run's first label begins, in seconds, and the generator's pace in ppm."""
    seconds = np.array([point[0] for point in run])
    frames = np.array([point[1] - run[0][1] for point in run], np.float64)
    late = seconds - frames / fps
    if seconds[-1] - seconds[0] < 1:
        return float(np.median(late)), None
    slope, start = np.polyfit(seconds - seconds[0], late, 1)
    return float(start), float(-slope * 1e6)
