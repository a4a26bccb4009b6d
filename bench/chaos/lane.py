"""A lane: one Studio and its share of the faults, one after another, each with a report of what came of it.

Runs in a process that has the settings of its Studio, so that it can look into its database and store.
"""

import time
from collections.abc import Callable
from contextlib import suppress

from bench.chaos import audit, on_connections, on_exports, on_processes, on_renders, on_requests, on_services
from bench.chaos.audit import Violation
from bench.chaos.plan import Fault
from bench.chaos.rig import Rig
from bench.chaos.scene import NeverStruck, Outcome, Scene, Shoot, Stuck
from bench.patient import OutOfPatience

PER_SHOOT = 10
#: One function for each kind of fault: it lets the fault happen and returns the seconds until the interrupted work went on.
_STRIKES: tuple[Callable[[Scene, Fault, Outcome], float], ...] = (
    on_processes.kill_worker,
    on_processes.kill_tool,
    on_processes.kill_web,
    on_processes.kill_web_master,
    on_processes.kill_everything,
    on_processes.stop_worker,
    on_processes.full_disk,
    on_processes.kill_worker_parent,
    on_exports.kill_export,
    on_exports.cancel_export,
    on_renders.kill_render,
    on_renders.kill_chunks,
    on_renders.cancel_render,
    on_requests.cut_upload,
    on_requests.cut_read,
    on_requests.lost_reply,
    on_requests.doubled_request,
    on_requests.late_request,
    on_requests.other_bytes,
    on_connections.slow_clients,
    on_services.kill_postgres,
    on_services.kill_store,
    on_services.kill_redis,
    on_services.cut_store,
    on_services.lost_message,
    on_services.doubled_message,
    on_services.late_message,
)
STRIKES = {strike.__name__.replace("_", " "): strike for strike in _STRIKES}


class Lane(Scene):
    def __init__(self, rig: Rig, report: Callable[[Outcome], None]) -> None:
        super().__init__(rig)
        self.report = report

    def run(self, faults: list[Fault]) -> None:
        """Each fault once; one whose moment never came is tried once more at the end."""
        outcomes: dict[int, Outcome] = {}
        for again in (False, True):
            left = [fault for fault in faults if fault.number not in outcomes or not outcomes[fault.number].conclusive]
            for first in range(0, len(left), PER_SHOOT):
                for outcome in self.one_shoot(left[first : first + PER_SHOOT]):
                    outcomes[outcome.number] = outcome
                    if again and not outcome.conclusive:
                        self.report(outcome)

    def one_shoot(self, faults: list[Fault]) -> list[Outcome]:
        made = self.client.call(
            "POST", "/v2/sessions", {"title": "Under fire", "date": "2026-01-13", "projectId": "chaos"}
        )
        self.shoot = Shoot(made["id"])
        for camera in "AB":
            self.announce(camera)
        for camera in "AB":
            self.send(camera)
        self.shoot.syncs = 1
        self.wait_until_quiet()
        outcomes = []
        for fault in faults:
            last = self.one_fault(fault)
            outcomes.append(last)
            if last.violations:
                # What is broken would be found again after each fault that follows: those get another shoot.
                self.report_log(last)
                break
            if last.conclusive and fault is not faults[-1]:
                self.report(last)
        with suppress(Stuck, OutOfPatience):
            asked = range(self.shoot.syncs, self.shoot.syncs + self.shoot.perhaps + 1)
            last.violations += list(audit.after_shoot(self.shoot.session, asked))
            self.client.call("DELETE", f"/v2/sessions/{self.shoot.session}")
            last.violations += list(audit.orphan_objects())
        if last.conclusive:
            self.report(last)
        return outcomes

    def one_fault(self, fault: Fault) -> Outcome:
        outcome = Outcome(fault.number, str(fault), fault.kind)
        self.client.server_errors.clear()
        try:
            outcome.recovery_s = STRIKES[fault.kind](self, fault, outcome)
            outcome.struck = True
            self.wait_until_quiet()
            outcome.violations += list(audit.after_each(self.shoot.session, self.shoot.sent))
        except (Stuck, OutOfPatience) as error:
            outcome.violations.append(Violation("lost", str(error)))
            with suppress(Stuck):
                self.wait_until_quiet()
        except NeverStruck:
            with suppress(Stuck):
                self.wait_until_quiet()
        finally:
            self.rig.door.disarm()
            self.rig.door.let_go(fault.number)
            self.rig.free_disk()
            for wire in self.rig.wires():
                wire.whole_again()
            self.rig.wire.pause_s = 0.0
            self.client.before = lambda path: None
        time.sleep(0.2)
        outcome.violations += [
            Violation("orphan_processes", f"no worker looks after {pid}: {line[:200]}")
            for pid, line in self.rig.tools().items()
        ]
        outcome.server_errors = list(self.client.server_errors)
        return outcome

    def report_log(self, outcome: Outcome) -> None:
        log = self.rig.folder / f"fault-{outcome.number}.log"
        log.write_text(self.rig.log())
