"""Real servers as fixtures, one of each for a whole run: `swift_server`, `postgres_server`, `redis_server`.

A server that cannot be had skips its tests and says why; with CI=true in the environment it fails them. Every run of tests loads
this module, most need no server: what takes long to load (Celery, boto3) is imported inside the fixtures.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.services import servers, swift

if TYPE_CHECKING:
    from tests.services import brokers, stores

Server = TypeVar("Server")


@pytest.fixture(scope="session")
def swift_server() -> Iterator[swift.Swift]:
    yield from _started(swift.swift)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.Postgres]:
    yield from _started(servers.postgres)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.Redis]:
    yield from _started(servers.redis)


@pytest.fixture
def celery_broker(redis_server, settings) -> "Iterator[brokers.Broker]":
    """The queue's second engine on a real and empty Redis, for this process and what it starts."""
    from tests.services import brokers  # loads Celery

    settings.JOB_DISPATCH = "celery"
    with brokers.broker(redis_server) as broker:
        yield broker


def _started(start: Callable[[], AbstractContextManager[Server]]) -> Iterator[Server]:
    with ExitStack() as running:
        try:
            server = running.enter_context(start())
        except servers.ServiceMissing as error:
            if os.environ.get("CI", "").lower() in ("1", "true"):
                pytest.fail(f"A real server is missing: {error}")
            pytest.skip(f"A REAL SERVER IS MISSING: {error}")
        yield server


@pytest.fixture(scope="session")
def _store_address() -> Iterator[str]:
    from tests.services import stores  # loads boto3

    with stores.http_server() as address:
        yield address


@pytest.fixture
def local_place(tmp_path, _store_address) -> "Iterator[stores.Place]":
    """A local store in an empty folder, its signed URLs answered by a real HTTP server."""
    from tests.services import stores  # loads boto3

    with stores.local_place(tmp_path / "store", _store_address) as place:
        yield place


@pytest.fixture
def s3_place(swift_server, monkeypatch) -> "Iterator[stores.Place]":
    """An empty bucket of a real S3 server, whose listings never lag: it has one disk."""
    from tests.services import stores  # loads boto3

    monkeypatch.setattr("media_app.storage.s3.store._LISTING_LAG_SECONDS", (0.01,))
    with stores.s3_place(swift_server, f"studio-{uuid.uuid4().hex}") as place:
        yield place


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.services)])
def place(request) -> "stores.Place":
    """Each kind of store in turn: what is promised of one is promised of both."""
    return request.getfixturevalue(f"{request.param}_place")
