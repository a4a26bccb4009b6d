"""Failures of one cause, grouped though each names its own file, job or time."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_OWN = (
    (re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"), "…"),
    (re.compile(r"https?://\S+"), "…"),
    (re.compile(r"(?<![\w.])(?:/[\w.~+-]+){2,}/?"), "…"),
    (re.compile(r"\btenants/\S+"), "…"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "…"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
    (re.compile(r"[“\"'][^“”\"']{1,200}[”\"']"), "“…”"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One job that ended badly."""

    job_type: str
    code: str
    message: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures of one kind of work whose sentences differ only in what is their own. `example` is one of them, word for
    word; `key` names the group in an address."""

    key: str
    job_type: str
    example: str
    count: int
    last: datetime | None


def sentence(message: str) -> str:
    """The first line without what is one job's own: ids, addresses, paths, numbers, names in quotes."""
    line = next((line for line in message.strip().splitlines() if line.strip()), "")
    for pattern, instead in _OWN:
        line = pattern.sub(instead, line)
    return " ".join(line.split())[:300]


def key_of(job_type: str, code: str, message: str) -> str:
    identity = "\0".join((job_type, code, sentence(message)))
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:12]


def group(failures: Iterable[Failure]) -> list[Cause]:
    """The causes, the one with most jobs first."""
    found: dict[str, Cause] = {}
    for failure in failures:
        key = key_of(failure.job_type, failure.code, failure.message)
        known = found.get(key)
        times = [at for at in (failure.at, known.last if known else None) if at is not None]
        found[key] = Cause(
            key=key,
            job_type=failure.job_type,
            example=known.example if known else failure.message.strip()[:500],
            count=known.count + 1 if known else 1,
            last=max(times, default=None),
        )
    return sorted(found.values(), key=lambda cause: (-cause.count, cause.key))
