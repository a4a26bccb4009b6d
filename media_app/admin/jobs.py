"""Jobs with their attempts: read-only records, with actions that go through the queue's own verbs."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html

from media_app import jobs
from media_app.models import MediaJob, MediaJobAttempt
from media_app.services import replay
from media_app.services.purge import purge
from sessions_app.admin import ReadOnly, RecordAdmin
from sessions_app.errors import StudioError


class MediaJobAttemptInline(ReadOnly, admin.StackedInline):
    model = MediaJobAttempt
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


@admin.register(MediaJob)
class MediaJobAdmin(RecordAdmin):
    list_display = ("type", "status_badge", "session", "asset", "percent", "attempts", "created_at", "error_message")
    list_filter = ("status", "type", "tenant_id", "env")
    list_select_related = ("session", "asset")
    search_fields = ("id", "type", "session__title", "asset__original_filename", "error_message")
    readonly_fields = ("id", "page", "created_at", "updated_at")
    inlines = (MediaJobAttemptInline,)
    actions = ("retry", "cancel", "replay", "purge")

    def has_purge_permission(self, request):
        return admin.ModelAdmin.has_delete_permission(self, request)

    @admin.display(description="progress")
    def percent(self, job):
        return f"{job.progress_percent:.0f} % {job.progress_step}"

    @admin.display(description="with commands and logs")
    def page(self, job):
        return format_html('<a href="{}">Job page</a>', reverse("media:job", args=[job.pk])) if job.created_at else "–"

    @admin.action(description="Retry the selected jobs", permissions=["operate"])
    def retry(self, request, queryset):
        for job in queryset:
            try:
                jobs.retry(job)
            except StudioError as error:
                messages.error(request, f"{job}: {error}")
            else:
                messages.success(request, f"{job.type} is back in the queue.")

    @admin.action(description="Cancel the selected jobs", permissions=["operate"])
    def cancel(self, request, queryset):
        messages.success(request, f"{jobs.request_cancel(queryset.order_by())} jobs canceled or being stopped.")

    @admin.action(description="Replay the selected jobs and compare", permissions=["operate"])
    def replay(self, request, queryset):
        for job in queryset:
            try:
                replayed = replay.replay(job)
            except StudioError as error:
                messages.error(request, f"{job}: {error}")
            else:
                page = reverse("media:job", args=[replayed.pk])
                messages.success(request, format_html('<a href="{}">The replay of {}</a> is queued.', page, job.type))

    @admin.action(description="Purge the selected jobs that have ended, with their logs", permissions=["purge"])
    def purge(self, request, queryset):
        gone = purge(queryset)
        messages.success(request, f"{gone.jobs} jobs, {gone.attempts} attempts and {gone.logs} logs are gone.")
