"""What can go wrong in a store in a way that a person can act on."""

from sessions_app.errors import StudioError


class BadKey(StudioError):
    """A storage key that no store may be asked for."""

    code = "bad_storage_key"


class ObjectMissing(StudioError):
    """There is nothing under this key."""

    code = "object_missing"
    status = 404


class UploadGone(StudioError):
    """The multipart upload was completed, given up, or never begun."""

    code = "upload_gone"
    status = 410


class PartsMismatch(StudioError):
    """What arrived is not the file that was announced. `details["parts"]` lists the numbers to send again."""

    code = "parts_mismatch"
    status = 409


class StoreFull(StudioError):
    """The disk under the store has no space."""

    code = "store_full"
    status = 507


class StoreTooSmall(StoreFull):
    """A file that the store could not hold if it were empty."""

    code = "no_room"
    status = 413


class StoreUnreachable(StudioError):
    """The store does not answer, or not as a store should; trying later may help."""

    code = "store_unreachable"
    status = 503


class StoreRefused(StudioError):
    """The store answers, and refuses: its credentials, bucket or permissions are not as they should be."""

    code = "store_refused"
    status = 503


def missing(key: str) -> ObjectMissing:
    return ObjectMissing(f"The store holds nothing under {key}: it was deleted, or its upload was never completed.")


def upload_gone(key: str) -> UploadGone:
    return UploadGone(
        f"The upload of {key} is no longer open: it was completed, abandoned or cleaned up. Start a new upload."
    )
