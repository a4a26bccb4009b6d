"""Files go in by drop, by keyboard, in parts, over a reload; and what cannot go in says why."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from media_app import storage
from media_app.models import MediaAsset, Upload
from media_app.services import uploads
from sessions_app.models import RecordingSession
from tests.browser.footage import padded, shoot_files
from tests.browser.kit import drop, look
from tests.support.shoots import camera, shoot

MIB = 2**20


@pytest.fixture(scope="module")
def footage(tmp_path_factory) -> dict[str, Path]:
    return shoot_files(tmp_path_factory.mktemp("footage"))


@pytest.fixture(autouse=True)
def _without_mezzanines(settings):
    settings.MEZZANINE = "off"


def test_three_files_dropped_at_once_become_a_session_in_review(open_page, operator, worker, footage):
    page = open_page("/sessions/new/", user=operator)
    look(page, "upload-empty")
    page.get_by_label("Title").fill("Tuesday lesson")

    page.get_by_label("Name of camera A").fill("Wide")
    page.get_by_label("Name of camera B").fill("Close-up")
    drop(page, footage["c"], footage["a"], footage["b"])

    expect(page.locator("#slot-A .slot-file")).to_contain_text("cam_a.mp4")
    expect(page.locator("#slot-C .slot-file")).to_contain_text("cam_c.mp4")
    page.get_by_label("Notes").fill("Second take is the good one")
    page.get_by_label("Title").focus()
    page.get_by_label("Title").blur()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday lesson")
    expect(page.locator("#session").get_by_text("Needs review")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(r"B.*\d s"))).to_be_visible()
    session = RecordingSession.objects.get()
    assert (session.title, session.notes) == ("Tuesday lesson", "Second take is the good one")
    assert session.camera_names == {"A": "Wide", "B": "Close-up"}
    assert [asset.original_filename for asset in session.assets.all()] == ["cam_a.mp4", "cam_b.mp4", "cam_c.mp4"]
    offsets = session.sync_results.get().offsets_ms
    assert offsets["B"] - offsets["A"] == pytest.approx(1500, abs=20)
    # The verdict comes before the pictures.
    expect(page.locator("a", has_text="Proxy").first).to_be_attached()
    with page.expect_download() as download:
        page.get_by_text("Files and actions").first.click()
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
    wait_for_parts(page, 2)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute(re.compile("/store/"))

    expect(page.locator("#slot-A")).to_contain_text(re.compile(r"(31|45)% uploaded"))
    look(page, "upload-unfinished")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.locator("#slot-A input[type=file]").set_input_files(film)

    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    assert len(sent) == 3
    asset = MediaAsset.objects.get()
    assert asset.status == "ingesting"
    assert asset.size_bytes == 70 * MIB


def test_two_files_change_cameras_before_they_are_here(open_page, operator, footage):
    page = open_page("/sessions/new/", user=operator)
    page.route(re.compile("/store/"), lambda route: None)
    drop(page, footage["a"], footage["b"])
    expect(page.locator("#slot-B")).to_have_attribute("data-state", "sending")
    look(page, "upload-sending")

    page.get_by_label("Camera for cam_a.mp4").select_option("B")

    expect(page.locator("#slot-B .slot-file")).to_contain_text("cam_a.mp4")
    expect(page.locator("#slot-A .slot-file")).to_contain_text("cam_b.mp4")
    expect(page.locator("#slot-B select")).to_be_focused()
    expect(page.locator("#slot-A")).to_have_attribute("data-state", "sending")
    page.get_by_label("Camera for cam_a.mp4").select_option("D")
    expect(page.locator("#slot-D .slot-file")).to_contain_text("cam_a.mp4")
    page.locator("#slot-D").get_by_role("button", name="Remove").click()
    expect(page.locator("#slot-D")).to_have_attribute("data-state", "empty")
    page.locator("#slot-A").get_by_role("button", name="Pause").click()
    expect(page.locator("#slot-A")).to_contain_text("Paused at 0%")
    page.unroute(re.compile("/store/"))
    page.locator("#slot-A").get_by_role("button", name="Resume").click()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    assert [(a.camera_label, a.original_filename) for a in MediaAsset.objects.all()] == [("A", "cam_b.mp4")]


def test_a_lost_network_pauses_and_goes_on_by_itself(open_page, operator, footage, watch):
    watch.allow("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "503")
    page = open_page("/sessions/new/", user=operator)
    page.route(re.compile("/store/"), lambda route: None)
    drop(page, footage["a"])
    slot = page.locator("#slot-A")
    expect(slot).to_have_attribute("data-state", "sending")
    page.context.set_offline(True)
    expect(slot).to_contain_text("Paused at 0%: you are offline. Resumes automatically.")
    page.unroute(re.compile("/store/"))
    failures = iter([503, 503])
    page.route(
        "**/init-upload",
        lambda route: route.fulfill(status=status) if (status := next(failures, None)) else route.continue_(),
    )
    page.context.set_offline(False)
    expect(slot).to_contain_text("Retrying in")
    look(page, "upload-waiting")
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))


def test_what_cannot_go_in_says_why_before_a_byte_is_sent(open_page, operator, footage, tmp_path, watch):
    watch.allow("400")
    here = shoot(title="Last week's lesson")
    camera(here, "B", original_filename="cam_b.mp4", size_bytes=footage["b"].stat().st_size, with_files=False)
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    (tmp_path / "empty.mov").touch()
    page = open_page("/sessions/new/", user=operator)
    sent = []
    page.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
    page.get_by_label("Project").fill("two words")
    drop(page, tmp_path / "notes.pdf", tmp_path / "empty.mov", footage["b"])

    refusals = page.locator("#refusals")
    expect(refusals).to_contain_text("notes.pdf is a .pdf file. Studio accepts video and audio")
    expect(refusals).to_contain_text("empty.mov is empty (0 bytes). Copy it from the card again.")
    slot = page.locator("#slot-B")
    expect(slot).to_contain_text(
        "as camera B of “Last week's lesson”. It will not be uploaded again unless you say so."
    )
    assert sent == []
    look(page, "upload-refused")
    slot.get_by_role("button", name="Upload anyway").click()
    expect(slot).to_contain_text("Nothing was uploaded yet. projectId: A project id is 1 to 64 letters")
    expect(page.get_by_label("Project")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Project").fill("lessons")
    page.get_by_label("Project").blur()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    assert MediaAsset.objects.filter(project_id="lessons", original_filename="cam_b.mp4").count() == 2


def test_another_file_than_the_one_begun_says_how_it_differs(open_page, operator, footage, tmp_path):
    session = shoot(title="Cello lesson")
    begun = uploads.FileOffer("A", "cam_a.mp4", "video/mp4", footage["a"].stat().st_size, "ab" * 32)
    uploads.init_upload(session.context, session.pk, begun)
    page = open_page(f"/sessions/{session.pk}/upload/", user=operator)
    slot = page.locator("#slot-A")
    slot.locator("input[type=file]").set_input_files(footage["b"])
    expect(slot).to_contain_text("this is cam_b.mp4, but the unfinished upload is cam_a.mp4")
    slot.locator("input[type=file]").set_input_files(footage["a"])
    expect(slot).to_contain_text("the same name and size but different content")
    look(page, "upload-differs")
    slot.get_by_role("button", name="Remove").click()
    slot.locator("input[type=file]").set_input_files(footage["a"])
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    assert MediaAsset.objects.get().uploads.get().fingerprint != "ab" * 32


def test_a_file_that_is_no_recording_fails_with_one_thing_to_do(open_page, operator, worker, tmp_path, footage):
    (tmp_path / "cam_a.mp4").write_bytes(b"not a recording at all" * 100)
    page = open_page("/sessions/new/", user=operator)
    drop(page, tmp_path / "cam_a.mp4")
    expect(page.get_by_role("article", name="Camera A").get_by_text("Failed")).to_be_visible()
    expect(page.locator("#session .note-bad")).not_to_be_empty()
    page.get_by_role("link", name="Replace file").first.click()
    expect(page.locator("#slot-A")).to_be_visible()
    page.locator("#slot-A input[type=file]").set_input_files(footage["a"])
    article = page.get_by_role("article", name="Camera A")
    expect(article.locator(".badge-good")).to_have_text("Ready")


def held_after(page: Page, count: int):
    """A network that takes so many parts and then hangs."""
    taken = []

    def handle(route) -> None:
        if len(taken) < count:
            taken.append(route.request.url)
            route.continue_()

    return handle


def wait_for_parts(page: Page, count: int) -> None:
    for _ in range(1200):
        upload = Upload.objects.filter(state="open").exclude(store_upload_id="").first()
        if upload and len(storage.store().parts(upload.key, upload.store_upload_id)) >= count:
            return
        page.wait_for_timeout(100)
    raise AssertionError("The parts never arrived.")
