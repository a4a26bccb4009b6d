from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RenderConfig(AppConfig):
    name = "render_app"
    verbose_name = "Render"

    def ready(self) -> None:
        from media_app.services import chores, stored
        from render_app import tasks  # noqa: F401  (registers what its jobs do)
        from render_app.models import Export, Production
        from render_app.services import (  # noqa: F401  (receivers connect on import)
            anonymise,
            clearances,
            export_rows,
            exports,
            first_film,
            production_rows,
            productions,
            project_pages,
            render_shelf,
        )
        from sessions_app.services import summaries

        chores.register(exports.expire)
        chores.register(clearances.doubt_outdated)
        chores.register(render_shelf.forget)
        chores.register(productions.measure)
        post_migrate.connect(clearances.after_upgrade, sender=self)
        stored.register(stored.StoredTable("export", "Exports", lambda: Export.objects.stored()))
        stored.register(
            stored.StoredTable("package", "Packages", lambda: Production.objects.filter(size_bytes__isnull=False))
        )
        summaries.register(
            "productions", production_rows.summarize, panel=("render/_panel.html", production_rows.panel)
        )
        summaries.register("first_film", first_film.summarize, panel=("render/_first_film.html", first_film.panel))
        summaries.register("exports", export_rows.summarize, panel=("render/_exports_panel.html", export_rows.panel))
        summaries.register(
            "projects", project_pages.summarize, panel=("render/_projects_panel.html", project_pages.panel)
        )
