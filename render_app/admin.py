"""Productions in Django admin."""

from django.contrib import admin

from render_app.models import Production
from sessions_app.admin import TenantAdmin


@admin.register(Production)
class ProductionAdmin(TenantAdmin):
    list_display = ("asset", "preset", "packager", "status_badge", "error_message", "created_at")
    list_filter = ("status", "packager", "preset", "tenant_id", "env")
    list_select_related = ("asset",)
    search_fields = ("id", "asset__original_filename", "error_message")
    autocomplete_fields = ("asset", "music", "job")
    readonly_fields = ("id", "created_at", "updated_at", "master_key", "master_json", "package_json")

    def has_add_permission(self, request):
        """One is made by its API, which starts its work too."""
        return False
