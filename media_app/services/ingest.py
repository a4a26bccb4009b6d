"""Making a file usable: WAV and peaks of its sound first, for the verdict waits for nothing else; then proxy and thumbnail of its
picture, and the asset is ready.

A camera's file has a job for each. A registry asset, of which nobody awaits a verdict, has one that does both: who asked for
it has that job's id.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from media_app import storage
from media_app.core import kinds
from media_app.core.files import keys, plain
from media_app.core.files.device import as_json as device_as_json
from media_app.core.files.plain import PlainFile
from media_app.core.files.timecodes import witness_as_json
from media_app.core.quota import derived_wav_bytes
from media_app.core.sound.heard import Heard
from media_app.core.time.timebase import format_rate
from media_app.core.time.witness import TimecodeWitness
from media_app.jobs import CannotSucceed, Run
from media_app.making import original
from media_app.making.derive import Sounds, derive_picture, derive_sound
from media_app.making.explain import file_at_fault
from media_app.making.files import Outputs
from media_app.making.inspect import Inspection
from media_app.making.peaks import PEAKS
from media_app.making.sound import Listened
from media_app.making.workspace import Workspace, workspace_of
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import artifacts, chapters, deletion, hidden_faces, originals, quota
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
from media_app.services.ingest_queue import (
    advance_if_ingested,
    begin_ingest,
    begin_picture,
    begin_sound,
    enqueue_picture,
    is_other_sound,
    is_picture_alone,
    is_sound_alone,
)
from media_app.services.mezzanine import enqueue_mezzanine
from media_app.services.sound import heard_of, joined_of
from sessions_app.services import lock_session

log = logging.getLogger(__name__)

#: Percent of a sound's job when the packets are listed: of fifteen minutes that takes a quarter of its time.
LISTED = 25

#: What is made anew when something else of the sound is to be heard, and what belongs to the picture.
OF_SOUND = (kinds.AUDIO_WAV.name, kinds.WAVEFORM.name, kinds.MEZZANINE.name)
OF_PICTURE = (kinds.PROXY.name, kinds.THUMBNAIL.name)


class Parts(Flag):
    """What a job makes of a file."""

    SOUND = auto()
    PICTURE = auto()


@dataclass(frozen=True, slots=True)
class Ingested(Outputs):
    """The files, with what was found in the original, what was heard of it, and its SHA-256, empty where a later job takes it;
    `plain` for a file that is no recording, of which nothing is made."""

    found: Inspection | None = None
    listened: Listened | None = None
    checksum: str = ""
    plain: PlainFile | None = None
    #: What of the picture could not be decoded.
    picture_warnings: tuple[str, ...] = ()


def parts_of(job: MediaJob) -> Parts:
    if is_sound_alone(job):
        return Parts.SOUND
    return Parts.PICTURE if is_picture_alone(job) else Parts.SOUND | Parts.PICTURE


def _make(run: Run, job: MediaJob, asset: MediaAsset) -> Ingested:
    """What review needs of a file, or a part of it."""
    if asset.session_id is None and plain.is_plain(asset.original_filename):
        return _look_at_plain(run, asset)
    parts = parts_of(job)
    part = originals.sound_of(asset, run.scratch, run.reserve) if parts == Parts.SOUND else None
    if part is not None:
        try:
            return _make_of(run, asset, parts, part)
        except CannotSucceed:
            # Whatever is wrong with a file is said of the whole of it.
            log.info("the sound of %s is read from the whole file", asset.original_key, exc_info=True)
            part.unlink()
    return _make_of(run, asset, parts)


def _make_of(run: Run, asset: MediaAsset, parts: Parts, part: Path | None = None) -> Ingested:
    """From the whole file, or from a `part` of it that holds the sound."""
    heard = heard_of(asset) if parts == Parts.PICTURE else _by_hand(asset)

    def scratch_bytes(found: Inspection) -> int:
        return _scratch_bytes(found, parts)

    def hashes(found: Inspection) -> bool:
        return Parts.PICTURE in parts or found.info.video is None

    with opened(run, asset, scratch_bytes, heard=heard, hashes=hashes, part=part) as file:
        known = LISTED if parts == Parts.SOUND else FOUND
        work = workspace_of(run).subfolder("derived-of-part" if part else "derived").share(known, MADE)
        sound = _sound(asset, file.path, file.found, work, parts)
        picture = _picture(file.path, file.found, work, parts)
        return Ingested(
            (*sound.files, *picture.files),
            warnings=(*file.found.info.warnings, *sound.warnings),
            picture_warnings=picture.warnings,
            found=sound.listened.found if sound.listened else file.found,
            listened=sound.listened,
            checksum=file.checksum.result() if file.checksum else "",
        )


def _scratch_bytes(found: Inspection, parts: Parts) -> int:
    """Bytes of scratch next to the original."""
    sound = original.sound_bytes(found) if Parts.SOUND in parts else 0
    return sound + (original.picture_bytes(found) if Parts.PICTURE in parts else 0)


def _sound(asset: MediaAsset, path: Path, found: Inspection, work: Workspace, parts: Parts) -> Sounds:
    if Parts.SOUND not in parts or not found.timings:
        return Sounds()
    _refuse_excess(asset, found)
    return derive_sound(path, found, work.share(0, 20) if Parts.PICTURE in parts and found.info.video else work)


def _picture(path: Path, found: Inspection, work: Workspace, parts: Parts) -> Outputs:
    if Parts.PICTURE not in parts or found.info.video is None:
        return Outputs()
    return derive_picture(path, found, work.share(20, 100) if Parts.SOUND in parts and found.timings else work)


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


def _place(run: Run, job: MediaJob, asset: MediaAsset, outputs: Ingested) -> artifacts.Placed:
    return artifacts.place_by_location(asset.location(version_of(run, job, asset)), outputs)


def _register(made: Completion[MediaAsset, Ingested]) -> dict[str, Any]:
    """The rows of what was made; what an earlier ingest made of the same part goes. The asset is ready when nothing is to come."""
    asset, job, outputs = made.subject, made.job, made.outputs
    session = lock_session(asset.session_id)
    for row in _replaced(asset, outputs, parts_of(job)).exclude(key__in=list(made.placed)):
        row.delete()
    artifacts.register_files(asset, made.placed, job)
    if Parts.SOUND in parts_of(job):
        _describe(asset, outputs)
    if Parts.PICTURE in parts_of(job):
        _describe_picture(asset, outputs)
    asset.update_status()
    asset.save()
    if session is not None and Parts.SOUND in parts_of(job):
        chapters.link(session, asset.camera_label)
        asset.refresh_from_db(fields=chapters.LINKED)
    _make_more(asset, job)
    advance_if_ingested(session)
    return {"derivatives": sorted(made.placed)}


def _replaced(asset: MediaAsset, outputs: Ingested, parts: Parts) -> models.QuerySet[DerivedMedia]:
    """What the outputs take the place of. What a person had made of this very original is not the ingest's to throw away."""
    masters = Q(kind__in=[kind.name for kind in kinds.ALL if kind.group], input_ref=asset.original_key)
    if parts == Parts.PICTURE:
        return asset.derivatives.filter(kind__in=OF_PICTURE)
    if parts == Parts.SOUND and outputs.found and outputs.found.info.video:
        return asset.derivatives.filter(kind__in=OF_SOUND)
    return asset.derivatives.exclude(masters)


