"""`/v2/sessions`: making, listing, changing and removing shoots; and what is refused, in one shape."""

import gzip
import json
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from sessions_app.models import Membership, RecordingSession
from tests.support.factories import Api, a_session, a_synced_session, a_token, a_user, an_asset

pytestmark = pytest.mark.django_db
SHOOT = {"title": "Tuesday lesson", "date": "2026-01-13", "projectId": "spring"}


@pytest.fixture
def api() -> Api:
    return Api()


def assert_refused(answer: tuple[int, dict], status: int, code: str = "", field: str | None = None) -> dict:
    assert answer[0] == status, answer
    error = answer[1]["error"]
    assert set(error) == {"code", "message", "field", "details"}
    assert error["message"].strip()
    assert not code or error["code"] == code
    assert field is None or error["field"] == field
    return error


def test_a_session_is_made_read_changed_and_removed(api):
    status, made = api.post("/v2/sessions", SHOOT | {"location": "Hall 3", "notes": "Two takes."})
    assert (status, made["status"], made["location"]) == (201, "draft", "Hall 3")
    path = f"/v2/sessions/{made['id']}"
    assert RecordingSession.objects.get().created_by == api.user
    assert api.get(path)[1]["assets"] == []
    assert api.patch(path, {"title": "Wednesday", "preferredMaster": "C"})[1]["preferredMaster"] == "C"
    assert api.patch(path, {})[1]["title"] == "Wednesday"
    assert api.delete(path) == (204, None)
    assert_refused(api.get(path), 404, "not_found")


def test_the_status_is_not_for_clients_to_set(api):
    session = a_session()
    api.patch(f"/v2/sessions/{session.pk}", {"status": "ready", "tenant_id": "t_other", "id": str(uuid.uuid4())})
    again = RecordingSession.objects.get()
    assert (again.pk, again.status, again.tenant_id) == (session.pk, "draft", "t_club")


def test_lists_are_filtered_searched_and_paged(api):
    for number in range(3):
        a_session(f"take {number}", project_id="autumn", date=f"2026-02-0{number + 1}")
    a_session("the finale", status="ready", notes="encore")

    def titles(query: str) -> list[str]:
        status, body = api.get(f"/v2/sessions?{query}")
        assert status == 200, body
        return sorted(session["title"] for session in body["results"])

    assert titles("status=ready") == ["the finale"]
    assert titles("search=ENCORE") == ["the finale"]
    assert titles("projectId=autumn&dateFrom=2026-02-02") == ["take 1", "take 2"]
    assert titles("dateTo=2026-01-31") == ["the finale"]
    page = api.get("/v2/sessions?pageSize=2&page=2")[1]
    assert (page["count"], len(page["results"]), page["next"]) == (4, 2, None)


@pytest.mark.parametrize(
    "query",
    ["status=lost", "dateFrom=yesterday", "page=0", "page=99", "page=x", "page=" + "9" * 400, "pageSize=-3&page=7",
     "projectId=%00", "search=%00", "dateTo=9999999-01-01"],
)  # fmt: skip
def test_a_list_that_cannot_be_had_is_refused(api, query):
    status, body = api.get(f"/v2/sessions?{query}")
    assert status in (400, 404)
    assert set(body["error"]) == {"code", "message", "field", "details"}


@pytest.mark.parametrize("query", ["search=%ED%A0%80", "pageSize=huge", "search=" + "x" * 3000, "search=%25_'"])
def test_odd_searches_find_nothing_and_break_nothing(api, query):
    assert api.get(f"/v2/sessions?{query}")[0] == 200


BAD_FIELDS = [
    ({"title": ""}, "title"), ({"title": None}, "title"), ({"title": 5 * ["x"]}, "title"), ({"title": {}}, "title"),
    ({"title": "x" * 201}, "title"), ({"title": "a\x00b"}, "title"), ({"title": "\ud800"}, "title"),
    ({"title": True}, "title"), ({"date": "13.1.2026"}, "date"), ({"date": "2026-02-30"}, "date"), ({"date": 5}, "date"),
    ({"date": "2026-01-13T10:00"}, "date"), ({"projectId": "a b"}, "projectId"), ({"projectId": "../x"}, "projectId"),
    ({"projectId": ""}, "projectId"), ({"projectId": "x" * 65}, "projectId"), ({"projectId": "-a"}, "projectId"),
    ({"projectId": "é"}, "projectId"), ({"notes": "x" * 10_001}, "notes"), ({"notes": ["x"]}, "notes"),
    ({"preferredMaster": "AB"}, "preferredMaster"), ({"preferredMaster": "a"}, "preferredMaster"),
    ({"location": 10**400}, "location"), ({"mezzanines": None}, "mezzanines"), ({"mezzanines": "some"}, "mezzanines"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), BAD_FIELDS)
