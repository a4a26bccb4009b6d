"""The whole chain from nothing to done, over the HTTP API, with real workers: cards → sync → approve → cut → words → film → editors.

`DEMO=main` is the main job alone: three cameras in, an approved sync and a small film out.
"""

import json
import os
import socket
import threading
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from media_app.process import keep_running
from studio.demo import chain, run, truth
from studio.demo.client import Client, Refused
from studio.demo.footage import CERTAIN, has_flite
from studio.management.commands.serve import prepare, services_of
from studio.runtime.operator import local_operator


class Command(BaseCommand):
    help = "Make a shoot with known truth and take it through Studio; writes var/demo/report.json."

    def add_arguments(self, parser):
        """Which part of the way."""
        parts = ("chain", "main")
        parser.add_argument("part", nargs="?", choices=parts, default=os.environ.get("DEMO") or "chain")

    def handle(self, *args, part: str, **options):
        if part == "chain" and not has_flite():
            self.stderr.write("This ffmpeg cannot speak (it has no flite), so the demo ends at the approved sync.")
            part = "main"
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
            wait_until_up(client)
            found = self.walk(client, started) if part == "main" else self.walk_chain(client, started)
        except (Refused, TimeoutError, OSError) as error:
            self.stderr.write(f"The demo stopped: {error}")
            raise SystemExit(1) from error
        finally:
            done.set()
            server.join()
        (self.show if part == "main" else self.show_chain)(found)
        if found["status"] != "ready":
            raise SystemExit(1)

    def report(self, started: float, text: str) -> None:
        """A line of what happens, and when."""
        self.stdout.write(f"{time.monotonic() - started:6.1f} s  {text}")
        self.stdout.flush()

    def walk_chain(self, client: Client, started: float) -> dict:
        """From the cards to the film; what the report says."""
        for session_id in truth.sessions_of(chain.SLUG):
            forget(client, session_id)
        done = chain.walk(client, partial(self.report, started))
        good = all(step.good for step in done.steps)
        steps = [asdict(step) for step in done.steps]
        return {
            "status": "ready" if good else "off the truth",
            "steps": steps,
            **done.facts,
            "folder": str(done.folder),
            "wall_s": round(time.monotonic() - started, 1),
        }

    def show_chain(self, found: dict) -> None:
        """The report: a table here, all of it in the file."""
        text = chain_table(found)
        path = self.write_report(found)
        (Path(found["folder"]) / "report.txt").write_text(text)
        self.stdout.write(f"\n{text}")
        self.stdout.write(f"Report: {shown(path)}   Film, captions and projects: {shown(Path(found['folder']))}")
        self.stdout.write("See it in a browser: make serve")

    def walk(self, client: Client, started: float) -> dict:
        report = partial(self.report, started)
        for session_id in truth.sessions_of(CERTAIN.slug):
            forget(client, session_id)
        session_id = run.send_shoot(client, CERTAIN, report)
        narrate = run.narrator(report)
        run.verdict(client, session_id, narrate)
        approved = run.approve(client, session_id)
        report(f"approved: {approved['finalOffsets']}")
        client.wait_for_pictures(session_id, narrate, run.LIMIT_SECONDS)
        film = run.export(client, session_id, report)
        return run.results(client, session_id, CERTAIN.truth_ms, started) | {"film": film}

    def show(self, found: dict) -> None:
        path = self.write_report(found)
        self.stdout.write(f"\nmaster {found['master']}, session {found['status']}, {found['wall_s']} s in all")
        self.stdout.write("camera   offset ms    truth ms   error ms   score   classification")
        for label, camera in found["cameras"].items():
            numbers = (camera["offset_ms"], camera["truth_ms"], camera["error_ms"], camera["confidence"])
            offset, true, error, score = ("–" if number is None else f"{number:.2f}" for number in numbers)
            self.stdout.write(f"{label:6} {offset:>11} {true:>11} {error:>10} {score:>7}   {camera['classification']}")
        self.stdout.write(f"\nReport: {shown(path)}")
        self.stdout.write("See it in a browser: make serve")

    def write_report(self, found: dict) -> Path:
        """The report as a file."""
        path = truth.demo_folder() / "report.json"
        path.write_text(json.dumps(found, indent=2))
        return path


def shown(path: Path) -> Path:
    """A path as a person types it."""
    return path.relative_to(settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else path


def chain_table(found: dict) -> str:
    """Each step's time and error against the truth."""
    rows = [f"{'step':22} {'seconds':>8}   against the truth"]
    for step in found["steps"]:
        rows.append(f"{step['name']:22} {step['seconds']:8.1f}   {'' if step['good'] else 'OFF: '}{step['error']}")
    return "\n".join([*rows, f"{'in all':22} {found['wall_s']:8.1f}", ""])


def wait_until_up(client: Client, limit_s: float = 180.0) -> None:
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
