"""Does a job over from its stored input, in a fresh job, and says whether the same came out."""

from uuid import UUID

from django.core.management.base import BaseCommand

from media_app.core.checksums import Verdict
from media_app.models import MediaJob
from media_app.services import replay
from sessions_app.errors import StudioError

#: Exit codes: it is equal, or there was nothing to compare; outputs differ; it could not be done.
SAME, DIFFERENT, FAILED = 0, 1, 2


class Command(BaseCommand):
    help = "Run a job again from its stored input and compare the checksums. Exit 0: equal, 1: different, 2: failed."

    def add_arguments(self, parser):
        parser.add_argument("id", help="the job's id, as its page and the log show it")

    def handle(self, *args, id: str, **options):
        try:
            first = MediaJob.objects.filter(pk=UUID(id)).first()
        except ValueError:
            first = None
        if first is None:
            raise self._end(f"There is no job {id}. /admin/media-jobs lists them.")
        try:
            replayed = replay.run_here(replay.replay(first))
        except StudioError as error:
            raise self._end(str(error)) from error
        if replayed.status != MediaJob.Status.COMPLETED:
            raise self._end(f"The replay, job {replayed.pk}, ended as {replayed.status}: {replayed.error_message}")
        found = replayed.result_json or {}
        self.stdout.write(f"{found['sentence']} (replay: job {replayed.pk})")
        if found["verdict"] == Verdict.DIFFERENT:
            raise SystemExit(DIFFERENT)

    def _end(self, sentence: str) -> SystemExit:
        self.stderr.write(sentence)
        return SystemExit(FAILED)
