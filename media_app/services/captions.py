"""The captions of a transcript: built from its words, or as a person has changed them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils import timezone

from media_app.core import kinds
from media_app.core.hearing import caption_edits, captions, subtitles
from media_app.core.hearing.caption_edits import BadEdit, Edit
from media_app.core.hearing.captions import Cue
from media_app.core.hearing.transcript import Word
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset
from media_app.services import documents, speakers
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, StaleVersion


@dataclass(frozen=True, slots=True)
class Captions:
    """`revision`: how often a person has changed them; 0 as they were built."""

    transcript: DerivedMedia
    cues: tuple[Cue, ...]
    revision: int = 0
    edited: DerivedMedia | None = None

    @property
    def duration_ms(self) -> int:
        """How long the recording is: no caption ends later."""
        return int(self.transcript.meta.get("duration_ms") or self.transcript.asset.duration_ms or 0)

    def as_json(self) -> dict[str, Any]:
        meta = self.edited.meta if self.edited is not None else {}
        return {
            "artifact_id": str(self.transcript.pk),
            "asset_id": str(self.transcript.asset_id),
            "revision": self.revision,
            "edited_by": meta.get("edited_by"),
            "edited_at": meta.get("edited_at"),
            "language": self.transcript.meta.get("language", ""),
            "cues": [{"index": index, **cue.as_json()} for index, cue in enumerate(self.cues)],
        }


def captions_of(context: Context, transcript_id: uuid.UUID | str) -> Captions:
    """The captions of a transcript of the tenant. Raises NotFound."""
    rows = DerivedMedia.objects.in_tenant(context).select_related("asset")
    row = rows.filter(pk=transcript_id, kind=kinds.ASR_TRANSCRIPT.name).first()
    if row is None:
        raise NotFound(f"There is no transcript {transcript_id} here. Check the id.", field="artifact_id")
    edited = _edited(row)
    if edited is not None:
        stored = documents.read(edited)["cues"]
        return Captions(row, tuple(_cue(one) for one in stored), int(edited.meta["revision"]), edited)
    return Captions(row, _built(row))


def _built(row: DerivedMedia) -> tuple[Cue, ...]:
    stored = documents.read(row)
    try:
        words = [word_of(one) for segment in stored["segments"] for one in segment["words"]]
        duration_ms = int(stored.get("duration_ms") or row.asset.duration_ms or 0)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise NotFound(
            f"The file of the artifact {row.pk} is no transcript: it has no segments with words, each with text and start_ms. "
            "Make it again."
        ) from error
    gap = captions.gap_for(float(Fraction(row.asset.fps)) if row.asset.fps else 0.0)
    said = speakers.of_artifact(row).of_words(sorted(words, key=lambda word: word.start_ms))
    return captions.build(said, duration_ms, gap)


def word_of(stored: Mapping[str, Any]) -> Word:
    """A word of a transcript, which a client may have registered."""
    start = max(0, round(stored["start_ms"]))
    end = stored.get("end_ms", start)
    sure = stored.get("confidence", 1.0)
    times = start, max(start + 1, round(end)) if isinstance(end, int | float) else start + 1
    return Word(str(stored["text"]), *times, float(sure) if isinstance(sure, int | float) else 1.0)


def edit(
    context: Context, transcript_id: uuid.UUID | str, edits: Sequence[Edit], *, revision: int | None, by: str
) -> Captions:
    """Change captions in a person's name; what they were made from stays as it is.

    Raises NotFound, InvalidInput naming the caption at fault, StaleVersion when somebody else was faster.
    """
    found = captions_of(context, transcript_id)
    row = found.transcript
    try:
        cues = caption_edits.apply(found.cues, edits, found.duration_ms)
    except BadEdit as error:
        raise InvalidInput(str(error), field=error.field) from error
    stored = documents.store(row.asset, kinds.CAPTIONS, subtitles.as_json(cues))
    meta = {"revision": found.revision + 1, "edited_by": by, "edited_at": timezone.now().isoformat()}
    with transaction.atomic():
        now = DerivedMedia.objects.select_for_update().get(pk=row.pk)
        _refuse_stale(_edited(now), found.revision if revision is None else revision)
        made = documents.register(stored, row.pk.hex, meta, row.input_ref)
        ArtifactSource.objects.record(made, [row], "transcript")
    return Captions(row, cues, found.revision + 1, made)


def _refuse_stale(standing: DerivedMedia | None, revision: int) -> None:
    current = int(standing.meta["revision"]) if standing is not None else 0
    if current != revision:
        raise StaleVersion(
            f"Somebody changed these captions in the meantime: they are at revision {current}, not {revision}. Read them again.",
            field="revision",
        )


def transcripts_of(assets: Collection[MediaAsset]) -> dict[uuid.UUID, DerivedMedia]:
    """Asset → the transcript of its recording whose captions count: the newest that a person has worked on, else the newest."""
    rows = list(documents.of_recordings(assets, [kinds.ASR_TRANSCRIPT]).select_related("asset__session"))
    changed: set[str] = set()
    if len({row.asset_id for row in rows}) < len(rows):
        by_hand = DerivedMedia.objects.filter(asset__in=assets, kind=kinds.CAPTIONS.name)
        changed = set(by_hand.values_list("variant", flat=True))
    return {row.asset_id: row for row in sorted(rows, key=lambda row: (row.pk.hex in changed, row.created_at))}


def transcript_of(asset: MediaAsset) -> DerivedMedia | None:
    """The same of one recording."""
    return transcripts_of([asset]).get(asset.pk)


def is_changed_by_hand(transcript: DerivedMedia) -> bool:
    """Whether a person has worked on the captions of a transcript."""
    return _edited(transcript) is not None


def last_change(transcript: DerivedMedia) -> tuple[int, str | None]:
    """The revision of a transcript's captions, and who made it, without a look into their file."""
    edited = _edited(transcript)
    return (int(edited.meta["revision"]), edited.meta.get("edited_by")) if edited is not None else (0, None)


def changed_by_hand(transcript: DerivedMedia) -> tuple[Cue, ...] | None:
    """The captions of a transcript as a person has changed them; None where nobody has."""
    edited = _edited(transcript)
    return tuple(_cue(one) for one in documents.read(edited)["cues"]) if edited is not None else None


def _edited(row: DerivedMedia) -> DerivedMedia | None:
    rows = DerivedMedia.objects.filter(asset=row.asset_id, kind=kinds.CAPTIONS.name, variant=row.pk.hex)
    return rows.order_by("-created_at").first()


def _cue(stored: dict[str, Any]) -> Cue:
    return Cue(
        stored["start_ms"],
        stored["end_ms"],
        tuple(stored["text"].split("\n")),
        stored["doubtful"],
        stored.get("speaker") or "",
    )
