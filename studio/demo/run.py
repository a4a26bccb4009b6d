"""A shoot from its files to its offsets, as a client of the API sees it, held against the truth."""

import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from studio.demo.client import Client
from studio.demo.footage import Shoot, make_shoot

CONTENT_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska"}
DEMO_DAY = date(2026, 1, 13)
LIMIT_SECONDS = 1800.0


def demo_folder() -> Path:
    return Path(settings.VAR_DIR) / "demo"


def send_shoot(client: Client, shoot: Shoot, tell: Callable[[str], None]) -> str:
    """Make the shoot's files where they are not there yet, and upload them; the session's id."""
    tell(f"making the footage of “{shoot.title}”")
    paths = make_shoot(shoot, demo_folder() / shoot.slug)
    session = client.call(
        "POST",
        "/v2/sessions",
        {"title": shoot.title, "date": DEMO_DAY.isoformat(), "projectId": "demo", "notes": shoot.notes},
    )
    remember_truth(session["id"], shoot)
    for camera, path in paths.items():
        tell(f"uploading camera {camera}: {path.name}, {path.stat().st_size / 1e6:.1f} MB")
        client.send_file(session["id"], camera, path, CONTENT_TYPES[path.suffix])
    return session["id"]


def remember_truth(session_id: str, shoot: Shoot) -> None:
    """For the review page's truth panel."""
    path = demo_folder() / "demo-truth.json"
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    known[session_id] = {"offsets_ms": shoot.truth_ms, "slug": shoot.slug}
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(known, indent=2))
    draft.replace(path)


def forget_truth(session_id: str) -> None:
    path = demo_folder() / "demo-truth.json"
    known = json.loads(path.read_text())
    known.pop(session_id, None)
    path.write_text(json.dumps(known, indent=2))


def earlier_sessions(slug: str) -> list[str]:
    path = demo_folder() / "demo-truth.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    return [session_id for session_id, truth in known.items() if truth.get("slug") == slug]


def narrator(tell: Callable[[str], None]) -> Callable[[dict], None]:
    """Tells what changed since it was last asked."""
    last: dict[str, str] = {}

    def narrate(session: dict) -> None:
        for asset in session["assets"]:
            work = "; ".join(progress(job) for job in asset["jobs"] if job["step"] and asset["status"] == "ingesting")
            said(f"camera {asset['cameraLabel']}", f"{asset['status']}  {asset['statusMessage']}{work}")
        for job in session["jobs"]:
            said("sync", progress(job))
        said("session", session["status"])

    def progress(job: dict) -> str:
        return f"{job['step']} {25 * (job['progressPercent'] // 25):.0f} %"

    def said(who: str, what: str) -> None:
        if last.get(who) != what:
            last[who] = what
            tell(f"{who}: {what}")

    return narrate


def report(client: Client, session_id: str, truth_ms: dict[str, float], started: float) -> dict:
    """What `var/demo/report.json` holds."""
    session = client.call("GET", f"/v2/sessions/{session_id}")
    sync = client.call("GET", f"/v2/sessions/{session_id}/sync")
    cameras = {}
    for label, confidence in sync["confidence"].items():
        found, truth = sync["offsets"][label], truth_ms[label] - truth_ms[sync["masterCamera"]]
        cameras[label] = {
            "offset_ms": found,
            "truth_ms": round(truth, 4),
            "error_ms": None if found is None else round(found - truth, 4),
            "confidence": confidence,
            "classification": sync["classification"][label],
        }
    proxies = {
        asset["cameraLabel"]: derivative["url"]
        for asset in session["assets"]
        for derivative in asset["derivatives"]
        if derivative["kind"] == "proxy"
    }
    return {
        "session_id": session_id,
        "status": session["status"],
        "master": sync["masterCamera"],
        "cameras": cameras,
        "wall_s": round(time.monotonic() - started, 1),
        "proxy_urls": proxies,
    }
