"""Both kinds of store with the server that answers their URLs, so that one test can hold both to the same promises."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import requests
from botocore.config import Config
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import override_settings

from media_app import storage
from tests.services.swift import Swift

#: A bucket refuses shorter parts, but for the last.
PART = 5 * 2**20


@dataclass(frozen=True, slots=True)
class Place:
    """A store, and a browser that knows nothing but URLs."""

    store: storage.Store
    kind: str

    def put(self, url: str, body, **headers: str) -> requests.Response:
        return requests.put(url, data=body, headers=_named(headers), timeout=60)

    def get(self, url: str, **headers: str) -> requests.Response:
        return requests.get(url, headers=_named(headers), timeout=60)

    def single(self, key: str, size: int) -> tuple[str, str]:
        """An upload by one PUT: its id and its link."""
        upload_id = self.begin(key, size, max(1, size))
        return upload_id, self.store.presign_part(key, upload_id, 1, size=size, content_type="video/mp4")

    def upload(self, key: str, body: bytes) -> requests.Response:
        """Send an object by one PUT, and complete it."""
        upload_id, url = self.single(key, len(body))
        answer = self.put(url, body, content_type="video/mp4")
        self.finish(key, upload_id, len(body), part_size=max(1, len(body)))
        return answer

    def begin(self, key: str, size: int, part_size: int = PART) -> str:
        return self.store.start_multipart(key, content_type="video/mp4", size=size, part_size=part_size)

    def send_part(self, key: str, upload_id: str, number: int, body: bytes) -> requests.Response:
        return self.put(self.store.presign_part(key, upload_id, number, size=len(body)), body)

    def finish(self, key: str, upload_id: str, size: int, parts=None, part_size: int = PART) -> storage.StoredObject:
        return self.store.complete_multipart(key, upload_id, parts, size=size, part_size=part_size)

    def read(self, key: str) -> bytes:
        with self.store.open(key) as file:
            return file.read()


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def http_server() -> Iterator[str]:
    """Studio behind Django's own threaded server, in this process, where it sees each test's settings; its address."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.daemon_threads = True
    server.set_app(WSGIHandler())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def local_place(root: Path, address: str) -> Iterator[Place]:
    """A store in a folder, its links answered at the address."""
    with override_settings(STORAGE_BACKEND="local", MEDIA_STORE_ROOT=root, PUBLIC_URL=address):
        yield Place(storage.store(), "local")


@contextmanager
def s3_place(server: Swift, bucket: str) -> Iterator[Place]:
    """A new bucket of a real server, cleared afterwards."""
    admin(server).create_bucket(Bucket=bucket)
    with override_settings(
        STORAGE_BACKEND="s3",
        S3_BUCKET=bucket,
        S3_ENDPOINT_URL=server.endpoint_url,
        S3_ACCESS_KEY_ID=server.access_key,
        S3_SECRET_ACCESS_KEY=server.secret_key,
        S3_REGION=server.region,
    ):
        yield Place(storage.store(), "s3")


def admin(server: Swift):
    """A plain boto3 client, to look behind the store's back."""
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name=server.region,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def with_settings(place: Place, **changes) -> storage.Store:
    """A store like the place's, differing in some of its settings."""
    return type(place.store)(replace(place.store.settings, **changes))


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args) -> None:
        """The tests' output is not this server's log."""
