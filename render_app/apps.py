from django.apps import AppConfig


class RenderConfig(AppConfig):
    name = "render_app"
    verbose_name = "Render"

    def ready(self) -> None:
        from render_app import tasks  # noqa: F401  (registers what its jobs do)
        from render_app.services import productions  # noqa: F401  (its receivers connect on import)
