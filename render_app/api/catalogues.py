"""`/video/catalogue`: what an edit may choose from, with every range."""

from collections.abc import Mapping
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import NamedView, documented
from media_app.core.time.timebase import format_rate
from render_app.api.described import AnyObject
from render_app.core import catalogue
from render_app.core.timeline.fields import Field, Number
from sessions_app.web.fields import Output


class Catalogue(Output):
    """What an edit may choose from. Each entry has its name, as a record gives it."""

    filters = serializers.ListField(
        child=AnyObject(),
        help_text="label, description, mask (required, optional or empty), and params: name, type, unit, default, minimum, maximum.",
    )
    transitions = serializers.ListField(
        child=AnyObject(), help_text="label, description, duration_ms, video_alias, audio_alias."
    )
    render_profiles = serializers.ListField(
        child=AnyObject(), help_text="Size, fps, codecs, bitrate, threads, preset, sample rate, channels."
    )
    blend_modes = serializers.ListField(child=AnyObject(), help_text="label.")
    slowmo_qualities = serializers.ListField(child=AnyObject(), help_text="label, preset_description, method.")
    audio_roles = serializers.ListField(child=AnyObject(), help_text="label, enhanced.")
    automation = serializers.ListField(
        child=AnyObject(), help_text="What keyframes move: label, unit, default, minimum, maximum, targets."
    )
    fonts = serializers.ListField(child=AnyObject(), help_text="color: whether it draws emoji in their own colors.")
    text_presets = serializers.ListField(child=AnyObject(), help_text="label, style.")


class ReadCatalogue(NamedView):
    """GET /video/catalogue: filters, transitions, profiles and all else that an edit may choose from."""

    @documented(responses=Catalogue, operation_id="video_catalogue_read")
    def get(self, request: Request) -> Response:
        """Everything by its name, with units and ranges."""
        return Response(_whole())


def _whole() -> dict[str, list[dict[str, Any]]]:
    return {
        "filters": [
            {**_named(one, "label", "description", "mask"), "params": [_param(param) for param in one.params]}
            for one in catalogue.filters().values()
        ],
        "transitions": _all(
            catalogue.transitions(), "label", "description", "duration_ms", "video_alias", "audio_alias"
        ),
        "render_profiles": [
            {
                **_named(one, "description", "width", "height", "video_codec", "pix_fmt", "preset", "crf", "threads"),
                **_named(one, "audio_codec", "audio_bitrate_kbps", "audio_sample_rate", "audio_channels"),
                "fps": format_rate(one.fps),
            }
            for one in catalogue.profiles().values()
        ],
        "blend_modes": _all(catalogue.blends(), "label"),
        "slowmo_qualities": _all(catalogue.slow_motions(), "label", "preset_description", "method"),
        "audio_roles": _all(catalogue.roles(), "label", "enhanced"),
        "automation": [
            {**_named(one, "label", "unit", "default", "targets"), "minimum": one.low, "maximum": one.high}
            for one in catalogue.properties().values()
        ],
        "fonts": _all(catalogue.fonts(), "color"),
        "text_presets": _all(catalogue.text_presets(), "label", "style"),
    }


def _all(entries: Mapping[str, Any], *fields: str) -> list[dict[str, Any]]:
    return [_named(one, *fields) for one in entries.values()]


def _named(one: Any, *fields: str) -> dict[str, Any]:
    return {"name": one.name, **{field: getattr(one, field) for field in fields}}


def _param(one: Field) -> dict[str, Any]:
    """A parameter of a filter; one without a default may be left out, or has to be sent."""
    said = {"name": one.name, "description": one.help, "default": None}
    if not isinstance(one, Number):
        return {**said, "type": "id"}
    kind = "integer" if one.whole or one.odd else "number"
    default = one.default if isinstance(one.default, int | float) else None
    return {**said, "type": kind, "unit": one.unit, "default": default, "minimum": one.low, "maximum": one.high}


def urls() -> list[Any]:
    """Its address."""
    return [path("catalogue", ReadCatalogue.as_view(), name="video-catalogue")]
