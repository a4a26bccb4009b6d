"""For whom a line of the log was written: request, job, session and tenant, carried alongside the work by contextvars."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

#: What a line may say, in the order in which it says it.
NAMES = ("request_id", "job_id", "session_id", "tenant")

_carried: ContextVar[dict[str, str] | None] = ContextVar("carried", default=None)


def carried() -> dict[str, str]:
    """What is known here, by name; only what is known."""
    return dict(_carried.get() or {})


@contextlib.contextmanager
def bound(**known: object) -> Iterator[None]:
    """Inside, these are known too, to this thread and to those that run in a copy of its context."""
    token = _carried.set(carried() | _said(known))
    try:
        yield
    finally:
        _carried.reset(token)


def begin(**known: object) -> None:
    """A new unit of work, of which only this is known, until `end`; for work whose end is elsewhere than its begin."""
    _carried.set(_said(known))


def end() -> None:
    _carried.set(None)


def note(**known: object) -> None:
    """From here to the end of the `bound` or `begin` around it, these are known too. Outside of any, nothing is kept: who would end it?"""
    here = _carried.get()
    if here is not None:
        here.update(_said(known))


def _said(known: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in known.items() if value}
