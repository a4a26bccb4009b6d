"""Names as Django compares them, and text that people can see."""

import unicodedata

#: The longest user name that the sign-in form reads.
LONGEST = 254
#: Letters and signs that are drawn as nothing, besides those that Unicode calls spaces and formats.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def canonical(name: str) -> str:
    """One spelling for all that open the same account: without outer spaces, NFKC, without case."""
    return unicodedata.normalize("NFKC", name.strip()[:LONGEST]).casefold()


def is_visible(text: str) -> bool:
    """Whether anything of the text can be seen: zero-width spaces alone are no title and no reason."""
    return any(not (char.isspace() or char in _BLANKS or unicodedata.category(char) == "Cf") for char in text)
