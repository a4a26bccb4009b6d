"""A client that never gives up: it asks again after whatever went wrong on the way, and resumes an upload where it was."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from studio.demo.client import Client, Refused

PAUSE_S = 0.2
BLOCK = 1 << 20
#: What a client meets when a wire is cut or a server dies.
BROKEN = (urllib.error.URLError, ConnectionError, http.client.HTTPException, TimeoutError, OSError)


class OutOfPatience(Exception):
    """Nothing came of it for so long that a person would have complained."""


@dataclass
class Patient:
    """`client` with patience: `limit_s` for one request and all its repeats. `went_well` has the time (monotonic) of each
    answer, `went_wrong` that of each failure and what it was, `server_errors` each 5xx; `part_size` is that of the last upload."""

    client: Client
    limit_s: float = 90.0
    at_once: int = 1
    part_size: int = 0
    went_well: list[float] = field(default_factory=list)
    went_wrong: list[tuple[float, str]] = field(default_factory=list)
    server_errors: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda path: None

    def call(self, method: str, path: str, body: dict | None = None) -> Any:
        """The answer. Raises Refused for a 4xx, OutOfPatience."""
        ends = time.monotonic() + self.limit_s
        while True:
            self.before(path)
            try:
                answer = self.client.call(method, path, body)
            except Refused as error:
                if error.status < 500:
                    self.went_well.append(time.monotonic())
                    raise
                self.server_errors.append(str(error)[:300])
                self._failed(error, ends)
            except BROKEN as error:
                self._failed(error, ends)
            else:
                self.went_well.append(time.monotonic())
                return answer

    def send(self, session: str, camera: str, path: Path, content_type: str) -> str:
        """Upload one camera's file to the end; its asset id. Raises OutOfPatience, Refused."""
        offer = self.call(
            "POST",
            f"/v2/sessions/{session}/assets/init-upload",
            {
                "cameraLabel": camera,
                "filename": path.name,
                "contentType": content_type,
                "sizeBytes": path.stat().st_size,
            },
        )
        base = f"/v2/sessions/{session}/assets/{offer['assetId']}"
        self.part_size = offer.get("partSize", 0)
        ends = time.monotonic() + self.limit_s
        with ThreadPoolExecutor(self.at_once) as pool:
            while left := parts_of(offer, content_type):
                arrived = list(pool.map(lambda part: self._put(path, *part, ends), left))
                if "uploadUrl" in offer and all(arrived):
                    break
                offer = self.call("GET", f"{base}/upload")
        self.call("POST", f"{base}/complete", {"uploadId": offer["uploadId"]} if "uploadId" in offer else {})
        return offer["assetId"]

    def read(self, url: str, size: int) -> bytes:
        """The `size` bytes behind a URL, going on where a connection broke."""
        got = bytearray()
        ends = time.monotonic() + self.limit_s
        while len(got) < size:
            headers = {"Range": f"bytes={len(got)}-"} if got else {}
            request = urllib.request.Request(self.absolute(url), headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    while block := answer.read(BLOCK // 16):
                        got += block
                if len(got) < size:
                    raise ConnectionError(f"the answer ended after {len(got)} of {size} bytes")
                self.went_well.append(time.monotonic())
            except BROKEN as error:
                self._failed(error, ends)
        return bytes(got)

    def absolute(self, url: str) -> str:
        return urljoin(self.client.url, url)

    def _put(self, path: Path, url: str, start: int, size: int, content_type: str, ends: float) -> bool:
        """Whether the bytes arrived. A refusal counts as not: the caller asks for new links."""
        where = urlsplit(self.absolute(url))
        assert where.hostname
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
        headers = {"Content-Length": str(size)} | ({"Content-Type": content_type} if content_type else {})
        try:
            self.before("PUT")
            connection.request("PUT", f"{where.path}?{where.query}", _bytes(path, start, size), headers)
            status = connection.getresponse().status
        except BROKEN as error:
            self._failed(error, ends)
            return False
        finally:
            connection.close()
        if status >= 300:
            self._failed(RuntimeError(f"PUT answered {status}"), ends)
            return False
        self.went_well.append(time.monotonic())
        return True

    def _failed(self, error: BaseException, ends: float) -> None:
        self.went_wrong.append((time.monotonic(), f"{type(error).__name__}: {error}"[:300]))
        if time.monotonic() > ends:
            raise OutOfPatience(str(error)) from error
        time.sleep(PAUSE_S)


def parts_of(offer: dict, content_type: str) -> list[tuple[str, int, int, str]]:
    """(url, first byte, size, Content-Type) of all that is still to be sent."""
    if "uploadUrl" in offer:
        return [(offer["uploadUrl"], 0, offer["sizeBytes"], content_type)]
    size = offer["partSize"]
    return [(part["url"], (part["partNumber"] - 1) * size, part["sizeBytes"], "") for part in offer["parts"]]


def _bytes(path: Path, start: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while size > 0 and (block := file.read(min(size, BLOCK // 4))):
            size -= len(block)
            yield block
