"""Errors → HTTP, once: every answer that is not a success has one shape.

`{"error": {"code", "message", "field", "details"}}`: a word for programs, a sentence for people, the field at fault.
"""

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelInvalid
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from sessions_app.errors import Forbidden, InvalidInput, NotFound, StudioError
from sessions_app.web.pages import signed_out
from sessions_app.web.parsing import TOO_LARGE, BodyTooLarge
from studio.runtime.full_disk import as_disk_full

NOT_ALLOWED = "You are not allowed to do this. Ask an administrator."
SIGN_IN = "Send your token as 'Authorization: Token …', or sign in with the browser."


class CsrfFailed(StudioError):
    """A page's request whose CSRF token is from before the last sign-in."""

    code = "csrf_failed"
    status = 403


def error_body(code: str, message: str, field: str | None = None, details: object = None) -> dict:
    return {"error": _sendable({"code": code, "message": message, "field": field, "details": details or {}})}


def _sendable(value):
    """What an error repeats of a request may hold halves of characters, which no answer can."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_sendable(name): _sendable(inner) for name, inner in value.items()}
    return [_sendable(inner) for inner in value] if isinstance(value, list | tuple) else value


def answer_error(exc: Exception, context: dict) -> Response | None:
    """DRF's exception handler. None (a 500) is left for what nobody foresaw."""
    set_rollback()
    if isinstance(exc, exceptions.NotAuthenticated) and _of_a_page(context["request"]):
        exc = signed_out(context["request"])
    if isinstance(exc, exceptions.PermissionDenied) and str(exc.detail).startswith("CSRF Failed"):
        exc = CsrfFailed("You signed in again after this page was opened. Reload the page, then repeat this.")
    error, headers = as_studio_error(exc)
    if error is None:
        return None
    return Response(error_body(error.code, error.message, error.field, error.details), error.status, headers=headers)


def _of_a_page(request) -> bool:
    """Whether a script of our pages asks, which sends its CSRF token, and not a program."""
    return "X-CSRFToken" in request.headers and "Authorization" not in request.headers


def as_studio_error(exc: Exception) -> tuple[StudioError | None, dict[str, str]]:
    """The error as one of ours, and the headers that HTTP wants with it."""
    if isinstance(exc, StudioError):
        return exc, getattr(exc, "headers", {})
    if full := as_disk_full(exc):
        return full, {}
    if isinstance(exc, Http404):
        return NotFound("There is nothing at this address. Check the id and the path."), {}
    if isinstance(exc, ObjectDoesNotExist):
        return NotFound("It was removed in the meantime. Load its session again."), {}
    if isinstance(exc, RequestDataTooBig):
        return BodyTooLarge(TOO_LARGE), {}
    if isinstance(exc, SuspiciousOperation):
        return InvalidInput("The request cannot be read."), {}
    if isinstance(exc, PermissionDenied):
        return Forbidden(str(exc) or NOT_ALLOWED), {}
    if isinstance(exc, RecursionError):
        return InvalidInput("The request is nested too deeply to be read."), {}
    if isinstance(exc, ModelInvalid):
        return _invalid(exc.message_dict if hasattr(exc, "error_dict") else exc.messages), {}
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(exc.detail), {}
    if isinstance(exc, exceptions.APIException):
        return _from_drf(exc)
    return None, {}


def _from_drf(exc: exceptions.APIException) -> tuple[StudioError, dict[str, str]]:
    headers = {}
    message = str(exc.detail)
    if isinstance(exc, exceptions.NotAuthenticated):
        message = f"You are not signed in. {SIGN_IN}"
    if isinstance(exc, exceptions.UnsupportedMediaType):
        message = f"{message} Most addresses take application/json; /api/docs/ says what this one takes."
    if isinstance(exc, exceptions.NotAcceptable):
        message = "This address cannot answer in the form that your Accept header asks for. Ask for application/json, or leave it out."
    if isinstance(exc, exceptions.NotFound):
        message = f"{message} Check the id, or ask for an earlier page."
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    error = StudioError(message)
    error.code, error.status = str(exc.default_code), exc.status_code
    return error, headers


def _invalid(detail) -> InvalidInput:
    """The first fault as the sentence, all of them as details."""
    faults = list(_faults(detail))
    field, message = faults[0] if faults else (None, "The request cannot be read.")
    return InvalidInput(
        f"{field}: {message}" if field else message,
        field=field,
        details={"fields": [{"field": name, "message": text} for name, text in faults]},
    )


def _faults(detail, path: str = ""):
    if isinstance(detail, dict):
        for name, inner in detail.items():
            part = "" if name in ("non_field_errors", "__all__") else str(name)
            yield from _faults(inner, f"{path}.{part}".strip(".") if part else path)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            yield from _faults(inner, f"{path}.{index}" if isinstance(inner, dict | list) and inner else path)
    else:
        yield path or None, str(detail)


def not_found(request, exception=None) -> JsonResponse:
    return JsonResponse(error_body("not_found", "There is nothing at this address. See /api/docs/."), status=404)


def bad_request(request, exception=None) -> JsonResponse:
    """What Django refuses before any view sees it."""
    if isinstance(exception, RequestDataTooBig):
        return JsonResponse(error_body(BodyTooLarge.code, TOO_LARGE), status=BodyTooLarge.status)
    return JsonResponse(error_body("bad_request", "The request cannot be read."), status=400)


def document_errors(result, generator, request, public):
    """A schema hook: every operation may answer with the one error shape."""
    result["components"]["schemas"]["Error"] = {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "field", "details"],
                "properties": {
                    "code": {"type": "string", "description": "For programs."},
                    "message": {"type": "string", "description": "What is wrong and how to fix it."},
                    "field": {"type": "string", "nullable": True},
                    "details": {"type": "object", "additionalProperties": True},
                },
            }
        },
    }
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault(
                "4XX", {"description": "What is wrong, and how to fix it.", "content": body}
            )
    return result
