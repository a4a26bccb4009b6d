"""How often is too often, as plain values."""

import re
from dataclasses import dataclass

_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so many seconds."""

    times: int
    seconds: int


def parse(text: str) -> Limit | None:
    """`10/m` → ten a minute; `off` → None. Raises ValueError."""
    if text == "off":
        return None
    found = re.fullmatch(r"(\d{1,7})/([smhd])", text, re.ASCII)
    if found is None:
        raise ValueError(f"A rate limit looks like 10/m (s, m, h or d) or is 'off', not {text!r}.")
    return Limit(int(found[1]), _PERIODS[found[2]])
