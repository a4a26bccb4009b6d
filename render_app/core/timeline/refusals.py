"""Why a timeline cannot be taken: one type for each fault, with the record and the field at fault.

`details` names the record by its kind: `clip_id`, `track_id`, `transition_id`, `filter_stack_id`, `automation_id`,
`sequence_id`, besides `filter_index`, `keyframe_index` or `shape_index` where the fault lies inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sessions_app.errors import StudioError

#: The id of a record that is about to be made.
NEW = "new"
_SHOWN = 80


class TimelineRefused(StudioError):
    """A record of a timeline cannot be used as it is."""

    code = "timeline_refused"
    status = 422


class UnknownField(TimelineRefused):
    """A record has a field that there is not."""

    code = "unknown_field"


class MissingField(TimelineRefused):
    """A record lacks a field that it needs."""

    code = "missing_field"


class WrongType(TimelineRefused):
    """A field's value is of another type."""

    code = "wrong_type"


class BrokenText(TimelineRefused):
    """Text that no database keeps: control characters, NUL, halves of characters."""

    code = "broken_text"
    status = 400


class UnknownValue(TimelineRefused):
    """A field names a filter, a transition, a mode … that there is not."""

    code = "unknown_value"


class OutOfRange(TimelineRefused):
    """A number that nothing sensible could be made of by clamping it."""

    code = "out_of_range"


class Contradiction(TimelineRefused):
    """Two fields of a record, each good by itself, exclude each other."""

    code = "contradiction"


class UnknownRecord(TimelineRefused):
    """A record points at one that the sequence has not, or that lies elsewhere."""

    code = "unknown_record"


class DuplicateRecord(TimelineRefused):
    """Two records with one id, or two for one target."""

    code = "duplicate_record"


class UnknownMedia(TimelineRefused):
    """There is no such asset, artifact, session or camera in the tenant."""

    code = "unknown_media"
    status = 404


class BeyondMedia(TimelineRefused):
    """A clip uses more than its medium has."""

    code = "beyond_media"


class WrongMedia(TimelineRefused):
    """A clip's medium has no picture, no sound, or is of a kind that cannot stand there."""

    code = "wrong_media"


class NothingToBlend(TimelineRefused):
    """A transition has neither an overlap nor handles, or its clips do not meet."""

    code = "nothing_to_blend"


class TooMany(TimelineRefused):
    """More records than a sequence may have."""

    code = "too_many"


@dataclass(frozen=True, slots=True)
class Place:
    """A record of a timeline, for the person who has to mend it. `path` leads to the part of it that is being read, such as
    `filters[0].params.`, and `inside` says the same as numbers: {"filter_index": 0}."""

    kind: str
    id: str
    path: str = ""
    inside: Mapping[str, Any] = field(default_factory=dict)

    def into(self, name: str) -> "Place":
        """A field that has fields of its own."""
        return replace(self, path=f"{self.path}{name}.")

    def entry(self, name: str, index: str, number: int) -> "Place":
        """One entry of a list; `index` is what the details call its number."""
        return replace(self, path=f"{self.path}{name}[{number}].", inside={**self.inside, index: number})

    def field(self, name: str) -> str:
        """A field's whole path."""
        return f"{self.path}{name}"

    @property
    def details(self) -> dict[str, Any]:
        """What an error's `details` say of it."""
        return {f"{self.kind}_id": self.id, **self.inside}

    def __str__(self) -> str:
        kind = self.kind.replace("_", " ")
        return f"The new {kind}" if self.id == NEW else f"{kind.capitalize()} {self.id}"


def refuse(error: type[TimelineRefused], place: Place, name: str, message: str, **more: Any) -> TimelineRefused:
    """The error, ready to be raised: its place as data, and in words with the field's path before the message."""
    path = place.field(name)
    return error(f"{place}: {path} {message}", field=path, details={**place.details, **more})


def shown(value: Any) -> str:
    """A value for a sentence."""
    text = repr(value) if not isinstance(value, Fraction) else f"{float(value):g}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
