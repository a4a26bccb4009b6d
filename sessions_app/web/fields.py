"""What every API input has in common, and every output."""

from collections.abc import Callable
from datetime import UTC
from operator import attrgetter
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from rest_framework import serializers
from rest_framework.fields import SkipField


class Text(serializers.CharField):
    """Text that every database can keep: no NUL (DRF's check), no half of a surrogate pair."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise serializers.ValidationError("This text has broken characters in it.") from None
        return value


class Input(serializers.Serializer):
    """A request's body, checked; `parse` answers plain values or raises with the field at fault."""

    @classmethod
    def parse(cls, request, **options) -> dict:
        serializer = cls(data=request.data, **options)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


# A record as an answer shows it. Its fields are made once for all answers, where DRF makes them for each: so they know of
# no request. Said here, because the schema shows a docstring for each kind that has none of its own.
class Output(serializers.Serializer):
    @property
    def fields(self):  # type: ignore[override]
        return self._once("_fields", lambda: super(Output, self).fields)

    def to_representation(self, instance) -> dict[str, Any]:
        shown = {}
        for name, read, tell in self._once("_plan", self._planned):
            try:
                value = read(instance)
            except SkipField:
                continue
            shown[name] = None if value is None else tell(value)
        return shown

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        kind = type(self)
        if name not in vars(kind):
            setattr(kind, name, make())
        return vars(kind)[name]

    def _planned(self) -> list[tuple[str, Callable, Callable]]:
        """Name of each field, how to read its value from a record, and how to tell it."""
        columns = getattr(getattr(self, "Meta", None), "model", None)
        return [
            (
                name,
                attrgetter(field.source) if _is_column(columns, field.source) else field.get_attribute,
                _moment(field) if type(field) is serializers.DateTimeField else field.to_representation,
            )
            for name, field in self.fields.items()
            if not field.write_only
        ]


def _is_column(model, source: str) -> bool:
    try:
        return model is not None and bool(model._meta.get_field(source).concrete)
    except FieldDoesNotExist:
        return False


def _moment(field: serializers.DateTimeField) -> Callable:
    """As DRF tells a moment, without asking for the time zone of this thread, which is UTC for every one of Studio's."""

    def tell(value):
        return value.isoformat()[:-6] + "Z" if value.tzinfo is UTC else field.to_representation(value)

    return tell
