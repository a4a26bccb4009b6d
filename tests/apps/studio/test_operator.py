"""The operator of a local installation."""

import pytest
from django.contrib.auth import get_user_model

from studio.runtime.operator import local_operator

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:8000/"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def operator():
    return get_user_model().objects.get(username="operator")


def test_the_password_and_token_stay_from_start_to_start():
    assert local_operator(URL) == local_operator(URL)


def test_a_password_that_the_operator_changed_is_kept_and_known_to_nobody():
    local_operator(URL)
    user = operator()
    user.set_password("my own words")
    user.save()

    assert [local_operator(URL)["password"] for _ in range(2)] == ["", ""]
    assert operator().check_password("my own words")


def test_a_fresh_database_gets_the_known_password_and_a_lost_file_a_new_one(settings):
    first = local_operator(URL)
    get_user_model().objects.all().delete()
    second = local_operator(URL)
    assert second["password"] == first["password"]
    assert operator().check_password(second["password"])

    (settings.VAR_DIR / "local-operator.json").unlink()
    third = local_operator(URL)
    assert third["password"] not in ("", first["password"])
    assert operator().check_password(third["password"])
