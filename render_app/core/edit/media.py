"""Which files an edit points at, and under which names: links to the store, or files in a folder of the editor's own."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote

from render_app.core.edit.angle import Angle, CannotExport, MediaFile
from render_app.core.edit.multicam import MulticamEdit

#: What `media=` may choose.
CHOICES = ("original", "mezzanine", "proxy")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_ABSOLUTE = re.compile(r"^(/|[A-Za-z]:[\\/]|\\\\[^\\/]+[\\/])")
_LEFT_AS_IS = "/:!$&'()*+,;=@~-._"


class BadMediaRoot(ValueError):
    """A media folder that is not an absolute path."""


def chosen(angle: Angle, media: str) -> MediaFile:
    """The camera's file of this choice; a sound recorder has its original alone. Raises CannotExport."""
    if media == "original" or not angle.has_picture:
        return angle.original
    found = angle.mezzanine if media == "mezzanine" else angle.proxy
    if found is None:
        raise CannotExport(
            f"Camera {angle.camera} has no {media} yet. Export with its original, or wait until it is made."
        )
    return found


def names(edit: MulticamEdit, media: str) -> dict[str, str]:
    """Camera → its file's name: as it was recorded, in a folder of its camera where two cameras use one name."""
    plain = {angle.camera: _name(angle, chosen(angle, media)) for angle in edit.angles}
    times = Counter(name.casefold() for name in plain.values())
    return {camera: f"{camera}/{name}" if times[name.casefold()] > 1 else name for camera, name in plain.items()}


def with_links(edit: MulticamEdit, media: str) -> MulticamEdit:
    """The edit with each camera's file of this choice, under its link in the store."""
    return _with_urls(edit, media, {angle.camera: chosen(angle, media).url for angle in edit.angles})


def with_folder(edit: MulticamEdit, media: str, folder: str) -> MulticamEdit:
    """The edit with its files in `folder`: a path on the editor's machine, or one relative to the document."""
    urls = {camera: f"{folder}/{quote(name, safe=_LEFT_AS_IS)}" for camera, name in names(edit, media).items()}
    return _with_urls(edit, media, urls)


def folder_url(path: str) -> str:
    """`file:///Volumes/Shoot` for /Volumes/Shoot, D:\\Shoot, \\\\nas\\shoot or such an address. Raises BadMediaRoot."""
    text = path.strip()
    if text.lower().startswith("file://"):
        return text.rstrip("/")
    if not _ABSOLUTE.match(text) or any(ord(character) < 32 for character in text):
        raise BadMediaRoot(r"mediaRoot: an absolute folder, such as /Volumes/Shoot or D:\Shoot.")
    slashes = text.replace("\\", "/").rstrip("/") if _DRIVE.match(text) or text.startswith("\\\\") else text.rstrip("/")
    path = quote(slashes, safe=_LEFT_AS_IS)
    if slashes.startswith("//"):
        return f"file:{path}"
    return f"file:///{path}" if _DRIVE.match(text) else f"file://{path}"


def _name(angle: Angle, file: MediaFile) -> str:
    if file is angle.original:
        return angle.original_filename
    kind = "mezzanine" if file is angle.mezzanine else "proxy"
    stem, suffix = PurePosixPath(angle.original_filename).stem, PurePosixPath(file.key).suffix
    return f"{stem}.{kind}{suffix}"


def _with_urls(edit: MulticamEdit, media: str, urls: Mapping[str, str]) -> MulticamEdit:
    def placed(angle: Angle) -> Angle:
        file = chosen(angle, media)
        return replace(angle, original=replace(file, url=urls[angle.camera]), original_filename=_name(angle, file))

    return replace(edit, angles=tuple(placed(angle) for angle in edit.angles))
