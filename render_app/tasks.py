"""The types of background work that this app knows; their handlers lie next to what they do."""

from media_app import jobs
from media_app.models import MediaJob
from media_app.services import speakers

jobs.register(
    jobs.JobType("abr_package_v1", "Packaging for streaming", "render_app.services.productions", MediaJob.Kind.RENDER)
)
jobs.register(jobs.JobType("render_v1", "Rendering", "render_app.services.renders", MediaJob.Kind.RENDER))
jobs.register(jobs.JobType("export_v1", "Exporting", "render_app.services.exports", MediaJob.Kind.RENDER))
jobs.register(jobs.JobType("auto_cut_v1", "Cutting by who speaks", "render_app.services.autocut", MediaJob.Kind.CPU))
jobs.register(jobs.JobType("first_film_v1", "Making a first film", "render_app.services.first_film"))
jobs.register(
    jobs.JobType(
        speakers.JOB, "Identifying who speaks", "render_app.services.who_speaks", MediaJob.Kind.CPU, waited_for=False
    )
)
jobs.register(
    jobs.JobType("render_segment_v1", "Rendering a chunk", "render_app.services.render_chunks", MediaJob.Kind.RENDER)
)
jobs.register(jobs.JobType("render_join_v1", "Joining chunks", "render_app.services.render_joins", MediaJob.Kind.IO))
