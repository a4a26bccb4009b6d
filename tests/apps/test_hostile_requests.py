"""Every route and page, asked with what no browser sends: control characters and nonsense in addresses, queries, cookies,
headers and forms, with every method. Nothing answers with a 5xx. `HOSTILE=all` asks every name with every text, for minutes.
"""

import http.cookies
import json
import os
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.core.handlers import wsgi
from django.http import QueryDict, request
from django.test import Client

from sessions_app.models import Membership
from tests.support.factories import TENANT, a_user
from tests.support.records import A_BODY, one_of_everything
from tests.support.routes import every_route

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


#: What stands for an id in an address.
IDS = (
    *STRANGE, "x", "0", "9" * 30, "00000000-0000-0000-0000-000000000007", "_2F", "_00", "a/b", "1 OR 1=1", "1.0",
)  # fmt: skip
EVERY = "*"
PROGRAMS = ("/v2/", "/api/", "/audio/", "/video/", "/media-v2/")
WHOLE = {
    **A_BODY,
    "notes": "",
    "location": "",
    "overrides": {},
    "description": "",
    "decidedBy": "Eve",
    "packager": "hls",
}
#: The long form: minutes instead of seconds.
EVERYTHING = os.environ.get("HOSTILE") == "all"


@pytest.fixture
def records(settings) -> dict[str, str]:
    """A value for each parameter of an address."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "off")
    return one_of_everything(TENANT)


@pytest.fixture
def staff(db) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user("root", is_staff=True, is_superuser=True))
    return client


def addresses(records: dict[str, str]) -> list[str]:
    """Every address of Studio, its parameters filled in."""
    return sorted({route.filled(records) for route in every_route()})


class Asked(QueryDict):
    """A query that notes which names a view asks for; `EVERY` for a view that reads them all."""

    names: ClassVar[set[str]] = set()

    def __getitem__(self, key):
        self.names.add(key)
        return super().__getitem__(key)

    def getlist(self, key, default=None):
        self.names.add(key)
        return super().getlist(key, default)

    def items(self):
        self.names.add(EVERY)
        return super().items()


@pytest.fixture
def asked_names(monkeypatch) -> set[str]:
    """The names that views have asked queries for since the set was cleared."""
    monkeypatch.setattr(wsgi, "QueryDict", Asked)
    Asked.names.clear()
    return Asked.names


def read_by(client: Client, path: str, asked_names: set[str], number: int) -> list[str]:
    """The names that the page at this address reads from its query. Of a page that reads them all, eight: others for each."""
    asked_names.clear()
    client.get(path)
    if EVERYTHING:
        # Some are read only where others are given.
        client.get(path, dict.fromkeys(PARAMETERS, "1"))
    names = {name for name in asked_names if isinstance(name, str)}
    if EVERY in names:
        names |= set(PARAMETERS if EVERYTHING else (PARAMETERS * 2)[number * 8 % len(PARAMETERS) :][:8])
    return sorted(names - {EVERY})


def failures(client: Client, asked: Iterator[tuple[str, str, dict]]) -> list[str]:
    """The requests that end in a 5xx."""
    bad = []
    for method, path, more in asked:
        answer = client.generic(method, path, **more)
        if answer.status_code >= 500 and answer.status_code != 503:
            bad.append(f"{answer.status_code} {method} {path!r} {more}")
    return bad


def test_the_enumeration_finds_every_kind_of_page(staff, records):
    found = addresses(records)
    unfilled = [path for path in found if "<" in path or "made-up" in path]
    assert len(unfilled) <= 3, unfilled
    opened = {path for path in found if path.startswith("/admin/") and staff.get(path).status_code == 200}
    for model in admin.site._registry:
        label = model._meta.label_lower.replace(".", "/")
        assert any(path.startswith(f"/admin/{label}/") and path.endswith("/change/") for path in opened), label
    for path in ("/sign-in/", "/v2/sessions", "/api/schema/", "/admin/media_app/mediajob/", "/sessions/", "/readyz"):
        assert path in found
    assert len(found) > 150


def test_every_method_on_every_address_is_answered(staff, records):
    asked = ((method, path, {}) for path in addresses(records) for method in METHODS if path != "/sign-out/")
    assert failures(staff, asked) == []


@pytest.mark.parametrize("who", ["staff", "nobody"])
def test_nothing_in_a_query_is_a_server_error(staff, records, asked_names, who):
    """Each name that a page reads, with another strange text for each address; `HOSTILE=all`: with every one of them."""
    client = staff if who == "staff" else Client(raise_request_exception=False)

    def asked() -> Iterator[tuple[str, str, dict]]:
        for number, path in enumerate(addresses(records)):
            yield "OPTIONS", f"{path}?version=%0d%0aX-Injected:%201", {}
            for index, name in enumerate(read_by(client, path, asked_names, number)):
                texts = (*STRANGE, *NASTY) if EVERYTHING else [STRANGE[(number + index) % len(STRANGE)]]
                for text in texts:
                    yield "GET", f"{path}?{name}={quote(text, errors='surrogatepass')}", {}

    assert failures(client, asked()) == []


#: What the pages' forms take, in a form that is filled in well.
FORM = {
    "name": "Laptop", "days": "90", "role": "operator", "note": "", "tags": "one, two", "number": "1", "choice": "clear", "packager": "hls",
    "timebase": "25/1", "preset": "normalise_v1", "username": "eve", "password1": "correct horse", "password2": "correct horse",
}  # fmt: skip


def test_nothing_in_a_form_is_a_server_error(staff, records, monkeypatch):
    """Each field that a page reads, with texts that one database takes and another does not; two texts for each field,
    `HOSTILE=all`: all of them."""
    membership = str(Membership.objects.get(user__username="root").pk)
    good = {**FORM, "membership": membership, "asset": records["asset_id"], "session": f"{records['session_id']}:1"}
    texts = ("x" * 5000, "9" * 30, "-1", "\U0001f4a5" * 300, "a\r\nb", "nan", "9999-99-99")
    monkeypatch.setattr(request, "QueryDict", Asked)
    # Admin's forms are Django's own, made of the models.
    pages = [
        path for path in addresses(records) if not path.startswith((*PROGRAMS, "/sign-out/", "/admin/", "/store/"))
    ]

    def asked() -> Iterator[tuple[str, str, dict]]:
        for number, path in enumerate(pages):
            Asked.names.clear()
            staff.post(path, good)
            for index, name in enumerate(sorted({name for name in Asked.names if isinstance(name, str)} - {EVERY})):
                chosen = texts if EVERYTHING else [texts[(number + index + more) % len(texts)] for more in (0, 3)]
                for text in chosen:
                    form = urlencode({**good, name: text})
                    yield "POST", path, {"data": form, "content_type": "application/x-www-form-urlencoded"}

    assert failures(staff, asked()) == []


@pytest.mark.parametrize("when", ["date__year", "date__month", "date__day", "date__gte", "date__lt"])
def test_a_date_that_no_calendar_has_leads_back_to_the_list(staff, when):
    """Admin reads year, month and day together, and its calendar alone has 9,999 years."""
    known = {"date__year": "2026", "date__month": "1", "date__day": "1"}
    for value in ("9" * 400, "10000", "0", "-1", "99999999999", "x", "1e3"):
        answer = staff.get("/admin/sessions_app/recordingsession/", {**known, when: value})
        assert answer.status_code in (200, 302, 400), value


@pytest.mark.parametrize("who", ["staff", "nobody"])
def test_nothing_in_an_address_is_a_server_error(staff, records, who):
    """Each parameter of an address, the others filled in: what is no id, and what is another's kind of id."""
    client = staff if who == "staff" else Client(raise_request_exception=False)

    def asked() -> Iterator[tuple[str, str, dict]]:
        for number, route in enumerate(every_route()):
            for index, name in enumerate(route.names):
                texts = IDS if EVERYTHING else [IDS[(number + index) % len(IDS)], IDS[(number + index + 4) % len(IDS)]]
                for text in texts:
                    path = route.filled(records | {name: quote(text, errors="surrogatepass")})
                    yield from ((method, path, {}) for method in (METHODS if EVERYTHING else ("GET", "POST")))

    assert failures(client, asked()) == []


