"""Removes old jobs and their logs. What waits or runs stays, and everything that assets use."""

from django.core.management.base import BaseCommand

from media_app.services.chores import SWEPT_AT_ONCE, sweep_deletions
from media_app.services.purge import purge_older_than
from sessions_app.errors import StudioError


class Command(BaseCommand):
    help = "Remove jobs that ended more than N days ago, with their attempts and logs."

    def add_arguments(self, parser):
        parser.add_argument("--older-than-days", type=int, required=True, metavar="N")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args, older_than_days: int, dry_run: bool, **options):
        try:
            gone = purge_older_than(older_than_days, dry_run=dry_run)
        except StudioError as error:
            self.stderr.write(f"--older-than-days: {error}")
            raise SystemExit(2) from error
        while not dry_run and sweep_deletions() == SWEPT_AT_ONCE:
            pass
        verb = "would go" if dry_run else "are gone"
        self.stdout.write(f"{gone.jobs} jobs, {gone.attempts} attempts and {gone.logs} logs {verb}.")
