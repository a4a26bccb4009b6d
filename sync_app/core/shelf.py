"""The features of many tracks, as much of them as memory is for: what does not fit is measured anew when it is compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from sync_app.core.features import TrackFeatures, measure
from sync_app.core.ltc import carries_ltc
from sync_app.core.values import Track

#: Seconds of sound whose features are kept, 81 MB an hour.
KEPT_S = 10.5 * 3600


@dataclass(frozen=True, slots=True)
class Listened:
    """What is known of a track without its features."""

    seconds: float
    ltc: bool


@dataclass(slots=True)
class Shelf:
    """Features by label; the ones that were wanted last stay, as many as fit beside those that are being measured."""

    tracks: Mapping[str, Track]
    kept_s: float = KEPT_S
    created: Mapping[str, float] = field(default_factory=dict)
    _held: dict[str, TrackFeatures] = field(default_factory=dict)
    _measuring: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def features(self, label: str, on_progress: Callable[[float], None] | None = None) -> TrackFeatures:
        """The features of one track."""
        with self._lock:
            found = self._held.pop(label, None)
            if found is not None:
                self._held[label] = found
                return found
            track = self.tracks[label]
            self._measuring[label] = track.frames / track.rate
            self._evict(label)
        found = measure(track, on_progress)
        found = replace(found, ltc=carries_ltc(found.samples), created=self.created.get(label))
        with self._lock:
            self._held[label] = found
            self._measuring.pop(label, None)
            self._evict(label)
        return found

    def _evict(self, but: str) -> None:
        """Let go of what was wanted longest ago, until the rest fits."""
        total = sum(found.seconds for found in self._held.values()) + sum(self._measuring.values())
        for label in [label for label in self._held if label != but]:
            if total <= self.kept_s:
                return
            total -= self._held.pop(label).seconds
