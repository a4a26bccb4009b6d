"""What runs alongside the web server: the database's preparation, and workers that encode."""

import json
import os

from bench.people import signed_in

SESSIONS_EACH = 4
TENANT = "t_bench"


def prepare(operators: int) -> None:
    """The operators, their sessions of three cameras, synced and waiting; and who may come in with which cookie."""
    # Django may be imported only once the environment has its settings.
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    from sessions_app.core.tenant import Context
    from tests.support import factories

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    place = Context(TENANT, "dev").stamp()
    people = []
    with transaction.atomic():
        for number in range(operators):
            user = factories.a_user(f"operator-{number}", TENANT)
            sessions = [
                factories.a_synced_session("ABC", title=f"Lesson {number}.{index}", **place)
                for index in range(SESSIONS_EACH)
            ]
            people.append({"cookie": signed_in(user), "sessions": [str(session.pk) for session in sessions]})
    (settings.VAR_DIR / "people.json").write_text(json.dumps(people))


def encode(number: int) -> None:
    """A worker that encodes until it is stopped, with the heartbeat and the progress of any job."""
    import django

    django.setup()
    from media_app import jobs
    from media_app.management.commands.media_worker import stop_on_signals
    from sessions_app.core.tenant import Context

    jobs.register(jobs.JobType("bench_encode_v1", "Benchmark", jobs.Handlers(encode_for_ever)))
    os.environ["BENCH_NUMBER"] = str(number)
    jobs.enqueue("bench_encode_v1", Context(TENANT, "dev"), input_json={})
    jobs.serve(stop_on_signals(), job_types=["bench_encode_v1"])


def encode_for_ever(run) -> None:  # type: ignore[no-untyped-def]
    from django.conf import settings

    from media_app import process

    report = settings.VAR_DIR / f"encode-{os.environ['BENCH_NUMBER']}"

    def write_report(progress) -> None:  # type: ignore[no-untyped-def]
        report.write_text(str(progress.frames))
        run.progress(min(99.0, progress.frames / 1000), f"frame {progress.frames}")

    source = "testsrc2=s=1920x1080:r=30,noise=alls=8:allf=t"
    process.ffmpeg(
        ["-f", "lavfi", "-i", source, "-t", "3600", "-c:v", "libx264", "-preset", "veryfast", "-f", "null", "-"],
        process.Control(run.cancelled, run.scratch),
        on_progress=write_report,
    )


ROLES = {"prepare": prepare, "encode": encode}
