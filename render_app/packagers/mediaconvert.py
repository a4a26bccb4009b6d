"""AWS MediaConvert: the file is read from the bucket and the package written next to it, by Amazon's machines."""

import contextlib
import threading

from django.conf import settings

from media_app import storage
from media_app.core.ffmpeg import proxy_rate
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import file_at_fault
from media_app.making.inspect import inspect
from media_app.making.workspace import workspace_of
from media_app.process import Cancelled
from render_app import aws
from render_app.core.ladder import ladder, rung_facts
from render_app.core.mediaconvert import job_settings
from render_app.packagers import WRITTEN, Package, Work
from sessions_app.errors import StudioError


class MediaConvert:
    def refuse(self) -> str:
        if settings.STORAGE_BACKEND != "s3":
            return "MediaConvert reads from a bucket; set STORAGE_BACKEND=s3, or use the packager hls."
        missing = [name for name in ("MEDIACONVERT_ROLE_ARN", "MEDIACONVERT_REGION") if not getattr(settings, name)]
        return f"{' and '.join(missing)} must be set, or use the packager hls." if missing else ""

    def package(self, work: Work, run: Run) -> Package:
        run.progress(1, "looking at the file")
        with file_at_fault(), storage.store().local_copy(work.source_key, run.scratch) as source:
            found = inspect(source, workspace_of(run))
        video, frames = found.info.video, found.frames
        if video is None or frames is None:
            raise CannotSucceed("This file has no video, so there is nothing to package.")
        rungs = ladder(video.width, video.height, proxy_rate(frames.rate))
        bucket = f"s3://{settings.S3_BUCKET}"
        wanted = job_settings(
            f"{bucket}/{work.source_key}",
            f"{bucket}/{work.prefix}master",
            rungs,
            audio=found.info.audio is not None,
            mastered=work.mastered,
        )
        remote = aws.send(
            # Of one attempt after another the service makes one job, as long as the last one did not end badly.
            token=f"{run.job.pk}-{run.job.attempt_rows.filter(outcome='failed').count()}",
            role=settings.MEDIACONVERT_ROLE_ARN,
            queue=settings.MEDIACONVERT_QUEUE_ARN,
            job_settings=wanted,
            tags={"studio-production": work.production_id},
        )
        _wait(remote, run)
        facts = {
            "rungs": rung_facts(rungs), "remote_job": remote, "seconds": float(found.duration), "playlist": "master.m3u8",
            WRITTEN: {found.key: found.size for found in storage.store().list(work.prefix)},
        }  # fmt: skip
        return Package((), facts)


def _wait(remote: str, run: Run) -> None:
    pause = threading.Event()
    while True:
        status, percent, message = aws.state(remote)
        if status == "COMPLETE":
            return
        if status in aws.ENDED_BADLY:
            raise CannotSucceed(f"MediaConvert failed its job {remote}: {message or status.lower()}")
        run.progress(5 + 0.9 * percent, "MediaConvert is packaging")
        waited = 0.0
        while waited < settings.MEDIACONVERT_POLL_SECONDS:
            try:
                run.check()
            except Cancelled:
                # A worker that is merely stopped leaves the job to the next, which asks for it by the same token.
                if not run.worker_stopping.is_set():
                    with contextlib.suppress(StudioError):
                        aws.stop(remote)
                raise
            pause.wait(0.2)
            waited += 0.2
