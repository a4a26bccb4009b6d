"""What an operator may decide about offsets, as plain values."""

from collections.abc import Mapping

MAX_OFFSET_MS = 24 * 3600 * 1000.0


class BadOffsets(ValueError):
    """Offsets that cannot stand; `camera` is the label at fault, where one is."""

    def __init__(self, message: str, camera: str | None = None) -> None:
        super().__init__(message)
        self.camera = camera


def correct(computed: Mapping[str, float | None], wanted: Mapping[str, object], master: str) -> dict[str, float]:
    """The offsets (ms, on the master's clock) that stand after a correction: `wanted` where given, else computed.

    Raises BadOffsets on a camera that is not in the session, a value that is no finite number within a day, a master that
    is not 0, or a camera that has neither a computed nor a given offset.
    """
    if not wanted:
        raise BadOffsets('No offsets were given. Send at least one, for example {"B": 1234.5}.')
    unknown = sorted(str(label) for label in wanted if label not in computed)
    if unknown:
        raise BadOffsets(
            f"There is no camera {unknown[0][:20]} in this sync. It has {', '.join(sorted(computed))}.", unknown[0][:20]
        )
    final = {label: _milliseconds(label, wanted.get(label, found)) for label, found in sorted(computed.items())}
    if final[master] != 0:
        raise BadOffsets(
            f"Camera {master} is the master, so its offset is 0. Subtract {final[master]:g} ms from every camera instead.",
            master,
        )
    return final


def is_sure(
    offsets: Mapping[str, float | None],
    classification: Mapping[str, str],
    warnings: Mapping[str, object],
    master: str,
) -> bool:
    """May many such syncs be approved together? Only where every camera is placed, looks good, and nothing is doubted."""
    others = [label for label in offsets if label != master]
    return (
        bool(others)
        and not unplaced(offsets)
        and all(classification.get(label) == "looks-good" for label in others)
        and not any(warnings.values())
    )


def sample(count: int) -> list[int]:
    """Which of `count` sure syncs, by place, a person is to look at before all are approved: every fifth, from the first.

    Five share one look: at the share of wrong ones that `looks-good` allows (none in hundreds), a habit and not a proof.
    """
    return list(range(0, count, 5))


def unplaced(offsets: Mapping[str, float | None]) -> list[str]:
    """The cameras that no offset was found for."""
    return sorted(label for label, offset in offsets.items() if offset is None)


def _milliseconds(label: str, value: object) -> float:
    if value is None:
        raise BadOffsets(f"Camera {label} has no computed offset: give one.", label)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadOffsets(f"The offset of camera {label} is not a number of milliseconds.", label)
    # Compared before it is converted: JSON has whole numbers that no float can hold. NaN compares as outside too.
    if not -MAX_OFFSET_MS <= value <= MAX_OFFSET_MS:
        raise BadOffsets(f"The offset of camera {label} must lie within a day: at most {MAX_OFFSET_MS:.0f} ms.", label)
    return round(float(value), 4)
