from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync_app"
    verbose_name = "Sync"

    def ready(self) -> None:
        from sessions_app.services import summaries
        from sync_app import tasks  # noqa: F401  (registers what its jobs do)
        from sync_app.services.summaries import history, panel, rank_by_confidence, summarize

        summaries.register("sync", summarize, panel=("sessions/_sync.html", panel))
        summaries.register_order("confidence", "Least confident first", rank_by_confidence)
        summaries.register_history(history)
