"""Settings for commands that work on files alone: no database, no secret, and of the apps only the one that has the command.

Loading all of them takes longer than looking at a short recording.
"""

from django.apps import AppConfig

COMMANDS = frozenset({"sync_files"})


class SyncFiles(AppConfig):
    """`sync_app` without its tables, which would ask for those of every other app."""

    name = "sync_app"

    def import_models(self) -> None:
        assert self.apps is not None
        self.models = self.apps.all_models[self.label]


INSTALLED_APPS = ["studio.runtime.files_only.SyncFiles"]
USE_TZ = True
