"""Files go in by drop, by keyboard, in parts, over a reload; and what cannot go in says why."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from media_app import storage
from media_app.models import MediaAsset, Upload
from sessions_app.models import RecordingSession
from tests.browser.footage import padded, shoot_files
from tests.browser.kit import look

MIB = 2**20


@pytest.fixture(scope="module")
def footage(tmp_path_factory) -> dict[str, Path]:
    return shoot_files(tmp_path_factory.mktemp("footage"))


@pytest.fixture(autouse=True)
def _without_mezzanines(settings):
    settings.MEZZANINE = "off"


def drop(page: Page, *files: Path, onto: str = "body") -> None:
    """Files let go over the page, as from a file manager."""
    sent = [{"name": file.name, "body": base64.b64encode(file.read_bytes()).decode()} for file in files]
    page.evaluate(
        """([files, onto]) => {
          const carried = new DataTransfer();
          for (const { name, body } of files) {
            const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
            carried.items.add(new File([bytes], name, { type: /mp4$/.test(name) ? "video/mp4" : "" , lastModified: 1e12 }));
          }
          const at = document.querySelector(onto);
          for (const kind of ["dragenter", "dragover", "drop"]) {
            at.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
          }
        }""",
        [sent, onto],
    )


def test_three_files_dropped_at_once_become_a_session_in_review(open_page, operator, worker, footage):
    page = open_page("/sessions/new/", user=operator)
    look(page, "upload-empty")
    page.get_by_label("Title").fill("Tuesday lesson")

    drop(page, footage["c"], footage["a"], footage["b"])

    expect(page.locator("#slot-A .slot-file")).to_contain_text("cam_a.mp4")
    expect(page.locator("#slot-C .slot-file")).to_contain_text("cam_c.mp4")
    page.get_by_label("Notes").fill("Second take is the good one")
    page.get_by_label("Title").focus()
    page.get_by_label("Title").blur()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday lesson")
    expect(page.get_by_text("Needs review")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("row", name=re.compile("B.*ms"))).to_be_visible()
    session = RecordingSession.objects.get()
    assert (session.title, session.notes) == ("Tuesday lesson", "Second take is the good one")
    assert [asset.original_filename for asset in session.assets.all()] == ["cam_a.mp4", "cam_b.mp4", "cam_c.mp4"]
    offsets = session.sync_results.get().offsets_ms
    assert offsets["B"] - offsets["A"] == pytest.approx(1500, abs=20)
    with page.expect_download() as download:
        page.get_by_text("Files and changes").first.click()
        page.get_by_role("link", name=re.compile("Proxy")).first.click()
    assert download.value.suggested_filename == "cam_a.proxy.mp4"
    look(page, "session-real")


def test_a_reload_in_mid_upload_sends_only_what_is_missing(open_page, operator, settings, footage, tmp_path):
    settings.MULTIPART_FROM_BYTES = MIB
    film = tmp_path / "C0012.MP4"
    film.write_bytes(footage["a"].read_bytes())
    padded(film, 70 * MIB)
    page = open_page("/sessions/new/", user=operator)
    page.route(re.compile("/store/"), held_after(page, 2))
    page.locator("#choose").set_input_files(film)
    page.wait_for_function(
        "window.partsSent === undefined && document.querySelector('#slot-A').dataset.state === 'sending'"
    )
    wait_for_parts(page, 2)
    page.unroute(re.compile("/store/"))
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()

    expect(page.locator("#slot-A")).to_contain_text(re.compile(r"4\d % is here"))
    look(page, "upload-unfinished")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.locator("#slot-A input[type=file]").set_input_files(film)

    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"), timeout=30_000)
    assert len(sent) == 3
    asset = MediaAsset.objects.get()
    assert asset.status == "ingesting"
    assert asset.size_bytes == 70 * MIB


def held_after(page: Page, count: int):
    """A network that takes so many parts and then hangs."""
    taken = []

    def handle(route) -> None:
        if len(taken) < count:
            taken.append(route.request.url)
            route.continue_()

    return handle


def wait_for_parts(page: Page, count: int) -> None:
    for _ in range(100):
        upload = Upload.objects.filter(state="open").exclude(store_upload_id="").first()
        if upload and len(storage.store().parts(upload.key, upload.store_upload_id)) >= count:
            return
        page.wait_for_timeout(100)
    raise AssertionError("The parts never arrived.")
