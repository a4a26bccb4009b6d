"""What every answer carries, and what signing in is worth."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from media_app import storage
from scripts.read_audit import listed, verdict
from sessions_app.models import AccessToken
from tests.support.factories import TENANT, Api, a_session, a_token, a_user

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "/sign-in/",
    "/admin/login/",
    "/v2/sessions",
    "/api/docs/",
    "/api/schema/",
    "/healthz",
    "/nothing",
    "/store/nothing",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_says_what_a_browser_may_do_with_it(path):
    answer = Client().get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"(default|script)-src [^;]*unsafe-inline", policy)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(answer["Permissions-Policy"].split(", "))


def test_what_a_tenant_gave_us_is_shown_in_a_sandbox():
    api, session = Api(), a_session()
    asset = api.upload(session.pk, "A", b"<script>alert(1)</script>")
    key = session.assets.get().original_key
    for url, disposition in ((asset["originalUrl"], ""), (storage.store().url(key, filename="a.html"), "attachment")):
        answer = Client().head(url)
        assert answer["Content-Type"] == "video/mp4"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox;")
        assert answer.headers.get("Content-Disposition", "").startswith(disposition)


def under_https(*lines: str) -> dict:
    """What the lines print as JSON, in a process whose PUBLIC_URL is https."""
    script = "import django, json; django.setup()\nfrom django.conf import settings\nfrom django.test import Client\n"
    changes = {"PUBLIC_URL": "https://studio.example.org", "ALLOWED_HOSTS": "studio.example.org", "LOG_LEVEL": "ERROR"}
    changes |= {"DJANGO_SETTINGS_MODULE": "studio.settings", "STUDIO_VAR": str(django_settings.VAR_DIR)}
    answer = subprocess.run(
        [sys.executable, "-c", script + "\n".join(lines)], cwd=ROOT, check=True, capture_output=True, text=True,
        env=os.environ | changes,
    )  # fmt: skip
    return json.loads(answer.stdout)


def test_with_https_cookies_are_secure_and_browsers_come_back_by_https_alone():
    found = under_https(
        "answer = Client().get('/healthz', headers={'host': 'studio.example.org'}, secure=True)",
        "plain = Client().get('/healthz', headers={'host': 'studio.example.org'})",
        "names = ('SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE', 'SESSION_COOKIE_HTTPONLY', 'SESSION_COOKIE_SAMESITE')",
        "found = {'hsts': answer['Strict-Transport-Security'], 'to': plain['Location']}",
        "print(json.dumps(found | {'set': [getattr(settings, name) for name in names]}))",
    )
    assert "max-age=31536000" in found["hsts"]
    assert found["to"] == "https://studio.example.org/healthz"
    assert found["set"] == [True, True, True, "Lax"]


def test_a_token_is_kept_as_its_digest_alone():
    raw = a_token(a_user())
    assert raw not in json.dumps(list(AccessToken.objects.values()), default=str)
    assert len(AccessToken.objects.get().digest) == 64


def test_a_token_that_expired_or_whose_owner_is_gone_opens_nothing():
    api = Api()
    assert api.get("/v2/sessions")[0] == 200
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert api.get("/v2/sessions")[0] == 401
    AccessToken.objects.update(expires_at=None)
    api.user.is_active = False
    api.user.save()
    assert api.get("/v2/sessions")[0] == 401


@pytest.fixture
def carol():
    user = a_user("carol")
    user.set_password("right-horse")
    user.save()
    return {"username": "carol", "password": "right-horse"}


def test_signing_in_gives_the_session_a_new_name_and_signing_out_ends_it(client, carol):
    """A session that somebody planted before the sign-in is worth nothing after it."""
    client.cookies["sessionid"] = planted = "a" * 32
    client.post("/sign-in/", carol)
    mine = client.cookies["sessionid"].value
    assert mine != planted
    assert (client.cookies["sessionid"]["httponly"], client.cookies["sessionid"]["samesite"]) == (True, "Lax")
    assert client.get("/sessions/").status_code == 200
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/sessions/").status_code == 302
    client.post("/sign-out/")
    thief.cookies["sessionid"] = mine
    assert thief.get("/sessions/").status_code == 302


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(client, carol, elsewhere):
    assert client.post("/sign-in/", carol | {"next": elsewhere})["Location"] == "/"


def test_a_form_from_another_site_does_nothing():
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(a_user())
    body = json.dumps({"title": "x", "date": "2026-01-13", "projectId": "p"})
    assert guarded.post("/v2/sessions", body, content_type="application/json").status_code == 403
    assert guarded.post("/sign-out/").status_code == 403
    with_token = {"authorization": f"Token {a_token(a_user())}"}
    assert guarded.post("/v2/sessions", body, content_type="application/json", headers=with_token).status_code == 201


def test_an_operator_who_is_no_staff_gets_no_admin(client):
    client.force_login(a_user("operator"))
    for path in ("", "media_app/mediajob/", "media_app/webhook/", "sessions_app/accesstoken/"):
        assert client.get(f"/admin/{path}").status_code == 302
    assert TENANT not in client.get("/admin/", follow=True).content.decode()


def test_a_host_that_is_not_ours_is_refused():
    assert Client().get("/healthz", headers={"host": "evil.example"}).status_code == 400


def test_an_audit_that_could_not_ask_is_not_taken_for_a_clean_one():
    hole = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    clean, skipped = {"name": "b", "version": "1", "vulns": []}, {"name": "c", "skip_reason": "not found"}
    assert verdict({"dependencies": [clean]}) == "clean"
    assert verdict({"dependencies": [clean, skipped]}) == "unknown"
    assert verdict({"dependencies": [hole, skipped]}) == "holes"
    assert verdict({"dependencies": []}) == verdict(None) == verdict({"message": "405"}, npm=True) == "unknown"
    assert verdict({"metadata": {"vulnerabilities": {"total": 1, "low": 1}}}, npm=True) == "clean"
    assert verdict({"metadata": {"vulnerabilities": {"total": 1, "high": 1}}}, npm=True) == "holes"
    assert listed({"dependencies": [hole, clean]}) == ["a 1: PYSEC-1, mended in 2"]
