"""The proof of `docs/exchange.md`: timelines handed to every format, read back by others' readers, and judged frame by frame."""
