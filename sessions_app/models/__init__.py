"""Sessions, tenants, and access to them."""

import hashlib
import secrets
import uuid
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from sessions_app.core.cameras import CAMERA_KEY, fault_in_names
from sessions_app.core.tenant import ENVS, TENANT_ID, Context

camera_label = RegexValidator(r"^[A-Z]$", "A camera label is one capital letter, A to Z.")
camera_key = RegexValidator(CAMERA_KEY, "A camera key is a label, with the clip's number from the second on: B or B.2.")
project_slug = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z",
    "A project id is 1 to 64 letters, digits, '-' or '_', and begins with a letter or digit.",
)
tenant_slug = RegexValidator(TENANT_ID, "A tenant id looks like 't_name': small letters, digits, '_' and '-'.")


def default_tenant() -> str:
    """The tenant of records made without a request. A function, so that no migration contains the setting."""
    return settings.DEFAULT_TENANT


def default_env() -> str:
    return settings.DEFAULT_ENV


def validate_camera_names(names: object) -> None:
    if fault := fault_in_names(names):
        raise ValidationError(fault)


class Env(models.TextChoices):
    DEV = ENVS[0]
    STAGE = ENVS[1]
    PROD = ENVS[2]


class TenantQuerySet(models.QuerySet):
    def in_tenant(self, context: Context) -> Self:
        return self.filter(tenant_id=context.tenant_id, env=context.env)

    def open_to(self, user) -> Self:
        """The rows that a member of staff may see: all for a superuser, else those of their own tenants."""
        if user.is_superuser:
            return self
        mine = models.Q(pk=None)
        for membership in Membership.objects.filter(user=user):
            mine |= models.Q(tenant_id=membership.tenant_id, env=membership.env)
        return self.filter(mine)


class TenantModel(models.Model):
    """A record that belongs to one tenant, in one environment."""

    tenant_id = models.CharField(max_length=64, validators=[tenant_slug], default=default_tenant)
    env = models.CharField(max_length=5, choices=Env, default=default_env)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        owner = getattr(self, "session", None) or getattr(self, "asset", None)
        if owner is not None and (owner.tenant_id, owner.env) != (self.tenant_id, self.env):
            raise ValidationError(
                f"This belongs to “{owner}”, which is in {owner.tenant_id}/{owner.env}: choose the same tenant and env."
            )

    @property
    def context(self) -> Context:
        """The tenant this record lives in, for work that no request asked for."""
        return Context(self.tenant_id, self.env)


class Membership(models.Model):
    """A user may act in a tenant because an administrator said so."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    tenant_id = models.CharField(max_length=64, validators=[tenant_slug])
    env = models.CharField(max_length=5, choices=Env, default=default_env)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "tenant_id", "env"], name="one_membership_per_user_and_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant_id}/{self.env}"


class AccessToken(models.Model):
    """A program's key to one tenant. Only its digest is kept: the token itself is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens")
    tenant_id = models.CharField(max_length=64, validators=[tenant_slug])
    env = models.CharField(max_length=5, choices=Env, default=default_env)
    name = models.CharField(max_length=80, help_text="What uses it, so that you know what stops when it is revoked.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.user} in {self.tenant_id}/{self.env})"

    @staticmethod
    def digest_of(raw: str) -> str:
        return hashlib.sha256(raw.encode()).hexdigest()

    @classmethod
    def issue(cls, **fields) -> tuple["AccessToken", str]:
        """A new token's row, and the token itself, which cannot be read again."""
        raw = f"studio_{secrets.token_urlsafe(32)}"
        return cls.objects.create(digest=cls.digest_of(raw), **fields), raw

    @classmethod
    def find(cls, raw: str) -> "AccessToken | None":
        token = cls.objects.select_related("user").filter(digest=cls.digest_of(raw), user__is_active=True).first()
        expired = token is not None and token.expires_at is not None and token.expires_at <= timezone.now()
        return None if expired else token


class SignIn(models.Model):
    """A person's sign-in, for them to recognize. `session_key` names the browser session that it began."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    created_at = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    session_key = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user} from {self.address or 'unknown'}"


class Invitation(models.Model):
    """A link with which somebody joins a tenant. Only its digest is kept: the link itself is shown once."""

    class Role(models.TextChoices):
        OPERATOR = "operator", "Operator"
        STAFF = "staff", "Staff: jobs, operations and records too"

    tenant_id = models.CharField(max_length=64, validators=[tenant_slug])
    env = models.CharField(max_length=5, choices=Env, default=default_env)
    role = models.CharField(max_length=20, choices=Role, default=Role.OPERATOR)
    note = models.CharField(max_length=200, blank=True, help_text="The person it is for.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.role} in {self.tenant_id}/{self.env}"


class RecordingSessionQuerySet(TenantQuerySet):
    def awaiting_review(self) -> Self:
        return self.filter(status=RecordingSession.Status.NEEDS_REVIEW)


class RecordingSession(TenantModel):
    """One event recorded by several cameras."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        INGESTING = "ingesting"
        SYNCING = "syncing"
        NEEDS_REVIEW = "needs-review"
        READY = "ready"

    #: The whole state machine: from → where it may go. A camera that is added, replaced or removed sends the session
    #: back to `ingesting`, and from there to review.
    MOVES = {
        Status.DRAFT: {Status.INGESTING},
        Status.INGESTING: {Status.SYNCING, Status.NEEDS_REVIEW, Status.DRAFT},
        Status.SYNCING: {Status.NEEDS_REVIEW, Status.INGESTING},
        Status.NEEDS_REVIEW: {Status.READY, Status.SYNCING, Status.INGESTING},
        Status.READY: {Status.SYNCING, Status.INGESTING, Status.NEEDS_REVIEW},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200)
    date = models.DateField(help_text="The day of the shoot: part of every storage key.")
    location = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True, max_length=10_000)
    project_id = models.CharField(max_length=64, validators=[project_slug])
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    status_reason = models.CharField(
        max_length=500, blank=True, help_text="The reason for its status, for the operator."
    )
    preferred_master = models.CharField(
        max_length=8,
        blank=True,
        validators=[camera_key],
        help_text="Empty: Studio picks the camera with the best sound.",
    )
    camera_names = models.JSONField(
        default=dict, blank=True, validators=[validate_camera_names], help_text='Label → name: {"A": "Wide"}.'
    )
    mezzanines = models.BooleanField(
        default=True, help_text="Whether its recordings get edit-ready copies, where this server makes them."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    #: Each app's summary of it, by the app's name: set by `summaries.attach`.
    summary: dict[str, Any]

    objects = RecordingSessionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["tenant_id", "env", "status", "-created_at"], name="session_list")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "ingesting", "syncing", "needs-review", "ready"]),
                name="session_status_known",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def may_move_to(self, status: str) -> bool:
        return status == self.status or status in self.MOVES[self.Status(self.status)]
