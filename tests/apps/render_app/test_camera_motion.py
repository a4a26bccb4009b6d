"""When the cameras of a shoot are being moved, from what was analyzed of their pictures."""

import pytest

from media_app import storage
from render_app.services import camera_motion
from render_app.services.edit import multicam_edit
from sync_app.services import review
from tests.apps.render_app.test_heard_in_clips import a_document
from tests.support.factories import a_synced_session

pytestmark = pytest.mark.django_db
FRAMES = [{"timestamp_ms": 500.0 * n, "camera_x": 0.03 if n == 4 else 0.0, "camera_y": 0.0} for n in range(10)]


@pytest.fixture
def session():
    """Two cameras, B a second later."""
    made = a_synced_session("AB")
    made.assets.update(kind="video", fps="25/1", duration_ms=20_000)
    review.approve(made.context, made.pk, approved_by="ada")
    return made


def moved(session) -> dict[str, list[tuple[float, float]]]:
    edit = multicam_edit(session.context, session.pk)
    found = camera_motion.of_cameras(session.context, edit)
    return {label: [(one.start, one.end) for one in spans] for label, spans in found.items()}


def test_a_camera_is_moved_on_the_masters_clock_and_one_that_nobody_analyzed_is_not(session):
    a_document(session.assets.get(camera_label="B"), "visual_meta", {"frames": FRAMES, "frame_sample_interval_ms": 500})

    assert moved(session) == {"B": [(2.75, 3.25)]}


def test_an_analysis_whose_file_is_gone_moves_nothing(session):
    row = a_document(session.assets.get(camera_label="A"), "visual_meta", {"frames": FRAMES})
    storage.store().put_bytes(row.key, b"[]", content_type="application/json")

    assert moved(session) == {}
