"""Account names as Django compares them."""

import unicodedata

#: The longest user name that the sign-in form reads.
LONGEST = 254


def canonical(name: str) -> str:
    """One spelling for all that open the same account: without outer spaces, NFKC, without case."""
    return unicodedata.normalize("NFKC", name.strip()[:LONGEST]).casefold()
