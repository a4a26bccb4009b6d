"""A file of a bucket of which parts are here: it is as long as the object, and empty where nothing was asked for."""

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from media_app.core.files.ranges import ByteRange
from media_app.storage.base import Store
from media_app.storage.errors import StoreUnreachable

#: What is fetched at once where a reader goes step by step, and of how long a range in one request.
BLOCK, MOST_AT_ONCE = 64 << 10, 16 << 20
#: Requests side by side: each waits for the store longer than for its bytes.
READERS = 12


class PartialCopy(io.RawIOBase):
    """Reads fetch what they meet; `fetch` brings many ranges at once. `fetched` counts the bytes that came."""

    def __init__(self, store: Store, key: str, size: int, path: Path) -> None:
        self._store, self._key, self.size = store, key, size
        self._file = path.open("w+b")
        self._file.truncate(size)
        self._here: set[int] = set()
        self._at = 0
        self.fetched = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self.size)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self.size - self._at))
        self._bring(self._at, count)
        self._file.seek(self._at)
        found = self._file.readinto(memoryview(buffer)[:count])
        self._at += found
        return found

    def fetch(self, ranges: Iterable[ByteRange]) -> None:
        """Write these ranges into the file. Raises StoreUnreachable where one is cut short, and as the store."""
        pieces = [
            (start, min(MOST_AT_ONCE, part.start + part.length - start))
            for part in ranges
            for start in range(part.start, part.start + part.length, MOST_AT_ONCE)
        ]
        with ThreadPoolExecutor(READERS) as executor:
            for (start, _), data in zip(pieces, executor.map(lambda piece: self._read(*piece), pieces), strict=True):
                self._write(start, data)
        self._file.flush()

    def close(self) -> None:
        self._file.close()
        super().close()

    def _bring(self, start: int, count: int) -> None:
        """Fetch the blocks of a stretch that are not here yet, neighbors in one request."""
        blocks = range(start // BLOCK, -(-(start + count) // BLOCK))
        missing = [block for block in blocks if block not in self._here]
        if missing:
            first, last = missing[0] * BLOCK, min((missing[-1] + 1) * BLOCK, self.size)
            self._write(first, self._read(first, last - first))
            self._here.update(range(missing[0], missing[-1] + 1))

    def _read(self, start: int, length: int) -> bytes:
        data = self._store.read_range(self._key, start, length)
        if len(data) != length:
            raise StoreUnreachable(f"Only {len(data):,} of {length:,} bytes of {self._key} came: try again.")
        return data

    def _write(self, start: int, data: bytes) -> None:
        self._file.seek(start)
        self._file.write(data)
        self.fetched += len(data)
