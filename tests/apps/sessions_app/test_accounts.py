"""Who is signed in, and where they may act."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.test import Client

from sessions_app.models import Membership
from sessions_app.tenancy import memberships_of
from sessions_app.web.auth import Accounts
from tests.support.factories import a_user

pytestmark = pytest.mark.django_db


def test_a_person_is_read_together_with_where_they_may_act(django_assert_num_queries):
    user = a_user("ann", "t_b")
    Membership.objects.create(user=user, tenant_id="t_a", env="prod")
    with django_assert_num_queries(1):
        read = Accounts().get_user(user.pk)
        assert [(m.tenant_id, m.env) for m in memberships_of(read)] == [("t_b", "dev"), ("t_a", "prod")]
    assert read == user


def test_a_person_without_a_tenant_is_read_and_may_act_nowhere():
    user = a_user("ann", "")
    assert Accounts().get_user(user.pk) == user
    assert memberships_of(Accounts().get_user(user.pk)) == []
    assert Accounts().get_user(user.pk + 1) is None


@pytest.mark.parametrize("tenant", ["t_a", ""])
def test_who_was_switched_off_is_signed_out_at_once(tenant):
    user = a_user("ann", tenant)
    client = Client()
    client.force_login(user)
    assert client.get("/sessions/new/").status_code == (200 if tenant else 403)
    get_user_model().objects.update(is_active=False)
    assert client.get("/sessions/new/").status_code == 302


def test_who_was_taken_out_of_a_tenant_is_out_with_the_next_click():
    user = a_user("ann", "t_a")
    client = Client()
    client.force_login(user)
    assert client.get("/sessions/new/").status_code == 200
    Membership.objects.all().delete()
    assert client.get("/sessions/new/").status_code == 403


def test_a_wrong_password_is_tried_once(monkeypatch):
    user = a_user("ann")
    user.set_password("right horse")
    user.save()
    tried = []
    plain = type(user).check_password
    monkeypatch.setattr(type(user), "check_password", lambda self, raw: tried.append(raw) or plain(self, raw))
    assert authenticate(username="ann", password="wrong horse") is None
    assert tried == ["wrong horse"]
    assert authenticate(username="ann", password="right horse") == user


def test_who_signed_in_before_an_upgrade_stays_signed_in():
    client = Client()
    client.force_login(a_user("ann", "t_a"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/sessions/new/").status_code == 200


def test_a_pages_script_whose_reader_is_signed_out_learns_where_to_sign_in_and_come_back():
    page = "http://testserver/sessions/1/review/?camera=B"
    headers = {"Accept": "application/json", "X-CSRFToken": "x", "Referer": page}
    for path in ("/v2/sessions", "/sessions/new/"):
        answer = Client().get(path, headers=headers)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (401, "not_authenticated"), path
        assert error["message"].startswith("You are signed out. Sign in again")
        assert error["details"] == {"signInUrl": "/sign-in/?next=%2Fsessions%2F1%2Freview%2F%3Fcamera%3DB"}


def test_a_program_without_a_token_learns_how_to_send_one():
    answer = Client().get("/v2/sessions")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert "Authorization: Token" in answer.json()["error"]["message"]


def test_a_page_from_before_the_last_sign_in_is_asked_to_reload():
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_user("ann"))
    answer = client.post("/v2/sessions", "{}", content_type="application/json", headers={"X-CSRFToken": "old"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "csrf_failed")
    assert "Reload the page" in error["message"]
