"""The types of background work that this app knows; their handlers lie next to what they do."""

from media_app import jobs
from media_app.engines import runner
from media_app.models import MediaJob

jobs.register(jobs.JobType("ingest_sound_v1", "Reading the audio", "media_app.services.ingest"))
jobs.register(jobs.JobType("ingest_asset_v1", "Making the proxy", "media_app.services.ingest", MediaJob.Kind.RENDER))
jobs.register(jobs.JobType("join_take_v1", "Joining the tracks", "media_app.services.joining"))
jobs.register(jobs.JobType("fetch_asset_v1", "Fetching a file", "media_app.services.fetch", MediaJob.Kind.IO))
jobs.register(jobs.JobType("audio_master_v1", "Mastering the audio", "media_app.services.mastering"))
jobs.register(jobs.JobType("hide_faces_v1", "Hiding faces", "media_app.services.hidden_faces", MediaJob.Kind.RENDER))
jobs.register(
    jobs.JobType("webhook_v1", "Calling a webhook", "media_app.services.webhooks", MediaJob.Kind.IO, waited_for=False)
)
jobs.register(jobs.JobType("replay_v1", "Replaying a job", "media_app.services.replay"))
runner.register_all()
