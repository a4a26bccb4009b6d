"""What was found, in an operator's words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sync_app.core.decide import MAX_OFFSET_MS
from sync_app.core.synced import LOOKS_GOOD, MANUAL, SUGGESTED, SyncedCamera

CONFIDENCE = {LOOKS_GOOD: "High confidence", SUGGESTED: "Medium confidence", MANUAL: "Low confidence"}
TONES = {LOOKS_GOOD: "good", SUGGESTED: "ask", MANUAL: "bad"}
#: A drift below this, in ms an hour, is too small to be worth a word.
DRIFT_WORTH_SAYING = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """`starts`: one sentence for each camera; `trust`: how far to believe them; `tone`: good, ask or bad."""

    starts: tuple[str, ...]
    trust: str
    tone: str


def verdict(master: str, cameras: Sequence[SyncedCamera]) -> Verdict:
    """The whole sync in a few words, judged by its weakest camera."""
    if not cameras:
        return Verdict((), "Nothing to compare: this session has only one camera.", "ask")
    starts = tuple(starts_after(camera, master) for camera in cameras)
    placed = [camera for camera in cameras if camera.offset_ms is not None]
    if not placed:
        return Verdict(starts, "No audio match found: place the cameras by hand.", "bad")
    weakest = max(placed, key=lambda camera: list(CONFIDENCE).index(_known(camera.classification)))
    word = _known(weakest.classification)
    partial = len(placed) < len(cameras)
    trust = CONFIDENCE[word] + (f" for camera {weakest.key}" if partial or _differ(placed) else "")
    parts = [_with_score(trust, weakest), drift_words(placed)]
    if partial:
        missing = ", ".join(camera.key for camera in cameras if camera.offset_ms is None)
        parts.append(f"place camera {missing} by hand")
        word = max(word, SUGGESTED, key=list(CONFIDENCE).index)
    return Verdict(starts, "; ".join(part for part in parts if part) + ".", TONES[word])


def starts_after(camera: SyncedCamera, master: str) -> str:
    if camera.offset_ms is None:
        return f"Camera {camera.key} could not be matched with {master}."
    if abs(camera.offset_ms) < 0.05:
        return f"Camera {camera.key} starts at the same time as {master}."
    order = "after" if camera.offset_ms > 0 else "before"
    return f"Camera {camera.key} starts {seconds(abs(camera.offset_ms))} {order} {master}."


def drift_words(cameras: Sequence[SyncedCamera]) -> str:
    """The strongest drift among the cameras, as an operator feels it; nothing where none was measured."""
    measured = [camera for camera in cameras if camera.drift_ppm is not None]
    if not measured:
        return ""
    worst = max(measured, key=lambda camera: abs(camera.drift_ppm or 0))
    an_hour = abs(worst.drift_ppm or 0) * 3.6
    if an_hour < DRIFT_WORTH_SAYING:
        return "no drift"
    return f"camera {worst.key} drifts {an_hour:.1f} ms per hour"


def seconds(ms: float) -> str:
    """A length of time: `1.234 s`, `3,725.500 s`."""
    return f"{min(ms, MAX_OFFSET_MS * 2) / 1000:,.3f} s"


def signed(ms: float | None) -> str:
    """An offset as every page writes it: `+1.234 s`."""
    if ms is None:
        return "not placed"
    shown = round(ms / 1000, 3)
    return f"{shown:+,.3f} s".replace("-", "−") if shown else "0.000 s"


def change(before: float | None, after: float | None) -> str:
    """One camera's line in the history: from → to."""
    if before is None:
        return signed(after)
    return f"{signed(before)} → {signed(after)}"


def _known(classification: str) -> str:
    return classification if classification in CONFIDENCE else MANUAL


def _differ(cameras: Sequence[SyncedCamera]) -> bool:
    return len({_known(camera.classification) for camera in cameras}) > 1


def _with_score(trust: str, camera: SyncedCamera) -> str:
    if camera.confidence is None:
        return trust
    if camera.probability is None:
        return f"{trust} (score {camera.confidence:.1f})"
    likely = min(99.9, math.floor(1000 * camera.probability) / 10)
    return f"{trust} (score {camera.confidence:.1f}, {likely:.{1 if likely >= 99 else 0}f}% likely to be right)"
