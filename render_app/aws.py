"""The only module that knows MediaConvert: send a job, ask after it, stop it."""

from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from sessions_app.errors import StudioError

#: What the service says of a job that will not go on.
ENDED_BADLY = ("ERROR", "CANCELED")


class AwsUnreachable(StudioError):
    """MediaConvert does not answer, or refuses; trying later may help."""

    code = "mediaconvert_unreachable"
    status = 503


def send(*, token: str, role: str, queue: str, job_settings: dict[str, Any], tags: dict[str, str]) -> str:
    """A new job's id. Sent again with the same `token`, the service answers with the job it has."""
    wanted: dict[str, Any] = {"ClientRequestToken": token, "Role": role, "Settings": job_settings, "UserMetadata": tags}
    if queue:
        wanted["Queue"] = queue
    return str(_asked("create_job", **wanted)["Job"]["Id"])


def state(job_id: str) -> tuple[str, float, str]:
    """(status, percent, error message) of a job: SUBMITTED, PROGRESSING, COMPLETE, CANCELED or ERROR."""
    job = _asked("get_job", Id=job_id)["Job"]
    return str(job["Status"]), float(job.get("JobPercentComplete") or 0), str(job.get("ErrorMessage") or "")


def stop(job_id: str) -> None:
    _asked("cancel_job", Id=job_id)


def _asked(method: str, **wanted: Any) -> dict[str, Any]:
    client = _client(
        settings.MEDIACONVERT_ENDPOINT_URL,
        settings.MEDIACONVERT_REGION,
        settings.S3_ACCESS_KEY_ID,
        settings.S3_SECRET_ACCESS_KEY,
    )
    try:
        return dict(getattr(client, method)(**wanted))
    except (BotoCoreError, ClientError) as error:
        raise AwsUnreachable(f"MediaConvert rejected the request: {error}") from error


@lru_cache(maxsize=4)
def _client(endpoint: str, region: str, access_key: str, secret_key: str):
    return boto3.client(
        "mediaconvert",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        config=Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4}),
    )
