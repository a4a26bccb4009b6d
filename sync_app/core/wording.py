"""Offsets as people read them."""


def shown_offset(offset_ms: float | None) -> str:
    """`+1.2340 s`; the sign always, and words where there is no number."""
    return "no offset" if offset_ms is None else f"{offset_ms / 1000:+.4f} s"
