"""A shoot from its files to its offsets, as a client of the API sees it, held against the truth."""

import time
from collections.abc import Callable
from datetime import date

from studio.demo import truth
from studio.demo.client import Client, Refused
from studio.demo.footage import Shoot, make_shoot

CONTENT_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".wav": "audio/wav"}
DEMO_DAY = date(2026, 1, 13)
LIMIT_SECONDS = 1800.0
#: Of each camera in the film that the demo ends with.
SHOT_MS = 2000


def send_shoot(client: Client, shoot: Shoot, report: Callable[[str], None]) -> str:
    """Make the shoot's files where they are not there yet, and upload them; the session's id."""
    report(f"making the footage of “{shoot.title}”")
    paths = make_shoot(shoot, truth.demo_folder() / shoot.slug)
    session = client.call(
        "POST",
        "/v2/sessions",
        {"title": shoot.title, "date": DEMO_DAY.isoformat(), "projectId": "demo", "notes": shoot.notes},
    )
    truth.remember(session["id"], shoot.slug, shoot.truth_ms)
    for camera, path in paths.items():
        report(f"uploading camera {camera}: {path.name}, {path.stat().st_size / 1e6:.1f} MB")
        client.send_file(session["id"], camera, path, CONTENT_TYPES[path.suffix])
    return session["id"]


def verdict(client: Client, session_id: str, narrate: Callable[[dict], None]) -> None:
    """Wait for the sync of a session. Raises Refused where there is none, TimeoutError."""
    session = client.wait_for(session_id, {"needs-review"}, narrate, LIMIT_SECONDS)
    if session["statusReason"]:
        raise Refused(session["statusReason"])


def approve(client: Client, session_id: str) -> dict:
    """The approved sync of a session."""
    decision = {"approvedBy": "demo", "notes": "Looks good."}
    return client.call("POST", f"/v2/sessions/{session_id}/sync/approve", decision)


def narrator(report: Callable[[str], None]) -> Callable[[dict], None]:
    """A callback that reports what changed since its last call."""
    last: dict[str, str] = {}

    def narrate(session: dict) -> None:
        for asset in session["assets"]:
            work = "; ".join(progress(job) for job in asset["jobs"] if job["step"] and asset["status"] == "ingesting")
            changed(f"camera {asset['cameraKey']}", f"{asset['status']}  {asset['statusMessage']}{work}")
        for job in session["jobs"]:
            changed("sync", progress(job))
        changed("session", session["status"])

    def progress(job: dict) -> str:
        return f"{job['step']} {25 * (job['progressPercent'] // 25):.0f} %"

    def changed(who: str, what: str) -> None:
        if last.get(who) != what:
            last[who] = what
            report(f"{who}: {what}")

    return narrate


def export(client: Client, session_id: str, report: Callable[[str], None]) -> dict:
    """A small film of the shoot: two seconds of each camera in turn, where all of them record."""
    edit = client.call("GET", f"/v2/sessions/{session_id}/edit")
    start, step = edit["overlap"]["startMs"], SHOT_MS
    cameras = [angle["cameraLabel"] for angle in edit["angles"] if angle["kind"] == "video"]
    points = [{"atMs": start + step * number, "angle": camera} for number, camera in enumerate(cameras)]
    wish = {
        "sessionId": session_id,
        "switchPoints": points,
        "range": {"endMs": start + step * len(cameras)},
        "outputs": [{"name": "film", "profile": "draft_480p_fast"}],
    }
    [film] = exported(client, wish)["outputs"]
    report(
        f"exported: {film['width']}×{film['height']}, {film['durationMs'] / 1000:g} s, {film['sizeBytes'] / 1e6:.1f} MB"
    )
    return film


def exported(client: Client, wish: dict) -> dict:
    """An export's status once its files are there. Raises Refused."""
    started = client.call("POST", "/api/export", wish)
    found = client.finished(started["statusUrl"], lambda _: None, LIMIT_SECONDS)
    if found["status"] != "completed":
        raise Refused(f"The export is {found['status']}: {(found['error'] or {}).get('message', '')}")
    return found


def results(client: Client, session_id: str, truth_ms: dict[str, float], started: float) -> dict:
    """The content of `var/demo/report.json`."""
    session = client.call("GET", f"/v2/sessions/{session_id}")
    sync = client.call("GET", f"/v2/sessions/{session_id}/sync")
    cameras = {}
    for label, confidence in sync["confidence"].items():
        found, true_ms = sync["offsets"][label], truth_ms[label] - truth_ms[sync["masterCamera"]]
        cameras[label] = {
            "offset_ms": found,
            "truth_ms": round(true_ms, 4),
            "error_ms": None if found is None else round(found - true_ms, 4),
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
