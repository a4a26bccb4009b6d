"""Single values of ffprobe's JSON, which are text, absent or nonsense."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sessions_app.core.directions import without


def flag(stream: Mapping[str, Any], name: str) -> bool:
    """Whether a disposition of the stream is set."""
    return bool((stream.get("disposition") or {}).get(name))


def tag(section: Mapping[str, Any], name: str) -> str | None:
    """A tag of the format or of a stream by its lower-case name, without marks that turn the page; None where it has none."""
    for key, value in (section.get("tags") or {}).items():
        if str(key).lower() == name:
            return without(str(value)).strip()
    return None


def named(stream: Mapping[str, Any], name: str) -> str:
    """A value that is one of a list of names; empty where it is unknown."""
    value = str(stream.get(name, ""))
    return "" if value in ("unknown", "unspecified", "reserved") else value


def ratio(text: object) -> Fraction | None:
    """`30000/1001` as a fraction; None for anything else, and for a zero above or below."""
    match = re.fullmatch(r"(\d+)/(\d+)", str(text))
    if match is None or 0 in (int(match[1]), int(match[2])):
        return None
    return Fraction(int(match[1]), int(match[2]))


def fraction(text: object) -> Fraction | None:
    """Decimal seconds, exact; None for what is no number."""
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        return None


def integer(value: object) -> int:
    """A whole number; 0 for what is none."""
    try:
        return int(str(value))
    except ValueError:
        return 0
