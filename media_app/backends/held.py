"""Models in memory: each loaded once for a process when it is first needed, used by one thread at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from media_app.backends.files import ModelFile

#: Threads that a model computes with.
THREADS = 2
#: How often one that waits for a model looks whether it is to stop, seconds.
LOOK_S = 0.5


@dataclass
class _Held:
    model: Any = None
    users: int = 0
    busy: Any = field(default_factory=Lock)


_lock = Lock()
_held: dict[tuple[str, str], _Held] = {}


@contextmanager
def in_use(file: ModelFile, load: Callable[[], Any], check: Callable[[], None] = lambda: None) -> Iterator[Any]:
    """The model that `load` makes of the verified file, kept for the next who asks. Models that nobody uses are let go before
    another is loaded, so a process holds those in use. `check` is called while waiting, and may raise.

    Raises BackendUnavailable.
    """
    key = (file.name, file.digest())
    with _lock:
        entry = _held.setdefault(key, _Held())
        entry.users += 1
    try:
        while not entry.busy.acquire(timeout=LOOK_S):
            check()
        try:
            if entry.model is None:
                _release_idle()
                file.verified()
                entry.model = load()
            yield entry.model
        finally:
            entry.busy.release()
    finally:
        with _lock:
            entry.users -= 1


def _release_idle() -> None:
    with _lock:
        for key in [key for key, entry in _held.items() if not entry.users]:
            del _held[key]
