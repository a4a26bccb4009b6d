"""Cards dropped on the upload page: sorted before a byte is sent, changed by menu, sent as clips."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sessions_app.models import RecordingSession
from tests.browser.kit import drop, look
from tests.support import media

NAMES = ("230101_001.WAV", "230101_001_0001.WAV", "230101_002.WAV", "C0001.wav")


@pytest.fixture(scope="module")
def card(tmp_path_factory) -> list[Path]:
    folder, sound = tmp_path_factory.mktemp("card"), media.speech_like(2)
    return [media.write_wav(folder / name, sound[number * 1000 :]) for number, name in enumerate(NAMES)]


def test_a_card_is_checked_changed_and_sent_as_clips(open_page, operator, card):
    page: Page = open_page("/sessions/new/", user=operator)
    drop(page, *card)

    panel = page.get_by_role("region", name="Check the cameras")
    expect(panel).to_contain_text("2 cameras, 4 files. Nothing is uploaded yet.")
    expect(panel.get_by_text("continues 230101_001.WAV")).to_be_visible()
    assert not RecordingSession.objects.exists()
    look(page, "upload-sorting")

    panel.get_by_label("Camera for 230101_002.WAV").select_option("C")
    expect(panel).to_contain_text("3 cameras, 4 files.")
    expect(panel.get_by_label("Camera for 230101_002.WAV")).to_be_focused()
    panel.get_by_label("Camera for C0001.wav").select_option("")
    expect(panel).to_contain_text("1 file set aside")
    panel.get_by_role("button", name="Upload 3 files").click()

    expect(panel).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    assets = RecordingSession.objects.get().assets.select_related("continues").order_by("camera_label", "clip")
    known = [(a.camera_key, a.original_filename, a.continues and a.continues.camera_key) for a in assets]
    assert sorted(known) == sorted(
        [("A", "230101_001.WAV", None), ("A.2", "230101_001_0001.WAV", "A"), ("C", "230101_002.WAV", None)]
    )
    look(page, "session-clips")


def test_a_card_that_is_cancelled_leaves_nothing(open_page, operator, card):
    page: Page = open_page("/sessions/new/", user=operator)
    drop(page, *card)
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("region", name="Check the cameras")).to_be_hidden()
    assert not RecordingSession.objects.exists()
