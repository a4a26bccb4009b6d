"""Rate limits: fixed windows, counted where every web process sees the same figure.

On one machine that is a small file of SQLite next to the database, which costs a tenth of a millisecond and never keeps a
job waiting; with several machines it is Redis. When the counter fails, nobody is refused.
"""

import hashlib
import ipaddress
import logging
import random
import sqlite3
import threading
import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

from sessions_app.core.rates import Limit, parse
from sessions_app.errors import StudioError

log = logging.getLogger(__name__)

#: What proxies add to a request.
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
_FORGET_CHANCE = 0.001
_local = threading.local()


class TooManyRequests(StudioError):
    """Wait `seconds`, then ask again."""

    code = "too_many_requests"
    status = 429

    def __init__(self, limit: Limit, seconds: int) -> None:
        super().__init__(
            f"Too many requests: at most {limit.times} in {limit.seconds} s. Wait {seconds} s and try again.",
            details={"limit": limit.times, "windowSeconds": limit.seconds, "retryAfterSeconds": seconds},
        )
        self.headers = {"Retry-After": str(seconds)}


def hit(scope: str, who: str) -> None:
    """Count one request of this scope. Raises TooManyRequests when it is one too many."""
    limit = parse(settings.RATE_LIMITS.get(scope, "off"))
    if limit is None:
        return
    now = time.time()
    window, wait = int(now // limit.seconds), limit.seconds - int(now % limit.seconds)
    # Digested, so that a look into the counters names nobody.
    name = hashlib.sha256(f"{scope}\0{who}\0{window}".encode(errors="replace")).hexdigest()[:32]
    try:
        counted = _add(name, limit.seconds, 1)
    except Exception:  # of SQLite, Redis or the disk: a counter out of order must not keep anybody out
        log.warning("rate limits are not counted", exc_info=True)
        return
    if counted > limit.times:
        raise TooManyRequests(limit, wait)


def _add(name: str, seconds: int, add: int) -> int:
    if settings.RATE_LIMIT_REDIS_URL:
        return _add_in_redis(settings.RATE_LIMIT_REDIS_URL, name, seconds, add)
    return _add_in_file(Path(settings.VAR_DIR) / "limits.sqlite3", name, time.time() + seconds, add)


def _add_in_file(path: Path, name: str, ends: float, add: int) -> int:
    file = _opened(path)
    if not add:
        row = file.execute("SELECT times FROM counted WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0
    if random.random() < _FORGET_CHANCE:
        file.execute("DELETE FROM counted WHERE ends < ?", (time.time(),))
    row = file.execute(
        "INSERT INTO counted VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET times = times + ? RETURNING times",
        (name, add, ends, add),
    ).fetchone()
    return int(row[0])


def _opened(path: Path) -> sqlite3.Connection:
    """One connection for each thread."""
    held: dict[Path, sqlite3.Connection] = _local.__dict__.setdefault("files", {})
    if path not in held or not path.exists():
        for old in held.values():
            old.close()
        held.clear()
        file = sqlite3.connect(path, timeout=1, isolation_level=None)
        # A figure that a power cut takes is no loss; said first, for to change the journal would wait for the disk.
        file.execute("PRAGMA synchronous=OFF")
        file.execute("PRAGMA journal_mode=WAL")
        file.execute(
            "CREATE TABLE IF NOT EXISTS counted (name TEXT PRIMARY KEY, times INTEGER, ends REAL) WITHOUT ROWID"
        )
        held[path] = file
    return held[path]


def _add_in_redis(url: str, name: str, seconds: int, add: int) -> int:
    key = f"studio:limit:{name}"
    if not add:
        return int(_redis(url).get(key) or 0)
    with _redis(url).pipeline() as pipe:
        pipe.incrby(key, add)
        pipe.expire(key, seconds + 1)
        return int(pipe.execute()[0])


@lru_cache(maxsize=2)
def _redis(url: str):
    import redis  # noqa: PLC0415 (slow to load, and needed by few installations)

    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


def client_address(request: HttpRequest) -> str:
    """The caller's address; of IPv6 the /64, which one customer has whole. Empty where it is not known.

    X-Forwarded-For is believed as far as the setting TRUSTED_PROXIES says that our own proxies wrote it. Where the setting
    does not say whether there are proxies and the request names one, its address would be everybody's: it is not known.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES is None and any(name in request.headers for name in FORWARDED):
        return ""
    if settings.TRUSTED_PROXIES:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if chain:
            address = chain[-min(settings.TRUSTED_PROXIES, len(chain))]
    try:
        plain = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if plain.version == 4:
        return str(plain)
    return str(plain.ipv4_mapped or ipaddress.ip_network((int(plain), 64), strict=False))


def caller(request) -> str:
    """The token, the user, or the address where nobody is signed in."""
    if (token := getattr(request, "auth", None)) is not None:
        return f"token {token.pk}"
    user = getattr(request, "user", None)
    return f"user {user.pk}" if user is not None and user.is_authenticated else client_address(request) or "anybody"


class Throttle(BaseThrottle):
    """The limit `api` of every view, and the view's own `rate_scope`, for methods that write."""

    def allow_request(self, request, view) -> bool:
        hit("api", caller(request))
        scope = getattr(view, "rate_scope", "")
        if scope and (request.method not in ("GET", "HEAD", "OPTIONS") or getattr(view, "rate_reads", False)):
            hit(scope, caller(request))
        return True
