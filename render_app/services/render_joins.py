"""The joining of chunks, when one of them is done: a job of its own, queued with the chunk's end, so that no lost worker forgets it."""

import logging

from media_app import jobs
from media_app.jobs import Run
from media_app.models import MediaJob
from render_app.services import render_chunks
from sessions_app.errors import StudioError

log = logging.getLogger(__name__)


def run(run: Run) -> None:
    """Start every film that waited for a chunk and has all of them now."""
    chunk = MediaJob.objects.in_tenant(run.job.context).filter(pk=run.job.input_json["chunk_job_id"]).first()
    for stitch in chunk.input_json["stitches"] if chunk else ():
        try:
            render_chunks.join_if_whole(run.job.context, stitch)
        except StudioError as error:
            log.warning("The film of render %s cannot be joined: %s", stitch["group"], error)


HANDLERS = jobs.Handlers(run)
