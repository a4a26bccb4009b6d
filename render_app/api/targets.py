"""`/video/filter-stacks` and `/video/automation`: what a clip, a track or a sequence has besides its own fields."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import PARAMETERS, NamedView, documented
from render_app.api import described, shown
from render_app.api.requests import IF_MATCH, caller_of, fields_of, with_revision
from render_app.api.resource import CURVE, STACK, answered, changed
from render_app.core.timeline import records
from render_app.models import AutomationCurve
from render_app.services import timelines
from sessions_app.api import NO_CONTENT
from sessions_app.errors import InvalidInput, NotFound
from sessions_app.web.paging import SnakePages

TARGET = "<str:target_type>/<uuid:target_id>"
OF = [
    OpenApiParameter("target_type", str, OpenApiParameter.PATH, enum=records.TARGETS),
    OpenApiParameter("target_id", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH, description="Its id."),
]
_StackInput = described.body("FilterStackInput", STACK.about, records.FILTER_STACK)
_CurveInput = described.body("ParameterAutomationInput", CURVE.about, records.AUTOMATION)


class _OfTarget(NamedView):
    """A view of what a record has."""

    kind: str

    def target(self, request: Request) -> Any:
        """The record that the address names."""
        context = request.context  # type: ignore[attr-defined]
        return timelines.target(context, self.kwargs["target_type"], self.kwargs["target_id"])

    def sent(self, request: Request) -> dict[str, Any]:
        """The fields of the request, without what the address says."""
        return fields_of(request, {name: str(value) for name, value in self.kwargs.items()})

    def there(self, request: Request, of: Any, property: str = "") -> Any:
        """The stack, or the curve of a property. Raises NotFound."""
        rows = timelines.of_target(request.context, self.kind, of)  # type: ignore[attr-defined]
        row = rows.filter(property=property).first() if property else rows.first()
        if row is None:
            what = f"curve of its {property[:40]}" if property else "filter stack"
            raise NotFound(f"This {self.kwargs['target_type']} has no {what}. Make one with POST.", field="target_id")
        return row

    def answer(self, row: Any, status: int = 200) -> Response:
        """A record with its project's revision."""
        return with_revision(Response(shown.record(self.kind, row), status), timelines.project_of(row).revision)


class StackOfTarget(_OfTarget):
    """GET/POST/PATCH/DELETE /video/filter-stacks/{target_type}/{target_id}: the filters of a clip, a track or a sequence."""

    kind = "filter_stack"

    @documented(parameters=OF, responses=answered(STACK))
    def get(self, request: Request, **ids: Any) -> Response:
        """The stack."""
        return self.answer(self.there(request, self.target(request)))

    @documented(parameters=[*OF, IF_MATCH], request=_StackInput, responses={201: answered(STACK)})
    def post(self, request: Request, **ids: Any) -> Response:
        """A stack where there is none yet."""
        caller = caller_of(request)
        row, _ = timelines.create_of_target(caller, self.kind, self.target(request), self.sent(request))
        return self.answer(row, 201)

    @documented(parameters=[*OF, IF_MATCH], request=changed(STACK), responses=answered(STACK))
    def patch(self, request: Request, **ids: Any) -> Response:
        """Other filters in place of all of them."""
        caller, row = caller_of(request), self.there(request, self.target(request))
        row, _ = timelines.change(caller, self.kind, row, self.sent(request))
        return self.answer(row)

    @documented(parameters=[*OF, IF_MATCH], responses={204: NO_CONTENT})
    def delete(self, request: Request, **ids: Any) -> Response:
        """Take the stack away."""
        timelines.remove(caller_of(request), self.kind, self.there(request, self.target(request)))
        return Response(status=204)


@extend_schema_view(get=extend_schema(parameters=[*PARAMETERS, *OF], operation_id="video_automation_list"))
class CurvesOfTarget(_OfTarget, ListAPIView):
    """GET/POST/PATCH/DELETE /video/automation/{target_type}/{target_id}: the curves of a clip, a track or a sequence."""

    kind = "automation"
    pagination_class = SnakePages
    serializer_class = answered(CURVE)
    queryset = AutomationCurve.objects.none()

    def get_queryset(self) -> Any:
        """The target's curves; nothing while the schema is drawn."""
        context = getattr(self.request, "context", None)
        return timelines.of_target(context, self.kind, self.target(self.request)) if context else self.queryset

    @documented(parameters=[*OF, IF_MATCH], request=_CurveInput, responses={201: answered(CURVE)})
    def post(self, request: Request, **ids: Any) -> Response:
        """A curve of a property that has none yet."""
        caller = caller_of(request)
        row, _ = timelines.create_of_target(caller, self.kind, self.target(request), self.sent(request))
        return self.answer(row, 201)

    @documented(parameters=[*OF, IF_MATCH], request=_CurveInput, responses=answered(CURVE))
    def patch(self, request: Request, **ids: Any) -> Response:
        """Other keyframes of a property."""
        caller, sent = caller_of(request), self.sent(request)
        row = self.there(request, self.target(request), _property(sent.get("property")))
        row, _ = timelines.change(caller, self.kind, row, sent)
        return self.answer(row)

    @documented(
        parameters=[
            *OF,
            IF_MATCH,
            OpenApiParameter("property", str, description="Whose curve; left out, all of them go."),
        ],
        responses={204: NO_CONTENT},
    )
    def delete(self, request: Request, **ids: Any) -> Response:
        """Take the curve of one property away, or all."""
        caller, of = caller_of(request), self.target(request)
        property = request.query_params.get("property", "")
        if property:
            timelines.remove(caller, self.kind, self.there(request, of, property))
        else:
            timelines.remove_all_of_target(caller, self.kind, of)
        return Response(status=204)


def _property(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidInput("property is missing: whose curve?", field="property")
    return value


def urls() -> list[URLPattern]:
    """The addresses of stacks and curves by what they are of."""
    return [
        path(f"filter-stacks/{TARGET}", StackOfTarget.as_view(), name="video-stack-of"),
        path(f"automation/{TARGET}", CurvesOfTarget.as_view(), name="video-automation-of"),
    ]
