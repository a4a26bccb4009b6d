"""What a request on a timeline says: its fields, its caller, and the revision that the caller has seen."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from render_app.core.timeline.snapshot import sent_back
from render_app.services.timeline_edits import Caller
from sessions_app.errors import InvalidInput
from sessions_app.tenancy import user_named
from sessions_app.web.auth import body_of
from sessions_app.web.fields import NamedInput

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The project's revision that you have seen; an older one is 409.",
)
#: What answers have besides and requests may send back: it says nothing new.
_SENT_BACK = frozenset({"id", "sequences", "tracks", "built_in", *NamedInput.OF_CALLER})


class AnyAccept:
    """A view that answers in a form of its own whatever is accepted, so that an editing program or a player that asks for XML or a
    playlist alone gets it, and an error as JSON; a `format` in the query is the view's."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # type: ignore[misc]


def fields_of(request: Request, place: Mapping[str, str], *, keep: tuple[str, ...] = ()) -> dict[str, Any]:
    """A record's fields as they were sent. `place`: what the address says of it; `keep`: names that are its own here.

    Raises InvalidInput for a body that is no object or that names another place.
    """
    if not isinstance(request.data, Mapping):
        raise InvalidInput('The body must be a JSON object: {"name": "value"}.')
    sent = dict(request.data)
    for name, value in place.items():
        if name in sent and str(sent.pop(name)) != value:
            raise InvalidInput(f"{name} is {value} in the address and another in the body. Send one.", field=name)
    said = _SENT_BACK | sent_back(sent)
    return {name: value for name, value in sent.items() if name in keep or name not in said}


def caller_of(request: Request) -> Caller:
    """Who asks, and the revision that they have seen. Raises InvalidInput."""
    context = request.context  # type: ignore[attr-defined]
    return Caller(context, user_named(request, body_of(request)), seen_of(request))


def seen_of(request: Request) -> int | None:
    """The revision that the caller has seen; None where they do not say. Raises InvalidInput."""
    text = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if text in ("", "*"):
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InvalidInput('If-Match is a revision of the project, such as "7".', field="If-Match")
    return int(text)


def with_revision(response: Response, revision: int) -> Response:
    """The answer with the project's revision as its ETag."""
    response["ETag"] = f'"{revision}"'
    return response
