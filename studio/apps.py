"""The roof: the admin site, and the wiring between stages."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StudioAdminConfig(AdminConfig):
    default_site = "studio.admin.StudioAdminSite"


class StudioConfig(AppConfig):
    name = "studio"

    def ready(self) -> None:
        from studio import pipeline, schema  # noqa: F401  (receivers and schemes connect on import)
