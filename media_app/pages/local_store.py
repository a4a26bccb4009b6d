"""The local store's signed URLs: what a bucket does for a browser, done here. The signature is the credential."""

import contextlib
import functools
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from media_app import storage
from media_app.core.files.ranges import ByteRange, Unsatisfiable, parse_range
from media_app.services.withheld import refuse_key
from media_app.storage.local import LocalStore
from media_app.storage.local.disk import BodyCut
from media_app.storage.local.links import Grant, LinkRefused, read_grant
from sessions_app.errors import StudioError

_BLOCK = 256 * 1024
# What a player gets at once. A browser that has enough in hand stops reading and keeps the connection; six of them, and nothing
# else of the page gets through (HTTP/1.1). A player asks for the next bytes when it needs them (RFC 9110, 15.3.7).
_PLAYER_BYTES = 1 << 20
_PLAYERS = ("video", "audio")
_SEEN = ("video/", "image/")
# Somebody else's file, shown from our own address, may be looked at and nothing more.
_SANDBOX = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


class LengthRequired(StudioError):
    """A body came without saying how long it is."""

    code = "length_required"
    status = 411


class WrongLength(StudioError):
    """The body is not as long as the link was signed for."""

    code = "wrong_length"


class BodyTooLarge(WrongLength):
    """The body is longer than the link was signed for."""

    status = 413


class RangeNotSatisfiable(StudioError):
    """No byte of the object lies in the range asked for."""

    code = "range_not_satisfiable"
    status = 416

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.headers = {"Content-Range": f"bytes */{size}"}


class MethodNotAllowed(StudioError):
    """A signed URL is read or written, nothing else."""

    code = "method_not_allowed"
    status = 405
    headers = {"Allow": "GET, HEAD, PUT"}


class NotLocal(StudioError):
    """This installation keeps its objects in a bucket."""

    code = "not_found"
    status = 404


def _answering_errors(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """These addresses are outside the API, whose errors `studio/api.py` shapes; the shape is the same."""

    @functools.wraps(view)
    def answer(request: HttpRequest, key: str) -> HttpResponseBase:
        try:
            return view(request, key)
        except StudioError as error:
            return JsonResponse(
                {"error": {"code": error.code, "message": str(error), "field": error.field, "details": error.details}},
                status=error.status,
                headers=getattr(error, "headers", None),
            )

    return answer


@csrf_exempt
@_answering_errors
def stored_object(request: HttpRequest, key: str) -> HttpResponseBase:
    """GET, HEAD or PUT /store/{key}?grant=…: read an object, or send one part of an upload, as the grant says."""
    method = "GET" if request.method == "HEAD" else request.method
    if method not in ("GET", "PUT"):
        raise MethodNotAllowed("Use GET, HEAD or PUT here.")
    store = storage.store()
    if not isinstance(store, LocalStore):
        raise NotLocal("The files of this installation are in a bucket: ask Studio for a link to it.")
    grant = read_grant(request.GET.get("grant", ""), method, key)
    return _write(request, store, grant) if method == "PUT" else _read(request, store, grant)


def _write(request: HttpRequest, store: LocalStore, grant: Grant) -> HttpResponse:
    """Take one part. No link writes an object itself, so none can change one that is complete."""
    if grant.upload_id is None or grant.part is None:
        raise LinkRefused("This link is of an earlier version of Studio: ask for a new one, and send the file again.")
    size = _checked_size(request, grant)
    sent = request.headers.get("Content-Type", "")
    if grant.content_type and sent != grant.content_type:
        raise LinkRefused(f"This link was signed for Content-Type {grant.content_type!r}, not {sent!r}: send it so.")
    part = store.receive_part(grant.key, grant.upload_id, grant.part, _Body(request), size)
    return HttpResponse(headers={"ETag": f'"{part.etag}"'})


def _checked_size(request: HttpRequest, grant: Grant) -> int:
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit()):
        raise LengthRequired("Say how long the body is in a Content-Length header; chunked bodies are not taken.")
    size = int(length[:20])
    if size == grant.size:
        return size
    problem = BodyTooLarge if size > (grant.size or 0) else WrongLength
    raise problem(
        f"This link takes exactly {grant.size:,} bytes, not {size:,}: send what was announced, or call init-upload again."
    )


def _read(request: HttpRequest, store: LocalStore, grant: Grant) -> HttpResponseBase:
    if storage.content_type_of(grant.key).startswith(_SEEN):
        # A link that was given before its pictures were withheld.
        refuse_key(grant.key)
    with contextlib.ExitStack() as opened:
        file, found = store.opened(grant.key)
        opened.callback(file.close)
        headers = _headers(grant, found)
        if _has_it(request, headers):
            return HttpResponse(status=304, headers=headers)
        wanted = _wanted_range(request, headers, found.size)
        start, length = (wanted.start, wanted.length) if wanted else (0, found.size)
        headers["Content-Length"] = str(length)
        if wanted:
            headers["Content-Range"] = wanted.content_range(found.size)
        if request.method == "HEAD":
            return HttpResponse(headers=headers)
        file.seek(start)
        opened.pop_all()
    response = FileResponse(
        _Slice(file, length),
        status=206 if wanted else 200,
        content_type=headers.pop("Content-Type"),
        headers=headers,
    )
    response.block_size = _BLOCK
    return response


def _headers(grant: Grant, found: storage.StoredObject) -> dict[str, str]:
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": _SANDBOX,
        "Content-Type": grant.content_type or storage.content_type_of(grant.key),
        "ETag": f'"{found.etag}"',
        "Last-Modified": http_date(found.last_modified.timestamp()),
        "X-Content-Type-Options": "nosniff",
    }
    if grant.filename:
        headers["Content-Disposition"] = storage.disposition(grant.filename)
    return headers


def _has_it(request: HttpRequest, headers: dict[str, str]) -> bool:
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    return headers["ETag"] in known or "*" in known


def _wanted_range(request: HttpRequest, headers: dict[str, str], size: int) -> ByteRange | None:
    """A range of another version than the client has begun with would mix two files: then the whole is the answer."""
    condition = request.headers.get("If-Range")
    if request.method != "GET" or (condition and condition not in (headers["ETag"], headers["Last-Modified"])):
        return None
    try:
        wanted = parse_range(request.headers.get("Range"), size)
    except Unsatisfiable as error:
        raise RangeNotSatisfiable(f"{error} Ask for a range that begins inside it.", size) from error
    plays = request.headers.get("Sec-Fetch-Dest") in _PLAYERS
    return replace(wanted, length=min(wanted.length, _PLAYER_BYTES)) if wanted and plays else wanted


class _Body:
    """The request's body as a stream that raises our own error when the client has gone."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def read(self, size: int, /) -> bytes:
        try:
            return self._request.read(size)
        except OSError as error:
            raise BodyCut("The connection was lost before all bytes had come: send them again.") from error


class _Slice:
    """The next `length` bytes of a file and no more, for servers that read; its descriptor for those with sendfile."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._left = length
        self.close = file.close
        self.fileno = file.fileno
        # No `seek`: Django would take the whole file's length for this slice's.

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        block = self._file.read(wanted)
        self._left -= len(block)
        return block
