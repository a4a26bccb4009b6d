"""A worker of the test's own process."""

from media_app import jobs


def work_off(type: str = "") -> None:
    """Run every waiting job, or those of a type."""
    while run := jobs.claim("tester"):
        with run:
            if not type or run.job.type == type:
                run.execute()
