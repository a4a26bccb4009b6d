from django.apps import AppConfig


class RenderConfig(AppConfig):
    name = "render_app"
    verbose_name = "Render"
