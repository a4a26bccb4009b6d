"""`/video/regions/{artifact_id}`: the regions of a film, and a person's changes of them."""

import time
from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.engines import EngineJob, EngineView, answer_of_one, answer_type, by_of
from media_app.api.named import WAIT, documented, wait_of
from media_app.core import kinds
from media_app.core.vision import region_edits
from media_app.core.vision.region_edits import BadEdit
from media_app.engines import regions_by_hand, runner
from media_app.engines.base import Subject
from media_app.models import DerivedMedia
from media_app.services import documents
from media_app.services.registry_artifacts import find_artifact
from sessions_app.errors import InvalidInput, NotFound, StaleVersion, WrongStatus
from sessions_app.web.fields import NamedInput, Number, Text

MOST_CHANGES, MOST_BOXES = 500, 5000


class RegionBox(serializers.Serializer):
    """Where a region is at a time, as shares of the picture."""

    time_ms = Number(min_value=0, max_value=2**31)
    x = Number(min_value=0, max_value=1)
    y = Number(min_value=0, max_value=1)
    width = Number(min_value=0, max_value=1)
    height = Number(min_value=0, max_value=1)


class RegionChange(serializers.Serializer):
    """One change: of the region with this id, or, without one, a new region."""

    region_id = Text(required=False, allow_null=True, default=None, max_length=100)
    deleted = serializers.BooleanField(required=False, default=False)
    start_ms = Number(required=False, allow_null=True, default=None, min_value=0, max_value=2**31)
    end_ms = Number(required=False, allow_null=True, default=None, min_value=0, max_value=2**31)
    boxes = serializers.ListField(child=RegionBox(), required=False, default=list, max_length=MOST_BOXES)
    reason = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=300,
        help_text="Why a region that was found is taken away: needed with `deleted`, but for one that a person added. Kept in "
        "`removals` with who did it, such as “a poster, nobody's face”.",
    )


class RegionChanges(NamedInput):
    """What a person changes."""

    regions = serializers.ListField(child=RegionChange(), min_length=1, max_length=MOST_CHANGES)


_ANSWER = answer_type(regions_by_hand.ENGINE)


class Regions(EngineView):
    """GET/PATCH /video/regions/{artifact_id}: read regions, change them."""

    engine = regions_by_hand.ENGINE

    @documented(responses=OpenApiTypes.OBJECT, operation_id="regions_read", summary="Regions of a film")
    def get(self, request: Request, artifact_id: str) -> Response:
        """The summary as it is stored: regions, what is in doubt, whether every frame was looked at."""
        return super().get(request, artifact_id)

    @documented(
        parameters=[WAIT], request=RegionChanges, responses={200: _ANSWER, 201: _ANSWER, 202: EngineJob},
        operation_id="regions_change", summary="Change regions",
    )  # fmt: skip
    def patch(self, request: Request, artifact_id: str) -> Response:
        """Add, take away or extend regions: a new artifact with masks of its own; 202 with the job while it is made. To take away one
        that was found needs a `reason`. Where its faces are hidden, the recording is withheld until a person releases it again."""
        seconds, said = wait_of(request), RegionChanges.parse(request)
        row = find_artifact(request.context, artifact_id)  # type: ignore[attr-defined]
        params = regions_by_hand.Params(changes=_changes(said), edited_by=request.user.get_username())
        _refuse(row, params)
        found = runner.request(self.engine, Subject(row.asset, row), params, by_of(request))
        return answer_of_one(self.part_of(found, time.monotonic() + seconds))


def _changes(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**change, "boxes": [dict(box) for box in change["boxes"]]} for change in said["regions"]]


def _refuse(row: DerivedMedia, params: regions_by_hand.Params) -> None:
    """Raise NotFound, WrongStatus, StaleVersion, InvalidInput naming the change at fault."""
    if row.kind != kinds.VIDEO_REGION_SUMMARY.name:
        raise NotFound(f"There are no regions {row.pk} here. Check the id.", field="artifact_id")
    beside = row.asset.derivatives.filter(kind=kinds.REGION_MASK.name, cache_key=row.cache_key, expired_at=None)
    if row.created_by_job_id is None or not row.cache_key or not beside.exists():
        raise WrongStatus("These regions have no masks of their own here. Find them with POST /video/regions.")
    found = documents.read(row)
    try:
        region_edits.apply(found["regions"], params.edits, found["duration_ms"])
    except BadEdit as error:
        raise InvalidInput(str(error), field=error.field) from error
    key = regions_by_hand.ENGINE.cache_key(Subject(row.asset, row), params)
    later = DerivedMedia.objects.made_from(row).filter(kind=row.kind).exclude(cache_key=key).first()
    if later is not None:
        raise StaleVersion(f"Somebody changed these regions since. Read and change {later.pk}.", field="artifact_id")


urls = [
    path(
        "video/regions/<uuid:artifact_id>",
        Regions.as_view(http_method_names=["get", "patch", "options"]),
        name="engine-regions-read",
    )
]
