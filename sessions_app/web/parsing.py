"""How a request's body is read."""

import binascii
import zlib

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

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
