"""From a folder of recordings to a corrected sync and an FCPXML that opens: by mouse, and by keyboard alone."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import FileChooser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sessions_app.models import RecordingSession
from tests.browser.footage import shoot_files

#: When camera B began, in frames of 1/25 s after A; and by how many frames it is moved.
B_STARTED, MOVED = 30, 5


class Mouse:
    """Drops the folder as a file manager does, and clicks."""

    def bring(self, page: Page, folder: Path) -> None:
        wire, (x, y) = page.context.new_cdp_session(page), (400, 400)
        carried = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            wire.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": carried})

    def press(self, page: Page, target: Locator) -> None:
        target.click()


class Keys:
    """Goes from one control to the next with Tab, and presses Enter."""

    def bring(self, page: Page, folder: Path) -> None:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        self._reach(page, page.locator("#choose"))
        self._chooser(page).set_files(sorted(folder.glob("*.mp4")))

    def press(self, page: Page, target: Locator) -> None:
        self._reach(page, target)
        page.keyboard.press("Enter")

    def _chooser(self, page: Page) -> FileChooser:
        """The file dialog, opened by Space as a person would: pressed again when a busy browser swallowed the key."""
        for _ in range(5):
            try:
                with page.expect_file_chooser(timeout=6000) as chooser:
                    page.keyboard.press("Space")
            except PlaywrightTimeout:
                continue
            return chooser.value
        raise AssertionError("Space opened no file dialog.")

    def _reach(self, page: Page, target: Locator) -> None:
        expect(target).to_be_visible()
        for _ in range(120):
            if target.evaluate("element => element === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {target}.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two cameras, and what a camera writes beside."""
    card = tmp_path_factory.mktemp("card") / "Tuesday lesson"
    card.mkdir()
    shoot_files(card, seconds=16, starts={"a": 0.0, "b": B_STARTED / 25})
    (card / "MEDIAPRO.XML").write_text("<MediaProfile/>")
    return card


@pytest.mark.parametrize("hand", [Mouse(), Keys()], ids=["by mouse", "by keyboard"])
def test_a_folder_of_recordings_becomes_a_corrected_sync_and_an_fcpxml(
    hand, open_page, operator, worker, folder, settings, tmp_path
):
    settings.MEZZANINE = "off"
    page = open_page("/sessions/new/", user=operator)
    hand.bring(page, folder)
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    expect(page.locator("#main")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    hand.press(page, page.get_by_text("Files and actions").first)
    expect(page.get_by_role("button", name="Remove camera")).to_be_visible()
    expect(page.locator("#session").get_by_text("Needs review")).to_be_visible()

    hand.press(page, page.get_by_role("link", name="Review sync"))
    page.wait_for_selector("html[data-review=ready]")
    for _ in range(MOVED):
        hand.press(page, page.get_by_role("button", name="+1 frame"))
    hand.press(page, page.get_by_role("button", name="Save correction"))
    page.keyboard.type("By the clap")
    hand.press(page, page.get_by_role("button", name="Save and stay"))
    expect(page.locator("#history")).to_contain_text("By the clap")

    hand.press(page, page.get_by_role("link", name="Session", exact=True))
    with page.expect_download() as download:
        hand.press(page, page.get_by_role("button", name="Export", exact=True))
    download.value.save_as(tmp_path / "cut.fcpxml")
    root = ET.parse(tmp_path / "cut.fcpxml").getroot()
    gap = root.find(".//mc-angle[@angleID='B']/gap")
    assert gap is not None
    assert Fraction(gap.attrib["duration"].rstrip("s")) == Fraction(B_STARTED + MOVED, 25)
    sources = [Path(media.attrib["src"]).name for media in root.iter("media-rep")]
    assert len(sources) == 2
    assert RecordingSession.objects.get().status == "ready"
