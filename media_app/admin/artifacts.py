"""Files that Studio made, with what they were made from."""

from django.contrib import admin

from media_app.admin.links import object_link
from media_app.models import ArtifactSource, DerivedMedia
from sessions_app.admin import ReadOnlyInline, RecordAdmin


class ArtifactSourceInline(ReadOnlyInline):
    model = ArtifactSource
    fk_name = "artifact"
    fields = ("role", "source_asset", "source_artifact", "key", "checksum")
    show_change_link = False


@admin.register(DerivedMedia)
class DerivedMediaAdmin(RecordAdmin):
    list_display = ("asset", "kind", "variant", "track_label", "size_bytes", "created_at")
    list_filter = ("kind", "tenant_id", "env")
    list_select_related = ("asset",)
    search_fields = ("key", "asset__original_filename", "checksum", "cache_key")
    readonly_fields = ("id", "created_at", "updated_at", "file")
    inlines = (ArtifactSourceInline,)

    @admin.display(description="file")
    def file(self, derivative):
        return object_link(derivative.key)
