"""Sessions in every state, straight into the database and the store: for tests of the pages that show them."""

import struct
import zlib
from datetime import date, timedelta

from django.utils import timezone

from media_app import storage
from media_app.core.files import keys
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from sessions_app.models import RecordingSession
from sync_app.models import SyncDecision, SyncResult
from tests.support.factories import ready_since


def shoot(**fields) -> RecordingSession:
    """A session of the local tenant."""
    return RecordingSession.objects.create(
        **{"title": "Cello lesson", "date": date(2026, 3, 14), "project_id": "lessons"} | fields
    )


def picture(red: int, green: int, blue: int, width: int = 320, height: int = 180) -> bytes:
    """A PNG of one colour that darkens to the right."""
    row = bytes([0]) + b"".join(
        bytes(round(part * (1 - 0.6 * x / width)) for part in (red, green, blue)) for x in range(width)
    )

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * height))
        + chunk(b"IEND", b"")
    )


COLOURS = {"A": (190, 150, 110), "B": (90, 130, 160), "C": (150, 90, 120)}
FACTS = {
    "kind": "video", "duration_ms": 3_612_480, "fps": "30000/1001", "width": 3840, "height": 2160, "codec": "h264",
    "has_audio": True, "audio_codec": "aac", "sample_rate": 48000, "audio_channels": 2, "size_bytes": 8_123_456_789,
}  # fmt: skip


def camera(session: RecordingSession, label: str, *, with_files: bool = True, **fields) -> MediaAsset:
    """A camera of a session: ready with all its files, unless asked otherwise."""
    known = {**session.context.stamp(), "session": session, "camera_label": label, "status": "ready"}
    known |= {"original_filename": f"C00{ord(label)}.MP4", "project_id": session.project_id, "shoot_date": session.date}
    known |= FACTS | fields
    ready = ready_since(known["status"])
    asset = MediaAsset.objects.create(**ready | known, version=MediaAsset.objects.count() + 1)
    asset.original_key = keys.original_key(asset.angle(), asset.original_filename)
    asset.save()
    if with_files and asset.status == "ready":
        kinds = ["thumbnail", "proxy", "mezzanine", "audio-wav"] if asset.kind == "video" else ["audio-wav"]
        for kind in kinds:
            key = keys.derived_key(asset.angle(), kind)
            DerivedMedia.objects.create(
                **session.context.stamp(),
                asset=asset,
                kind=kind,
                key=key,
                input_ref=asset.original_key,
                size_bytes=123_456_789,
            )
            if kind == "thumbnail":
                storage.store().put_bytes(key, picture(*COLOURS.get(label, (120, 120, 120))), content_type="image/png")
    return asset


def synced(session: RecordingSession, scores: dict[str, float | None], **fields) -> SyncResult:
    """The sync of a session, with a score for each camera but the master, A."""

    def word(score: float | None) -> str:
        return (
            "needs-manual-nudge" if score is None or score < 5 else "review-suggested" if score < 10 else "looks-good"
        )

    found = {"A": 0.0} | {
        label: None if score is None else 1234.5 * (ord(label) - 64) for label, score in scores.items()
    }
    return SyncResult.objects.create(
        **session.context.stamp(),
        session=session,
        run=session.sync_results.count() + 1,
        master_camera="A",
        offsets_ms=found,
        confidence=scores,
        classification={label: word(score) for label, score in scores.items()},
        drift_ppm=dict.fromkeys(scores, 3.2),
        warnings={
            label: ["Camera heard too little to be sure. Listen before approving."]
            for label, score in scores.items()
            if not score
        },
        computed_at=timezone.now(),
        **fields,
    )


def decided(result: SyncResult, action: str = "approved", notes: str = "") -> None:
    result.operator_status, result.decided_by, result.approved_at = action, "Maya", timezone.now()
    result.save()
    SyncDecision.objects.create(
        **result.session.context.stamp(), session=result.session, result=result, action=action, actor="operator",
        decided_by="Maya", offsets_before=None, offsets_after=result.offsets_ms, notes=notes,
    )  # fmt: skip


