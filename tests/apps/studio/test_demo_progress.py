"""While `make serve` sends the demo shoots, the list of sessions says how far it is."""

import pytest
from django.test import Client

from sessions_app.core.tenant import Context
from studio.demo import progress
from studio.demo.client import Refused
from studio.runtime.operator import local_operator
from tests.support.factories import a_user

pytestmark = pytest.mark.django_db
HERE = Context("t_local", "dev")


def said(context: Context = HERE) -> str:
    notice = progress.notice(context)
    return notice.text if notice else ""


def test_the_list_counts_the_demo_shoots_and_falls_silent_when_they_are_there():
    browser = Client()
    browser.force_login(a_user("operator", "t_local"))
    with progress.reported(2, (Refused,)) as report:
        report.begin("Tuesday lesson")
        assert said() == "The demo shoots are being made: 0 of 2 are here, “Tuesday lesson” is next."
        report.sent()
        report.begin("Panel")
        assert progress.notice(HERE).percent == 50
        page = browser.get("/sessions/").content.decode()
        assert "1 of 2 are here, “Panel” is next." in page
        assert "every 3s" in page
        assert said(Context("t_other", "dev")) == ""
        report.sent()
    assert said() == ""
    assert "demo shoots" not in browser.get("/sessions/").content.decode()


def broken(error: Exception) -> None:
    with progress.reported(2, (Refused,)) as report:
        report.begin("Panel")
        raise error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Refused("POST /v2/sessions: 507 The disk is full."), "507 The disk is full."),
        (KeyError("results"), "The terminal that runs Studio says why."),
    ],
)
def test_a_shoot_that_could_not_be_made_says_so_until_the_next_try(error, sentence):
    with pytest.raises(type(error)):
        broken(error)
    assert said().startswith("The demo shoot “Panel” could not be made.")
    assert said().endswith(sentence)
    with progress.reported(2, (Refused,)) as report:
        report.begin("Panel")
        assert "are being made" in said()


def test_a_sender_that_was_killed_is_not_said_to_work(settings):
    progress.demo_folder().mkdir(parents=True)
    gone = progress.Progress(total=2, pid=2**22 + 1)
    gone.begin("Panel")
    assert said().startswith("The demo shoot “Panel” could not be made.")


def test_a_server_that_will_not_stay_leaves_the_known_address():
    assert local_operator("http://127.0.0.1:8000/")["url"] == "http://127.0.0.1:8000/"
    assert local_operator()["url"] == "http://127.0.0.1:8000/"
