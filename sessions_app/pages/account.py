"""The account page: password, access tokens, sign-ins, and invitations."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sessions_app.core.names import canonical
from sessions_app.errors import Forbidden
from sessions_app.pages.forms import InvitationForm, PasswordForm, TenantForm, TokenForm
from sessions_app.services import accounts
from sessions_app.web import limits
from sessions_app.web.pages import OperatorRequest, account_page

SIGN_INS_SHOWN = 10


@require_GET
@account_page
def show_account(request: OperatorRequest) -> HttpResponse:
    """GET /account/: the signed-in person's own page."""
    return _draw(request)


@require_POST
@account_page
def change_password(request: OperatorRequest) -> HttpResponse:
    """POST /account/password/: other browsers are signed out, this one is not."""
    limits.hit("sign_in", f"password {canonical(request.user.get_username())}")
    form = PasswordForm(_person(request), request.POST)
    if not form.is_valid():
        return _draw(request, password_form=form, status=400)
    before = request.session.session_key or ""
    update_session_auth_hash(request, form.save())
    accounts.session_renamed(request.user, before, request.session.session_key or "")
    messages.success(request, "Password changed. Your other browsers are signed out.")
    return redirect("account:account")


@require_POST
@account_page
def create_token(request: OperatorRequest) -> HttpResponse:
    """POST /account/tokens/: the answer shows the token, once."""
    form = TokenForm(request.POST, user=request.user)
    if not form.is_valid():
        return _draw(request, token_form=form, status=400)
    chosen = form.cleaned_data
    raw = accounts.issue_token(request.user, chosen["membership"], name=chosen["name"], days=chosen["days"] or None)
    return _draw(request, issued={"name": chosen["name"], "token": raw})


@require_POST
@account_page
def revoke_token(request: OperatorRequest, token_id: int) -> HttpResponse:
    """POST /account/tokens/{id}/revoke/."""
    name = accounts.revoke_token(request.user, token_id)
    messages.success(request, f"Token “{name}” revoked. Programs that use it are refused from now on.")
    return redirect("account:account")


@require_POST
@account_page
def sign_out_elsewhere(request: OperatorRequest) -> HttpResponse:
    """POST /account/sign-ins/end/: end the person's other browser sessions."""
    ended = accounts.sign_out_elsewhere(request.user, request.session.session_key or "")
    messages.success(request, f"{ended} other browser{'' if ended == 1 else 's'} signed out.")
    return redirect("account:account")


@require_POST
@account_page
def create_invitation(request: OperatorRequest) -> HttpResponse:
    """POST /account/invitations/: the answer shows the link, once."""
    if request.context is None:
        raise Forbidden("You are in no tenant that anybody could be invited to. Join one first.")
    form = InvitationForm(request.POST, context=request.context)
    if not form.is_valid():
        return _draw(request, invitation_form=form, status=400)
    raw = accounts.invite(request.context, **form.cleaned_data)
    return _draw(request, link=request.build_absolute_uri(reverse("account:join", args=[raw])))


@require_POST
@account_page
def withdraw_invitation(request: OperatorRequest, invitation_id: int) -> HttpResponse:
    """POST /account/invitations/{id}/withdraw/."""
    accounts.withdraw(request.context, invitation_id)
    messages.success(request, "Invitation withdrawn. Its link no longer works.")
    return redirect("account:account")


@require_POST
@account_page
def join_tenant(request: OperatorRequest) -> HttpResponse:
    """POST /account/tenants/: an administrator joins a tenant, and looks at it from now on."""
    form = TenantForm(request.POST)
    if not form.is_valid():
        return _draw(request, tenant_form=form, status=400)
    tenant_id, env = form.cleaned_data["tenant_id"], form.cleaned_data["env"]
    accounts.join_tenant(request.user, tenant_id, env)
    request.session["tenant"] = (tenant_id, env)
    messages.success(request, f"You are in {tenant_id} · {env} now. Invite the others below.")
    return redirect("account:account")


def _person(request: OperatorRequest) -> User:
    """The signed-in user: `account_page` lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def _draw(request: OperatorRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    """The whole page; `more` replaces an empty form by one with errors, or shows what was just made."""
    invites = request.context is not None and accounts.may_invite(request.user)
    shown = {
        "password_form": PasswordForm(_person(request)),
        "token_form": TokenForm(user=request.user),
        "invitation_form": InvitationForm(context=request.context) if invites else None,
        "tenant_form": TenantForm() if request.user.is_superuser else None,
        "tokens": accounts.tokens_of(request.user),
        "sign_ins": accounts.sign_ins_of(request.user)[:SIGN_INS_SHOWN],
        "this_session": request.session.session_key,
        "invites": invites,
        "invitations": accounts.invitations_of(request.context) if invites else [],
    }
    return render(request, "account/account.html", shown | more, status=status)
