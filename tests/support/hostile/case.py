"""One hostile file: its bytes, what it reaches for, and how it must end."""

from dataclasses import dataclass
from pathlib import Path

REFUSED, TAKEN, EITHER = "refused", "taken", "either"


@dataclass(frozen=True, slots=True)
class Bait:
    """What hostile files reach for: `secret`, a file outside their folder; `near`, one next to them; a port of 127.0.0.1."""

    secret: Path
    near: str
    port: int


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    group: str
    data: bytes
    ends: str = REFUSED
    filename: str = "clip.mp4"
