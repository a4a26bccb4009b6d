"""Two cameras of one made event; each time they are sent they are other files with the same picture and sound."""

import hashlib
import random
import struct
from dataclasses import dataclass
from pathlib import Path

from tests.support import media

TYPES = {"A": "video/mp4", "B": "video/quicktime"}
#: Bytes put behind each: A comes in two parts, B in one piece.
PADDING = {"A": 17 << 20, "B": 1 << 10}
SECONDS = 5


@dataclass(frozen=True, slots=True)
class Take:
    """A file to send; `sha256` of all of it."""

    camera: str
    number: int
    path: Path
    content_type: str
    sha256: str

    @property
    def offer(self) -> dict[str, str | int]:
        """The body of init-upload."""
        return {
            "cameraLabel": self.camera,
            "filename": self.path.name,
            "contentType": self.content_type,
            "sizeBytes": self.path.stat().st_size,
        }


def take(camera: str, number: int, folder: Path) -> Take:
    """The camera's recording, made unlike any other by an atom of noise that players skip."""
    source = media.three_cameras(seconds=SECONDS).paths[camera]
    noise = random.Random(f"{camera}{number}").randbytes(PADDING[camera])
    data = source.read_bytes() + struct.pack(">I4s", len(noise) + 8, b"free") + noise
    path = folder / f"{camera}-{number}{source.suffix}"
    path.write_bytes(data)
    return Take(camera, number, path, TYPES[camera], sha256(data))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
