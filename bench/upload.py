"""One big upload through a wire that is cut again and again: is it the same file, what was sent twice, what did it cost?

    python -m bench.upload [--gb 5] [--cuts 50] [--store local|s3] [--seed 1]

The shipped web server, the file sparse with islands of noise, three parts at a time, each cut resetting every connection
at a random byte. Prints a table and writes var/bench/upload.json (with --store s3: upload-s3.json). Ends with 1 when the
SHA-256 differs, more was sent again than the parts in flight at each cut, or the web server's memory grew.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.patient import Patient
from bench.proxy import Proxy
from studio.demo.client import Client
from tests.services import stores, swift
from tests.services.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
MIB = 1 << 20
AT_ONCE = 3
ISLAND = 64 << 10
#: What the web server's processes may grow by, all together, in the second half: one that answers for the first time then loads what it
#: needs, some 7 MiB each.
GROWTH_MIB = 40
LOOK_S = 0.25


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gb", type=float, default=5)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--store", choices=("local", "s3"), default="local")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = measure(round(options.gb * 1000**3), options.cuts, options.store, options.seed)
    name = "upload.json" if options.store == "local" else f"upload-{options.store}.json"
    out = ROOT / "var" / "bench" / name
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=2) + "\n")
    for key, value in report.items():
        print(f"{key:26s} {value}")
    return 0 if report["ok"] else 1


def measure(size: int, cuts: int, store: str = "local", seed: int = 1) -> dict:
    """`size` bytes through so many cuts. Sizes in bytes and MiB, times in seconds."""
    with (
        tempfile.TemporaryDirectory(prefix="studio-upload-", dir="/var/tmp") as name,
        contextlib.ExitStack() as running,
    ):
        folder = Path(name)
        file = sparse_file(folder / "long.mp4", size, seed)
        port = free_port()
        wire = Proxy(port)
        environment = {"STUDIO_VAR": str(folder / "var"), "SECRET_KEY": secrets.token_hex(20), "LOG_LEVEL": "ERROR"}
        environment |= {"MULTIPART_FROM_BYTES": str(MIB)}
        if store == "s3":
            server = running.enter_context(swift.swift())
            wire = Proxy(int(server.endpoint_url.rpartition(":")[2]))
            stores.admin(server).create_bucket(Bucket="studio")
            environment |= {
                "STORAGE_BACKEND": "s3",
                "S3_BUCKET": "studio",
                "S3_ENDPOINT_URL": server.endpoint_url,
                "S3_PUBLIC_ENDPOINT_URL": f"http://127.0.0.1:{wire.port}",
                "S3_ACCESS_KEY_ID": server.access_key,
                "S3_SECRET_ACCESS_KEY": server.secret_key,
                "S3_REGION": server.region,
            }
        running.callback(wire.close)
        web = running.enter_context(web_server(folder, port, environment))
        token = json.loads((folder / "var" / "local-operator.json").read_text())["token"]
        door = wire.port if store == "local" else port
        client = Patient(Client(f"http://127.0.0.1:{door}/", token), limit_s=900, at_once=AT_ONCE)
        shoot = {"title": "Long", "date": "2026-01-13", "projectId": "upload"}
        session = client.call("POST", "/v2/sessions", shoot)["id"]
        watch = running.enter_context(Memory(web.pid))
        cutter = Cutter(wire, size, cuts, seed)
        began = time.monotonic()
        with cutter:
            asset = client.send(session, "A", file, "video/mp4")
        wall, done, up = time.monotonic() - began, wire.cuts, wire.up
        found = client.call("GET", f"/v2/sessions/{session}")["assets"][0]
        assert found["id"] == asset
        same = sha256_of(found["originalUrl"], client) == sha256(file)
        part = client.part_size
    again = max(0, up - size)
    growth = watch.growth()
    report = {
        "store": store,
        "bytes": size,
        "cuts": done,
        "parts": -(-size // part),
        "part_mib": part / MIB,
        "same_sha256": same,
        "sent_again_mib": round(again / MIB, 1),
        "sent_again_parts_per_cut": round(again / part / max(1, done), 2),
        "allowed_parts_per_cut": AT_ONCE,
        "web_rss_mib_by_quarter": watch.quarters(),
        "web_rss_growth_mib": round(growth, 1),
        "wall_s": round(wall, 1),
        "mb_per_s": round(size / 1e6 / wall, 1),
    }
    enough = done >= cuts
    report["ok"] = same and enough and again <= done * AT_ONCE * part + size * 0.001 and growth <= GROWTH_MIB
    return report


class Cutter:
    """Cuts the wire when so many bytes have passed, at places that the seed decides, one after another."""

    def __init__(self, wire: Proxy, size: int, cuts: int, seed: int) -> None:
        self.wire = wire
        dice = random.Random(seed)
        # Evenly on the whole, so that each cut meets parts that the one before has not broken already.
        self.places = [int((number + dice.random()) * size / cuts) for number in range(cuts)]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._cut, daemon=True)

    def __enter__(self) -> "Cutter":
        self.thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.over.set()
        self.thread.join()

    def _cut(self) -> None:
        for place in self.places:
            while self.wire.up < place:
                if self.over.wait(0.002):
                    return
            self.wire.cut_now()


class Memory:
    """The resident memory of a process and its children, MiB, looked at four times a second."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.seen: list[float] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Memory":
        self.thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.over.wait(LOOK_S):
            self.seen.append(sum(map(resident_mib, family(self.pid))))

    def quarters(self) -> list[float]:
        """The most of each quarter of the time."""
        step = max(1, len(self.seen) // 4)
        return [round(max(self.seen[first : first + step]), 1) for first in range(0, step * 4, step)]

    def growth(self) -> float:
        """How much more the second half took than the first, in which the threads have got their buffers."""
        first, second, third, fourth = self.quarters()
        return max(third, fourth) - max(first, second)


def family(pid: int) -> list[int]:
    """The process and its children, who share less than they seem to: each counts its own pages."""
    found = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def resident_mib(pid: int) -> float:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB
    return 0.0


@contextlib.contextmanager
def web_server(folder: Path, port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """gunicorn as it is shipped, answering, on a new database with an operator."""
    env = os.environ | environment
    manage = (
        "import django; django.setup(); from django.conf import settings; from tests.support.database import put_migrated;"
        "from studio.runtime.operator import local_operator; put_migrated(settings.VAR_DIR); local_operator('http://localhost/')"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "studio.settings"}
    subprocess.run([sys.executable, "-c", manage], cwd=ROOT, env=env | settings, check=True)
    argv = [sys.executable, "-m", "gunicorn", "--config", "studio/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
    with (folder / "web.log").open("wb") as log:
        child = subprocess.Popen([*argv, "studio.wsgi:application"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        ends = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                break
            if child.poll() is not None or time.monotonic() > ends:
                raise RuntimeError((folder / "web.log").read_text()[-2000:])
            time.sleep(0.05)
        yield child
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(20)
        child.kill()
        child.wait()


def sparse_file(path: Path, size: int, seed: int) -> Path:
    """`size` bytes, mostly holes; noise at the beginning, at the end and in each 4 MiB, so that no two parts are alike."""
    dice = random.Random(seed)
    with path.open("wb") as file:
        file.truncate(size)
        for start in [*range(0, max(1, size - ISLAND), 4 * MIB), max(0, size - ISLAND)]:
            file.seek(start)
            file.write(dice.randbytes(min(ISLAND, size - start)))
        file.seek(0)
        # What an MP4 begins with, so that nobody refuses it by its first bytes.
        file.write(b"\0\0\0\x18ftypisom")
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(url: str, client: Patient) -> str:
    """Of what a client gets back."""
    digest = hashlib.sha256()
    with urllib.request.urlopen(urllib.request.Request(client.absolute(url)), timeout=600) as answer:
        while block := answer.read(MIB):
            digest.update(block)
    return digest.hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
