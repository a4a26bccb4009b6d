"""A sync for an operator: what is in force, and how good the evidence is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sync_app.core import messages
from sync_app.core.decide import MAX_OFFSET_MS
from sync_app.core.messages import clock, named
from sync_app.core.synced import LOOKS_GOOD, MANUAL, SUGGESTED, SyncedCamera, SyncedSegment, camera_order

CONFIDENCE = {LOOKS_GOOD: "High confidence", SUGGESTED: "Medium confidence", MANUAL: "Low confidence"}
TONES = {LOOKS_GOOD: "good", SUGGESTED: "ask", MANUAL: "bad"}
#: A drift below this, in ms an hour, is too small to be worth a word.
DRIFT_WORTH_SAYING = 0.5
#: Up to so many clips of a camera have a sentence each.
FEW_CLIPS = 3
#: Offsets that differ by no more are the same: they are kept to 0.0001 ms.
SAME_MS = 0.001


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's decision that stands: `status` is approved or corrected."""

    status: str
    decided_by: str
    decided_at: datetime | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is in force, as sentences. `starts`: one sentence for each camera, by its decided offset where there is one, and of one
    with many clips how many are sure; `trust`: the evidence; `tone`: good, ask, bad, or quiet once a decision stands; `standing`: that decision."""

    starts: tuple[str, ...]
    trust: str
    tone: str
    standing: Standing | None = None


def verdict(master: str, cameras: Sequence[SyncedCamera], standing: Standing | None = None) -> Verdict:
    """The whole sync in one sentence: the offsets in force, judged by the weakest camera until a person has decided."""
    starts = _starts(master, cameras)
    trust, tone = _evidence(cameras)
    if standing is None:
        return Verdict(starts, trust, tone)
    corrected = [camera for camera in cameras if camera.corrected]
    if not corrected:
        return Verdict(starts, f"As computed: {trust[:1].lower()}{trust[1:]}", "quiet", standing)
    computed = [f"{camera.key} {signed(camera.offset_ms)}" for camera in corrected if camera.offset_ms is not None]
    unmatched = [camera.key for camera in corrected if camera.offset_ms is None]
    parts = [f"the sync had computed {named(computed)}" if computed else ""]
    parts.append(f"the sync had found nothing for {named(unmatched)}" if unmatched else "")
    evidence = "; ".join(part for part in parts if part)
    return Verdict(starts, f"Set by hand; {evidence}.", "quiet", standing)


def _evidence(cameras: Sequence[SyncedCamera]) -> tuple[str, str]:
    """How far to believe what was computed, and its tone."""
    if not cameras:
        return "Nothing to compare: this session has only one camera.", "ask"
    placed = [camera for camera in cameras if camera.offset_ms is not None]
    if not placed:
        return "No audio match found: place the cameras by hand.", "bad"
    weakest = max(placed, key=lambda camera: list(CONFIDENCE).index(_known(camera.classification)))
    word = _known(weakest.classification)
    partial = len(placed) < len(cameras)
    trust = CONFIDENCE[word] + (f" for camera {weakest.key}" if partial or _differ(placed) else "")
    parts = [_with_score(trust, weakest), drift_text(placed)]
    if partial:
        missing = named([camera.key for camera in cameras if camera.offset_ms is None])
        parts.append(f"place camera {missing} by hand")
        word = max(word, SUGGESTED, key=list(CONFIDENCE).index)
    return "; ".join(part for part in parts if part) + ".", TONES[word]


def _starts(master: str, cameras: Sequence[SyncedCamera]) -> tuple[str, ...]:
    """A sentence for each camera of which there are few clips, and a count of the clips of each other one."""
    by_letter: dict[str, list[SyncedCamera]] = {}
    for camera in cameras:
        by_letter.setdefault(camera_order(camera.key)[0], []).append(camera)
    said: list[str] = []
    for letter, clips in by_letter.items():
        many = len(clips) > FEW_CLIPS
        said += [_clips(letter, clips)] if many else [starts_after(clip, master) for clip in clips]
    return tuple(said)


def _clips(letter: str, clips: Sequence[SyncedCamera]) -> str:
    """How many clips of a camera are sure, doubtful, set by hand, or nowhere."""
    nowhere = sum(clip.offset_in_force_ms is None for clip in clips)
    by_hand = sum(clip.corrected for clip in clips)
    sure = sum(clip.classification == LOOKS_GOOD and not clip.corrected for clip in clips)
    doubtful = len(clips) - nowhere - by_hand - sure
    counts = {"look good": sure, "set by hand": by_hand, "to check": doubtful, "not placed": nowhere}
    return f"Camera {letter}: {len(clips)} clips, {', '.join(f'{n} {word}' for word, n in counts.items() if n)}."


def starts_after(camera: SyncedCamera, master: str) -> str:
    """When a camera starts, by the offset in force."""
    ms = camera.offset_in_force_ms
    if ms is None:
        return f"Camera {camera.key} could not be matched with {master}."
    if abs(ms) < 0.05:
        return f"Camera {camera.key} starts at the same time as {master}."
    return f"Camera {camera.key} starts {seconds(abs(ms))} {'after' if ms > 0 else 'before'} {master}."


def drift_text(cameras: Sequence[SyncedCamera]) -> str:
    """The strongest drift among the cameras, in ms an hour; empty where none was measured."""
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
    return messages.signed(ms / 1000)


def change(before: float | None, after: float | None) -> str:
    """One camera's change in the history: from → to."""
    return signed(after) if before is None else f"{signed(before)} → {signed(after)}"


def segment_changes(
    before: Sequence[SyncedSegment], after: Sequence[SyncedSegment], offset_ms: float | None, moved_ms: float
) -> list[str]:
    """Each segment that a decision set otherwise than by moving the whole camera by `moved_ms`; `offset_ms` is where the camera
    stood, for one that had no segments."""
    changes = []
    for number, segment in enumerate(after, 1):
        held = next((one.offset_ms for one in reversed(before) if one.start_ms <= segment.start_ms + 0.5), offset_ms)
        if held is None or abs(segment.offset_ms - held - moved_ms) > SAME_MS:
            place = f"segment {number}, from {clock(segment.start_ms / 1000)}"
            changes.append(f"{place}: {change(held, segment.offset_ms)}")
    return changes


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
