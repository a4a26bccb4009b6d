"""Making a file usable: what was sent becomes proxy, sound, peaks and thumbnail, and then the asset is ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from media_app import storage
from media_app.core import kinds
from media_app.core.files import keys, plain
from media_app.core.files.plain import PlainFile
from media_app.core.files.timecodes import witness_as_json
from media_app.core.quota import derived_wav_bytes
from media_app.core.sound.heard import Heard
from media_app.core.time.timebase import format_rate
from media_app.core.time.witness import TimecodeWitness
from media_app.jobs import CannotSucceed, Run
from media_app.making.derive import derive, sound_alone
from media_app.making.explain import file_at_fault
from media_app.making.files import Outputs
from media_app.making.inspect import Inspection
from media_app.making.original import review_bytes, sound_bytes
from media_app.making.peaks import PEAKS
from media_app.making.sound import Listened
from media_app.making.workspace import workspace_of
from media_app.models import MediaAsset, MediaJob
from media_app.services import artifacts, deletion, quota
from media_app.services.artifacts import MADE, Completion, FileJob
from media_app.services.asset_jobs import (
    FOUND,
    asset_of,
    asset_to_retry,
    checksum_of,
    opened,
    operator_sentence,
    original_of,
    version_of,
)
from media_app.services.ingest_queue import advance_if_ingested, begin_ingest
from media_app.services.mezzanine import enqueue_mezzanine
from media_app.services.sound import heard_of
from sessions_app.services import lock_session

#: What is made anew when something else of the sound is to be heard.
OF_SOUND = (kinds.AUDIO_WAV.name, kinds.WAVEFORM.name, kinds.MEZZANINE.name)


@dataclass(frozen=True, slots=True)
class Ingested(Outputs):
    """The files, with what was found in the original, what was heard of it, and its SHA-256; `plain` for a file that is no
    recording, of which nothing is made."""

    found: Inspection | None = None
    listened: Listened | None = None
    checksum: str = ""
    plain: PlainFile | None = None


def _make(run: Run, job: MediaJob, asset: MediaAsset) -> Ingested:
    """What review needs from one decode, or another sound alone."""
    if asset.session_id is None and plain.is_plain(asset.original_filename):
        return _look_at_plain(run, asset)
    alone = is_sound_alone(job)
    with opened(run, asset, sound_bytes if alone else review_bytes, heard=_by_hand(asset)) as original:
        _refuse_excess(asset, original.found)
        work = workspace_of(run).subfolder("derived").share(FOUND, MADE)
        made = (sound_alone if alone else derive)(original.path, original.found, work)
        listened = made.listened
        found = listened.found if listened else original.found
        checksum = original.checksum.result()
        return Ingested(made.files, warnings=made.warnings, found=found, listened=listened, checksum=checksum)


def _refuse_excess(asset: MediaAsset, found: Inspection) -> None:
    """Raise CannotSucceed when the WAV of the sound, whose length the packets tell, exceeds what the tenant may store."""
    if found.sound is None:
        return
    replaced = sum(row.size_bytes for row in asset.derivatives.filter(kind__in=OF_SOUND, expired_at=None))
    wav = derived_wav_bytes(float(found.sound.end - found.info.start_time))
    try:
        quota.refuse_derived(asset.context, max(0, wav - replaced))
    except quota.QuotaExceeded as error:
        raise CannotSucceed(str(error)) from error


def _look_at_plain(run: Run, asset: MediaAsset) -> Ingested:
    """A picture, a font or a LUT: looked at and kept as it is."""
    run.reserve(storage.store().copied_bytes(asset.size_bytes))
    with file_at_fault(), original_of(asset, run.scratch) as path:
        with path.open("rb") as file:
            found = plain.look(file.read(plain.HEAD_BYTES), asset.original_filename)
        return Ingested(plain=found, checksum=checksum_of(path, asset))


def _by_hand(asset: MediaAsset) -> Heard | None:
    """What a person chose to hear; what Studio chose before is chosen again."""
    heard = heard_of(asset)
    return heard if heard and heard.is_by_hand else None


def is_sound_alone(job: MediaJob) -> bool:
    """Whether another sound is to be heard of a file whose picture is there already."""
    return bool(job.input_json.get("sound_alone"))


def _place(run: Run, job: MediaJob, asset: MediaAsset, outputs: Ingested) -> artifacts.Placed:
    return artifacts.place_by_location(asset.location(version_of(run, job, asset)), outputs)


def _register(made: Completion[MediaAsset, Ingested]) -> dict[str, Any]:
    """The asset is ready with all its derivatives; what an earlier ingest made goes."""
    asset, job = made.subject, made.job
    session = lock_session(asset.session_id)
    # What a person had made of this very original is not the ingest's to throw away.
    masters = Q(kind__in=[kind.name for kind in kinds.ALL if kind.group], input_ref=asset.original_key)
    replaced = asset.derivatives.exclude(masters).exclude(key__in=list(made.placed))
    for row in replaced.filter(kind__in=OF_SOUND) if is_sound_alone(job) else replaced:
        row.delete()
    artifacts.register_files(asset, made.placed, job)
    _describe(asset, made.outputs)
    asset.save()
    if _wants_mezzanine(asset):
        enqueue_mezzanine(asset, job.input_json["derived_version"])
    advance_if_ingested(session)
    return {"derivatives": sorted(made.placed)}


def ingest_failed(job: MediaJob) -> None:
    """The job was given up: its asset says why. Where another sound alone could not be made, the one before is kept."""
    asset = asset_of(job)
    if asset is None:
        return
    session = lock_session(asset.session_id)
    if is_sound_alone(job):
        _keep_sound(job, asset)
    else:
        asset.status, asset.status_message = MediaAsset.Status.FAILED, operator_sentence(job)
        asset.save(update_fields=["status", "status_message", "updated_at"])
    location = asset.location(job.input_json["derived_version"])
    deletion.schedule_deletion(key for key in possible_keys(location) if not deletion.is_referenced(key))
    advance_if_ingested(session)


def _keep_sound(job: MediaJob, asset: MediaAsset) -> None:
    """The asset's files and what is heard are as they were, with a warning."""
    asset.status, asset.heard = MediaAsset.Status.READY, job.input_json.get("heard_before")
    asset.warnings = [
        *asset.warnings,
        f"The sound that was chosen could not be made: {operator_sentence(job)} The sound before it is kept.",
    ]
    asset.save(update_fields=["status", "heard", "warnings", "updated_at"])
    if _wants_mezzanine(asset) and not asset.derivatives.filter(kind=kinds.MEZZANINE.name).exists():
        # One that was queued for the sound before has given way to the choice.
        enqueue_mezzanine(asset, job.input_json["derived_version"])


