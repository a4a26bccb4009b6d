"""Faults of processes and of the disk: killed, stopped, full."""

import errno
import signal
import time
from functools import partial

from bench.chaos import audit
from bench.chaos.plan import Fault
from bench.chaos.rig import DYING_S, kill
from bench.chaos.scene import Outcome, Scene, camera_of


def kill_worker(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    fired, held = scene.strike_inside(fault, "kill")
    time.sleep(DYING_S)
    outcome.violations += scene.orphans()
    return scene.until_taken_up(held, fired.at)


def kill_tool(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    fired, held = scene.strike_inside(fault, "kill tool")
    return scene.until_taken_up(held, fired.at)


def kill_web(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    scene.arm(fault, "kill", role="web")
    scene.replace(camera_of(fault))
    return scene.since(scene.fired(fault, limit_s=0).at)


def kill_web_master(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    return scene.while_sending(fault, lambda: kill(scene.rig.named("gunicorn")[0]))


def kill_everything(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """A power cut, as far as a process can tell."""
    if fault.step == "upload":
        return scene.while_sending(fault, partial(power_cut, scene))
    _, held = scene.strike_inside(fault, "hold")
    at = time.monotonic()
    power_cut(scene)
    time.sleep(DYING_S)
    outcome.violations += scene.orphans()
    return scene.until_taken_up(held, at)


def stop_worker(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """SIGSTOP until another worker has done the job, then SIGCONT: what it writes from then on is stale."""
    fired, held = scene.strike_inside(fault, "stop")
    try:
        took = scene.until_taken_up(held, fired.at)
        scene.wait_until_quiet()
        before = audit.everything()
    finally:
        kill(fired.pid, signal.SIGCONT)
    scene.wait_until_left(fired.pid, held)
    outcome.violations += list(audit.changes(before, audit.everything()))
    return took


def full_disk(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    leave = int(fault.amount * (1 << 18))
    if fault.step == "upload":
        return scene.while_sending(fault, lambda: disk_is_full_for(scene, 1.0 + fault.amount, leave))
    if not scene.rig.full_disk_is_real:
        fired, held = scene.strike_inside(fault, str(errno.ENOSPC))
        return scene.until_taken_up(held, fired.at)
    _, held = scene.strike_inside(fault, "hold")
    scene.rig.fill_disk(leave=leave)
    scene.rig.door.let_go(fault.number)
    time.sleep(1.0 + 3 * fault.amount)
    scene.rig.free_disk()
    return scene.until_taken_up(held, time.monotonic())


def kill_worker_parent(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """Celery's first process: its children die with it."""
    _, held = scene.strike_inside(fault, "hold")
    at = time.monotonic()
    kill(scene.worker_parent())
    time.sleep(DYING_S)
    outcome.violations += scene.orphans()
    return scene.until_taken_up(held, at)


def power_cut(scene: Scene) -> None:
    for kept in scene.rig.kept:
        if kept.child is not None:
            kill(kept.child.pid)


def disk_is_full_for(scene: Scene, seconds: float, leave: int) -> None:
    scene.rig.fill_disk(leave=leave)
    time.sleep(seconds)
    scene.rig.free_disk()
