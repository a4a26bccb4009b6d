"""Every address of Studio, read from the URL resolver: a route that is added is walked by the tests that ask all of them."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

_NAMED = re.compile(r"<(?:(\w+):)?(\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>([^)]*)\)")
_ADMIN_MODEL = re.compile(r"/admin/(\w+/\w+)/")
_MADE_UP = {"uuid": str(uuid.UUID(int=7)), "int": "987654321", "playlist": "made-up.m3u8"}


@dataclass(frozen=True, slots=True)
class Route:
    """One address with its parameters: `/sessions/<uuid:session_id>/review/`."""

    template: str

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters; that of an admin page is named after its model: `media_app/upload`."""
        return tuple(self._name(name) for _, name in _NAMED.findall(self.template))

    def filled(self, values: Mapping[str, str]) -> str:
        """The address with these values; a parameter without one gets a value that is nobody's."""
        return _NAMED.sub(
            lambda found: values.get(self._name(found[2]), _MADE_UP.get(found[1], "made-up")), self.template
        )

    def _name(self, name: str) -> str:
        model = _ADMIN_MODEL.match(self.template)
        return model[1] if model and name == "object_id" else name


def every_route() -> list[Route]:
    return sorted({Route(f"/{path}") for path in _paths(get_resolver().url_patterns)}, key=lambda route: route.template)


def _paths(patterns, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        for made in _spelled(str(pattern.pattern)):
            if isinstance(pattern, URLResolver):
                yield from _paths(pattern.url_patterns, before + made)
            elif isinstance(pattern, URLPattern):
                yield before + made


def _spelled(route: str) -> Iterator[str]:
    """The route as a template; of a regular expression's group of words, one for each word."""
    group = _GROUP.search(route)
    if group is None:
        yield route
    elif re.fullmatch(r"[\w|]+", group[2]):
        yield from (_anchors_off(route.replace(group[0], word)) for word in group[2].split("|"))
    else:
        yield _anchors_off(route.replace(group[0], f"<{group[1]}>"))


def _anchors_off(route: str) -> str:
    return route.removeprefix("^").removesuffix("$")
