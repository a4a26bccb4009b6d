"""The account page: password, tokens, sign-ins and invitations."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sessions_app.core.secret import hide
from sessions_app.models import AccessToken, Invitation, Membership, SignIn
from tests.support.factories import TENANT, a_token, a_user

pytestmark = pytest.mark.django_db
OLD, NEW = "right-horse-battery", "another-staple-2026"
JOIN = {"username": "dora", "password1": NEW, "password2": NEW}


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ann():
    user = a_user("ann")
    user.set_password(OLD)
    user.save()
    return user


def signed_in(name: str = "ann", password: str = OLD, **options) -> Client:
    client = Client(**options)
    assert client.post("/sign-in/", {"username": name, "password": password}).status_code == 302
    return client


def page(client: Client) -> str:
    answer = client.get("/account/")
    assert answer.status_code == 200
    return answer.content.decode()


def an_administrator() -> Client:
    client = Client()
    client.force_login(a_user("root", is_staff=True, is_superuser=True))
    return client


def invite(client: Client, **fields) -> str:
    """The path of a new invitation's link."""
    answer = client.post("/account/invitations/", {"role": "operator", "note": "Dora"} | fields)
    return re.search(r'id="invitation-link">http://testserver([^<]+)<', answer.content.decode())[1]


def test_the_page_is_for_the_signed_in_and_needs_no_tenant():
    assert Client().get("/account/").status_code == 302
    client = Client()
    client.force_login(a_user("ben", ""))
    assert "ask an administrator for an invitation" in page(client)


def test_a_new_password_signs_out_other_browsers_and_not_this_one(ann):
    here, elsewhere = signed_in(), signed_in()
    answer = here.post("/account/password/", {"old_password": OLD, "new_password1": NEW, "new_password2": NEW})
    assert answer.status_code == 302
    assert "This browser" in page(here)
    assert elsewhere.get("/account/").status_code == 302
    assert Client().post("/sign-in/", {"username": "ann", "password": OLD}).status_code == 200
    signed_in(password=NEW)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"old_password": "wrong"}, "was entered incorrectly"),
        ({"new_password2": "different-horse"}, "match"),
        ({"new_password1": "123", "new_password2": "123"}, "too short"),
        ({"new_password1": "ann", "new_password2": "ann"}, "too similar to the username"),
    ],
)
def test_a_password_that_cannot_stand_is_refused_and_the_old_one_stays(ann, change, word):
    client = signed_in()
    form = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW} | change
    answer = client.post("/account/password/", form)
    assert answer.status_code == 400
    assert word in answer.content.decode()
    signed_in()


def test_guessing_the_old_password_is_slowed_down(ann, settings):
    settings.RATE_LIMITS = {**dict.fromkeys(settings.RATE_LIMITS, "off"), "sign_in": "2/d"}
    client = Client()
    client.force_login(ann)
    form = {"old_password": "guess", "new_password1": NEW, "new_password2": NEW}
    assert [client.post("/account/password/", form).status_code for _ in range(3)] == [400, 400, 429]


def test_a_token_is_shown_once_works_in_its_tenant_and_stops_when_revoked(ann):
    client, place = signed_in(), ann.memberships.get()
    shown = client.post("/account/tokens/", {"name": "ingest", "membership": place.pk, "days": "30"}).content.decode()
    raw = re.search(r'id="issued-token">(studio_[\w-]+)<', shown)[1]
    token = AccessToken.objects.get()
    assert (token.user, token.tenant_id, token.name) == (ann, TENANT, "ingest")
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    assert raw not in page(client)
    program = Client(HTTP_AUTHORIZATION=f"Token {raw}")
    assert program.get("/v2/sessions").status_code == 200
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert program.get("/v2/sessions").status_code == 401
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404


