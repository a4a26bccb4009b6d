"""With a bucket behind it, the page sends files straight there: many parts at once, none of them through Studio."""

import re

import pytest
from playwright.sync_api import expect

from media_app import storage
from media_app.models import MediaAsset
from tests.browser.footage import padded, shoot_files
from tests.support.review_shoot import synced

MIB = 2**20

pytestmark = pytest.mark.services


@pytest.fixture
def bucket(s3_place, settings, site) -> str:
    """The bucket's address, which the policy names as it would with these settings from the start; its CORS rules are
    those that `apply_lifecycle` gives a bucket."""
    origin = settings.S3_ENDPOINT_URL.rstrip("/")
    storage.store().apply_cors([site])
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    opened = {name: [*directives[name], origin] for name in ("img-src", "media-src", "connect-src")}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives | opened}
    settings.MULTIPART_FROM_BYTES = MIB
    return origin


def until(page, condition: str) -> None:
    """The policy forbids what Playwright's own waiting does with an expression."""
    for _ in range(1200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not within two minutes: {condition}")


def test_parts_go_straight_to_the_bucket_several_at_once(open_page, operator, bucket, tmp_path, watch):
    watch.origins += (bucket,)
    film = padded(shoot_files(tmp_path, seconds=2, starts={"a": 0.0})["a"], 70 * MIB)
    page = open_page("/sessions/new/", user=operator)
    flights = {"now": 0, "most": 0, "parts": 0}

    def begins(request) -> None:
        if request.method == "PUT" and request.url.startswith(bucket):
            flights["now"] += 1
            flights["parts"] += 1
            flights["most"] = max(flights["most"], flights["now"])

    def ends(request) -> None:
        if request.method == "PUT" and request.url.startswith(bucket):
            flights["now"] -= 1

    page.on("request", begins)
    page.on("requestfinished", ends)

    page.locator("#choose").set_input_files(film)

    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}/$"))
    asset = MediaAsset.objects.get()
    assert (asset.status, asset.size_bytes) == ("ingesting", 70 * MIB)
    assert flights["parts"] == 5
    assert flights["most"] >= 3


def test_the_review_page_draws_plays_and_listens_straight_from_the_bucket(open_page, operator, bucket, watch):
    watch.origins += (bucket,)
    session = synced()
    page = open_page(f"/sessions/{session.pk}/review/", user=operator)
    page.wait_for_selector("html[data-review=ready]")
    page.keyboard.press("b")
    until(page, "studioReview.clock.running && studioReview.clock.time > 0.5")
    page.keyboard.press("Space")
    until(page, "studioReview.angles.angles.every((angle) => angle.frames > 0)")
    loudest = page.evaluate("async () => Math.max(...(await studioReview.listen.render(1, 48000)).right)")
    assert loudest > 0.05


def test_a_page_of_another_origin_may_not_use_the_bucket(open_page, operator, bucket, s3_place, watch, tmp_path):
    watch.origins += (bucket,)
    watch.allow("CORS", "ERR_FAILED", "Failed to load", "Uppy")
    storage.store().apply_cors(["https://elsewhere.example"])
    film = padded(shoot_files(tmp_path, seconds=2, starts={"a": 0.0})["a"], 2 * MIB)
    page = open_page("/sessions/new/", user=operator)
    page.locator("#choose").set_input_files(film)
    expect(page.locator("main")).to_contain_text("check the bucket's CORS settings")
    assert not MediaAsset.objects.exclude(status="uploading").exists()
