from django.urls import path, register_converter

from render_app import api


class PlaylistName:
    """A playlist's file name, and nothing that leads elsewhere."""

    regex = r"[A-Za-z0-9_-]{1,60}\.m3u8"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PlaylistName, "playlist")

urlpatterns = [
    path("productions", api.Productions.as_view(), name="productions"),
    path("productions/<uuid:production_id>", api.ProductionDetail.as_view(), name="production"),
    path(
        "productions/<uuid:production_id>/stream/<playlist:name>",
        api.ProductionStream.as_view(),
        name="production-stream",
    ),
]
