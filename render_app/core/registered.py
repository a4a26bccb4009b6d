"""What can be relied on in a document that a client may have registered: anything may stand in it."""

from collections.abc import Mapping
from typing import Any, TypeGuard

#: No time and no place is a larger number.
LARGEST = 1e9


def objects(value: Any, *numbers: str) -> list[Mapping[str, Any]]:
    """The objects of a list that have these numbers; none of what is no list."""
    found = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
    return [one for one in found if all(is_number(one.get(name)) for name in numbers)]


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Words, flags and numbers."""
    return {name: one for name, one in record.items() if isinstance(one, str | bool | None) or is_number(one)}


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a number that can be counted with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
