"""Which files an edit points at, and under which names: links to the store, or files in a folder of the editor's own."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote

from media_app.core.ffmpeg import proxy_rate
from media_app.core.time.timebase import format_rate, nearest_frame
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


def has(angle: Angle, media: str) -> bool:
    """Whether the camera has a file of this choice."""
    try:
        return bool(chosen(angle, media))
    except CannotExport:
        return False


def names(edit: MulticamEdit, media: str) -> dict[str, str]:
    """Camera → its file's name: as it was recorded, in a folder of its camera where two cameras use one name."""
    return dict(zip((angle.camera for angle in edit.angles), names_of(edit.angles, media), strict=True))


def names_of(angles: Sequence[Angle], media: str) -> list[str]:
    """Each file's name, in a folder of its camera where two files have one name, and of its asset where that is not enough."""
    plain = [_name(angle, chosen(angle, media)) for angle in angles]
    in_folders = [
        f"{angle.camera or 'files'}/{name}" if several else name
        for angle, name, several in zip(angles, plain, _repeated(plain), strict=True)
    ]
    return [
        f"{angle.asset_id}/{name}" if several else path
        for angle, name, path, several in zip(angles, plain, in_folders, _repeated(in_folders), strict=True)
    ]


def _repeated(names: Sequence[str]) -> list[bool]:
    """Which of them are there twice, for a disk that does not tell capitals from small letters."""
    times = Counter(name.casefold() for name in names)
    return [times[name.casefold()] > 1 for name in names]


def with_links(edit: MulticamEdit, media: str) -> MulticamEdit:
    """The edit with each camera's file of this choice, under its link in the store."""
    return replace(edit, angles=pointed(edit.angles, media))


def with_folder(edit: MulticamEdit, media: str, folder: str) -> MulticamEdit:
    """The edit with its files in `folder`: a path on the editor's machine, or one relative to the document."""
    return replace(edit, angles=pointed(edit.angles, media, folder))


def pointed(angles: Sequence[Angle], media: str, folder: str | None = None) -> tuple[Angle, ...]:
    """The cameras with their files of this choice, in a folder or under their links; a copy is counted as it is counted itself."""
    urls = [chosen(angle, media).url for angle in angles]
    if folder is not None:
        urls = [f"{folder}/{quote(name, safe=_LEFT_AS_IS)}" for name in names_of(angles, media)]
    return tuple(_pointed(angle, chosen(angle, media), url) for angle, url in zip(angles, urls, strict=True))


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


def _pointed(angle: Angle, file: MediaFile, url: str) -> Angle:
    named = replace(angle, original=replace(file, url=url), original_filename=_name(angle, file))
    return named if file is angle.original else _as_copy(named, is_proxy=file is angle.proxy)


def stood_in(angle: Angle, name: str) -> Angle:
    """The camera with its mezzanine, of this name, in the place of the original, which is handed out no more."""
    assert angle.mezzanine
    return _as_copy(replace(angle, original=angle.mezzanine, original_filename=name), is_proxy=False)


def _as_copy(angle: Angle, *, is_proxy: bool) -> Angle:
    """A mezzanine or a proxy has frames of an even rate from time zero on, one track of sound or, as a proxy, none, and no timecode."""
    rate = proxy_rate(angle.rate) if is_proxy else angle.rate
    frames = None if angle.frames is None else angle.frames + nearest_frame(angle.first, angle.rate)
    return replace(
        angle,
        fps=format_rate(rate),
        frames=None if frames is None else math.ceil(frames * rate / angle.rate),
        variable_frame_rate=False,
        video_start_ms=0.0,
        audio_start_ms=0.0,
        has_audio=angle.has_audio and not is_proxy,
        track_channels=(),
        timecode="",
        timecode_fps="",
        timecode_source="",
        seconds_of_day=None,
    )
