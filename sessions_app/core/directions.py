"""Marks inside a text that turn the direction of what follows, and that are not to reach beyond it."""

_ENDS_EMBEDDING, _ISOLATE, _ENDS_ISOLATE = "\u202c", "\u2068", "\u2069"
#: What opens a direction of its own, and what ends it.
_CLOSERS = dict.fromkeys("\u202a\u202b\u202d\u202e", _ENDS_EMBEDDING) | dict.fromkeys(
    "\u2066\u2067\u2068", _ENDS_ISOLATE
)
DIRECTIONS = frozenset({*_CLOSERS, _ENDS_EMBEDDING, _ENDS_ISOLATE})


def isolated(text: str) -> str:
    """The text with each line that opens a direction isolated, so that nothing is turned that is shown before or after it: not even a
    number, which would join what runs backwards beside it."""
    if DIRECTIONS.isdisjoint(text):
        return text
    return "".join(_isolated_line(line) for line in text.splitlines(keepends=True))


def _isolated_line(line: str) -> str:
    content = line.rstrip("\r\n\u2028\u2029\x0b\x0c\x1c\x1d\x1e\x85")
    if DIRECTIONS.isdisjoint(content):
        return line
    kept, opened = "", list[str]()
    whole = content[0] == _ISOLATE
    for char in content:
        # One whole isolate stays as it is; what follows its end makes it a part.
        whole = whole and (not kept or bool(opened))
        if char in _CLOSERS:
            opened.append(_CLOSERS[char])
        elif char == _ENDS_ISOLATE and char in opened:
            # It ends what was opened within the isolate, too.
            del opened[len(opened) - 1 - opened[::-1].index(char) :]
        elif char == _ENDS_EMBEDDING and opened and opened[-1] == char:
            opened.pop()
        elif char in DIRECTIONS:
            continue
        kept += char
    kept += "".join(reversed(opened))
    return (kept if whole else _ISOLATE + kept + _ENDS_ISOLATE) + line[len(content) :]


def without(text: str) -> str:
    """The text without them."""
    return "".join(char for char in text if char not in DIRECTIONS)
