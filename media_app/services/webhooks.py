"""Telling other programs what happened: which addresses want to know of what, and the job that tells each.

An event's message is written in the transaction of what it tells about, as a job; so nothing is told that did not happen,
and nothing that happened goes untold because a receiver slept. It may be told twice: its id stays the same.
"""

import base64
import hashlib
import hmac
import json
import logging
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import Error as DjangoDbError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone

from media_app import jobs, outbound
from media_app.jobs import Run, job_given_up
from media_app.models import MediaJob, Webhook
from media_app.services import quota
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, StudioError
from sessions_app.models import RecordingSession
from sessions_app.services import get_session

log = logging.getLogger(__name__)

JOB_TYPE = "webhook_v1"
#: With the queue's doubling wait: about an hour from the first try to the last.
TRIES = 8
MOST = 50


class NotDelivered(StudioError):
    """The receiver did not say that it has the message."""

    code = "not_delivered"


def get_webhook(context: Context, webhook_id) -> Webhook:
    webhook = Webhook.objects.in_tenant(context).filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound(f"There is no webhook {webhook_id} here. List the webhooks to see their ids.")
    return webhook


def create_webhook(context: Context, *, url: str, events: list[str], session_id=None, **fields: Any) -> Webhook:
    """Raises InvalidInput or AddressRefused naming the field at fault."""
    outbound.check(url)
    session = _session(context, session_id)
    if Webhook.objects.in_tenant(context).count() >= MOST:
        raise InvalidInput(f"A tenant has at most {MOST} webhooks. Remove one that is not needed.", field="url")
    return Webhook.objects.create(**context.stamp(), url=url, events=events, session=session, **fields)


def update_webhook(context: Context, webhook_id, changes: dict[str, Any]) -> Webhook:
    if "url" in changes:
        outbound.check(changes["url"])
    if "session_id" in changes:
        changes["session"] = _session(context, changes.pop("session_id"))
    with transaction.atomic():
        webhook = get_webhook(context, webhook_id)
        for name, value in changes.items():
            setattr(webhook, name, value)
        webhook.save()
    return webhook


def _session(context: Context, session_id) -> RecordingSession | None:
    if session_id is None:
        return None
    try:
        return get_session(context, session_id)
    except NotFound as error:
        raise InvalidInput(error.message, field="sessionId") from error


def remove_webhook(context: Context, webhook_id) -> None:
    """What still waits to be sent there is withdrawn."""
    with transaction.atomic():
        webhook = get_webhook(context, webhook_id)
        jobs.withdraw(deliveries(webhook))
        webhook.delete()


def new_secret(context: Context, webhook_id) -> Webhook:
    """From now on messages are signed with another secret."""
    with transaction.atomic():
        webhook = get_webhook(context, webhook_id)
        Webhook.objects.filter(pk=webhook.pk).update(generation=F("generation") + 1, updated_at=timezone.now())
        webhook.refresh_from_db()
    return webhook


def secret_of(webhook: Webhook) -> str:
    """What signs its messages: made of the installation's secret key, so that a copy of the database tells nobody."""
    seed = f"studio.webhook.{webhook.pk}.{webhook.generation}"
    digest = hmac.digest(settings.SECRET_KEY.encode(), seed.encode(), hashlib.sha256)
    return "whsec_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256, keyed with the secret as it is written, over `timestamp.body`."""
    return "v1=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def deliveries(webhook: Webhook) -> QuerySet[MediaJob]:
    jobs_of_it = MediaJob.objects.filter(tenant_id=webhook.tenant_id, env=webhook.env, type=JOB_TYPE)
    return jobs_of_it.filter(input_json__webhook_id=str(webhook.pk))


def ping(context: Context, webhook_id) -> MediaJob:
    """A message that says nothing, to see whether it arrives."""
    quota.refuse_webhook(context)
    return _enqueue(get_webhook(context, webhook_id), str(uuid.uuid4()), "ping", {})


def session_moved(session: RecordingSession, came_from: str) -> None:
    """In the transaction that moved the session."""
    told = {"id": str(session.pk), "status": session.status, "statusBefore": came_from, "reason": session.status_reason}
    _tell(session.context, Webhook.Event.SESSION_STATUS, {"session": told}, session.pk)


@receiver(job_given_up, dispatch_uid="media_app.webhooks")
def _job_ended_badly(job: MediaJob, **_: Any) -> None:
    if job.type == JOB_TYPE or job.status not in (MediaJob.Status.FAILED, MediaJob.Status.DEAD):
        return
    told = {
        "id": str(job.pk),
        "type": job.type,
        "status": job.status,
        "errorCode": job.error_code,
        "errorMessage": job.error_message[:2000],
        "sessionId": str(job.session_id) if job.session_id else None,
        "assetId": str(job.asset_id) if job.asset_id else None,
    }
    _tell(job.context, Webhook.Event.JOB_FAILED, {"job": told}, job.session_id)


def _tell(context: Context, event: str, facts: dict[str, Any], session_id) -> None:
    """One job for each webhook that wants to know. What goes wrong here must not undo what is told about."""
    try:
        with transaction.atomic():
            event_id = str(uuid.uuid4())
            for webhook in _listeners(context, event, session_id):
                _enqueue(webhook, event_id, event, facts)
    except DjangoDbError:
        raise
    except Exception:
        log.exception("%s could not be told", event)


def _listeners(context: Context, event: str, session_id) -> Iterable[Webhook]:
    hooks = Webhook.objects.in_tenant(context).filter(Q(session=None) | Q(session_id=session_id), active=True)
    return [hook for hook in hooks if event in hook.events]


def _enqueue(webhook: Webhook, event_id: str, event: str, facts: dict[str, Any]) -> MediaJob:
    message = {
        "id": event_id,
        "event": event,
        "at": timezone.now().isoformat(),
        "tenantId": webhook.tenant_id,
        "env": webhook.env,
        **facts,
    }
    return jobs.enqueue(
        JOB_TYPE,
        webhook.context,
        input_json={"webhook_id": str(webhook.pk), "message": message},
        max_attempts=TRIES,
        dedupe_key=f"webhook:{webhook.pk}:{event_id}",
    )


def deliver(run: Run) -> None:
    """Send one message. An address that may not be sent to ends the job at once; whatever else goes wrong is tried again.

    The request goes out before the row says so: a worker that dies between sends it again, under the same id.
    """
    webhook = Webhook.objects.filter(pk=run.job.input_json["webhook_id"], active=True).first()
    if webhook is None:
        with run.completing() as result:
            result["superseded"] = True
        return
    message = run.job.input_json["message"]
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()
    timestamp = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "Studio-Event": message["event"],
        "Studio-Event-Id": message["id"],
        "Studio-Timestamp": str(timestamp),
        "Studio-Signature": signature(secret_of(webhook), timestamp, body),
    }
    try:
        status = outbound.post(webhook.url, body, headers)
    except outbound.AddressRefused as error:
        raise jobs.CannotSucceed(str(error)) from error
    if not 200 <= status < 300:
        more = " Give the address that it redirects to." if 300 <= status < 400 else ""
        raise NotDelivered(f"The receiver answered {status} instead of 2xx.{more}")
    with run.completing() as result:
        result["status"] = status


HANDLERS = jobs.Handlers(deliver)
