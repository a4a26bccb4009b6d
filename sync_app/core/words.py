<<<<<<< HEAD
"""Every doubt as a sentence that an operator understands, with its numbers."""

from collections.abc import Sequence


def no_sound(label: str) -> str:
    """A track without samples."""
    return f"Camera {label} has no sound: set its offset by hand."


def silent(label: str) -> str:
    """A track whose samples are all but zero."""
    return f"Camera {label} is silent throughout: set its offset by hand."


def too_short(label: str, seconds: float) -> str:
    """A track of a second or two."""
    return f"Camera {label} has only {seconds:.1f} s of sound, too little to compare."


def nothing_shared(first: str, second: str) -> str:
    """No answer stands out."""
    return f"Cameras {first} and {second} share no sound that could be recognised."


def repeats(seconds: float, offset_s: float, other_s: float) -> str:
    """Two lags fit alike."""
    period = abs(seconds)
    return f"The sound repeats every {period:.1f} s: two answers fit ({offset_s:.3f} s and {other_s:.3f} s)."


def hum(first: str, second: str) -> str:
    """A steady tone or mains hum is all that both hear."""
    return f"Cameras {first} and {second} share only a steady tone or hum, which fits at many offsets."


def drift(ppm: float, seconds: float, frames_per_second: float = 60.0) -> str:
    """Clocks that run apart."""
    apart = abs(ppm) * 1e-6 * seconds
    return f"Clock drift {abs(ppm):.0f} ppm: {apart * 25:.1f} frames (at 25 a second) by the end."


def jump(camera: str, at_s: float, milliseconds: float) -> str:
    """A paused or dropped stretch."""
    kind = "is missing from" if milliseconds > 0 else "is doubled in"
    return f"About {_length(abs(milliseconds) / 1000)} of time {kind} camera {camera} near {clock(at_s)}: the offset changes there."


def no_shared_start(first: str, second: str, seconds: float) -> str:
    """The windows agree only later on."""
    return f"Cameras {first} and {second} share no sound in their first {_length(seconds)}."


def no_shared_end(first: str, second: str, seconds: float) -> str:
    """The windows agree only at first."""
    return f"Cameras {first} and {second} share no sound in their last {_length(seconds)}."


def short_overlap(first: str, second: str, seconds: float) -> str:
    """Little shared time."""
    return f"Cameras {first} and {second} run together for only {seconds:.1f} s."


def few_agree(agreeing: int, windows: int) -> str:
    """A thin vote."""
    return f"Only {agreeing} of {windows} compared stretches agree on the offset exactly; the room may be reverberant or noisy."


def does_not_close(labels: Sequence[str], milliseconds: float) -> str:
    """Pairs contradict each other."""
    return f"The offsets of cameras {', '.join(labels)} contradict each other by {milliseconds:.0f} ms."


def placed_through(camera: str, other: str, master: str) -> str:
    """Placed without sound in common with the master."""
    return f"Camera {camera} was placed through camera {other}: with camera {master} itself it shares no sound that could be recognised."


def apart_from_master(labels: Sequence[str], master: str) -> str:
    """Cameras that match each other only."""
    return f"Cameras {' and '.join(labels)} match each other, but none of them matches camera {master}."


def weak(score: float) -> str:
    """A standard score below the looks-good mark."""
    return f"The standard score is {score:.1f}; 10 and more is a good match."


def clock(seconds: float) -> str:
    """Minutes and seconds, or hours with them."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _length(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes"
=======
"""What was found, in an operator's words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sync_app.core.decide import MAX_OFFSET_MS

