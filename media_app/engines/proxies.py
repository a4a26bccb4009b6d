"""The proxy ladder: the picture in 720 and in 360 lines, for drafts and players."""

from media_app.core import kinds
from media_app.core.files.faults import NotUsable
from media_app.engines.base import Backend, Engine, NoParams, Source
from media_app.making.files import Outputs
from media_app.making.ladder import ladder, ladder_bytes
from media_app.making.workspace import Workspace

ENGINE = Engine(
    "proxies",
    kinds.VIDEO_PROXY,
    "Making the proxies",
    backend=Backend("ffmpeg"),
    route="video/proxies",
    work="render",
    priority=-5,
    key_name="proxy_cache_key",
    scratch_bytes=ladder_bytes,
)


def make(source: Source, params: NoParams, work: Workspace) -> Outputs:
    if source.found.info.video is None:
        raise NotUsable("This file has no picture to make proxies from.")
    return ladder(source.path, source.found, work)
