"""Making a file usable: what was sent becomes proxy, sound, peaks and thumbnail, and then the asset is ready."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from media_app import jobs, storage
from media_app.audio import Wav, open_wav
from media_app.core.files import keys
from media_app.core.files.probe import NotUsable
from media_app.core.files.timecodes import witness_as_json, witness_from_json
from media_app.core.sound.heard import Heard, from_json
from media_app.core.time.progress import Progress
from media_app.core.time.timebase import format_rate
from media_app.core.time.witness import Witnesses
from media_app.jobs import CannotSucceed, Run
from media_app.making import derive
from media_app.making.derive import Derived, DerivedFile, Inspection
from media_app.making.sound import Listened, hear
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import deletion
from media_app.services.assets import next_version
from media_app.services.ingest_queue import advance_if_ingested, begin_ingest
from sessions_app.errors import WrongStatus
from sessions_app.services import lock_session

MEZZANINE_PRIORITY = -10
#: 48 kHz, two channels, 16 bits.
SOUND_BYTES_PER_MS = 192
#: Percent of the job when the file is understood, and when its derivatives are made.
FOUND, MADE = 3, 96


@dataclass(frozen=True, slots=True)
class Making:
    """What is made of an original, in words; `derive`'s function for it, and the bytes of scratch that this may need."""

    step: str
    make: Callable[..., Derived]
    room: Callable[[Inspection], int]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: files in scratch, what was found in the original, doubts, and the original's SHA-256."""

    files: tuple[DerivedFile, ...]
    found: Inspection
    warnings: tuple[str, ...]
    checksum: str
    listened: Listened | None


FOR_REVIEW = Making("making proxy and sound", derive.derive, derive.room_for)
SOUND_ALONE = Making("making the sound", derive.sound, derive.room_for_sound)
#: What is made anew when something else of the sound is to be heard.
OF_SOUND = (DerivedMedia.Kind.AUDIO_WAV, DerivedMedia.Kind.WAVEFORM, DerivedMedia.Kind.MEZZANINE)


def for_edit(codec: str) -> Making:
    return Making("making the mezzanine", partial(derive.mezzanine, codec=codec), derive.room_for_mezzanine)


class SourceChanged(NotUsable):
    """The object under an asset's key is not the file that was given."""

    code = "source_changed"


def ingest(run: Run) -> None:
    """One decode of the original; then, in one transaction, the asset is ready with all its derivatives.

    Raises CannotSucceed with a sentence for the operator when the file is at fault.
    """
    asset = _asset_of(run)
    if asset is None:
        return
    angle = asset.angle(_own_version(run, asset))
    making = _for_review(run.job)
    made = _make(run, asset, making)
    run.progress(MADE, "storing")
    stored = _store(run, angle, made.files)
    with run.completing() as result:
        asset = _asset_of(run)
        if asset is None:
            deletion.schedule_deletion(stored)
            result["superseded"] = True
            return
        session = lock_session(asset.session_id)
        register(asset, stored, replacing=DerivedMedia.Kind.values if making is FOR_REVIEW else OF_SOUND)
        _describe(asset, made)
        asset.save()
        result["derivatives"] = sorted(stored)
        result["checksums"] = {key: file.sha256 for key, file in stored.items()}
        if asset.kind == MediaAsset.Kind.VIDEO and settings.MEZZANINE != "off":
            enqueue_mezzanine(asset, run.job.input_json["derived_version"])
        advance_if_ingested(session)


def _for_review(job: MediaJob) -> Making:
    return SOUND_ALONE if job.input_json.get("sound_alone") else FOR_REVIEW


def ingest_failed(job: MediaJob) -> None:
    """The job was given up: its asset says why."""
    asset = MediaAsset.objects.filter(jobs=job).first()
    if asset is None or asset.original_key != job.input_json.get("original_key"):
        return
    session = lock_session(asset.session_id)
    asset.status, asset.status_message = MediaAsset.Status.FAILED, _operator_sentence(job)
    asset.save(update_fields=["status", "status_message", "updated_at"])
    angle = asset.angle(job.input_json["derived_version"])
    deletion.schedule_deletion(key for key in possible_keys(angle) if not deletion.is_referenced(key))
    advance_if_ingested(session)


