"""Files and jobs in Django admin."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html

from media_app import jobs, storage
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt, Upload
from media_app.services import housekeeping, replay, uploads
from sessions_app.admin import ReadOnlyInline, RecordingSessionAdmin, TenantAdmin, badge
from sessions_app.errors import StudioError


def object_link(key: str) -> str:
    """A link to the object; a key that a person has mistyped is shown as it is."""
    try:
        return format_html('<a href="{}">{}</a>', storage.store().url(key), key) if key else "–"
    except StudioError:
        return key


class DerivedMediaInline(ReadOnlyInline):
    model = DerivedMedia
    fields = ("kind", "variant", "key", "size_bytes", "checksum")


class MediaAssetInline(ReadOnlyInline):
    model = MediaAsset
    fields = ("camera_label", "original_filename", "status", "kind", "project_id", "shoot_date", "version")


RecordingSessionAdmin.inlines = (*RecordingSessionAdmin.inlines, MediaAssetInline)


@admin.register(MediaAsset)
class MediaAssetAdmin(TenantAdmin):
    list_display = (
        "camera_label",
        "original_filename",
        "session",
        "status_badge",
        "kind",
        "resolution",
        "fps",
        "created_at",
    )
    list_filter = ("status", "kind", "camera_label", "has_audio", "tenant_id", "env")
    list_select_related = ("session",)
    search_fields = ("original_filename", "session__title", "id", "original_key")
    autocomplete_fields = ("session",)
    readonly_fields = ("id", "created_at", "updated_at", "original")
    inlines = (DerivedMediaInline,)

    def delete_model(self, request, obj):
        uploads.take_out(obj)

    def delete_queryset(self, request, queryset):
        for asset in queryset:
            uploads.take_out(asset)

    @admin.display(description="original file")
    def original(self, asset):
        return object_link(asset.original_key)


@admin.register(DerivedMedia)
class DerivedMediaAdmin(TenantAdmin):
    list_display = ("asset", "kind", "variant", "size_bytes", "created_at")
    list_filter = ("kind", "tenant_id", "env")
    list_select_related = ("asset",)
    search_fields = ("key", "asset__original_filename", "checksum")
    autocomplete_fields = ("asset",)
    readonly_fields = ("id", "created_at", "updated_at", "file")

    @admin.display(description="file")
    def file(self, derivative):
        return object_link(derivative.key)


@admin.register(Upload)
class UploadAdmin(TenantAdmin):
    list_display = ("filename", "asset", "state_badge", "size_bytes", "updated_at")
    list_filter = ("state", "tenant_id", "env")
    list_select_related = ("asset",)
    search_fields = ("filename", "key")
    autocomplete_fields = ("asset",)

    @admin.display(description="state", ordering="state")
    def state_badge(self, upload):
        return badge(upload.state)


class MediaJobAttemptInline(admin.StackedInline):
    model = MediaJobAttempt
    extra = 0
    fields = (
        "outcome",
        "worker",
        "started_at",
        "finished_at",
        "exit_code",
        "commands",
        "stdout_key",
        "stderr_key",
        "error_message",
    )
    readonly_fields = fields

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(MediaJob)
class MediaJobAdmin(TenantAdmin):
    list_display = ("type", "status_badge", "session", "asset", "percent", "attempts", "created_at", "error_message")
    list_filter = ("status", "type", "tenant_id", "env")
    list_select_related = ("session", "asset")
    search_fields = ("id", "type", "session__title", "asset__original_filename", "error_message")
    autocomplete_fields = ("session", "asset")
    readonly_fields = ("id", "page", "created_at", "updated_at", "lock_token", "lease_until", "locked_at", "locked_by")
    inlines = (MediaJobAttemptInline,)
    actions = ("retry", "cancel", "replay", "purge")

    @admin.display(description="progress")
    def percent(self, job):
        return f"{job.progress_percent:.0f} % {job.progress_step}"

    @admin.display(description="with commands and logs")
    def page(self, job):
        return format_html('<a href="{}">Its page</a>', reverse("media:job", args=[job.pk])) if job.created_at else "–"

    @admin.action(description="Try the selected jobs again", permissions=["change"])
    def retry(self, request, queryset):
        for job in queryset:
            try:
                jobs.retry(job)
            except StudioError as error:
                messages.error(request, f"{job}: {error}")
            else:
                messages.success(request, f"{job.type} is back in the queue.")

    @admin.action(description="Cancel the selected jobs", permissions=["change"])
    def cancel(self, request, queryset):
        messages.success(request, f"{jobs.request_cancel(queryset.order_by())} jobs cancelled or being stopped.")

    @admin.action(description="Do the selected jobs over and compare", permissions=["change"])
    def replay(self, request, queryset):
        for job in queryset:
            try:
                again = replay.replay(job)
            except StudioError as error:
                messages.error(request, f"{job}: {error}")
            else:
                page = reverse("media:job", args=[again.pk])
                messages.success(request, format_html('<a href="{}">The replay of {}</a> is queued.', page, job.type))

    @admin.action(description="Purge the selected jobs that have ended, with their logs", permissions=["delete"])
    def purge(self, request, queryset):
        gone = housekeeping.purge(queryset)
        messages.success(request, f"{gone.jobs} jobs, {gone.attempts} attempts and {gone.logs} logs are gone.")
