"""What a job's programs say: its end on the attempt's row while they run, the whole of it in the store when they have ended."""

import contextlib
import os
from pathlib import Path

from media_app import storage
from media_app.core.files import keys
from media_app.jobs.lease import Lease

STREAMS = ("stdout", "stderr")
#: Bytes of a running program's log that its attempt's row holds.
LIVE_TAIL = 16 << 10


class Logs:
    """stdout.log and stderr.log in an attempt's scratch folder, which may not be there yet."""

    def __init__(self, lease: Lease, folder: Path) -> None:
        self.lease = lease
        self.folder = folder
        self._heard: dict[str, int] = {}

    def tell(self) -> None:
        """The end of each log that has grown goes to the attempt's row, for whoever is watching."""
        changes: dict[str, str | int] = {}
        for stream in STREAMS:
            with contextlib.suppress(OSError), (self.folder / f"{stream}.log").open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size == self._heard.get(stream, 0):
                    continue
                file.seek(max(0, size - LIVE_TAIL))
                said = file.read(LIVE_TAIL).decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
                changes |= {f"{stream}_tail": said, f"{stream}_bytes": size}
                self._heard[stream] = size
        if changes:
            self.lease.running().update(**changes)

    def keep(self) -> None:
        """Put them into the store, where there is something in them. Raises LeaseLost, and what the store refuses with."""
        if not self.folder.exists():
            return
        self.lease.fence()
        self.tell()
        job, attempt = self.lease.job, self.lease.attempt
        for stream in STREAMS:
            path = self.folder / f"{stream}.log"
            if not path.exists() or not path.stat().st_size:
                continue
            key = keys.job_log_key(job.tenant_id, job.env, str(job.pk), attempt.attempt_no, stream)
            storage.store().put_file(key, path, content_type="text/plain; charset=utf-8")
            setattr(attempt, f"{stream}_key", key)

    def kept(self) -> dict[str, str]:
        """Stream → key of its whole log in the store; empty where it said nothing, or the store did not take it."""
        return {stream: getattr(self.lease.attempt, f"{stream}_key") for stream in STREAMS}
