"""Conditions that Django does not have for every database."""

from typing import Any

from django.db.models import BooleanField, Func, Value


class HasElement(Func):
    """Whether a JSON list contains a string: `.filter(HasElement("tags", "interview"))`."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, field: str, element: str, **extra: Any) -> None:
        super().__init__(field, Value(element), **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "EXISTS(SELECT 1 FROM json_each(%(expressions)s)"
        return self.as_sql(
            compiler, connection, template=template + ")", arg_joiner=") WHERE json_each.value = (", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" ? ", **context)
