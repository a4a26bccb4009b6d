"""The only module that knows the broker.

A message says no more than "look": which job comes first is for the database to say. So a message that is lost, doubled
or late costs a moment and changes nothing (docs/decisions/0005).
"""

import logging
from typing import TYPE_CHECKING

# By its module, which loads on first use: most processes never need it.
import celery
import kombu.exceptions

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)

#: The task that a wake-up starts; `studio/celery.py` has it. Its queue has the name of the kind.
LOOK = "studio.look"


def wake(kind: str, count: int = 1) -> None:
    """Tell workers of this kind that there is work. Never raises: the sweeper makes good what is not sent."""
    try:
        with celery.current_app.producer_or_acquire() as producer:
            for _ in range(count):
                celery.current_app.send_task(LOOK, (kind,), queue=kind, retry=False, producer=producer)
    except (kombu.exceptions.OperationalError, OSError) as error:
        log.warning("no wake-up sent for %s work (%s); the sweeper will", kind, error)


def waiting(kind: str) -> int:
    """Wake-ups that no worker has taken yet. Raises redis.RedisError when Redis does not answer."""
    return int(_redis().llen(kind))


def check() -> str | None:
    """None when Redis answers within seconds; else a sentence for whoever runs Studio."""
    import redis  # noqa: PLC0415 (slow to load, and needed by few processes)

    try:
        _redis().ping()
    except redis.RedisError:
        return "Redis does not answer. Check REDIS_URL and that it runs; jobs wait in the database meanwhile."
    return None


def _redis() -> "Redis":
    """Without Celery's connection, which would try again and again. Loaded here: few processes need it, and it is slow."""
    import redis  # noqa: PLC0415 (the same)

    return redis.Redis.from_url(celery.current_app.conf.broker_url, socket_connect_timeout=2, socket_timeout=2)
