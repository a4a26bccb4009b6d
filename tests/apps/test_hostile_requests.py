"""Every route and page, asked with what no browser sends: control characters and nonsense in addresses, queries, cookies,
headers and forms, with every method. Nothing answers with a 5xx.
"""

import http.cookies
import uuid
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import a_derivative, a_job, a_synced_session, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
NASTY = ("\x00", "a\x00b", "\r\nX-Injected: 1", "\x1b[2J", "\x7f")
STRANGE = ("\ud800", "\u202e", "💥" * 200, "9" * 400, "-1", "nan", "%", "[]", "../../etc/passwd", "'\";--")
#: What queries may ask by name, of pages, the API and admin.
PARAMETERS = (
    "q", "search", "page", "pageSize", "sort", "show", "status", "type", "tenant", "age", "cause", "job", "id", "seen", "name",
    "size", "camera", "format", "version", "lang", "script", "next", "download", "projectId", "dateFrom", "dateTo", "date__year",
    "date__month", "date__gte", "p", "o", "e", "all", "status__exact", "tenant_id__exact", "user__id__exact", "_to_field", "_popup",
    "app_label", "model_name", "field_name", "term", "grant", "from", "tenant_id", "env", "kind", "tag", "source_ref", "wait",
)  # fmt: skip


LISTS = (
    "/sessions/",
    "/admin/jobs",
    "/admin/media_app/mediajob/",
    "/admin/sessions_app/recordingsession/",
    "/v2/sessions",
)


@pytest.fixture
def records(settings) -> dict[str, str]:
    """A value for each parameter of an address."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "off")
    session = a_synced_session()
    asset = session.assets.first()
    derived, job = a_derivative(asset), a_job(session=session)
    return {
        "artifact_id": str(derived.pk),
        "session_id": str(session.pk),
        "asset_id": str(asset.pk),
        "derivative_id": str(derived.pk),
        "job_id": str(job.pk),
        "object_id": str(session.pk),
        "number": "1",
        "name": "master.m3u8",
        "verb": "retry",
        "stream": "stdout",
    }


@pytest.fixture
def staff(db) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user("root", is_staff=True, is_superuser=True))
    return client


def addresses(records: dict[str, str]) -> list[str]:
    """Every address of Studio, its parameters filled in."""
    return sorted({f"/{path}" for path in _paths(get_resolver().url_patterns, records)})


def _paths(patterns, records: dict[str, str], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        made = before + _filled(pattern.pattern, records)
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, records, made)
        elif isinstance(pattern, URLPattern):
            yield made


def _filled(pattern, records: dict[str, str]) -> str:
    route = str(pattern)
    for name, converter in getattr(pattern, "converters", {}).items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        value = records.get(name) or {"uuid": str(uuid.uuid4()), "int": "1"}.get(kind, "x")
        route = route.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
    return route.removeprefix("^").removesuffix("$") if "(?P" not in route else "x"


def failures(client: Client, asked: Iterator[tuple[str, str, dict]]) -> list[str]:
    """The requests that end in a 5xx."""
    bad = []
    for method, path, more in asked:
        answer = client.generic(method, path, **more)
        if answer.status_code >= 500 and answer.status_code != 503:
            bad.append(f"{answer.status_code} {method} {path!r} {more}")
    return bad


def test_the_enumeration_finds_every_kind_of_page(records):
    found = addresses(records)
    for path in ("/sign-in/", "/v2/sessions", "/api/schema/", "/admin/media_app/mediajob/", "/sessions/", "/readyz"):
        assert path in found
    assert len(found) > 150


def test_every_method_on_every_address_is_answered(staff, records):
    asked = ((method, path, {}) for path in addresses(records) for method in METHODS if path != "/sign-out/")
    assert failures(staff, asked) == []


@pytest.mark.parametrize("who", ["staff", "nobody"])
def test_nothing_in_a_query_is_a_server_error(staff, records, who):
    """Eight names an address, others for the next one; all names where records are listed and changed."""
    client = staff if who == "staff" else Client(raise_request_exception=False)

    def asked() -> Iterator[tuple[str, str, dict]]:
        for number, path in enumerate(addresses(records)):
            yield "OPTIONS", f"{path}?version=%0d%0aX-Injected:%201", {}
            if client.get(path).status_code >= 400:
                continue
            names = PARAMETERS if path in LISTS else (PARAMETERS * 2)[number * 8 % len(PARAMETERS) :][:8]
            for index, name in enumerate(names):
                text = STRANGE[(number + index) % len(STRANGE)]
                yield "GET", f"{path}?{name}={quote(text, errors='surrogatepass')}", {}

    assert failures(client, asked()) == []


@pytest.mark.parametrize("text", NASTY)
def test_control_characters_are_refused_wherever_they_stand(staff, records, text):
    for path in ("/sessions/", "/v2/sessions", "/admin/media_app/mediajob/", "/api/schema/", "/sign-in/"):
        answers = {
            "query": staff.get(f"{path}?status={quote(text)}"),
            "name": staff.get(f"{path}?{quote(text)}=1"),
            "address": staff.generic("GET", f"{path}{quote(text)}"),
            "header": staff.get(path, headers={"X-Tenant-Id": text}),
            "agent": staff.get(path, headers={"User-Agent": text}),
        }
        assert {where: answer.status_code for where, answer in answers.items()} == dict.fromkeys(answers, 400), path
        assert not any("X-Injected" in answer.headers for answer in answers.values())
        assert all(answer["Content-Security-Policy"] and answer["X-Frame-Options"] for answer in answers.values())


def test_a_session_cookie_with_an_octal_nul_is_refused(records):
    for name in ("sessionid", "csrftoken", "other"):
        client = Client(raise_request_exception=False)
        client.cookies.load(f'{name}="abc\\000def"')
        assert http.cookies._unquote('"abc\\000def"') == "abc\x00def"  # type: ignore[attr-defined]
        for path in ("/sessions/", "/v2/sessions", "/admin/", "/healthz"):
            answer = client.get(path, HTTP_COOKIE=f'{name}="abc\\000def"')
            assert answer.status_code == 400, path


@pytest.mark.parametrize("path", ["/sign-in/", "/sessions/tenant/", "/admin/login/", "/sessions/review/confident/"])
def test_a_form_with_a_nul_is_refused_and_one_with_line_ends_is_not(staff, path):
    assert staff.post(path, {"username": "a\x00", "password": "x"}).status_code == 400
    assert staff.post(path, {"username\x00": "a"}).status_code == 400
    assert staff.post(path, {"username": "a", "notes": "one\r\ntwo\tthree"}).status_code < 400


def test_a_page_and_a_program_each_get_their_own_kind_of_answer(staff):
    page, program = staff.get("/sessions/?search=%00"), staff.get("/v2/sessions?search=%00")
    assert page["Content-Type"].startswith("text/html")
    assert "control characters in its query" in page.content.decode()
    assert program.json()["error"]["code"] == "bad_request"


def test_the_schema_has_one_version_whatever_is_asked(staff):
    plain, asked = staff.get("/api/schema/"), staff.get('/api/schema/?version=9";x="1')
    assert plain["Content-Disposition"] == asked["Content-Disposition"]
    assert plain.content == asked.content


def test_the_documentation_answers_options_with_405(staff):
    assert staff.options("/api/docs/").status_code == 405
    assert staff.get("/api/docs/").status_code == 200