#: Headers and cookies as no browser sends them, all of them text that HTTP lets through.
HEADERS = [
    {name: text}
    for name, texts in {
        "HTTP_ACCEPT": ("*/*;q=nan", "a/b/c", "application/json;q=" + "9" * 400, ",;,=", "text/html;" * 500),
        "HTTP_ACCEPT_LANGUAGE": ("x" * 5000, "en;q=nan", "-,-"),
        "HTTP_AUTHORIZATION": ("Token", "Token a b", "Bearer \xff\xfe", "Basic ====", "Token " + "\xf0" * 9000, " "),
        "HTTP_RANGE": ("bytes=-", "bytes=9-1", "bytes=" + "9" * 400 + "-", "bytes=0-0,1-1,2-2", "lines=1-2", "bytes=-0"),
        "HTTP_IF_RANGE": ('W/"', "\xe9"),
        "HTTP_IF_NONE_MATCH": ('"' * 300, "W/*", "\xe9"),
        "HTTP_IF_MATCH": ("*,*", '"'),
        "HTTP_IF_MODIFIED_SINCE": ("Sat, 99 Foo 99999 99:99:99 GMT", "9" * 400, "Thu, 01 Jan 0000 00:00:00 GMT"),
        "HTTP_HOST": ("[::1", "a b", "localhost:99999999", ".", "\xe9", "localhost:0x1"),
        "HTTP_ORIGIN": ("null", "http://[", "//", "\xe9"),
        "HTTP_REFERER": ("http://[", "https://\xe9\xff", "javascript:1", "//" * 999),
        "HTTP_X_FORWARDED_FOR": ("::ffff:" * 90, "1.2.3.4.5, x", "\xe9", ","),
        "HTTP_X_FORWARDED_PROTO": ("gopher",),
        "HTTP_X_REQUEST_ID": ("\xe9" * 300, "a b", "{}", "%s%n"),
        "HTTP_X_TENANT_ID": ("\xe9", "t" * 9000, "*", "t_local,t_other"),
        "HTTP_X_ENV": ("\xe9", "prod" * 999),
        "HTTP_X_CSRFTOKEN": ("\xe9", "x" * 9000),
        "HTTP_HX_REQUEST": ("\xe9", "true"),
        "HTTP_HX_CURRENT_URL": ("http://[", "\xe9", "%ff%00"),
        "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": ("true",),
        "HTTP_HX_TARGET": ("\xe9" * 300,),
        "HTTP_X_HTTP_METHOD_OVERRIDE": ("BREW",),
        "HTTP_EXPECT": ("100-continue", "\xe9"),
        "HTTP_CONTENT_ENCODING": ("gzip",),
        "HTTP_COOKIE": (
            "sessionid", "=;=;=", "sessionid=\xe9\xff", 'sessionid="\\777"', "sessionid=" + "x" * 9000, "csrftoken=\xe9",
            "messages=x:y", "messages=\xe9", "sessionid=a; sessionid=b", "; " * 999,
        ),
        "CONTENT_TYPE": (
            "multipart/form-data", "multipart/form-data; boundary=" + "x" * 300, "multipart/form-data; boundary=\xe9", "\xe9",
            "application/json; charset=none-such", "application/x-www-form-urlencoded; charset=none-such", "a/b/c", ";" * 300,
            "application/json; charset=utf-7",
        ),
        "CONTENT_LENGTH": ("-1", "x", "9" * 30, "", "1e3"),
    }.items()
    for text in texts
]  # fmt: skip


