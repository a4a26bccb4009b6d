"""Every link on every page leads somewhere, for an operator and for staff."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.support.crawl import crawl
from tests.support.listed_records import one_of_each

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["operator", "staff"])
def test_every_link_leads_somewhere(role):
    user = one_of_each(staff=role == "staff")
    browser = Client()
    browser.force_login(user)
    visits = list(crawl(browser))
    broken = [
        f"{visit.path} answers {visit.status}, linked from {visit.came_from}" for visit in visits if visit.status >= 400
    ]
    assert not broken, "\n".join(broken)
    kinds = {visit.kind for visit in visits}
    assert {
        "sessions:list",
        "media:session",
        "media:mastering",
        "productions:one",
        "account:account",
        "sync:review",
    } <= kinds
    assert ("admin:index" in kinds) is (role == "staff")
    if role == "staff":
        assert {"api-docs", "media:ops", "media:job", "admin:media_app_mediaasset_change"} <= kinds
    assert get_user_model().objects.filter(pk=user.pk).exists()