def _make_more(asset: MediaAsset, job: MediaJob) -> None:
    """Queue what comes next: the picture after its sound, the edit-ready copy after both."""
    version = job.input_json["derived_version"]
    if asset.status == MediaAsset.Status.READY and _wants_mezzanine(asset):
        enqueue_mezzanine(asset, version)
    elif is_sound_alone(job) and not is_other_sound(job) and asset.awaits_picture:
        enqueue_picture(asset, version)
    if is_other_sound(job) and asset.faces_hidden_at is not None and not asset.withheld:
        hidden_faces.renew_request(asset)


def ingest_failed(job: MediaJob) -> None:
    """The job was given up: its asset says why. Where another sound could not be made, the one before is kept; where a picture
    could not, the sound stands, and what was decided of it."""
    asset = asset_of(job)
    if asset is None:
        return
    session = lock_session(asset.session_id)
    if is_other_sound(job):
        _register_sound(job, asset)
    else:
        _fail(asset, job)
    location = asset.location(job.input_json["derived_version"])
    deletion.schedule_deletion(key for key in possible_keys(location) if not deletion.is_referenced(key))
    advance_if_ingested(session)


def _fail(asset: MediaAsset, job: MediaJob) -> None:
    asset.status, asset.status_message = MediaAsset.Status.FAILED, operator_sentence(job)
    if is_picture_alone(job):
        # Another sound may be under way, and ends with this message.
        asset.update_status()
    asset.save(update_fields=["status", "status_message", "updated_at"])


def _register_sound(job: MediaJob, asset: MediaAsset) -> None:
    """The asset's files and what is heard are as they were, with a warning."""
    asset.heard, asset.sound_ready_at = job.input_json.get("heard_before"), timezone.now()
    asset.warnings = [
        *asset.warnings,
        f"The chosen sound could not be made: {operator_sentence(job)} The previous sound is kept.",
    ]
    asset.update_status()
    asset.save(update_fields=["status", "heard", "sound_ready_at", "warnings", "updated_at"])
    if _wants_mezzanine(asset) and not asset.derivatives.filter(kind=kinds.MEZZANINE.name).exists():
        # One that was queued for the sound before has given way to the choice.
        _make_more(asset, job)


