"""What past exports took on this server, as an estimate takes it."""

from collections.abc import Mapping
from typing import Any

from media_app.models import MediaJob
from render_app.core.plan.films import OutputsPlan
from render_app.core.plan.outputs_estimate import PastExport, PastFilm, estimated, measured
from render_app.services.renders import EXPORT_TYPE
from sessions_app.core.tenant import Context

#: The last exports that are looked at.
LOOKED_AT = 40
#: Where the result of an export's job says what it took.
MEASURED = "measured"


def estimate_of(context: Context, plan: OutputsPlan) -> dict[str, Any]:
    """What an export is likely to take. The time by all exports of this server, whosever they were; sizes by the tenant's own films."""
    rows = MediaJob.objects.filter(
        type=EXPORT_TYPE, status=MediaJob.Status.COMPLETED, result_json__has_key=MEASURED
    ).order_by("-created_at")
    exports = [
        PastExport(tuple(one["codecs"]), one["cost"], one["seconds"])
        for one in rows.values_list(f"result_json__{MEASURED}", flat=True)[:LOOKED_AT]
    ]
    own = rows.filter(tenant_id=context.tenant_id, env=context.env)
    films = [
        PastFilm(film["codec"], film["bits"])
        for one in own.values_list(f"result_json__{MEASURED}", flat=True)[:LOOKED_AT]
        for film in one["films"]
    ]
    return estimated(plan.work, exports, films, {film.name: film.share for film in plan.films})


def measured_of(job: MediaJob, sizes: Mapping[str, int], seconds: float) -> dict[str, Any]:
    """What the result of an export's job keeps of it; nothing of one that was planned before this was kept."""
    work = job.input_json["plan"].get("work")
    return {MEASURED: measured(work, sizes, seconds)} if work else {}
