"""Sessions worth looking at: one certain, one with drift, one doubtful, one hopeless."""

from django.core.management.base import BaseCommand

from studio.demo import run, truth
from studio.demo.client import Client
from studio.demo.footage import GALLERY
from studio.management.commands.demo import forget, wait_until_up
from studio.operator import local_operator


class Command(BaseCommand):
    help = "Send the demo shoots that are not there yet to a running Studio."

    def add_arguments(self, parser):
        parser.add_argument("--url", required=True)

    def handle(self, *args, url: str, **options):
        client = Client(url, local_operator(url)["token"])
        wait_until_up(client)
        there = {session["id"] for session in client.call("GET", "/v2/sessions?projectId=demo&pageSize=200")["results"]}
        for shoot in GALLERY:
            earlier = truth.sessions_of(shoot.slug)
            for session_id in set(earlier) - there:
                forget(client, session_id)
            if not there & set(earlier):
                run.send_shoot(client, shoot, self.stdout.write)
