"""One file per vendor: each turns a finished file into what an audience streams. A new vendor is a new file, named here."""

from dataclasses import dataclass
from typing import Protocol

from media_app.core.sound.heard import Heard
from media_app.jobs import Run
from media_app.making.files import Outputs
from sessions_app.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be packaged. `mastered`: its loudness is as it shall be, and nobody may change it again. `heard`: what of an
    original's sound is heard."""

    production_id: str
    source_key: str
    mastered: bool
    prefix: str
    heard: Heard | None = None


#: The fact that names what a packager wrote into the store by itself: key → bytes.
WRITTEN = "written"

#: Files to be stored under the work's prefix by their own names; the facts have `playlist`, the first playlist's name.
Package = Outputs


class Packager(Protocol):
    def refuse(self) -> str:
        """Why it cannot work here, with what to do about it; empty when it can."""

    def package(self, work: Work, run: Run) -> Package:
        """Make it. Raises CannotSucceed when the input is at fault."""


def names() -> list[str]:
    return ["hls", "mediaconvert"]


def named(name: str) -> Packager:
    """Raises InvalidInput for a name that is not one of `names`, or one that cannot work here."""
    if name not in names():
        raise InvalidInput(
            f"There is no packager {name[:40]!r}. Choose one of {', '.join(names())}.",
            field="packager",
            details={"choices": names()},
        )
    from render_app.packagers import hls, mediaconvert  # noqa: PLC0415 (a process that asks for names alone loads neither)

    packager: Packager = hls.Hls() if name == "hls" else mediaconvert.MediaConvert()
    if reason := packager.refuse():
        raise InvalidInput(f"{name}: {reason}", field="packager")
    return packager
