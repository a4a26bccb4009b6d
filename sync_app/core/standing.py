"""What still stands of a decision when recordings of its session were added, replaced or compared anew."""

from collections.abc import Mapping
from dataclasses import dataclass

#: A decided offset this near to the computed one, in ms, is no correction.
SAME_MS = 0.0001


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision's recordings and offsets: camera key → checksum of its sound, camera key → ms as computed and as decided."""

    master: str
    sounds: Mapping[str, str]
    computed: Mapping[str, float | None]
    offsets: Mapping[str, float | None]


def stale_cameras(decided: Decided, sounds: Mapping[str, str]) -> list[str]:
    """The cameras of which the decision says nothing any more: their sound is another one now, or is gone.

    All of them, where it is the master's: every offset is on its clock. A camera that was added since is not the decision's.
    """
    changed = [key for key in decided.offsets if _changed(decided, sounds, key)]
    return list(decided.offsets) if decided.master in changed else changed


def earlier_corrections(decided: Decided, sounds: Mapping[str, str], master: str) -> dict[str, float]:
    """Camera key → the offset (ms) that a person set in an earlier decision and that nothing speaks against: the camera, and
    the master, are the recordings that were heard then. Of a camera without sound nothing tells whether its file is another one."""
    if master != decided.master:
        return {}
    known = decided.sounds.keys() - {decided.master, *stale_cameras(decided, sounds)}
    return {
        key: ms
        for key, ms in decided.offsets.items()
        if ms is not None and key in known and _by_hand(ms, decided.computed.get(key))
    }


def _changed(decided: Decided, sounds: Mapping[str, str], key: str) -> bool:
    return decided.sounds.get(key) != sounds.get(key)


def _by_hand(ms: float, computed_ms: float | None) -> bool:
    return computed_ms is None or abs(ms - computed_ms) > SAME_MS
