"""The roof: the admin site, and the wiring between stages."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class StudioAdminConfig(AdminConfig):
    default_site = "studio.admin.StudioAdminSite"


class StudioConfig(AppConfig):
    name = "studio"

    def ready(self) -> None:
        from sessions_app.services import summaries
        from studio import pipeline  # noqa: F401  (receivers connect on import)
        from studio.demo.progress import notice
        from studio.demo.truth import true_offsets
        from studio.runtime import checks  # noqa: F401  (as checks do)
        from sync_app.services import truth

        truth.register(true_offsets)
        summaries.register_notice(notice)

        if settings.JOB_DISPATCH == "celery":
            from studio import celery  # noqa: F401  (the application that sends the wake-ups)
