"""The review page of a day: cameras that stopped and started many times, in a real Chromium."""

import pytest
from playwright.sync_api import Page, expect

from sessions_app.models import RecordingSession
from tests.browser.kit import look
from tests.support.review_shoot import a_day, synced

CLIPS = 40
#: Until the picture of camera B is that of the clock.
IN_STEP = """() => new Promise((done) => {
  const video = document.querySelector("[data-angle=B] video");
  const look = () => {
    const { B } = studioReview.angles.errors();
    return video.readyState > 1 && Math.abs(B) < 0.05 ? done() : setTimeout(look, 20);
  };
  look();
})"""
DOUBTFUL, NOWHERE = ("B.7", "C.12", "D.40"), ("C.3",)


@pytest.fixture
def open_review(open_page, operator):
    def open_it(session: RecordingSession) -> Page:
        page = open_page(f"/sessions/{session.pk}/review/", user=operator)
        page.wait_for_selector("html[data-review=ready]")
        return page

    return open_it


def offsets_of(page: Page, *labels: str) -> list[float]:
    return page.evaluate("labels => labels.map((label) => studioReview.offsets.of(label))", list(labels))


def nodes(page: Page) -> int:
    """What is drawn: the choices of a menu are not, before it is opened."""
    return page.evaluate("document.querySelectorAll(':not(option)').length")


def test_a_day_of_120_clips_is_reviewed_by_camera_the_worst_first(open_review):
    session = a_day(CLIPS, doubtful=DOUBTFUL, nowhere=NOWHERE)
    page = open_review(session)
    expect(page.locator("[data-lane]")).to_have_count(4)
    expect(page.locator("video")).to_have_count(4)
    expect(page.locator("#verdict")).to_contain_text("Camera B: 40 clips, 39 look good, 1 to check.")
    expect(page.locator("#verdict")).to_contain_text("Camera C: 40 clips, 38 look good, 1 to check, 1 not placed.")
    expect(page.locator("#chosen-label")).to_have_text("C.3")
    expect(page.get_by_role("button", name="Next doubtful (4)")).to_be_visible()
    expect(page.locator("[data-moved=C]")).to_have_text("1 not placed")
    page.fill("#exact-ms", "17000")
    page.keyboard.press("Enter")
    assert offsets_of(page, "C.3") == [17_000]
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    expect(page.locator("#chosen-label")).to_have_text("B.7")
    expect(page.locator("#clip-choice")).to_have_value("B.7")
    # Where clip 7 of camera B lies, once its evidence is read.
    page.wait_for_function("() => studioReview.lanes.view[0] < 49 + 4 && studioReview.lanes.view[1] > 49")
    page.keyboard.press("z")
    look(page, "review-day")
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("#chosen-label")).to_have_text("D.40")
    page.keyboard.press("n")
    expect(page.locator("#messages")).to_contain_text("last doubtful clip")
    assert session.pk.hex in page.url.replace("-", "")


def test_one_clip_moves_or_all_of_its_camera_from_there_on(open_review):
    page = open_review(a_day(6, doubtful=("B.4",)))
    expect(page.locator("#chosen-label")).to_have_text("B.4")
    keys = ("B.3", "B.4", "B.5", "B.6", "C.5")
    before = offsets_of(page, *keys)
    page.get_by_role("button", name="+10 ms").click()
    assert offsets_of(page, *keys) == [before[0], before[1] + 10, *before[2:]]
    page.get_by_label("Nudges move this camera's later clips too").check()
    page.get_by_role("button", name="+10 ms").click()
    assert offsets_of(page, *keys) == [before[0], before[1] + 20, before[2] + 10, before[3] + 10, before[4]]
    expect(page.locator("[data-moved=B]")).to_have_text("3 moved")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert offsets_of(page, *keys) == before


def test_the_picture_of_a_camera_is_that_of_the_clip_at_the_clock(open_review):
    page = open_review(a_day(6, doubtful=("B.4",)))
    sources = []
    for t, clip in ((10.0, "B.2"), (26.0, "B.4"), (42.5, "B.6")):
        page.evaluate("t => studioReview.clock.seek(t)", t)
        expect(page.locator("[data-angle=B] [data-shown]")).to_have_text(clip)
        page.evaluate(IN_STEP)
        sources.append(page.evaluate("document.querySelector('[data-angle=B] video').src"))
    assert len(set(sources)) == 3
    page.evaluate("studioReview.clock.seek(6.5)")
    expect(page.locator("[data-angle=B]")).to_have_class("angle is-chosen is-away")


def test_a_wave_is_clicked_and_dragged_clip_by_clip(open_review):
    page = open_review(a_day(6))
    page.keyboard.press("z")
    wave = page.locator("[data-wave=C]")
    box = wave.bounding_box()

    def x(t: float) -> float:
        return box["x"] + page.evaluate("t => studioReview.lanes.x(t)", t)

    page.mouse.click(x(20.0), box["y"] + 20)
    expect(page.locator("#chosen-label")).to_have_text("C.3")
    page.mouse.move(x(20.0), box["y"] + 20)
    page.mouse.down()
    page.mouse.move(x(20.0) + 30, box["y"] + 20, steps=4)
    page.mouse.up()
    (moved,) = offsets_of(page, "C.3")
    assert abs(moved - 18_000 - 30_000 / page.evaluate("studioReview.lanes.scale")) < 1
    assert offsets_of(page, "C.2", "C.4") == [10_000, 26_000]
    page.mouse.click(x(15.0), box["y"] + 20)
    expect(page.locator("#chosen-label")).to_have_text("C.3")


def test_what_is_sure_is_approved_together_with_one_key(open_review):
    session = a_day(6, doubtful=("B.4",))
    page = open_review(session)
    expect(page.locator("#decide-why")).to_have_text("Approves 17 sure clips together, and 1 to check: N shows each.")
    page.keyboard.press("a")
    page.wait_for_url("**/sessions/")
    session.refresh_from_db()
    assert session.status == "ready"
    assert len(session.sync_results.get().final_offsets) == 19


def test_a_hundred_clips_draw_no_more_of_the_page_than_three_cameras(open_review):
    three = nodes(open_review(synced()))
    page = open_review(a_day(CLIPS))
    page.keyboard.press("z")
    assert page.locator("#clip-choice option").count() == CLIPS
    assert nodes(page) < three + 60, "one more lane and picture, and the sentence of each camera"
