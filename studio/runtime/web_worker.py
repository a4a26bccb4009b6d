"""gunicorn's threaded worker, whose threads no slow or half-open connection can hold.

A connection gets a thread once its request is here: the whole head, and the body too if it is small. Until then it waits in
the poller, for `HEAD_SECONDS` at most. What may be slow has threads of its own, so that pages and the API never wait for it:
long bodies, and the local store, whose readers may be players that stop reading when they have enough. A thread in the midst
of a request waits for its client for `IDLE_SECONDS`, and for a body that drips for a minute; then the connection ends.
"""

import errno
import re
import select
import socket
import time
from concurrent import futures
from functools import partial
from selectors import EVENT_READ

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

#: From a connection's first byte, or from its beginning, to the end of its head and small body.
HEAD_SECONDS = 20.0
IDLE_SECONDS = 30.0
#: How long a stopping worker waits for requests that are half here.
STOP_SECONDS = 2.0
#: What is waited for; a longer head or body is read by the thread that takes it.
MAX_HEAD, MAX_BODY = 64 << 10, 64 << 10
SLOW_THREADS = 16
#: A body may drip so long; then it must have come at this pace.
SLOW_AFTER_SECONDS, SLOWEST_BYTES_PER_SECOND = 60.0, 8192
_STORE = re.compile(rb"[A-Z]+ /store/")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_UNKNOWN_LENGTH = re.compile(rb"\r\n(transfer-encoding|expect):", re.IGNORECASE)


def look(seen: bytes) -> tuple[int, bool]:
    """How many bytes must be here before a thread takes the request that begins so, and whether it is whole then."""
    end = seen.find(b"\r\n\r\n")
    if end < 0:
        return (len(seen) + 1 if len(seen) < MAX_HEAD else len(seen)), False
    head = seen[: end + 4]
    length = _LENGTH.search(head)
    body = int(length[1]) if length else 0
    if body > MAX_BODY or _UNKNOWN_LENGTH.search(head):
        return len(head), False
    return len(head) + body, True


def too_slow(came: int, seconds: float) -> bool:
    """Whether so many bytes in so long hold a thread for nothing: no line of today is that slow."""
    return seconds > SLOW_AFTER_SECONDS and came < seconds * SLOWEST_BYTES_PER_SECOND


class _Socket(socket.socket):
    """A connection that never blocks for good."""

    came, since = 0, 0.0

    def begin(self) -> None:
        """A request's body is about to be read."""
        self.came, self.since = 0, time.monotonic()

    def setblocking(self, flag: bool) -> None:
        self.settimeout(IDLE_SECONDS if flag else 0.0)

    def recv(self, *args) -> bytes:
        try:
            data = super().recv(*args)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "The client has sent nothing for too long.") from error
        self.came += len(data)
        if self.since and too_slow(self.came, time.monotonic() - self.since):
            raise ConnectionResetError(errno.ECONNRESET, "The client sends too slowly.")
        return data


class _Connection(TConn):
    """A connection of this worker: what is seen of its request, which threads it gets, who waits for its end."""

    def __init__(self, worker: "WholeRequestWorker", client: socket.socket, address, server) -> None:
        super().__init__(worker.cfg, _Socket(fileno=client.detach()), address, server)
        self._closing = worker.closing
        self.seen, self.slow = 0, False

    def close(self, graceful: bool = False) -> None:
        """The last bytes of a client that was refused may take seconds to drain: not in the loop that all others need."""
        if graceful:
            self._closing.submit(util.close_graceful, self.sock)
        else:
            util.close(self.sock)

    def ended(self) -> bool:
        """Whether the client sends nothing more."""
        poll = select.poll()
        poll.register(self.sock, select.POLLRDHUP)
        return bool(poll.poll(0))


class WholeRequestWorker(ThreadWorker):
    """The worker that `studio/gunicorn.py` names."""

    def init_process(self) -> None:
        self.slow_pool = futures.ThreadPoolExecutor(SLOW_THREADS, "slow")
        self.closing = futures.ThreadPoolExecutor(4, "closing")
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._await_request(_Connection(self, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: _Connection, client: socket.socket) -> None:
        """A kept connection brings another request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_request(conn)

    def on_pending_socket_readable(self, conn: _Connection, client: socket.socket) -> None:
        """More has come of a request that is waited for."""
        try:
            seen = client.recv(MAX_HEAD + MAX_BODY, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            seen = b""
        wanted, whole = look(seen)
        more_may_come = seen and len(seen) < wanted and not conn.ended()
        if more_may_come and len(seen) > conn.seen:
            # Readable again only once this much is here: the loop does not spin over what came so far.
            conn.seen = len(seen)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wanted)
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if len(seen) < wanted and not more_may_come:
            self._drop(conn)
            return
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        conn.data_ready, conn.slow = True, not whole or _STORE.match(seen) is not None
        self.enqueue_req(conn)

    def enqueue_req(self, conn: _Connection) -> None:
        ahead = conn.parser.unreader.buf.getvalue() if conn.initialized else b""
        if ahead and len(ahead) < look(ahead)[0]:
            # Half of a request sent behind another: no browser does it, and a thread would have to wait for the rest.
            self._drop(conn)
            return
        pool = self.slow_pool if conn.slow else self.tpool
        done = pool.submit(self.handle, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def handle_request(self, req, conn: _Connection):
        conn.sock.begin()
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock.since = 0.0

    def murder_pending(self) -> None:
        if not self.alive:
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, time.monotonic() + STOP_SECONDS)
        super().murder_pending()

    def run(self) -> None:
        try:
            super().run()
        finally:
            for pool in (self.slow_pool, self.closing):
                pool.shutdown(wait=False, cancel_futures=True)

    def _await_request(self, conn: _Connection) -> None:
        conn.sock.setblocking(False)
        conn.seen, conn.timeout = 0, time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _drop(self, conn: _Connection) -> None:
        self.nr_conns -= 1
        conn.close()
