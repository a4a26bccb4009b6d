"""The mezzanine that every picture gets once its review files are there."""

from django.conf import settings

from media_app import jobs
from media_app.models import MediaAsset, MediaJob
from media_app.services.asset_jobs import job_input
from media_app.services.sound import chosen_by_hand

TYPE, PRIORITY = "engine_mezzanine_v1", -10


def enqueue_mezzanine(asset: MediaAsset, derived_version: int) -> MediaJob:
    """Queue the edit-ready copy, after everything that review waits for."""
    return jobs.enqueue(
        TYPE,
        asset,
        input_json={
            **job_input(asset, derived_version),
            "params": {"codec": settings.MEZZANINE},
            "heard": chosen_by_hand(asset),
        },
        priority=PRIORITY,
        dedupe_key=f"mezzanine:{asset.pk}:{derived_version}",
    )
