"""The true offsets of the demo shoots, kept in a file next to their footage."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from media_app.scratch import exclusive
from sessions_app.models import RecordingSession


def demo_folder() -> Path:
    return Path(settings.VAR_DIR) / "demo"


def remember(session_id: str, slug: str, offsets_ms: dict[str, float]) -> None:
    """Keep the true offsets of a shoot that was just sent."""
    with exclusive(demo_folder()):
        _write(_read() | {session_id: {"offsets_ms": offsets_ms, "slug": slug}})


def forget(session_id: str) -> None:
    with exclusive(demo_folder()):
        known = _read()
        known.pop(session_id, None)
        _write(known)


def sessions_of(slug: str) -> list[str]:
    """The sessions that were made of a shoot."""
    return [session_id for session_id, truth in _read().items() if truth.get("slug") == slug]


def true_offsets(session: RecordingSession) -> dict[str, float] | None:
    """The offsets (ms) of a demo session's cameras; None for others, and where the file was damaged."""
    try:
        known = _read()[str(session.pk)]["offsets_ms"]
        return {str(camera): float(ms) for camera, ms in known.items() if ms is not None}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _path() -> Path:
    return demo_folder() / "demo-truth.json"


def _read() -> dict[str, Any]:
    """Raises ValueError when the file is no JSON."""
    path = _path()
    return json.loads(path.read_text()) if path.exists() else {}


def _write(known: dict[str, Any]) -> None:
    draft = _path().with_suffix(".part")
    draft.write_text(json.dumps(known, indent=2))
    draft.replace(_path())
