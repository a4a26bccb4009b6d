"""A first film from the session's page, in a real Chromium."""

from playwright.sync_api import expect

from render_app.models import FirstFilm
from tests.browser.kit import look
from tests.browser.test_angles import shoot, with_originals  # noqa: F401


def test_one_button_makes_a_film_that_plays_on_the_page(open_page, operator, shoot, worker, settings):  # noqa: F811
    settings.VIDEO_CAPTIONS_BACKEND = "nobody"
    session = with_originals(shoot)
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    panel = page.locator("#first-film")
    panel.get_by_label("Lively").focus()
    page.keyboard.press("Space")
    look(page, "first-film-offered")
    panel.get_by_role("button", name="Make a first film").focus()
    page.keyboard.press("Enter")
    expect(panel.locator(".badge")).to_have_text("Ready", timeout=240_000)
    assert FirstFilm.objects.get().preset == "lively"
    expect(panel.locator(".film-step.is-left_out")).to_contain_text("no camera of it has sound")
    expect(panel.get_by_role("link", name="film.mp4")).to_be_visible()
    look(page, "first-film-ready")
    expect(panel.get_by_label("Lively")).to_be_checked()

    page.evaluate("document.querySelector('.film-player').play()")
    page.wait_for_function("() => document.querySelector('.film-player').currentTime > 0.3")
    with page.expect_response(lambda answer: f"/sessions/{session.pk}/" in answer.url):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('studio:changed'))")
    page.wait_for_function("() => document.querySelector('.film-player').currentTime > 0.8")
    panel.get_by_role("link", name="Change the cut").click()
    page.wait_for_selector("html[data-angles=ready]")
