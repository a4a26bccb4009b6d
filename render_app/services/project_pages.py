"""Projects as lists and pages show them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Count, Q, QuerySet

from media_app.models import DerivedMedia, MediaJob
from media_app.models.lookups import HasElement
from media_app.services.originals import Withheld
from render_app.core.timeline import snapshot
from render_app.core.timeline.drawing import Drawing, draw
from render_app.core.timeline.refusals import TimelineRefused
from render_app.models import Sequence, VideoProject
from render_app.services import autocut, cut_words, timeline_media, timeline_notices, timeline_rows
from render_app.services.captions_page import Recording
from render_app.services.cut_words import Captions
from render_app.services.edit import NotDecided, multicam_edit
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession

SHOWN = 200
#: The records that a drawing shows, by which a warning leads to one.
_ANCHORED = ("clip", "transition", "track")


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to know of a sequence, and the anchor of the clip or transition that it is about."""

    message: str
    anchor: str


@dataclass(frozen=True, slots=True)
class SequencePage:
    """A sequence as its page shows it; `drawing` is None for one that cannot be read."""

    row: Sequence
    drawing: Drawing | None
    warnings: tuple[Warned, ...]
    clamped: int


@dataclass(frozen=True, slots=True)
class FirstCut:
    """An automatic cut: under way, failed, or made, and then whether it has captions by now."""

    job: MediaJob
    failed: bool = False
    project_id: str = ""
    shots: int = 0
    captions: Captions | None = None
    #: In which its captions can be read.
    forms: ClassVar = ("srt", "vtt")

    @property
    def working(self) -> bool:
        """Whether it is under way."""
        return self.job.status in MediaJob.UNFINISHED

    @property
    def recordings(self) -> list[Recording]:
        """The recordings from which its captions come, and in which they are changed."""
        ids = self.captions.transcript_ids if self.captions is not None else ()
        rows = DerivedMedia.objects.filter(pk__in=ids).select_related("asset")
        return [
            Recording(str(row.asset_id), row.asset.short_name)
            for row in rows.order_by("asset__camera_label", "asset__clip")
        ]


def searched(context: Context, search: str = "") -> QuerySet[VideoProject]:
    """The tenant's projects, or those whose title, description, session or a tag holds the words; the newest first."""
    found = VideoProject.objects.in_tenant(context)
    if search:
        named = Q(title__icontains=search) | Q(description__icontains=search) | Q(session__title__icontains=search)
        found = found.filter(named | Q(HasElement("tags", search)))
    return _counted(found)


def panel(session: RecordingSession) -> dict[str, Any]:
    """The projects of a session, for its page, whether it can be cut by who speaks, and what became of that."""
    ready = session.status == RecordingSession.Status.READY
    return {
        "projects": list(_counted(VideoProject.objects.filter(session=session))[:SHOWN]),
        "can_cut": ready,
        "cut": first_cut(session) if ready else None,
    }


def first_cut(session: RecordingSession) -> FirstCut | None:
    """The session's latest automatic cut; None where there was none, or its project is gone."""
    job = autocut.latest(session)
    if job is None or job.status == MediaJob.Status.CANCELLED:
        return None
    if job.status != MediaJob.Status.COMPLETED:
        return FirstCut(job, failed=job.status not in MediaJob.UNFINISHED)
    made = job.result_json or {}
    if not VideoProject.objects.filter(session=session, pk=str(made.get("project_id"))).exists():
        return None
    return FirstCut(job, project_id=made["project_id"], shots=len(made["shots"]), captions=_captions(session, job))


def _captions(session: RecordingSession, job: MediaJob) -> Captions | None:
    """What there is by now; None while the session's edit is withheld. A cut of an earlier version asked for no words."""
    try:
        edit = multicam_edit(session.context, session.pk)
    except (NotDecided, Withheld):
        return None
    return cut_words.captions_of(session.context, edit, cut_words.asked_by(job))


def summarize(sessions: Any) -> dict[Any, Any]:
    """Nothing of projects stands in the list of sessions."""
    return {}


def sequence_page(row: Sequence) -> SequencePage:
    """A sequence drawn, with what a person should know of it."""
    try:
        read = snapshot.read(timeline_rows.snapshot_json(row))
    except TimelineRefused as refused:
        return SequencePage(row, None, (_warned(timeline_notices.as_warning(refused)),), 0)
    media = timeline_media.media_of(row.context, read.sequence)
    blends, found = timeline_notices.looked_at(read.sequence, media)
    return SequencePage(row, draw(read.sequence, media, blends), tuple(map(_warned, found)), len(read.clamped))


#: What a page says where the API names a field.
_IN_WORDS = {
    "unknown_media": "The file or camera of this clip is no longer in Studio. Choose another, or remove the clip."
}


def _warned(found: dict[str, Any]) -> Warned:
    anchor = next((f"{kind}-{found[f'{kind}_id']}" for kind in _ANCHORED if f"{kind}_id" in found), "")
    return Warned(_IN_WORDS.get(found["code"], found["message"]), anchor)


def _counted(projects: QuerySet[VideoProject]) -> QuerySet[VideoProject]:
    # Grouped rows have no order of their own.
    counted = projects.select_related("session").annotate(
        sequence_count=Count("sequences", distinct=True), clip_count=Count("sequences__tracks__clips", distinct=True)
    )
    return counted.order_by("-created_at", "pk")
