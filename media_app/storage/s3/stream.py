"""An object read from a bucket."""

import io
from typing import Any

from media_app.storage.s3.errors import s3_errors


class Stream(io.RawIOBase):
    """An object's bytes as they come, with broken connections as errors of Studio."""

    def __init__(self, key: str, body: Any) -> None:
        self._key = key
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with s3_errors(self._key):
            data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._body.close()
        super().close()
