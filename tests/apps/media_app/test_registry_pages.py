"""The registry as an operator sees it: found, looked at, tagged."""

import pytest
from django.test import Client

from media_app.core import lineage
from media_app.core.lineage import Node
from media_app.models import ArtifactSource
from tests.support.factories import a_derivative, a_registry_asset, a_session, a_user, an_asset

pytestmark = pytest.mark.django_db
HERE = {"tenant_id": "t_local"}


def test_the_list_finds_by_name_reference_tag_and_kind(browser):
    a_registry_asset(original_filename="logo.mov", source_ref="brand-7", tags=["brand"], **HERE)
    a_registry_asset(original_filename="voice.wav", kind="audio", **HERE)
    a_registry_asset(original_filename="secret.mov", tenant_id="t_other")

    def shown(query: str) -> set[str]:
        page = browser.get(f"/registry/{query}").content.decode()
        return {name for name in ("logo.mov", "voice.wav", "secret.mov") if name in page}

    assert shown("") == {"logo.mov", "voice.wav"}
    assert (
        shown("?search=LOGO")
        == shown("?search=brand-7")
        == shown("?search=brand")
        == shown("?tag=brand")
        == {"logo.mov"}
    )
    assert shown("?kind=audio") == {"voice.wav"}
    assert shown("?kind=film&page=x") == {"logo.mov", "voice.wav"}
    assert "No files found" in browser.get("/registry/?search=nothing").content.decode()


def test_a_file_has_its_player_facts_artifacts_and_its_lineage_both_ways(browser):
    session = a_session(tenant_id="t_local", title="Tuesday lesson")
    camera = an_asset(session, original_filename="camera.mp4", fps="30000/1001", codec="h264")
    proxy, frame = a_derivative(camera, "proxy"), a_derivative(camera, "frame")
    music = a_registry_asset(original_filename="music.wav", **HERE)
    render = a_derivative(a_registry_asset(original_filename="film.mp4", **HERE), "render")
    ArtifactSource.objects.record(frame, [music], "music")
    ArtifactSource.objects.record(render, [camera])
    page = browser.get(f"/registry/{camera.pk}/").content.decode()
    assert f'src="/files/{proxy.pk}/"' in page
    for words in ("Camera A", "Tuesday lesson", "30000/1001", "music.wav", "film.mp4", "Proxy (preview)"):
        assert words in page
    assert page.count('class="lineage-line"') == 5
    assert f'href="/registry/{music.pk}/"' in page


def test_a_files_sound_is_shown_as_far_as_it_is_known(browser):
    known = {"has_audio": True, "sample_rate": 48_000, "audio_channels": 1, **HERE}
    answered = browser.get(f"/registry/{a_registry_asset(**known, audio_codec='aac').pk}/").content.decode()
    assert "aac, 48000 Hz, 1 channel<" in answered
    unknown = browser.get(f"/registry/{a_registry_asset(has_audio=True, **HERE).pk}/").content.decode()
    assert "None" not in unknown


def test_tags_are_set_by_a_form_and_a_bad_one_is_refused(browser):
    asset = a_registry_asset(**HERE)
    assert browser.post(f"/registry/{asset.pk}/tags", {"tags": " talk, wide ,talk,, "}).status_code == 302
    asset.refresh_from_db()
    assert asset.tags == ["talk", "wide"]
    refused = browser.post(f"/registry/{asset.pk}/tags", {"tags": "x" * 101})
    assert refused.status_code == 400
    asset.refresh_from_db()
    assert asset.tags == ["talk", "wide"]


def test_another_tenants_file_is_not_there(browser):
    asset = a_registry_asset(tenant_id="t_other")
    for path in ("", "original/"):
        assert browser.get(f"/registry/{asset.pk}/{path}").status_code == 404
    assert browser.post(f"/registry/{asset.pk}/tags", {"tags": "x"}).status_code == 404
    stranger = Client()
    stranger.force_login(a_user("bob", ""))
    assert stranger.get("/registry/").status_code == 403


def test_a_picture_has_its_columns_in_order_and_its_lines_between_boxes():
    nodes = [
        Node("o", 0, "film"),
        Node("a", 0, "music"),
        Node("p", 1, "proxy"),
        Node("f", 1, "frames"),
        Node("r", 2, "render"),
    ]
    picture = lineage.draw(nodes, [("o", "p"), ("o", "f"), ("a", "f"), ("a", "gone"), ("o", "r")])
    boxes = {box.node.key: box for box in picture.boxes}
    assert boxes["a"].x == boxes["o"].x < boxes["p"].x == boxes["f"].x < boxes["r"].x
    assert boxes["p"].y + boxes["p"].height <= boxes["f"].y
    assert boxes["p"].y < boxes["r"].y < boxes["f"].y
    assert len(picture.paths) == 4
    lowest = max(box.y + box.height for box in boxes.values())
    assert [f" {lowest + 16}H" in path for path in picture.paths] == [False, False, False, True]
    assert all(box.x >= 0 and box.x + box.width <= picture.width for box in boxes.values())
    assert lowest < picture.height
    assert lineage.draw([], []).boxes == ()
