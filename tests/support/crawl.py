"""Every page that a link reaches: found over HTTP without a browser, so that all of them can be asked for cheaply."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

#: Links that are no pages: signed files of the store, and what ends the visit.
NO_PAGES = ("/store/", "/sign-out/", "/static/", "/admin/logout/", "/admin/jsi18n/")
#: CRAWL=whole visits more, and in the browser every page.
WHOLE = os.environ.get("CRAWL") == "whole"


@dataclass(frozen=True, slots=True)
class Visit:
    """An address that a link named: what it answered, and the page with that link."""

    path: str
    status: int
    came_from: str
    is_page: bool

    @property
    def kind(self) -> str:
        """The view and the names of what is asked of it: pages of one kind differ in their rows alone."""
        parts = urlsplit(self.path)
        asked = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
        return f"{resolve(parts.path).view_name} {' '.join(asked)}".strip()


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def crawl(client: Client, start: str = "/", *, whole: bool = WHOLE) -> Iterator[Visit]:
    """Ask for every address that a link reaches from `start`, one of each kind. With `whole`, two of each, and Django's own
    filters too: one by one, for their combinations have no end."""
    of_a_kind = 2 if whole else 1
    waiting, seen, kinds = deque([(start, "")]), {start}, {}
    while waiting:
        path, came_from = waiting.popleft()
        try:
            kind = Visit(path, 0, came_from, False).kind
        except Resolver404:
            yield Visit(path, 404, came_from, True)
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > of_a_kind:
            continue
        answer = client.get(path)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html") and "Content-Disposition" not in answer
        links = [answer.headers["Location"]] if "Location" in answer else _links(answer) if is_page else []
        yield Visit(path, answer.status_code, came_from, is_page and answer.status_code == 200)
        for link in links:
            target = urlsplit(urldefrag(urljoin(f"http://testserver{path}", link)).url)
            after = f"{target.path}?{target.query}" if target.query else target.path
            filters = target.query.count("=")
            too_many = filters > 1 or (filters and not whole and target.path.startswith("/admin/"))
            if target.netloc == "testserver" and not too_many and not after.startswith(NO_PAGES) and after not in seen:
                seen.add(after)
                waiting.append((after, path))


def _links(answer) -> list[str]:
    parser = _Links()
    parser.feed(answer.content.decode())
    return parser.found
