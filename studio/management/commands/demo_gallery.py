"""Sessions worth looking at: one certain, one with drift, one doubtful, one hopeless."""

from django.core.management.base import BaseCommand

from media_app.process import ToolFailed, ToolMissing
from studio.demo import progress, run, truth
from studio.demo.client import Client, Refused
from studio.demo.footage import GALLERY, Shoot
from studio.management.commands.demo import forget, wait_until_up
from studio.runtime.operator import local_operator

#: What may go wrong with a sentence for people.
ERRORS = (Refused, TimeoutError, OSError, ToolFailed, ToolMissing)


class Command(BaseCommand):
    help = "Send the demo shoots that are not there yet to a running Studio."

    def add_arguments(self, parser):
        parser.add_argument("--url", required=True)

    def handle(self, *args, url: str, **options):
        client = Client(url, local_operator(url)["token"])
        with progress.reported(len(GALLERY), ERRORS) as report:
            report.begin(GALLERY[0].title)
            wait_until_up(client)
            for shoot in GALLERY:
                report.begin(shoot.title)
                if not _is_there(client, shoot):
                    run.send_shoot(client, shoot, self.stdout.write)
                report.sent()


def _is_there(client: Client, shoot: Shoot) -> bool:
    """Whether Studio has the shoot. What is known of sessions that were removed is forgotten."""
    listed = client.call("GET", "/v2/sessions?projectId=demo&pageSize=200")["results"]
    there, earlier = {session["id"] for session in listed}, set(truth.sessions_of(shoot.slug))
    for session_id in earlier - there:
        forget(client, session_id)
    return bool(there & earlier)
