"""What other apps know of a session, for its row in the list and for its page.

Each app registers a provider, which answers for many sessions at once: the number of queries does not grow with the rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession

Provider = Callable[[Sequence[RecordingSession]], Mapping[UUID, Any]]
Ranker = Callable[[QuerySet[RecordingSession]], Iterable[UUID]]
History = Callable[[RecordingSession], Iterable["Event"]]
Panel = Callable[[RecordingSession], dict[str, Any]]
NoticeSource = Callable[[Context], "Notice | None"]


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort the list that needs another app's knowledge: `rank` returns the ids in that order."""

    label: str
    rank: Ranker


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a session. `until` is its end if it took time, `state` a word, `who` a person or a machine."""

    at: datetime
    label: str
    state: str
    tone: str = "quiet"
    until: datetime | None = None
    camera: str = ""
    who: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence above the list of sessions, with a tone, and how far something is (percent)."""

    text: str
    tone: str = "quiet"
    percent: float | None = None


_providers: dict[str, Provider] = {}
_panels: dict[str, Panel] = {}
_orders: dict[str, Order] = {}
_histories: list[History] = []
_notices: list[NoticeSource] = []


def register(name: str, provider: Provider, *, panel: tuple[str, Panel] | None = None) -> None:
    """Let `provider` fill `session.summary[name]`; `panel` is a template for the session's page and its context."""
    _providers[name] = provider
    if panel is not None:
        _panels[panel[0]] = panel[1]


def register_order(name: str, label: str, rank: Ranker) -> None:
    """Offer another way to sort the list."""
    _orders[name] = Order(label, rank)


def register_history(history: History) -> None:
    """Add an app's events to every session's history."""
    _histories.append(history)


def register_notice(source: NoticeSource) -> None:
    """Let `source` put a notice above a tenant's list of sessions."""
    _notices.append(source)


def notices(context: Context) -> list[Notice]:
    """What stands above a tenant's list."""
    return [notice for source in _notices if (notice := source(context)) is not None]


def history(session: RecordingSession) -> list[Event]:
    """Every app's events of a session, in order."""
    return sorted((event for events in _histories for event in events(session)), key=lambda event: event.at)


def orders() -> Mapping[str, Order]:
    return _orders


def attach(sessions: Iterable[RecordingSession]) -> list[RecordingSession]:
    """The sessions, each with its `summary`: every provider's value, by the app's name."""
    attached = list(sessions)
    summaries = {name: provide(attached) for name, provide in _providers.items()}
    for session in attached:
        session.summary = {name: found.get(session.pk) for name, found in summaries.items()}
    return attached


def panels(session: RecordingSession) -> list[tuple[str, dict[str, Any]]]:
    """Template and context of each panel that other apps draw on the session's page."""
    return [(template, draw(session)) for template, draw in _panels.items()]
