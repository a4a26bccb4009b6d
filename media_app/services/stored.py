"""What lies in the store, table by table. Each app registers the rows that point to its objects; quotas and figures add them up."""

from collections.abc import Callable
from dataclasses import dataclass

from media_app.models import DerivedMedia, MediaAsset
from sessions_app.models import TenantQuerySet


@dataclass(frozen=True, slots=True)
class StoredTable:
    """Rows that point to objects. `name` is for programs, `label` for people; `rows` are those whose objects are kept, each
    with its `size_bytes`; `column`, where there is one, tells kinds of object apart."""

    name: str
    label: str
    rows: Callable[[], TenantQuerySet]
    column: str = ""


_tables: dict[str, StoredTable] = {}


def register(table: StoredTable) -> StoredTable:
    """Have a table count; a later one of the same name takes its place."""
    _tables[table.name] = table
    return table


def tables() -> list[StoredTable]:
    """All that count, in the order in which they were registered."""
    return list(_tables.values())


register(StoredTable("original", "Originals", lambda: MediaAsset.objects.exclude(original_key="")))
register(StoredTable("derived", "Made from them", lambda: DerivedMedia.objects.stored(), column="kind"))
