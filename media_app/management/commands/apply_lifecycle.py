"""Have the store keep the lifecycle policy, and let pages talk to the bucket."""

from django.conf import settings
from django.core.management.base import BaseCommand

from media_app import storage
from media_app.core.files.lifecycle import ABORT_UPLOADS_DAYS, EXPIRING
from media_app.services.chores import lifecycle_rules
from sessions_app.errors import StudioError


class Command(BaseCommand):
    help = (
        "Apply the lifecycle policy (docs/storage.md) to the store, and CORS for this installation's pages to a bucket."
    )

    def handle(self, *args, **options):
        try:
            outcome = storage.store().apply_lifecycle(lifecycle_rules(), abort_uploads_days=ABORT_UPLOADS_DAYS)
            cors = storage.store().apply_cors([settings.PUBLIC_URL] if settings.PUBLIC_URL else [])
        except StudioError as error:
            self.stderr.write(f"apply_lifecycle: {error}")
            raise SystemExit(1) from error
        for kind in EXPIRING:
            self.stdout.write(f"{kind.lies_in}: {kind.days} days ({kind.reason})")
        self.stdout.write(outcome.message)
        self.stdout.write(cors)
