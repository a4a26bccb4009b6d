"""Text too long for a line, cut where no letter is taken apart: an accent stays with its letter, an emoji of several characters whole."""

import unicodedata

_JOINER = "\u200d"
#: Colors of skin, which belong to the emoji before them; and letters of flags, two of which are one.
_SKIN, _FLAG = range(0x1F3FB, 0x1F400), range(0x1F1E6, 0x1F200)


def pieces(token: str, most: int) -> list[str]:
    """The token in pieces of at most so many characters."""
    found = []
    while len(token) > most:
        cut = next((place for place in range(most, 0, -1) if _may_cut(token, place)), most)
        found.append(token[:cut])
        token = token[cut:]
    return [*found, token]


def _may_cut(token: str, place: int) -> bool:
    before, after = token[place - 1], token[place]
    if before == _JOINER or after == _JOINER or ord(after) in _SKIN or unicodedata.category(after).startswith("M"):
        return False
    flags = 0
    while flags < place and ord(token[place - 1 - flags]) in _FLAG:
        flags += 1
    return ord(after) not in _FLAG or flags % 2 == 0
