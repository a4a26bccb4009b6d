"""The limit of renders holds when many ask at the same moment. Runs on SQLite, and on PostgreSQL when the settings name one
(`python -m tests.on_postgres`)."""

import pytest

from media_app.models import MediaJob
from render_app.core import catalogue
from render_app.core.plan.compiling import Plan
from render_app.core.plan.job import Expected
from render_app.services import renders
from sessions_app.core.tenant import Context
from tests.apps.media_app.work import at_once
from tests.support.factories import TENANT

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = renders.Asked(Context(TENANT, "dev"))
PROFILE = next(iter(catalogue.profiles()))


def a_plan(frames: int) -> Plan:
    """A plan whose key is its own."""
    expected = Expected(frames, 40 * frames, 320, 180, "25/1", 0)
    return Plan((), "", (), (), (), {}, (), expected, meta={"project_id": None, "render_profile": PROFILE})


def tried(plan: Plan) -> str:
    try:
        return str(renders.start(ASKED, plan).pk)
    except renders.TooManyRenders as refused:
        return refused.code


def test_of_many_requests_at_once_as_many_are_let_in_as_may_be(settings):
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 2
    for round in range(1, 4):
        answers = at_once(8, lambda number: tried(a_plan(100 * round + number)))  # noqa: B023
        assert sorted(one == "too_many_renders" for one in answers) == [False] * 2 + [True] * 6
        assert MediaJob.objects.unfinished().count() == 2
        MediaJob.objects.all().delete()


def test_of_many_canceled_renders_that_are_run_again_as_many_go_as_may(settings):
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 8
    made = [renders.cancel(renders.start(ASKED, a_plan(number))) for number in range(1, 9)]
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 3

    def again(number: int) -> bool:
        try:
            return renders.run_now(made[number]).status == MediaJob.Status.PENDING
        except renders.TooManyRenders:
            return False

    assert sum(at_once(8, again)) == 3


def test_many_requests_for_one_film_are_one_render(settings):
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 1
    assert len(set(at_once(8, lambda _: tried(a_plan(5))))) == 1
