"""A kept connection to Postgres is found out when its server has gone, and is not asked while it has not."""

import psycopg
import pytest
from django.db.utils import ConnectionHandler

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def kept(postgres_server):
    """A connection as Studio keeps it between requests."""
    url = postgres_server.url.replace("postgres://", "postgresql://")
    named = psycopg.conninfo.conninfo_to_dict(url)
    place = {
        "ENGINE": "studio.runtime.postgres", "NAME": named["dbname"], "USER": named["user"], "HOST": named["host"],
        "PORT": named["port"], "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
    }  # fmt: skip
    connection = ConnectionHandler({"default": place})["default"]
    yield connection, url
    connection.close()


def begin_a_request(connection) -> None:
    """As Django does, on `request_started`."""
    connection.close_if_unusable_or_obsolete()


def ask(connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_connection_that_stands_is_kept_and_asked_nothing(kept):
    connection, url = kept
    here = ask(connection)

    begin_a_request(connection)
    connection.ensure_connection()
    connection.close_if_health_check_failed()

    with psycopg.connect(url) as other:
        last = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [here]).fetchone()
    assert last == ("SELECT pg_backend_pid()",)
    assert ask(connection) == here


def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used(kept):
    connection, url = kept
    gone = ask(connection)
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [gone])

    begin_a_request(connection)

    assert ask(connection) != gone


def test_after_an_error_the_connection_is_asked(kept):
    connection, _ = kept
    here = ask(connection)
    with pytest.raises(Exception, match="nothing_of_the_kind"), connection.cursor() as cursor:
        cursor.execute("SELECT nothing_of_the_kind")
    assert connection.errors_occurred

    begin_a_request(connection)

    assert not connection.errors_occurred
    assert ask(connection) == here
