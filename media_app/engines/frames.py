"""Frame grab: pictures of single frames, each exactly the one on the screen at its time."""

from dataclasses import field
from fractions import Fraction

from media_app.core import kinds
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import Outputs
from media_app.making.stills import still_bytes, stills
from media_app.making.workspace import Workspace

#: Frames of one request.
MOST = 500


class Params(EngineParams):
    """Times in ms after media time zero, in the order asked for."""

    times_ms: list[float] = field(default_factory=list)


ENGINE = Engine(
    "frames",
    kinds.FRAME,
    "Grabbing frames",
    params=Params,
    backend=Backend("ffmpeg"),
    scratch_bytes=lambda found: still_bytes(found, MOST // 25),
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    times = [Fraction(str(time)) / 1000 for time in params.times_ms]
    return stills(source.path, source.found, times, work)
