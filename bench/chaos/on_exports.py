"""Faults of exports: killed at every step, and canceled in the midst of it; and what must be true of one afterwards."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from bench.chaos import audit
from bench.chaos.audit import Violation
from bench.chaos.plan import Fault
from bench.chaos.rig import DYING_S, PATIENCE
from bench.chaos.scene import Outcome, Scene
from media_app import storage
from media_app.core.files import keys
from render_app.models import Export
from render_app.services import exports
from studio.demo.client import Refused

#: How long a message may be on its way once nothing else is to be done.
MESSAGE_S = 20.0 * PATIENCE
FILES = ["main", "sound", "thumbnail"]


def kill_export(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """kill -9 of the worker: the export ends all the same, once. When its time is over it is gone."""
    fired, held = scene.strike_inside(fault, "kill")
    time.sleep(DYING_S)
    outcome.violations += scene.orphans()
    took = scene.until_taken_up(held, fired.at)
    scene.wait_until_quiet()
    outcome.violations += made_once(scene.shoot.export, _ids(scene))
    outcome.violations += expired(scene, scene.shoot.export)
    return took


def cancel_export(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """DELETE while a worker is at that point: nothing stays, and nobody is notified."""
    scene.strike_inside(fault, "hold")
    at = time.monotonic()
    scene.client.call("DELETE", f"/api/export/{scene.shoot.export}")
    scene.rig.door.let_go(fault.number)
    scene.wait_until_quiet()
    export = Export.objects.get(pk=scene.shoot.export)
    if export.outcome != Export.Outcome.CANCELLED:
        outcome.violations.append(Violation("lost", f"the export that was canceled is {export.status}"))
    outcome.violations += left_over(export, set())
    if _ids(scene, wait_s=0):
        outcome.violations.append(Violation("doubled", "the end of a canceled export was announced"))
    return time.monotonic() - at


def _ids(scene: Scene, wait_s: float = MESSAGE_S) -> set[str]:
    ends = time.monotonic() + wait_s
    while not (found := scene.rig.listener.ids(scene.shoot.export)) and time.monotonic() < ends:
        time.sleep(0.1)
    return found


def made_once(id: str, messages: set[str]) -> Iterator[Violation]:
    """One set of files, each as its row says, and one message. `messages`: the ids of those that came."""
    export = Export.objects.get(pk=id)
    names = [file["name"] for file in export.files_json]
    if (export.outcome, names) != (Export.Outcome.COMPLETED, FILES):
        yield Violation("lost", f"the export is {export.status} and has {names} ({export.error_message[:200]})")
    for file in export.files_json:
        if audit.sha256_of(file["key"]) != file["checksum"]:
            yield Violation("lost", f"the output {file['name']} is not what its row says")
    if len(messages) != 1:
        yield Violation("doubled" if messages else "lost", f"{len(messages)} messages of one export")
    yield from left_over(export, set(export.keys))


def left_over(export: Export, wanted: set[str]) -> Iterator[Violation]:
    """What is in an export's folder after housekeeping besides what is wanted."""
    audit.housekeep()
    there = {
        found.key for found in storage.store().list(keys.export_prefix(export.tenant_id, export.env, str(export.pk)))
    }
    for key in sorted(there - wanted):
        yield Violation("orphan_objects", f"no row points to {key}")


def expired(scene: Scene, id: str) -> Iterator[Violation]:
    """An export whose time is over: gone from the store, said in its status; then taken away."""
    Export.objects.filter(pk=id).update(expires_at=timezone.now() - timedelta(seconds=1))
    exports.expire()
    yield from left_over(Export.objects.get(pk=id), set())
    said = scene.client.call("GET", f"/api/export/{id}/status")["status"]
    if said != "expired":
        yield Violation("lost", f"the export whose time is over says that it is {said}")
    with suppress(Refused):
        scene.client.call("DELETE", f"/api/export/{id}")
