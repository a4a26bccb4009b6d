"""The types of background work that this app knows; their handlers lie next to what they do."""

from media_app import jobs

jobs.register(jobs.JobType("sync_session_v1", "Comparing the audio", "sync_app.services.measure"))
