"""How often somebody may ask, and what the answer says when it is too often."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.forms import AuthenticationForm
from django.test import Client, RequestFactory

from sessions_app.core.names import canonical
from sessions_app.core.rates import Limit, parse
from sessions_app.web import limits
from sessions_app.web.limits import TooManyRequests, client_address, hit
from tests.support.factories import TENANT, Api, a_session, a_synced_session, a_user, offer_of
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.django_db


@pytest.fixture
def rates(settings):
    """`rates(api="3/m")` sets limits for this test; the window does not end while it runs."""

    def set_them(**chosen: str) -> None:
        settings.RATE_LIMITS = {**dict.fromkeys(settings.RATE_LIMITS, "off"), **chosen}

    return set_them


@pytest.fixture(autouse=True)
def still(monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_010.0)


def test_a_limit_is_read_as_it_is_written():
    assert parse("10/m") == Limit(10, 60)
    assert parse("off") is None
    for nonsense in ("", "10", "ten/m", "10/y", "-1/m", "10/m ", "١/m"):
        with pytest.raises(ValueError, match="rate limit"):
            parse(nonsense)


def test_one_too_many_is_429_in_the_one_shape_with_the_seconds_to_wait(rates):
    rates(api="3/m")
    api = Api()
    assert [api.get("/v2/sessions")[0] for _ in range(4)] == [200, 200, 200, 429]
    answer = api.client.get("/v2/sessions")
    refused = answer.json()["error"]
    assert (refused["code"], refused["field"], refused["details"]["limit"]) == ("too_many_requests", None, 3)
    assert int(answer["Retry-After"]) == refused["details"]["retryAfterSeconds"] == 50
    assert "Wait 50 s" in refused["message"]


def test_the_next_window_begins_anew(rates, monkeypatch):
    rates(api="1/m")
    api = Api()
    assert [api.get("/v2/sessions")[0] for _ in range(2)] == [200, 429]
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_060.0)
    assert api.get("/v2/sessions")[0] == 200


def test_each_caller_is_counted_alone(rates):
    rates(api="1/m")
    alice, bob = Api(), Api("bob")
    assert [alice.get("/v2/sessions")[0], bob.get("/v2/sessions")[0], alice.get("/v2/sessions")[0]] == [200, 200, 429]


def test_dear_work_has_limits_of_its_own(rates):
    rates(upload="1/m", work="1/m", export="1/m", webhook="1/m")
    api, session, synced = Api(), a_session().pk, a_synced_session().pk
    calls = [
        ("POST", f"/v2/sessions/{session}/assets/init-upload", offer_of()),
        ("POST", f"/v2/sessions/{synced}/sync/run", {}),
        ("GET", f"/v2/sessions/{synced}/edit", None),
        ("POST", "/v2/webhooks", {"url": "x"}),
    ]
    for method, path, body in calls:
        assert api.call(method, path, body)[0] != 429
        assert api.call(method, path, body)[0] == 429
    assert {api.get("/v2/webhooks")[0] for _ in range(5)} == {200}


def test_guessing_tokens_is_slowed_down_and_a_valid_token_is_never_refused_for_it(rates):
    rates(bad_token="2/m")
    api = Api()
    guesses = [Client(HTTP_AUTHORIZATION=f"Token guess-{n}").get("/v2/sessions").status_code for n in range(4)]
    assert guesses == [401, 401, 429, 429]
    assert api.get("/v2/sessions")[0] == 200
    assert Client(HTTP_AUTHORIZATION="Token").get("/v2/sessions").status_code == 429
    assert {
        Client(HTTP_AUTHORIZATION=f"Token {api.token}x").get("/healthz").status_code,
        api.post("/v2/sessions")[0],
    } == {200, 400}


@pytest.mark.parametrize(
    ("name", "spelling"), [("josé", "jose\u0301"), ("josé", "JOSE\u0301"), ("straße", "STRASSE"), ("ﬁona", "fiona")]
)
def test_combining_marks_ligatures_and_case_make_no_other_name(rates, client, name, spelling):
    rates(sign_in_name="1/h")
    assert client.post("/sign-in/", {"username": name, "password": "wrong"}).status_code == 200
    assert client.post("/admin/login/", {"username": spelling, "password": "wrong"}).status_code == 429


@pytest.mark.parametrize(
    "spelling",
    [
        "carol",
        "CAROL",
        "  carol ",
        "ｃａｒｏｌ",
        "ｃarol",
        "ⓒⓐⓡⓞⓛ",
        "carₒl",
        " " * 300 + "carol",
        "\u3000carol\u2003",
        "ᶜarol",
        "𝐜𝐚𝐫𝐨𝐥",
        "CaRoL",
    ],
)
def test_every_spelling_of_a_name_counts_as_the_name(rates, client, spelling):
    rates(sign_in="1/m")
    assert client.post("/sign-in/", {"username": "carol", "password": "wrong"}).status_code == 200
    assert client.post("/sign-in/", {"username": spelling, "password": "wrong"}).status_code == 429


def test_a_name_counts_as_django_would_look_it_up(db):
    for spelling in ("ｃａｒｏｌ", "ⓒⓐⓡⓞⓛ", " carol\u2003", "ﬁona"):
        looked_up = AuthenticationForm(data={"username": spelling, "password": "x"}).fields["username"].clean(spelling)
        assert canonical(spelling) == looked_up.casefold()


def test_behind_a_proxy_that_was_not_declared_accounts_are_limited_and_addresses_are_not(rates, settings):
    rates(sign_in="1/m", sign_in_address="1/m", bad_token="1/m")

    def code(name: str, **headers: str) -> int:
        return Client().post("/sign-in/", {"username": name, "password": "x"}, headers=headers).status_code

    assert [code(f"u{n}", **{"X-Forwarded-For": "1.2.3.4"}) for n in range(3)] == [200, 200, 200]
    assert code("u1", Via="1.1 proxy") == 429
    guesses = {
        Client().get("/v2/sessions", headers={"Authorization": "Token x", "Via": "p"}).status_code for _ in range(3)
    }
    assert guesses == {401}

    settings.TRUSTED_PROXIES = 1
    assert code("u5", **{"X-Forwarded-For": "1.2.3.4"}) == 200
    assert code("u6", **{"X-Forwarded-For": "1.2.3.4"}) == 429
    assert code("u6", **{"X-Forwarded-For": "1.2.3.5"}) == 200


@pytest.mark.parametrize("page", ["/sign-in/", "/admin/login/"])
def test_guessing_a_password_is_slowed_down_on_every_door(rates, page, client):
    rates(sign_in="2/m")
    a_user("carol", is_staff=True).set_password("x")
    form = {"username": "carol", "password": "wrong"}
    assert [client.post(page, form).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.post(page, form)
    assert answer["Retry-After"] == "50"
    assert "Wait 50 s" in answer.content.decode()
    assert client.post(page, form | {"username": "dave"}).status_code == 200


def test_a_name_is_guarded_against_many_addresses_and_an_address_against_many_names(rates):
    rates(sign_in_name="2/h", sign_in_address="2/m")
    from_everywhere = [
        Client(REMOTE_ADDR=f"10.0.0.{n}").post("/sign-in/", {"username": "Carol", "password": "x"}).status_code
        for n in range(3)
    ]
    assert from_everywhere == [200, 200, 429]
    names = [Client(REMOTE_ADDR="10.1.0.1").post("/sign-in/", {"username": f"u{n}"}).status_code for n in range(3)]
    assert names == [200, 200, 429]


def test_processes_count_together(rates, settings):
    rates(api="100/m")
    script = (
        "import sys; sys.path.insert(0, '.'); import pathlib\n"
        "from sessions_app.web import limits\n"
        "for _ in range(200): limits._add_in_file(pathlib.Path(sys.argv[1]), 'x', 2e9, 1)\n"
    )
    path = settings.VAR_DIR / "limits.sqlite3"
    environment = {
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "PATH": "/usr/bin:/bin",
        "STUDIO_VAR": str(settings.VAR_DIR),
    }
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=Path(__file__).parents[3], env=environment)
        for _ in range(3)
    ]
    assert [child.wait(PATIENCE_S) for child in running] == [0, 0, 0]
    assert limits._add_in_file(path, "x", 2e9, 0) == 600


@pytest.mark.services
def test_redis_counts_alike(rates, settings, redis_server):
    rates(api="2/m")
    settings.RATE_LIMIT_REDIS_URL = redis_server.url
    api = Api()
    assert [api.get("/v2/sessions")[0] for _ in range(3)] == [200, 200, 429]


def test_a_counter_that_fails_refuses_nobody(rates, settings):
    rates(api="1/m")
    settings.RATE_LIMIT_REDIS_URL = "redis://127.0.0.1:9/0"
    api = Api()
    assert {api.get("/v2/sessions")[0] for _ in range(3)} == {200}


def test_an_address_is_believed_as_far_as_our_own_proxies_wrote_it(settings):
    def seen(remote: str, forwarded: str = "") -> str:
        return client_address(
            RequestFactory().get("/", REMOTE_ADDR=remote, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))
        )

    assert seen("10.0.0.1") == "10.0.0.1"
    assert seen("10.0.0.1", "1.2.3.4") == ""
    settings.TRUSTED_PROXIES = 0
    assert seen("10.0.0.1", "1.2.3.4") == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert seen("10.0.0.1", "6.6.6.6, 1.2.3.4") == "1.2.3.4"
    settings.TRUSTED_PROXIES = 2
    assert seen("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2") == "1.2.3.4"
    assert seen("10.0.0.1", "nonsense, 1.2.3.4") == "unknown"
    settings.TRUSTED_PROXIES = 0
    assert seen("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert seen("::ffff:1.2.3.4") == "1.2.3.4"


def test_the_counters_name_nobody(rates, settings):
    rates(api="5/m")
    for _ in range(5):
        hit("api", "user alice-the-operator")
    with pytest.raises(TooManyRequests):
        hit("api", "user alice-the-operator")
    kept = b"".join(path.read_bytes() for path in settings.VAR_DIR.glob("limits.sqlite3*"))
    assert not re.search(rb"alice", kept)
    assert TENANT.encode() not in kept
