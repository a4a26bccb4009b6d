"""Who is notified of each program that starts, and work that runs side by side under one observer."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")

_observer: ContextVar[Callable[[Sequence[str]], None] | None] = ContextVar("observer", default=None)


@contextlib.contextmanager
def observed(on_start: Callable[[Sequence[str]], None]) -> Iterator[None]:
    """Call `on_start` with the arguments of each program just before it starts in this thread."""
    token = _observer.set(on_start)
    try:
        yield
    finally:
        _observer.reset(token)


def notify_observer(argv: Sequence[str]) -> None:
    """Pass on the arguments of a program that is about to start."""
    if on_start := _observer.get():
        on_start(argv)


def run_in_parallel(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Run both, `second` in a thread of its own. An error of `first` goes before one of `second`; neither is left running.

    The observer is notified of `second`'s programs when they have ended, in this thread: its database connection is here.
    """
    observer, ran = _observer.get(), list[Sequence[str]]()
    context = copy_context()
    context.run(_observer.set, ran.append)
    try:
        with ThreadPoolExecutor(1) as executor:
            other = executor.submit(context.run, second)
            mine = first()
        return mine, other.result()
    finally:
        if observer:
            for argv in ran:
                observer(argv)
