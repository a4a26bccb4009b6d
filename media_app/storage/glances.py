"""Objects as a bucket had them seconds ago, for answers that show many of them and may not wait for each."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from media_app.storage.values import StoredObject

#: How long an answer is good for, and how long a request waits for those that it asks for, all together.
KEPT_SECONDS, WAIT_SECONDS = 10.0, 0.5
#: Requests to the bucket side by side, and answers that are kept.
AT_ONCE, MOST = 8, 4096

Answer = Future[StoredObject | None]


class Glances:
    """What `head` answered of a key within the last seconds. Safe between threads."""

    def __init__(self, head: Callable[[str], StoredObject | None]) -> None:
        self._head = head
        self._lock = threading.Lock()
        self._asked: dict[str, tuple[float, Answer]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def ask(self, keys: Iterable[str]) -> None:
        """Ask for those that were not asked for lately, and wait a moment for the answers; for one that is overdue, no longer."""
        asked = [self._answer_for(key) for key in keys]
        latest = max((at for at, _ in asked), default=0.0)
        wait([answer for _, answer in asked], timeout=max(0.0, latest + WAIT_SECONDS - time.monotonic()))

    def known(self, keys: Iterable[str]) -> Mapping[str, StoredObject | None]:
        """The answers that are there. A key that was not asked for, or that the bucket did not answer in time, is missing."""
        with self._lock:
            asked = {key: self._asked[key] for key in keys if key in self._asked}
        return {
            key: answer.result()
            for key, (at, answer) in asked.items()
            if _is_fresh(at) and answer.done() and answer.exception() is None
        }

    def _answer_for(self, key: str) -> tuple[float, Answer]:
        """When it was asked for, and the answer, which may be yet to come."""
        with self._lock:
            at, answer = self._asked.get(key, (0.0, None))
            if answer is None or not (_is_fresh(at) or not answer.done()):
                if len(self._asked) >= MOST:
                    self._asked = {kept: known for kept, known in self._asked.items() if _is_fresh(known[0])}
                # Begun here and not with the store: threads do not survive the fork of a web server.
                self._pool = self._pool or ThreadPoolExecutor(AT_ONCE, "glances")
                at, answer = time.monotonic(), self._pool.submit(self._head, key)
                self._asked[key] = at, answer
            return at, answer


def _is_fresh(at: float) -> bool:
    return time.monotonic() - at < KEPT_SECONDS
