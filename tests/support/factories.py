"""Records for the tests, each made by a plain function whose arguments are what the test is about."""

import hashlib
import itertools
import json
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from media_app import jobs
from media_app.core.files import keys
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from sessions_app.core.tenant import Context
from sessions_app.models import AccessToken, Membership, RecordingSession
from sync_app.models import SyncResult

TENANT = "t_club"
DAY = date(2026, 1, 13)
_numbers = itertools.count(1001)


def a_user(name: str = "alice", tenant_id: str = TENANT, **fields: Any):
    """Somebody who may act in `tenant_id`; no password, which costs time and is not needed."""
    user, _ = get_user_model().objects.get_or_create(username=name, defaults=fields)
    if tenant_id:
        Membership.objects.get_or_create(user=user, tenant_id=tenant_id, env="dev")
    return user


def a_token(user, tenant_id: str = TENANT) -> str:
    _, raw = AccessToken.issue(user=user, tenant_id=tenant_id, env="dev", name="test")
    return raw


class Api:
    """The API as the holder of a token: `api.get(path)`, `api.post(path, body)`, each answering (status, JSON)."""

    def __init__(self, name: str = "alice", tenant_id: str = TENANT) -> None:
        self.user = a_user(name, tenant_id)
        self.token = a_token(self.user, tenant_id)
        self.client = Client(HTTP_AUTHORIZATION=f"Token {self.token}", raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **more) -> tuple[int, Any]:
        options = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = self.client.generic(method, path, **_encoded(options), **more)
        return answer.status_code, answer.json() if answer.content else None

    def get(self, path: str, **more):
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more):
        return self.call("POST", path, {} if body is None else body, **more)

    def patch(self, path: str, body: Any):
        return self.call("PATCH", path, body)

    def delete(self, path: str):
        return self.call("DELETE", path)

    def put_file(self, url: str, data: bytes, content_type: str = "video/mp4") -> int:
        # Named, because Django's test client leaves both out of a request whose body is empty.
        headers = {"CONTENT_LENGTH": str(len(data)), "CONTENT_TYPE": content_type}
        return Client().put(url, data, content_type=content_type, **headers).status_code

    def upload(self, session, label: str, data: bytes = b"film", filename: str = "a.mp4", **more) -> dict:
        """Send one camera's file in one go, and complete it."""
        _, offer = self.post(f"/v2/sessions/{session}/assets/init-upload", offer_of(label, data, filename, **more))
        assert self.put_file(offer["uploadUrl"], data, offer["contentType"]) == 200
        status, asset = self.post(f"/v2/sessions/{session}/assets/{offer['assetId']}/complete")
        assert status == 200, asset
        return asset


def _encoded(options: dict) -> dict:
    if isinstance(options.get("data"), dict | list):
        options["data"] = json.dumps(options["data"])
    return options


def offer_of(label: str = "A", data: bytes = b"film", filename: str = "a.mp4", **changes) -> dict:
    offer = {"cameraLabel": label, "filename": filename, "contentType": "video/mp4", "sizeBytes": len(data)}
    return offer | changes


def a_session(title: str = "Tuesday lesson", status: str = "draft", **fields) -> RecordingSession:
    fields = {"tenant_id": TENANT, "env": "dev", "date": DAY, "project_id": "spring"} | fields
    return RecordingSession.objects.create(title=title, status=status, **fields)


def an_asset(
    session: RecordingSession, label: str = "A", status: str = "ready", has_audio: bool = True, **fields
) -> MediaAsset:
    """A camera of the session; a ready one with sound has its WAV's row too."""
    version = next(_numbers)
    facts = {
        **session.context.stamp(), "original_filename": f"camera-{label}.mp4", "version": version, "kind": "video",
        "original_key": f"originals/{session.pk}/{label}-{version}.mp4", "project_id": session.project_id,
        "shoot_date": session.date, "size_bytes": 1000, "content_type": "video/mp4",
    } | ready_since(status)  # fmt: skip
    asset = MediaAsset.objects.create(
        session=session, camera_label=label, status=status, has_audio=has_audio, **facts | fields
    )
    if status == "ready" and has_audio:
        a_derivative(asset, "audio-wav")
    return asset


def ready_since(status: str) -> dict:
    """When the parts of an asset of this status were there."""
    return dict.fromkeys(("sound_ready_at", "picture_ready_at"), timezone.now()) if status == "ready" else {}


def a_registry_asset(status: str = "ready", **fields) -> MediaAsset:
    """A file without a session."""
    facts = {"tenant_id": TENANT, "env": "dev", "original_filename": "logo.mov", "kind": "video", "size_bytes": 1000}
    facts |= ready_since(status)
    asset = MediaAsset(status=status, **facts | fields)
    asset.original_key = fields.get("original_key", keys.original_key(asset.location(), asset.original_filename))
    asset.save()
    return asset


def a_derivative(asset: MediaAsset, kind: str = "proxy", variant: str = "") -> DerivedMedia:
    key = f"derived/{asset.pk}/{kind}{variant}"
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind=kind, variant=variant, input_ref=asset.original_key, key=key,
        size_bytes=10, checksum=hashlib.sha256(key.encode()).hexdigest(),
    )  # fmt: skip


def a_result(session: RecordingSession, offsets: dict[str, float | None] | None = None, **fields) -> SyncResult:
    offsets = {"A": 0.0, "B": 1234.5} if offsets is None else offsets
    others = [label for label in offsets if label != "A"]
    facts = {
        **session.context.stamp(), "run": session.sync_results.count() + 1, "master_camera": "A", "offsets_ms": offsets,
        "confidence": dict.fromkeys(others, 14.2), "classification": dict.fromkeys(others, "looks-good"),
        "drift_ppm": dict.fromkeys(others, 0.0), "computed_at": timezone.now(),
    }  # fmt: skip
    return SyncResult.objects.create(session=session, **facts | fields)


def a_synced_session(labels: str = "AB", **fields) -> RecordingSession:
    """Ready cameras, one result, waiting for a person."""
    session = a_session(status="needs-review", **fields)
    for label in labels:
        an_asset(session, label)
    offsets: dict[str, float | None] = {label: 1000.0 * index for index, label in enumerate(labels)}
    a_result(session, offsets)
    return session


def a_job(work: str = "test_v1", **fields) -> MediaJob:
    """A job in the queue; of type `test_v1` unless another is named."""
    given = ("priority", "dedupe_key", "max_attempts", "input_json")
    options = {name: fields.pop(name) for name in given if name in fields}
    # SQLite's clock counts milliseconds, and what is asked for in the next microsecond is not yet due.
    fields.setdefault("run_after", timezone.now() - timedelta(seconds=1))
    tenant = Context(fields.pop("tenant", TENANT), "dev")
    owner = fields.pop("asset", None) or fields.pop("session", None) or tenant
    job = jobs.enqueue(work, owner, **{"input_json": {}} | options)
    if fields:
        MediaJob.objects.filter(pk=job.pk).update(**fields)
        job.refresh_from_db()
    return job
