"""The queue's second engine for tests: Celery's application on a Redis of their own."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import kombu.pools
import redis

from studio.celery import HOUSEKEEPING, KINDS, app, look
from tests.services.servers import Redis


@dataclass(frozen=True, slots=True)
class Broker:
    """A Redis and what lies in it."""

    server: Redis

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.server.url)

    def waiting(self) -> dict[str, int]:
        """Messages in each queue that has some."""
        counted = {kind: int(self.client.llen(kind)) for kind in (*KINDS, HOUSEKEEPING)}
        return {kind: count for kind, count in counted.items() if count}

    def deliver(self) -> bool:
        """The next wake-up to a worker, which is this thread; False when there is none."""
        with app.connection_for_read() as connection:
            for kind in KINDS:
                if message := connection.default_channel.basic_get(kind):
                    look(kind)
                    connection.default_channel.basic_ack(message.delivery_tag)
                    return True
        return False

    def lose_everything(self) -> None:
        self.client.flushall()

    def return_unacknowledged(self) -> None:
        """What Redis' clients do with messages that nobody acknowledged within the visibility timeout, done now."""
        with app.connection_for_read() as connection:
            qos = connection.default_channel.qos
            for tag in self.client.zrange(connection.default_channel.unacked_index_key, 0, -1):
                qos.restore_by_tag(tag.decode())


@contextlib.contextmanager
def broker(server: Redis) -> Iterator[Broker]:
    before = app.conf.broker_url
    app.conf.broker_url = server.url
    forget_connections()
    found = Broker(server)
    found.lose_everything()
    try:
        yield found
    finally:
        app.conf.broker_url = before
        forget_connections()


def forget_connections() -> None:
    app.pool.force_close_all()
    app._pool = None
    app.amqp._producer_pool = None
    kombu.pools.reset()
