"""The caption editor in a real Chromium, against the real API: what is changed on the page is in the files."""

import json
import random
from collections.abc import Callable
from html import unescape
from io import BytesIO

import numpy as np
import pysubs2
import pytest
from django.contrib.auth import get_user_model
from PIL import Image
from playwright.sync_api import Page, Route, expect

from media_app import storage
from media_app.core.hearing.captions import wrapped
from media_app.core.hearing.subtitles import plain_lines
from media_app.core.hearing.transcript import Word, split
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import captions
from media_app.services.captions import Edit
from render_app.core.captions.shown import letter_size
from render_app.core.drawn.lettering import lettered
from render_app.core.drawn.styles import styled
from render_app.core.timeline.nouns import Text
from render_app.making.drawn import text_png
from render_app.making.fonts import shipped_font
from sessions_app.models import Membership
from tests.browser.kit import look
from tests.support.factories import a_registry_asset
from tests.support.review_shoot import camera, synced
from tests.support.waiting import until

Open = Callable[..., Page]
SAID = "Good morning everybody. The second camera stood behind the piano, and nobody saw it until late."
CUES = "() => studioCaptions.history.cut.map(({ start, end, text, speaker }) => [start, end, text, speaker])"
BURNT = "() => [...document.querySelectorAll('#burnt-in span')].map((line) => line.textContent)"


def a_transcript(asset: MediaAsset, words: list[Word], duration_ms: int = 12_000) -> DerivedMedia:
    body = {"duration_ms": duration_ms, "language": "en", "segments": [one.as_json() for one in split(words)]}
    key = f"tenants/{asset.tenant_id}/dev/media_v2/{asset.pk}/audio/words.json"
    storage.store().put_bytes(key, json.dumps(body).encode(), content_type="application/json")
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind="asr_transcript", variant="w", input_ref=asset.original_key, key=key,
        content_type="application/json", cache_key=f"k{asset.pk}", meta={"language": "en", "duration_ms": duration_ms},
    )  # fmt: skip


@pytest.fixture
def heard(site) -> DerivedMedia:
    """The transcript of camera A of a shoot: 16 words from 0.4 s on, 12 s at 25 frames a second."""
    asset = synced().assets.get(camera_label="A")
    words = [
        Word(text, 400 + 450 * place, 750 + 450 * place, 0.3 if text == "piano," else 0.9)
        for place, text in enumerate(SAID.split())
    ]
    return a_transcript(asset, words)


@pytest.fixture
def open_captions(open_page, operator, settings) -> Open:
    """The editor of a transcript's recording, its picture on the screen."""
    settings.MEDIA_JOBS_ENABLED = False

    def open_it(row: DerivedMedia, user=None, **options) -> Page:
        page = open_page(f"/registry/{row.asset_id}/captions/", user=user or operator, **options)
        page.wait_for_selector("html[data-captions=ready]")
        return page

    return open_it


def colleague(name: str = "bob"):
    user = get_user_model().objects.create_user(name, password="x")
    Membership.objects.create(user=user, tenant_id="t_local", env="dev")
    return user


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("Saved")
    page.wait_for_function("() => !studioCaptions.saving.unsaved")


def served(row: DerivedMedia, page: Page, form: str = "srt") -> pysubs2.SSAFile:
    """The captions as another program reads them from the API."""
    answer = page.request.get(f"/video/captions/{row.pk}/{form}?tenant_id=t_local&env=dev")
    assert answer.ok, answer.text()
    return pysubs2.SSAFile.from_string(answer.text(), form)


def times(row: DerivedMedia, page: Page) -> list[tuple[int, int]]:
    return [(event.start, event.end) for event in served(row, page)]


def texts(row: DerivedMedia, page: Page) -> list[str]:
    return [event.plaintext for event in served(row, page)]


def hold(page: Page, number: int, edge: str) -> tuple[float, float]:
    """Where a caption, or an edge of it, is on the screen."""
    strip = page.locator("[data-cues]").bounding_box()
    assert strip
    x = page.evaluate(
        """([number, edge]) => { const { strip, history } = studioCaptions; const { start, end } = history.cut[number];
        return strip.x((edge === "whole" ? (start + end) / 2 : { start: start + 1, end: end - 1 }[edge]) / 1000); }""",
        [number, edge],
    )
    return strip["x"] + x, strip["y"] + strip["height"] / 2


