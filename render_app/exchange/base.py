"""What every export format is made of."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from render_app.core.edit.angle import CannotExport
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import Placed
from render_app.core.edit.readers import RESOLVE
from render_app.core.exchange.found import Found
from render_app.core.exchange.losses import Carries
from render_app.core.exchange.nouns import Assembly

_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A written edit, ready to be downloaded."""

    body: bytes
    content_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class Format:
    """A way to hand an edit on: the sync of a session (`write`), or an assembly (`write_assembly`, for a program). `write_camera` writes one
    camera's part, where the format has such a thing; `read` takes an edited file back, at a rate that the sender names; `carries`: what it has beyond
    cuts; `unwritten`: the codes of losses for which the format itself has a form; `program`: which usually reads it; `suffix`: what its files
    end in, where that is not its name.

    All raise CannotExport, `read` BadEdit.
    """

    name: str
    label: str
    write: Callable[[MulticamEdit], Document]
    write_assembly: Callable[[Assembly, str], Document]
    carries: frozenset[Carries]
    unwritten: frozenset[str] = frozenset()
    write_camera: Callable[[MulticamEdit, str], Document] | None = None
    read: Callable[[bytes, Fraction | None], Found] | None = None
    program: str = RESOLVE
    suffix: str = ""


def file_stem(edit: MulticamEdit) -> str:
    """The edit's title and day as an ASCII file name without spaces or extension."""
    return f"{plain_name(edit.title) or 'session'}_{edit.day:%Y%m%d}"


def assembly_stem(assembly: Assembly) -> str:
    """An assembly's title, and its day where it has one, as such a name."""
    return "_".join(part for part in (plain_name(assembly.title) or "project", assembly.day) if part)


def plain_name(title: str) -> str:
    """A title as ASCII letters and digits with hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).strip("-")[:60].strip("-")


def one_line(text: str, limit: int | None = None) -> str:
    """`text` without line breaks and other control characters, cut at `limit` characters."""
    return _CONTROL.sub(" ", text).strip()[:limit]


def xml_text(text: str) -> str:
    """`text` on one line, without the characters that XML 1.0 forbids even when escaped."""
    return _NOT_XML.sub("", one_line(text))


def require_clips(edit: MulticamEdit, clips: Mapping[str, Sequence[Placed]]) -> None:
    """Raise CannotExport when there is nothing on the timeline."""
    if not any(clips.values()):
        raise CannotExport(f"No camera of {one_line(edit.title, 80)!r} has a frame to put on a timeline.")


def require_events(assembly: Assembly) -> None:
    """Raise CannotExport when an assembly shows no frame of a file."""
    if not any(lane.events for lane in assembly.lanes):
        raise CannotExport(
            f"{one_line(assembly.title, 80) or 'The sequence'!r} shows no file: titles and drawings are made in the editing program. "
            "Add a clip of a recording, then export."
        )
