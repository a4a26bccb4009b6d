"""Hidden faces as the page of an asset shows them: what is under way, what a person has to decide, and what was decided."""

from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.models.assets import REPLACED
from render_app.models import Anonymisation
from render_app.services import anonymise, clearances
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound

#: Seconds before and after a doubtful range that its preview plays.
AROUND_S = 0.5
#: Previews that are loaded with the page; the others when a person plays them.
LOADED = 4


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """A doubtful range: from and to in ms, why, what was chosen, and the stretch of the preview in seconds."""

    number: int
    start_ms: float
    end_ms: float
    reason: str
    choice: str

    @property
    def fragment(self) -> str:
        """The media fragment of its preview."""
        start, end = max(0.0, self.start_ms / 1000 - AROUND_S), self.end_ms / 1000 + AROUND_S
        return f"t={start:.3f},{end:.3f}"

    @property
    def preload(self) -> str:
        """How much of its preview is fetched beforehand."""
        return "metadata" if self.number <= LOADED else "none"


@dataclass(frozen=True, slots=True)
class FacesPage:
    """The newest request of an asset; None where nobody asked about the file that is there now."""

    asset: MediaAsset
    row: Anonymisation | None
    job: MediaJob | None
    doubts: tuple[DoubtRow, ...]
    has_preview: bool

    @property
    def working(self) -> bool:
        """Whether looking again soon will show something else."""
        return self.job is not None and self.job.status in MediaJob.UNFINISHED

    @property
    def failed(self) -> bool:
        """Whether what it waits for has ended without it."""
        waits = self.row is not None and self.row.status == Anonymisation.Status.SCANNING
        return waits and not self.working

    @property
    def outdated(self) -> str:
        """Why a decision about an older scan does not hold any more; empty where it is about the one that is in use."""
        row = self.row
        if row is None or row.status != Anonymisation.Status.DOUBTFUL or not clearances.is_outdated(row):
            return ""
        by = f" by {row.cleared_by}" if row.cleared_by else ""
        what = f"This clearance{by} rests on" if row.cleared_at else "These doubts are those of"
        scan = f"version {row.scan_version}" if row.scan_version else "its version is not known"
        return f"{what} an older face scan ({scan}; faces are looked for with version {clearances.current()} now)."

    @property
    def changed(self) -> DerivedMedia | None:
        """The regions that a person has changed since it was last released."""
        row = self.row
        if row is None or row.status != Anonymisation.Status.DOUBTFUL or not clearances.is_changed(row, row.summary):
            return None
        return row.summary

    @property
    def decided(self) -> int:
        """Doubtful ranges about which a person has chosen."""
        return sum(bool(one.choice) for one in self.doubts)


def read(asset: MediaAsset) -> FacesPage:
    """What the page shows."""
    found = asset.anonymisations.select_related("asset", "summary").order_by("-created_at").first()  # type: ignore[attr-defined]
    row: Anonymisation | None = None if found is None else anonymise.refreshed(found)
    if row is None or row.asset.withheld == REPLACED:
        return FacesPage(asset, None, None, (), False)
    waits = row.status == Anonymisation.Status.SCANNING
    doubts = tuple(_doubt(number, one) for number, one in enumerate(row.doubtful_ranges, 1))
    shown = row.status == Anonymisation.Status.DOUBTFUL and _preview_of(row.asset) is not None
    return FacesPage(row.asset, row, anonymise.job_of(row) if waits else None, doubts, shown)


def _doubt(number: int, one: dict[str, Any]) -> DoubtRow:
    choice = one.get("decision") or one.get("choice") or ""
    return DoubtRow(number, float(one["start_ms"]), float(one["end_ms"]), str(one["reason"]), choice)


def _preview_of(asset: MediaAsset) -> DerivedMedia | None:
    rows = asset.derivatives.filter(kind=kinds.FACES_PREVIEW.name, expired_at=None)
    found: DerivedMedia | None = rows.order_by("-created_at").first()
    return found


def preview(asset: MediaAsset) -> DerivedMedia:
    """The film by which a person decides: the faces that were found are hidden in it. Raises NotFound once nothing is in doubt."""
    page = read(asset)
    row = _preview_of(page.asset) if page.has_preview else None
    if row is None:
        raise NotFound("Nothing is in doubt here anymore, so there is no preview. Reload the page.")
    return row


def waiting(context: Context, asset: MediaAsset) -> Anonymisation:
    """The newest request of an asset. Raises NotFound."""
    row = read(asset).row
    if row is None:
        raise NotFound("Hiding faces was not requested for this recording.", field="asset_id")
    return row