def drag(page: Page, number: int, edge: str, ms: float) -> None:
    """A hand that takes hold of a caption and moves it by so much, in steps."""
    x, y = hold(page, number, edge)
    by = page.evaluate("(ms) => ms / 1000 * studioCaptions.strip.scale", ms)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by / 2, y)
    page.keyboard.down("Shift")
    page.mouse.move(x + by, y)
    page.keyboard.up("Shift")
    page.mouse.up()


def test_a_text_that_is_edited_is_in_the_files_and_over_the_picture(open_captions, heard):
    page = open_captions(heard)
    look(page, "captions")
    first = page.get_by_label("Text of caption 1", exact=True)
    first.fill("Good evening,\neverybody & <friends>.")
    until(lambda: page.evaluate(BURNT) == ["Good evening,", "everybody & <friends>."])
    saved(page)
    assert texts(heard, page)[0] == "Good evening,\neverybody & <\u2060friends>."
    for form in ("vtt", "ass"):
        assert unescape(served(heard, page, form)[0].plaintext).startswith("Good evening,\neverybody & <")
    with page.expect_download() as download:
        page.get_by_role("link", name="VTT").click()
    assert "Good evening," in download.value.path().read_text()


def test_a_dragged_edge_changes_that_time_alone_by_what_was_dragged_to_the_frame(open_captions, heard):
    page = open_captions(heard)
    (start, end), second = times(heard, page)
    drag(page, 0, "start", -213)
    saved(page)
    assert times(heard, page) == [(200, end), second], "0.400 s − 0.213 s = 0.187 s, and the nearest frame is 0.200 s"
    assert start == 400
    drag(page, 1, "end", 1010)
    saved(page)
    assert times(heard, page)[1] == (second[0], 8520), "7.500 s + 1.010 s = 8.510 s"
    drag(page, 1, "end", 60_000)
    saved(page)
    assert times(heard, page)[1][1] == 12_000, "no later than the recording"
    page.get_by_role("button", name="Undo").click()
    saved(page)
    assert times(heard, page)[1][1] == 8520, "a drag is one step"


def test_a_dragged_caption_keeps_its_length_and_stops_at_its_neighbor(open_captions, heard):
    page = open_captions(heard)
    first, (start, end) = times(heard, page)
    drag(page, 1, "whole", 1500)
    saved(page)
    (moved, ended) = times(heard, page)[1]
    assert (moved, ended - moved) == (3240, end - start), "1.750 s + 1.500 s = 3.250 s"
    drag(page, 1, "whole", -9000)
    saved(page)
    assert times(heard, page) == [first, (first[1], first[1] + end - start)]
    drag(page, 0, "end", 4000)
    page.wait_for_timeout(700)
    saved(page)
    assert times(heard, page)[0] == first, "there is no room"


def test_split_at_the_cursor_merge_and_undo(open_captions, heard):
    page = open_captions(heard)
    before = times(heard, page), texts(heard, page)
    text = page.get_by_label("Text of caption 2", exact=True)
    text.click()
    text.evaluate("(field) => field.setSelectionRange(field.value.indexOf('and'), field.value.indexOf('and'))")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Text of caption 3", exact=True)).to_be_focused()
    saved(page)
    assert texts(heard, page)[1:] == ["The second camera stood behind the piano,", "and nobody saw it until late."]
    (_, cut), (again, _) = times(heard, page)[1:]
    assert cut == again == 5160, "42 of 71 characters of 5.750 s, on a frame"
    page.get_by_label("Text of caption 2", exact=True).click()
    page.get_by_role("button", name="Merge").click()
    saved(page)
    assert (times(heard, page), texts(heard, page)) == before
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    saved(page)
    assert (times(heard, page), texts(heard, page)) == before
    page.get_by_role("button", name="Redo").click()
    saved(page)
    assert len(texts(heard, page)) == 3


def test_what_does_not_fit_is_said_and_waits_while_the_rest_is_saved(open_captions, heard):
    page = open_captions(heard)
    before = texts(heard, page)
    page.get_by_label("Text of caption 1", exact=True).fill("far too long " * 8)
    page.get_by_label("Text of caption 2", exact=True).fill("Short.")
    expect(page.locator("#saved")).to_have_text("1 caption is not saved: empty or too long")
    assert texts(heard, page) == [before[0], "Short."]
    expect(page.locator(".cue").first.get_by_text("Too long")).to_be_visible()
    look(page, "captions-too-long")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector("html[data-captions=ready]")
    expect(page.get_by_text("Restored your unsaved changes.")).to_be_visible()
    page.get_by_label("Text of caption 1", exact=True).fill("Fits.")
    saved(page)
    assert texts(heard, page) == ["Fits.", "Short."]
    page.get_by_role("button", name="Merge").click()
    saved(page)
    assert texts(heard, page) == ["Fits. Short."]


