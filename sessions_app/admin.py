"""Sessions, memberships and tokens in Django admin; and what every app's admin shares."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.html import format_html

from sessions_app.models import AccessToken, Invitation, Membership, RecordingSession, TenantQuerySet
from sessions_app.services import remove_session

#: Status → tone; the stylesheet gives each tone a colour and the word is always there too.
TONES = {
    "draft": "quiet", "uploading": "busy", "ingesting": "busy", "syncing": "busy", "needs-review": "ask", "ready": "good",
    "failed": "bad", "pending": "ask", "approved": "good", "corrected": "good", "PENDING": "quiet", "PROCESSING": "busy",
    "COMPLETED": "good", "FAILED": "bad", "DEAD": "bad", "CANCELLED": "quiet", "running": "busy", "completed": "good",
    "lost": "bad", "returned": "quiet", "cancelled": "quiet", "looks-good": "good", "review-suggested": "ask", "needs-manual-nudge": "bad",
    "pending_media": "busy", "queued": "quiet", "processing": "busy",
}  # fmt: skip


def badge(status: str) -> str:
    return format_html('<span class="badge badge-{}">{}</span>', TONES.get(status, "quiet"), status)


class ReadOnly:
    """An inline's rows are shown, and changed elsewhere."""

    extra = 0

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows that belong to a record; each row links to its own page."""

    show_change_link = True


class TenantForm(forms.ModelForm):
    """A record's form; staff create records in their own tenants only."""

    #: Set by `TenantAdmin.get_form`.
    user: Any = None

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            if isinstance(field, forms.JSONField) and name in cleaned and not cleaned[name]:
                # An emptied field is the empty value of its own shape, never null.
                cleaned[name] = self._meta.model._meta.get_field(name).get_default()
        tenant_id, env = cleaned.get("tenant_id"), cleaned.get("env")
        if not (tenant_id and env) or self.user is None or self.user.is_superuser:
            return cleaned
        if not Membership.objects.filter(user=self.user, tenant_id=tenant_id, env=env).exists():
            self.add_error("env", f"You are not a member of {tenant_id}/{env}. Choose a tenant and env of your own.")
        return cleaned


class DatedChangeList(ChangeList):
    """A list by dates whose address may name a year that no calendar has."""

    def get_filters(self, request):
        try:
            return super().get_filters(request)
        except OverflowError as error:
            # Django answers a ValueError so, and a number of many digits raises this one.
            raise IncorrectLookupParameters(error) from error


class TenantAdmin(admin.ModelAdmin):
    """Records of tenants: a superuser sees all, other staff those of the tenants they belong to. A record never moves to another
    tenant."""

    form = TenantForm
    list_per_page = 50
    #: Chosen when the record is created, and fixed from then on.
    fixed_fields: tuple[str, ...] = ("tenant_id", "env")

    def get_queryset(self, request):
        records: TenantQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return records.open_to(request.user)

    def get_changelist(self, request, **kwargs):
        return DatedChangeList

    def get_readonly_fields(self, request, obj=None):
        named = tuple(super().get_readonly_fields(request, obj))
        return named if obj is None else (*named, *(name for name in self.fixed_fields if name not in named))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user  # type: ignore[attr-defined]
        return form

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "tenant_id" and not request.user.is_superuser:
            own = sorted(set(Membership.objects.filter(user=request.user).values_list("tenant_id", flat=True)))
            return forms.ChoiceField(choices=[(tenant_id, tenant_id) for tenant_id in own])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        records = db_field.related_model._default_manager.all()
        if isinstance(records, TenantQuerySet):
            kwargs["queryset"] = records.open_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="status", ordering="status")
    def status_badge(self, record):
        return badge(record.status)


class RecordAdmin(TenantAdmin):
    """Records that work writes: they are read here, and removed only with the session or asset that they belong to. Actions with
    `permissions=["operate"]` are for staff who may change the record elsewhere."""

    OWNERS = ("sessions_app_recordingsession_", "media_app_mediaasset_")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_operate_permission(self, request):
        return super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        page = (request.resolver_match and request.resolver_match.url_name) or ""
        return page.startswith(self.OWNERS) and super().has_delete_permission(request, obj)


@admin.register(RecordingSession)
class RecordingSessionAdmin(TenantAdmin):
    list_display = ("title", "date", "project_id", "status_badge", "status_reason", "created_at")
    list_filter = ("status", "date", "tenant_id", "env")
    search_fields = ("title", "location", "notes", "project_id", "id")
    date_hierarchy = "date"
    readonly_fields = ("id", "status", "status_reason", "created_at", "updated_at", "created_by")

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        remove_session(obj)

    def delete_queryset(self, request, queryset):
        for session in queryset:
            remove_session(session)


class PersonInTenantAdmin(TenantAdmin):
    """What gives a person access to a tenant. Staff give it for their own tenants, to people of these or of none."""

    fixed_fields = ("user", "tenant_id", "env")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "user" and not request.user.is_superuser:
            colleagues = Membership.objects.open_to(request.user).values("user")
            known = Q(pk__in=colleagues) | Q(memberships=None) | Q(pk=request.user.pk)
            people = get_user_model().objects.filter(known, is_superuser=False)
            kwargs["queryset"] = people.distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Membership)
class MembershipAdmin(PersonInTenantAdmin):
    list_display = ("user", "tenant_id", "env")
    list_filter = ("tenant_id", "env")
    search_fields = ("user__username", "tenant_id")


@admin.register(AccessToken)
class AccessTokenAdmin(PersonInTenantAdmin):
    list_display = ("name", "user", "tenant_id", "env", "created_at", "expires_at")
    list_filter = ("tenant_id", "env")
    search_fields = ("name", "user__username")
    readonly_fields = ("created_at",)

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            return
        fields = {name: getattr(obj, name) for name in ("user", "tenant_id", "env", "name", "expires_at")}
        issued, raw = AccessToken.issue(**fields)
        obj.pk = issued.pk
        Membership.objects.get_or_create(user=obj.user, tenant_id=obj.tenant_id, env=obj.env)
        messages.warning(request, f"Copy the token now, it is not shown again: {raw}")


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    """Invitations are made on the account page, which shows their link once; here they are read and withdrawn."""

    list_display = ("note", "role", "tenant_id", "env", "created_by", "created_at", "expires_at", "accepted_by")
    list_filter = ("role", "tenant_id", "env")
    search_fields = ("note", "created_by__username", "accepted_by__username")
    readonly_fields = ("created_at",)

    def has_delete_permission(self, request, obj=None):
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
