"""The value of an automated property at a time."""

from bisect import bisect_right
from fractions import Fraction

from render_app.core.timeline.nouns import Automation


def value_at(curve: Automation, ms: Fraction) -> float:
    """The value so many ms after the target's start. Before the first keyframe and after the last one it stays.

    `ease` goes as 3u² − 2u³: slow at both ends.
    """
    keyframes = curve.keyframes
    number = bisect_right(keyframes, ms, key=lambda one: one.time_ms)
    if number == 0:
        return keyframes[0].value
    before = keyframes[number - 1]
    if number == len(keyframes) or before.interpolation == "hold":
        return before.value
    after = keyframes[number]
    share = float((ms - before.time_ms) / (after.time_ms - before.time_ms))
    if before.interpolation == "ease":
        share = share * share * (3 - 2 * share)
    return before.value + (after.value - before.value) * share