def test_of_two_people_the_second_is_asked_and_nothing_is_lost(open_captions, heard, watch):
    watch.allow("409")
    mine, theirs = open_captions(heard), open_captions(heard, user=colleague())
    # It looks for changes by itself, and would load the other's before it is edited where the machine is slow.
    mine.evaluate("() => { studioCaptions.saving.look = () => {}; }")
    theirs.get_by_label("Text of caption 1", exact=True).fill("Bob wrote this.")
    saved(theirs)
    mine.get_by_label("Text of caption 2", exact=True).fill("Alice wrote this.")
    conflict = mine.locator("#conflict")
    expect(conflict).to_contain_text("bob changed 1 caption meanwhile. Your changes are not saved.")
    look(mine, "captions-conflict")
    mine.get_by_role("button", name="Load theirs").click()
    saved(mine)
    assert texts(heard, mine)[0] == "Bob wrote this."
    expect(mine.get_by_label("Text of caption 1", exact=True)).to_have_value("Bob wrote this.")
    mine.get_by_role("button", name="Undo").click()
    saved(mine)
    assert texts(heard, mine) == ["Good morning everybody.", "Alice wrote this."]

    expect(theirs.get_by_text("operator changed these captions. Their version is loaded.")).to_be_visible()
    mine.evaluate("() => studioCaptions.saving.revision -= 1")
    mine.get_by_label("Text of caption 1", exact=True).fill("Mine.")
    mine.get_by_role("button", name="Keep mine").click()
    saved(mine)
    assert texts(heard, mine) == ["Mine.", "Alice wrote this."]


def test_a_lost_connection_loses_nothing(open_captions, heard, watch):
    page = open_captions(heard)
    watch.allow("503", "Failed to load resource")

    def busy(route: Route) -> None:
        if route.request.method == "PATCH":
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    page.route("**/video/captions/*", busy)
    page.get_by_label("Text of caption 1", exact=True).fill("Kept.")
    expect(page.locator("#saved")).to_have_text("Not saved yet: retrying every few seconds")
    page.unroute("**/video/captions/*")
    saved(page)
    assert texts(heard, page)[0] == "Kept."


def test_everything_by_the_keyboard_alone(open_captions, heard):
    page = open_captions(heard)
    first, second = times(heard, page)
    assert page.evaluate("() => studioCaptions.keyed.filter((name) => !studioCaptions.commands[name])") == []
    page.locator("#cue-scroll").focus()
    press = page.keyboard.press
    press("ArrowDown")
    expect(page.locator(".cue").nth(1)).to_have_attribute("aria-current", "true")
    press("3")
    press(".")
    press("Shift+.")
    saved(page)
    assert times(heard, page)[1] == (second[0], 7620), "7.500 s is between frames: to 7.520 s, then 100 ms on"
    press("2")
    press(",")
    saved(page)
    assert times(heard, page)[1][0] == 1720
    press("1")
    press("Shift+,")
    press("Shift+.")
    press("Shift+.")
    saved(page)
    assert times(heard, page)[1] == (1850, 7750), "no farther back than the caption before, 1.650 s, and then 200 ms on"
    press("Enter")
    expect(page.get_by_label("Text of caption 2", exact=True)).to_be_focused()
    press("Control+A")
    page.keyboard.type("Typed, and heard.")
    press("Control+ArrowUp")
    expect(page.get_by_label("Text of caption 1", exact=True)).to_be_focused()
    press("Control+Space")
    page.wait_for_function("() => studioCaptions.clock.playing")
    expect(page.get_by_label("Text of caption 1", exact=True)).to_be_focused()
    press("Control+Space")
    press("Escape")
    press("End")
    press("n")
    expect(page.get_by_label("Text of caption 3", exact=True)).not_to_be_visible()
    press("Shift+ArrowLeft")
    press("Shift+ArrowLeft")
    press("n")
    page.keyboard.type("The end")
    press("Control+Z")
    press("Control+Shift+Z")
    press("Escape")
    saved(page)
    assert texts(heard, page)[1:] == ["Typed, and heard.", "The end"]
    assert times(heard, page)[2] == (9960, 11_960)
    press("Shift+ArrowRight")
    press("]")
    press("Delete")
    saved(page)
    assert len(texts(heard, page)) == 2
    press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    look(page, "captions-keys")
    assert first == times(heard, page)[0]


