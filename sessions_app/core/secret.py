"""What must never be written down, taken out of a text."""

import re
from collections.abc import Sequence

HIDDEN = "[hidden]"
_PATTERNS = (
    # What makes a link work for whoever has it: a bucket's signature, a local store's token.
    re.compile(
        r"(?i)([?&](?:amp;)?(?:x-amz-[a-z-]+|signature|awsaccesskeyid|grant|token|sig|secret|password)=)[^&\s\"'<>\\]+"
    ),
    re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?\s*(?:token|bearer|basic)?\s*)[^\s'\",}]+"),
    re.compile(r"(?i)\b((?:sessionid|csrftoken)=)[^;\s'\",]+"),
    re.compile(r"(\b[a-z][a-z0-9+.-]*://[^/\s:@]*:)[^@/\s]+(?=@)"),
    re.compile(r"\b(studio_)[A-Za-z0-9_-]{40,}"),
)


def hide(text: str, known: Sequence[str] = ()) -> str:
    """`text` without signatures, tokens, passwords in addresses, and the secrets that are `known` word for word."""
    for secret in known:
        if len(secret) >= 8:
            text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text
