"""Every link on every page leads somewhere, whoever looks."""

import pytest
from django.contrib.auth import get_user_model

from tests.support.crawl import crawl
from tests.support.listed_records import ROLES, one_of_each, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
def test_every_link_leads_somewhere(role):
    user = one_of_each(role)
    visits = list(crawl(signed_in(user, role)))
    broken = [
        f"{visit.path} answers {visit.status}, linked from {visit.came_from}" for visit in visits if visit.status >= 400
    ]
    assert not broken, "\n".join(broken)
    kinds = {visit.kind for visit in visits}
    if role == "nobody":
        assert kinds == {"home", "sessions:list", "sign-in next"}
        return
    assert {
        "sessions:list",
        "media:session",
        "media:mastering",
        "productions:one",
        "account:account",
        "sync:review",
    } <= kinds
    assert ("admin:index" in kinds) is (role != "operator")
    if role != "operator":
        assert {"api-docs", "media:ops", "media:job", "admin:media_app_mediaasset_change"} <= kinds
    assert get_user_model().objects.filter(pk=user.pk).exists()