def ingest_again(job: MediaJob) -> None:
    """A person gives the job another try: its asset and its session are back where the ingest left them."""
    asset = MediaAsset.objects.filter(jobs=job).first()
    if asset is None or asset.original_key != job.input_json.get("original_key"):
        raise WrongStatus("The file that this job was for has been replaced or removed: there is nothing to do again.")
    begin_ingest(asset, lock_session(asset.session_id))


def enqueue_mezzanine(asset: MediaAsset, derived_version: int) -> MediaJob:
    return jobs.enqueue(
        "engine_mezzanine_v1",
        asset.context,
        input_json={
            "asset_id": str(asset.pk),
            "camera": asset.camera_label,
            "original_key": asset.original_key,
            "derived_version": derived_version,
            "format": settings.MEZZANINE,
        },
        session=asset.session,
        asset=asset,
        priority=MEZZANINE_PRIORITY,
        dedupe_key=f"mezzanine:{asset.pk}:{derived_version}",
    )


def make_mezzanine(run: Run) -> None:
    """The edit-ready copy, after everything that review waits for."""
    asset = _asset_of(run)
    if asset is None:
        return
    angle = asset.angle(_own_version(run, asset))
    made = _make(run, asset, for_edit(run.job.input_json["format"]))
    run.progress(MADE, "storing")
    stored = _store(run, angle, made.files)
    with run.completing() as result:
        asset = _asset_of(run)
        if asset is None:
            deletion.schedule_deletion(stored)
            result["superseded"] = True
            return
        register(asset, stored)
        result["derivatives"] = sorted(stored)
        result["checksums"] = {key: file.sha256 for key, file in stored.items()}


def mezzanine_failed(job: MediaJob) -> None:
    """Review goes on without it; the asset says that the edit will have to use the original."""
    asset = MediaAsset.objects.filter(jobs=job).first()
    if asset is None or asset.original_key != job.input_json.get("original_key"):
        return
    asset.warnings = [*asset.warnings, f"No mezzanine: {_operator_sentence(job)} The edit can use the original."]
    asset.save(update_fields=["warnings", "updated_at"])
    key = keys.derived_key(asset.angle(job.input_json["derived_version"]), "mezzanine")
    if not deletion.is_referenced(key):
        deletion.schedule_deletion([key])


@contextmanager
def sound_of(asset: MediaAsset, scratch: Path, *, cancelled: Callable[[], bool] | None = None) -> Iterator[Wav]:
    """An asset's 48 kHz sound, to read block by block. A WAV that the lifecycle took is made again from the original.

    Raises ObjectMissing when the original is gone too.
    """
    store = storage.store()
    kept = asset.derivatives.filter(kind=DerivedMedia.Kind.AUDIO_WAV).first()
    with ExitStack() as held:
        if kept is not None and kept.expired_at is None and store.head(kept.key) is not None:
            path = held.enter_context(store.local_copy(kept.key, scratch))
        else:
            original = held.enter_context(store.local_copy(asset.original_key, scratch))
            path = hear(original, scratch, wanted=heard_of(asset), cancelled=cancelled).wav
        yield held.enter_context(open_wav(path, asset.camera_label))


def room_for_sound(asset: MediaAsset) -> int:
    """Bytes of scratch that `sound_of` may need."""
    store = storage.store()
    kept = asset.derivatives.filter(kind=DerivedMedia.Kind.AUDIO_WAV, expired_at=None).first()
    if kept is not None:
        return store.copied_bytes(kept.size_bytes)
    return store.copied_bytes(asset.size_bytes) + (asset.duration_ms or 0) * SOUND_BYTES_PER_MS


@contextmanager
def _original(asset: MediaAsset, run: Run) -> Iterator[Path]:
    """The original as a local file of the size that was announced. What the file itself is to blame for inside becomes
    CannotSucceed."""
    run.progress(0, "fetching the original")
    run.reserve(storage.store().copied_bytes(asset.size_bytes))
    with storage.store().local_copy(asset.original_key, run.scratch) as path:
        try:
            _refuse_other_size(path, asset)
            run.progress(1, "looking at it")
            yield path
        except NotUsable as error:
            raise CannotSucceed(str(error)) from error


