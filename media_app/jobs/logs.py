"""Logs of a job's programs: their tails on the attempt's row while they run, the whole files in the store afterwards."""

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
    """stdout.log and stderr.log in an attempt's scratch folder, which may not exist yet."""

    def __init__(self, lease: Lease, folder: Path) -> None:
        self.lease = lease
        self.folder = folder
        self._saved: dict[str, int] = {}

    def save_tails(self) -> None:
        """Save the tail of each log that has grown to the attempt's row, for operators who watch."""
        changes: dict[str, str | int] = {}
        for stream in STREAMS:
            with contextlib.suppress(OSError), (self.folder / f"{stream}.log").open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size == self._saved.get(stream, 0):
                    continue
                file.seek(max(0, size - LIVE_TAIL))
                tail = file.read(LIVE_TAIL).decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
                changes |= {f"{stream}_tail": tail, f"{stream}_bytes": size}
                self._saved[stream] = size
        if changes:
            self.lease.running().update(**changes)

    def store(self) -> None:
        """Store each log that is not empty. Raises LeaseLost, and the store's errors."""
        if not self.folder.exists():
            return
        self.lease.fence()
        self.save_tails()
        job, attempt = self.lease.job, self.lease.attempt
        for stream in STREAMS:
            path = self.folder / f"{stream}.log"
            if not path.exists() or not path.stat().st_size:
                continue
            key = keys.job_log_key(job.tenant_id, job.env, str(job.pk), attempt.attempt_no, stream)
            storage.store().put_file(key, path, content_type="text/plain; charset=utf-8")
            setattr(attempt, f"{stream}_key", key)

    def kept(self) -> dict[str, str]:
        """Stream → key of its whole log in the store; empty where the log is empty or was not stored."""
        return {stream: getattr(self.lease.attempt, f"{stream}_key") for stream in STREAMS}
