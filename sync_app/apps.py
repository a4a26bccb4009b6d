from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync_app"
    verbose_name = "Sync"

    def ready(self) -> None:
        from sync_app import tasks  # noqa: F401  (registers what its jobs do)
