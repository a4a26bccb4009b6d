"""A production in the browser: what the packager made plays."""

import re

from playwright.sync_api import expect

from media_app.services import mastering
from render_app.services import productions
from tests.browser.footage import film
from tests.browser.kit import look
from tests.support.media import slate
from tests.support.shoots import shoot


def test_an_operator_watches_a_production(open_page, operator, settings, tmp_path):
    settings.MEDIA_JOBS_ENABLED = False
    talk = film(shoot(status="ready"), "A", slate(seconds=4, sound="speech"), tmp_path / "a", duration_ms=4000)
    made = productions.create(talk.context, talk.pk, preset="normalise_v1")
    assert made.status == "completed", made.error_message
    page = open_page(f"/sessions/{talk.session_id}/", user=operator)
    page.get_by_role("region", name="Productions", exact=True).get_by_role("link", name=talk.original_filename).click()
    page.locator("video").evaluate("(video) => { video.muted = true; return video.play(); }")
    for _ in range(2400):
        seen = page.evaluate(
            "() => { const v = document.querySelector('video'); return [v.currentTime, v.videoWidth, v.duration, v.error?.message]; }"
        )
        if seen[0] > 1:
            break
        page.wait_for_timeout(50)
    assert seen[0] > 1, seen
    assert seen[1] in {rung["width"] for rung in made.package_json["rungs"]}
    assert abs(seen[2] - 4) < 0.1
    page.evaluate("document.querySelector('video').pause()")
    look(page, "production")
    page.get_by_role("link", name="Productions").first.click()
    expect(page.get_by_role("row", name=re.compile(talk.original_filename))).to_contain_text("Ready")
    look(page, "productions")
    page.get_by_role("link", name="New production").click()
    look(page, "production-new")
    assert mastering.masters_of(talk)[0].status == "COMPLETED"
