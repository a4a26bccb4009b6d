"""The base classes of the API's inputs and outputs."""

from rest_framework import serializers


class Text(serializers.CharField):
    """Text that every database can keep: no NUL (DRF's check), no half of a surrogate pair."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise serializers.ValidationError("This text contains broken characters.") from None
        return value


class Input(serializers.Serializer):
    """A request's body, checked; `parse` answers plain values or raises with the field at fault."""

    @classmethod
    def parse(cls, request, **options) -> dict:
        serializer = cls(data=request.data, **options)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


# A record as an answer shows it. A comment, because the schema shows the docstring of each serializer that has none of its own.
class Output(serializers.Serializer):
    pass
