"""How far the demo shoots are on their way into Studio: a file that their sender writes and the list of sessions reads."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from sessions_app.core.tenant import Context
from sessions_app.services.summaries import Notice
from studio.demo.truth import demo_folder

STOPPED = "The terminal that runs Studio says why."


@dataclass(slots=True)
class Progress:
    """`ready` of `total` shoots are sent; `title` is on its way, or failed with `error`. `pid` is the sender's."""

    total: int
    pid: int
    ready: int = 0
    title: str = ""
    error: str = ""

    def begin(self, title: str) -> None:
        """A shoot is being made and sent."""
        self.title = title
        self._write()

    def sent(self) -> None:
        """The shoot that was on its way is here."""
        self.ready += 1
        self._write()

    def fail(self, error: str) -> None:
        self.error = error or STOPPED
        self._write()

    def _write(self) -> None:
        draft = _path().with_suffix(".part")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(_path())


@contextmanager
def reported(total: int, errors: tuple[type[Exception], ...]) -> Iterator[Progress]:
    """The progress of sending `total` shoots, kept while it lasts and where it failed. `errors` have sentences for people."""
    _path().parent.mkdir(parents=True, exist_ok=True)
    progress = Progress(total, os.getpid())
    done = False
    try:
        yield progress
        done = True
    except errors as error:
        progress.fail(str(error))
        raise
    finally:
        if done:
            _path().unlink(missing_ok=True)
        elif not progress.error:
            progress.fail(STOPPED)


def notice(context: Context) -> Notice | None:
    """What the list of sessions shows of it: nothing once all are sent."""
    if (context.tenant_id, context.env) != (settings.DEFAULT_TENANT, settings.DEFAULT_ENV):
        return None
    try:
        progress = Progress(**json.loads(_path().read_text()))
    except (OSError, ValueError, TypeError):
        return None
    if progress.error or not _runs(progress.pid):
        return Notice(f"The demo shoot “{progress.title}” could not be made. {progress.error or STOPPED}", "bad")
    sentence = f"The demo shoots are being made: {progress.ready} of {progress.total} are here"
    return Notice(f"{sentence}, “{progress.title}” is next.", "busy", 100 * progress.ready / progress.total)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _path() -> Path:
    return demo_folder() / "progress.json"
