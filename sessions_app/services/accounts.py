"""A person's account: access tokens, sign-ins, and invitations to a tenant."""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from sessions_app.core.tenant import Context
from sessions_app.errors import Forbidden, NotFound, StudioError
from sessions_app.models import AccessToken, Invitation, Membership, SignIn
from sessions_app.web.limits import client_address

INVITATION_HOLDS = timedelta(days=7)
SIGN_INS_KEPT = 50
#: What staff see and do besides an operator's work: the records of these apps, to read; and the jobs, to act on.
STAFF_APPS = ("sessions_app", "media_app", "sync_app", "render_app")
ACCOUNT_MODELS = ("membership", "accesstoken", "invitation", "signin")
STAFF_MAY_CHANGE = ("change_mediajob", "delete_mediajob")


class InvitationGone(StudioError):
    """An invitation that was used, withdrawn, or has expired."""

    code = "invitation_gone"
    status = 410


def tokens_of(user) -> QuerySet[AccessToken]:
    return AccessToken.objects.filter(user=user).order_by("-created_at", "-pk")


def issue_token(user, membership: Membership, *, name: str, days: int | None) -> str:
    """A new token of the user, for one of their tenants. It cannot be read again."""
    expires_at = timezone.now() + timedelta(days=days) if days else None
    place = {"tenant_id": membership.tenant_id, "env": membership.env}
    _, raw = AccessToken.issue(user=user, name=name, expires_at=expires_at, **place)
    return raw


def revoke_token(user, token_id: int) -> str:
    """The name of the token that stopped working. Raises NotFound for another person's."""
    token = AccessToken.objects.filter(user=user, pk=token_id).first()
    if token is None:
        raise NotFound("You have no such token. It may have been revoked already.")
    token.delete()
    return token.name


@receiver(user_logged_in, dispatch_uid="sessions_app.sign_in")
def record_sign_in(request: HttpRequest, user, **_) -> None:
    """Keep when and from where the user signed in; the oldest are forgotten."""
    if not request.session.session_key:
        request.session.save()
    SignIn.objects.create(
        user=user,
        address=client_address(request)[:64],
        browser=request.headers.get("User-Agent", "")[:200],
        session_key=request.session.session_key or "",
    )
    kept = SignIn.objects.filter(user=user).values_list("pk", flat=True)[:SIGN_INS_KEPT]
    SignIn.objects.filter(user=user).exclude(pk__in=list(kept)).delete()


def sign_ins_of(user) -> QuerySet[SignIn]:
    """The newest first; `active` while the browser is still signed in."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    return SignIn.objects.filter(user=user).annotate(active=Exists(live))


def sign_out_elsewhere(user, this_session: str) -> int:
    """End the user's other browser sessions; how many there were."""
    others = SignIn.objects.filter(user=user).exclude(session_key=this_session)
    live = Session.objects.filter(session_key__in=others.values("session_key"), expire_date__gt=timezone.now())
    return live.delete()[0]


def session_renamed(user, before: str, after: str) -> None:
    """Keep a sign-in's session in step when a new password gives it a new key."""
    SignIn.objects.filter(user=user, session_key=before).update(session_key=after)


def may_invite(user) -> bool:
    return bool(user.is_staff and user.has_perm("sessions_app.add_invitation"))


def may_invite_to(user) -> list[tuple[str, str]]:
    """The tenants, with their environments, that a user may invite people to: all for an administrator, else the user's own."""
    memberships = Membership.objects.all() if user.is_superuser else Membership.objects.filter(user=user)
    return list(memberships.order_by("tenant_id", "env").values_list("tenant_id", "env").distinct())


def join_tenant(user, tenant_id: str, env: str) -> None:
    """Make an administrator a member of a tenant. Raises Forbidden for others, who are invited."""
    if not user.is_superuser:
        raise Forbidden("Only an administrator may join a tenant without an invitation. Ask for an invitation.")
    Membership.objects.get_or_create(user=user, tenant_id=tenant_id, env=env)


def invite(context: Context, *, role: str, note: str, tenant: Context | None = None) -> str:
    """The invitation's key, shown once: whoever has it may join `tenant`, else the caller's own, until it expires."""
    if context.user is None or not may_invite(context.user):
        raise Forbidden("You may not invite people. Ask an administrator for the permission to add invitations.")
    to = tenant or context
    if to.stamp() != context.stamp() and (to.tenant_id, to.env) not in may_invite_to(context.user):
        raise Forbidden("You may only invite people to a tenant that you are in.")
    if role == Invitation.Role.STAFF and not context.user.is_superuser:
        raise Forbidden("Only an administrator may invite staff. Invite the person as an operator.")
    raw = f"studio_{secrets.token_urlsafe(32)}"
    Invitation.objects.create(
        **to.stamp(),
        role=role,
        note=note,
        digest=AccessToken.digest_of(raw),
        created_by=context.user,
        expires_at=timezone.now() + INVITATION_HOLDS,
    )
    return raw


def invitations_of(context: Context) -> QuerySet[Invitation]:
    """The tenant's open invitations."""
    now = timezone.now()
    return Invitation.objects.filter(**context.stamp(), accepted_at=None, expires_at__gt=now)


def withdraw(context: Context, invitation_id: int) -> None:
    """Take an open invitation back. Raises NotFound, Forbidden."""
    if context.user is None or not may_invite(context.user):
        raise Forbidden("You may not withdraw invitations. Ask an administrator.")
    deleted, _ = invitations_of(context).filter(pk=invitation_id).delete()
    if not deleted:
        raise NotFound("This invitation is not open. It may have been used already.")


def open_invitation(raw: str, *, now: datetime | None = None, lock: bool = False) -> Invitation:
    """The invitation of a key. Raises NotFound, InvitationGone."""
    invitations = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    invitation = invitations.filter(digest=AccessToken.digest_of(raw)).first()
    if invitation is None:
        raise NotFound("This invitation does not exist. Copy the whole link, or ask for a new one.")
    if invitation.accepted_at is not None:
        raise InvitationGone("This invitation was used already. Sign in, or ask for a new one.")
    if invitation.expires_at <= (now or timezone.now()):
        raise InvitationGone("This invitation has expired. Ask for a new one.")
    return invitation


def accept_as_new_user(raw: str, *, username: str, password: str):
    """A new account in the invitation's tenant. The caller has checked both. Raises NotFound, InvitationGone."""
    with transaction.atomic():
        invitation = open_invitation(raw, lock=True)
        user = get_user_model().objects.create_user(username=username, password=password)
        _join(user, invitation)
    return user


def accept(raw: str, user) -> Invitation:
    """Let the user join the invitation's tenant. Raises NotFound, InvitationGone."""
    with transaction.atomic():
        invitation = open_invitation(raw, lock=True)
        _join(user, invitation)
    return invitation


def _join(user, invitation: Invitation) -> None:
    Membership.objects.get_or_create(user=user, tenant_id=invitation.tenant_id, env=invitation.env)
    if invitation.role == Invitation.Role.STAFF:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        user.user_permissions.add(*_staff_permissions())
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])


def _staff_permissions() -> QuerySet[Permission]:
    of_studio = Permission.objects.filter(content_type__app_label__in=STAFF_APPS)
    readable = of_studio.filter(codename__startswith="view_").exclude(content_type__model__in=ACCOUNT_MODELS)
    return readable | of_studio.filter(codename__in=STAFF_MAY_CHANGE)
