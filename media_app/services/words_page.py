"""What a page shows of what is heard in a recording: speech, music and silence as a strip, the words, the beats, and work on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.core.hearing import marks, strip
from media_app.core.hearing.speakers import Line, Speakers, lines_of
from media_app.core.hearing.strip import Row
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import captions, documents, speakers
from sessions_app.errors import NotFound
from sessions_app.models import RecordingSession

#: The jobs that make what is shown.
JOBS = {
    "engine_asr_v1": "transcript",
    "engine_semantic_timeline_v1": "timeline",
    "engine_beat_features_v1": "beats",
    "engine_align_bars_v1": "bars",
}
KINDS = {"timeline": kinds.AUDIO_SEMANTIC_TIMELINE, "beats": kinds.BEAT_FEATURES}
TAKEN = [
    ("words", "the words", "transcript"),
    ("timeline", "speech and music", "timeline"),
    ("beats", "the beats", "beats"),
]
HEARD = KINDS | {"transcript": kinds.ASR_TRANSCRIPT}
SPEAKERS = "speakers"
#: What a page says of each: while it is under way, and where it failed.
LABELS = {
    "transcript": ("Listening to words", "No transcript"),
    "timeline": ("Finding speech and music", "No timeline"),
    "beats": ("Finding the beat", "No beats"),
    "bars": ("Laying words against bars", "No bars"),
    SPEAKERS: ("Identifying who speaks", "No speakers"),
}


@dataclass(frozen=True, slots=True)
class Bars:
    """The words against the bars of the music: the bars in which something is said, and how many words are outside of all bars."""

    sung: Sequence[dict[str, Any]]
    count: int
    outside: int
    assumed: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording with what was heard in it. `jobs`: the newest of each that is not done, by what it makes."""

    asset: MediaAsset
    transcript: DerivedMedia | None
    timeline: DerivedMedia | None
    beats: DerivedMedia | None
    lines: Sequence[Line]
    rows: tuple[Row, ...]
    beat_count: int
    jobs: dict[str, MediaJob]
    can_identify_speakers: bool = False
    sync_changed: bool = False
    may_take: frozenset[str] = frozenset()
    bars: Bars | None = None

    @property
    def duration_ms(self) -> float:
        return float(self.asset.duration_ms or 0)

    @property
    def work(self) -> list[tuple[str, str, MediaJob]]:
        """(what is done, what is lacking where it failed, the job) of each that is not done."""
        return [(*LABELS[what], job) for what, job in self.jobs.items()]

    @property
    def through_sync(self) -> str:
        """What was taken from another camera, as a sentence begins; empty where nothing was."""
        made = {"transcript": self.transcript, "timeline": self.timeline, "beats": self.beats}
        taken = [(words, made[what]) for _, words, what in TAKEN]
        parts = [
            f"{words} from camera {row.meta['derived_from']['camera']}"
            for words, row in taken
            if row and "derived_from" in row.meta
        ]
        return ", ".join(parts) + (" are taken" if parts else "")

    @property
    def takeable(self) -> list[tuple[str, str, str]]:
        """(what a request names it, what a person reads, what it is here) of each that another camera may have heard for this one."""
        return [one for one in TAKEN if one[2] in self.may_take]

    @property
    def busy(self) -> set[str]:
        """What is being made."""
        return {what for what, job in self.jobs.items() if job.status in MediaJob.UNFINISHED}

    @property
    def working(self) -> bool:
        return bool(self.busy)

    @property
    def complete(self) -> bool:
        """Whether there is everything that can be made."""
        return None not in (self.transcript, self.timeline, self.beats)

    @property
    def version(self) -> str:
        """Another one where something was made anew."""
        return ".".join(str(row.pk) if row else "" for row in (self.transcript, self.timeline, self.beats))

    @property
    def doubtful(self) -> int:
        """How many words are of low confidence."""
        return int(self.transcript.meta.get("low_confidence_count", 0)) if self.transcript is not None else 0


def heard_in(asset: MediaAsset) -> Heard:
    """What there is of one recording."""
    made = _newest(asset)
    timeline = _document(made["timeline"])
    aligned = documents.newest_of(made["transcript"], kinds.BARS) if made["transcript"] is not None else None
    known = speakers.of(asset) if made["transcript"] or timeline else Speakers()
    jobs = _jobs(asset, made | {"bars": aligned})
    if (identifying := _speaker_job(asset)) is not None:
        jobs[SPEAKERS] = identifying
    unnamed = bool(made["transcript"] or timeline) and not known.turns and SPEAKERS not in jobs
    return Heard(
        asset,
        made["transcript"],
        made["timeline"],
        made["beats"],
        lines_of(_document(made["transcript"]).get("segments", []), known),
        strip.rows(timeline.get("events", ()), float(asset.duration_ms or 0)),
        len(marks.beats(_document(made["beats"]), timeline)),
        jobs,
        unnamed and _can_identify(asset),
        known.outdated,
        _may_take(asset, made),
        _bars(aligned),
    )


