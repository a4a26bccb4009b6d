"""A file fetched from an address, streamed to disk. A cut connection goes on where it was cut, in this call and in the next.

Redirects are followed, each judged as the first address was. The server must send some bytes in every minute.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urljoin

from media_app.core import downloads
from media_app.outbound.connection import Unreachable, asked, check
from sessions_app.errors import StudioError

BLOCK = 1 << 18
ANSWER_S, WINDOW_S, WINDOW_BYTES = 30.0, 60.0, 64 << 10
MAX_REDIRECTS, MAX_CUTS = 5, 5
REDIRECTS = (301, 302, 303, 307, 308)
#: Refusals that another try may not meet.
PASSING = (408, 425, 429)


class NotServed(StudioError):
    """The address answers, and gives no such file."""

    code = "not_served"
    status = 422


class _Cut(Exception):
    """The connection ended before the file did."""


@dataclass(frozen=True, slots=True)
class Download:
    """The name and the type that the server gives a file, and its size; None as long as it is not known."""

    filename: str
    content_type: str
    size: int | None


OnAnswer = Callable[[Download], None]
OnBytes = Callable[[int, int | None], None]


def download(url: str, into: Path, *, on_answer: OnAnswer, on_bytes: OnBytes) -> Download:
    """Fetch `url` into a file; what an earlier call left there is kept where the server can prove that it is of the same file.
    `on_answer` gets what the server says of the file before any of it is read, `on_bytes` the bytes so far and the size, if known;
    both may raise to stop.

    Raises AddressRefused, NotServed for what another try would not change, Unreachable for what it may.
    """
    cuts, before = 0, -1
    while True:
        try:
            return _once(url, into, on_answer, on_bytes)
        except _Cut as error:
            have = _size(into)
            cuts, before = (cuts + 1, before) if have <= before else (0, have)
            if cuts >= MAX_CUTS:
                raise Unreachable(
                    f"{check(url).host} ends the connection before the file is whole ({error})."
                ) from error


def _once(url: str, into: Path, on_answer: OnAnswer, on_bytes: OnBytes) -> Download:
    kept = _Kept(into)
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if kept.size:
        headers |= {"Range": f"bytes={kept.size}-", "If-Range": kept.validator}
    with _final_answer(url, headers) as (answer, final):
        total = _begin(answer, kept, final)
        said = _headers(answer)
        announced = Download(downloads.filename_of(final, said), downloads.type_of(said), total)
        on_answer(announced)
        if answer.status != 416:
            _copy(answer, kept, total, on_bytes)
        if total is not None and kept.size != total:
            raise _Cut(f"{kept.size} of {total} bytes came")
        return replace(announced, size=kept.size)


class _Kept:
    """What is on disk already, and what proves of which file it is; without that it is begun anew."""

    def __init__(self, path: Path) -> None:
        self.path, self._note = path, path.with_name(f"{path.name}.json")
        self.validator = json.loads(self._note.read_text())["validator"] if self._note.exists() else ""
        self.size = _size(path) if self.validator else 0
        if not self.size:
            self.clear("")

    def clear(self, validator: str) -> None:
        """Begin anew, with a file that has this validator."""
        self.path.write_bytes(b"")
        self.size, self.validator = 0, validator
        self._note.write_text(json.dumps({"validator": validator}))


def _begin(answer: http.client.HTTPResponse, kept: _Kept, url: str) -> int | None:
    """The size of the whole file, where it is known; what is kept fits to what comes."""
    status, headers = answer.status, _headers(answer)
    if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise NotServed(
            f"{check(url).host} sends the file compressed, which was not requested. Give an address of the file itself."
        )
    start, whole = downloads.range_of(headers)
    if status == 206 and start == kept.size and kept.size:
        return whole
    if status == 416 and kept.size and whole == kept.size:
        return whole
    if status in (206, 416):
        kept.clear("")
        raise _Cut("it does not go on where it was cut")
    if status != 200:
        _refuse(status, check(url).host)
    kept.clear(downloads.validator_of(headers))
    return downloads.length_of(headers)


def _refuse(status: int, host: str) -> None:
    if status >= 500 or status in PASSING:
        raise Unreachable(f"{host} cannot send the file now (it answers {status}).")
    raise NotServed(
        f"{host} does not provide this file (it answers {status}). Check the address, and that it is publicly readable."
    )


@contextmanager
def _final_answer(url: str, headers: dict[str, str]) -> Iterator[tuple[http.client.HTTPResponse, str]]:
    """The first answer that is no redirect, and its address."""
    for _ in range(MAX_REDIRECTS + 1):
        with asked("GET", check(url), headers, seconds=ANSWER_S) as (answer, answered):
            answered()
            if answer.status not in REDIRECTS:
                yield answer, url
                return
            url = urljoin(url, answer.headers.get("Location", ""))
    raise NotServed(
        f"{check(url).host} redirects more than {MAX_REDIRECTS} times. Give the address of the file itself."
    )


def _copy(answer: http.client.HTTPResponse, kept: _Kept, total: int | None, on_bytes: OnBytes) -> None:
    window_ends, in_window = time.monotonic() + WINDOW_S, 0
    with kept.path.open("ab") as file:
        while block := _read(answer):
            if total is not None and kept.size + len(block) > total:
                raise NotServed("The server sends more than it announced. Give another address of the file.")
            file.write(block)
            kept.size += len(block)
            in_window += len(block)
            on_bytes(kept.size, total)
            if time.monotonic() > window_ends:
                if in_window < WINDOW_BYTES:
                    raise Unreachable(f"The file comes slower than {WINDOW_BYTES >> 10} KiB a minute.")
                window_ends, in_window = time.monotonic() + WINDOW_S, 0


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read1(BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _Cut(type(error).__name__) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
