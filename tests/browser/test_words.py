"""Words and sounds in a browser: on a recording's page and beside the pictures of its shoot."""

import json

from playwright.sync_api import expect

from media_app import storage
from media_app.core.hearing.transcript import Word, split
from media_app.models import DerivedMedia
from tests.browser.kit import look
from tests.support.factories import a_registry_asset
from tests.support.review_shoot import synced
from tests.support.shoots import gallery

SAID = "Good morning everybody. The second camera stood behind the piano."
EVENTS = [
    {"kind": "silence", "start_ms": 0, "end_ms": 1000},
    {"kind": "speech", "start_ms": 1000, "end_ms": 6000},
    {"kind": "music", "start_ms": 4000, "end_ms": 9000},
    {"kind": "other", "start_ms": 9000, "end_ms": 10_000},
]


def a_document(asset, kind: str, body: dict, **meta) -> DerivedMedia:
    key = f"tenants/{asset.tenant_id}/dev/media_v2/{asset.pk}/audio/{kind}.json"
    storage.store().put_bytes(key, json.dumps(body).encode(), content_type="application/json")
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind=kind, variant=kind, input_ref=asset.original_key, key=key,
        content_type="application/json", cache_key=f"{kind}{asset.pk}", meta=meta,
    )  # fmt: skip


def listened_to(asset) -> None:
    words = [
        Word(text, 1000 + 400 * place, 1350 + 400 * place, 0.3 if text == "piano." else 0.9)
        for place, text in enumerate(SAID.split())
    ]
    segments = [segment.as_json() for segment in split(words)]
    a_document(
        asset, "asr_transcript", {"segments": segments, "duration_ms": 10_000}, low_confidence_count=1, language="en"
    )
    a_document(asset, "audio_semantic_timeline", {"events": EVENTS, "beats": []})


def test_a_recordings_page_starts_listening_and_shows_what_was_heard(open_page, operator):
    page = open_page("/registry/", user=operator)
    shown = gallery()
    where = {"tenant_id": shown["ready"].tenant_id, "env": shown["ready"].env}
    talk = a_registry_asset(original_filename="talk.wav", kind="audio", has_audio=True, duration_ms=10_000, **where)
    page.goto(f"/registry/{talk.pk}/")
    look(page, "words-none")
    page.get_by_role("button", name="Transcribe").click()
    expect(page.get_by_text("Listening to words: waiting for a worker")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel job").click()
    expect(page.get_by_text("No transcript: Canceled by an operator.")).to_be_visible()
    expect(page.get_by_role("button", name="Transcribe")).to_be_visible()

    listened_to(talk)
    page.goto(f"/registry/{talk.pk}/")
    expect(page.get_by_role("img", name="Speech: 50 percent")).to_be_visible()
    expect(page.get_by_text("1 doubtful word")).to_be_visible()
    look(page, "words-heard")
    page.get_by_label("Search the words").fill("second cam")
    expect(page.get_by_text("1 found")).to_be_visible()
    expect(page.locator(".word-found")).to_have_text(["second", "camera"])
    look(page, "words-found")
    with page.expect_download() as download:
        page.get_by_role("link", name="SRT").click()
    assert "everybody" in download.value.path().read_text()


def test_a_word_leads_the_shoots_clock_to_where_it_was_said(open_page, operator):
    session = synced()
    listened_to(session.assets.order_by("camera_label").first())
    page = open_page(f"/sessions/{session.pk}/review/", user=operator)
    page.wait_for_selector("html[data-review=ready]")
    expect(page.get_by_text("Heard by camera A")).to_be_visible()
    page.get_by_role("button", name="Go to 0:01.0").click()
    expect(page.locator("#clock")).to_contain_text("0:01.0")
    page.locator(".word", has_text="piano.").click()
    expect(page.locator("#clock")).to_contain_text("0:04.6")
    look(page, "words-review")
