"""Uploaded and registered files. What was found in them and where they lie is read-only; what a person says of them is not."""

from django.contrib import admin

from media_app.admin.links import object_link
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import removal
from sessions_app.admin import ReadOnlyInline, RecordingSessionAdmin, TenantAdmin

#: What a person may change; everything else follows from the file or its session.
EDITABLE = ("source_ref", "tags", "meta")


class DerivedMediaInline(ReadOnlyInline):
    model = DerivedMedia
    fields = ("kind", "variant", "key", "size_bytes", "checksum")


class MediaAssetInline(ReadOnlyInline):
    model = MediaAsset
    fields = ("camera_label", "clip", "original_filename", "status", "kind", "project_id", "shoot_date", "version")


RecordingSessionAdmin.inlines = (*RecordingSessionAdmin.inlines, MediaAssetInline)


@admin.register(MediaAsset)
class MediaAssetAdmin(TenantAdmin):
    list_display = (
        "shown_camera",
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
    search_fields = ("original_filename", "session__title", "id", "original_key", "source_ref")
    readonly_fields = ("id", "created_at", "updated_at", "original")
    fixed_fields = tuple(
        field.name for field in MediaAsset._meta.fields if field.editable and field.name not in EDITABLE
    )
    inlines = (DerivedMediaInline,)
    change_form_template = "media/admin_asset.html"

    def has_add_permission(self, request):
        return False

    def delete_model(self, request, obj):
        removal.take_out(obj)

    def delete_queryset(self, request, queryset):
        for asset in queryset:
            removal.take_out(asset)

    @admin.display(description="camera", ordering="camera_label")
    def shown_camera(self, asset):
        return asset.camera_key or "–"

    @admin.display(description="original file")
    def original(self, asset):
        return object_link(asset.original_key)
