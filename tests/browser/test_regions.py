"""Regions in a browser: one that was missed is drawn, moved on another frame and given times, one that is none is taken away with a
reason, and the masks follow."""

from playwright.sync_api import Page, expect

from media_app import storage
from media_app.models import DerivedMedia, MediaAsset
from tests.browser.kit import look
from tests.support.faces import film, pasted, pictures
from tests.support.factories import a_derivative, a_registry_asset
from tests.support.working import work_off


def a_searched_film(page: Page, folder) -> MediaAsset:
    """Twenty frames of one face that was looked for."""
    path = film(folder / "street.mp4", 20, lambda number: pasted(60, 40))
    asset = a_registry_asset(original_filename="street.mp4", tenant_id="t_local", duration_ms=800, fps="25/1")
    for key in (asset.original_key, a_derivative(asset, "proxy").key):
        storage.store().put_bytes(key, path.read_bytes(), content_type="video/mp4")
    MediaAsset.objects.filter(pk=asset.pk).update(size_bytes=path.stat().st_size)
    page.goto(f"/registry/{asset.pk}/")
    page.get_by_role("button", name="Find faces").press("Enter")
    expect(page.get_by_text("Faces: waiting for a worker")).to_be_visible()
    work_off()
    return asset


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    place = page.locator("form[data-regions] svg").bounding_box()
    for number, (x, y) in enumerate((start, end, end)):
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def masks_of(summary: DerivedMedia, folder) -> list:
    row = DerivedMedia.objects.get(kind="region_mask", cache_key=summary.cache_key)
    path = folder / "masks.mkv"
    path.write_bytes(storage.store().read_range(row.key, 0, row.size_bytes))
    return pictures(path)


def test_a_missed_region_is_drawn_and_moved_and_a_wrong_one_taken_away_with_a_reason(open_page, operator, tmp_path):
    page = open_page("/registry/", user=operator)
    asset = a_searched_film(page, tmp_path)
    page.get_by_text("Change regions by hand").click()
    regions = page.get_by_role("list", name="Regions", exact=True).get_by_role("listitem")
    expect(regions).to_have_count(1)
    picture = page.get_by_role("application", name="Picture with regions")
    picture.scroll_into_view_if_needed()
    form = page.locator("form[data-regions]")
    save = page.get_by_role("button", name="Save as a new version")
    expect(save).to_be_disabled()

    drag(page, (0.6, 0.6), (0.8, 0.9))
    expect(regions).to_have_count(2)
    expect(page.get_by_role("button", name="New region 1", exact=True)).to_have_attribute("aria-pressed", "true")
    form.get_by_role("spinbutton", name="Frame number").fill("10")
    form.get_by_role("spinbutton", name="Frame number").press("Tab")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "ArrowDown"):
        picture.press(key)
    expect(page.get_by_role("spinbutton", name="Left edge")).to_have_value("70")
    picture.press("Control+z")
    expect(page.get_by_role("spinbutton", name="Upper edge")).to_have_value("60")
    page.get_by_role("spinbutton", name="Until, s").fill("0.4")
    page.get_by_role("spinbutton", name="Until, s").press("Tab")
    expect(regions.nth(1)).to_contain_text("0.00 s to 0.40 s")
    page.get_by_role("spinbutton", name="Until, s").fill("9")
    page.get_by_role("spinbutton", name="Until, s").press("Tab")
    expect(page.get_by_text("A region begins before it ends, and ends by 0.8 s.")).to_be_visible()
    page.get_by_role("button", name="Face 1", exact=True).press("Enter")
    picture.press("Delete")
    save.press("Enter")
    expect(page.get_by_text("Say why a face that was found loses its place")).to_be_visible()
    page.get_by_label("Why a face that was found").fill("a poster")
    look(page, "registry-regions")
    save.press("Enter")
    expect(page.get_by_text("Changing the regions: Waiting for a worker")).to_be_visible()
    work_off()

    expect(page.get_by_text("The regions are saved as a new version.")).to_be_visible()
    page.get_by_text("Versions", exact=True).click()
    versions = page.get_by_role("list", name="Versions of the regions").get_by_role("listitem")
    expect(versions.first).to_contain_text("operator: 1 added, 1 taken away (a poster)")
    expect(versions.last).to_contain_text("found by the search: 1")
    summary = DerivedMedia.objects.filter(asset=asset, kind="video_region_summary").latest("created_at")
    masks = masks_of(summary, tmp_path)
    at = lambda number, x, y: int(masks[number][int(y * 180), int(x * 320)].mean())  # noqa: E731
    # Where the face was nothing is hidden; the new box goes from one place to the other.
    assert [at(5, 90 / 320, 80 / 180), at(0, 0.62, 0.75), at(5, 0.75, 0.75), at(10, 0.88, 0.75)] == [0, 255, 255, 255]
    assert at(10, 0.62, 0.75) == 0
    expect(regions).to_have_count(1)
    expect(page.get_by_role("button", name="Added region 1", exact=True)).to_be_visible()