def _make(run: Run, asset: MediaAsset, making: Making) -> Made:
    """Fetch, look, reserve, make: in the scratch of `run`, the same for a job and for whoever does it over.

    Raises CannotSucceed, Cancelled, NoRoomNow, NoRoomEver.
    """
    with _original(asset, run) as original, ThreadPoolExecutor(1) as beside:
        heard = heard_of(asset)
        if making in (FOR_REVIEW, SOUND_ALONE) and heard and not heard.is_by_hand:
            heard = None
        found = derive.inspect(original, heard=heard, cancelled=run.cancelled, logs=run.scratch)
        run.reserve(storage.store().copied_bytes(asset.size_bytes) + making.room(found))
        checksum = beside.submit(_checksum, original, asset)
        run.progress(FOUND, making.step)
        made = making.make(
            original,
            found,
            _folder(run, "derived"),
            on_progress=_teller(run, found, making.step),
            cancelled=run.cancelled,
            logs=run.scratch,
        )
        run.check()
        return Made(made.files, found, made.warnings, checksum.result(), made.listened)


def witnesses_of(asset: MediaAsset) -> Witnesses:
    """What an ingested file says of its time, besides its sound."""
    info = asset.media_info or {}
    created = info.get("created")
    return Witnesses(
        asset.camera_label,
        tuple(witness_from_json(stored) for stored in info.get("timecodes", ())),
        None if created is None else Fraction(created).limit_denominator(1000),
        Fraction(asset.duration_ms or 0, 1000),
    )


def is_timecode_only(asset: MediaAsset) -> bool:
    """Whether nothing but LTC was found in an asset's sound."""
    heard = heard_of(asset)
    return heard is not None and not heard.channels


def heard_of(asset: MediaAsset) -> Heard | None:
    """What is listened to of an asset's sound, once it has been ingested."""
    stored = (asset.media_info or {}).get("heard")
    return from_json(stored) if stored else None


def _refuse_other_size(path: Path, asset: MediaAsset) -> None:
    size = path.stat().st_size
    if size != asset.size_bytes:
        raise SourceChanged(
            f"The file in the store has {size:,} bytes and {asset.size_bytes:,} were announced: something replaced it. "
            "Upload it again."
        )


def _checksum(path: Path, asset: MediaAsset) -> str:
    """SHA-256 of the original. Raises SourceChanged when an earlier ingest of it found another."""
    found = derive.sha256(path)
    if asset.checksum and found != asset.checksum:
        raise SourceChanged("The file in the store is not the one that was ingested before. Upload it again.")
    return found


def possible_keys(angle: keys.Angle) -> list[str]:
    """Every key that an ingest of this angle may write."""
    plain = [keys.derived_key(angle, kind) for kind in ("proxy", "audio-wav", "thumbnail")]
    return plain + [keys.derived_key(angle, "waveform", tier) for tier in map(str, derive.PEAKS)]


def _asset_of(run: Run) -> MediaAsset | None:
    """The job's asset as it is now; None when it was removed or given another file, and there is nothing to do."""
    asset = MediaAsset.objects.select_related("session").filter(jobs=run.job).first()
    if asset is None or asset.original_key != run.job.input_json.get("original_key"):
        return None
    return asset


def _folder(run: Run, name: str) -> Path:
    folder = run.scratch / name
    folder.mkdir()
    return folder


def _teller(run: Run, found: Inspection, step: str) -> Callable[[Progress], None]:
    """ffmpeg's progress as the job's, between FOUND and MADE percent."""
    duration = float(found.duration)

    def tell(progress: Progress) -> None:
        run.progress(FOUND + (MADE - FOUND) * (progress.percent(duration) or 0) / 100, step)

    return tell


def _variant(file: DerivedFile) -> str:
    return str(file.meta.get("points_per_second", ""))


def _own_version(run: Run, asset: MediaAsset) -> int:
    """The version of the keys to write. After a lost worker it is a new one: should that worker wake in the midst of
    storing, its objects are not ours, and are pending deletion already."""
    if not run.lost_before:
        return int(run.job.input_json["derived_version"])
    with transaction.atomic():
        lock_session(asset.session_id)
        version = next_version(asset)
        run.amend(derived_version=version)
    return version


