"""The one place that refuses control characters in requests.

No address, query, cookie, header or form field of Studio has any, and databases, headers and logs each fail on some of them.
JSON bodies are checked by their fields (`sessions_app.web.fields.Text`).
"""

import re
from collections.abc import Callable, Iterable, Iterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from studio.web import faults

#: A tab may stand in what a person pasted.
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
#: A text area sends line ends too.
CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class RefuseControlCharacters:
    """A middleware that answers 400 before any view, session or database sees them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        where = _found(request)
        return faults.control_characters(request, where) if where else self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponseBase | None:
        """Check a form, within the limits and the error handling of views. The API reads no forms."""
        is_form = request.content_type in FORMS and not request.path.startswith(faults.FOR_PROGRAMS)
        if is_form and _any(_texts(request.POST.lists()), CONTROL_IN_TEXT):
            return faults.control_characters(request, "form")
        return None


def _found(request: HttpRequest) -> str:
    """The part of the request that has a control character; empty where none has."""
    headers = (value for name, value in request.META.items() if name.startswith(("HTTP_", "CONTENT_")))
    parts = {
        "address": [request.path, request.path_info],
        "query": [request.META.get("QUERY_STRING", ""), *_texts(request.GET.lists())],
        "cookies": [text for pair in request.COOKIES.items() for text in pair],
        "headers": headers,
    }
    return next((name for name, texts in parts.items() if _any(texts, CONTROL)), "")


def _texts(fields: Iterable[tuple[str, list]]) -> Iterator[str]:
    for name, values in fields:
        yield name
        yield from (value for value in values if isinstance(value, str))


def _any(texts: Iterable, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(text) for text in texts if isinstance(text, str))
