from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "media_app"
    verbose_name = "Media"

    def ready(self) -> None:
        from media_app import tasks  # noqa: F401  (registers what its jobs do)
        from media_app.services import deletion, webhooks  # noqa: F401  (their receivers connect on import)
        from media_app.services.summaries import summarize
        from sessions_app.services import summaries

        summaries.register("media", summarize)