def job(asset: MediaAsset | None, session: RecordingSession, **fields) -> MediaJob:
    known = {
        "type": "ingest_sound_v1",
        "status": "PROCESSING",
        "progress_percent": 41,
        "progress_step": "reading the audio",
    }
    known |= {"eta_seconds": 140, "locked_by": "studio-1:4711", "locked_at": timezone.now(), "attempts": 1}
    if asset is not None:
        known["input_json"] = {
            "asset_id": str(asset.pk),
            "camera": asset.camera_label,
            "original_key": asset.original_key,
            "derived_version": asset.version,
        }
    known["lease_until"] = timezone.now() + timedelta(hours=1)
    return MediaJob.objects.create(**session.context.stamp(), session=session, asset=asset, **known | fields)


def gallery() -> dict[str, RecordingSession]:
    """One session in every state, with pictures."""
    made = {}
    made["draft"] = shoot(title="Tomorrow's rehearsal", location="Studio 2")
    sending = shoot(title="Violin masterclass", status="ingesting", location="Great Hall")
    camera(sending, "A")
    camera(sending, "B", status="uploading", with_files=False)
    made["sending"] = sending
    busy = shoot(title="Piano lesson with Mr Okafor", status="ingesting")
    camera(busy, "A")
    job(camera(busy, "B", status="ingesting"), busy)
    job(
        camera(busy, "C", status="ingesting"),
        busy,
        status="PENDING",
        progress_percent=0,
        attempts=0,
        locked_by="",
        locked_at=None,
    )
    made["busy"] = busy
    comparing = shoot(title="Press conference", status="syncing", project_id="newsroom")
    for label in "ABC":
        camera(comparing, label)
    job(None, comparing, type="sync_session_v1", progress_step="comparing A and B", progress_percent=63, eta_seconds=12)
    made["comparing"] = comparing
    sure = shoot(title="Cello lesson, second term", status="needs-review", location="Room 14")
    for label in "ABC":
        camera(sure, label)
    old = synced(sure, {"B": 6.1, "C": 4.2}, superseded_at=timezone.now())
    decided(old, "corrected", "C was 2 frames late")
    synced(sure, {"B": 18.4, "C": 12.9})
    made["sure"] = sure
    doubtful = shoot(title="Choir, open air", status="needs-review")
    for label in "ABC":
        camera(doubtful, label)
    synced(doubtful, {"B": 14.0, "C": None})
    made["doubtful"] = doubtful
    broken = shoot(
        title="Interview with a very long title that a careful producer has typed out in full, with names",
        status="needs-review",
        status_reason="Sync needs two recordings with sound: camera B could not be ingested. Replace the file, or set the offsets by hand.",
    )
    camera(broken, "A", warnings=["The picture has 12 frames missing at 0:03:10."])
    bad = camera(broken, "B", status="failed", status_message="The file ends in the middle: its index is missing. Copy it from the card again, then replace it.")  # fmt: skip
    job(
        bad,
        broken,
        status="FAILED",
        error_code="cannot_succeed",
        error_message=bad.status_message,
        completed_at=timezone.now(),
    )
    dead = camera(broken, "C", status="failed", status_message="Studio tried 3 times and could not process this file: the store does not answer.")  # fmt: skip
    job(dead, broken, status="DEAD", attempts=3, error_code="store_unreachable", error_message="The store does not answer.", completed_at=timezone.now())  # fmt: skip
    made["broken"] = broken
    ready = shoot(title="Cello lesson, first term", status="ready")
    for label in "ABCD":
        camera(ready, label, kind="audio" if label == "D" else "video")
    decided(synced(ready, {"B": 17.3, "C": 15.0, "D": 22.8}))
    job(None, ready, type="sync_session_v1", status="COMPLETED", completed_at=timezone.now(), progress_percent=100)
    made["ready"] = ready
    return made
