"""Conversations whose speakers, words and levels are known."""

import pytest

from bench.autocut import voices


@pytest.fixture(autouse=True)
def no_ffmpeg(monkeypatch):
    """Voices made of numbers alone."""
    monkeypatch.setattr(voices, "has_flite", lambda: False)
