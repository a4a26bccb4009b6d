"""The API reference: the group, summary, description and example of every operation.

An operation without a row of its own gets its group by its path and its texts from its view; one of an engine, from the engine's file.
"""

import re
from typing import Any

from studio.reference import engines, exports, renders, timelines
from studio.reference.entries import HERE, Entry, page
from studio.reference.examples import example_of
from studio.reference.groups import DESCRIPTIONS, GROUPS, OTHERS

SESSION_ID, ASSET_ID, JOB_ID = (f"0b5f9c2e-6a1d-4c3b-9e57-{number:012d}" for number in (1, 2, 3))
SESSION = {
    "id": SESSION_ID,
    "title": "Tuesday lesson",
    "date": "2026-02-03",
    "projectId": "lessons",
    "status": "needs-review",
}
ASSET = {
    "id": ASSET_ID,
    "cameraLabel": "B",
    "status": "ready",
    "originalFilename": "camera-B.mov",
    "durationMs": 3600000,
}
JOB = {"id": JOB_ID, "type": "sync_session_v1", "status": "PROCESSING", "progressPercent": 40.0, "step": "comparing"}
OFFSETS = {"A": 0.0, "B": 3237.4}
CUT = {
    "sessionId": SESSION_ID,
    "projectId": JOB_ID,
    "revision": 4,
    "rate": "25/1",
    "range": {"startMs": 0.0, "endMs": 60000.0},
    "switchPoints": [
        {"atMs": 0.0, "angle": "A", "transition": None},
        {"atMs": 4200.0, "angle": "B", "transition": {"type": "crossfade", "durationMs": 500.0}},
    ],
    "audio": {"source": "A", "gainDb": 0.0},
    "titles": [{"text": "Tuesday lesson", "startMs": 0.0, "endMs": 3000.0}],
    "warnings": [],
}
DECIDED = {
    "sessionId": SESSION_ID,
    "status": "ready",
    "operatorStatus": "approved",
    "finalOffsets": OFFSETS,
    "version": 2,
}
HOOK = {"id": JOB_ID, "url": "https://hooks.example.org/studio", "events": ["session.status_changed"]}
PRODUCTION = {
    "id": JOB_ID,
    "assetId": ASSET_ID,
    "status": "completed",
    "playlistUrl": f"/api/productions/{JOB_ID}/stream/master.m3u8",
}
REGISTERED = HERE | {
    "id": ASSET_ID,
    "kind": "video",
    "status": "ready",
    "source_ref": "cam-7",
    "uri": f"s3://studio/tenants/t_club/prod/media_v2/{ASSET_ID}/originals/v001.mov",
    "duration_ms": 3600000,
    "fps": 29.97003,
    "frame_rate": "30000/1001",
    "tags": ["interview"],
    "meta": {"scene": 3},
}
MASK_URI = f"s3://studio/tenants/t_club/prod/media_v2/{ASSET_ID}/masks/logo.png"
ARTIFACT = HERE | {
    "id": JOB_ID,
    "parent_asset_id": ASSET_ID,
    "kind": "mask",
    "uri": MASK_URI,
    "start_ms": 0.0,
    "end_ms": 2000.0,
    "track_label": "V1",
    "meta": {"drawn_by": "Ada"},
}
FRAME = ARTIFACT | {
    "kind": "frame",
    "start_ms": 1000.0,
    "end_ms": None,
    "meta": {"requested_ms": 1010.0, "frame_index": 25},
}
LINKS: dict[str, Any] = {
    "asset_id": ASSET_ID,
    "upload_id": JOB_ID,
    "upload_url": "/store/…",
    "part_size": None,
    "parts": [],
    "arrived": [],
}


_SESSION, _ASSETS, _SYNC = (
    "/v2/sessions/{session_id}",
    "/v2/sessions/{session_id}/assets",
    "/v2/sessions/{session_id}/sync",
)
_REGISTERED = "/media-v2/assets/{asset_id}"
_ASSET, _HOOK, _PRODUCTION = f"{_ASSETS}/{{asset_id}}", "/v2/webhooks/{webhook_id}", "/api/productions/{production_id}"

