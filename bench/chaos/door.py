"""Where faults are handed into Studio's programs: a folder that `inside/sitecustomize.py`, running in each of them, watches."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

INSIDE = Path(__file__).parent / "inside"


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that struck: in which process, and when (monotonic seconds)."""

    pid: int
    at: float


class Door:
    """One fault at a time, for programs that were started with `environment()`; `points` are all where it may strike."""

    def __init__(self, folder: Path, points: list[str]) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "points.json").write_text(json.dumps(points))

    def environment(self) -> dict[str, str]:
        known = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([str(INSIDE), *([known] if known else [])])
        return {"CHAOS_FOLDER": str(self.folder), "PYTHONPATH": path}

    def arm(self, number: int, point: str, when: str, action: str, *, nth: int = 1, role: str = "worker") -> None:
        """The `nth` call of `point` in a process of this role (web, worker) that comes from now on does `action` to it,
        `when` is "before" or "after": kill, stop, hold (until `let_go`), "kill tool", or the number of an OSError."""
        facts = {"number": number, "point": point, "when": when, "nth": nth, "action": action, "role": role}
        draft = self.folder / "armed.part"
        draft.write_text(json.dumps(facts))
        draft.rename(self.folder / "armed.json")

    def disarm(self) -> None:
        (self.folder / "armed.json").unlink(missing_ok=True)

    def fired(self, number: int) -> Fired | None:
        try:
            return Fired(**json.loads((self.folder / f"fired-{number}.json").read_bytes()))
        except FileNotFoundError:
            return None

    def let_go(self, number: int) -> None:
        (self.folder / f"go-{number}").touch()
