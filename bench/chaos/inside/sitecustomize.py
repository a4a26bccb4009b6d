"""Runs inside every Python program of a Studio under fire, which is otherwise as it is shipped.

CHAOS_FOLDER holds `points.json`, the functions that are watched, and now and then `armed.json`: the one fault that is due.
The first call that fits takes it (by a rename, so that of two processes one does), says so in `fired-<number>.json`, and
does it to its own process. Watching costs a failed `open` per call.
"""

import contextlib
import functools
import importlib.abc
import importlib.util
import itertools
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

FOLDER = Path(os.environ["CHAOS_FOLDER"]) if "CHAOS_FOLDER" in os.environ else None
#: How long a held call waits to be let go, should nobody do it.
HELD_SECONDS = 30.0
_inside = threading.local()


def strike(point: str, when: str, arguments: tuple) -> None:
    try:
        armed = json.loads((FOLDER / "armed.json").read_bytes())
    except (OSError, ValueError):
        return
    if (armed["point"], armed["when"]) != (point, when) or armed["role"] != role():
        return
    number = armed["number"]
    if armed["nth"] > 1 and arrivals(number) < armed["nth"]:
        return
    fired = FOLDER / f"fired-{number}.json"
    try:
        (FOLDER / "armed.json").rename(FOLDER / f"taken-{number}.json")
    except OSError:
        return
    draft = fired.with_suffix(".part")
    draft.write_text(json.dumps({"pid": os.getpid(), "at": time.monotonic()}))
    draft.rename(fired)
    act(armed["action"], number, arguments)


def arrivals(number: int) -> int:
    """Which call this is of those that fit, in whatever process: whoever makes a file is the next."""
    for count in itertools.count(1):
        with contextlib.suppress(FileExistsError):
            (FOLDER / f"seen-{number}-{count}").touch(exist_ok=False)
            return count
    raise AssertionError


def act(action: str, number: int, arguments: tuple) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "kill tool":
        os.killpg(arguments[0].pid, signal.SIGKILL)
    elif action == "hold":
        ends = time.monotonic() + HELD_SECONDS
        while not (FOLDER / f"go-{number}").exists() and time.monotonic() < ends:
            time.sleep(0.01)
    else:
        raise OSError(int(action), os.strerror(int(action)))


def role() -> str:
    return "web" if "gunicorn" in sys.argv[0] else "worker"


def watched(point: str, function):
    @functools.wraps(function)
    def wrapper(*arguments, **options):
        strike(point, "before", arguments)
        answer = function(*arguments, **options)
        strike(point, "after", arguments)
        return answer

    return wrapper


class Watcher(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Wraps the points of a module as soon as it has run, before anybody can have imported a name from it."""

    def __init__(self, points: list[str]) -> None:
        self.points = points
        self.real: dict[str, object] = {}

    def find_spec(self, name, path, target=None):
        if not any(point.startswith(f"{name}.") for point in self.points) or getattr(_inside, "search", False):
            return None
        _inside.search = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            _inside.search = False
        if spec is None or spec.loader is None:
            return None
        self.real[name] = spec.loader
        spec.loader = self
        return spec

    def create_module(self, spec):
        return self.real[spec.name].create_module(spec)

    def exec_module(self, module):
        real = self.real[module.__name__]
        # A package looks for its own files through its loader.
        module.__loader__ = module.__spec__.loader = real
        real.exec_module(module)
        for point in self.points:
            owner, rest = module, point.removeprefix(f"{module.__name__}.")
            if rest == point:
                continue
            *outer, name = rest.split(".")
            for part in outer:
                owner = getattr(owner, part, None)
            if callable(getattr(owner, name, None)) and not hasattr(getattr(owner, name), "__wrapped__"):
                setattr(owner, name, watched(point, getattr(owner, name)))


if FOLDER is not None:
    sys.meta_path.insert(0, Watcher(json.loads((FOLDER / "points.json").read_bytes())))
