"""With a bucket behind it, the page sends files straight there: many parts at once, none of them through Studio."""

import re

import pytest
from playwright.sync_api import expect

from media_app.models import MediaAsset
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.footage import padded, shoot_files

MIB = 2**20

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def chromium(chromium):
    """A browser that asks for no CORS rules: the server of this test keeps none, where a bucket has `store_setup`'s."""
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-web-security"])
    yield browser
    browser.close()


@pytest.fixture
def bucket(s3_place, settings) -> str:
    """The bucket's address, which the policy names as it would with these settings from the start."""
    origin = settings.S3_ENDPOINT_URL.rstrip("/")
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    opened = {name: [*directives[name], origin] for name in ("img-src", "media-src", "connect-src")}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives | opened}
    settings.MULTIPART_FROM_BYTES = MIB
    return origin


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
