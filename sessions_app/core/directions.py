"""Marks inside a text that turn the direction of what follows, and that are not to reach beyond it."""

_ENDS_EMBEDDING, _ENDS_ISOLATE = "\u202c", "\u2069"
#: What opens a direction of its own, and what ends it.
_CLOSERS = dict.fromkeys("\u202a\u202b\u202d\u202e", _ENDS_EMBEDDING) | dict.fromkeys(
    "\u2066\u2067\u2068", _ENDS_ISOLATE
)
DIRECTIONS = frozenset({*_CLOSERS, _ENDS_EMBEDDING, _ENDS_ISOLATE})


def closed(text: str) -> str:
    """The text with every direction that it opens ended in its own line, so that nothing is turned that is shown after it."""
    if DIRECTIONS.isdisjoint(text):
        return text
    return "".join(_closed_line(line) for line in text.splitlines(keepends=True))


def _closed_line(line: str) -> str:
    content = line.rstrip("\r\n\u2028\u2029\x0b\x0c\x1c\x1d\x1e\x85")
    opened: list[str] = []
    for char in content:
        if char in _CLOSERS:
            opened.append(_CLOSERS[char])
        elif char == _ENDS_ISOLATE and char in opened:
            # It ends what was opened within the isolate, too.
            del opened[len(opened) - 1 - opened[::-1].index(char) :]
        elif char == _ENDS_EMBEDDING and opened and opened[-1] == char:
            opened.pop()
    return content + "".join(reversed(opened)) + line[len(content) :]


def without(text: str) -> str:
    """The text without them."""
    return "".join(char for char in text if char not in DIRECTIONS)
