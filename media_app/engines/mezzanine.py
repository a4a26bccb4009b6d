"""The mezzanine: full resolution, constant rate, intra-only, for an edit."""

from media_app.core import kinds
from media_app.core.files.faults import NotUsable
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import Outputs
from media_app.making.mezzanine import mezzanine
from media_app.making.original import mezzanine_bytes
from media_app.making.workspace import Workspace


class Params(EngineParams):
    codec: str = "prores"


ENGINE = Engine(
    "mezzanine",
    kinds.MEZZANINE,
    "Making the mezzanine",
    params=Params,
    backend=Backend("ffmpeg"),
    work="render",
    waited_for=False,
    priority=-10,
    scratch_bytes=mezzanine_bytes,
    failed_warning="No mezzanine: {reason} The edit can use the original.",
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    if source.found.info.video is None:
        raise NotUsable("This file has no picture to make a mezzanine from.")
    return mezzanine(source.path, source.found, work, codec=params.codec)
