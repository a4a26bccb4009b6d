"""Productions, exports, projects and presets in Django admin."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from render_app.models import Anonymisation, Export, FilterPreset, FirstFilm, MotionPreset, Production, VideoProject
from sessions_app.admin import ReadOnly, RecordAdmin


@admin.register(Production)
class ProductionAdmin(RecordAdmin):
    list_display = ("asset", "preset", "packager", "status_badge", "error_message", "created_at")
    list_filter = ("status", "packager", ("preset", admin.EmptyFieldListFilter), "tenant_id", "env")
    list_select_related = ("asset",)
    search_fields = ("id", "asset__original_filename", "error_message")
    readonly_fields = ("id", "created_at", "updated_at", "play")

    @admin.display(description="package")
    def play(self, production):
        """A player for browsers that play HLS by themselves, and the address for any other."""
        if production.status != Production.Status.COMPLETED:
            return "not made yet"
        name = production.package_json["playlist"].rpartition("/")[2]
        url = reverse("production-stream", args=[production.pk, name])
        here = reverse("productions:one", args=[production.pk])
        return format_html(
            '<video controls preload="metadata" width="480" src="{}"></video><br><a href="{}">Its page</a>', url, here
        )


@admin.register(Export)
class ExportAdmin(RecordAdmin):
    """To look at: an export is canceled, retried and read through its job."""

    list_display = ("__str__", "job_link", "outcome", "error_message", "expires_at", "created_at")
    list_filter = ("outcome", "tenant_id", "env")
    list_select_related = ("session", "project", "job")
    search_fields = ("id", "session__title", "project__title", "error_message", "idempotency_key")

    @admin.display(description="job")
    def job_link(self, export):
        """The job, with its commands and logs, until it is purged."""
        if export.job is None:
            return "purged"
        url = reverse("media:job", args=[export.job.pk])
        return format_html('<a href="{}">{}</a>', url, export.status)


@admin.register(FirstFilm)
class FirstFilmAdmin(RecordAdmin):
    """To look at: a film is made and canceled on the page of its session."""

    list_display = ("__str__", "preset", "outcome", "note", "created_at")
    list_filter = ("outcome", "preset", "tenant_id", "env")
    list_select_related = ("session",)
    search_fields = ("id", "session__title", "note")


@admin.register(Anonymisation)
class AnonymisationAdmin(RecordAdmin):
    list_display = ("asset", "preset", "status", "cleared_by", "created_at")
    list_filter = ("status", "preset", "tenant_id", "env")
    list_select_related = ("asset",)
    search_fields = ("id", "asset__original_filename", "cleared_by")


@admin.register(VideoProject)
class VideoProjectAdmin(ReadOnly, RecordAdmin):
    """To look at: what is changed here would have no place among the edits that can be undone."""

    list_display = ("title", "session", "render_profile", "revision", "created_at")
    list_filter = ("render_profile", "tenant_id", "env")
    list_select_related = ("session",)
    search_fields = ("id", "title", "session__title")


@admin.register(FilterPreset, MotionPreset)
class PresetAdmin(ReadOnly, RecordAdmin):
    list_display = ("name", "description", "created_at")
    list_filter = ("tenant_id", "env")
    search_fields = ("id", "name")