def _bars(row: DerivedMedia | None) -> Bars | None:
    if row is None:
        return None
    document = _document(row)
    found = document.get("bars", [])
    sung = [{**bar, "number": bar["bar_index"] + 1} for bar in found if bar["words"]]
    return Bars(sung, len(found), len(document.get("outside", [])), row.meta.get("downbeat_source") == "assumed")


def _may_take(asset: MediaAsset, made: dict[str, DerivedMedia | None]) -> frozenset[str]:
    """What another recording of the decided shoot has and this one lacks: it may have been heard by both."""
    lacking = {kind.name: what for what, kind in HEARD.items() if made[what] is None}
    if asset.session is None or not lacking or not _is_decided(asset):
        return frozenset()
    others = [one for one in recordings_of(asset.session) if one.pk != asset.pk]
    known = documents.of_recordings(others, HEARD.values()).values_list("kind", flat=True)
    return frozenset(lacking[kind] for kind in known if kind in lacking)


def _speaker_job(asset: MediaAsset) -> MediaJob | None:
    """The job that identifies who speaks in a shoot, while it is not done."""
    if not _is_decided(asset):
        return None
    newest = MediaJob.objects.filter(session=asset.session_id, type=speakers.JOB).order_by("-created_at").first()
    return newest if newest is not None and newest.status != MediaJob.Status.COMPLETED else None


def _is_decided(asset: MediaAsset) -> bool:
    return asset.session is not None and asset.session.status == RecordingSession.Status.READY


def _can_identify(asset: MediaAsset) -> bool:
    """Whether the shoot is decided and has microphones to identify people by, and nobody has yet."""
    session = asset.session
    if session is None or not _is_decided(asset) or speakers.are_identified(asset):
        return False
    labels = session.assets.filter(has_audio=True).values("camera_label").distinct()
    return bool(labels.count() >= speakers.LEAST_MICROPHONES)


def heard_in_shoot(session: RecordingSession, key: str = "") -> Heard | None:
    """Of the recording that is named by its camera's key; without one of the camera of a shoot whose words are known, else whose
    timeline is, else of the first: the others stood beside it."""
    ready = recordings_of(session)
    named = next((asset for asset in ready if asset.camera_key == key), None)
    if named is not None:
        return heard_in(named)
    wanted = (kinds.ASR_TRANSCRIPT, kinds.AUDIO_SEMANTIC_TIMELINE)
    known = set(documents.of_recordings(ready, wanted).values_list("kind", "asset"))
    of_known = (asset for kind in wanted for asset in ready if (kind.name, asset.pk) in known)
    chosen = next(of_known, ready[0] if ready else None)
    return heard_in(chosen) if chosen else None


def recordings_of(session: RecordingSession) -> list[MediaAsset]:
    """The recordings of a shoot that can be listened to, in the order of their cameras."""
    cameras = session.assets.order_by("camera_label", "clip", "pk")
    return [asset for asset in cameras if asset.has_audio and asset.status == MediaAsset.Status.READY]


def marks_in_shoot(session: RecordingSession, key: str) -> list[dict[str, Any]]:
    """What is heard in every clip of a camera, each in ms of its own clock: stretches, beats, and when words are said."""
    label = next((asset.camera_label for asset in recordings_of(session) if asset.camera_key == key), None)
    clips = [asset for asset in recordings_of(session) if asset.camera_label == label]
    return [{"camera": asset.camera_key, **_marks(asset)} for asset in clips]


def _marks(asset: MediaAsset) -> dict[str, Any]:
    made = _newest(asset)
    timeline = _document(made["timeline"])
    return {
        "stretches": marks.stretches(timeline),
        "beats": marks.beats(_document(made["beats"]), timeline),
        "words": marks.words(_document(made["transcript"])),
    }


def _newest(asset: MediaAsset) -> dict[str, DerivedMedia | None]:
    """The newest artifact of each kind, by what it is."""
    rows = documents.of_recordings([asset], KINDS.values()).order_by("created_at")
    by_kind = {row.kind: row for row in rows}
    newest = {what: by_kind.get(kind.name) for what, kind in KINDS.items()}
    # One whose captions a person has edited stays the recording's.
    return newest | {"transcript": captions.transcript_of(asset)}


def _document(row: DerivedMedia | None) -> dict[str, Any]:
    """What is in an artifact; nothing where there is none, or its file is gone."""
    try:
        return documents.read(row) if row is not None else {}
    except NotFound:
        return {}


def _jobs(asset: MediaAsset, made: dict[str, DerivedMedia | None]) -> dict[str, MediaJob]:
    """Jobs under way, and those that failed since what there is was made."""
    found: dict[str, MediaJob] = {}
    for job in MediaJob.objects.filter(asset=asset, type__in=JOBS).order_by("created_at"):
        what = JOBS[job.type]
        row = made[what]
        if job.status in MediaJob.UNFINISHED or (
            job.status != MediaJob.Status.COMPLETED and (row is None or job.created_at > row.created_at)
        ):
            found[what] = job
    return found
