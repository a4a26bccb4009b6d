"""One local original → the rungs of its proxy ladder, from one decode."""

from pathlib import Path

from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.core.kinds import Kind
from media_app.making.checks import check_picture, streams_of
from media_app.making.explain import decoding_doubts
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.inspect import Inspection
from media_app.making.original import picture_bytes, run_over_original
from media_app.making.workspace import Workspace

STEP = "making the proxies"
#: The rungs, the largest first: what each is called, and how it is made.
RUNGS: dict[str, tuple[Kind, build.ProxySettings]] = {
    "720p": (kinds.VIDEO_PROXY, build.ProxySettings()),
    "360p": (kinds.VIDEO_PROXY_360P, build.ProxySettings(short_side=360, long_side=960)),
}


def ladder(path: Path, found: Inspection, work: Workspace) -> Outputs:
    """A proxy for each rung, at the rate of the others. Raises as `derive`; ValueError without a picture."""
    source = found.source(path)
    if source.rate is None:
        raise ValueError("Proxies are made from a picture; this file has none.")
    rate = build.proxy_rate(source.rate)
    paths = {name: work.folder / f"proxy-{name}.mp4" for name in RUNGS}
    args = build.ladder_args(source, [(paths[name], settings) for name, (_, settings) in RUNGS.items()], rate=rate)
    run = run_over_original(args, found, work, STEP)

    def described(name: str) -> DerivedFile:
        # Encoded in software, so that the same original gives the same bytes.
        meta = {"resolution": name, "profile": f"proxy_{name}_h264", "hardware_encoder": None}
        return describe(RUNGS[name][0], paths[name], meta | check_picture(streams_of(paths[name], work), found, rate))

    files = tuple(described(name) for name in RUNGS)
    return Outputs(files, warnings=decoding_doubts(run.stderr_tail, found.info), commands=(run.argv,))


def ladder_bytes(found: Inspection) -> int:
    """Bytes of scratch that all rungs may need."""
    return 2 * picture_bytes(found)
