"""Sync results and decisions in Django admin."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from sessions_app.admin import ReadOnlyInline, RecordAdmin, RecordingSessionAdmin, badge
from sync_app.models import SyncDecision, SyncResult


class SyncResultInline(ReadOnlyInline):
    model = SyncResult
    fields = ("run", "master_camera", "offsets_ms", "confidence", "operator_status", "computed_at", "superseded_at")


@admin.display(description="review")
def review_link(record) -> str:
    """A link from a session or a result to its review page."""
    session_id = record.session_id if isinstance(record, SyncResult) else record.pk
    return format_html('<a href="{}">Review</a>', reverse("sync:review", args=[session_id])) if session_id else "–"


RecordingSessionAdmin.inlines = (*RecordingSessionAdmin.inlines, SyncResultInline)
RecordingSessionAdmin.list_display = (*RecordingSessionAdmin.list_display, review_link)  # type: ignore[assignment]
RecordingSessionAdmin.readonly_fields = (*RecordingSessionAdmin.readonly_fields, review_link)  # type: ignore[assignment]


@admin.register(SyncResult)
class SyncResultAdmin(RecordAdmin):
    list_display = (
        "session",
        "run",
        "master_camera",
        "offsets_ms",
        "confidence",
        "operator_badge",
        "computed_at",
        "superseded_at",
        review_link,
    )
    list_filter = ("operator_status", "method", "tenant_id", "env")
    list_select_related = ("session",)
    search_fields = ("session__title", "session__id")
    readonly_fields = ("id", "created_at", "updated_at", review_link)  # type: ignore[assignment]

    @admin.display(description="operator", ordering="operator_status")
    def operator_badge(self, result):
        return badge(result.operator_status)


@admin.register(SyncDecision)
class SyncDecisionAdmin(RecordAdmin):
    """The audit trail."""

    list_display = ("session", "action", "decided_by", "actor", "created_at")
    list_filter = ("action", "tenant_id", "env")
    list_select_related = ("session",)
    search_fields = ("session__title", "decided_by", "notes")
