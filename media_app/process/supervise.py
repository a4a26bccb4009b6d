"""Programs that are to keep running side by side."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media_app.process.launch import launched, signal_group

POLL_S = 0.1
#: After so long a program counts as steady: when it ends, it is started again at once.
STEADY_S = 20.0


@dataclass(frozen=True, slots=True)
class Service:
    """A program next to others: its name in the log, and its arguments. With `once` it may end well and stay ended."""

    name: str
    argv: tuple[str, ...]
    once: bool = False


def keep_running(
    services: Sequence[Service], stopped: Callable[[], bool], *, log: Callable[[str], None], grace_s: float = 20.0
) -> None:
    """Run `services` until `stopped()`, or until all have ended well that may: one that ends otherwise is started again,
    later each time it does so soon. They die with this process; at the end all get SIGTERM, and after `grace_s` SIGKILL."""
    children: dict[str, subprocess.Popen[bytes]] = {}
    due = {service.name: 0.0 for service in services}
    delay = {service.name: 1.0 for service in services}
    began = {service.name: 0.0 for service in services}
    while not stopped():
        now = time.monotonic()
        for service in services:
            child = children.get(service.name)
            if child is None and now >= due[service.name]:
                children[service.name] = subprocess.Popen(launched(service.argv), start_new_session=True)
                began[service.name] = now
            elif child is not None and child.poll() is not None and not _ended_well(service, child):
                if now - began[service.name] > STEADY_S:
                    delay[service.name] = 1.0
                log(f"{service.name} ended with {child.returncode}; again in {delay[service.name]:.0f} s")
                due[service.name] = now + delay[service.name]
                delay[service.name] = min(30.0, delay[service.name] * 2)
                del children[service.name]
        if all(service.name in children and _ended_well(service, children[service.name]) for service in services):
            return
        time.sleep(POLL_S)
    for child in children.values():
        child.terminate()
    ends = time.monotonic() + grace_s
    for child in children.values():
        try:
            child.wait(max(0.1, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            signal_group(child, signal.SIGKILL)


def _ended_well(service: Service, child: "subprocess.Popen[bytes]") -> bool:
    return service.once and child.poll() == 0
