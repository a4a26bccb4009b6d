"""The servers that other tests stand on: that they are real, and gone afterwards."""

import os
import socket
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.services import fixtures, servers

pytestmark = pytest.mark.services


def test_postgres_answers_and_keeps_its_clients_apart(postgres_server):
    url = postgres_server.url.replace("postgres://", "postgresql://")

    with psycopg.connect(url) as one, psycopg.connect(url) as two:
        one.execute("CREATE TABLE claims (id int)")
        one.execute("INSERT INTO claims VALUES (1)")
        one.commit()
        one.execute("SELECT id FROM claims FOR UPDATE")
        assert two.execute("SELECT id FROM claims FOR UPDATE SKIP LOCKED").fetchall() == []
        one.rollback()
        two.execute("DROP TABLE claims")


def test_redis_answers(redis_server):
    assert ask_redis(redis_server) == b"+PONG\r\n"


def test_a_server_is_gone_when_its_context_ends():
    with servers.redis() as server:
        assert ask_redis(server) == b"+PONG\r\n"

    with pytest.raises(OSError, match="refused"):
        ask_redis(server)
    with pytest.raises(ProcessLookupError):
        os.kill(server.program.pid, 0)


def test_a_database_that_was_killed_and_started_again_has_kept_what_was_committed():
    with servers.postgres() as server:
        url = server.url.replace("postgres://", "postgresql://")
        with psycopg.connect(url) as before:
            before.execute("CREATE TABLE kept AS SELECT 1 AS id")

        server.program.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.program.start()

        with psycopg.connect(url) as after:
            assert after.execute("SELECT id FROM kept").fetchall() == [(1,)]


def test_a_bucket_outlives_its_server_being_killed(swift_server, s3_place):
    s3_place.store.put_bytes("a", b"data", content_type="text/plain")

    for program in swift_server.programs:
        program.kill()
    for program in swift_server.programs:
        program.launch()
    for program in swift_server.programs:
        program.wait_until_ready()

    assert s3_place.read("a") == b"data"


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_server_that_cannot_be_had_is_a_loud_skip_at_home_and_a_failure_in_ci(monkeypatch, ci, outcome):
    def nowhere():
        raise servers.ServiceMissing("redis-server is not on this machine: apt-get install redis-server.")

    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="apt-get install redis-server"):
        next(fixtures._started(nowhere))


def ask_redis(server: servers.Redis) -> bytes:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as wire:
        wire.sendall(b"PING\r\n")
        return wire.recv(100)
