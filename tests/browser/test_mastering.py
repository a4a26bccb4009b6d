"""The page that tries a preset: from a wish to before and after, by ear and by picture, with music of one's own."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from media_app.models import MediaAsset
from tests.browser.footage import film
from tests.browser.kit import drop, look
from tests.support.media import slate
from tests.support.shoots import camera, shoot


def test_a_preset_is_tried_with_dropped_music_heard_and_seen(open_page, operator, worker, tmp_path, watch):
    watch.allow("400 (Bad Request)")
    session = shoot(title="Cello lesson", status="ready")
    talk = film(session, "A", slate(seconds=4, sound="speech"), tmp_path / "a", duration_ms=4000)
    tune = slate("tune.wav", seconds=2, video=None, audio=("-c:a", "pcm_s16le"))
    operator.is_staff = False
    operator.save()
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    page.locator("article", has_text=talk.original_filename).get_by_text("Files and actions").click()
    page.get_by_role("link", name="Master audio").first.click()
    expect(page.get_by_role("heading", name="No results yet")).to_be_visible()
    look(page, "mastering-empty")

    page.get_by_label("Preset").select_option("music_mix_roll_duck_v1")
    expect(page.get_by_text("makes room for every phrase")).to_be_visible()
    assert page.get_by_label("Music ducks by, dB").get_attribute("placeholder") == "14"
    page.get_by_label("Music ducks by, dB").fill("99")
    (tmp_path / "silent.pdf").write_bytes(b"%PDF")
    page.locator("[data-music-file]").set_input_files(tmp_path / "silent.pdf")
    expect(page.locator("[data-music-status]")).to_contain_text("Studio accepts video and audio")
    drop(page, tune, onto="[data-music]")
    expect(page.locator("[data-music-status]")).to_have_text("tune.wav is ready and chosen as music.")
    music = MediaAsset.objects.get(session=None)
    assert (music.status, music.original_filename, music.tenant_id) == ("ready", "tune.wav", talk.tenant_id)
    assert page.get_by_label("Music", exact=True).input_value() == str(music.pk)
    page.get_by_role("button", name="Master").click()
    expect(page.get_by_role("alert")).to_contain_text("must be from 0 to 30, not 99")
    look(page, "mastering-refused")

    page.get_by_label("Music ducks by, dB").fill("9")
    page.get_by_role("button", name="Master").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert page.get_by_label("Music ducks by, dB").input_value() == "9.0"
    assert page.locator("path.wave").count() == 2
    assert page.locator("polyline.curve").count() == 2
    expect(page.get_by_role("row", name=re.compile("^After"))).to_contain_text("-16.")

    page.get_by_role("button", name="Play").click()
    before = until(page, lambda heard: heard["time"] > 0.3)
    page.get_by_role("button", name="Before", exact=True).click()
    switched = until(page, lambda heard: heard["after"] < 0.001)
    assert before["before"] == 0
    assert before["after"] > 0
    assert switched["before"] > 0
    assert switched["time"] > before["time"], "the switch stopped the clock"
    matched = page.evaluate("() => JSON.parse(document.getElementById('player').textContent).gains")
    assert max(matched.values()) == 0
    page.get_by_label("Match loudness").uncheck()
    until(page, lambda heard: heard["before"] > 0.999)
    page.get_by_role("button", name="Pause").click()
    look(page, "mastering")


def until(page, holds: Callable[[dict], bool]) -> dict:
    """The player's gains and time, once that holds of them. (The page's policy forbids Playwright's own way of waiting.)"""
    for _ in range(2400):
        heard = page.evaluate(GAINS)
        if heard and holds(heard):
            return heard
        page.wait_for_timeout(50)
    raise AssertionError(f"It never came to that: {heard}")


GAINS = """() => {
  const player = document.querySelector("[data-player]").player;
  if (!player.gains) {
    return null;
  }
  const of = (name) => player.gains.get(name).gain.value;
  return { before: of("before"), after: of("after"), time: player.time };
}"""


def test_who_may_not_see_an_asset_does_not_find_its_page(open_page, operator, watch):
    watch.allow("404")
    asset = camera(shoot(tenant_id="t_other"), "A", tenant_id="t_other")
    page = open_page(f"/assets/{asset.pk}/mastering/", user=operator)
    expect(page.locator("body")).to_contain_text("Page not found")
