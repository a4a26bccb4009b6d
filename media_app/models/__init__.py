"""Uploaded files, the files made from them, and the background work in between."""

from media_app.models.artifacts import ArtifactSource, DerivedMedia, PendingDeletion
from media_app.models.assets import AngleCounter, MediaAsset
from media_app.models.jobs import MediaJob, MediaJobAttempt, Worker
from media_app.models.uploads import Upload
from media_app.models.webhooks import Webhook

__all__ = [
    "AngleCounter",
    "ArtifactSource",
    "DerivedMedia",
    "MediaAsset",
    "MediaJob",
    "MediaJobAttempt",
    "PendingDeletion",
    "Upload",
    "Webhook",
    "Worker",
]
