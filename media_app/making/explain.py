"""A tool's failure as a sentence for the operator, when the file is to blame."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from media_app import process
from media_app.core.files.faults import NotUsable, OutOfRange, SourceDamaged
from media_app.core.files.media_info import MediaInfo
from media_app.errors import CannotSucceed

#: What ffmpeg says when it is the file that it cannot work with; anything else may be the machine's fault.
_FILE_AT_FAULT = re.compile(
    r"Invalid data|Error while decoding|does not contain any stream|Decoder .* not found|Cannot determine format of input"
    r"|Could not find codec parameters|Error marking filters|Conversion failed|Error reinitializing|Failed to inject"
    r"|Invalid argument|not implemented|not currently supported|[Uu]nsupported|Output file is empty|Error parsing"
)
#: A program that breaks (SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV) breaks on what it reads.
_BROKE = frozenset({-4, -6, -7, -8, -11})


#: What a tool says that has met the limit on its memory; the last, when it cannot start a thread.
_TOO_LITTLE_MEMORY = re.compile(
    r"Cannot allocate memory|malloc of size \d+ failed|Error while opening encoder|Resource temporarily unavailable"
)


def ran_out_of_memory(error: process.ToolFailed) -> bool:
    """Whether a tool met the limit on its memory."""
    return bool(_TOO_LITTLE_MEMORY.search(error.stderr_tail))


def explain(error: process.ToolFailed, *, picture: bool = True) -> Exception:
    """The tool's failure as a sentence for the operator, when the file is to blame; else the failure itself. `picture`:
    whether the file has one."""
    export = "export it again as H.264" if picture else "export it again as WAV or FLAC"
    if "No space left" in error.stderr_tail or isinstance(error, NotUsable):
        return error
    if ran_out_of_memory(error):
        return OutOfRange(f"Decoding the file takes more memory than one of its kind should. To use it, {export}.")
    if error.exit_code == -signal.SIGXCPU:
        return OutOfRange(f"Reading the file takes far more work than one of its size should. To use it, {export}.")
    if error.exit_code in _BROKE or (error.exit_code >= 0 and _FILE_AT_FAULT.search(error.stderr_tail)):
        return SourceDamaged(f"The file could not be decoded. Copy it again from the card, or {export}.")
    return error


_DECODE_ERROR = re.compile(
    r"error while decoding|Error while decoding|Invalid data found|concealing|corrupt", re.IGNORECASE
)


#: Sound in a stream without a container: no packet has a time, so that one that is lost takes its time along.
_WITHOUT_CLOCK = frozenset({"aac", "mp3", "amr"})


def decoding_doubts(stderr: str, info: MediaInfo) -> tuple[str, ...]:
    """What the log of a decode makes doubtful, as a sentence."""
    if not _DECODE_ERROR.search(stderr):
        return ()
    if info.video:
        return ("Parts of the file could not be decoded; pictures are repeated and sound is silent there.",)
    if _WITHOUT_CLOCK.isdisjoint(info.container.split(",")):
        return ("Parts of the sound could not be decoded; it is silent there.",)
    return (
        "Parts of the sound could not be decoded. A file of this kind has no clock: what follows a damaged part may come too early, and "
        "sync may hold for a part of it only. Copy it again from the recorder.",
    )


@contextmanager
def file_at_fault() -> Iterator[None]:
    """What a file is to blame for becomes CannotSucceed: trying again would change nothing."""
    try:
        yield
    except NotUsable as error:
        raise CannotSucceed(str(error)) from error
