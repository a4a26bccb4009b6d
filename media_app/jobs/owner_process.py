"""The process that owns a job, so that others on its machine need not wait for the lease when it is dead.

A process id is not enough: another machine or container has the same one, and so has a later process. Only processes of the same
boot, PID namespace and user are checked (a machine may hide those of other users), by their id and their start
time. All others are left to the lease.
"""

import contextlib
import os
import uuid
from functools import cache
from pathlib import Path

PROC = Path("/proc")
#: The tokens of the claims that this process holds or is about to make.
held_tokens: set[uuid.UUID] = set()


@cache
def host() -> str:
    """The prefix of the processes that can be checked from here; empty where the machine does not say."""
    with contextlib.suppress(OSError):
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (PROC / "self/ns/pid").stat().st_ino
        return f"{boot}/{namespace}/{os.getuid()}/"
    return ""


def this_process() -> str:
    """This process, as a claim records it; empty where no other process could check it."""
    return _signature(os.getpid())


@cache
def _signature(pid: int) -> str:
    where, born = host(), _born(pid)
    return f"{where}{pid}/{born}" if where and born else ""


def is_gone(owner: str, token: uuid.UUID | None) -> bool:
    """Whether an owner on this host is dead, or is this process and no longer holds the claim."""
    number, _, born = owner.removeprefix(host()).partition("/")
    if not number.isdecimal():
        return False
    if int(number) == os.getpid() and owner == this_process():
        return token not in held_tokens
    return _born(int(number)) != born


def _born(pid: int) -> str:
    """The start of a live process, in ticks since the boot; empty for a dead one, zombies included."""
    try:
        facts = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    state, threads, born = facts[0], int(facts[17]), facts[19]
    # A process whose first thread has ended lives as long as its others.
    return "" if state in "ZX" and threads <= 1 else born
