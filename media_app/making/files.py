"""Files that were made, with what is known of them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media_app.core.files.faults import SourceDamaged
from media_app.core.kinds import Kind

HASH_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class DerivedFile:
    """One file made. `variant` distinguishes two of one kind; `meta` is what its row keeps; `start_ms`, `end_ms`: the stretch of
    the asset that it is, where it is not all of it."""

    kind: Kind
    path: Path
    content_type: str
    size: int
    sha256: str
    meta: dict[str, Any] = field(default_factory=dict)
    variant: str = ""
    start_ms: float | None = None
    end_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON file to be: its `body`, and the `meta` that its row keeps and that stands in the file too."""

    kind: Kind
    body: dict[str, Any]
    meta: dict[str, Any] = field(default_factory=dict)
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a unit of work made: files in its folder, plain facts for the job's result, doubts that a person should see, the
    exact arguments of the programs, and documents yet to be written."""

    files: tuple[DerivedFile, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    documents: tuple[Document, ...] = ()


def describe(
    kind: Kind, path: Path, meta: dict[str, Any] | None = None, *, variant: str = "", content_type: str = ""
) -> DerivedFile:
    """A file that was just written. Raises SourceDamaged when there is nothing in it."""
    if not path.exists() or path.stat().st_size == 0:
        raise SourceDamaged(
            f"No {kind.label} could be made from the file: nothing in it could be decoded. Copy it again."
        )
    size, digest = path.stat().st_size, sha256(path)
    return DerivedFile(kind, path, content_type or kind.content_type, size, digest, meta or {}, variant)


def write_document(document: Document, folder: Path) -> DerivedFile:
    """The document as a file in `folder`: the same body is always the same bytes."""
    name = "-".join(part for part in (document.kind.name, document.variant) if part)
    path = folder / f"{name}{document.kind.extension}"
    text = json.dumps(document.body, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    path.write_text(f"{text}\n", encoding="utf-8")
    return describe(document.kind, path, dict(document.meta), variant=document.variant)


def sha256(path: Path) -> str:
    """Hex digest of a file, streamed."""
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(HASH_BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            yield buffer[:count]
