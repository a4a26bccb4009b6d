"""Words and sounds in a browser: on a recording's page and beside the pictures of its shoot."""

import json

import pytest
from playwright.sync_api import Page, expect

from media_app import storage
from media_app.core.hearing.speakers import Turn
from media_app.core.hearing.transcript import Word, split
from media_app.models import DerivedMedia
from media_app.services import speakers
from tests.browser.kit import look
from tests.support.cut_shoot import decided
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
    expect(page.get_by_label("Heard by")).to_have_value("A")
    page.get_by_role("button", name="Go to 0:01.0").click()
    expect(page.locator("#clock")).to_contain_text("0:01.0")
    page.locator(".word", has_text="piano.").click()
    expect(page.locator("#clock")).to_contain_text("0:04.6")
    look(page, "words-review")


#: On camera B, which began 1.234 s after the master.
BEATS = [{"time_ms": 500 * place + 20, "beat_index": place % 4} for place in range(20)]
LATER = 1.234


@pytest.fixture
def angles(open_page, operator, settings):
    """The angle editor of a shoot whose camera B was listened to, its sounds on the page."""
    settings.MEDIA_JOBS_ENABLED = False
    session = decided()
    camera = session.assets.get(camera_label="B")
    listened_to(camera)
    a_document(camera, "beat_features", {"beats": BEATS}, beat_features={"bpm": 120.0, "beat_count": 20})
    turns = (Turn(1000, 2900, "A"), Turn(2900, 6000, "B"))
    speakers.record(speakers.store(camera, turns), {})
    page = open_page(f"/sessions/{session.pk}/angles/", user=operator)
    page.wait_for_selector("html[data-angles=ready]")
    page.wait_for_function("() => !studioAngles.sounds.empty")
    return page


def cuts_of(page: Page) -> list[int]:
    return page.evaluate("() => studioAngles.history.cut.points.slice(1).map(({ at }) => at)")


def stand(page: Page, seconds: float) -> None:
    page.evaluate("(t) => { const { clock } = studioAngles; clock.pause(); clock.seek(t); }", seconds)


def test_the_angle_editor_shows_what_was_heard_on_the_shoots_own_clock(angles):
    expect(angles.locator("#sound-lane canvas")).to_be_visible()
    expect(angles.locator("#sound-legend")).to_contain_text("Heard by camera B")
    expect(angles.get_by_text("20 beats, 120 per minute")).to_be_visible()
    expect(angles.get_by_text("1 doubtful word")).to_be_visible()
    expect(angles.locator(".words-speaker")).to_have_text(["Speaker A:", "Speaker B:"])
    look(angles, "words-angles")
    placed = angles.evaluate("() => studioAngles.sounds.placed")
    assert placed["beats"][:2] == pytest.approx([LATER + 0.02, LATER + 0.52])
    assert placed["stretches"]["speech"] == [pytest.approx([LATER + 1, LATER + 6])]

    colors = angles.evaluate(
        """async () => {
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const { canvas, view } = studioAngles.lane;
          const ratio = canvas.width / canvas.clientWidth;
          const at = (t, y) => [...canvas.getContext("2d").getImageData(Math.round(view.x(t) * ratio), Math.round(y * ratio), 1, 1).data];
          return { speech: at(1.234 + 1.5, 4), before: at(1.234 + 0.5, 4), music: at(1.234 + 8, 16), spoken: at(1.234 + 3, 16) };
        }"""
    )
    assert colors["speech"][3] == colors["music"][3] == 255, colors
    assert colors["before"][3] == colors["spoken"][3] == 0, colors
    assert angles.evaluate("() => studioAngles.lane.drawn") == 20


def test_a_word_leads_the_angle_editor_to_its_frame_and_words_follow_the_clock(angles):
    angles.get_by_label("Search the words").fill("piano")
    angles.get_by_label("Search the words").press("Enter")
    expect(angles.locator("#frame")).to_have_text(f"frame {round((LATER + 4.6) * 25)}")
    stand(angles, LATER + 1.1)
    expect(angles.locator(".words-list > li[aria-current]")).to_contain_text("Good morning")
    stand(angles, 0.2)
    expect(angles.locator(".words-list > li[aria-current]")).to_have_count(0)


