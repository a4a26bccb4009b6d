"""Files and jobs in Django admin."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html

from media_app import jobs, outbound, storage
from media_app.core.sound import presets
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt, Upload, Webhook
from media_app.services import master_page, mastering, removal, replay, webhooks
from media_app.services.purge import purge
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


class MasteringForm(forms.Form):
    """A preset, its music, and the few wishes that are worth trying out by ear; an empty field leaves the preset's."""

    preset = forms.ChoiceField()
    music = forms.ChoiceField(required=False)
    target_lufs = forms.FloatField(required=False, label="Loudness, LUFS")
    music_gain_db = forms.FloatField(required=False, label="Music, dB")
    video_gain_db = forms.FloatField(required=False, label="Recorded sound, dB")
    amount_db = forms.FloatField(required=False, label="Music sinks by, dB")
    release_ms = forms.FloatField(required=False, label="Music back in, ms")
    gate = forms.ChoiceField(
        required=False,
        label="Speech gate",
        choices=[("", "as the preset has it"), *((word, word) for word in ("sensitive", "normal", "strict"))],
    )

    #: Field → where it lies in the document.
    PLACES = {
        "target_lufs": "normalization.target_lufs",
        "music_gain_db": "music_gain_db",
        "video_gain_db": "video_gain_db",
        "amount_db": "ducking.amount_db",
        "release_ms": "ducking.release_ms",
        "gate": "ducking.gate",
        "preset": "preset",
        "music": "musicAssetId",
    }

    def __init__(self, *args, asset: MediaAsset, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        music = master_page.music_choices(asset.context, asset)
        choices = {
            "preset": [(name, found["title"]) for name, found in presets.documents().items()],
            "music": [("", "none"), *((str(m.pk), f"{m.original_filename} · {m.session}") for m in music)],
        }
        for name, chosen in choices.items():
            self.fields[name].choices = chosen  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["data-place"] = self.PLACES[name]

    def overrides(self) -> dict:
        """What was filled in, as it is laid over the preset."""
        found: dict = {}
        for name, place in self.PLACES.items():
            value = self.cleaned_data.get(name)
            if name in ("preset", "music") or value in (None, ""):
                continue
            section, _, last = place.rpartition(".")
            (found.setdefault(section, {}) if section else found)[last] = value
        return found

    def add_refusal(self, error: StudioError) -> None:
        """A refusal stands at the field that it names."""
        at = next((name for name, place in self.PLACES.items() if place == error.field), None)
        self.add_error(at, str(error))


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
    change_form_template = "media/admin_asset.html"

    def get_urls(self):
        page = self.admin_site.admin_view(self.mastering_page)
        return [path("<uuid:asset_id>/mastering/", page, name="media_app_mediaasset_mastering"), *super().get_urls()]

    def mastering_page(self, request, asset_id):
        """GET/POST …/mastering/: try a preset on this asset, and compare. `?job=` shows one try; `&state` asks how far it is."""
        asset = self.get_queryset(request).select_related("session").filter(pk=asset_id).first()
        if asset is None:
            raise Http404("There is no such asset here.")
        if not self.has_view_permission(request, asset):
            raise PermissionDenied
        tries = mastering.masters_of(asset)
        job = next((one for one in tries if str(one.pk) == request.GET.get("job")), None)
        if "state" in request.GET:
            return JsonResponse(_state_of(job))
        form = MasteringForm(request.POST or None, asset=asset, initial=_asked_for(job))
        if request.method == "POST":
            if not self.has_change_permission(request, asset):
                raise PermissionDenied
            if form.is_valid() and (begun := _begin_mastering(asset, form)) is not None:
                return HttpResponseRedirect(f"{request.path}?job={begun.pk}")
        facts = {
            **self.admin_site.each_context(request),
            "title": "Try a mastering preset",
            "opts": self.model._meta,
            "asset": asset,
            "form": form,
            "may_start": self.has_change_permission(request, asset),
            "tries": tries,
            "job": job,
            "state_url": f"{reverse('admin:media_app_mediaasset_mastering', args=[asset.pk])}?job={job.pk}&state"
            if job
            else "",
            "working": job is not None and job.status in MediaJob.UNFINISHED,
            "shown": master_page.compare(job, asset) if job is not None else None,
            "descriptions": {name: found["description"] for name, found in presets.documents().items()},
            "presets": presets.documents(),
        }
        return render(request, "media/mastering.html", facts, status=400 if form.errors else 200)

    def delete_model(self, request, obj):
        removal.take_out(obj)

    def delete_queryset(self, request, queryset):
        for asset in queryset:
            removal.take_out(asset)

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
        gone = purge(queryset)
        messages.success(request, f"{gone.jobs} jobs, {gone.attempts} attempts and {gone.logs} logs are gone.")


class WebhookForm(forms.ModelForm):
    events = forms.MultipleChoiceField(choices=Webhook.Event.choices, initial=Webhook.Event.values)

    class Meta:
        model = Webhook
        fields = ("tenant_id", "env", "url", "events", "session", "description", "active")

    def clean_url(self) -> str:
        try:
            outbound.check(self.cleaned_data["url"])
        except StudioError as error:
            raise forms.ValidationError(error.message) from error
        return self.cleaned_data["url"]


@admin.register(Webhook)
class WebhookAdmin(TenantAdmin):
    form = WebhookForm
    list_display = ("url", "description", "session", "events", "active", "last_delivery", "created_at")
    list_filter = ("active", "tenant_id", "env")
    list_select_related = ("session",)
    search_fields = ("url", "description")
    autocomplete_fields = ("session",)

    @admin.display(description="last message")
    def last_delivery(self, webhook):
        job = webhooks.deliveries(webhook).order_by("-created_at").first()
        return badge(job.status) if job else "–"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            messages.warning(request, f"Its secret, shown this once: {webhooks.secret_of(obj)}")


def _begin_mastering(asset: MediaAsset, form: MasteringForm) -> MediaJob | None:
    said = form.cleaned_data
    try:
        return mastering.start_master(
            asset.context,
            asset.pk,
            said["preset"],
            music_asset_id=said["music"] or None,
            overrides=form.overrides(),
            listen=True,
        )
    except StudioError as error:
        form.add_refusal(error)
        return None


def _state_of(job: MediaJob | None) -> dict:
    if job is None:
        return {"status": "", "percent": 0, "step": "This try is not there any more.", "working": False}
    step = job.progress_step or ("waiting for a worker" if job.status == MediaJob.Status.PENDING else "starting")
    working = job.status in MediaJob.UNFINISHED
    return {"status": job.status, "percent": job.progress_percent, "step": step, "working": working}


def _asked_for(job: MediaJob | None) -> dict:
    """A try's wishes, back in the form."""
    if job is None:
        return {}
    said, over = job.input_json, job.input_json.get("overrides") or {}
    initial = {"preset": said.get("preset"), "music": said.get("music_asset_id") or ""}
    for name, place in MasteringForm.PLACES.items():
        section, _, last = place.rpartition(".")
        inside = over.get(section, {}) if section else over
        if last in inside:
            initial[name] = inside[last]
    return initial
