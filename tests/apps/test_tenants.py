"""Ten tenants' rows on every address that the URL resolver knows, asked by everybody who is no member of theirs: a foreign id and
one that never was have equal answers, nothing of the others is shown, and nothing of theirs changes.

One foreign tenant and two methods for each address; `HOSTILE=all`: all nine, with every method.
"""

import difflib
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.test import Client

from tests.support.factories import a_token, a_user
from tests.support.records import A_BODY, one_of_everything
from tests.support.routes import Route, every_route

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

EVERYTHING = os.environ.get("HOSTILE") == "all"
EVERYBODY = ["member", "token", "staff", "nobody"]
TENANTS = [f"t_tenant{number}" for number in range(10)]
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS")
#: Parameters that name no record of a tenant. Accounts and groups are for those to whom an administrator gave them.
NO_RECORDS = {
    "verb",
    "stream",
    "name",
    "attempt_no",
    "content_type_id",
    "target_type",
    "object_id",
    "url",
    "id",
    "auth/user",
    "auth/group",
}
#: Addresses that are 404 for a member too, with what `one_of_everything` makes.
NOTHING_THERE = {
    "/admin/media-jobs/<uuid:job_id>/file": "it asks for a key of the job's",
    "/api/mastering/<uuid:job_id>": "the job is no mastering",
    "/api/mastering/music/<uuid:asset_id>": "the asset is a camera's",
    "/api/mastering/music/<uuid:asset_id>/upload": "the asset is a camera's",
    "/productions/<uuid:production_id>/master/": "nothing was mastered",
    "/registry/<uuid:asset_id>/faces/preview": "nothing is in doubt",
    "/registry/<uuid:asset_id>/captions/state": "nothing was listened to",
    "/invitation/<str:key>/": "only the invitation's digest is kept",
    "/store/<path:key>": "nothing is stored under it",
}
BODY_IDS = {
    "assetId": "asset_id", "asset_id": "asset_id", "musicAssetId": "asset_id", "sessionId": "session_id",
    "session": "session_id", "job": "job_id", "jobs": "job_id", "_selected_action": "job_id",
    "project_id": "project_id", "sequence_id": "sequence_id",
}  # fmt: skip
#: Routes that want the caller's tenant named, and refuse everything else before they look at an id.
NAMING = ("/media-v2/", "/video/", "/audio/", "/jobs/")
_VARIES = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"  # ids
    r'|csrfmiddlewaretoken" value="[^"]*"|name="csrf-token" content="[^"]*"'
)


@pytest.fixture
def tenants(settings) -> dict[str, dict[str, str]]:
    """Tenant → the parameters of its rows, whose words are `CANARY-<tenant>`."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "off")
    return {tenant: one_of_everything(tenant, f"CANARY-{tenant}") for tenant in TENANTS}


@pytest.fixture
def client_of(tenants):
    """A client of the first tenant, or of none: member, token, staff, nobody."""

    def made(who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who == "token":
            client = Client(
                raise_request_exception=False,
                HTTP_AUTHORIZATION=f"Token {a_token(a_user('eve', TENANTS[0]), TENANTS[0])}",
            )
        elif who != "nobody":
            user = a_user(who, TENANTS[0], is_staff=who == "staff")
            user.user_permissions.set(Permission.objects.all() if who == "staff" else [])
            client.force_login(user)
        return client

    return made


def record_names(route: Route) -> list[str]:
    return [name for name in route.names if name not in NO_RECORDS]


def made_up(value: str) -> str:
    """An id of the same form that was never given."""
    return re.sub(r"[0-9a-f-]{36}", lambda _: str(uuid.uuid4()), value) if "-" in value else "987654321"


def pairs(route: Route, own: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(with a foreign id, with a made-up one): all parameters, and of several each alone among the caller's own."""
    names = record_names(route)
    for chosen in [names, *([[name] for name in names] if len(names) > 1 else [])]:
        foreign = {name: theirs[name] for name in chosen if name in theirs}
        nothing = {name: made_up(value) for name, value in foreign.items()}
        yield route.filled({**own, **foreign}), route.filled({**own, **nothing})


def answer(client: Client, method: str, path: str, ids: Mapping[str, str]) -> tuple:
    """Everything that a caller can tell answers apart by, without what differs each time."""
    body = json.dumps({**A_BODY, **{name: ids[of] for name, of in BODY_IDS.items()}})
    more = {} if method in ("GET", "HEAD", "OPTIONS") else {"data": body, "content_type": "application/json"}
    if path.startswith(NAMING):
        more |= {"headers": {"X-Tenant-Id": TENANTS[0], "X-Env": "dev"}}
    # Admin keeps its messages for the next page that shows them.
    client.cookies.pop("messages", None)
    found = client.generic(method, path, **more)
    text = b"".join(found.streaming_content) if found.streaming else found.content
    shown = _VARIES.sub("*", text.decode(errors="replace").replace(path, "*")).replace("987654321", "*")
    shown = re.sub(r"(?<=ID “)[^”]*(?=”)", "*", shown)
    headers = {name: found.headers.get(name, "") for name in ("Content-Type", "Allow", "WWW-Authenticate")}
    return found.status_code, _VARIES.sub("*", found.headers.get("Location", "").replace(path, "*")), headers, shown