def test_a_field_that_cannot_be_used_is_named(api, change, field):
    assert_refused(api.post("/v2/sessions", SHOOT | change), 400, "invalid_input", field)
    session = a_session()
    assert_refused(api.patch(f"/v2/sessions/{session.pk}", change), 400, "invalid_input", field)


def test_a_title_that_turns_its_direction_is_isolated(api):
    _, made = api.post("/v2/sessions", SHOOT | {"title": "Talk \u202egpj"})
    assert made["title"] == "\u2068Talk \u202egpj\u202c\u2069"


def test_every_missing_field_is_listed(api):
    error = assert_refused(api.post("/v2/sessions", {}), 400, "invalid_input", "title")
    assert [fault["field"] for fault in error["details"]["fields"]] == ["title", "date", "projectId"]


BODIES = {
    "nothing": b"", "null": b"null", "a list": b"[]", "a number": b"7", "a string": b'"x"', "half": b'{"title": ',
    "no json": b"title=x", "NaN": b'{"title": NaN}', "a byte order mark": b"\xef\xbb\xbf{}", "no utf-8": b'{"title": "\xff"}',
    "deep lists": b"[" * 100_000, "deep objects": b'{"a":' * 50_000, "deep and closed": b"[" * 900 + b"]" * 900,
    "a very long number": b'{"title": ' + b"9" * 10_000 + b"}", "half a pair": b'{"title": "\\ud800", "date": "2026-01-01"}',
    "a key twice": b'{"title": "a", "title": "b"}', "1e400": b'{"title": 1e400}',
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v2/sessions", "sync/approve", "sync/correct", "sync/run", "assets/init-upload"])
def test_a_body_that_is_no_request_is_refused_and_never_a_500(api, name, path):
    if not path.startswith("/"):
        path = f"/v2/sessions/{a_session().pk}/{path}"
    answer = api.client.generic("POST", path, BODIES[name], "application/json")
    assert 400 <= answer.status_code < 500, answer.content
    assert set(answer.json()["error"]) == {"code", "message", "field", "details"}


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded",
     "application/xml", "nonsense", "application/json; charset=nonsense", "application/json; charset=hex",
     "application/json; charset=zlib", "application/json; charset=base64", "application/json; charset=rot13",
     "application/json; charset=undefined", "application/json; charset=utf-32", "application/json; charset=idna",
     "application/json; charset=unicode_escape", "application/json; charset=punycode"],
)  # fmt: skip
def test_other_content_types_are_refused_and_never_a_500(api, content_type):
    answer = api.client.generic("POST", "/v2/sessions", b"title=x", content_type)
    assert 400 <= answer.status_code < 500, answer.content
    assert set(answer.json()["error"]) == {"code", "message", "field", "details"}


