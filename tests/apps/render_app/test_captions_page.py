"""The page of a recording's captions: what it says in each state, its links, and what it refuses."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from media_app import storage
from media_app.core.hearing.caption_edits import Edit
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import captions
from tests.support.factories import a_derivative, a_job, a_registry_asset, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user())
    return client


def talk(**fields) -> MediaAsset:
    return a_registry_asset(kind="video", has_audio=True, status="ready", duration_ms=9000, fps="25/1", **fields)


def heard(asset: MediaAsset) -> DerivedMedia:
    """A transcript of one word, at one second."""
    words = [{"text": "Hello.", "start_ms": 1000, "end_ms": 1400, "confidence": 0.9}]
    body = {"segments": [{"words": words}], "duration_ms": 9000}
    row = a_derivative(asset, "asr_transcript")
    storage.store().put_bytes(row.key, json.dumps(body).encode(), content_type="application/json")
    return row


def data_of(client: Client, asset: MediaAsset) -> dict[str, Any]:
    page = client.get(f"/registry/{asset.pk}/captions/").content.decode()
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found, page
    return json.loads(found[1])


def test_the_page_begins_with_the_captions_their_limits_and_its_links(client):
    asset = talk(width=1080, height=1920)
    heard(asset)
    a_derivative(asset, "proxy")

    data = data_of(client, asset)

    assert [cue["text"] for cue in data["captions"]["cues"]] == ["Hello."]
    assert (data["rate"], data["durationMs"]) == ("25/1", 9000)
    assert {name: data["limits"][name] for name in ("line", "lines", "cps")} == {"line": 42, "lines": 2, "cps": 20}
    assert data["links"]["proxy"]
    assert (data["links"]["wav"], data["links"]["original"]) == (None, f"/registry/{asset.pk}/original/")
    assert data["style"]["frame"] == [1080, 1920]
    assert data["style"]["size"] < 48, "an upright frame has smaller letters"


def test_of_a_withheld_recording_no_picture_is_handed_out_and_its_captions_can_be_changed(client):
    asset = talk(withheld="Its faces are to be hidden.")
    heard(asset)
    a_derivative(asset, "proxy")

    data = data_of(client, asset)

    assert (data["links"]["proxy"], data["links"]["original"]) == (None, None)
    assert data["trouble"] == "Withheld: Its faces are to be hidden."
    assert len(data["captions"]["cues"]) == 1


def test_a_look_at_the_state_says_who_changed_them_and_nothing_while_nobody_did(client):
    asset = talk()
    row = heard(asset)
    state = f"/registry/{asset.pk}/captions/state"

    assert client.get(f"{state}?seen=0").status_code == 204
    captions.edit(row.context, row.pk, [Edit(0, "Good evening.")], revision=0, by="maya")
    found = client.get(f"{state}?seen=0").json()
    assert (found["revision"], found["by"]) == (1, "maya")
    assert set(found["links"]) == {"proxy", "wav", "overview", "detail", "original"}


def test_before_there_are_captions_the_page_makes_them_and_shows_why_it_could_not(client):
    asset = talk()
    shown = client.get(f"/registry/{asset.pk}/captions/").content.decode()
    assert "Make captions" in shown
    assert "page-data" not in shown

    a_job("engine_asr_v1", asset=asset, status="FAILED", error_message="The model cannot be read.")
    again = client.get(f"/registry/{asset.pk}/captions/making").content.decode()
    assert "The words could not be transcribed. The model cannot be read." in again
    assert "Make captions" in again

    heard(asset)
    assert client.get(f"/registry/{asset.pk}/captions/making")["HX-Refresh"] == "true"


def test_a_recording_of_another_tenant_has_no_page(client):
    asset = talk(tenant_id="t_other")
    heard(asset)
    for path in ("", "making", "state"):
        assert client.get(f"/registry/{asset.pk}/captions/{path}").status_code == 404
