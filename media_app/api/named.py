"""What the engine routes (`/media-v2`, `/video`, `/audio`) have in common: the tenant that a request names, snake_case, waiting."""

import re
import time
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from media_app.core.not_allowed import NOT_ALLOWED, NotAllowed
from media_app.models import MediaJob
from sessions_app.core.tenant import ENVS
from sessions_app.errors import InvalidInput, StudioError
from sessions_app.web.auth import InNamedTenant, body_of
from sessions_app.web.parsing import FormWithFile, refuse_large_form

MAX_WAIT_S, LOOK_S = 30, 0.2
#: The parameters of every operation here.
PARAMETERS = [
    OpenApiParameter("tenant_id", str, description="Or in the body, or the header X-Tenant-Id. One of them is needed."),
    OpenApiParameter("env", str, enum=ENVS, description="Or in the body, or the header X-Env. One of them is needed."),
]
WAIT = OpenApiParameter("wait", float, description=f"Seconds to wait for the work to end, 0 to {MAX_WAIT_S}.")


class NamedView(APIView):
    """A view whose request names its tenant. What is wrong with a field is said in its own spelling."""

    permission_classes = [InNamedTenant]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what is too large before it is read, and what no client may choose."""
        if FormWithFile in self.parser_classes:
            refuse_large_form(request)
        super().initial(request, *args, **kwargs)
        for name, instead in NOT_ALLOWED.items():
            if name in body_of(request):
                raise NotAllowed(f"{name} is not taken. {instead}", field=name)

    def handle_exception(self, exc: Exception) -> Any:
        """As everywhere, with the field's name in snake_case."""
        if isinstance(exc, StudioError) and exc.field and "-" not in exc.field:
            exc.field = re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found[1].lower()}", exc.field)
        return super().handle_exception(exc)


def documented(**options: Any) -> Any:
    """`extend_schema` with the parameters of every operation here."""
    return extend_schema(**{**options, "parameters": [*PARAMETERS, *options.get("parameters", [])]})


def wait_of(request: Request) -> float:
    """Seconds that the client wants to wait. Raises InvalidInput."""
    try:
        seconds = float(request.query_params.get("wait", 0))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MAX_WAIT_S:
        raise InvalidInput(f"wait is a number of seconds from 0 to {MAX_WAIT_S}.", field="wait")
    return seconds


def wait_for(job: MediaJob, seconds: float) -> None:
    """Wait until the job has ended, at most so long."""
    ends = time.monotonic() + seconds
    while job.status in MediaJob.UNFINISHED and time.monotonic() < ends:
        time.sleep(LOOK_S)
        job.refresh_from_db()
