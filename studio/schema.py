"""What the OpenAPI description says of signing in, and of each operation."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from studio.api_operations import GROUPS, OPERATIONS, Operation

#: "GET/POST /v2/sessions: list them": the start of a view's docstring.
_ROUTE = re.compile(r"^[A-Z/]+ \S+:?\s*")


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "sessions_app.web.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`, as an administrator has made it.",
        }


class BrowserScheme(OpenApiAuthenticationExtension):
    target_class = "sessions_app.web.auth.BrowserAuthentication"
    name = "browser"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Signed in; writes need CSRF."}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give every operation its group, summary, description and example (a hook of drf-spectacular)."""
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            known = OPERATIONS.get(f"{method.upper()} {path}") or _of_docstring(operation.get("description", ""))
            operation["tags"] = [_group(path)]
            operation["summary"], operation["description"] = known.summary, known.description
            for media in operation.get("requestBody", {}).get("content", {}).values():
                if known.example is not None:
                    media["example"] = known.example
    result["tags"] = [{"name": name} for name in dict.fromkeys(GROUPS.values())]
    return result


def _group(path: str) -> str:
    fitting = [start for start in GROUPS if path.startswith(start)]
    return GROUPS[max(fitting, key=len)] if fitting else "Other"


def _of_docstring(text: str) -> Operation:
    """The words of an operation that has none in the table: its view's docstring without the route."""
    first, _, rest = " ".join(_ROUTE.sub("", text).split()).partition(". ")
    return Operation(first[:1].upper() + first[1:].rstrip("."), rest)
