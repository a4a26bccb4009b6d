"""`POST /media-v2/assets/{id}/frames`: pictures of single frames, as artifacts."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api import registry_inputs as inputs
from media_app.api.engines import EngineJob, answer_of, by_of, made_by
from media_app.api.named import WAIT, NamedView, documented, wait_for, wait_of
from media_app.api.records import ArtifactRecord
from media_app.core.time.shown import even_times
from media_app.engines import frames, runner
from media_app.engines.base import Subject
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import registry
from sessions_app.errors import InvalidInput, StudioError
from sessions_app.web.fields import Output


class NoPicture(StudioError):
    """The asset has no frames."""

    code = "no_picture"
    status = 422


class GrabbedFrames(Output):
    """One artifact for each time, in the order asked for."""

    asset_id = serializers.UUIDField()
    artifacts = ArtifactRecord(many=True)


class Frames(NamedView):
    """POST /media-v2/assets/{id}/frames: grab frames, each exactly the one on the screen at its time."""

    rate_scope = "work"

    @documented(
        request=inputs.FramesInput, responses={200: GrabbedFrames, 202: EngineJob}, parameters=[WAIT]
    )  # fmt: skip
    def post(self, request: Request, asset_id: str) -> Response:
        """200 when the frames are there, else 202 with the job."""
        seconds, said = wait_of(request), inputs.FramesInput.parse(request)
        asset = registry.find_asset(request.context, asset_id)  # type: ignore[attr-defined]
        params = frames.Params(times_ms=_times(asset, said))
        found = runner.request(frames.ENGINE, Subject(asset), params, by_of(request))
        if isinstance(found, DerivedMedia):
            rows = runner.cached(frames.ENGINE, asset, found.cache_key)
            return Response(_answer(asset, rows, cache_hit=True))
        wait_for(found, seconds)
        made = list(made_by(found))
        return Response(_answer(asset, made, cache_hit=False)) if made else Response(EngineJob(found).data, status=202)


def _times(asset: MediaAsset, said: dict[str, Any]) -> list[float]:
    """The times asked for, each once. Raises NoPicture, InvalidInput."""
    if asset.status == MediaAsset.Status.READY and not (asset.fps and asset.duration_ms):
        raise NoPicture("This asset has no video to grab a frame from.", field="asset_id")
    length = asset.duration_ms or 0
    if "interval_ms" in said:
        times = even_times(length, said["interval_ms"], most=frames.MOST)
        if times is None:
            raise InvalidInput(
                f"That is more than {frames.MOST} frames of {length} ms. Send a longer interval_ms, or times_ms.",
                field="interval_ms",
            )
        return times
    late = [time for time in said["times_ms"] if time > length]
    if late and asset.status == MediaAsset.Status.READY:
        raise InvalidInput(f"{late[0]:g} ms is after the end of the asset, which has {length} ms.", field="times_ms")
    return list(dict.fromkeys(said["times_ms"]))


def _answer(asset: MediaAsset, rows: Iterable[DerivedMedia], *, cache_hit: bool) -> dict[str, Any]:
    return {"asset_id": asset.pk, "artifacts": [answer_of(row, cache_hit=cache_hit) for row in rows]}
