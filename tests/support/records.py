"""One row of everything in a tenant, by the names of the parameters that addresses have for them."""

import uuid
from datetime import timedelta

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from media_app.core.files import keys
from media_app.models import MediaAsset, MediaJob, MediaJobAttempt, Upload, Webhook
from render_app.models import (
    Anonymisation,
    AutomationCurve,
    Clip,
    Export,
    FilterPreset,
    FilterStack,
    FirstFilm,
    MotionPreset,
    Production,
    Sequence,
    Track,
    Transition,
    VideoProject,
)
from render_app.services import clearances
from sessions_app.models import AccessToken, Invitation, Membership, RecordingSession
from sync_app.services import review
from tests.support.factories import a_derivative, a_job, a_synced_session, a_user

#: A body in which every operation finds what it asks for, but for ids.
A_BODY = {
    "title": "mine", "date": "2026-01-13", "projectId": "spring", "cameraLabel": "A", "filename": "a.mp4", "contentType": "video/mp4", "sizeBytes": 4, "approvedBy": "Eve",
    "correctedBy": "Eve", "offsets": {"B": 1}, "preset": "convert_aac_v1", "url": "https://example.org/", "events": ["job.failed"],
    "action": "retry", "verb": "retry",
}  # fmt: skip


def one_of_everything(tenant: str, words: str = "Ours") -> dict[str, str]:
    """Every record's words are `words`; the values are parameters of addresses (`tests.support.routes`) and their ids."""
    rows = _rows(tenant, words)
    named = {f"{row._meta.app_label}/{row._meta.model_name}": str(row.pk) for row in rows.values()}
    session = rows["session"]
    return {
        **{f"{name}_id": str(row.pk) for name, row in rows.items()},
        **named,
        "artifact_id": str(rows["derivative"].pk),
        "number": "1",
        "id": str(rows["user"].pk),
        "content_type_id": str(ContentType.objects.get_for_model(RecordingSession).pk),
        "object_id": str(session.pk),
        "key": rows["asset"].original_key,
        "attempt_no": "1",
        "name": "master.m3u8",
        "verb": "retry",
        "target_type": "clip",
        "target_id": str(rows["clip"].pk),
        "stream": "stdout",
        "url": "nothing-here",
    }


def _rows(tenant: str, words: str) -> dict[str, Model]:
    session = a_synced_session(tenant_id=tenant, title=words, location=words, notes=words)
    review.approve(session.context, session.pk, approved_by=words, notes=words)
    asset = session.assets.first()
    MediaAsset.objects.filter(pk=asset.pk).update(
        original_filename=f"{words}.mp4", status_message=words, warnings=[words]
    )
    job = _failed_job(session, asset, words)
    user = a_user(f"member-of-{tenant}", tenant)
    token, _ = AccessToken.issue(user=user, tenant_id=tenant, env="dev", name=words)
    stamp = session.context.stamp()
    return {
        "session": session,
        "asset": asset,
        "artifact": a_derivative(asset, "frame"),
        "derivative": a_derivative(asset, "proxy"),
        "job": job,
        "render_job": render_job_of(session, words),
        "export": export_of(session, words),
        "first_film": FirstFilm.objects.create(**stamp, session=session, preset="calm", outcome="failed", note=words),
        "upload": _upload(asset, words),
        "webhook": Webhook.objects.create(**stamp, url=f"https://example.org/{words}", events=["job.failed"]),
        "production": Production.objects.create(
            **stamp, asset=asset, packager="hls", status="failed", error_message=words
        ),
        **film_of(session, words),
        "result": session.sync_results.first(),
        "decision": session.sync_decisions.first(),
        "token": token,
        "membership": Membership.objects.get(user=user, tenant_id=tenant),
        "invitation": Invitation.objects.create(
            tenant_id=tenant, env="dev", note=words, digest=uuid.uuid4().hex, expires_at=timezone.now() + timedelta(days=1)
        ),
        "user": user,
        "group": Group.objects.get_or_create(name="everybody")[0],
    }  # fmt: skip


def _failed_job(session: RecordingSession, asset: MediaAsset, words: str) -> MediaJob:
    job = a_job("engine_mezzanine_v1", tenant=asset.tenant_id, session=session, asset=asset)
    MediaJob.objects.filter(pk=job.pk).update(status="DEAD", attempts=1, error_code="broken", error_message=words)
    MediaJobAttempt.objects.create(
        **asset.context.stamp(), job=job, attempt_no=1, outcome="failed", error_message=words, worker=words,
        started_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    return job


def render_job_of(session: RecordingSession, words: str) -> MediaJob:
    job = a_job("render_v1", tenant=session.tenant_id, session=session)
    expected = {
        "frames": 25,
        "duration_ms": 1000.0,
        "width": 320,
        "height": 180,
        "fps": "25/1",
        "audio_samples": 48_000,
    }
    plan = {
        "inputs": [], "filter_complex": "", "maps": [], "output_args": [], "commands": [], "files": {}, "frames": [],
        "made": {}, "measures": [], "expected": expected, "meta": {"title": words},
    }  # fmt: skip
    asked = {"plan": plan, "render_cache_key": words, "project_id": None}
    MediaJob.objects.filter(pk=job.pk).update(status="DEAD", error_message=words, input_json=asked)
    return job


def export_of(session: RecordingSession, words: str) -> Export:
    """An export that failed."""
    return Export.objects.create(
        **session.context.stamp(), session=session, request_json={"note": words}, outcome="failed", error_code="dead",
        error_message=words, warnings_json=[words],
    )  # fmt: skip


def _upload(asset: MediaAsset, words: str) -> Upload:
    return Upload.objects.create(
        **asset.context.stamp(), asset=asset, version=asset.version + 1, filename=f"{words}-again.mp4", size_bytes=4,
        content_type="video/mp4", part_size=0, key=keys.original_key(asset.location(asset.version + 1), "a.mp4"),
    )  # fmt: skip


def film_of(session: RecordingSession, words: str) -> dict[str, Model]:
    """A project with one row of everything in it, and a preset of each kind."""
    stamp = {**session.context.stamp(), "user_id": words}
    project = VideoProject.objects.create(**stamp, title=words, render_profile="draft_480p_fast", session=session)
    sequence = Sequence.objects.create(**stamp, project=project, name=words, timebase="25/1")
    track = Track.objects.create(**stamp, sequence=sequence, kind="video")
    clip, after = (
        Clip.objects.create(**stamp, track=track, text={"text": words}, out_ms=1000, start_ms_on_timeline=at)
        for at in (0, 1000)
    )
    of = {"sequence": sequence, "clip": clip}
    shake = [{"property": "scale", "keyframes": [{"time_ms": 0, "value": 1}]}]
    return {
        "project": project,
        "sequence": sequence,
        "track": track,
        "clip": clip,
        "transition": Transition.objects.create(
            **stamp, sequence=sequence, type="crossfade", duration_ms=200, from_clip=clip, to_clip=after
        ),
        "anonymisation": Anonymisation.objects.create(
            **stamp,
            asset=session.assets.first(),
            preset="medium",
            cache_key="0",
            cleared_by=words,
            status="cleared",
            cleared_at=timezone.now(),
            scan_version=clearances.current(),
        ),
        "filter_stack": FilterStack.objects.create(**stamp, **of, filters=[{"type": "gamma"}]),
        "automation": AutomationCurve.objects.create(**stamp, **of, **shake[0]),
        "filter_preset": FilterPreset.objects.create(**stamp, name=words, filters=[{"type": "gamma"}]),
        "motion_preset": MotionPreset.objects.create(**stamp, name=words, duration_ms=500, tracks=shake),
    }
