"""A decided shoot as one ZIP: the edit in every format, and the media that it points at by relative paths."""

import io
import zipfile
from collections.abc import Iterator

from media_app import storage
from render_app.core.edit import media
from render_app.core.edit.angle import CannotExport
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.readers import as_read_by, usual_target
from render_app.exchange import Document, formats
from render_app.exchange.base import file_stem

FOLDER = "media"
BLOCK = 1 << 20
README = """Open the .fcpxml, .otio or .edl file of this folder in your editing program.
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


def stream(edit: MulticamEdit, choice: str, target: str = "") -> Iterator[bytes]:
    """The ZIP, block by block; nothing of it is kept here. Each document is for `target`, or for the program that usually
    reads its format. Raises CannotExport before its first byte."""
    documents = _documents(media.with_folder(edit, choice, FOLDER), target)
    files = {f"{FOLDER}/{name}": _key(edit, camera, choice) for camera, name in media.names(edit, choice).items()}
    return _blocks(file_stem(edit), documents, files)


def _key(edit: MulticamEdit, camera: str, choice: str) -> str:
    angle = edit.angle(camera)
    assert angle is not None, camera
    key = media.chosen(angle, choice).key
    if storage.store().head(key) is None:
        raise CannotExport(
            f"The file of camera {camera} is no longer in storage. Process the camera again, then export."
        )
    return key


def _documents(edit: MulticamEdit, target: str) -> list[Document]:
    """The edit in every format that can write it; at least one can."""
    written, refused = [], []
    for known in formats().values():
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


def _blocks(folder: str, documents: list[Document], files: dict[str, str]) -> Iterator[bytes]:
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
