"""Files that somebody gave us, files that we make of them, and the work in between."""

from media_app.models.artifacts import DerivedMedia, DoomedObject
from media_app.models.assets import AngleCounter, MediaAsset
from media_app.models.jobs import MediaJob, MediaJobAttempt, Worker
from media_app.models.uploads import Upload
from media_app.models.webhooks import Webhook

__all__ = [
    "AngleCounter",
    "DerivedMedia",
    "DoomedObject",
    "MediaAsset",
    "MediaJob",
    "MediaJobAttempt",
    "Upload",
    "Webhook",
    "Worker",
]
