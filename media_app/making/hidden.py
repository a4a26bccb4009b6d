"""One local original and its masks → the copy in which faces are hidden, and what pages show of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.core.vision.blur import Blur
from media_app.making.checks import check_picture, streams_of
from media_app.making.derive import derive_picture
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.inspect import Inspection, inspect
from media_app.making.mezzanine import mezzanine
from media_app.making.original import run_over_original
from media_app.making.workspace import Workspace

STEP = "making a preview of what is in doubt"
#: A person decides by it whether a face is left.
PREVIEW = build.ProxySettings(short_side=480, long_side=1280)


@dataclass(frozen=True, slots=True)
class Masks:
    """Films of masks: all that is hidden, and, where something is in doubt, just the faces that were found."""

    hidden: Path
    found: Path | None = None


def hide(path: Path, found: Inspection, masks: Masks, blur: Blur, work: Workspace, codec: str) -> Outputs:
    """The copy, its proxy and its thumbnail; and a small film for a person who decides about doubts. Raises as `mezzanine`."""
    copy = mezzanine(path, found, work.share(0, 60), codec=codec, veil=build.Veil(masks.hidden, blur))
    [film] = copy.files
    seen = inspect(film.path, work.subfolder("copy"))
    pictures = derive_picture(film.path, seen, work.subfolder("pictures").share(60, 85))
    preview = (
        () if masks.found is None else (_preview(path, found, build.Veil(masks.found, blur), work.share(85, 100)),)
    )
    return replace(copy, files=(film, *pictures.files, *preview))


def _preview(path: Path, found: Inspection, veil: build.Veil, work: Workspace) -> DerivedFile:
    source, out = found.source(path), work.folder / "preview.mp4"
    assert source.rate
    run_over_original(build.preview_args(source, veil, out, settings=PREVIEW), found, work, STEP)
    return describe(
        kinds.FACES_PREVIEW, out, check_picture(streams_of(out, work), found, build.proxy_rate(source.rate))
    )
