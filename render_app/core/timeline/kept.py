"""JSON values that every database keeps and every reader of JSON can read again."""

import math
from collections.abc import Mapping
from typing import Any

MAX_JSON_DEPTH = 20


def unkept(text: str) -> bool:
    """Whether a text holds what no database keeps: NUL, or half of a surrogate pair."""
    return "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)


def unbroken(value: Any, depth: int = 0) -> bool:
    """Whether every database keeps the texts of a JSON value, and it is not too deep to be read again."""
    if isinstance(value, str):
        return not unkept(value)
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        return depth < MAX_JSON_DEPTH and all(unbroken(inner, depth + 1) for inner in value)
    return True


def finite(value: Any) -> bool:
    """Whether every number of a JSON value is finite."""
    if isinstance(value, Mapping):
        return all(finite(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return all(finite(inner) for inner in value)
    return not isinstance(value, float) or math.isfinite(value)


def readable(value: float) -> float:
    """A number that every database and every reader of JSON keeps; what is larger than any range comes down."""
    return value if abs(value) < 2**53 else float(max(min(value, 10**15), -(10**15)))
