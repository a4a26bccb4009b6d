"""How long an operator waits for the verdict: three cameras of an hour, from the last `complete` to offsets on the API.

    python -m bench.verdict [--minutes 60] [--workers 1] [--pictures]

The footage (1080p30, 16 Mbit/s, one room with three cameras of known offset) is made once, camera by camera, and sent over HTTP
to the shipped server and workers on SQLite and the local store. Then: seconds to the sync and what it took of the processors, its
error, whether the review page has sound and waves at that moment, how right the page's own forecast was; with --pictures also
the seconds until all proxies are there. Writes var/bench/verdict.json. Ends with 1 when the sync takes longer than a minute or is wrong.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from bench.sync import devices, scenes, sources
from studio.demo.client import Client
from tests.services.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "bench" / "verdict.json"
LIMIT_S = 60.0
#: Seconds after camera A at which each camera begins.
STARTS = {"A": 0.0, "B": 3.237, "C": 11.4}
LOOP_S = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--pictures", action="store_true", help="wait for the proxies too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="studio-verdict-", dir="/var/tmp") as folder:
        sounds = event(Path(folder), 60 * options.minutes)
        picture = filmed_minute(Path(folder) / "minute.mp4")
        with served(Path(folder), options.workers) as (client, server):
            found = measured(client, server, picture, sounds, pictures=options.pictures)
    found |= {"minutes": options.minutes, "workers": options.workers, "limit_s": LIMIT_S}
    for name, value in found.items():
        print(f"{name:28s} {value}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if found["sync_s"] <= LIMIT_S and found["worst_error_ms"] < 10 else 1


def event(folder: Path, seconds: int) -> dict[str, Path]:
    """One talk in one room, as each camera's microphone has it."""
    rng = np.random.default_rng(14)
    sound = scenes.content(rng, "speech", seconds + max(STARTS.values()) + 1)
    heard = {}
    for camera, start in STARTS.items():
        first = round(start * sources.RATE)
        own = devices.add_noise(rng, sound[first : first + seconds * sources.RATE], 22.0, "pink")
        heard[camera] = folder / f"{camera}.wav"
        with wave.open(str(heard[camera]), "wb") as out:
            out.setparams((1, 2, sources.RATE, 0, "NONE", ""))
            out.writeframes((np.clip(own / np.abs(own).max(), -1, 1) * 30_000).astype("<i2").tobytes())
    return heard


def filmed_minute(path: Path) -> Path:
    """What every minute of each camera shows: detail that moves, and grain, as a camera writes it."""
    picture = "testsrc2=s=1920x1080:r=30,noise=alls=12:allf=t"
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "16M", "-maxrate", "16M", "-bufsize", "16M", "-g", "30"]
    made = ["-f", "lavfi", "-i", picture, "-t", str(LOOP_S), *codec, "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *made, str(path)], check=True)
    return path


def camera_file(picture: Path, sound: Path) -> Path:
    """A camera's recording; the minute is copied, not encoded again."""
    path = sound.with_suffix(".mp4")
    inputs = ["-stream_loop", "-1", "-i", str(picture), "-i", str(sound)]
    codecs = ["-c:v", "copy", "-c:a", "aac", "-b:a", "192k", "-ar", "48000", "-ac", "2", "-shortest"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *codecs, str(path)], check=True)
    return path


