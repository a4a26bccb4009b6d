"""When a session's verdict will be there, from what comparisons took on this machine."""

from datetime import timedelta

import pytest
from django.utils import timezone

from media_app.models import MediaJob, MediaJobAttempt
from media_app.services.forecast import forecast_of
from sessions_app.models import RecordingSession
from tests.support.factories import a_session, an_asset

pytestmark = pytest.mark.django_db

#: Cameras, the seconds of each, and the seconds that their comparison took.
MEASURED = [(2, 60, 0.8), (3, 400, 3.4), (5, 200, 9.7)]


def filmed(cameras: int, seconds: float, **fields) -> RecordingSession:
    session = a_session(**fields)
    for label in "ABCDE"[:cameras]:
        an_asset(session, label, duration_ms=round(seconds * 1000))
    return session


def compared(session: RecordingSession, seconds: float) -> None:
    job = MediaJob.objects.create(
        **session.context.stamp(), type="sync_session_v1", status="COMPLETED", session=session
    )
    done = MediaJobAttempt.Outcome.COMPLETED
    attempt = MediaJobAttempt.objects.create(job=job, attempt_no=1, outcome=done)
    attempt.finished_at = attempt.started_at + timedelta(seconds=seconds)
    attempt.save()


def comparing(session: RecordingSession, spent: float, percent: float) -> MediaJob:
    return MediaJob.objects.create(
        **session.context.stamp(), type="sync_session_v1", status="PROCESSING", session=session,
        progress_percent=percent, locked_at=timezone.now() - timedelta(seconds=spent),
    )  # fmt: skip


def said(session: RecordingSession, *jobs: MediaJob) -> float | None:
    return forecast_of(session, list(session.assets.all()), jobs).sync_s


def test_three_hours_are_forecast_within_a_third_by_shoots_of_minutes():
    for cameras, seconds, took in MEASURED:
        compared(filmed(cameras, seconds), took)

    # Three cameras of an hour take 17.7 s on such a machine.
    assert said(filmed(3, 3600, status="syncing")) == pytest.approx(17.7, rel=0.3)


def test_a_comparison_under_way_counts_down_though_its_progress_stands():
    compared(filmed(3, 3600), 180)
    session = filmed(3, 3600, status="syncing")

    assert said(session, comparing(session, 60, 35)) == pytest.approx(120, abs=5)
    assert said(session, comparing(session, 110, 35)) == pytest.approx(70, abs=5)
    assert said(session, comparing(session, 400, 90)) == pytest.approx(18, abs=1)


def test_nothing_is_forecast_of_a_comparison_where_none_was_measured():
    session = filmed(3, 3600, status="syncing")

    assert said(session) is None
    assert said(session, comparing(session, 60, 50)) == pytest.approx(60, abs=5)
