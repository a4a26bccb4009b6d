"""Uploads under way, completed and aborted."""

from django.contrib import admin

from media_app.models import Upload
from sessions_app.admin import RecordAdmin, badge


@admin.register(Upload)
class UploadAdmin(RecordAdmin):
    list_display = ("filename", "asset", "state_badge", "size_bytes", "updated_at")
    list_filter = ("state", "tenant_id", "env")
    list_select_related = ("asset",)
    search_fields = ("filename", "key")
    readonly_fields = ("id", "created_at", "updated_at")

    @admin.display(description="state", ordering="state")
    def state_badge(self, upload):
        return badge(upload.state)
