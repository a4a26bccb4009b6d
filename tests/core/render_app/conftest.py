from datetime import date

import pytest

from render_app.core.edit.angle import Angle, MediaFile
from render_app.core.edit.multicam import MulticamEdit


def make_angle(camera="A", **fields):
    defaults = {
        "kind": "video",
        "offset_ms": 0.0,
        "drift_ppm": 0.0,
        "duration_ms": 10_000,
        "fps": "25/1",
        "width": 1920,
        "height": 1080,
        "original_filename": f"clip {camera}.mov",
        "original": MediaFile(f"https://store.example/{camera}.mov?grant=1&x=2", "c" * 64),
        "sample_rate": 48_000,
        "audio_channels": 2,
        "video_start_ms": 0.0,
        "audio_start_ms": 0.0,
    }
    return Angle(camera=camera, **defaults | fields)


def make_recorder(camera="R", **fields):
    sound = {"kind": "audio", "fps": "", "width": None, "height": None, "video_start_ms": None}
    return make_angle(camera, **sound | {"original_filename": f"{camera}.wav"} | fields)


def make_edit(*angles, **fields):
    defaults = {
        "session_id": "5f0c7a52-0000-4000-8000-000000000001",
        "title": "Tuesday lesson",
        "project_id": "lessons",
        "day": date(2026, 11, 20),
        "status": "ready",
        "master": "A",
        "operator_status": "approved",
        "decided_by": "alice",
        "approved_at": None,
        "version": 2,
    }
    return MulticamEdit(angles=tuple(angles), **defaults | fields)


@pytest.fixture
def angle():
    return make_angle


@pytest.fixture
def recorder():
    return make_recorder


@pytest.fixture
def edit():
    return make_edit
