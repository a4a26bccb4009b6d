"""The only room that knows the broker.

A message says no more than "look": which job comes first is for the database to say. So a message that is lost, doubled
or late costs a moment and changes nothing (docs/decisions/0005).
"""

import logging

# By their modules, which load on first use: most processes never need them.
import celery
import kombu.exceptions

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
    """Wake-ups that no worker has taken yet. Raises kombu's OperationalError when the broker does not answer."""
    with celery.current_app.connection_for_write() as connection:
        return int(connection.default_channel.client.llen(kind))


def check() -> str | None:
    """None when the broker answers; else a sentence for whoever runs Studio."""
    try:
        with celery.current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            connection.default_channel.client.ping()
    except (kombu.exceptions.OperationalError, OSError):
        return "Redis does not answer. Check REDIS_URL and that it runs; jobs wait in the database meanwhile."
    return None
