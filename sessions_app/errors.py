"""What can go wrong in a way that a person can act on. `studio/api.py` turns each into one HTTP answer."""


class StudioError(Exception):
    """A sentence for the person who can mend it: what is wrong, with which field or file, and what to do.

    `code` is for programs, `status` the HTTP answer, `field` the request's field at fault, `details` further facts.
    """

    code = "studio_error"
    status = 400

    def __init__(self, message: str, *, field: str | None = None, details: dict | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = details or {}


class InvalidInput(StudioError):
    """A field of the request cannot be used."""

    code = "invalid_input"


class NotFound(StudioError):
    """There is no such record in the caller's tenant."""

    code = "not_found"
    status = 404


class Forbidden(StudioError):
    """The caller may not act here."""

    code = "forbidden"
    status = 403


class SignedOut(StudioError):
    """A page's request without a sign-in: the session ended while the page was open."""

    code = "not_authenticated"
    status = 401


class WrongStatus(StudioError):
    """The record has already moved on, or is not there yet."""

    code = "wrong_status"
    status = 409


class StaleVersion(StudioError):
    """Somebody else changed the record since the caller read it."""

    code = "stale_version"
    status = 409
