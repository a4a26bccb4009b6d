"""Pages that a link reaches, in a real browser: no axe fault, nothing on the console, nothing that the policy forbids.

A few of them, others each day; CRAWL=whole opens every one, in light and dark.
"""

import random
from datetime import date

import pytest

from tests.browser.kit import axe_in, shot
from tests.support.crawl import WHOLE, crawl
from tests.support.listed_records import ROLES, one_of_each, signed_in

#: How many pages a run of the suite opens for each role.
FEW = 4


@pytest.mark.parametrize("role", ROLES if WHOLE else ["operator", "superuser"])
@pytest.mark.timeout(0 if WHOLE else 900)
def test_pages_that_a_link_reaches_are_clean(open_page, transactional_db, role, watch):
    user = one_of_each(role)
    visits = list(crawl(signed_in(user, role)))
    faults = [
        f"{visit.path} answers {visit.status}, linked from {visit.came_from}" for visit in visits if visit.status >= 400
    ]
    pages = [visit.path for visit in visits if visit.is_page]
    if not WHOLE:
        pages = random.Random(date.today().toordinal()).sample(pages, FEW)
    page = open_page("/sign-in/" if role == "nobody" else "/sessions/", user=None if role == "nobody" else user)
    for path in pages:
        page.goto(path)
        for scheme in ("light", "dark") if WHOLE else ("light",):
            faults += [f"{path} {scheme}: {fault}" for fault in axe_in(page, scheme)]
            if WHOLE:
                shot(page, f"crawl-{role}-{path}", scheme)
        faults += [f"{path}: {fault}" for fault in watch.taken()]
    assert not faults, "\n".join(faults)
