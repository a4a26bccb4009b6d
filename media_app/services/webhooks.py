"""Webhooks: addresses that are notified of events, and one job for each notification.

A message is written as a job in the transaction of its event: there is no message without the event, and no event without
the message because a receiver was down. A message may be sent twice; its id stays the same. A message that has not been sent
yet takes up the next one about the same session or job, so a receiver that is slow gets the latest state once. Deliveries
run at the priority of background work, where the jobs of one tenant take turns with everybody else's.
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
from django.db.models.functions import Now
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
#: Webhooks of one tenant.
MOST = 50
#: That of mezzanines: nobody sits and waits for a delivery.
PRIORITY = -10
#: Deliveries that no receiver has seen: they wait, or were over the quota.
UNTRIED = Q(status=MediaJob.Status.PENDING, attempts=0)
REFUSED = Q(status=MediaJob.Status.DEAD, attempts=0, error_code=quota.TooMuchWaiting.code)


class NotDelivered(StudioError):
    """The receiver did not acknowledge the message."""

    code = "not_delivered"


def listed(context: Context) -> QuerySet[Webhook]:
    """The tenant's webhooks, without those that were named with one piece of work."""
    return Webhook.objects.in_tenant(context).filter(is_inline=False)


def get_webhook(context: Context, webhook_id) -> Webhook:
    webhook = listed(context).filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound(f"There is no webhook {webhook_id} here. List the webhooks to see their ids.")
    return webhook


def create_webhook(context: Context, *, url: str, events: list[str], session_id=None, **fields: Any) -> Webhook:
    """Raises InvalidInput or AddressRefused naming the field at fault."""
    outbound.check(url)
    session = _session(context, session_id)
    if listed(context).count() >= MOST:
        raise InvalidInput(f"A tenant has at most {MOST} webhooks. Remove one that is not needed.", field="url")
    return Webhook.objects.create(**context.stamp(), url=url, events=events, session=session, **fields)


def create_inline(context: Context, url: str, events: list[str]) -> Webhook:
    """An address for one piece of work, notified by `announce` alone. Raises AddressRefused."""
    outbound.check(url)
    return Webhook.objects.create(**context.stamp(), url=url, events=events, is_inline=True)


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
    """Remove a webhook and cancel its waiting deliveries."""
    with transaction.atomic():
        webhook = get_webhook(context, webhook_id)
        jobs.withdraw(deliveries(webhook))
        webhook.delete()


def new_secret(context: Context, webhook_id) -> Webhook:
    """Replace the secret that signs a webhook's messages."""
    with transaction.atomic():
        webhook = get_webhook(context, webhook_id)
        Webhook.objects.filter(pk=webhook.pk).update(generation=F("generation") + 1, updated_at=timezone.now())
        webhook.refresh_from_db()
    return webhook


def secret_of(webhook: Webhook) -> str:
    """The secret that signs a webhook's messages: derived from the installation's secret key, so it is in no database copy."""
    seed = f"studio.webhook.{webhook.pk}.{webhook.generation}"
    digest = hmac.digest(settings.SECRET_KEY.encode(), seed.encode(), hashlib.sha256)
    return "whsec_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256, keyed with the secret as it is written, over `timestamp.body`."""
    return "v1=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def deliveries(webhook: Webhook) -> QuerySet[MediaJob]:
    of_tenant = MediaJob.objects.filter(tenant_id=webhook.tenant_id, env=webhook.env, type=JOB_TYPE)
    return of_tenant.filter(input_json__webhook_id=str(webhook.pk))


def ping(context: Context, webhook_id) -> MediaJob:
    """Queue an empty message, to see whether it arrives."""
    quota.refuse_webhook(context)
    webhook = get_webhook(context, webhook_id)
    return _enqueue(webhook, _message(webhook.context, "ping", {}), subject="")


def session_moved(session: RecordingSession, came_from: str) -> None:
    """Notify of a session's new status, in the transaction that changed it."""
    moved = {
        "id": str(session.pk),
        "status": session.status,
        "statusBefore": came_from,
        "reason": session.status_reason,
    }
    _notify(session.context, Webhook.Event.SESSION_STATUS, {"session": moved}, session.pk)


