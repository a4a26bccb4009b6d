"""Doing a job over from what it was given, to see whether the same comes out. What the first run made stays untouched:
nothing of a replay is kept but its checksums and its log."""

import time
from collections.abc import Callable

from django.db import transaction

from media_app import jobs
from media_app.core.checksums import Verdict, compare
from media_app.models import MediaJob
from sessions_app.errors import StudioError

REPLAY = "replay_v1"
LOOK_SECONDS = 0.5


class NotReplayable(StudioError):
    """There is nothing that could be done over."""

    code = "not_replayable"
    status = 409


def replay(first: MediaJob) -> MediaJob:
    """Queue a job that does `first` over. Of two calls while one waits or runs, one is queued.

    Raises NotReplayable when `first` is not at its end, or of a type that cannot be done over.
    """
    refuse(first)
    with transaction.atomic():
        replayed = jobs.enqueue(
            REPLAY,
            first.context,
            input_json={"job_id": str(first.pk), "type": first.type, "input": first.input_json},
            dedupe_key=f"replay:{first.pk}",
            max_attempts=1,
        )
        MediaJob.objects.filter(pk=replayed.pk).update(replay_of=first)
    replayed.replay_of = first
    return replayed


def refuse(first: MediaJob) -> None:
    """Raises NotReplayable with the reason, where there is one."""
    if _replay_of(first) is None:
        raise NotReplayable(f"Jobs of type {first.type} cannot be replayed.")
    if first.status not in MediaJob.ENDED:
        raise NotReplayable(f"This job is {first.status}: replay it when it has ended.")


def can_be(first: MediaJob) -> bool:
    return _replay_of(first) is not None and first.status in MediaJob.ENDED


def _replay_of(first: MediaJob) -> Callable[[jobs.Run, MediaJob], dict[str, str]] | None:
    known = jobs.type_of(first.type)
    return known.does.replay if known else None


def run(run: jobs.Run) -> None:
    """The job of a replay: make everything anew, compare, keep the comparison."""
    first = run.job.replay_of
    remake = _replay_of(first) if first is not None else None
    if first is None or remake is None:
        raise jobs.CannotSucceed("The job that this one replays has been purged.")
    made = dict(remake(run, first))
    compared = compare((first.result_json or {}).get("checksums") or {}, made)
    with run.completing() as result:
        result["verdict"], result["sentence"] = str(compared.verdict), str(compared)
        result["different"] = [*compared.different, *compared.missing, *compared.added]
        if compared.verdict == Verdict.NOTHING_TO_COMPARE:
            result["different"] = []
        result["checksums"] = made


def run_here(replayed: MediaJob) -> MediaJob:
    """Run a queued replay in this process, or wait for the worker that was quicker; the job as it ended."""
    while replayed.status in MediaJob.UNFINISHED:
        run = jobs.claim(jobs.worker_name(), only=replayed)
        if run is None:
            time.sleep(LOOK_SECONDS)
        else:
            with run:
                run.execute()
        replayed.refresh_from_db()
    return replayed


HANDLERS = jobs.Handlers(run)
