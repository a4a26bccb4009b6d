"""Masks in a browser: a frame is looked for, marked with points and a box by pointer and keyboard, and the mask is corrected and used."""

from playwright.sync_api import Page, expect

from media_app import storage
from media_app.models import DerivedMedia, MediaAsset
from render_app.models import Clip, FilterStack, Sequence, Track, VideoProject
from tests.browser.kit import look
from tests.flows.test_masks import disc, likeness, on_texture, picture_of
from tests.support.faces import film
from tests.support.factories import a_derivative, a_registry_asset
from tests.support.working import work_off


def marked_film(folder) -> MediaAsset:
    """Four frames of a disc that moves, and a clip that shows them."""
    path = film(folder / "disc.mp4", 4, lambda number: on_texture(disc(number)))
    asset = a_registry_asset(original_filename="disc.mp4", tenant_id="t_local", duration_ms=160, fps="25/1")
    for key in (asset.original_key, a_derivative(asset, "proxy").key):
        storage.store().put_bytes(key, path.read_bytes(), content_type="video/mp4")
    MediaAsset.objects.filter(pk=asset.pk).update(size_bytes=path.stat().st_size)
    stamp = asset.context.stamp()
    project = VideoProject.objects.create(**stamp, title="Discs")
    track = Track.objects.create(
        **stamp, sequence=Sequence.objects.create(**stamp, project=project, timebase="25/1"), kind="video"
    )
    Clip.objects.create(**stamp, track=track, asset=asset, out_ms=160)
    return asset


def click(page: Page, x: float, y: float) -> None:
    place = page.locator("form[data-mask] svg").bounding_box()
    page.mouse.click(place["x"] + x * place["width"], place["y"] + y * place["height"])


def test_a_mask_is_cut_out_of_a_frame_corrected_and_used_in_a_clip(open_page, operator, tmp_path):
    asset = marked_film(tmp_path)
    page = open_page(f"/registry/{asset.pk}/", user=operator)
    page.get_by_text("Cut out a mask").click()
    marks = page.get_by_role("list", name="Marks").get_by_role("listitem")
    frame = page.get_by_role("spinbutton", name="Frame number")
    frame.fill("9")
    frame.press("Tab")
    expect(page.get_by_text("There is no frame 9: frames are counted from 0 to 3.")).to_be_visible()
    frame.fill("1")
    frame.press("Tab")
    page.get_by_role("button", name="+1 frame").press("Enter")
    expect(page.get_by_text("Frame at 0.080 s")).to_be_visible()
    page.get_by_role("button", name="Cut out mask").press("Enter")
    expect(page.get_by_text("Mark what to select first")).to_be_visible()

    picture = page.get_by_role("application", name="Picture to mark")
    picture.scroll_into_view_if_needed()
    click(page, 110 / 320, 0.5)
    page.get_by_label("Leave out").check()
    left, top = (page.get_by_role("spinbutton", name=name) for name in ("Left, %", "Top, %"))
    left.fill("120")
    page.get_by_role("button", name="Add point").press("Enter")
    expect(page.get_by_text("That is outside of the picture")).to_be_visible()
    left.fill("80")
    top.fill("20")
    page.get_by_role("button", name="Add point").press("Enter")
    page.get_by_label("Lines").check()
    for key in ("Enter", "ArrowDown", "Shift+ArrowDown", "Enter", "Escape"):
        picture.press(key)
    expect(marks).to_have_count(3)
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(marks).to_have_count(2)
    page.get_by_role("button", name="Cut out mask").press("Enter")
    expect(page.get_by_text("Cutting out the mask: Waiting for a worker")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel", exact=True).last).to_be_visible()
    work_off()

    expect(page.get_by_text("of the picture is selected, at 0.080 s. The mask is kept.")).to_be_visible()
    mask = DerivedMedia.objects.get(asset=asset, kind="mask")
    assert likeness(picture_of({"artifact_id": mask.pk}), disc(2)) >= 0.9
    assert [point["label"] for point in mask.meta["marks"]["points"]] == [1, 0]
    look(page, "registry-masks")

    page.get_by_role("button", name="Remove Point, leave out").press("Enter")
    page.get_by_role("button", name=f"Correct mask {mask.pk}").press("Enter")
    expect(marks).to_have_count(2)
    page.get_by_label("Box").check()
    left.fill("20")
    page.get_by_role("button", name="Set box").press("Enter")
    expect(marks).to_have_count(3)

    page.get_by_label("For", exact=True).select_option("face_blur")
    page.get_by_role("button", name="Use mask").press("Enter")
    expect(page.get_by_text("The mask is in use in Discs.")).to_be_visible()
    [filter] = FilterStack.objects.get().filters
    assert (filter["type"], filter["params"]["mask_artifact_id"]) == ("face_blur", str(mask.pk))
