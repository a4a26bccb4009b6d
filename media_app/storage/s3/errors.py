"""The errors of S3 as errors of Studio."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from media_app.storage.errors import PartsMismatch, StoreFull, StoreRefused, StoreUnreachable
from sessions_app.errors import StudioError

_ABSENT = {"404", "NoSuchKey", "NoSuchUpload", "NotFound"}
_BAD_PARTS = {"EntityTooSmall", "InvalidPart", "InvalidPartOrder"}
_CANNOT = {"501", "MethodNotAllowed", "NotImplemented"}
_BUSY = {"429", "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "TooManyRequests"}
_PAST_THE_END = {"416", "InvalidRange"}


class CannotDo(StoreRefused):
    """The store does not know this request at all."""


class PastTheEnd(StudioError):
    """A range begins behind the object's last byte."""


@contextmanager
def s3_errors(key: str, absent: StudioError | None = None) -> Iterator[None]:
    """Say what the store says so that a person can act on it; `absent` is what "not found" means here."""
    try:
        yield
    except Boto3Error as error:
        cause = error.__context__
        raise (_meaning(cause, key, absent) if isinstance(cause, ClientError) else _unreachable(error)) from error
    except ClientError as error:
        raise _meaning(error, key, absent) from error
    except NoCredentialsError as error:
        raise StoreRefused("The store wants credentials: set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.") from error
    except BotoCoreError as error:
        raise _unreachable(error) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(
                f"There is no space on this machine's disk for {key}: free some space, then try again."
            ) from error
        raise


def _meaning(error: ClientError, key: str, absent: StudioError | None) -> StudioError:
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    if code in _ABSENT and absent:
        return absent
    if code in _BAD_PARTS:
        return PartsMismatch(f"The store cannot join the parts of {key}: {message} Send them again.", field="parts")
    if code in _PAST_THE_END:
        return PastTheEnd(f"{key} ends before the range begins.")
    if code in _BUSY or (code.startswith("5") and code not in _CANNOT):
        return StoreUnreachable(f"The store is too busy or out of order ({code}): try again in a moment.")
    kind = CannotDo if code in _CANNOT else StoreRefused
    return kind(f"The store refused ({code}: {message}): check S3_BUCKET, its keys and what they may do.")


def _unreachable(error: Exception) -> StoreUnreachable:
    return StoreUnreachable(
        f"The store cannot be reached ({type(error).__name__}): check S3_ENDPOINT_URL and the network."
    )