def test_a_speaker_is_changed_and_named_where_they_begin(open_captions, heard):
    session = heard.asset.session
    session.camera_names = {"A": "Anna", "B": "Ben"}
    session.save()
    page = open_captions(heard)
    page.get_by_label("Speaker of caption 1", exact=True).fill("Anna")
    page.keyboard.press("Enter")
    saved(page)
    page.get_by_label("Speaker of caption 2", exact=True).fill("Ben")
    page.keyboard.press("Enter")
    saved(page)
    assert texts(heard, page)[0] == "Anna: Good morning everybody."
    assert texts(heard, page)[1].startswith("Ben: The second camera")
    cues = page.request.get(f"/video/captions/{heard.pk}/json?tenant_id=t_local&env=dev").json()["cues"]
    assert [cue["speaker"] for cue in cues] == ["Anna", "Ben"]
    assert page.locator("#speakers option").evaluate_all("(all) => all.map(({ value }) => value)") == ["Anna", "Ben"]


def test_it_plays_from_a_caption_and_loops_it_with_the_words_on_the_picture(open_captions, heard):
    page = open_captions(heard)
    page.wait_for_function("() => document.querySelector('#screen video').readyState > 1")
    page.locator(".cue").nth(1).get_by_role("button", name="Go to 0:01.750").click()
    until(
        lambda: page.evaluate(BURNT) == ["The second camera stood behind the piano,", "and nobody saw it until late."]
    )
    page.get_by_role("button", name="Play P").click()
    page.wait_for_function("() => studioCaptions.clock.time > 2.2")
    page.keyboard.press("k")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("w")
    page.wait_for_function("() => studioCaptions.clock.running && studioCaptions.clock.time > 1")
    page.wait_for_function("() => studioCaptions.clock.running && studioCaptions.clock.time < 0.9")
    assert page.evaluate("() => studioCaptions.clock.loop") == [0.4, 1.64]
    page.keyboard.press("k")
    for seconds, shown in (
        (0.36, []),
        (0.4, ["Good morning everybody."]),
        (1.6, ["Good morning everybody."]),
        (1.64, []),
    ):
        page.evaluate("(t) => { studioCaptions.clock.setLoop(null); studioCaptions.clock.seek(t); }", seconds)
        page.wait_for_function(
            "(wanted) => document.querySelectorAll('#burnt-in span').length === wanted", arg=len(shown)
        )
        assert page.evaluate(BURNT) == shown, seconds


def test_two_hours_of_talk_stay_quick_and_only_what_is_seen_is_in_the_document(open_captions, heard):
    rows = [
        {"start_ms": 3600 * n + 100, "end_ms": 3600 * n + 3000, "text": f"Caption number {n}."} for n in range(2000)
    ]
    heard.meta = {**heard.meta, "duration_ms": 7_200_000}
    heard.save()
    captions.edit(
        heard.context,
        heard.pk,
        [Edit(0, deleted=True), Edit(1, deleted=True), *(Edit(**row) for row in rows)],
        revision=None,
        by="x",
    )
    page = open_captions(heard)
    expect(page.locator("#cue-count")).to_have_text("2000 captions")
    assert page.locator(".cue").count() < 30
    assert page.locator(".block").count() < 30
    page.keyboard.press("z")
    assert page.locator(".block:visible").count() == 0
    page.evaluate("() => { document.getElementById('cue-scroll').scrollTop = 114 * 1500; }")
    expect(page.get_by_label("Text of caption 1502", exact=True)).to_be_visible()
    took = page.evaluate(
        """async () => {
          const { history, commands, choose } = studioCaptions;
          const took = [];
          for (let n = 0; n < 40; n += 1) {
            choose(history.cut[1000 + n].id, history.cut[1000 + n].start);
            await new Promise(requestAnimationFrame);
            const began = performance.now();
            commands.later100();
            took.push(performance.now() - began);
          }
          return Math.min(...took);
        }"""
    )
    assert took < 50, "the quickest: in the others the machine may have had something else to do"
    saved(page)
    assert times(heard, page)[1000:1002] == [(3_600_200, 3_603_100), (3_603_800, 3_606_700)]
    assert page.locator(".cue").count() < 30


