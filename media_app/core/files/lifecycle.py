"""How long files are kept: originals, proxies and thumbnails for good, what can be made again for a while."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keep:
    """Derivatives of `kind`, which lie in `folder`, go after `days`; `why` for the docs and the command's output."""

    kind: str
    folder: str
    days: int
    why: str


POLICY = (
    Keep("mezzanine", "mezzanines", 90, "the biggest files; made again from the original when an edit needs them"),
    Keep("audio-wav", "audios", 30, "made again from the original when a sync is run again"),
)
ABORT_UPLOADS_DAYS = 7
