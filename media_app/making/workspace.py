"""Where one unit of work is done: its folder, where progress goes, when to stop, and where the logs lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_app import process
from media_app.core.time.progress import Progress

if TYPE_CHECKING:  # the queue has tables, and `sync_files` makes files without a database
    from media_app.jobs import Run

Report = Callable[[float, str], None]


def _unreported(percent: float, step: str) -> None:
    """Progress that nobody asked for."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Workspace:
    """Given along to all that makes files. `report` gets percent (0–100) and the step's name; `cancelled` is cheap and asked
    often; stdout.log and stderr.log of every program grow in `logs`."""

    folder: Path
    logs: Path | None = None
    report: Report = field(default=_unreported)
    cancelled: Callable[[], bool] = field(default=_never)

    def control(self) -> process.Control:
        """How programs are supervised here."""
        return process.Control(self.cancelled, self.logs)

    def check(self) -> None:
        """Raise Cancelled when the work is to stop."""
        if self.cancelled():
            raise process.Cancelled("The work was stopped; none of it was kept.")

    def subfolder(self, name: str) -> "Workspace":
        """A new folder of its own, reporting to the same place."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        return replace(self, folder=folder)

    def share(self, begin: float, end: float) -> "Workspace":
        """The same place for one part of the work, whose 0–100 percent are `begin` to `end` of the whole."""
        report = self.report
        return replace(self, report=lambda percent, step: report(begin + (end - begin) * percent / 100, step))

    def ffmpeg(
        self,
        args: Sequence[str],
        step: str,
        seconds: float,
        *,
        limits: process.Limits | None = None,
        damage_ok: bool = True,
        on_stdout: Callable[[bytes], None] | None = None,
    ) -> process.Finished:
        """Run ffmpeg in the folder, reporting `step` as far as its output reaches of `seconds`; `on_stdout` gets what it writes to
        `pipe:1`. Raises as `process.run`."""

        def on_progress(progress: Progress) -> None:
            self.report(progress.percent(seconds) or 0, step)

        self.report(0, step)
        return process.ffmpeg(
            args, self.control(), on_progress=on_progress, limits=limits, cwd=self.folder, damage_ok=damage_ok,
            on_stdout=on_stdout,
        )  # fmt: skip

    def ffprobe(self, path: Path, **options: Any) -> dict[str, Any]:
        """What ffprobe says of a file. Raises as `process.ffprobe`."""
        return process.ffprobe(path, self.control(), **options)


def workspace_of(run: "Run") -> Workspace:
    """A job's scratch folder, logs, progress and cancel as one value."""
    return Workspace(run.scratch, run.scratch, run.progress, run.cancelled)
