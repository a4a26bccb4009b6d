"""Files that somebody gave us, files that we make of them, and the work in between."""

from media_app.models.artifacts import DerivedMedia, PendingDeletion
from media_app.models.assets import AngleCounter, MediaAsset
from media_app.models.jobs import MediaJob, MediaJobAttempt, Worker
from media_app.models.uploads import Upload
from media_app.models.webhooks import Webhook

__all__ = [
    "AngleCounter",
    "DerivedMedia",
    "MediaAsset",
    "MediaJob",
    "MediaJobAttempt",
    "PendingDeletion",
    "Upload",
    "Webhook",
    "Worker",
]