def test_another_persons_token_and_tenant_are_out_of_reach(ann):
    ben = a_user("ben", "t_other")
    a_token(ben, "t_other")
    client = signed_in()
    assert client.post(f"/account/tokens/{AccessToken.objects.get().pk}/revoke/").status_code == 404
    form = {"name": "x", "membership": ben.memberships.get().pk, "days": "0"}
    assert client.post("/account/tokens/", form).status_code == 400
    assert AccessToken.objects.count() == 1
    assert "t_other" not in page(client)


def test_sign_ins_are_listed_with_address_and_browser_and_others_can_be_ended(ann):
    here = signed_in(headers={"user-agent": "Firefox"})
    elsewhere = signed_in(headers={"user-agent": "Phone"}, REMOTE_ADDR="10.1.2.3")
    shown = page(here)
    assert "10.1.2.3" in shown
    assert [word in shown for word in ("Phone", "Firefox", "This browser", "Signed in")] == [True] * 4
    here.post("/account/sign-ins/end/")
    assert elsewhere.get("/account/").status_code == 302
    assert "Ended" in page(here)


def test_only_the_latest_sign_ins_are_kept(ann):
    SignIn.objects.bulk_create(SignIn(user=ann, address=f"10.0.0.{n}") for n in range(60))
    signed_in()
    assert SignIn.objects.filter(user=ann).count() == 50


def test_an_invitation_makes_an_account_in_its_tenant_and_works_once():
    link = invite(an_administrator())
    guest = Client()
    shown = guest.get(link).content.decode()
    assert TENANT in shown
    assert guest.post(link, JOIN)["Location"] == "/sessions/"
    dora = get_user_model().objects.get(username="dora")
    assert [(m.tenant_id, m.env) for m in dora.memberships.all()] == [(TENANT, "dev")]
    assert (dora.is_staff, dora.is_superuser) == (False, False)
    assert guest.get("/sessions/").status_code == 200
    again = Client().post(link, JOIN | {"username": "eve"})
    assert again.status_code == 410
    assert "used already" in again.content.decode()
    assert not get_user_model().objects.filter(username="eve").exists()


def test_whoever_is_signed_in_joins_with_their_own_account(ann):
    Membership.objects.create(user=a_user("root", is_staff=True, is_superuser=True), tenant_id="t_other", env="dev")
    administrator = an_administrator()
    place = Membership.objects.get(tenant_id="t_other")
    administrator.post("/sessions/tenant/", {"membership": place.pk})
    client = signed_in()
    assert client.post(invite(administrator)).status_code == 302
    assert sorted(ann.memberships.values_list("tenant_id", flat=True)) == [TENANT, "t_other"]


def test_a_staff_invitation_gives_the_jobs_pages_and_no_accounts():
    guest = Client()
    guest.post(invite(an_administrator(), role="staff"), JOIN)
    assert guest.get(reverse("media:jobs")).status_code == 200
    dora = get_user_model().objects.get(username="dora")
    assert dora.is_staff
    for model in ("membership", "accesstoken", "invitation"):
        assert not dora.has_perm(f"sessions_app.view_{model}")
        assert not dora.has_perm(f"sessions_app.add_{model}")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"username": "ANN"}, "already exists"),
        ({"username": "ａｎｎ"}, "already exists"),
        ({"password2": "different"}, "match"),
        ({"password1": "1234", "password2": "1234"}, "too short"),
    ],
)
def test_a_name_that_is_taken_or_a_weak_password_is_refused_and_the_invitation_stays(ann, change, word):
    link = invite(an_administrator())
    answer = Client().post(link, JOIN | change)
    assert answer.status_code == 400
    assert word in answer.content.decode()
    assert Client().post(link, JOIN).status_code == 302


