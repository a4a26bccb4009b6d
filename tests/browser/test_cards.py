"""Cards dropped on the upload page: sorted before a byte is sent, changed by menu, sent as clips."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sessions_app.models import RecordingSession
from tests.browser.kit import drop, look
from tests.support import media
from tests.support.shoots import camera, shoot

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


@pytest.fixture(scope="module")
def wedding(tmp_path_factory) -> Path:
    """A recorder with a file for each of three tracks, and a camera that was started twice."""
    folder, sound = tmp_path_factory.mktemp("cards") / "Wedding", media.speech_like(2)
    names = [f"Desk/S01T0{take}_{track}.wav" for take in (1, 2) for track in (1, 2, 3)] + [
        "Lapel/ZOOM0001.WAV",
        "Lapel/ZOOM0002.WAV",
    ]
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        media.write_wav(folder / name, sound[number * 1000 :])
    return folder


def rows(page: Page, camera: str) -> list[str]:
    return page.locator(f"[data-camera={camera}] .sorted-name").all_text_contents()


def test_a_folder_is_chosen_by_keyboard_and_its_files_moved_by_keys(open_page, operator, wedding):
    page: Page = open_page("/sessions/new/", user=operator)
    page.get_by_label("Choose folder").set_input_files(wedding)

    panel = page.get_by_role("region", name="Check the cameras")
    expect(panel).to_contain_text("2 cameras, 8 files. Nothing is uploaded yet.")
    expect(panel.get_by_role("heading", name="Desk")).to_be_visible()
    expect(panel.locator("[data-camera=A] li").first).to_contain_text("clip 1 · 3 tracks: 1, 2, 3")
    assert rows(page, "A") == ["S01T01", "S01T02"]
    look(page, "upload-sorting-tracks")

    panel.get_by_label("Camera for S01T02").select_option("Only S01T02_1.wav")
    expect(panel.get_by_label("Camera for S01T02_1.wav")).to_be_focused()
    panel.get_by_text("2 files set aside").click()
    panel.get_by_label("Camera for S01T02_3.wav").select_option("Instead of S01T02_1.wav")
    assert rows(page, "A") == ["S01T01", "S01T02_3.wav"]
    expect(panel.get_by_label("Camera for S01T02_3.wav")).to_be_focused()

    panel.locator("[data-camera=A] li").first.focus()
    page.keyboard.press("ArrowDown")
    expect(panel.locator("[data-camera=A] li").nth(1)).to_be_focused()
    page.keyboard.press("b")
    assert (rows(page, "A"), sorted(rows(page, "B"))) == (
        ["S01T01"],
        ["S01T02_3.wav", "ZOOM0001.WAV", "ZOOM0002.WAV"],
    )
    expect(panel.locator("[data-camera=B] li", has_text="S01T02_3.wav")).to_be_focused()
    page.keyboard.press("Delete")
    assert rows(page, "B") == ["ZOOM0001.WAV", "ZOOM0002.WAV"]
    expect(panel.get_by_text("3 files set aside")).to_be_visible()
    page.keyboard.press("a")
    panel.get_by_label("Camera for S01T02_3.wav").select_option("A")
    assert rows(page, "A") == ["S01T01", "S01T02_3.wav"]
    panel.get_by_role("button", name="Upload 6 files").click()

    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    session = RecordingSession.objects.get()
    assert session.camera_names == {"A": "Desk", "B": "Lapel"}
    assert session.assets.get(camera_label="B", clip=2).card_path == "Wedding/Lapel/ZOOM0002.WAV"
    assert {asset.camera_key: asset.original_filename for asset in session.assets.all()} == {
        "A": "S01T01.tar", "A.2": "S01T02_3.wav", "B": "ZOOM0001.WAV", "B.2": "ZOOM0002.WAV",
    }  # fmt: skip


def test_a_recording_is_dragged_to_another_camera_with_its_chapters(open_page, operator, card):
    page: Page = open_page("/sessions/new/", user=operator)
    drop(page, *card)
    expect(page.locator("[data-camera=B]")).to_be_visible()
    assert (rows(page, "A"), rows(page, "B")) == (
        ["230101_001.WAV", "230101_001_0001.WAV", "230101_002.WAV"],
        ["C0001.wav"],
    )

    page.locator("[data-camera=A] li", has_text="230101_001_0001.WAV").drag_to(page.locator("[data-camera=B]"))

    assert rows(page, "A") == ["230101_002.WAV"]
    assert rows(page, "B") == ["230101_001.WAV", "230101_001_0001.WAV", "C0001.wav"]
    expect(page.locator("[data-camera=B]").get_by_text("continues 230101_001.WAV")).to_be_visible()


def test_one_file_of_each_card_goes_out_at_once_under_its_folder_s_name_and_low_resolution_copies_stay(
    open_page, operator, tmp_path
):
    sound = media.speech_like(2)
    for number, name in enumerate(("Zoom/ZOOM0001_LR.WAV", "Talk/talk_proxy.wav", "Talk/talk.wav")):
        (tmp_path / "day" / name).parent.mkdir(parents=True, exist_ok=True)
        media.write_wav(tmp_path / "day" / name, sound[number * 1000 :])
    page: Page = open_page("/sessions/new/", user=operator)
    page.get_by_label("Choose folder").set_input_files(tmp_path / "day")

    expect(page.get_by_role("alert")).to_contain_text("Left out: talk_proxy.wav (low-resolution copy).")
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    session = RecordingSession.objects.get()
    assert session.camera_names == {"A": "Talk", "B": "Zoom"}
    assert sorted(asset.original_filename for asset in session.assets.all()) == ["ZOOM0001_LR.WAV", "talk.wav"]


def test_a_take_with_a_file_for_each_track_goes_on_after_a_reload_and_is_one_clip(
    open_page, operator, worker, tmp_path
):
    """The folder is chosen from the disk both times: what is dropped in a test has another time of writing each time."""
    sound = 0.5 * media.speech_like(3)
    (tmp_path / "Zoom").mkdir()
    for name, level in (("LR", 0.1), ("Tr1", 0), ("Tr2", 1)):
        media.write_wav(tmp_path / "Zoom" / f"ZOOM0001_{name}.WAV", level * sound)
    page: Page = open_page("/sessions/new/", user=operator)
    page.route(re.compile("/store/"), lambda route: None)
    page.get_by_label("Choose folder").set_input_files(tmp_path / "Zoom")

    panel = page.get_by_role("region", name="Check the cameras")
    expect(panel.locator("[data-camera=A] li")).to_contain_text("clip 1 · 3 tracks: mix, TR1, TR2")
    panel.get_by_role("button", name="Upload 3 files").click()
    expect(page.locator("#slot-A .slot-file")).to_contain_text("ZOOM0001: mix, TR1, TR2")
    expect(page.locator("#slot-A")).to_have_attribute("data-state", "sending")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute(re.compile("/store/"))
    expect(page.locator("#slot-A")).to_contain_text("Choose the files of ZOOM0001 again")
    page.get_by_label("Choose folder").set_input_files(tmp_path / "Zoom")

    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    expect(page.locator("#session")).to_contain_text("ZOOM0001_Tr2.WAV (channel 3)")
    expect(page.locator("#session")).to_contain_text("mix: channel 1 (speech")
    look(page, "session-take")
    asset = RecordingSession.objects.get().assets.get()
    assert (asset.original_filename, asset.audio_channels, asset.heard["names"]) == ("ZOOM0001.wav", 3, ["mix"])


def test_a_second_card_of_a_camera_goes_on_with_its_clips(open_page, operator, wedding, tmp_path):
    session = shoot(camera_names={"A": "Wide", "B": "Lapel"})
    camera(session, "A")
    camera(session, "B")
    (tmp_path / "Lapel card 2").mkdir()
    for name in ("ZOOM0001.WAV", "ZOOM0002.WAV"):
        (tmp_path / "Lapel card 2" / name).write_bytes((wedding / "Lapel" / name).read_bytes())
    page: Page = open_page(f"/sessions/{session.pk}/upload/", user=operator)
    page.get_by_label("Choose folder").set_input_files(tmp_path / "Lapel card 2")

    panel = page.get_by_role("region", name="Check the cameras")
    expect(panel).to_contain_text("Camera B (Lapel) is here already: these files are added to it.")
    panel.get_by_role("button", name="Upload 2 files").click()

    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    sent = session.assets.filter(camera_label="B", clip__gt=1)
    assert [(a.camera_key, a.original_filename) for a in sent] == [("B.2", "ZOOM0001.WAV"), ("B.3", "ZOOM0002.WAV")]


def test_a_card_that_is_cancelled_leaves_nothing(open_page, operator, card):
    page: Page = open_page("/sessions/new/", user=operator)
    drop(page, *card)
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("region", name="Check the cameras")).to_be_hidden()
    assert not RecordingSession.objects.exists()