def _wants_mezzanine(asset: MediaAsset) -> bool:
    wished = settings.MEZZANINE != "off" and (asset.session is None or asset.session.mezzanines)
    return wished and asset.kind == MediaAsset.Kind.VIDEO and asset.faces_hidden_at is None


def retry_ingest(job: MediaJob) -> None:
    """A person gives the job another try: its asset and its session are back where the ingest left them."""
    asset = asset_to_retry(job)
    session = lock_session(asset.session_id)
    if is_other_sound(job):
        asset.heard = job.input_json.get("heard")
        begin_sound(asset, session)
    elif is_picture_alone(job):
        begin_picture(asset)
    else:
        begin_ingest(asset, session)


def possible_keys(location: keys.Location) -> list[str]:
    """Every key that an ingest of this asset may write."""
    plain = [keys.derived_key(location, kind.name) for kind in (kinds.PROXY, kinds.AUDIO_WAV, kinds.THUMBNAIL)]
    return plain + [keys.derived_key(location, kinds.WAVEFORM.name, tier) for tier in map(str, PEAKS)]


def _describe(asset: MediaAsset, made: Ingested) -> None:
    """Copy what was found in the file, and heard of it, onto its asset."""
    if made.plain is not None:
        _describe_plain(asset, made.plain, made.checksum)
        return
    assert made.found
    found, info = made.found, made.found.info
    video, audio = info.video, info.audio
    asset.kind = info.kind
    asset.duration_ms = round(found.duration * 1000)
    asset.has_audio = audio is not None
    said = [*made.warnings, *joined_of(asset).warnings, *_warnings_of_picture(asset)]
    asset.warnings, asset.chapter_warnings = list(dict.fromkeys(said)), []
    asset.media_info, asset.device = found.as_json(), device_as_json(info.device)
    asset.sound_ready_at = timezone.now()
    asset.checksum = made.checksum or asset.checksum
    _describe_sound(asset, made.listened)
    _describe_timecode(asset, made.listened.witnesses if made.listened else info.times.timecodes)
    if video is not None and found.frames is not None:
        asset.fps, asset.variable_frame_rate = format_rate(found.frames.rate), found.frames.variable
        asset.width, asset.height, asset.codec = video.width, video.height, video.codec
        asset.video_start_ms = _ms(found.video_start)
    if audio is not None:
        asset.audio_codec, asset.sample_rate, asset.audio_channels = audio.codec, audio.rate, audio.channels
        asset.audio_start_ms = _ms(found.audio_start)


def _describe_picture(asset: MediaAsset, made: Ingested) -> None:
    """Its warnings lie with the proxy, and with the asset's own."""
    if asset.kind != MediaAsset.Kind.VIDEO:
        return
    asset.picture_ready_at, asset.checksum = timezone.now(), made.checksum
    if made.found is not None and asset.media_info:
        asset.media_info["keyframes"] = made.found.as_json().get("keyframes")
    asset.warnings = list(dict.fromkeys([*asset.warnings, *made.picture_warnings]))


def _warnings_of_picture(asset: MediaAsset) -> list[str]:
    """Those that came with the proxy that is there."""
    proxy = asset.derivatives.filter(kind=kinds.PROXY.name).first() if asset.picture_ready else None
    return proxy.meta.get("warnings", []) if proxy else []


def _describe_plain(asset: MediaAsset, found: PlainFile, checksum: str) -> None:
    asset.forget_file()
    asset.kind, asset.checksum, asset.sound_ready_at = found.kind, checksum, timezone.now()
    asset.width, asset.height, asset.media_info = found.width, found.height, {"container": found.form}


def _describe_sound(asset: MediaAsset, listened: Listened | None) -> None:
    names = joined_of(asset).names
    asset.heard = listened.heard.as_json(names) if listened else None
    asset.tracks = listened.tracks_as_json(names) if listened else []


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


def _replaced_bytes(job: MediaJob, asset: MediaAsset, outputs: Ingested) -> int:
    return sum(_replaced(asset, outputs, parts_of(job)).filter(expired_at=None).values_list("size_bytes", flat=True))


INGEST: FileJob[MediaAsset, Ingested] = FileJob(asset_of, _make, _place, _register, replaces=_replaced_bytes)
HANDLERS = INGEST.handlers(ingest_failed, retry_ingest)
