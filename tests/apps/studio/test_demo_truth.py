"""The demo's own knowledge of its shoots' true offsets."""

import pytest

from studio.demo import truth
from tests.support.factories import a_session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings):
    truth.demo_folder().mkdir()


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"%s": 3}', '{"%s": {"offsets_ms": {"A": 0, "B": "x"}}}'])
def test_a_broken_file_knows_no_truth(text):
    session = a_session()
    (truth.demo_folder() / "demo-truth.json").write_text(text.replace("%s", str(session.pk)))

    assert truth.true_offsets(session) is None


def test_a_shoot_is_remembered_by_its_name_until_it_is_forgotten():
    session = a_session()
    truth.remember(str(session.pk), "certain", {"A": 0.0, "B": 1300.5, "C": None})

    assert truth.sessions_of("certain") == [str(session.pk)]
    assert truth.true_offsets(session) == {"A": 0.0, "B": 1300.5}
    assert truth.true_offsets(a_session()) is None

    truth.forget(str(session.pk))
    assert truth.sessions_of("certain") == []
