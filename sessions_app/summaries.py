"""What the apps above know of a session, for its row in the list and for its page. They register here how to tell it.

A teller answers for many sessions at once, so that the number of queries does not grow with the rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from sessions_app.models import RecordingSession

Teller = Callable[[Sequence[RecordingSession]], Mapping[UUID, Any]]
Ranker = Callable[[QuerySet[RecordingSession]], Iterable[UUID]]
History = Callable[[RecordingSession], Iterable["Event"]]
Panel = Callable[[RecordingSession], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort the list that needs another app's knowledge: `rank` answers the ids in that order."""

    label: str
    rank: Ranker


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a session, `until` when if it took time; `state` is a word, `who` a person or a machine."""

    at: datetime
    words: str
    state: str
    tone: str = "quiet"
    until: datetime | None = None
    camera: str = ""
    who: str = ""
    detail: str = ""


_tellers: dict[str, Teller] = {}
_panels: dict[str, Panel] = {}
_orders: dict[str, Order] = {}
_histories: list[History] = []


def register(name: str, *, tell: Teller, panel: tuple[str, Panel] | None = None) -> None:
    """`tell` fills `session.card[name]`; `panel` is a template and the facts it draws on the session's page."""
    _tellers[name] = tell
    if panel is not None:
        _panels[panel[0]] = panel[1]


def register_order(name: str, label: str, rank: Ranker) -> None:
    _orders[name] = Order(label, rank)


def register_history(tell: History) -> None:
    _histories.append(tell)


def history(session: RecordingSession) -> list[Event]:
    """What every app knows to have happened to it, in order."""
    return sorted((event for tell in _histories for event in tell(session)), key=lambda event: event.at)


def orders() -> Mapping[str, Order]:
    return _orders


def deal(sessions: Iterable[RecordingSession]) -> list[RecordingSession]:
    """The sessions, each with its `card`: what every app tells of it, by the app's name for it."""
    dealt = list(sessions)
    told = {name: tell(dealt) for name, tell in _tellers.items()}
    for session in dealt:
        session.card = {name: facts.get(session.pk) for name, facts in told.items()}
    return dealt


def panels(session: RecordingSession) -> list[tuple[str, dict[str, Any]]]:
    """Template and facts of each panel that other apps draw on the session's page."""
    return [(template, draw(session)) for template, draw in _panels.items()]