def _store(run: Run, angle: keys.Angle, files: tuple[DerivedFile, ...]) -> dict[str, DerivedFile]:
    placed = {keys.derived_key(angle, file.kind, _variant(file)): file for file in files}
    deletion.store_files(run, {key: (file.path, file.content_type) for key, file in placed.items()})
    return placed


def register(asset: MediaAsset, stored: dict[str, DerivedFile], *, replacing: Collection[str] = ()) -> None:
    """Rows for what was stored, in the caller's transaction. What an earlier ingest made of the kinds in `replacing` goes."""
    deletion.confirm(stored)
    # What a person had made of this very original is not the ingest's to throw away.
    masters = Q(kind=DerivedMedia.Kind.RENDER, input_ref=asset.original_key)
    for row in asset.derivatives.filter(kind__in=replacing).exclude(masters).exclude(key__in=list(stored)):
        row.delete()
    for key, file in stored.items():
        DerivedMedia.objects.update_or_create(
            asset=asset,
            kind=file.kind,
            variant=_variant(file),
            input_ref=asset.original_key,
            defaults={
                **asset.context.stamp(),
                "key": key,
                "content_type": file.content_type,
                "size_bytes": file.size,
                "checksum": file.sha256,
                "meta": file.meta,
                "expired_at": None,
            },
        )


def _describe(asset: MediaAsset, made: Made) -> None:
    """Copy what was found in the file onto its asset."""
    found = made.found.listening_to(made.listened.audio) if made.listened else made.found
    info, video, audio = found.info, found.info.video, found.info.audio
    asset.status, asset.status_message = MediaAsset.Status.READY, ""
    asset.kind, asset.checksum = info.kind, made.checksum
    asset.duration_ms = round(found.duration * 1000)
    asset.timecode = info.timecode or ""
    asset.has_audio = audio is not None
    asset.warnings = [*made.warnings, *([] if audio else ["It has no sound, so its offset must be set by hand."])]
    asset.media_info = found.as_json()
    if made.listened:
        asset.media_info |= made.listened.as_json()
        asset.media_info["timecodes"] += [witness_as_json(witness) for witness in made.listened.witnesses]
    if video is not None and found.frames is not None:
        asset.fps, asset.variable_frame_rate = format_rate(found.frames.rate), found.frames.variable
        asset.width, asset.height, asset.codec = video.width, video.height, video.codec
        asset.video_start_ms = _ms(found.video_start)
    if audio is not None:
        asset.audio_codec, asset.sample_rate, asset.audio_channels = audio.codec, audio.rate, audio.channels
        asset.audio_start_ms = _ms(found.audio_start)


def _ms(seconds: Fraction | None) -> float | None:
    return None if seconds is None else round(float(seconds) * 1000, 4)


def _operator_sentence(job: MediaJob) -> str:
    if job.status == MediaJob.Status.FAILED:
        return job.error_message[:500]
    if job.status == MediaJob.Status.CANCELLED:
        return "Its processing was cancelled. Start it again from the session page."
    return f"Studio tried {job.attempts} times and could not process this file: {job.error_message}"[:500]


def replay_ingest(run: Run, first: MediaJob) -> dict[str, str]:
    """What `first` made for review, made again in scratch: key → checksum."""
    return _made_again(run, first, _for_review(first))


def replay_mezzanine(run: Run, first: MediaJob) -> dict[str, str]:
    """The mezzanine that `first` made, made again in scratch: key → checksum."""
    return _made_again(run, first, for_edit(first.input_json["format"]))


def _made_again(run: Run, first: MediaJob, making: Making) -> dict[str, str]:
    asset = _asset_to_replay(first)
    angle = asset.angle(first.input_json["derived_version"])
    files = _make(run, asset, making).files
    return {keys.derived_key(angle, file.kind, _variant(file)): file.sha256 for file in files}


def _asset_to_replay(first: MediaJob) -> MediaAsset:
    asset = MediaAsset.objects.in_tenant(first.context).filter(pk=first.input_json.get("asset_id")).first()
    if asset is None or asset.original_key != first.input_json.get("original_key"):
        raise CannotSucceed("The file that this job was for has been replaced or removed: there is nothing to do over.")
    return asset