def test_a_body_larger_than_any_request_is_refused_unread(api):
    body = json.dumps(SHOOT | {"notes": "x" * 3_000_000})
    assert_refused(api.post("/v2/sessions", json.loads(body)), 413, "body_too_large")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_a_method_that_is_not_there_is_said_to_be_so(api, method):
    answer = api.client.generic(method, "/v2/sessions", b"{}", "application/json")
    assert_refused((answer.status_code, answer.json()), 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/sessions/", "/v2/sessions/x", "/v2/sessions/" + "x" * 5000])
def test_an_address_that_is_not_there_is_said_to_be_so(api, path):
    answer = api.client.get(path, HTTP_ACCEPT="application/json")
    assert_refused((answer.status_code, answer.json()), 404, "not_found")


def routes(session, asset) -> list[tuple[str, str]]:
    base = f"/v2/sessions/{session.pk}"
    return [
        ("GET", base), ("PATCH", base), ("DELETE", base), ("POST", f"{base}/assets/init-upload"),
        ("GET", f"{base}/assets/{asset.pk}"), ("DELETE", f"{base}/assets/{asset.pk}"),
        ("GET", f"{base}/assets/{asset.pk}/upload"), ("DELETE", f"{base}/assets/{asset.pk}/upload"),
        ("POST", f"{base}/assets/{asset.pk}/complete"), ("POST", f"{base}/assets/{asset.pk}/ingest"),
        ("GET", f"{base}/sync"), ("POST", f"{base}/sync/run"), ("POST", f"{base}/sync/approve"),
        ("POST", f"{base}/sync/correct"), ("GET", f"{base}/sync/history"), ("GET", f"{base}/edit"),
    ]  # fmt: skip


BODY = {
    "title": "mine", "cameraLabel": "A", "filename": "a.mp4", "contentType": "video/mp4", "sizeBytes": 4,
    "approvedBy": "Eve", "correctedBy": "Eve", "offsets": {"B": 1},
}  # fmt: skip


def test_another_tenants_records_are_as_unknown_as_none(api):
    session = a_synced_session()
    asset = session.assets.first()
    before = RecordingSession.objects.values().get()
    eve = Api("eve", "t_other")
    nowhere = a_session("gone")
    nowhere_asset = an_asset(nowhere, "A")
    nowhere_routes = routes(nowhere, nowhere_asset)
    RecordingSession.objects.filter(pk=nowhere.pk).delete()
    for (method, path), (_, nothing) in zip(routes(session, asset), nowhere_routes, strict=True):
        theirs = eve.call(method, path, None if method == "GET" else BODY)
        none = eve.call(method, nothing, None if method == "GET" else BODY)
        assert_refused(theirs, 404, "not_found")
        assert theirs[1]["error"]["code"] == none[1]["error"]["code"], path
    assert eve.get("/v2/sessions")[1]["count"] == 0
    assert RecordingSession.objects.values().get() == before


def test_an_asset_of_one_session_is_not_found_under_another(api):
    one, other = a_synced_session(), a_synced_session()
    assert_refused(api.get(f"/v2/sessions/{one.pk}/assets/{other.assets.first().pk}"), 404, "not_found")


def test_nobody_gets_in_without_a_token():
    session = a_synced_session()
    for method, path in [("GET", "/v2/sessions"), ("POST", "/v2/sessions"), *routes(session, session.assets.first())]:
        answer = Client().generic(method, path, b"{}", "application/json")
        assert_refused((answer.status_code, answer.json()), 401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(
    "header", ["Token", "Token x", "Token x y", "Token \xff", "Basic YTpi", "Bearer x", "token " + "x" * 3000]
)
def test_a_token_that_is_none_is_refused(header):
    answer = Client(HTTP_AUTHORIZATION=header).get("/v2/sessions")
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"code", "message", "field", "details"}


def test_a_token_is_worth_no_more_than_its_owner():
    api = Api()
    assert api.get("/v2/sessions")[0] == 200
    Membership.objects.all().delete()
    assert_refused(api.get("/v2/sessions"), 403, "forbidden")
    a_user("alice")
    api.user.is_active = False
    api.user.save()
    assert_refused(api.get("/v2/sessions"), 401)


def test_a_token_opens_its_own_tenant_alone():
    api = Api()
    a_user("alice", "t_other")
    assert api.get("/v2/sessions", HTTP_X_TENANT_ID="t_club")[0] == 200
    answer = api.get("/v2/sessions", HTTP_X_TENANT_ID="t_other")
    assert_refused(answer, 403, "forbidden")
    assert "works in t_club, dev alone" in answer[1]["error"]["message"]
    assert_refused(api.get("/v2/sessions", HTTP_X_ENV="prod"), 403, "forbidden")


def test_a_browser_acts_in_the_tenants_it_was_given_and_names_them_by_header():
    user = a_user("alice")
    a_user("alice", "t_other")
    a_session()
    browser = Client()
    browser.force_login(user)
    assert browser.get("/v2/sessions").json()["count"] == 1
    assert browser.get("/v2/sessions", HTTP_X_TENANT_ID="t_other").json()["count"] == 0
    answer = browser.get("/v2/sessions", HTTP_X_TENANT_ID="t_third")
    assert answer.status_code == 403
    assert answer.json()["error"]["message"].startswith("You don't have access to t_third. ")
    for name, value in [("HTTP_X_TENANT_ID", "club"), ("HTTP_X_TENANT_ID", "t_A"), ("HTTP_X_ENV", "test")]:
        assert browser.get("/v2/sessions", **{name: value}).status_code == 400


def test_a_browser_without_csrf_token_may_read_and_not_write():
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(a_user())
    assert browser.get("/v2/sessions").status_code == 200
    answer = browser.post("/v2/sessions", SHOOT, content_type="application/json")
    assert_refused((answer.status_code, answer.json()), 403)


def test_an_expired_token_is_refused(django_user_model):
    from django.utils import timezone

    from sessions_app.models import AccessToken

    raw = a_token(a_user())
    AccessToken.objects.update(expires_at=timezone.now())
    assert Client(HTTP_AUTHORIZATION=f"Token {raw}").get("/v2/sessions").status_code == 401
    assert raw not in str(AccessToken.objects.values().get())


def test_what_is_no_request_at_all_is_refused_in_the_same_shape(api):
    answer = api.client.get("/v2/sessions", HTTP_HOST="evil.example")
    assert_refused((answer.status_code, answer.json()), 400, "bad_request")


def test_health_is_answered_to_anybody():
    assert Client().get("/healthz").json() == {"status": "ok"}
    assert Client().get("/readyz").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("body", "headers", "status", "word"),
    [
        (b'{"title": "one", "title": "two"}', {}, 400, "'title' stands twice"),
        (b'{"cameraNames": {"A": "x", "A": "y"}}', {}, 400, "'A' stands twice"),
        (b'{"title": "a\\u0007b"}', {}, 400, "title has control characters"),
        (b'{"cameraNames": {"A": "\\u001bx"}}', {}, 400, "cameraNames.A has control characters"),
        (b'{"title": "\x7f"}', {}, 400, "title has control characters"),
        (b'{"title": NaN}', {}, 400, "NaN in it, which is not a JSON number"),
        (b'{"title": 1e400, "date": "2026-11-28", "projectId": "main"}', {}, 400, "not a finite number"),
        (b'{"title": ' + b"9" * 5000 + b"}", {}, 400, "too many digits"),
        (b'{"title": "\xff"}', {}, 400, "character set"),
        (b'{"title": "one"', {}, 400, "not JSON that can be read"),
        (b'["one"]', {}, 400, "must be a JSON object"),
        (b"null", {}, 400, "must be a JSON object"),
        (gzip.compress(b'{"title": "one"}', mtime=0), {"Content-Encoding": "gzip"}, 415, "Send it as it is"),
        (b"title=one", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "take application/json"),
        (b"{}", {"Accept": "text/html"}, 406, "Accept header"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_for_certain_is_refused_in_words(api, body, headers, status, word):
    sent = {"Authorization": f"Token {a_token(api.user)}"} | headers
    answer = Client().post(
        "/v2/sessions", body, content_type=sent.pop("Content-Type", "application/json"), headers=sent
    )
    assert answer.status_code == status
    assert word in answer.json()["error"]["message"]
    assert not RecordingSession.objects.exists()


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_body_with_a_mark_before_it_or_in_another_character_set_is_read(api, charset):
    name = "utf-8" if charset == "utf-8-sig" else charset
    body, sent = json.dumps(SHOOT).encode(charset), {"Authorization": f"Token {a_token(api.user)}"}
    answer = Client().generic("POST", "/v2/sessions", body, f"application/json; charset={name}", headers=sent)
    assert (answer.status_code, answer.json()["title"]) == (201, SHOOT["title"])


@pytest.mark.parametrize("reason", ["Only its owner may begin a shoot.", ""])
def test_a_refusal_gives_its_own_reason(api, monkeypatch, reason):
    def refuse(*args, **fields):
        raise PermissionDenied(*filter(None, [reason]))

    monkeypatch.setattr("sessions_app.services.create_session", refuse)

    error = assert_refused(api.post("/v2/sessions", SHOOT), 403, "forbidden")

    assert error["message"] == (reason or "You are not allowed to do this. Ask an administrator.")
