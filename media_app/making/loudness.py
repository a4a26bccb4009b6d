"""What the loudness meter wrote, and the gain under a limiter that comes to the loudness that is wanted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from media_app.core.sound.loudness import CLOSE_ENOUGH, Gain, Loudness, read_ebur128

#: How often it is looked for before what there is must do.
TRIES = 7
#: A limiter that is pushed harder than this leaves nothing of the sound's life.
MAX_PUSH_DB = 20.0


def read_meter(folder: Path, name: str, stderr: str) -> Loudness:
    """What the meter `name` found in a command that ran in the folder; its log is gone then."""
    path = folder / f"{name}.txt"
    with path.open() as lines:
        # ffmpeg sets its filters up twice, and each time the meter reports its end; the last report is the measured one.
        found = read_ebur128(lines, stderr.rpartition(f"[ebur128@{name} ")[2])
    path.unlink()
    return found


def held(gain: Gain, target: float, measure: Callable[[Gain], float | None]) -> Gain:
    """A limiter takes loudness away: the gain that gives it back. `measure`: the loudness with a gain, None for silence."""
    first = gain.db
    heard: list[tuple[float, Gain, float]] = []
    for _ in range(TRIES):
        reached = measure(gain)
        if reached is None:
            break
        short = target - reached
        heard.append((abs(short), gain, reached))
        if abs(short) <= CLOSE_ENOUGH:
            break
        # Under a limiter a decibel of gain is less than one of loudness, by what the last step has shown.
        yielded = 1.0
        if len(heard) > 1 and heard[-2][1].db != gain.db:
            yielded = min(1.0, max(0.3, (reached - heard[-2][2]) / (gain.db - heard[-2][1].db)))
        gain = replace(gain, db=min(gain.db + short / yielded, first + MAX_PUSH_DB))
        if gain == heard[-1][1]:
            break
    # Of two that are as near, the one that pushes less.
    return min(heard, key=lambda one: (round(one[0] / 0.3), one[1].db))[1] if heard else gain
