"""Sessions, memberships and tokens in Django admin; and what every app's admin shares."""

from django.contrib import admin, messages
from django.utils.html import format_html

from sessions_app.models import AccessToken, Membership, RecordingSession, TenantQuerySet
from sessions_app.services import remove_session

#: Status → tone; the stylesheet gives each tone a colour and the word is always there too.
TONES = {
    "draft": "quiet", "uploading": "busy", "ingesting": "busy", "syncing": "busy", "needs-review": "ask", "ready": "good",
    "failed": "bad", "pending": "ask", "approved": "good", "corrected": "good", "PENDING": "quiet", "PROCESSING": "busy",
    "COMPLETED": "good", "FAILED": "bad", "DEAD": "bad", "CANCELLED": "quiet", "running": "busy", "completed": "good",
    "lost": "bad", "returned": "quiet", "cancelled": "quiet", "looks-good": "good", "review-suggested": "ask", "needs-manual-nudge": "bad",
    "pending_media": "busy", "queued": "quiet", "processing": "busy",
}  # fmt: skip


def badge(word: str) -> str:
    return format_html('<span class="badge badge-{}">{}</span>', TONES.get(word, "quiet"), word)


class ReadOnlyInline(admin.TabularInline):
    """What hangs on a record, to look at; each row's link leads to the page where it is made or changed."""

    extra = 0
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class TenantAdmin(admin.ModelAdmin):
    """Records of tenants: a superuser sees all, other staff those of the tenants they were given."""

    list_per_page = 50

    def get_queryset(self, request):
        records: TenantQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return records.open_to(request.user)

    @admin.display(description="status", ordering="status")
    def status_badge(self, record):
        return badge(record.status)


@admin.register(RecordingSession)
class RecordingSessionAdmin(TenantAdmin):
    list_display = ("title", "date", "project_id", "status_badge", "status_reason", "created_at")
    list_filter = ("status", "date", "tenant_id", "env")
    search_fields = ("title", "location", "notes", "project_id", "id")
    date_hierarchy = "date"
    readonly_fields = ("id", "created_at", "updated_at", "created_by")

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        remove_session(obj)

    def delete_queryset(self, request, queryset):
        for session in queryset:
            remove_session(session)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "tenant_id", "env")
    list_filter = ("tenant_id", "env")
    search_fields = ("user__username", "tenant_id")


@admin.register(AccessToken)
class AccessTokenAdmin(admin.ModelAdmin):
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
        messages.warning(request, f"The token, shown this once: {raw}")
