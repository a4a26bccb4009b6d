"""The base classes of the API's inputs and outputs."""

import json
import math
from collections.abc import Mapping

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from sessions_app.core.directions import isolated
from sessions_app.core.names import is_visible
from sessions_app.core.tenant import ENVS, TENANT_ID
from sessions_app.errors import InvalidInput
from sessions_app.web.parsing import CONTROL


class Text(serializers.CharField):
    """Text that every database can keep: no control characters (NUL is DRF's check), no half of a surrogate pair. What nobody can see is blank, and
    a direction that is opened is ended."""

    def run_validation(self, data=empty):
        unseen = isinstance(data, str) and self.trim_whitespace and not is_visible(data)
        return super().run_validation("" if unseen else data)

    def to_internal_value(self, data):
        if isinstance(data, float) and not math.isfinite(data):
            # JSON can write 1e400, which would become the word "inf".
            raise serializers.ValidationError("This is no text, and not a finite number either.")
        value = super().to_internal_value(data)
        if CONTROL.search(value):
            raise serializers.ValidationError("This text contains control characters. Remove them.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise serializers.ValidationError("This text contains broken characters.") from None
        return isolated(value)


class Number(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            raise serializers.ValidationError("This is not a finite number.")
        return value


@extend_schema_field({"type": "object", "additionalProperties": {}})
class JsonObject(serializers.JSONField):
    """An object of plain JSON that every database can keep; in a form, its text."""

    MAX_CHARS = 64 << 10

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            raise serializers.ValidationError('This must be a JSON object: {"name": "value"}.')
        _refuse_unkept(value)
        if len(json.dumps(value)) > self.MAX_CHARS:
            raise serializers.ValidationError(f"This is longer than {self.MAX_CHARS:,} characters of JSON.")
        return value


def _refuse_unkept(value) -> None:
    """Raise ValidationError for what a database does not keep: NUL, halves of surrogate pairs, infinite numbers."""
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= char <= "\udfff" for char in value)):
        raise serializers.ValidationError("A text in it has broken or NUL characters.")
    if isinstance(value, float) and not math.isfinite(value):
        raise serializers.ValidationError("A number in it is not finite.")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _refuse_unkept(name)
            _refuse_unkept(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unkept(inner)


class Input(serializers.Serializer):
    """A request's body, checked; `parse` answers plain values or raises with the field at fault."""

    @classmethod
    def parse(cls, request, **options) -> dict:
        if not isinstance(request.data, Mapping):
            raise InvalidInput('The body must be a JSON object: {"name": "value"}.')
        serializer = cls(data=request.data, **options)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class NamedInput(Input):
    """The body of an engine route: its tenant and its user may stand in it (`tenancy.context_named` has read them)."""

    OF_CALLER = ("tenant_id", "env", "user_id")

    tenant_id = serializers.RegexField(
        TENANT_ID,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="Or in the query, or the header X-Tenant-Id.",
    )
    env = serializers.ChoiceField(
        ENVS, required=False, allow_null=True, allow_blank=True, help_text="Or in the query, or the header X-Env."
    )
    user_id = Text(
        required=False, allow_null=True, allow_blank=True, max_length=150,
        help_text="Or in the query, or the header X-User-Id; left out, the account that is signed in.",
    )  # fmt: skip

    @classmethod
    def parse(cls, request, **options) -> dict:
        return {name: value for name, value in super().parse(request, **options).items() if name not in cls.OF_CALLER}


class CamelJson(serializers.JSONField):
    """As it is stored; a name with underscores stands in camelCase beside itself, which is older."""

    def to_representation(self, value):
        return both_names(super().to_representation(value))


def both_names(value):
    """Plain JSON whose names with underscores are there in camelCase too."""
    if isinstance(value, list):
        return [both_names(inner) for inner in value]
    if not isinstance(value, Mapping):
        return value
    known = {name: both_names(inner) for name, inner in value.items()}
    return known | {_camel(name): inner for name, inner in known.items() if _camel(name) not in known}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


# A record as an answer shows it. A comment, because the schema shows the docstring of each serializer that has none of its own.
class Output(serializers.Serializer):
    pass
