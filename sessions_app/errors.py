"""The root of every error that Studio raises on purpose."""


class StudioError(Exception):
    """A sentence that a person can act on; `code` and `status` are for programs."""

    code = "studio_error"
    status = 400