def difference(one: tuple, other: tuple) -> str:
    """What tells two answers apart, in one line."""
    if one[:3] != other[:3]:
        return f"{one[:3]} and {other[:3]}"
    lines = list(difflib.unified_diff(one[3].splitlines(), other[3].splitlines(), n=0, lineterm=""))
    return " ".join(lines[3:])[:300] or "shows a word of another tenant"


def methods(number: int) -> tuple[str, ...]:
    return METHODS if EVERYTHING else ("GET", METHODS[1 + number % (len(METHODS) - 1)])


def others(number: int) -> list[str]:
    return TENANTS[1:] if EVERYTHING else [TENANTS[1 + number % 9]]


def rows_of_others() -> dict[str, list]:
    models = [model for model in apps.get_models() if any(field.name == "tenant_id" for field in model._meta.fields)]
    return {
        model.__name__: list(model.objects.exclude(tenant_id=TENANTS[0]).order_by("pk").values()) for model in models
    }


@pytest.mark.parametrize("who", EVERYBODY if EVERYTHING else ["member", "staff", "nobody"])
def test_foreign_and_made_up_ids_have_equal_answers_everywhere(tenants, client_of, who):
    client, own, before = client_of(who), tenants[TENANTS[0]], rows_of_others()
    differing = []
    for number, route in enumerate(every_route()):
        for other in others(number) if record_names(route) else []:
            for foreign, nothing in pairs(route, own, tenants[other]):
                for method in methods(number):
                    theirs = answer(client, method, foreign, tenants[other])
                    none = answer(
                        client, method, nothing, {name: made_up(value) for name, value in tenants[other].items()}
                    )
                    if theirs != none or "CANARY-t_tenant" in theirs[3].replace(f"CANARY-{TENANTS[0]}", ""):
                        differing.append(f"{method} {foreign}: {difference(theirs, none)}")
    assert "\n".join(differing) == ""
    assert rows_of_others() == before


@pytest.mark.parametrize("who", EVERYBODY if EVERYTHING else ["member", "staff"])
def test_no_list_shows_or_takes_a_row_of_others(tenants, client_of, who):
    """Addresses without parameters: as they are, with ids of others in the query, and with ids of others in the body."""
    client, before = client_of(who), rows_of_others()
    differing = []
    for number, route in enumerate(every_route()):
        if record_names(route) or route.template in ("/sign-out/", "/admin/logout/"):
            continue
        path = route.filled({})
        for other in others(number):
            ids = tenants[other]
            nothing = {name: made_up(value) for name, value in ids.items()}
            asked = [("GET", path, ids, nothing), ("POST", path, ids, nothing)]
            for name in ("session", "job", "asset", "id", "q", "search", "session__id__exact", "asset__id__exact"):
                of = "session_id" if name in ("id", "q", "search") else f"{name.partition('__')[0]}_id"
                asked.append(("GET", f"{path}?{name}=", {"": ids[of]}, {"": nothing[of]}))
            for method, where, foreign, none in asked if EVERYTHING else asked[:2] + asked[2 + number % 8 :][:1]:
                first = answer(client, method, where + foreign.get("", ""), ids)
                second = answer(client, method, where + none.get("", ""), nothing)
                seen = first[3].replace(f"CANARY-{TENANTS[0]}", "")
                if first[0] != second[0] or "CANARY-t_tenant" in seen:
                    differing.append(f"{method} {where}: {difference(first, second)}")
    assert "\n".join(differing) == ""
    assert rows_of_others() == before


def test_a_member_finds_what_is_theirs_at_every_address(tenants, client_of):
    """Or the others' not finding it would say nothing."""
    client, own = client_of("staff"), tenants[TENANTS[0]]
    missing = {
        route.template
        for route in every_route()
        if record_names(route) and client.get(route.filled(own)).status_code in (404, 302)
    }
    assert missing <= set(NOTHING_THERE) | {route.template for route in every_route() if _moved(route)}, missing - set(
        NOTHING_THERE
    )


def _moved(route: Route) -> bool:
    """An address that leads to another: an admin record's own page, and those of before."""
    return route.template.endswith(
        ("object_id>/", "/mastering/", "job_id>/", "review/next", "review/previous", "original/", "derivative_id>/")
    )
