"""One local original → the full-resolution intra-only copy that an edit cuts with."""

from dataclasses import replace
from pathlib import Path

from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.making.checks import check_picture, check_sound, sound_seconds, streams_of, too_long
from media_app.making.explain import decoding_doubts
from media_app.making.files import Outputs, describe
from media_app.making.inspect import Inspection
from media_app.making.original import run_over_original
from media_app.making.workspace import Workspace

STEP = "making the mezzanine"


def mezzanine(
    path: Path, found: Inspection, work: Workspace, *, codec: str = "prores", veil: build.Veil | None = None
) -> Outputs:
    """Make the .mov of a file with a picture; with a veil, the copy in which faces are hidden. Raises as `derive`; ValueError without a
    picture."""
    if found.info.video is None or found.frames is None:
        raise ValueError("A mezzanine is made from a picture; this file has none.")
    kind = kinds.ANONYMISED if veil else kinds.MEZZANINE
    out, source, commands = work.folder / f"{kind.name}.mov", found.source(path), []
    # Sound that changes its form in mid-file is filled twice (see `SoundStart`): then once more, with a fixed delay.
    for sound in (source.sound, replace(source.sound, delay=found.audio_start)):
        args = build.mezzanine_args(replace(source, sound=sound), out, codec=codec, veil=veil)
        finished = run_over_original(args, found, work, STEP)
        commands.append(finished.argv)
        streams = streams_of(out, work)
        if not too_long(sound_seconds(streams), found):
            break
    meta = check_picture(streams, found, found.frames.rate) | {"codec": codec}
    if found.sound:
        check_sound(sound_seconds(streams), found, found.sound)
    made = describe(kind, out, meta)
    return Outputs((made,), warnings=decoding_doubts(finished.stderr_tail, found.info), commands=tuple(commands))
