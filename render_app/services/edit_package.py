"""A decided shoot as one ZIP: the edit in every format, and the media that it points at by relative paths."""

import io
import zipfile
from collections.abc import Iterator

from media_app import storage
from render_app.core.edit import media
from render_app.core.edit.angle import CannotExport
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.readers import as_read_by
from render_app.core.exchange.lay import shoot_assembled
from render_app.exchange import Document, formats, usual_target
from render_app.exchange.base import file_stem
from render_app.services.loss_reports import Wish, as_document

FOLDER = "media"
BLOCK = 1 << 20
README = """Open the .fcpxml, .otio, .xml, .aaf or .edl file of this folder in your editing program.
The file loss-report.txt says what each of them does not carry.
The recordings are in the folder "media" next to it; keep both together when you move them.
"""


class _Drain(io.RawIOBase):
    """The bytes written since they were last taken: a ZIP is sent while it is made."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, block) -> int:  # type: ignore[override]
        self._blocks.append(bytes(block))
        return len(block)

    def take(self) -> bytes:
        taken, self._blocks = b"".join(self._blocks), []
        return taken


def filename(edit: MulticamEdit) -> str:
    return f"{file_stem(edit)}.zip"


def stream(edit: MulticamEdit, choice: str, target: str = "", only: str = "") -> Iterator[bytes]:
    """The ZIP, block by block, of every format or of one; nothing of it is kept here. Each document is for `target`, or for the
    program that usually reads its format. Raises CannotExport before its first byte."""
    names = [only] if only else list(formats())
    placed = media.with_folder(edit, choice, FOLDER)
    report = as_document(shoot_assembled(placed), *(Wish(name, choice, target=target) for name in names))
    documents = [*_documents(placed, target, names), report]
    files = {f"{FOLDER}/{name}": _key(edit, camera, choice) for camera, name in media.names(edit, choice).items()}
    return packed(file_stem(edit), documents, files)


def _key(edit: MulticamEdit, camera: str, choice: str) -> str:
    angle = edit.angle(camera)
    assert angle is not None, camera
    key = media.chosen(angle, choice).key
    if storage.store().head(key) is None:
        raise CannotExport(
            f"The file of camera {camera} is no longer in storage. Process the camera again, then export."
        )
    return key


def _documents(edit: MulticamEdit, target: str, names: list[str]) -> list[Document]:
    """The edit in each of these formats that can write it; at least one can."""
    written, refused = [], []
    for known in map(formats().__getitem__, names):
        try:
            written += _of_format(as_read_by(edit, target or usual_target(known.name)), known)
        except CannotExport as error:
            refused.append(error)
    if not written:
        raise refused[0]
    return written


def _of_format(edit, known) -> list[Document]:
    if known.write_camera is None:
        return [known.write(edit)]
    return [known.write_camera(edit, camera) for camera in edit.cameras]


def packed(folder: str, documents: list[Document], files: dict[str, str]) -> Iterator[bytes]:
    """A ZIP of documents and of stored files, under `folder`; each file with its key in the store."""
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_STORED, allowZip64=True) as package:  # type: ignore[arg-type]
        package.writestr(f"{folder}/README.txt", README)
        for document in documents:
            package.writestr(f"{folder}/{document.filename}", document.body)
        yield drain.take()
        for name, key in files.items():
            with storage.store().open(key) as source, package.open(f"{folder}/{name}", "w", force_zip64=True) as entry:
                while block := source.read(BLOCK):
                    entry.write(block)
                    yield drain.take()
    yield drain.take()
