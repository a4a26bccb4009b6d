"""The words and examples of each operation in the API's description: method and path → summary, details, example body."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    summary: str
    description: str = ""
    example: dict[str, Any] | None = None


#: Start of a path → the group that its operations are listed in; the longest start counts.
GROUPS = {
    "/v2/sessions": "Sessions",
    "/v2/sessions/{session_id}/assets": "Cameras and uploads",
    "/v2/sessions/{session_id}/sync": "Sync",
    "/v2/sessions/{session_id}/edit": "Export to editor",
    "/v2/webhooks": "Webhooks",
    "/api/mastering": "Mastering",
    "/api/productions": "Productions",
    "/api/export": "Exports",
    "/media-v2": "Media library",
    "/video": "Video",
    "/audio": "Audio",
}

SESSION, ASSET = "/v2/sessions/{session_id}", "/v2/sessions/{session_id}/assets/{asset_id}"
SYNC, WEBHOOK = "/v2/sessions/{session_id}/sync", "/v2/webhooks/{webhook_id}"
PRODUCTION = "/api/productions/{production_id}"

OPERATIONS = {
    "GET /v2/sessions": Operation("List sessions", "The sessions of your tenant, newest first. Filters and pages are in the query."),
    "POST /v2/sessions": Operation(
        "Create a session",
        "One session is one shoot. Create it first, then call init-upload for every camera.",
        {"title": "Tuesday lesson", "date": "2026-11-27", "projectId": "lessons", "location": "Studio 2"},
    ),
    f"GET {SESSION}": Operation("Get a session", "The session with its cameras, their files and the jobs in progress."),
    f"PATCH {SESSION}": Operation(
        "Update a session", "Send only the fields to change.", {"title": "Tuesday lesson, take 2", "cameraNames": {"A": "Wide"}}
    ),
    f"DELETE {SESSION}": Operation("Delete a session", "Deletes the session with its files and decisions. This cannot be undone."),
    f"POST {SESSION}/assets/init-upload": Operation(
        "Start an upload",
        "Returns where to send the file: one link, or an upload ID with a link for each part. Asked again for the same file, "
        "it offers the upload in progress, so a client can resume.",
        {"cameraLabel": "A", "filename": "C0012.MP4", "contentType": "video/mp4", "sizeBytes": 104857600},
    ),
    f"GET {ASSET}": Operation("Get a camera", "One camera's file with its metadata and derivatives."),
    f"PATCH {ASSET}": Operation(
        "Choose the audio of a camera", "Which track and channels the sync listens to. The session is synced again."
    ),
    f"DELETE {ASSET}": Operation("Remove a camera", "Removes the camera and its files. The session goes back to review."),
    f"GET {ASSET}/upload": Operation("Get upload progress", "The parts that have arrived, and fresh links for the missing ones."),
    f"DELETE {ASSET}/upload": Operation("Cancel an upload", "Ends the upload and deletes the parts that have arrived."),
    f"POST {ASSET}/complete": Operation(
        "Complete an upload", "Call it when every byte was sent; processing starts. Repeating it is harmless.", {}
    ),
    f"POST {ASSET}/ingest": Operation("Process a camera again", "Makes its proxy, audio and peaks again from the stored original."),
    f"GET {SESSION}/edit": Operation(
        "Export to an editor",
        "The decided sync with every camera's files: as JSON, in an editing format, or as a ZIP with its media. "
        "Answers 409 while nobody has approved or corrected the sync.",
    ),
    f"GET {SYNC}": Operation("Get the sync", "Offsets in milliseconds, confidence, warnings and the decision. Answers 404 until computed."),
    f"POST {SYNC}/run": Operation(
        "Run the sync again", "A decision that stands is only set aside with force, and stays in the history.", {"force": True}
    ),
    f"POST {SYNC}/approve": Operation(
        "Approve the sync",
        "Accepts the computed offsets; the session becomes ready. A camera below 5, or without an offset, needs a reason in notes.",
        {"approvedBy": "Ann", "notes": ""},
    ),
    f"POST {SYNC}/correct": Operation(
        "Correct the sync",
        "Sets offsets by hand, in milliseconds on the master's clock; the session becomes ready.",
        {"correctedBy": "Ann", "offsets": {"B": 3237.5}, "notes": "The clap is one frame later"},
    ),
    f"POST {SYNC}/needs-work": Operation(
        "Send a sync back", "Marks the session as needing work, with the reason. A decision that stood is taken back.",
        {"notes": "B echoes near the end"},
    ),
    f"GET {SYNC}/history": Operation("List decisions", "Who decided what and when, newest first."),
    "GET /v2/webhooks": Operation("List webhooks"),
    "POST /v2/webhooks": Operation(
        "Add a webhook", "The signing secret is in this answer and is never shown again.",
        {"url": "https://example.com/studio", "events": ["session.status"]},
    ),
    f"GET {WEBHOOK}": Operation("Get a webhook"),
    f"PATCH {WEBHOOK}": Operation("Update a webhook", "Send only the fields to change.", {"active": False}),
    f"DELETE {WEBHOOK}": Operation("Delete a webhook"),
    f"POST {WEBHOOK}/secret": Operation("Replace the secret", "Messages are signed with the new secret from now on."),
    f"POST {WEBHOOK}/ping": Operation("Send a test message"),
    f"GET {WEBHOOK}/deliveries": Operation("List deliveries", "The messages sent, newest first, with every attempt."),
    "GET /api/mastering/presets": Operation("List mastering presets", "Every released preset, and the schema of the overrides."),
    "POST /api/mastering": Operation(
        "Master an asset's audio", "Answers a job; ask for it until it is COMPLETED.",
        {"assetId": "6f1d…", "preset": "normalise_v1"},
    ),
    "GET /api/mastering/{job_id}": Operation("Get a mastering job", "Its progress, and the result with the measured loudness."),
    "GET /api/productions": Operation("List productions"),
    "POST /api/productions": Operation(
        "Create a production", "Masters a recording and packages it for streaming.", {"assetId": "6f1d…", "packager": "hls"}
    ),
    f"GET {PRODUCTION}": Operation("Get a production", "Its status, progress and playlist."),
    f"DELETE {PRODUCTION}": Operation("Delete a production", "Deletes it with its package."),
    f"GET {PRODUCTION}/stream/{{name}}": Operation("Get a playlist", "What a player asks for; its media are links to the store."),
}  # fmt: skip
