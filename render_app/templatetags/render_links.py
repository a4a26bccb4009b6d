"""Addresses of a production, for its pages."""

from django import template
from django.urls import reverse

from render_app.models import Production

register = template.Library()


@register.filter
def playlist_url(production: Production) -> str:
    """The address that a player opens; empty until there is a package."""
    if production.status != Production.Status.COMPLETED:
        return ""
    return reverse("production-stream", args=[production.pk, production.package_json["playlist"].rpartition("/")[2]])