def test_a_cut_goes_to_beats_and_word_gaps_by_key_and_by_pointer_while_snapping_is_on(angles):
    stand(angles, 8.0)
    angles.keyboard.press("2")
    beats = [round((LATER + 0.02 + 0.5 * place) * 25) for place in range(20)]
    angles.keyboard.press("Alt+Period")
    assert cuts_of(angles) == [next(frame for frame in beats if frame > 200)]
    angles.keyboard.press("Alt+Comma")
    angles.keyboard.press("Alt+Comma")
    assert (
        cuts_of(angles) == [[frame for frame in beats if frame < 200][-2 if 200 in beats else -1]]
        or cuts_of(angles)[0] < 200
    )

    def drag_to(frame: int) -> tuple[int, bool]:
        box = angles.locator("[data-shots]").bounding_box()
        x = lambda at: box["x"] + angles.evaluate("(f) => studioAngles.strip.x(f / 25)", at)  # noqa: E731
        middle = box["y"] + box["height"] / 2
        angles.mouse.move(x(cuts_of(angles)[0]), middle)
        angles.mouse.down()
        angles.mouse.move(x(frame), middle, steps=4)
        shown = angles.locator(".snap-mark").is_visible()
        angles.mouse.up()
        return cuts_of(angles)[0], shown

    beat = beats[14]
    assert drag_to(beat + 2) == (beat, True)
    assert angles.locator(".snap-mark").is_hidden()
    angles.keyboard.press("n")
    expect(angles.locator("[data-do=snap]")).to_have_attribute("aria-pressed", "false")
    assert drag_to(beat + 2) == (beat + 2, False)


def test_where_nothing_was_heard_yet_a_button_starts_it_and_says_how_far_it_is(open_page, operator, settings):
    settings.MEDIA_JOBS_ENABLED = False
    session = decided()
    page = open_page(f"/sessions/{session.pk}/angles/", user=operator)
    page.wait_for_selector("html[data-angles=ready]")
    assert page.locator("#sound-lane").is_hidden()
    page.get_by_label("Heard by").select_option("B")
    expect(page.locator(".words")).to_have_attribute("data-camera", "B")
    page.get_by_role("button", name="Find the beat").click()
    expect(page.get_by_text("Finding the beat: waiting for a worker")).to_be_visible()
    look(page, "words-angles-none")

    a_document(session.assets.get(camera_label="B"), "beat_features", {"beats": BEATS}, beat_features={"bpm": 120.0})
    expect(page.locator("#sound-lane canvas")).to_be_visible()


def test_the_review_page_shows_beats_and_moves_them_with_their_camera(open_page, operator):
    session = synced()
    camera = session.assets.get(camera_label="B")
    listened_to(camera)
    a_document(camera, "beat_features", {"beats": BEATS}, beat_features={"bpm": 120.0})
    page = open_page(f"/sessions/{session.pk}/review/", user=operator)
    page.wait_for_selector("html[data-review=ready]")
    page.wait_for_function("() => !studioReview.sounds.empty")
    expect(page.locator("#sound-lane canvas")).to_be_visible()
    first = "() => studioReview.sounds.placed.beats[0]"
    assert page.evaluate(first) == pytest.approx(LATER + 0.02)
    page.evaluate("() => studioReview.offsets.set('B', 1334)")
    page.wait_for_function(f"() => Math.abs(({first})() - 1.354) < 1e-6")
    look(page, "words-review-beats")


def test_two_hours_of_words_and_beats_cost_a_few_ms_to_draw(open_page, operator, settings):
    settings.MEDIA_JOBS_ENABLED = False
    session = decided()
    page = open_page(f"/sessions/{session.pk}/angles/", user=operator)
    page.wait_for_selector("html[data-angles=ready]")
    spent = page.evaluate(
        """() => {
          const { sounds, lane } = studioAngles;
          const words = Array.from({ length: 18_000 }, (_, n) => [n * 400, n * 400 + 300]);
          sounds.recordings = [{ camera: "A", stretches: words.map(([a, b]) => ["speech", a, b]), beats: words.map(([a]) => a), words }];
          return Math.min(...Array.from({ length: 5 }, () => {
            const start = performance.now();
            sounds.place();
            return performance.now() - start;
          }));
        }"""
    )
    # The quickest, here and below: in the others the machine may have had something else to do.
    assert spent < 300
    drawn = page.evaluate(
        """async () => {
          const times = [];
          for (let n = 0; n < 20; n += 1) {
            const start = performance.now();
            studioAngles.strip.show(n / 10, n / 10 + 4);
            await new Promise((done) => requestAnimationFrame(done));
            times.push(performance.now() - start);
          }
          return Math.min(...times);
        }"""
    )
    assert drawn < 60
