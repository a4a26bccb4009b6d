"""What an operator may decide about offsets, as plain values."""

from collections.abc import Mapping, Sequence

from sync_app.core.messages import named
from sync_app.core.synced import LOOKS_GOOD, LOW_SCORE, SyncedCamera, first_chapter

MAX_OFFSET_MS = 24 * 3600 * 1000.0
#: A page sends back what it was given, rounded.
SAME_MS = 0.01


class BadOffsets(ValueError):
    """Offsets that cannot stand; `camera` is the label at fault, where one is."""

    def __init__(self, message: str, camera: str | None = None) -> None:
        super().__init__(message)
        self.camera = camera


def correct(
    cameras: Sequence[SyncedCamera], wanted: Mapping[str, object], *, leave_out: bool = False
) -> dict[str, float | None]:
    """The offsets (ms, on the master's clock) that stand after a correction: `wanted` where given, else computed. With `leave_out`
    a camera that has neither stays without (None) and out of the edit.

    Raises BadOffsets on a camera that is not in the session, a value that is no finite number within a day, a master that
    is not 0, or a camera that has neither a computed nor a given offset.
    """
    if not wanted:
        raise BadOffsets('No offsets were given. Send at least one, for example {"B": 1234.5}.')
    known = [camera.key for camera in cameras]
    unknown = sorted(str(key) for key in wanted if key not in known)
    if unknown:
        raise BadOffsets(
            f"There is no camera {unknown[0][:20]} in this sync. It has {', '.join(known)}.", unknown[0][:20]
        )
    final: dict[str, float | None] = {}
    for camera in cameras:
        stays_out = leave_out and camera.key not in wanted and camera.offset_ms is None
        final[camera.key] = None if stays_out else _milliseconds(camera.key, wanted.get(camera.key, camera.offset_ms))
    master = next((camera.key for camera in cameras if camera.is_master), None)
    if master is not None and final[master] != 0:
        raise BadOffsets(
            f"Camera {master} is the master, so its offset is 0. Subtract {final[master] or 0:g} ms from every camera instead.",
            master,
        )
    return final | _of_chapters(cameras, wanted, final)


def _of_chapters(
    cameras: Sequence[SyncedCamera], wanted: Mapping[str, object], final: Mapping[str, float | None]
) -> dict[str, float]:
    """Where the later chapters of each recording lie: moved with the first. Raises BadOffsets where one is to lie elsewhere."""
    by_key = {camera.key: camera for camera in cameras}
    continues = {camera.key: camera.continues for camera in cameras if camera.continues}
    out = {}
    for camera in cameras:
        first = by_key.get(first_chapter(camera.key, continues), camera)
        placed = final[first.key]
        if first is camera or camera.offset_ms is None or first.offset_ms is None or placed is None:
            continue
        follows = round(camera.offset_ms + placed - first.offset_ms, 4)
        if camera.key in wanted and abs((final[camera.key] or 0.0) - follows) > SAME_MS:
            raise BadOffsets(
                f"{camera.key} continues {camera.continues}, so it lies at {follows:g} ms. Correct {first.key}: its chapters follow.",
                camera.key,
            )
        out[camera.key] = follows
    return out


def is_confident(cameras: Sequence[SyncedCamera]) -> bool:
    """Whether many such syncs may be approved together: every camera is placed and looks good, and nothing warns."""
    others = [camera for camera in cameras if not camera.is_master]
    return (
        bool(others)
        and all(camera.offset_ms is not None and camera.classification == LOOKS_GOOD for camera in others)
        and not any(camera.warnings for camera in cameras)
    )


def sample(count: int) -> list[int]:
    """Which of `count` confident syncs, by index, a person looks at before all are approved: every fifth, from the first.

    Five share one look: at the share of wrong ones that `looks-good` allows (none in hundreds), a habit and not a proof.
    """
    return list(range(0, count, 5))


def needs_reason(cameras: Sequence[SyncedCamera]) -> list[str]:
    """The cameras that an approval must give a reason for: no computed offset, or a score that is no match."""
    return [camera.key for camera in cameras if camera.weak]


def why_reason(cameras: Sequence[SyncedCamera]) -> str:
    """What is weak about them, in a sentence."""
    unplaced = [camera.key for camera in cameras if camera.weak and camera.offset_ms is None]
    low = [
        f"{camera.key} ({camera.confidence:.1f})" for camera in cameras if camera.weak and camera.offset_ms is not None
    ]
    parts = [f"no offset was found for {named(unplaced)}" if unplaced else ""]
    parts.append(f"the score is below {LOW_SCORE:g} for {named(low)}" if low else "")
    sentence = " and ".join(part for part in parts if part)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _milliseconds(label: str, value: object) -> float:
    if value is None:
        raise BadOffsets(
            f"Camera {label} has no computed offset: give one, or say in notes why it stays without.", label
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadOffsets(f"The offset of camera {label} is not a number of milliseconds.", label)
    # Compared before it is converted: JSON has whole numbers that no float can hold. NaN compares as outside too.
    if not -MAX_OFFSET_MS <= value <= MAX_OFFSET_MS:
        raise BadOffsets(f"The offset of camera {label} must lie within a day: at most {MAX_OFFSET_MS:.0f} ms.", label)
    return round(float(value), 4)