ENTRIES: dict[str, Entry] = {
    "GET /v2/sessions": Entry("List sessions", "Newest first, 50 a page. Filters combine.", None, page(SESSION)),
    "POST /v2/sessions": Entry(
        "Create a session",
        "A session holds the recordings of one event. Upload its cameras next.",
        {"title": "Tuesday lesson", "date": "2026-02-03", "projectId": "lessons"},
        SESSION,
    ),
    f"GET {_SESSION}": Entry(
        "Get a session", "The session with its cameras, their files and the jobs under way.", None, SESSION | {"assets": [ASSET]}
    ),
    f"PATCH {_SESSION}": Entry("Change a session", "Fields that are left out keep their value.", {"title": "Wednesday"}, SESSION),
    f"DELETE {_SESSION}": Entry("Delete a session", "Its recordings, their files and its history go with it. This cannot be undone."),
    f"POST {_ASSETS}/init-upload": Entry(
        "Start an upload",
        "Returns one link, or the links of parts from 100 MiB up. Call it for every camera before you send bytes. A repeated call "
        "returns the upload under way.",
        {"cameraLabel": "B", "filename": "camera-B.mov", "contentType": "video/quicktime", "sizeBytes": 48103220},
        {"assetId": ASSET_ID, "uploadUrl": "/store/…", "method": "PUT"},
    ),
    "POST /v2/files/sort": Entry(
        "Sort the files of cards",
        "Returns which camera each file is of, in what order, and which files are chapters of one recording, by the names that "
        "devices give, folders, sizes and times. Nothing is stored: say the answer's cameraLabel and clip in init-upload.",
        {"files": [{"path": "Wide/DCIM/100GOPRO/GX010012.MP4", "sizeBytes": 4001234567}, {"path": "Wide/DCIM/100GOPRO/GX020012.MP4"}]},
        {
            "cameras": [
                {
                    "cameraLabel": "A",
                    "name": "Wide",
                    "make": "GoPro",
                    "clips": [
                        {"path": "Wide/DCIM/100GOPRO/GX010012.MP4", "sizeBytes": 4001234567, "clip": 1, "cameraKey": "A", "continues": ""},
                        {"path": "Wide/DCIM/100GOPRO/GX020012.MP4", "sizeBytes": 0, "clip": 2, "cameraKey": "A.2", "continues": "A"},
                    ],
                }
            ],
            "setAside": [],
            "unplaced": [],
            "warnings": [],
        },
    ),
    f"GET {_ASSET}": Entry("Get a camera", "The file's facts, warnings, derivatives and jobs.", None, ASSET),
    f"PATCH {_ASSET}": Entry(
        "Choose what is heard",
        "Another track or channel of the file is compared from now on, and the session is synced again.",
        {"heard": {"stream": 1, "channels": [0], "how": "channel"}},
        ASSET,
    ),
    f"DELETE {_ASSET}": Entry("Remove a camera", "The file and all that was made of it go; the session returns to review."),
    f"POST {_ASSET}/complete": Entry(
        "Finish an upload", "Everything was sent: the ingest starts. Repeated calls are harmless.", {}, ASSET | {"status": "ingesting"}
    ),
    f"POST {_ASSET}/ingest": Entry("Ingest again", "Makes the camera's derivatives anew, from the original.", None, JOB),
    f"GET {_ASSET}/upload": Entry(
        "Resume an upload",
        "The parts that arrived, and fresh links for those that did not.",
        None,
        {"uploadId": "u1", "partSize": 67108864, "arrived": [1], "parts": [{"partNumber": 2, "url": "/store/…"}]},
    ),
    f"DELETE {_ASSET}/upload": Entry("Cancel an upload", "Gives up the upload under way and deletes what arrived."),
    f"GET {_SYNC}": Entry(
        "Get the sync",
        "Offsets in ms on the master's clock, with confidence, segments, coverage and warnings by camera. 404 until it is computed.",
        None,
        {"sessionId": SESSION_ID, "masterCamera": "A", "offsets": OFFSETS, "confidence": {"B": 41.2}, "operatorStatus": "pending"},
    ),
    f"POST {_SYNC}/run": Entry(
        "Run the sync again", "A decision that stands is put aside only with `force`.", {"masterCamera": "A", "force": True}, JOB
    ),
    f"POST {_SYNC}/approve": Entry(
        "Approve the sync",
        "The computed offsets stand and the session becomes ready. With a camera that has no offset, or a confidence below 5, `notes` "
        "must say why: else 422 `reason_required`.",
        {"approvedBy": "Ada", "notes": "Looks good", "version": 1},
        DECIDED,
    ),
    f"POST {_SYNC}/correct": Entry(
        "Correct the sync",
        "Your offsets stand; cameras that are left out keep what was computed. The session becomes ready.",
        {"correctedBy": "Ada", "offsets": {"B": 3237.0}, "notes": "Clap at 00:12", "version": 1},
        DECIDED | {"operatorStatus": "corrected"},
    ),
    f"POST {_SYNC}/needs-work": Entry(
        "Send the sync back",
        "The session waits for review with your reason; a decision that stood is taken back and stays in the history.",
        {"flaggedBy": "Ada", "notes": "B drifts after 20 min."},
        DECIDED | {"status": "needs-review", "operatorStatus": "pending", "finalOffsets": None},
    ),
    f"GET {_SYNC}/history": Entry(
        "List decisions",
        "Every decision about the session's sync, newest first.",
        None,
        [{"action": "approved", "by": "Ada", "actor": "ada", "run": 1, "offsetsAfter": OFFSETS, "notes": "", "stale": False}],
    ),
    f"GET {_SESSION}/edit": Entry(
        "Get the edit",
        "A decided session with every camera's files: as JSON, or as a file for an editing program. 409 while nobody has decided.",
        None,
        {"sessionId": SESSION_ID, "masterCamera": "A", "angles": [{"cameraLabel": "B", "offsetMs": 3237.4}], "leftOut": []},
    ),
    f"GET {_SESSION}/cut": Entry(
        "Get the cut",
        "Which camera is seen when, as the angle editor keeps it. Before anybody has saved one: its beginning, at revision 0.",
        None,
        CUT,
    ),
    f"PUT {_SESSION}/cut": Entry(
        "Save the cut",
        "The whole cut, as one edit of the session's project, made if there is none. With If-Match, a revision that is no longer the last one is 409.",
        {name: CUT[name] for name in ("range", "switchPoints", "audio", "titles")},
        CUT,
    ),
    "GET /v2/webhooks": Entry("List webhooks", "The tenant's webhooks, without their secrets.", None, [HOOK]),
    "POST /v2/webhooks": Entry(
        "Add a webhook",
        "The secret in the answer signs every message and is not shown again.",
        {"url": HOOK["url"], "events": HOOK["events"]},
        HOOK | {"secret": "whsec_…"},
    ),
    f"GET {_HOOK}": Entry("Get a webhook", "Its address and events, without its secret.", None, HOOK),
    f"PATCH {_HOOK}": Entry("Change a webhook", "Fields that are left out keep their value.", {"active": False}, HOOK),
    f"DELETE {_HOOK}": Entry("Delete a webhook", "Messages that were not sent yet are dropped."),
    f"GET {_HOOK}/deliveries": Entry(
        "List deliveries", "The messages, newest first, with every attempt.", None, page({"event": "job.failed", "status": "COMPLETED"})
    ),
    f"POST {_HOOK}/ping": Entry("Send a test message", "Sends a message without content, to see whether it arrives.", None, JOB),
    f"POST {_HOOK}/secret": Entry(
        "Replace the secret", "Messages are signed with the new secret from now on.", None, HOOK | {"secret": "whsec_…"}
    ),
    "POST /api/mastering": Entry(
        "Master a recording's sound",
        "Returns the job; ask for it until it is COMPLETED.",
        {"assetId": ASSET_ID, "preset": "dialogue_mix_v1"},
        JOB | {"type": "audio_master_v1"},
    ),
    "GET /api/mastering/presets": Entry(
        "List mastering presets", "Every released preset, and the schema of overrides.", None, {"presets": [{"name": "dialogue_mix_v1"}]}
    ),
    "GET /api/mastering/{job_id}": Entry(
        "Get a mastering job", "Its progress, and what was measured on the result.", None, JOB | {"type": "audio_master_v1"}
    ),
    "GET /api/productions": Entry("List productions", "Newest first, 50 a page.", None, page(PRODUCTION)),
    "POST /api/productions": Entry(
        "Create a production",
        "The recording is mastered where a preset or music asks for it, then packaged for streaming.",
        {"assetId": ASSET_ID, "preset": "dialogue_mix_v1"},
        PRODUCTION | {"status": "queued", "playlistUrl": None},
    ),
    f"GET {_PRODUCTION}": Entry("Get a production", "Its status, and the playlist once it is completed.", None, PRODUCTION),
    f"DELETE {_PRODUCTION}": Entry("Delete a production", "Its package goes with it; the recording stays."),
    f"GET {_PRODUCTION}/stream/{{name}}": Entry(
        "Get a playlist", "HLS for a player. Its media are links to the store, which expire.", None, "#EXTM3U\n…"
    ),
    "GET /media-v2/assets": Entry(
        "List assets",
        "Newest first, those of sessions too. Filters combine: kind, tag, source_ref, session_id.",
        None,
        page(REGISTERED),
    ),
    "POST /media-v2/assets": Entry(
        "Register an asset",
        "A form with `file`, or JSON with `source_uri`: https://… is fetched by a job; s3:// or studio:// is copied from the tenant's own "
        "part of the store. It is then ingested as any other. Larger files: init-upload.",
        HERE | {"source_uri": "https://example.org/interview.mov", "source_ref": "cam-7", "tags": ["interview"]},
        REGISTERED | {"status": "uploading", "job_id": JOB_ID},
    ),
    "POST /media-v2/assets/init-upload": Entry(
        "Start an upload into the registry",
        "Returns one link, or the links of parts. With `asset_id`, the upload under way is offered again, or the asset's file replaced.",
        HERE | {"filename": "interview.mov", "content_type": "video/quicktime", "size_bytes": 48103220},
        LINKS,
    ),
    f"GET {_REGISTERED}": Entry("Get an asset", "What was found in it, its artifacts, and what it went into.", None, REGISTERED),
    f"PATCH {_REGISTERED}": Entry(
        "Change an asset",
        "Sets tags, meta or source_ref; what is left out keeps its value.",
        HERE | {"tags": ["interview", "wide"]},
        REGISTERED,
    ),
    f"DELETE {_REGISTERED}": Entry("Delete an asset", "Its artifacts go with it; a camera leaves its session."),
    f"GET {_REGISTERED}/upload": Entry("Resume an upload of the registry", "What has arrived, and fresh links for the rest.", None, LINKS),
    f"DELETE {_REGISTERED}/upload": Entry("Cancel an upload of the registry", "Gives it up; an asset that never had a file goes with it."),
    f"POST {_REGISTERED}/complete": Entry(
        "Finish an upload of the registry",
        "Everything was sent: the ingest starts. Repeated calls are harmless.",
        HERE,
        REGISTERED | {"status": "ingesting", "job_id": JOB_ID},
    ),
    f"POST {_REGISTERED}/artifacts": Entry(
        "Register an artifact",
        "A file under the tenant's prefix, made from the asset. An engine's artifact says what made it: meta.backend_version, model_used, "
        "cache_key, backend_type, duration_ms.",
        HERE | {"kind": "mask", "uri": MASK_URI, "start_ms": 0, "end_ms": 2000, "track_label": "V1"},
        ARTIFACT,
    ),
    f"POST {_REGISTERED}/frames": Entry(
        "Grab frames",
        "Pictures of the frames on the screen at `times_ms`, or one in each `interval_ms`. 200 when they are there, else 202 with a job.",
        HERE | {"times_ms": [1010]},
        {"asset_id": ASSET_ID, "artifacts": [FRAME]},
    ),
    "GET /media-v2/artifacts/{artifact_id}": Entry(
        "Get an artifact",
        "Its asset, what it was made from, and what was made of it.",
        None,
        ARTIFACT | {"sources": [{"role": "original", "asset_id": ASSET_ID, "present": True}], "used_in": []},
    ),
    **timelines.ENTRIES,
    **exports.ENTRIES,
    **renders.ENTRIES,
    **engines.ENTRIES,
    "GET /jobs/{job_id}": Entry(
        "Get a job",
        "How far it is, and what it ended with.",
        None,
        {"id": JOB_ID, "type": "engine_frames_v1", "status": "PROCESSING", "progress_percent": 40.0, "progress_step": "grabbing frames"},
    ),
}  # fmt: skip


