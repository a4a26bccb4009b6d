"""The main job from nothing to done, over the HTTP API, with a real worker: upload → ingest → sync → approve → export."""

import json
import os
import socket
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand

from media_app.process import keep_running
from studio.demo import run, truth
from studio.demo.client import Client, Refused
from studio.demo.footage import CERTAIN
from studio.management.commands.serve import prepare, services_of
from studio.operator import local_operator


class Command(BaseCommand):
    help = "Make a three-camera shoot with known truth and take it through Studio; writes var/demo/report.json."

    def handle(self, *args, **options):
        started = time.monotonic()
        prepare()
        port = free_port()
        url = f"http://127.0.0.1:{port}/"
        client = Client(url, local_operator()["token"])
        done = threading.Event()
        server = threading.Thread(
            target=keep_running,
            args=(services_of("127.0.0.1", port, os.cpu_count() or 2), done.is_set),
            kwargs={"log": self.stderr.write},
        )
        server.start()
        try:
            found = self.walk(client, started)
        except (Refused, TimeoutError, OSError) as error:
            self.stderr.write(f"The demo stopped: {error}")
            raise SystemExit(1) from error
        finally:
            done.set()
            server.join()
        self.show(found)
        if found["status"] != "ready":
            raise SystemExit(1)

    def walk(self, client: Client, started: float) -> dict:
        def report(text: str) -> None:
            self.stdout.write(f"{time.monotonic() - started:6.1f} s  {text}")
            self.stdout.flush()

        wait_until_up(client)
        for session_id in truth.sessions_of(CERTAIN.slug):
            forget(client, session_id)
        session_id = run.send_shoot(client, CERTAIN, report)
        narrate = run.narrator(report)
        session = client.wait_for(session_id, {"needs-review"}, narrate, run.LIMIT_SECONDS)
        if session["statusReason"]:
            raise Refused(session["statusReason"])
        approved = client.call(
            "POST", f"/v2/sessions/{session_id}/sync/approve", {"approvedBy": "demo", "notes": "Looks good."}
        )
        report(f"approved: {approved['finalOffsets']}")
        client.wait_for_pictures(session_id, narrate, run.LIMIT_SECONDS)
        film = run.export(client, session_id, report)
        return run.results(client, session_id, CERTAIN.truth_ms, started) | {"film": film}

    def show(self, found: dict) -> None:
        path = truth.demo_folder() / "report.json"
        path.write_text(json.dumps(found, indent=2))
        self.stdout.write(f"\nmaster {found['master']}, session {found['status']}, {found['wall_s']} s in all")
        self.stdout.write("camera   offset ms    truth ms   error ms   score   classification")
        for label, camera in found["cameras"].items():
            numbers = (camera["offset_ms"], camera["truth_ms"], camera["error_ms"], camera["confidence"])
            offset, true, error, score = ("–" if number is None else f"{number:.2f}" for number in numbers)
            self.stdout.write(f"{label:6} {offset:>11} {true:>11} {error:>10} {score:>7}   {camera['classification']}")
        self.stdout.write(
            f"\nReport: {path.relative_to(settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else path}"
        )
        self.stdout.write("See it in a browser: make serve")


def wait_until_up(client: Client, limit_s: float = 60.0) -> None:
    ends = time.monotonic() + limit_s
    while True:
        try:
            client.call("GET", "/readyz")
            return
        except (Refused, OSError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


def forget(client: Client, session_id: str) -> None:
    """Remove what an earlier demo left; a session that a person removed already is fine."""
    try:
        client.call("DELETE", f"/v2/sessions/{session_id}")
    except Refused as error:
        if " 404 " not in str(error):
            raise
    truth.forget(session_id)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