def test_an_expired_withdrawn_or_made_up_invitation_opens_nothing():
    administrator = an_administrator()
    expired, withdrawn = invite(administrator), invite(administrator)
    newest, oldest = Invitation.objects.all()
    Invitation.objects.filter(pk=oldest.pk).update(expires_at=timezone.now())
    assert administrator.post(f"/account/invitations/{newest.pk}/withdraw/").status_code == 302
    assert administrator.post(f"/account/invitations/{newest.pk}/withdraw/").status_code == 404
    codes = [Client().post(link, JOIN).status_code for link in (expired, withdrawn, "/invitation/studio_made-up/")]
    assert codes == [410, 404, 404]
    assert not get_user_model().objects.filter(username="dora").exists()


def test_only_who_may_invite_invites_and_only_an_administrator_invites_staff(ann):
    client = signed_in()
    assert "Invitations" not in page(client)
    assert client.post("/account/invitations/", {"role": "operator"}).status_code == 403
    ann.is_staff = True
    ann.save()
    ann.user_permissions.add(Permission.objects.get(codename="add_invitation"))
    assert "New invitation" in page(client)
    assert client.post("/account/invitations/", {"role": "staff"}).status_code == 403
    assert client.post("/account/invitations/", {"role": "operator"}).status_code == 200


def test_a_first_administrator_starts_a_tenant_and_invites_to_it():
    client = Client()
    client.force_login(a_user("root", "", is_staff=True, is_superuser=True))
    assert "join or start one below" in page(client)
    assert client.get("/sessions/").status_code == 403
    answer = client.post("/account/tenants/", {"tenant_id": "Nice name", "env": "dev"})
    assert answer.status_code == 400
    assert not Membership.objects.exists()
    assert client.post("/account/tenants/", {"tenant_id": "t_club", "env": "prod"}).status_code == 302
    assert client.get("/sessions/").status_code == 200
    guest = Client()
    assert guest.post(invite(client), JOIN).status_code == 302
    assert Membership.objects.filter(user__is_superuser=False).values_list("tenant_id", "env").get() == (
        "t_club",
        "prod",
    )


def test_admin_has_no_sign_in_of_its_own(ann):
    assert Client().get("/admin/media_app/", follow=True).redirect_chain[-1][0] == "/sign-in/?next=/admin/media_app/"
    assert Client().get("/admin/login/?next=https://elsewhere.example/").url == "/sign-in/?next=/admin/"
    answer = signed_in().get("/admin/", follow=True)
    assert (answer.status_code, "for staff" in answer.content.decode()) == (403, True)


def test_an_administrator_invites_to_any_tenant_and_others_to_their_own(ann):
    Membership.objects.create(user=ann, tenant_id="t_other", env="dev")
    link = invite(an_administrator(), tenant="t_other · dev")
    assert Invitation.objects.get().tenant_id == "t_other"
    assert Client().get(link).status_code == 200
    ann.is_staff = True
    ann.save()
    ann.user_permissions.add(Permission.objects.get(codename="add_invitation"))
    a_user("cy", "t_third")
    client = signed_in()
    assert 'value="staff"' not in page(client)
    assert client.post("/account/invitations/", {"role": "operator", "tenant": "t_other · dev"}).status_code == 200
    assert client.post("/account/invitations/", {"role": "operator", "tenant": "t_third · dev"}).status_code == 400
    assert client.post("/account/tenants/", {"tenant_id": "t_third", "env": "dev"}).status_code == 403


def test_the_database_and_the_log_have_no_key_of_an_invitation(caplog):
    link = invite(an_administrator())
    key = link.split("/")[2]
    Client().get(link)
    assert key not in str(list(Invitation.objects.values()))
    assert key not in hide(f"GET {link} 200")


def test_invitations_of_another_tenant_are_neither_listed_nor_withdrawn():
    invite(an_administrator(), note="Secret guest")
    other = a_user("boss", "t_other", is_staff=True)
    other.user_permissions.add(Permission.objects.get(codename="add_invitation"))
    client = Client()
    client.force_login(other)
    assert "Secret guest" not in page(client)
    assert client.post(f"/account/invitations/{Invitation.objects.get().pk}/withdraw/").status_code == 404
