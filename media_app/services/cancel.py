"""Stopping one job for whoever asks: the route, the pages and the staff."""

from media_app import jobs
from media_app.models import MediaJob
from media_app.services.job_pages.rows import status_in_words
from sessions_app.errors import WrongStatus


def cancel(job: MediaJob) -> MediaJob:
    """Stop a job: a waiting one at once, a running one within two seconds. Raises WrongStatus for one that has ended."""
    if not jobs.request_cancel([job]):
        job.refresh_from_db()
        raise WrongStatus(f"This job is {status_in_words(job)}, so there is nothing to cancel.")
    job.refresh_from_db()
    return job