@receiver(job_given_up, dispatch_uid="media_app.webhooks")
def _job_ended_badly(job: MediaJob, **_: Any) -> None:
    if job.type == JOB_TYPE or job.status not in (MediaJob.Status.FAILED, MediaJob.Status.DEAD):
        return
    failed = {
        "id": str(job.pk),
        "type": job.type,
        "status": job.status,
        "errorCode": job.error_code,
        "errorMessage": job.error_message[:2000],
        "sessionId": str(job.session_id) if job.session_id else None,
        "assetId": str(job.asset_id) if job.asset_id else None,
    }
    _notify(job.context, Webhook.Event.JOB_FAILED, {"job": failed}, job.session_id)


def announce(context: Context, event: str, facts: dict[str, Any], session_id, *, also: Webhook | None = None) -> None:
    """Notify of something that has ended, in the transaction that ended it; `also` the address that was named with it."""
    _notify(context, event, facts, session_id, also)


def _notify(context: Context, event: str, facts: dict[str, Any], session_id, also: Webhook | None = None) -> None:
    """Queue the message for each webhook that asked for the event. An error here must not undo the event itself."""
    try:
        with transaction.atomic():
            message = _message(context, event, facts)
            [subject] = (fact["id"] for fact in facts.values())
            for webhook in (*_listeners(context, event, session_id), *([also] if also else [])):
                if not _merge_into(UNTRIED, webhook, message, subject):
                    _queue(webhook, message, subject)
    except DjangoDbError:
        raise
    except Exception:  # whatever it is, the session has moved or the job has failed, and that must be kept
        log.exception("no webhook was notified of %s", event)


def _listeners(context: Context, event: str, session_id) -> Iterable[Webhook]:
    hooks = listed(context).filter(Q(session=None) | Q(session_id=session_id), active=True)
    return [hook for hook in hooks if event in hook.events]


def _message(context: Context, event: str, facts: dict[str, Any]) -> dict[str, Any]:
    at = timezone.now().isoformat()
    return {
        "id": str(uuid.uuid4()),
        "event": event,
        "at": at,
        "tenantId": context.tenant_id,
        "env": context.env,
        **facts,
    }


def _merge_into(these: Q, webhook: Webhook, message: dict[str, Any], subject: str) -> bool:
    """Let one of these deliveries send this message in place of its own about the same; False where there is none."""
    unsent = MediaJob.objects.filter(these)
    same = unsent.filter(dedupe_key__startswith=_key(webhook, message["event"], subject)).first()
    if same is None:
        return False
    merged = {**same.input_json, "message": _merged(same.input_json["message"], message)}
    return bool(unsent.filter(pk=same.pk).update(input_json=merged, updated_at=Now()))


def _queue(webhook: Webhook, message: dict[str, Any], subject: str) -> None:
    """Queue the message. An event cannot be refused: over the tenant's quota its message is kept among the deliveries as one
    that failed, where it can be read and retried."""
    try:
        quota.refuse_webhook(webhook.context)
    except quota.TooMuchWaiting as error:
        if not _merge_into(REFUSED, webhook, message, subject):
            jobs.give_up(_enqueue(webhook, message, subject), error)
    else:
        _enqueue(webhook, message, subject)


def _merged(unsent: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The later message; a session's status before it is the last one that the receiver may know."""
    if "session" not in later:
        return later
    return {**later, "session": {**later["session"], "statusBefore": unsent["session"]["statusBefore"]}}


def _key(webhook: Webhook, event: str, subject: str) -> str:
    return f"webhook:{webhook.pk}:{event}:{subject}:"


def _enqueue(webhook: Webhook, message: dict[str, Any], subject: str) -> MediaJob:
    return jobs.enqueue(
        JOB_TYPE,
        webhook.context,
        input_json={"webhook_id": str(webhook.pk), "message": message},
        priority=PRIORITY,
        max_attempts=TRIES,
        dedupe_key=_key(webhook, message["event"], subject) + message["id"],
    )


def deliver(run: Run) -> None:
    """Send one message. An address that is not allowed ends the job at once; any other failure is tried again.

    The request is sent before the job is completed: after a crash in between it is sent again, under the same id.
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
        more = " Use the address that it redirects to." if 300 <= status < 400 else ""
        raise NotDelivered(f"The receiver answered {status} instead of 2xx.{more}")
    with run.completing() as result:
        result["status"] = status


HANDLERS = jobs.Handlers(deliver)
