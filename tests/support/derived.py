"""Both parts of an ingest in one call: what is made of the sound of a file, and of its picture."""

from pathlib import Path

from media_app.core import ffmpeg as build
from media_app.making.derive import Sounds, derive_picture, derive_sound
from media_app.making.files import Outputs
from media_app.making.inspect import Inspection
from media_app.making.workspace import Workspace


def derive(path: Path, found: Inspection, work: Workspace, *, settings: build.ProxySettings | None = None) -> Sounds:
    """The files, warnings and commands of both: the sound's first."""
    sound = derive_sound(path, found, work) if found.timings else Sounds()
    picture = derive_picture(path, found, work, settings=settings) if found.info.video else Outputs()
    warnings = dict.fromkeys([*found.info.warnings, *sound.warnings, *picture.warnings])
    return Sounds(
        (*picture.files, *sound.files),
        warnings=tuple(warnings),
        commands=(*sound.commands, *picture.commands),
        listened=sound.listened,
    )
