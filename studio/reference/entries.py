"""What the API reference says of one operation."""

from dataclasses import dataclass
from typing import Any

HERE = {"tenant_id": "t_club", "env": "prod"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation's texts. `sent` and `answered` are examples of its bodies; None where it has none."""

    summary: str
    description: str
    sent: Any = None
    answered: Any = None


def page(example: Any) -> dict[str, Any]:
    """A list's answer with one record."""
    return {"count": 1, "next": None, "previous": None, "results": [example]}
