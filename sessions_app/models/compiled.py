"""Queries that every click makes, compiled once.

Django compiles a QuerySet to SQL each time it is evaluated, which takes several times as long as the database takes to answer
a query by key. A `CompiledQuery` keeps the SQL, with a parameter where each value belongs. A query whose shape depends on what
a caller filters by stays a QuerySet.
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


class CompiledQuery(Generic[M]):
    """A QuerySet compiled on first use. `build` gets a placeholder for each parameter, by name, and returns the QuerySet; the
    Field of a parameter prepares its value for the database. The QuerySet's shape may depend on nothing else.

        CAMERAS = CompiledQuery(lambda session: MediaAsset.objects.filter(session_id=session), session=UUIDField())
        CAMERAS.all(session=session.pk)
    """

    def __init__(self, build: Callable[..., QuerySet[M, Any]], /, **params: Field) -> None:
        self._build = build
        self._params = params
        self._compiled: _Compiled | None = None

    def all(self, **values: Any) -> list[M]:
        """The models, annotated and with their select_related; prefetch_related is ignored."""
        compiled = self._compile()
        return list(QuerySet(compiled.model, CachedCompiler(compiled, self._prepare(values)), DEFAULT_DB_ALIAS))  # type: ignore[arg-type]

    def first(self, **values: Any) -> M | None:
        """The first model, of a QuerySet that is sliced `[:1]` itself."""
        return next(iter(self.all(**values)), None)

    def rows(self, **values: Any) -> list[tuple]:
        """The columns of a `values_list`."""
        compiler = CachedCompiler(self._compile(), self._prepare(values)).get_compiler()
        return [tuple(row) for row in compiler.results_iter()]

    def _compile(self) -> "_Compiled":
        if self._compiled is None:
            self._compiled = _Compiled(
                self._build(**{name: Param(name, output_field=field) for name, field in self._params.items()})
            )
        return self._compiled

    def _prepare(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        return {name: field.get_db_prep_value(values[name], connection) for name, field in self._params.items()}


class Param(Value):
    """A placeholder: `%s` in the SQL, itself among the parameters."""

    def as_sql(self, compiler, connection):
        return "%s", [self]


class Among(Func):
    """Whether a column is one of a list of ids: one parameter for the whole list, where `IN` has one for each id."""

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
    """The field of a list of ids, the parameter of `Among`."""

    def get_db_prep_value(self, value: Iterable, connection, prepared: bool = False) -> Any:
        ids = [super(Ids, self).get_db_prep_value(one, connection) for one in value]
        return ids if connection.vendor == "postgresql" else json.dumps(ids)


class _Compiled:
    def __init__(self, queryset: QuerySet) -> None:
        self.model = queryset.model
        self.compiler: SQLCompiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, params = self.compiler.as_sql()
        self.params = tuple(params)
        self.converters = self.compiler.get_converters([column for column, *_ in self.compiler.select])


class CachedCompiler:
    """The part of `sql.Query` that a QuerySet needs to be evaluated: `get_compiler`, here with a compiler that has its SQL."""

    def __init__(self, compiled: _Compiled, values: Mapping[str, Any]) -> None:
        self.compiled = compiled
        self.params = tuple(values[param.value] if isinstance(param, Param) else param for param in compiled.params)

    def get_compiler(self, using: str = DEFAULT_DB_ALIAS, *_: Any, **__: Any) -> SQLCompiler:
        connection, compiler = connections[using], copy.copy(self.compiled.compiler)
        if compiler.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("A row can be locked only inside a transaction.")
        vars(compiler).update(
            connection=connection,
            as_sql=lambda *_, **__: (self.compiled.sql, self.params),
            get_converters=lambda _: self.compiled.converters,
        )
        return compiler
