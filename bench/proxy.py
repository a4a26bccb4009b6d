"""A wire that can be cut: a TCP proxy on loopback in front of a server."""

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

BLOCK = 1 << 16
_RESET_OPTION = struct.pack("ii", 1, 0)


@dataclass
class Proxy:
    """Carries bytes between `port` and 127.0.0.1:`target`. `up` counts what clients have sent, `down` what they got.
    `pause_s` after each 64 KiB slows it down."""

    target: int
    port: int = 0
    up: int = 0
    down: int = 0
    cuts: int = 0
    pause_s: float = 0.0
    _limits: dict[str, int | None] = field(default_factory=lambda: {"up": None, "down": None})
    _pairs: set = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, count: int, direction: str = "up") -> None:
        """Let `count` more bytes through, then reset every connection that is open. With 0 down, a request is carried out and
        its reply is lost."""
        with self._lock:
            self._limits[direction] = getattr(self, direction) + count

    def whole_again(self) -> None:
        """Forget a cut that has not come yet."""
        with self._lock:
            self._limits = {"up": None, "down": None}

    def cut_now(self) -> None:
        with self._lock:
            self.cuts += 1
            self._limits = {"up": None, "down": None}
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _reset(pair)

    def close(self) -> None:
        self._listener.close()
        self.cut_now()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_OPTION)
                client.close()
                continue
            server.settimeout(None)
            pair = (client, server)
            with self._lock:
                self._pairs.add(pair)
            threading.Thread(target=self._pump, args=(client, server, "up", pair), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, "down", pair), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, direction: str, pair: tuple) -> None:
        try:
            while data := source.recv(BLOCK):
                time.sleep(self.pause_s)
                allowed = self._allowed(direction, len(data))
                target.sendall(data[:allowed])
                if allowed < len(data):
                    self.cut_now()
                    return
            target.shutdown(socket.SHUT_WR)
        except OSError:
            # What one side sees of a dead peer, the other is to see too.
            _reset(pair)
        if direction == "down":
            with self._lock:
                self._pairs.discard(pair)
            source.close()

    def _allowed(self, direction: str, count: int) -> int:
        with self._lock:
            limit, passed = self._limits[direction], getattr(self, direction)
            allowed = count if limit is None else max(0, min(count, limit - passed))
            setattr(self, direction, passed + allowed)
            return allowed


def _reset(pair: tuple[socket.socket, socket.socket]) -> None:
    for end in pair:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_OPTION)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