def test_lines_break_on_the_page_as_the_server_breaks_them(open_captions, heard):
    page = open_captions(heard)
    random.seed(5)
    words = [
        "and",
        "the",
        "camera,",
        "stood",
        "behind",
        "“when”",
        "piano.",
        "Ω",
        "until",
        "supercalifragilistic",
        "(so",
        "it’s",
        "a",
    ]
    written = [" ".join(random.choices(words, k=random.randint(1, 16))) for _ in range(400)]
    written += ["x" * 100, " a \n\n b ", "one\ntwo\nthree", "tab\tand\u2028line", "\u0007", "🎹" * 43, "“" * 50]
    shown = page.evaluate("(all) => all.map((text) => studioCaptions.layout.wrapped(text))", written)
    assert shown == [list(wrapped(text)) for text in written]
    plain = page.evaluate("(all) => all.map((text) => studioCaptions.layout.lines(text).join(' '))", written[-7:])
    assert plain == [" ".join(wrapped(" ".join(plain_lines(text)))) for text in written[-7:]]


def test_captions_are_made_from_the_page_and_what_has_no_sound_says_so(open_page, operator, settings, site):
    settings.MEDIA_JOBS_ENABLED = False
    session = synced(camera("A", offset_ms=0), camera("B", offset_ms=0, silent=True))
    talk = session.assets.get(camera_label="A")
    page = open_page(f"/registry/{talk.pk}/captions/", user=operator)
    look(page, "captions-none")
    page.get_by_role("button", name="Make captions").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    MediaJob.objects.filter(asset=talk).update(
        status="PROCESSING", progress_percent=40, progress_step="listening to words"
    )
    expect(page.get_by_text("Listening to words · 40%")).to_be_visible()
    look(page, "captions-making")
    a_transcript(talk, [Word("Hello.", 1000, 1400, 0.9)])
    MediaJob.objects.filter(asset=talk).update(status="COMPLETED")
    page.wait_for_selector("html[data-captions=ready]")
    expect(page.get_by_label("Text of caption 1", exact=True)).to_have_value("Hello.")

    page.goto(f"/registry/{session.assets.get(camera_label='B').pk}/captions/")
    expect(page.get_by_text("This recording has no sound, so there is nothing to listen to.")).to_be_visible()


def test_where_no_speech_was_found_captions_are_written_by_hand_over_sound_alone(open_captions, site):
    talk = a_registry_asset(
        original_filename="talk.wav", kind="audio", has_audio=True, duration_ms=10_000, tenant_id="t_local", env="dev"
    )
    row = a_transcript(talk, [], 10_000)
    page = open_captions(row)
    expect(page.get_by_text("Go to where somebody speaks and add one.")).to_be_visible()
    look(page, "captions-empty")
    page.keyboard.press("n")
    page.keyboard.type("Written by hand")
    saved(page)
    assert (times(row, page), texts(row, page)) == ([(0, 2000)], ["Written by hand"])


def test_the_words_of_a_recording_lead_to_its_captions(open_page, operator, heard):
    page = open_page(f"/registry/{heard.asset_id}/", user=operator)
    page.get_by_role("link", name="Edit captions").click()
    expect(page.get_by_role("heading", name="Captions", level=1)).to_be_visible()


def box_of(picture: np.ndarray) -> list[float]:
    """Left, top, right and bottom of what is bright, in parts of the picture."""
    rows, columns = (np.flatnonzero((picture > 150).any(axis=axis)) for axis in (1, 0))
    height, width = picture.shape
    return [columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height]


def test_captions_lie_on_the_page_where_a_film_has_them(open_captions, heard):
    heard.asset.width, heard.asset.height = 1920, 1080
    heard.asset.save()
    page = open_captions(heard)
    page.evaluate(
        """() => {
          document.querySelector("#screen video").style.visibility = "hidden";
          document.querySelector(".angle").style.borderRadius = "0";
        }"""
    )
    font = shipped_font("DejaVu Sans")
    for text in ("One line of it.", "The second camera stood behind the piano,\nand nobody saw it until late."):
        page.get_by_label("Text of caption 1", exact=True).fill(text)
        style = styled(Text(text, text_preset="caption", size=letter_size(1920, 1080)))
        drawn = Image.open(BytesIO(text_png(lettered(style, font, (1920, 1080)).as_json, font)))
        film = np.asarray(drawn.convert("L"), int) * (np.asarray(drawn.getchannel("A")) > 128)
        shown = np.asarray(Image.open(BytesIO(page.locator("#screen").screenshot())).convert("L"), int)[2:-2, 2:-2]
        bars = max(0, (shown.shape[1] - round(shown.shape[0] * 16 / 9)) // 2)
        assert box_of(shown[:, bars : shown.shape[1] - bars]) == pytest.approx(box_of(film), abs=0.01)
