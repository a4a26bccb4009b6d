"""Reads that every click asks for, composed once.

Django composes the SQL of a query each time that it is asked, which takes a process several times as long as the database
takes to answer it by a key. A `Read` keeps what was composed, with gaps where values stand, and fills the gaps. Where
queries depend on what a caller filters by, QuerySets do as always.
"""

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, UUIDField, Value
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)


class Read(Generic[M]):
    """`compose` gets a stand-in for each gap, by name, and answers a QuerySet; each gap's Field says how its value is
    told to the database. The QuerySet's shape may depend on nothing else.

        CAMERAS = Read(lambda session: MediaAsset.objects.filter(session_id=session), session=UUIDField())
        CAMERAS.all(session=session.pk)
    """

    def __init__(self, compose: Callable[..., QuerySet[M, Any]], /, **gaps: Field) -> None:
        self._compose = compose
        self._gaps = gaps
        self._composed: _Composed | None = None

    def all(self, **values: Any) -> list[M]:
        """The models, with what the QuerySet selects beside them; what it would prefetch is not."""
        kept = self._kept()
        return list(QuerySet(kept.model, _Again(kept, self._told(values)), DEFAULT_DB_ALIAS))  # type: ignore[arg-type]

    def first(self, **values: Any) -> M | None:
        """Of a QuerySet that says itself how many: `[:1]`."""
        return next(iter(self.all(**values)), None)

    def rows(self, **values: Any) -> list[tuple]:
        """The columns of a `values_list`."""
        compiler = _Again(self._kept(), self._told(values)).get_compiler()
        return [tuple(row) for row in compiler.results_iter()]

    def _kept(self) -> "_Composed":
        if self._composed is None:
            gaps = {name: _Gap(name, output_field=field) for name, field in self._gaps.items()}
            self._composed = _Composed(self._compose(**gaps))
        return self._composed

    def _told(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        return {name: field.get_db_prep_value(values[name], connection) for name, field in self._gaps.items()}


class Among(Func):
    """Whether a column is one of a list of ids: one gap, however many there are, where `in` has one for each."""

    output_field = BooleanField()

    def __init__(self, column: str, ids: Any) -> None:
        super().__init__(F(column), ids)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(", **context)

    def as_sqlite(self, compiler, connection, **context):
        template = "%(expressions)s))"
        return self.as_sql(
            compiler, connection, template=template, arg_joiner=" IN (SELECT value FROM json_each(", **context
        )


class Ids(UUIDField):
    """What stands in `Among`'s gap."""

    def get_db_prep_value(self, value: Iterable, connection, prepared: bool = False) -> Any:
        told = [super(Ids, self).get_db_prep_value(one, connection) for one in value]
        return told if connection.vendor == "postgresql" else json.dumps(told)


class _Gap(Value):
    """Stands in SQL as a parameter, and in the parameters as itself."""

    def as_sql(self, compiler, connection):
        return "%s", [self]


class _Composed:
    def __init__(self, queryset: QuerySet) -> None:
        self.model = queryset.model
        self.compiler: SQLCompiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, parameters = self.compiler.as_sql()
        self.parameters = tuple(parameters)
        self.converters = self.compiler.get_converters([column for column, *_ in self.compiler.select])


class _Again:
    """What a QuerySet asks its query for: a compiler, here one that has compiled already."""

    def __init__(self, kept: _Composed, values: Mapping[str, Any]) -> None:
        self.kept = kept
        self.parameters = tuple(values[told.value] if isinstance(told, _Gap) else told for told in kept.parameters)

    def get_compiler(self, using: str = DEFAULT_DB_ALIAS, *_: Any, **__: Any) -> SQLCompiler:
        connection, compiler = connections[using], copy.copy(self.kept.compiler)
        if compiler.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("A lock lasts as long as its transaction, and there is none.")
        vars(compiler).update(
            connection=connection,
            as_sql=lambda *_, **__: (self.kept.sql, self.parameters),
            get_converters=lambda _: self.kept.converters,
        )
        return compiler
