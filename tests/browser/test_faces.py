"""Doubtful faces in a browser: a person decides about each range by keyboard, and the recording is released."""

from django.utils import timezone
from playwright.sync_api import expect

from media_app import storage
from media_app.models import MediaAsset
from render_app.models import Anonymisation
from render_app.services.clearances import current
from tests.browser.kit import look
from tests.support.faces import film, pasted
from tests.support.factories import a_derivative, a_registry_asset

DOUBTS = [
    {"start_ms": 120.0, "end_ms": 200.0, "reason": "a face is lost inside the picture"},
    {"start_ms": 280.0, "end_ms": 360.0, "reason": "a face appears inside the picture"},
]
WHY = "Its faces are to be hidden, and a person has to review the doubtful ranges first."


def a_doubtful_asset(folder) -> MediaAsset:
    asset = a_registry_asset(
        original_filename="street.mp4",
        tenant_id="t_local",
        duration_ms=400,
        withheld=WHY,
        faces_hidden_at=timezone.now(),
    )
    preview = a_derivative(asset, "faces_preview")
    small = film(folder / "preview.mp4", 10, lambda number: pasted(400, 40)).read_bytes()
    storage.store().put_bytes(preview.key, small, content_type="video/mp4")
    Anonymisation.objects.create(
        **asset.context.stamp(),
        asset=asset,
        preset="medium",
        status="doubtful",
        cache_key="k",
        doubtful_ranges=DOUBTS,
        scan_version=current(),
    )
    return asset


def test_a_person_decides_about_each_doubtful_range_by_keyboard(open_page, operator, tmp_path):
    asset = a_doubtful_asset(tmp_path)
    page = open_page(f"/registry/{asset.pk}/", user=operator)

    expect(page.get_by_text("a person has to look at 2 doubtful ranges")).to_be_visible()
    expect(page.get_by_text("A face is lost inside the picture.")).to_be_visible()
    look(page, "faces-doubtful")
    page.get_by_role("button", name="Clear").first.press("Enter")
    expect(page.get_by_text("1 of 2 decided")).to_be_visible()
    expect(page.get_by_role("button", name="Clear").first).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Release recording")).to_be_disabled()
    for number in (0, 1):
        keep = page.get_by_role("button", name="Keep whole-frame blur").nth(number)
        keep.press("Enter")
        expect(keep).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("2 of 2 decided")).to_be_visible()
    # What still loads when the recording is released finds the preview gone.
    page.wait_for_function(
        "() => [...document.querySelectorAll('.doubt-film')].every((film) => film.preload === 'none' || film.readyState > 0)"
    )
    page.get_by_role("button", name="Release recording").press("Enter")

    expect(page.get_by_text("Faces are hidden.")).to_be_visible()
    expect(page.get_by_text("Released by operator")).to_be_visible()
    asset.refresh_from_db()
    assert asset.withheld == ""
    assert [one["decision"] for one in Anonymisation.objects.get(asset=asset).doubtful_ranges] == ["keep", "keep"]
    look(page, "faces-released")
