"""A first look at a file: what it says of itself, and what its packets say."""

import re
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from media_app import process
from media_app.core.packets import PacketScan
from media_app.core.probe import MediaInfo, OutOfRange, SourceDamaged, read_probe


def look(
    path: Path,
    *,
    streams: str | None = None,
    refuse: Callable[[MediaInfo], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    logs: Path | None = None,
) -> tuple[MediaInfo, PacketScan]:
    """Both at once: the packets, of which there may be millions, are listed meanwhile and wait in their pipe.

    `streams`: whose packets, as ffprobe selects them ("a": sound); all if not given. `refuse` may raise for a file that is
    not to be read further. Raises NotUsable types with a sentence for the operator, and as `process.run`.
    """
    known: Future[tuple[MediaInfo, PacketScan]] = Future()

    def itself() -> tuple[MediaInfo, PacketScan]:
        try:
            info = read_probe(process.probe_file(path, cancelled=cancelled, logs=logs))
            if refuse:
                refuse(info)
        except BaseException as error:
            known.set_exception(error)
            raise
        known.set_result((info, PacketScan(info.video, info.audio)))
        return known.result()

    def in_vain() -> bool:
        return bool(known.done() and known.exception()) or bool(cancelled and cancelled())

    def packets() -> None:
        try:
            process.ffprobe_packets(
                path, lambda data: known.result()[1].feed(data), select=streams, cancelled=in_vain, logs=logs
            )
        except process.ToolFailed as error:
            raise in_words(error) from error

    return process.together(itself, packets)[0]


#: What ffmpeg says when it is the file that it cannot work with; anything else may be the machine's fault.
_FILE_AT_FAULT = re.compile(
    r"Invalid data|Error while decoding|does not contain any stream|Decoder .* not found|Cannot determine format of input"
    r"|Could not find codec parameters|Error marking filters|Conversion failed|Error reinitializing|Failed to inject"
    r"|Invalid argument|not implemented|not currently supported|[Uu]nsupported|Output file is empty|Error parsing"
)
#: A program that breaks (SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV) breaks on what it reads.
_BROKE = frozenset({-4, -6, -7, -8, -11})


def in_words(error: process.ToolFailed) -> Exception:
    """The tool's failure in words for the operator, when the file is to blame; else the failure itself."""
    if "No space left" in error.stderr_tail or error.reason.startswith("was stopped"):
        return error
    if re.search(r"Cannot allocate memory|malloc of size \d+ failed|Error while opening encoder", error.stderr_tail):
        return OutOfRange(
            "Decoding the file takes more memory than a picture of its size should. Export it again as H.264."
        )
    if error.exit_code in _BROKE or (error.exit_code >= 0 and _FILE_AT_FAULT.search(error.stderr_tail)):
        return SourceDamaged("The file could not be decoded. Copy it again from the card, or export it again as H.264.")
    return error
