"""The connection. Django finds it by the name of this module."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether the kept connection still stands, without asking the server: one that went away leaves its end of the
        stream to be read, and nothing else comes unasked. After an error, and whenever there is something, it is asked."""
        if (
            self.errors_occurred
            or self.connection is None
            or self.connection.closed
            or _has_news(self.connection.fileno())
        ):
            return super().is_usable()
        return True


def _has_news(descriptor: int) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))