def _wants_mezzanine(asset: MediaAsset) -> bool:
    return asset.kind == MediaAsset.Kind.VIDEO and settings.MEZZANINE != "off"


def ingest_again(job: MediaJob) -> None:
    """A person gives the job another try: its asset and its session are back where the ingest left them."""
    asset = asset_to_retry(job)
    if is_sound_alone(job):
        asset.heard = job.input_json.get("heard")
        asset.save(update_fields=["heard", "updated_at"])
    begin_ingest(asset, lock_session(asset.session_id))


def possible_keys(location: keys.Location) -> list[str]:
    """Every key that an ingest of this asset may write."""
    plain = [keys.derived_key(location, kind.name) for kind in (kinds.PROXY, kinds.AUDIO_WAV, kinds.THUMBNAIL)]
    return plain + [keys.derived_key(location, kinds.WAVEFORM.name, tier) for tier in map(str, PEAKS)]


def _describe(asset: MediaAsset, made: Ingested) -> None:
    """Copy what was found in the file onto its asset."""
    if made.plain is not None:
        _describe_plain(asset, made.plain, made.checksum)
        return
    assert made.found
    found, info = made.found, made.found.info
    video, audio = info.video, info.audio
    asset.status, asset.status_message = MediaAsset.Status.READY, ""
    asset.kind, asset.checksum = info.kind, made.checksum
    asset.duration_ms = round(found.duration * 1000)
    asset.has_audio = audio is not None
    asset.warnings = list(made.warnings)
    asset.media_info = found.as_json()
    stored_at = timezone.now()
    asset.sound_ready_at = stored_at if audio is not None else None
    asset.picture_ready_at = stored_at if asset.kind == MediaAsset.Kind.VIDEO else None
    _describe_sound(asset, made.listened)
    _describe_timecode(asset, made.listened.witnesses if made.listened else info.times.timecodes)
    if video is not None and found.frames is not None:
        asset.fps, asset.variable_frame_rate = format_rate(found.frames.rate), found.frames.variable
        asset.width, asset.height, asset.codec = video.width, video.height, video.codec
        asset.video_start_ms = _ms(found.video_start)
    if audio is not None:
        asset.audio_codec, asset.sample_rate, asset.audio_channels = audio.codec, audio.rate, audio.channels
        asset.audio_start_ms = _ms(found.audio_start)


def _describe_plain(asset: MediaAsset, found: PlainFile, checksum: str) -> None:
    asset.forget_file()
    asset.status, asset.kind, asset.checksum = MediaAsset.Status.READY, found.kind, checksum
    asset.width, asset.height, asset.media_info = found.width, found.height, {"container": found.form}


def _describe_sound(asset: MediaAsset, listened: Listened | None) -> None:
    asset.heard = listened.heard.as_json() if listened else None
    asset.tracks = listened.tracks_as_json() if listened else []


def _describe_timecode(asset: MediaAsset, witnesses: Sequence[TimecodeWitness]) -> None:
    """The one of the picture, or the LTC of the sound where there is no other; all of them as witnesses of the offset."""
    asset.media_info["timecodes"] = [witness_as_json(witness) for witness in witnesses]
    labelled = next((witness for witness in witnesses if witness.label), None)
    label = labelled.label if labelled else None
    asset.timecode = str(label) if label else ""
    asset.timecode_rate = format_rate(label.rate) if label else ""
    asset.timecode_source = str(labelled.source) if labelled else ""
    asset.timecode_drop = bool(label and label.drop)


def _ms(seconds: Fraction | None) -> float | None:
    return None if seconds is None else round(float(seconds) * 1000, 4)


INGEST: FileJob[MediaAsset, Ingested] = FileJob(asset_of, _make, _place, _register)
HANDLERS = INGEST.handlers(ingest_failed, ingest_again)
