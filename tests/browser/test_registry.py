"""The registry in a browser: no accessibility fault in any state; found, tagged and followed by keyboard."""

from playwright.sync_api import expect

from media_app.models import ArtifactSource
from tests.browser.kit import look
from tests.support.factories import a_derivative, a_registry_asset
from tests.support.shoots import gallery


def test_the_registry_in_all_its_states(open_page, operator):
    page = open_page("/registry/", user=operator)
    look(page, "registry-empty")
    shown = gallery()
    where = {"tenant_id": shown["ready"].tenant_id, "env": shown["ready"].env}
    film = a_registry_asset(original_filename="film.mp4", tags=["talk", "wide"], source_ref="cam-7", **where)
    music = a_registry_asset("failed", original_filename="music.wav", status_message="The file is cut.", **where)
    frames = [a_derivative(film, "frame", str(number)) for number in range(3)]
    ArtifactSource.objects.record(frames[0], [music], "music")
    page.goto("/registry/")
    look(page, "registry-list")
    page.goto("/registry/?search=nothing+like+it&page=x")
    look(page, "registry-no-match")
    for asset in (film, music):
        page.goto(f"/registry/{asset.pk}/")
        look(page, f"registry-{asset.original_filename}")

    page.goto("/registry/?search=film")
    page.get_by_role("link", name="film.mp4").press("Enter")
    expect(page.get_by_role("group", name="Lineage of film.mp4")).to_contain_text("3 files")
    page.get_by_label("Tags").fill("talk, close")
    page.get_by_role("button", name="Save tags").press("Enter")
    expect(page.get_by_text("Tags saved.")).to_be_visible()
    film.refresh_from_db()
    assert film.tags == ["talk", "close"]
    page.get_by_role("link", name="music.wav").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("music.wav")
