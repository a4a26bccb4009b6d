"""How a request's body is read."""

import binascii
import zlib

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

from sessions_app.errors import StudioError

TOO_LARGE = "The request is too large. Send files to the links of their upload."


class BodyTooLarge(StudioError):
    """More was sent than any request needs."""

    code = "body_too_large"
    status = 413


class JsonBody(JSONParser):
    """JSON of a size that a request may have: it is read into memory whole."""

    def parse(self, stream, media_type=None, parser_context=None):
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge(TOO_LARGE)
        try:
            return super().parse(stream, media_type, parser_context)
        except (LookupError, TypeError, AttributeError, zlib.error, binascii.Error) as error:
            raise ParseError("The body is not JSON in the character set that it names.") from error


class FormWithFile(MultiPartParser):
    """A form with one file, up to FORM_UPLOAD_MAX_BYTES; larger ones have links of their own."""


def refuse_large_form(request) -> None:
    """Raise BodyTooLarge for a form that is too large, before anything of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.FORM_UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        limit = settings.FORM_UPLOAD_MAX_BYTES
        raise BodyTooLarge(f"A form takes files of at most {limit:,} bytes. Send a larger one by …/assets/init-upload.")
