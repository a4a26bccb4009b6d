"""Exports as a session's page lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from render_app.models import Export
from render_app.services import export_access
from sessions_app.models import RecordingSession

SHOWN = 50
#: Status → its label and tone.
LABELS = {
    Export.QUEUED: ("Waiting", "busy"),
    Export.PROCESSING: ("Exporting", "busy"),
    Export.Outcome.COMPLETED: ("Ready", "good"),
    Export.Outcome.FAILED: ("Failed", "bad"),
    Export.Outcome.CANCELLED: ("Canceled", "quiet"),
    Export.Outcome.EXPIRED: ("Expired", "quiet"),
}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export, its label, its files, and how far its job is (percent; None unless it runs)."""

    export: Export
    label: str
    tone: str
    names: tuple[str, ...]
    files: tuple[Mapping[str, Any], ...]
    percent: float | None
    #: Why its pictures are not handed out.
    withheld: str = ""


def row_of(export: Export, withheld: str = "") -> ExportRow:
    """What the page shows of an export."""
    label, tone = LABELS[export.status]
    done = export.outcome == Export.Outcome.COMPLETED
    job = export.job if export.status == Export.PROCESSING else None
    return ExportRow(
        export, label, tone, tuple(one["name"] for one in export.request_json.get("outputs", ())),
        tuple(export.files_json) if done else (), job.progress_percent if job else None, withheld,
    )  # fmt: skip


def panel(session: RecordingSession) -> dict[str, Any]:
    """The exports of a session, for its page."""
    found = Export.objects.filter(session=session).select_related("job", "project")
    shown = list(found[:SHOWN])
    kept = export_access.withheld_among(shown)
    return {"exports": [row_of(export, kept.get(export.pk, "")) for export in shown]}


def summarize(sessions: Any) -> dict[Any, Any]:
    """Nothing of exports stands in the list of sessions."""
    return {}
