"""Why an export cannot be made as it was asked for; `field` is the place in the request."""

from sessions_app.errors import StudioError


class ExportRefused(StudioError):
    """A field of the request cannot be used."""

    code = "export_refused"
    status = 422


class UnknownAngle(ExportRefused):
    """There is no camera of this name."""

    code = "unknown_angle"


class NoAngle(ExportRefused):
    """No angle is in force where the export begins."""

    code = "no_angle_at_start"


class BeyondRange(ExportRefused):
    """A point lies where nothing is exported any more."""

    code = "beyond_range"


class NotCovered(ExportRefused):
    """A camera is to be seen, or heard, when it was not recording."""

    code = "no_media_there"


def refused(field: str, message: str, error: type[ExportRefused] = ExportRefused, **details: object) -> ExportRefused:
    """The error, ready to be raised: the field before the sentence."""
    return error(f"{field} {message}", field=field, details=details)
