"""Who speaks in a shoot, kept beside each of its recordings for their words, events and captions."""

from typing import Any

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import deletion, documents, speakers
from media_app.services.speakers import StoredTurns
from render_app.core.autocut.turns import on_clock_of, turns_in
from render_app.core.autocut.values import Conversation
from render_app.core.edit.multicam import MulticamEdit
from render_app.services.conversation import VERSION
from render_app.services.edit import version_of
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession


def store(context: Context, edit: MulticamEdit, talk: Conversation) -> list[StoredTurns]:
    """The turns on the clock of each recording with sound, as files; what was found before is replaced, also where it is nothing."""
    turns = turns_in(talk)
    angles = {one.asset_id: one for one in edit.angles if one.audio_channels}
    assets = list(MediaAsset.objects.in_tenant(context).filter(pk__in=angles))
    before = DerivedMedia.objects.filter(asset__in=assets, kind=kinds.SPEAKERS.name).values_list("asset", flat=True)
    known = set(before)
    return [
        speakers.store(asset, on_clock_of(angles[str(asset.pk)], turns))
        for asset in assets
        if len(talk.microphones) > 1 or asset.pk in known
    ]


def record(stored: list[StoredTurns], edit: MulticamEdit) -> None:
    """Make them count, in the caller's transaction."""
    for one in stored:
        speakers.record(one, {"speaker_source": "mic", **_made_by(edit)})


def record_if_current(stored: list[StoredTurns], edit: MulticamEdit) -> bool:
    """Make them count, in the caller's transaction, unless the sync was decided otherwise meanwhile."""
    session = RecordingSession.objects.select_for_update().get(pk=edit.session_id)
    if version_of(session) != edit.version:
        deletion.schedule_deletion([one.file.key for one in stored])
        return False
    record(stored, edit)
    return True


def are_kept(context: Context, edit: MulticamEdit) -> bool:
    """Whether every recording with sound has its turns by the sync that stands."""
    assets = MediaAsset.objects.in_tenant(context).filter(
        pk__in=[one.asset_id for one in edit.angles if one.audio_channels]
    )
    rows = documents.of_recordings(list(assets), [kinds.SPEAKERS])
    kept = [row.asset_id for row in rows if _made_by(edit).items() <= row.meta.items()]
    return len(kept) == len(assets)


def _made_by(edit: MulticamEdit) -> dict[str, Any]:
    return {"sync_version": edit.version, "backend_version": VERSION}
