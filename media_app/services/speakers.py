"""Who speaks in a recording, by the microphones of its shoot: kept beside it, read with its words and events."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.core.hearing.speakers import Speakers, Turn, in_document, turns_of
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import documents
from sessions_app.errors import NotFound
from sessions_app.models import RecordingSession

#: There is one of a recording: that of its shoot.
VARIANT = "shoot"
#: The type of the job that finds who speaks in a shoot.
JOB = "who_speaks_v1"
#: What the meta of turns says that were found by a sync that does not stand any more.
OUTDATED = "outdated"
#: So many cameras with sound are needed to distinguish people.
LEAST_MICROPHONES = 2


@dataclass(frozen=True, slots=True)
class StoredTurns:
    """A recording's turns as a file that does not count yet, and how many they are."""

    file: documents.Stored
    count: int


def are_identified(asset: MediaAsset) -> bool:
    """Whether the sync that stands has identified who speaks in a recording's shoot, also where nobody spoke."""
    row = _row(asset)
    return row is not None and OUTDATED not in row.meta


def _row(asset: MediaAsset) -> DerivedMedia | None:
    return documents.of_recordings([asset], [kinds.SPEAKERS]).filter(variant=VARIANT).first()


def outdate(session: RecordingSession) -> None:
    """Turns found by a sync that no longer stands name nobody until they are found anew; in the caller's transaction."""
    rows = DerivedMedia.objects.filter(asset__session=session, kind=kinds.SPEAKERS.name, variant=VARIANT)
    for row in rows.select_for_update():
        row.meta = row.meta | {OUTDATED: True}
        row.save(update_fields=["meta"])


def of(asset: MediaAsset) -> Speakers:
    """The turns of a recording, with the names that people gave to its shoot's cameras; none where they were not found by the sync that
    stands."""
    row = _row(asset)
    if row is None or OUTDATED in row.meta:
        return Speakers(outdated=row is not None)
    try:
        turns = turns_of(documents.read(row))
    except NotFound:
        return Speakers()
    return Speakers(turns, asset.session.camera_names if asset.session is not None else {})


def of_artifact(row: DerivedMedia) -> Speakers:
    """The turns of an artifact's recording, on the artifact's own clock."""
    return of(row.asset).since(row.begins_ms)


def with_speakers(row: DerivedMedia, document: dict[str, Any]) -> dict[str, Any]:
    """A transcript or a semantic timeline with who speaks, also of a part of a recording; anything else as it is."""
    if row.kind not in (kinds.ASR_TRANSCRIPT.name, kinds.AUDIO_SEMANTIC_TIMELINE.name):
        return document
    found = of_artifact(row)
    if found.outdated:
        return document | {"meta": {**_meta(document), "speakers_reason": "sync_changed"}}
    return in_document(document, found) if found.turns else document


def _meta(document: dict[str, Any]) -> dict[str, Any]:
    meta = document.get("meta")
    return meta if isinstance(meta, dict) else {}


def store(asset: MediaAsset, turns: Sequence[Turn]) -> StoredTurns:
    """The file of a recording's turns; `record` makes it count."""
    text = json.dumps({"turns": [one.as_json() for one in turns]})
    return StoredTurns(documents.store(asset, kinds.SPEAKERS, text), len(turns))


def record(stored: StoredTurns, meta: dict[str, Any]) -> None:
    """The row of a recording's turns, in the caller's transaction; the file before goes."""
    documents.register(stored.file, VARIANT, {"turns": stored.count, **meta})
