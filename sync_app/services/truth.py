"""The true offsets of a shoot that was made up, for the review page to compare with. Real shoots have none."""

import math
from collections.abc import Callable, Mapping

from sessions_app.models import RecordingSession

#: The offsets in ms on any one clock, by camera; None for a shoot that the provider did not make.
Provider = Callable[[RecordingSession], Mapping[str, float] | None]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let `provider` answer for the shoots that it made."""
    _providers.append(provider)


def on_clock_of(master: str, session: RecordingSession) -> dict[str, float] | None:
    """Camera → its true offset in ms on the master's clock; None where nobody knows it."""
    known = (provider(session) for provider in _providers)
    offsets = next((found for found in known if found), None)
    if offsets is None or master not in offsets or not all(math.isfinite(ms) for ms in offsets.values()):
        return None
    return {camera: round(ms - offsets[master], 4) for camera, ms in offsets.items()}
