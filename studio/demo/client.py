"""A program that uses Studio over HTTP, with nothing but the standard library."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

AT_ONCE = 3
POLL_SECONDS = 1.0


class Refused(Exception):
    """Studio answered with an error: its sentence, and the HTTP status where there was one."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Client:
    """Studio at `url`, with the access of `token`."""

    url: str
    token: str

    def call(self, method: str, path: str, body: dict | None = None) -> Any:
        """What Studio answers, read as JSON; None where it answers nothing. Raises Refused."""
        text = self.fetch(path, method, body)
        return json.loads(text) if text else None

    def fetch(self, path: str, method: str = "GET", body: dict | None = None) -> bytes:
        """What Studio answers, as it is. Raises Refused."""
        request = urllib.request.Request(
            urljoin(self.url, path),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found: bytes = answer.read()
        except urllib.error.HTTPError as error:
            detail = error.read().decode(errors="replace")[:500]
            raise Refused(f"{method} {path}: {error.code} {detail}", error.code) from error
        return found

    def finished(self, status_url: str, report: Callable[[dict], None], limit_s: float) -> dict:
        """A job or an export, once it has ended. Raises TimeoutError."""
        ends = time.monotonic() + limit_s
        while True:
            found: dict = self.call("GET", status_url)
            report(found)
            if found["status"].lower() not in ("queued", "pending", "running", "processing"):
                return found
            if time.monotonic() > ends:
                raise TimeoutError(f"{status_url} is still {found['status']} after {limit_s:.0f} s. Look at /admin/.")
            time.sleep(POLL_SECONDS)

    def send_file(self, session_id: str, camera: str, path: Path, content_type: str, clip: int = 1) -> str:
        """Upload one clip of a camera, in parts where Studio asks for parts; its asset id."""
        offer = self.call(
            "POST",
            f"/v2/sessions/{session_id}/assets/init-upload",
            {
                "cameraLabel": camera,
                "clip": clip,
                "filename": path.name,
                "contentType": content_type,
                "sizeBytes": path.stat().st_size,
            },
        )
        asset = f"/v2/sessions/{session_id}/assets/{offer['assetId']}"
        if "uploadUrl" in offer:
            self._put(offer["uploadUrl"], path, 0, path.stat().st_size, content_type)
            self.call("POST", f"{asset}/complete", {})
            return offer["assetId"]
        while offer["parts"]:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(partial(self._put_part, path, offer["partSize"]), offer["parts"]))
            offer = self.call("GET", f"{asset}/upload")
        self.call("POST", f"{asset}/complete", {"uploadId": offer["uploadId"]})
        return offer["assetId"]

    def wait_for(self, session_id: str, statuses: set[str], report: Callable[[dict], None], limit_s: float) -> dict:
        """The session, once it has one of `statuses`. Raises TimeoutError."""
        return self.wait_until(session_id, lambda session: session["status"] in statuses, report, limit_s)

    def wait_until(
        self, session_id: str, holds: Callable[[dict], bool], report: Callable[[dict], None], limit_s: float
    ) -> dict:
        """The session, once `holds` says so of it. Raises TimeoutError."""
        ends = time.monotonic() + limit_s
        while True:
            session = self.call("GET", f"/v2/sessions/{session_id}")
            report(session)
            if holds(session):
                return session
            if time.monotonic() > ends:
                raise TimeoutError(f"The session is still {session['status']} after {limit_s:.0f} s. Look at /admin/.")
            time.sleep(POLL_SECONDS)

    def wait_for_pictures(self, session_id: str, report: Callable[[dict], None], limit_s: float) -> dict:
        """The session, once each of its files is ready or has failed. Raises TimeoutError."""
        return self.wait_until(
            session_id,
            lambda session: all(a["status"] in ("ready", "failed") for a in session["assets"]),
            report,
            limit_s,
        )

    def _put_part(self, path: Path, part_size: int, part: dict) -> None:
        self._put(part["url"], path, (part["partNumber"] - 1) * part_size, part["sizeBytes"], None)

    def _put(self, url: str, path: Path, start: int, size: int, content_type: str | None) -> None:
        headers = {"Content-Length": str(size)} | ({"Content-Type": content_type} if content_type else {})
        with path.open("rb") as file:
            file.seek(start)
            request = urllib.request.Request(
                urljoin(self.url, url), method="PUT", data=_only(file, size), headers=headers
            )
            with urllib.request.urlopen(request, timeout=300):
                pass


def _only(file, size: int):
    """At most `size` bytes of an open file, block by block."""
    while size > 0 and (block := file.read(min(size, 1 << 20))):
        size -= len(block)
        yield block
