"""Where cases are thrown at Studio, and what must not come of it."""

import contextlib
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from media_app.core.files.faults import NotUsable
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.process import launch
from tests.support.derived import derive
from tests.support.hostile.case import EITHER, REFUSED, TAKEN, Bait, Case


@dataclass
class Ended:
    """How a case ended: what was said of it, the seconds it took, and every byte that it left behind; `made` without the logs,
    in which the tools quote a file's own tags."""

    case: Case
    refusal: Exception | None = None
    seconds: float = 0.0
    left: bytes = b""
    made: bytes = b""

    @property
    def outcome(self) -> str:
        return TAKEN if self.refusal is None else REFUSED


@dataclass
class Grounds:
    """Where cases are thrown at Studio: the bait is laid, and somebody listens for calls.

    Programs keep the network here, for it is the whitelists that must hold.
    """

    folder: Path
    canary: bytes = field(default_factory=lambda: f"CANARY-{secrets.token_hex(16)}\n".encode() * 8)
    calls: list[bytes] = field(default_factory=list)
    bait: Bait = field(init=False)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        secret = self.folder / "secret.txt"
        secret.write_bytes(self.canary)
        usual, launch.REACH = launch.REACH, "online"
        try:
            with socket.create_server(("127.0.0.1", 0)) as listener:
                self.bait = Bait(secret, "near.txt", listener.getsockname()[1])
                threading.Thread(target=self._listen, args=(listener,), daemon=True).start()
                yield
        finally:
            launch.REACH = usual

    def throw(self, case: Case) -> Ended:
        """Look at the file and make what an ingest makes of it."""
        folder = self.folder / secrets.token_hex(4)
        (folder / "out").mkdir(parents=True)
        path = folder / case.filename
        path.write_bytes(case.data)
        (folder / self.bait.near).write_bytes(self.canary)
        ended, began = Ended(case), time.monotonic()
        try:
            found = inspect(path, Workspace(folder, logs=folder))
            derive(path, found, Workspace(folder / "out", logs=folder))
        except Exception as error:
            ended.refusal = error
        ended.seconds = time.monotonic() - began
        for given in (path, folder / self.bait.near):
            given.unlink()
        files = [path for path in folder.rglob("*") if path.is_file()]
        ended.left = b"".join(path.read_bytes() for path in files)
        ended.made = b"".join(path.read_bytes() for path in files if path.suffix != ".log")
        shutil.rmtree(folder)
        return ended

    def faults(self, ended: Ended) -> list[str]:
        """What must not be, in words; nothing when all is well."""
        found = []
        if ended.case.ends not in (ended.outcome, EITHER):
            found.append(f"was {ended.outcome}, not {ended.case.ends}: {ended.refusal}")
        if ended.refusal is not None and not isinstance(ended.refusal, NotUsable):
            found.append(f"ended without a sentence of ours: {ended.refusal!r}")
        if ended.refusal is not None and (
            str(self.folder) in str(ended.refusal) or not str(ended.refusal).endswith(".")
        ):
            found.append(f"said {ended.refusal}")
        text = ended.left + str(ended.refusal).encode(errors="replace")
        if b"CANARY" in text or b"root:x:0:0" in text:
            found.append("read a file that is not its own")
        return found

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                self.calls.append(caller.recv(200))
