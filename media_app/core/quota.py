"""What a tenant may use of the installation, and the sentence for one that would use more. A limit of 0 is none."""

from collections.abc import Callable
from dataclasses import dataclass

#: 48 kHz, two channels, 16 bits: the sound that is kept for the sync.
WAV_BYTES_PER_SECOND = 192_000
TIGHT_PERCENT = 90


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used: bytes in the store, bytes announced and yet to come, jobs that wait or run, messages to be sent."""

    stored: int = 0
    announced: int = 0
    jobs: int = 0
    webhooks: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """So much is used of a limit."""

    used: int
    limit: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 is reached only when nothing more fits; None without a limit."""
        return 100 * self.used // self.limit if self.limit else None

    @property
    def is_tight(self) -> bool:
        """Whether somebody should be warned before a request is refused."""
        return self.percent is not None and self.percent >= TIGHT_PERCENT


@dataclass(frozen=True, slots=True)
class Excess:
    """Why something is one too much: a sentence, and its figures."""

    message: str
    used: int
    asked: int
    limit: int


#: Why so many bytes more are too many: of a file that is announced, …
FILE = (
    "The file has {asked}, and this tenant uses {used} of its {limit} ({announced} of that announced and not yet here). "
    "Delete recordings that are not needed, or ask your administrator for more."
)
#: … of what is made of a file that is here, …
DERIVED = (
    "The files made from it for the sync would take {asked}, and this tenant uses {used} of its {limit}. Delete "
    "recordings that are not needed, cut this one shorter, or ask your administrator for more."
)
#: … of files that a job made, beyond those that they replace, …
MADE = (
    "The result takes {asked}, and this tenant uses {used} of its {limit}, so it was not kept. Delete what is not "
    "needed, or ask your administrator for more; then try again."
)
#: … and of what is asked for, by what its like weighed.
EXPECTED = (
    "Based on earlier results, this will take about {asked}, and this tenant uses {used} of its {limit}. Delete what is not "
    "needed, ask for less, or ask your administrator for more."
)


def excess_bytes(used: Usage, asked: int, limit: int, message: str = FILE) -> Excess | None:
    """Whether `asked` more bytes would be too many."""
    named = message.replace("{announced}", in_bytes(used.announced))
    return _excess(used.stored + used.announced, asked, limit, named, in_bytes)


def excess_jobs(used: Usage, limit: int) -> Excess | None:
    """Whether one more job would be too many."""
    message = (
        "{used} jobs of this tenant wait or run, and {limit} is the most. Wait until some have ended, or cancel some."
    )
    return _excess(used.jobs, 1, limit, message, "{:,}".format)


def excess_webhooks(used: Usage, limit: int) -> Excess | None:
    """Whether one more message to a webhook would be too many."""
    message = "{used} messages to this tenant's webhooks wait to be sent, and {limit} is the most. Check that your receivers answer them."
    return _excess(used.webhooks, 1, limit, message, "{:,}".format)


def derived_wav_bytes(seconds: float, *, bytes_per_second: int = WAV_BYTES_PER_SECOND) -> int:
    """The size of a WAV of so many seconds of sound.

    `seconds` must have been decoded or counted from packets: a file of a few bytes may claim, or honestly hold, many hours
    of silence, so what it says of itself and its own size foresee nothing.
    """
    return 44 + max(0, round(seconds * bytes_per_second))


def in_bytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"


def _excess(used: int, asked: int, limit: int, message: str, named: Callable[[int], str]) -> Excess | None:
    if not limit or used + asked <= limit:
        return None
    return Excess(message.format(used=named(used), asked=named(asked), limit=named(limit)), used, asked, limit)
