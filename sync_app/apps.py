from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync_app"
    verbose_name = "Sync"

    def ready(self) -> None:
        from sessions_app import cards
        from sync_app import tasks  # noqa: F401  (registers what its jobs do)
        from sync_app.services.cards import happened, panel, rank_by_confidence, tell

        cards.register("sync", tell=tell, panel=("sessions/_sync.html", panel))
        cards.register_order("confidence", "Least sure first", rank_by_confidence)
        cards.register_history(happened)