@pytest.mark.parametrize("who", ["staff", "nobody"])
def test_nothing_in_a_header_or_a_cookie_is_a_server_error(staff, records, who):
    """Two headers for each address; `HOSTILE=all`: all of them, with methods that read and write."""
    client = staff if who == "staff" else Client(raise_request_exception=False)

    def asked() -> Iterator[tuple[str, str, dict]]:
        for number, path in enumerate(addresses(records)):
            chosen = HEADERS if EVERYTHING else [HEADERS[(2 * number + more) % len(HEADERS)] for more in (0, 1)]
            for header in chosen:
                methods = ("GET", "POST", "OPTIONS") if EVERYTHING else (("GET", "POST")[number % 2],)
                yield from ((method, path, {"data": b"{", **header}) for method in methods if path != "/sign-out/")

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


def bodies() -> Iterator[dict]:
    """A body in which every operation finds what it asks for, and one value, name or name within that no database takes."""
    for text in ("a\0b", "\ud800"):
        yield from ({**WHOLE, name: text} for name in WHOLE)
        yield from ({**WHOLE, name: [text]} for name in ("tags", "events", "parts", "warnings"))
        yield from ({**WHOLE, name: {text: text}} for name in ("offsets", "overrides", "meta", "heard", "params"))
        yield from ({**WHOLE, name: {"a": {text: [text]}}} for name in ("offsets", "overrides", "meta"))
        yield {**WHOLE, text: 1}


def test_nothing_in_a_body_is_a_server_error(staff, records):
    """Six bodies for each operation; `HOSTILE=all`: all of them."""
    wrong = list(bodies())
    routes = [route for route in every_route() if route.template.startswith(PROGRAMS)]

    def asked() -> Iterator[tuple[str, str, dict]]:
        for number, route in enumerate(routes):
            chosen = wrong if EVERYTHING else (wrong * 2)[number * 6 % len(wrong) :][:6]
            for body in chosen:
                data = json.dumps({**body, "assetId": body.get("assetId") or records["asset_id"]})
                more = {"data": data, "content_type": "application/json"}
                yield from ((method, route.filled(records), more) for method in ("POST", "PATCH"))

    assert failures(staff, asked()) == []


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
