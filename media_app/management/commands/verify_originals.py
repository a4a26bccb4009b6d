"""Compare the originals in the store with their checksums: after a restore, and now and then."""

from django.core.management.base import BaseCommand

from media_app.models import MediaAsset
from media_app.services import originals
from sessions_app.errors import StudioError


class Command(BaseCommand):
    help = "Read every ingested original and compare its SHA-256. Exits 1 when one is missing or changed."

    def handle(self, *args, **options):
        faults = 0
        ingested = MediaAsset.objects.exclude(checksum="").exclude(original_key="")
        for asset in ingested.order_by("created_at").iterator(chunk_size=200):
            try:
                originals.verify(asset)
            except StudioError as error:
                faults += 1
                self.stdout.write(f"{asset.original_key}: {error}")
        self.stdout.write(f"{ingested.count()} originals were read, {faults} of them missing or changed.")
        if faults:
            raise SystemExit(1)
