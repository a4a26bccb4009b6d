"""Errors that files and jobs share; no database, so that `sync_files` may load what raises them."""

from sessions_app.errors import StudioError


class CannotSucceed(StudioError):
    """A fault of the job's input: trying again would change nothing. The message is for the operator."""

    code = "cannot_succeed"
