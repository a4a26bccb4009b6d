"""How a request's body is read."""

import binascii
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

from sessions_app.errors import InvalidInput, StudioError

TOO_LARGE = "The request is too large. Send files to the links of their upload."


class BodyTooLarge(StudioError):
    """More was sent than any request needs."""

    code = "body_too_large"
    status = 413


class EncodedBody(StudioError):
    """A body that is packed."""

    code = "unsupported_encoding"
    status = 415


#: What no text has: control characters besides tabs and line ends. (NUL is left to the fields, which name it.)
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: JSON has control characters as escapes alone, but for the last of them.
_ESCAPED = re.compile(r"\\u00[01]|\\[bf]|\x7f", re.IGNORECASE)


class JsonBody(JSONParser):
    """JSON of a size that a request may have: it is read into memory whole."""

    def parse(self, stream, media_type=None, parser_context=None):
        """The body as plain values. Raises InvalidInput for what is said twice and for control characters, by their field."""
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge(TOO_LARGE)
        if (packed := request.headers.get("Content-Encoding", "identity").strip().lower()) not in ("", "identity"):
            raise EncodedBody(f"The body comes with Content-Encoding {packed[:40]!r}. Send it as it is, without one.")
        try:
            text = (
                stream.read().decode(parser_context.get("encoding") or settings.DEFAULT_CHARSET).removeprefix("\ufeff")
            )
            found = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
        except json.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON that can be read: {error}.") from error
        except (UnicodeError, LookupError, TypeError, AttributeError, zlib.error, binascii.Error) as error:
            raise ParseError("The body is not JSON in the character set that it names.") from error
        except ValueError as error:
            raise ParseError("A number in the body has too many digits.") from error
        if _ESCAPED.search(text) and (place := next(_with_control_characters(found, ""), None)) is not None:
            raise InvalidInput(f"{place or 'The body'} has control characters in it. Remove them.", field=place or None)
        return found


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(f"The body has {name} in it, which is not a JSON number.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one name, no reader knows which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"{twice[:100]!r} stands twice in one object. Send it once.", field=twice[:100])
    return found


def _with_control_characters(value: Any, place: str) -> Iterator[str]:
    """Where they stand, as errors name fields: outputs.0.name."""
    if isinstance(value, str):
        if CONTROL.search(value):
            yield place
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _with_control_characters(name, place)
            yield from _with_control_characters(inner, f"{place}.{name}".strip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _with_control_characters(inner, f"{place}.{index}".strip("."))


class FormWithFile(MultiPartParser):
    """A form with one file, up to FORM_UPLOAD_MAX_BYTES; larger ones have links of their own."""


def refuse_large_form(request) -> None:
    """Raise BodyTooLarge for a form that is too large, before anything of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.FORM_UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        limit = settings.FORM_UPLOAD_MAX_BYTES
        raise BodyTooLarge(f"A form takes files of at most {limit:,} bytes. Send a larger one by …/assets/init-upload.")
