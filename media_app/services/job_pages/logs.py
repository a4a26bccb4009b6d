"""What an attempt's command printed, read from a byte on."""

from dataclasses import dataclass

from media_app import storage
from media_app.models import MediaJob, MediaJobAttempt
from media_app.services.job_pages.rows import STREAMS
from sessions_app.errors import NotFound

READ_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class LogText:
    """Text of a log from a place on; `next` is where it goes on, `over` whether it does not."""

    text: str
    next: int
    over: bool


def read_log(job: MediaJob, attempt_no: int, stream: str, start: int) -> LogText:
    """An attempt's output from byte `start` on: from the store when it has ended, else as far as its worker has reported.

    Raises NotFound, ObjectMissing.
    """
    attempt = job.attempt_rows.filter(attempt_no=attempt_no).first()
    if attempt is None or stream not in STREAMS:
        raise NotFound("This attempt does not exist. Reload the job page.")
    over = attempt.outcome != MediaJobAttempt.Outcome.RUNNING
    if key := getattr(attempt, f"{stream}_key"):
        kept = storage.store().head(key)
        size = kept.size if kept is not None else 0
        if start >= size:
            return LogText("", start, over)
        block = storage.store().read_range(key, start, min(READ_BYTES, size - start))
        return LogText(block.decode("utf-8", "replace"), start + len(block), over and start + len(block) >= size)
    tail, size = getattr(attempt, f"{stream}_tail").encode(), getattr(attempt, f"{stream}_bytes")
    if start >= size:
        return LogText("", start, over)
    wanted = tail[-(size - start) :].decode("utf-8", "ignore")
    gap = (
        "[… earlier output omitted; the complete log is available when the attempt has finished …]\n"
        if size - start > len(tail)
        else ""
    )
    return LogText(gap + wanted, size, over)