LOOKS_GOOD, SUGGESTED, MANUAL = "looks-good", "review-suggested", "needs-manual-nudge"
CONFIDENCE = {LOOKS_GOOD: "High confidence", SUGGESTED: "Fair confidence: look and listen", MANUAL: "Low confidence"}
TONES = {LOOKS_GOOD: "good", SUGGESTED: "ask", MANUAL: "bad"}
#: A drift below this, in ms an hour, is too small to be worth a word.
DRIFT_WORTH_SAYING = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """One camera as the sync has it. `offset_ms` on the master's clock, None where nothing was found; `score` is the
    standard score, `probability` the chance that the offset is right (0 … 1), None where unknown."""

    label: str
    offset_ms: float | None
    classification: str = MANUAL
    score: float | None = None
    probability: float | None = None
    drift_ppm: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`starts`: one sentence for each camera; `trust`: how far to believe them; `tone`: good, ask or bad."""

    starts: tuple[str, ...]
    trust: str
    tone: str


def verdict(master: str, cameras: Sequence[Found]) -> Verdict:
    """The whole sync in a few words, judged by its weakest camera."""
    if not cameras:
        return Verdict((), "There is nothing to compare: only one camera is here.", "ask")
    starts = tuple(starts_after(camera, master) for camera in cameras)
    placed = [camera for camera in cameras if camera.offset_ms is not None]
    if not placed:
        return Verdict(starts, "Nothing could be matched by sound: place the cameras by hand.", "bad")
    weakest = max(placed, key=lambda camera: list(CONFIDENCE).index(_known(camera.classification)))
    word = _known(weakest.classification)
    trust = CONFIDENCE[word] + (f" for camera {weakest.label}" if _differ(placed) else "")
    parts = [_with_score(trust, weakest), drift_words(placed)]
    if len(placed) < len(cameras):
        missing = ", ".join(camera.label for camera in cameras if camera.offset_ms is None)
        parts.append(f"place {missing} by hand")
        word = MANUAL
    return Verdict(starts, "; ".join(part for part in parts if part) + ".", TONES[word])


def starts_after(camera: Found, master: str) -> str:
    if camera.offset_ms is None:
        return f"Camera {camera.label} could not be matched with {master}."
    if abs(camera.offset_ms) < 0.05:
        return f"Camera {camera.label} starts together with {master}."
    order = "after" if camera.offset_ms > 0 else "before"
    return f"Camera {camera.label} starts {seconds(abs(camera.offset_ms))} {order} {master}."


def drift_words(cameras: Sequence[Found]) -> str:
    """The strongest drift among the cameras, as an operator feels it; nothing where none was measured."""
    measured = [camera for camera in cameras if camera.drift_ppm is not None]
    if not measured:
        return ""
    worst = max(measured, key=lambda camera: abs(camera.drift_ppm or 0))
    an_hour = abs(worst.drift_ppm or 0) * 3.6
    if an_hour < DRIFT_WORTH_SAYING:
        return "no drift"
    return f"camera {worst.label} drifts {an_hour:.1f} ms an hour, which is allowed for"


def seconds(ms: float) -> str:
    """A length of time: `1.234 s`, `2 min 05.500 s`, `1 h 02 min 05.500 s`."""
    whole = round(min(ms, MAX_OFFSET_MS * 2))
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min {rest / 1000:06.3f} s"
    return f"{minutes} min {rest / 1000:06.3f} s" if minutes else f"{rest / 1000:.3f} s"


def signed_ms(ms: float | None) -> str:
    """`+1,234.5 ms`; an en dash for none."""
    return "–" if ms is None else f"{'−' if ms < 0 else '+'}{abs(ms):,.1f} ms"


def change(before: float | None, after: float | None) -> str:
    """One camera's line in the history: from → to."""
    if before is None:
        return signed_ms(after)
    return f"{signed_ms(before)} → {signed_ms(after)}"


def _known(classification: str) -> str:
    return classification if classification in CONFIDENCE else MANUAL


def _differ(cameras: Sequence[Found]) -> bool:
    return len({_known(camera.classification) for camera in cameras}) > 1


def _with_score(trust: str, camera: Found) -> str:
    if camera.score is None:
        return trust
    if camera.probability is None:
        return f"{trust} (score {camera.score:.1f})"
    likely = min(99.9, math.floor(1000 * camera.probability) / 10)
    return f"{trust} (score {camera.score:.1f}, {likely:.{1 if likely >= 99 else 0}f} % likely right)"
>>>>>>> review
