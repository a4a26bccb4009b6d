"""Answers show what DRF would show, with fields that are made once."""

import json

import pytest
from rest_framework import serializers
from rest_framework.utils.encoders import JSONEncoder

from media_app.api.assets import AssetOutput, DerivativeOutput, JobOutput, SessionDetailOutput
from render_app.api import EditOutput
from render_app.services import edit
from sessions_app.api import SessionOutput
from sessions_app.core.tenant import Context
from sync_app.api import DecisionOutput, SyncOutput
from sync_app.services import review
from tests.factories import a_derivative, a_job, a_synced_session, a_user

pytestmark = pytest.mark.django_db


def as_drf_would(kind: type, record) -> str:
    drf = {name: getattr(serializers.Serializer, name) for name in ("fields", "to_representation")}
    return told(type(f"Plain{kind.__name__}", (kind,), drf)(record).data)


def told(data) -> str:
    return json.dumps(data, cls=JSONEncoder)


def test_records_look_as_drf_shows_them():
    session = a_synced_session("ABC")
    asset = session.assets.first()
    a_derivative(asset, "proxy")
    a_job(session=session, asset=asset)
    here = Context(session.tenant_id, session.env, a_user())
    review.correct(here, session.pk, corrected_by="Ann", offsets={"B": 12.5})
    session.refresh_from_db()
    records = {
        SessionOutput: session,
        SessionDetailOutput: session,
        AssetOutput: asset,
        DerivativeOutput: asset.derivatives.first(),
        JobOutput: asset.jobs.get(),
        SyncOutput: session.sync_results.get(),
        DecisionOutput: session.sync_decisions.get(),
        EditOutput: edit.multicam_edit(here, session.pk),
    }
    for kind, record in records.items():
        assert told(kind(record).data) == as_drf_would(kind, record)


def test_one_answer_leaves_nothing_for_the_next():
    first, second = a_synced_session("A", title="One"), a_synced_session("AB", title="Two")
    shown = SessionDetailOutput(first).data
    assert (shown["title"], len(shown["assets"])) == ("One", 1)
    shown = SessionDetailOutput(second).data
    assert (shown["title"], len(shown["assets"])) == ("Two", 2)