def describe(result: dict[str, Any], generator, request, public) -> dict[str, Any]:
    """A schema hook: the texts and examples of every operation, in groups."""
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _describe(operation, path, ENTRIES.get(f"{method.upper()} {path}"))
            _exemplify_the_rest(operation, result.get("components", {}).get("schemas", {}))
    used = {
        tag for operations in result["paths"].values() for operation in operations.values() for tag in operation["tags"]
    }
    names = [name for _, name in GROUPS if name in used] + ([OTHERS] if OTHERS in used else [])
    result["tags"] = [{"name": name, "description": DESCRIPTIONS.get(name, "")} for name in names]
    return result


def _describe(operation: dict[str, Any], path: str, entry: Entry | None) -> None:
    operation["tags"] = [next((name for start, name in GROUPS if re.match(start, path)), OTHERS)]
    if entry is None:
        operation.setdefault("summary", _first_sentence(operation.get("description", "")))
        return
    operation["summary"], operation["description"] = entry.summary, entry.description
    if entry.sent is not None:
        _exemplify(operation.get("requestBody", {}), entry.sent)
    for status, response in operation["responses"].items():
        if entry.answered is not None and status.startswith("2"):
            _exemplify(response, entry.answered)


def _exemplify_the_rest(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Where no example was written, one that the schema allows."""
    bodies = [(operation.get("requestBody", {}), True)]
    bodies += [(answer, False) for status, answer in operation["responses"].items() if status.startswith("2")]
    for body, sent in bodies:
        content = body.get("content", {}).get("application/json", {})
        if "schema" in content and "example" not in content and "examples" not in content:
            content["example"] = example_of(content["schema"], components, sent=sent)


def _exemplify(body: dict[str, Any], example: Any) -> None:
    for content_type, content in body.get("content", {}).items():
        if content_type == "application/json" or isinstance(example, str):
            content["example"] = example


def _first_sentence(docstring: str) -> str:
    """The text of `GET /path: what it does. More.`"""
    text = re.sub(r"^[A-Z/]+ [^\s:]+:\s*", "", docstring.strip())
    return re.split(r"[.;]\s|\n\n|\.$", text, maxsplit=1)[0].replace("\n", " ")[:80].capitalize()
