"""Webhooks: addresses that a person sets up."""

from django import forms
from django.contrib import admin, messages

from media_app import outbound
from media_app.models import Webhook
from media_app.services import webhooks
from sessions_app.admin import TenantAdmin, TenantForm, badge
from sessions_app.errors import StudioError


class WebhookForm(TenantForm):
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
            messages.warning(request, f"Copy its secret now, it is not shown again: {webhooks.secret_of(obj)}")
