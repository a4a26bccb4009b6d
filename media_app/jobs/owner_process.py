"""Which process holds a job, as its own machine knows it, so that others there need not wait for a lease when it is dead.

A number alone says little: another machine or container has the same one, and so has a later process. What is judged is a
process of the same boot, the same process namespace and the same user (of others a machine may be told to show nothing),
by its number and the moment at which it started. Whatever differs is left to the lease.
"""

import contextlib
import os
import uuid
from functools import cache
from pathlib import Path

PROC = Path("/proc")
#: The tokens of claims that this process is working on, or is just making.
held_tokens: set[uuid.UUID] = set()


@cache
def host() -> str:
    """Whose processes can be judged from here; empty where a machine does not tell."""
    with contextlib.suppress(OSError):
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (PROC / "self/ns/pid").stat().st_ino
        return f"{boot}/{namespace}/{os.getuid()}/"
    return ""


def this_process() -> str:
    """What a claim of this process is signed with; empty where nobody could judge it."""
    return _signature(os.getpid())


@cache
def _signature(pid: int) -> str:
    where, born = host(), _born(pid)
    return f"{where}{pid}/{born}" if where and born else ""


def is_gone(owner: str, token: uuid.UUID | None) -> bool:
    """Whether an owner on this host is dead, or is this very process, which has let go of that claim without a word."""
    number, _, born = owner.removeprefix(host()).partition("/")
    if not number.isdecimal():
        return False
    if int(number) == os.getpid() and owner == this_process():
        return token not in held_tokens
    return _born(int(number)) != born


def _born(pid: int) -> str:
    """When a living process started, in ticks since the machine did; empty of one that is dead, if only as a zombie."""
    try:
        facts = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    state, threads, born = facts[0], int(facts[17]), facts[19]
    # A first thread that has ended is no death while others still do something.
    return "" if state in "ZX" and threads <= 1 else born
