"""The fields that records of a timeline have: type, unit, default, clamps. One table reads them, documents them and serves them.

A number outside its clamps is moved to the nearest one and listed; unknown fields and values and wrong types are refused.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from media_app.core.not_allowed import NOT_ALLOWED, NotAllowed
from media_app.core.time.timebase import parse_rate
from render_app.core.timeline.edges import exact
from render_app.core.timeline.kept import finite, readable, unbroken, unkept
from render_app.core.timeline.refusals import (
    BrokenText,
    MissingField,
    OutOfRange,
    Place,
    TimelineRefused,
    TooMany,
    UnknownField,
    UnknownValue,
    WrongType,
    refuse,
    shown,
)
from sessions_app.core.directions import isolated
from sessions_app.core.names import is_visible

#: A field with this default has to be sent.
REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Clamped:
    """A number that was moved into its range: what was sent, and what is used."""

    place: Place
    field: str
    sent: float
    used: float

    @property
    def as_json(self) -> dict[str, Any]:
        """As `meta.clamped` lists it."""
        return {**self.place.details, "field": self.field, "from": self.sent, "to": self.used}


@dataclass(slots=True)
class Reading:
    """Records while they are read, and the numbers that were clamped on the way."""

    _found: dict[tuple[str, str, str], Clamped] = field(default_factory=dict)

    @property
    def clamped(self) -> tuple[Clamped, ...]:
        """Each number once, however many rules have moved it."""
        return tuple(self._found.values())

    def clamp(self, place: Place, name: str, sent: float, used: float) -> None:
        """Note that a field's number was moved."""
        path = place.field(name)
        before = self._found.get((place.kind, place.id, path))
        self._found[place.kind, place.id, path] = Clamped(place, path, before.sent if before else sent, used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its default where it is left out, whether null is a value, and what it says."""

    name: str
    default: Any = REQUIRED
    nullable: bool = False
    help: str = ""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        """The checked value. Raises TimelineRefused."""
        raise NotImplementedError

    def refuse(self, error: type[TimelineRefused], place: Place, message: str, **more: Any) -> TimelineRefused:
        """The refusal of this field's value."""
        return refuse(error, place, self.name, message, **more)

    def wrong(self, place: Place, wanted: str, value: Any) -> TimelineRefused:
        """The refusal of a value of another type."""
        return self.refuse(WrongType, place, f"must be {wanted}, not {shown(value)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A finite number. Outside `low` to `high` it is clamped; with `strict` it is refused, as is all that is not `above`.

    `exact`: read as a Fraction of the decimal that was written. `whole`: an integer; `odd`: an odd one, the next below.
    """

    low: float
    high: float
    above: float | None = None
    unit: str = ""
    exact: bool = False
    whole: bool = False
    odd: bool = False
    strict: bool = False

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        """The number within its range."""
        self._check(value, place)
        used = min(max(value, self.low), self.high)
        if self.odd:
            used = math.floor(used) - (math.floor(used) + 1) % 2
        if used != value:
            reading.clamp(place, self.name, readable(value), used)
        if self.exact:
            return exact(used)
        return int(used) if self.whole or self.odd else used

    def _check(self, value: Any, place: Place) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(place, "a number", value)
        if isinstance(value, float) and not math.isfinite(value):
            raise self.wrong(place, "a finite number", value)
        if self.whole and value % 1:
            raise self.wrong(place, "a whole number", value)
        if self.above is not None and value <= self.above:
            raise self.refuse(OutOfRange, place, f"must be above {self.above:g}, not {shown(value)}.")
        if self.strict and not self.low <= value <= self.high:
            raise self.refuse(OutOfRange, place, f"must be from {self.low:g} to {self.high:g}, not {shown(value)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Field):
    """True or false."""

    def read(self, value: Any, place: Place, reading: Reading) -> bool:
        """The value as it is."""
        if not isinstance(value, bool):
            raise self.wrong(place, "true or false", value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Field):
    """One of a few words."""

    choices: tuple[str, ...]

    def read(self, value: Any, place: Place, reading: Reading) -> str:
        """The word, one of the choices."""
        if not isinstance(value, str):
            raise self.wrong(place, "text", value)
        if value not in self.choices:
            message = f"must be one of {', '.join(self.choices)}, not {shown(value)}."
            raise self.refuse(UnknownValue, place, message, choices=list(self.choices))
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Field):
    """Text of at most so many characters; `one_line`: no control characters; `filled`: not empty; `form` says `pattern` in words."""

    most: int
    one_line: bool = True
    filled: bool = False
    pattern: str = ""
    form: str = ""

    def read(self, value: Any, place: Place, reading: Reading) -> str:
        """The text, as it is, but that a direction which is opened in it is ended."""
        if not isinstance(value, str):
            raise self.wrong(place, "text", value)
        if len(value) > self.most:
            raise self.refuse(OutOfRange, place, f"may have {self.most} characters, not {len(value)}.")
        if self.filled and not is_visible(value):
            raise self.refuse(OutOfRange, place, "must not be empty.")
        if unkept(value) or (self.one_line and not value.isprintable()):
            raise self.refuse(BrokenText, place, "has control or broken characters. Leave them out.")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise self.wrong(place, self.form, value)
        return isolated(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Id(Field):
    """The id of a record."""

    MOST: ClassVar[int] = 100

    def read(self, value: Any, place: Place, reading: Reading) -> str:
        """The id as it is."""
        if not isinstance(value, str) or not 0 < len(value) <= self.MOST:
            raise self.wrong(place, f"an id of at most {self.MOST} characters", value)
        if not value.isprintable() or unkept(value):
            raise self.refuse(BrokenText, place, "has control or broken characters. Leave them out.")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Field):
    """Frames per second, exactly: `"30000/1001"` or a whole number."""

    slowest: int = 1
    fastest: int = 240

    def read(self, value: Any, place: Place, reading: Reading) -> Fraction:
        """The rate as a Fraction."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.wrong(place, 'a rate such as 25 or "30000/1001"', value)
        if isinstance(value, float) and not value.is_integer():
            raise self.wrong(place, 'written exactly, as a whole number or a ratio such as "30000/1001"', value)
        try:
            rate = parse_rate(value) if isinstance(value, str) else Fraction(value)
        except ValueError:
            raise self.wrong(place, 'a rate such as 25 or "30000/1001"', value) from None
        if not self.slowest <= rate <= self.fastest:
            raise self.refuse(OutOfRange, place, f"must be from {self.slowest} to {self.fastest}, not {shown(value)}.")
        return rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Object(Field):
    """A JSON object whose names are the client's own."""

    def read(self, value: Any, place: Place, reading: Reading) -> dict[str, Any]:
        """The object, of plain values that every database can keep."""
        if not isinstance(value, Mapping):
            raise self.wrong(place, "an object", value)
        if not unbroken(value):
            raise self.refuse(BrokenText, place, "has broken or NUL characters in a text, or is too deep.")
        if not finite(value):
            raise self.refuse(WrongType, place, "has a number that is not finite.")
        return dict(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Field):
    """A record of its own, which its own table reads."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        """The value as it is."""
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Field):
    """An object with fields of its own."""

    fields: tuple[Field, ...]

    def read(self, value: Any, place: Place, reading: Reading) -> dict[str, Any]:
        """Its values by name; of those left out, the defaults."""
        if not isinstance(value, Mapping):
            raise self.wrong(place, f"an object of {', '.join(one.name for one in self.fields)}", value)
        return read_fields(self.fields, value, place.into(self.name), reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(Field):
    """A list of objects; `index` is what a place calls the number of one: `filter_index`. `fields` are those of each."""

    fields: tuple[Field, ...]
    most: int
    index: str
    least: int = 0

    def read(self, value: Any, place: Place, reading: Reading) -> tuple[dict[str, Any], ...]:
        """The values of each, checked at its own place."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.wrong(place, "a list", value)
        if len(value) > self.most:
            raise self.refuse(TooMany, place, f"has {len(value)} entries; at most {self.most} may be.")
        if len(value) < self.least:
            raise self.refuse(OutOfRange, place, f"has {len(value)} entries; at least {self.least} must be.")
        return tuple(
            self._entry(one, place.entry(self.name, self.index, number), reading) for number, one in enumerate(value)
        )

    def _entry(self, value: Any, place: Place, reading: Reading) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise WrongType(
                f"{place}: {place.path[:-1]} must be an object.", field=place.path[:-1], details=place.details
            )
        return read_fields(self.fields, value, place, reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers(Field):
    """An object of numbers, such as the axes of a font: names of the form `pattern`."""

    most: int
    pattern: str
    low: float
    high: float

    def read(self, value: Any, place: Place, reading: Reading) -> dict[str, float]:
        """Each number within the range."""
        if not isinstance(value, Mapping) or len(value) > self.most:
            raise self.wrong(place, f"an object of at most {self.most} numbers", value)
        inside = place.into(self.name)
        for name in value:
            if not re.fullmatch(self.pattern, str(name)):
                raise refuse(UnknownField, inside, str(name)[:80], "is no such name.")
        numbers = {name: Number(name=name, low=self.low, high=self.high) for name in value}
        return {name: one.read(value[name], inside, reading) for name, one in numbers.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs(Field):
    """A list of [x, y]."""

    most: int
    low: float
    high: float

    def read(self, value: Any, place: Place, reading: Reading) -> tuple[tuple[float, float], ...]:
        """Each pair within the range."""
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self.wrong(place, f"a list of at most {self.most} pairs [x, y]", value)
        number = Number(name=self.name, low=self.low, high=self.high)
        pairs = []
        for pair in value:
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                raise self.wrong(place, "a list of pairs [x, y]", pair)
            pairs.append((number.read(pair[0], place, reading), number.read(pair[1], place, reading)))
        return tuple(pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids(Field):
    """A list of ids, each once."""

    least: int
    most: int

    def read(self, value: Any, place: Place, reading: Reading) -> tuple[str, ...]:
        """The ids in their order."""
        if not isinstance(value, list | tuple) or not self.least <= len(value) <= self.most:
            raise self.wrong(place, f"a list of {self.least} to {self.most} ids", value)
        one = Id(name=self.name)
        found = tuple(one.read(each, place, reading) for each in value)
        if len(set(found)) != len(found):
            raise self.refuse(UnknownValue, place, "names one id twice.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags(Field):
    """A list of words, each kept once."""

    most: int
    longest: int

    def read(self, value: Any, place: Place, reading: Reading) -> tuple[str, ...]:
        """The words in their order."""
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self.wrong(place, f"a list of at most {self.most} words", value)
        word = Words(name=self.name, most=self.longest, filled=True)
        return tuple(dict.fromkeys(word.read(one, place, reading) for one in value))


def read_fields(fields: Sequence[Field], data: Mapping[str, Any], place: Place, reading: Reading) -> dict[str, Any]:
    """Every field's value by name; of those left out, the defaults. Raises TimelineRefused, NotAllowed."""
    refuse_unknown([one.name for one in fields], data, place)
    return {one.name: _read_one(one, data, place, reading) for one in fields}


def refuse_unknown(
    known: Sequence[str], data: Mapping[str, Any], place: Place, *, listed: Sequence[str] | None = None
) -> None:
    """Raise for the first name that is none of the known ones: NotAllowed for a path, else UnknownField.

    `listed`: those that the sentence lists, where it is not all.
    """
    for name in data:
        if name in NOT_ALLOWED:
            path = place.field(name)
            raise NotAllowed(f"{place}: {path} is not taken. {NOT_ALLOWED[name]}", field=path, details=place.details)
        if name not in known:
            raise refuse(
                UnknownField, place, str(name)[:80], f"does not exist. Known here: {', '.join(listed or known)}."
            )


def _read_one(one: Field, data: Mapping[str, Any], place: Place, reading: Reading) -> Any:
    if one.name not in data:
        return _default(one, place, reading)
    value = data[one.name]
    if value is None and (one.nullable or one.default is None):
        return one.default
    return one.read(value, place, reading)


def _default(one: Field, place: Place, reading: Reading) -> Any:
    if one.default is REQUIRED:
        raise refuse(MissingField, place, one.name, "is missing.")
    # An object that is left out has its own fields' defaults; and no two records share one.
    return one.read({}, place, reading) if isinstance(one.default, dict) else one.default
