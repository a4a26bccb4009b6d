"""What Studio refuses to run with, said before it does harm: part of `manage.py check`, which each command begins with."""

from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from sessions_app.core.disks import remote_filesystem
from studio.runtime import private

TAG = "studio"
MOUNTS = Path("/proc/mounts")


@register(TAG)
def sqlite_lies_on_a_disk_of_this_machine(app_configs, **_) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3") or not MOUNTS.exists():
        return []
    path = Path(database["NAME"]).resolve()
    filesystem = remote_filesystem(str(path), MOUNTS.read_text(errors="replace"))
    if not filesystem:
        return []
    return [
        Error(
            f"The database {path} is on a network disk ({filesystem}), where SQLite loses data.",
            hint="Set STUDIO_VAR or DATABASE_URL to a folder on a disk of this machine, or DATABASE_URL to a PostgreSQL "
            "(docs/deploy.md).",
            id="studio.E001",
        )
    ]


@register(TAG)
def recordings_are_private(app_configs, **_) -> list[CheckMessage]:
    folders = [Path(settings.VAR_DIR), Path(settings.SCRATCH_ROOT)]
    folders += [Path(settings.MEDIA_STORE_ROOT)] if settings.STORAGE_BACKEND == "local" else []
    return [
        Warning(
            f"Other users of this machine may read {folder}.",
            hint=f"chmod 700 {folder}",
            id="studio.W001",
        )
        for folder in folders
        if not private.is_private(folder)
    ]


def refuse() -> None:
    """For programs that manage.py does not start. Raises ImproperlyConfigured with what is wrong."""
    wrong = [message for message in run_checks(tags=[TAG]) if message.is_serious()]
    if wrong:
        raise ImproperlyConfigured("\n".join(f"{message.msg} {message.hint or ''}" for message in wrong))