@contextmanager
def served(folder: Path, workers: int) -> Iterator[tuple[Client, int]]:
    """The shipped server and workers, in a folder of their own."""
    port = free_port()
    environment = os.environ | {"STUDIO_VAR": str(folder / "var"), "MEZZANINE": "off", "DJANGO_SETTINGS_MODULE": ""}
    environment.pop("DJANGO_SETTINGS_MODULE")
    command = [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", str(workers)]
    with (folder / "serve.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield signed_in(folder / "var" / "local-operator.json", f"http://127.0.0.1:{port}/"), running.pid
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(60)


def signed_in(operator: Path, url: str) -> Client:
    ends = time.monotonic() + 120
    while True:
        try:
            client = Client(url, json.loads(operator.read_text())["token"])
            client.call("GET", "/v2/sessions")
            return client
        except (OSError, ValueError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.5)


def processor_s(pid: int) -> float:
    """Seconds of a processor that a process and all under it have used, those that have ended too."""
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            stats[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    under, grown = {pid}, True
    while grown:
        more = {one for one, (parent, _) in stats.items() if parent in under} - under
        under, grown = under | more, bool(more)
    return sum(stats[one][1] for one in under if one in stats)


def measured(client: Client, server: int, picture: Path, sounds: dict[str, Path], *, pictures: bool) -> dict[str, Any]:
    body = {"title": "An hour", "date": "2026-11-27", "projectId": "bench"}
    session = client.call("POST", "/v2/sessions", body)["id"]
    for camera, sound in sounds.items():
        file = camera_file(picture, sound)
        client.send_file(session, camera, file, "video/mp4")
        print(f"camera {camera}: {file.stat().st_size / 1e9:.1f} GB sent", flush=True)
        file.unlink()
    begun, used = time.monotonic(), processor_s(server)
    said = forecast(client, session, begun)
    sync = client.call("GET", f"/v2/sessions/{session}/sync")
    sync_s = said.pop("at_s")
    assets = client.call("GET", f"/v2/sessions/{session}")["assets"]
    kinds = {camera["cameraKey"]: {made["kind"] for made in camera["derivatives"]} for camera in assets}
    errors = {camera: sync["offsets"][camera] - 1000 * start for camera, start in STARTS.items() if camera != "A"}
    if sync["masterCamera"] != "A":
        base = 1000 * STARTS[sync["masterCamera"]]
        errors = {c: sync["offsets"][c] + base - 1000 * start for c, start in STARTS.items()}
    found = {
        "sync_s": round(sync_s, 1),
        "processor_s": round(processor_s(server) - used, 1),
        "load": round(os.getloadavg()[0], 1),
        "worst_error_ms": round(max(map(abs, errors.values())), 3),
        "classification": sync["classification"],
        "waves_and_sound": all({"waveform", "audio-wav"} <= made for made in kinds.values()),
        "proxies_by_then": sum("proxy" in made for made in kinds.values()),
        **said,
    }
    if pictures:
        client.wait_for(session, {"needs-review"}, lambda _: None, 60)
        found |= proxies(client, session, begun)
    return found


def forecast(client: Client, session: str, begun: float) -> dict[str, Any]:
    """The moment of the sync, and what was said of it on the way: seconds from now that were named, against those it took."""
    said: list[tuple[float, float]] = []
    while True:
        now = client.call("GET", f"/v2/sessions/{session}")
        at = time.monotonic() - begun
        if now["status"] == "needs-review":
            ratios = sorted(named / (at - then) for then, named in said if at - then > 2)
            return {"at_s": at, "sync_forecast_over_true": [round(ratio, 2) for ratio in ratios]}
        if now["expected"]["syncSeconds"]:
            said.append((at, now["expected"]["syncSeconds"]))
        time.sleep(1)


def proxies(client: Client, session: str, begun: float) -> dict[str, Any]:
    said: list[tuple[float, float]] = []
    while True:
        now = client.call("GET", f"/v2/sessions/{session}")
        at = time.monotonic() - begun
        if all(asset["pictureReady"] for asset in now["assets"]):
            ratios = sorted(named / (at - then) for then, named in said if at - then > 20)
            return {
                "pictures_s": round(at, 1),
                "pictures_forecast_over_true": [round(r, 2) for r in ratios[:: max(1, len(ratios) // 9)]],
            }
        if now["expected"]["picturesSeconds"]:
            said.append((at, now["expected"]["picturesSeconds"]))
        time.sleep(5)


if __name__ == "__main__":
    if shutil.disk_usage("/var/tmp").free < 40e9:
        sys.stderr.write("Three hours of footage need 40 GB on /var/tmp; use --minutes for less.\n")
    raise SystemExit(main())
