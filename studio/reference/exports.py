"""The API reference of exports: the texts and examples of `/api/export`."""

from typing import Any

from render_app.core.export.schema import EXAMPLES
from studio.reference.entries import Entry, page

EXPORT_ID, SESSION_ID = "7d1c6a84-6a1d-4c3b-9e57-000000000001", EXAMPLES[0]["sessionId"]
WISH = EXAMPLES[0]
STARTED = {
    "jobId": EXPORT_ID,
    "status": "queued",
    "statusUrl": f"/api/export/{EXPORT_ID}/status",
    "webhookSecret": None,
}
STATUS: dict[str, Any] = {
    "jobId": EXPORT_ID,
    "status": "completed",
    "percent": 100.0,
    "etaSeconds": None,
    "step": "storing",
    "sessionId": SESSION_ID,
    "projectId": None,
    "outputs": [
        {
            "name": "main",
            "url": "https://…",
            "contentType": "video/mp4",
            "sizeBytes": 41_943_040,
            "checksum": "9f2c…",
            "durationMs": 60_000.0,
            "width": 1920,
            "height": 1080,
            "fps": "30/1",
            "frames": 1800,
        }
    ],
    "thumbnailUrl": "https://…",
    "warnings": [],
    "error": None,
    "createdAt": "2026-11-27T12:00:00Z",
    "expiresAt": "2026-12-27T12:03:00Z",
}
PLAN: dict[str, Any] = {
    "inputs": [],
    "commands": [["-i", "file:{input:0}", "-filter_complex", "…"]],
    "files": {},
    "frames": [1800, 0, 0],
    "films": [],
    "still": "still.jpg",
    "mastered_after": None,
    "made": {},
    "fallback": None,
    "meta": {"startMs": 0.0, "endMs": 60_000.0, "warnings": []},
}
_RULES = (
    "Times are ms on the master's clock. Points count in the order of their times; of two on one frame the last counts, and the angle in "
    "force before the start holds there. What cannot be shown is 422 and names its place in the request, such as `switchPoints[3].angle`; "
    "another tenant's id is 404, a session without an approved sync 409. `GET /api/export/schema` has every field."
)
_ONE = "/api/export/{export_id}"

ENTRIES = {
    "GET /api/export": Entry(
        "List exports", "Newest first. Filters: status, sessionId, projectId.", None, page(STATUS)
    ),
    "POST /api/export": Entry(
        "Export an edit",
        f"202 with the job that makes all outputs from one decode. {_RULES} Too many at once are 429 with Retry-After.",
        WISH,
        STARTED,
    ),
    "GET /api/export/schema": Entry(
        "Get the request's JSON Schema", "Draft 2020-12, with examples; every request is checked against it.", None, {}
    ),
    "POST /api/export/dry-run": Entry(
        "Plan an export", f"The plan with every command, exactly as the job runs it. {_RULES}", WISH, PLAN
    ),
    f"GET {_ONE}/status": Entry(
        "Get an export's status",
        "How far it is; once completed, each output as measured in its file, with a signed link.",
        None,
        STATUS,
    ),
    f"GET {_ONE}/download": Entry(
        "Download an output", "302 to a signed link that answers Range; 409 until it is there, 410 when it has expired."
    ),
    f"DELETE {_ONE}": Entry(
        "Cancel or remove an export",
        "A running one is canceled and leaves nothing; one that has ended goes, with its files.",
    ),
}
