"""Waiting for what another process or thread does."""

import time
from collections.abc import Callable

#: A busy machine takes ten times as long as an idle one; only what hangs takes longer than this.
PATIENCE_S = 240
#: How many seconds what a quiet machine does in one may take, where the suite's processes share two cores.
BUSY = 4


def until(holds: Callable[[], object], log: Callable[[], object] = lambda: "") -> None:
    """Wait until that holds. Raises AssertionError, with what `log` has, when it never comes to that."""
    ends = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends, log()
        time.sleep(0.02)
