"""The review page in a real Chromium: look, listen, nudge, decide."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from media_app import storage
from media_app.core.files import keys
from media_app.models import MediaAsset
from sessions_app.models import Membership, RecordingSession
from sync_app.models import SyncResult
from sync_app.services import review
from tests.browser.kit import DESKTOP, look
from tests.services.servers import accepts, free_port
from tests.support.review_shoot import (
    LOST_AT,
    LOST_MS,
    OFFSETS,
    RATE,
    add_camera,
    add_file,
    add_result,
    camera,
    paused,
    shot,
    synced,
)
from tests.support.waiting import until

Open = Callable[[RecordingSession], Page]


@pytest.fixture
def open_review(open_page, operator) -> Open:
    """The review page of a session, its waves loaded."""

    def open_it(session: RecordingSession, user=None, **options) -> Page:
        page = open_page(f"/sessions/{session.pk}/review/", user=user or operator, **options)
        page.wait_for_selector("html[data-review=ready]")
        return page

    return open_it


def offset_of(page: Page, label: str) -> float:
    return page.evaluate("label => studioReview.offsets.of(label)", label)


def sharpened(page: Page) -> None:
    """Every wave with all that its file has of it: the page fetches what is looked at once it stands still for a moment."""
    page.evaluate(
        """async () => {
          const { lanes, cameras } = studioReview;
          await Promise.all(cameras.map(({ label, duration }) => lanes.peaks.get(label).sharpen(0, duration)));
          lanes.redraw();
        }"""
    )


def lane(page: Page, label: str) -> list[int]:
    """How tall the wave is in each pixel column of a camera's lane."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate(
        """(label) => {
          const canvas = document.querySelector(`[data-lane="${label}"] canvas`);
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
          const ground = [data[0], data[1], data[2]];
          const heights = new Array(width).fill(0);
          for (let y = 0; y < height; y += 1) {
            for (let x = 0; x < width; x += 1) {
              const at = 4 * (y * width + x);
              heights[x] += data[at + 3] > 0 && Math.abs(data[at] - ground[0]) > 40 ? 1 : 0;
            }
          }
          return heights;
        }""",
        label,
    )


def heard(page: Page, t: float, frames: int) -> NDArray[np.float32]:
    """What the page would play, through the audio graph it plays with: shape (2, frames)."""
    text = page.evaluate(
        """async ([t, frames]) => {
          const { listen } = studioReview;
          const context = new OfflineAudioContext(2, frames, 48000);
          const source = listen.source(context, await listen.render(t, frames));
          source.connect(context.destination);
          source.start(0);
          const made = await context.startRendering();
          const both = new Float32Array(2 * frames);
          both.set(made.getChannelData(0), 0);
          both.set(made.getChannelData(1), frames);
          return btoa(Array.from(new Uint8Array(both.buffer), (byte) => String.fromCharCode(byte)).join(""));
        }""",
        [t, frames],
    )
    return np.frombuffer(base64.b64decode(text), np.float32).reshape(2, frames)


def stored(one, frames: slice) -> NDArray[np.float32]:
    """A camera's samples as its WAV has them."""
    return ((np.clip(one.sound[frames], -1, 1) * 32767).round() / 32768).astype(np.float32)


def ask_now(page: Page) -> None:
    """Do not wait for the next poll."""
    page.evaluate("() => studioReview.watch.ask().catch(() => {})")


def test_nudges_by_keyboard_move_the_number_and_the_wave_and_can_be_undone(open_review):
    page = open_review(synced())

    for key in ("Period", "Shift+Period", "Alt+Comma"):
        page.keyboard.press(key)
    assert offset_of(page, "B") == 1234 + 40 + 10 - 1
    expect(page.locator("#offset-text")).to_have_text("+1.283 s (32 frames)")
    expect(page.locator("[data-offset=B]")).to_have_text("+1.283 s")
    expect(page.locator(".ghost-now span")).to_have_text("+49.0 ms")

    for _ in range(3):
        page.keyboard.press("Control+z")
    assert offset_of(page, "B") == 1234
    page.keyboard.press("Control+Shift+Z")
    assert offset_of(page, "B") == 1274
    page.keyboard.press("r")
    assert offset_of(page, "B") == 1234
    page.keyboard.press("Control+z")
    assert offset_of(page, "B") == 1274


def test_at_one_pixel_a_millisecond_a_wave_moves_by_as_many_pixels_as_it_is_nudged(open_review):
    page = open_review(synced())
    page.keyboard.press("Shift+Z")
    expect(page.locator("#scale")).to_contain_text("1 px = 1.0 ms")
    sharpened(page)
    before = lane(page, "B")

    page.evaluate("studioReview.offsets.cameras.get('B').computed = null")
    for _ in range(3):
        page.keyboard.press("Shift+Comma")

    after = lane(page, "B")
    same = sum(a == b for a, b in zip(before[30:], after, strict=False))
    assert same > 0.97 * len(after[: len(before) - 30])
    assert sum(a == b for a, b in zip(before, after, strict=True)) < 0.9 * len(before)


def test_a_camera_is_moved_by_dragging_its_wave_and_one_undo_takes_it_back(open_review):
    page = open_review(synced())
    page.keyboard.press("Shift+Z")
    page.locator("[data-wave=C]").scroll_into_view_if_needed()
    box = page.locator("[data-wave=C]").bounding_box()
    x, y = box["x"] + 300, box["y"] + 30

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.move(x + 75, y, steps=4)
    page.mouse.up()

    assert offset_of(page, "C") == pytest.approx(-777 + 75, abs=1e-3)
    expect(page.locator("#chosen-label")).to_have_text("C")
    page.keyboard.press("Control+z")
    assert offset_of(page, "C") == -777


def test_listening_puts_master_left_and_camera_right_to_the_very_sample(open_review):
    a, b = camera("A", offset_ms=0.0), camera("B", offset_ms=1234.0)
    page = open_review(synced(a, b))
    frames, t = 24_000, 5.0

    left, right = heard(page, t, frames)
    first = round(t * RATE)
    assert np.array_equal(left, stored(a, slice(first, first + frames)))
    at = first - round(1.234 * RATE)
    assert np.array_equal(right, stored(b, slice(at, at + frames)))

    page.keyboard.press("Alt+Period")
    _, moved = heard(page, t, frames)
    assert np.array_equal(moved, stored(b, slice(at - 48, at - 48 + frames)))


def test_listening_follows_the_drift_of_a_camera(open_review):
    a, b = camera("A", seconds=40, offset_ms=0.0), camera("B", seconds=40, offset_ms=500.0, ppm=80.0)
    page = open_review(synced(a, b))

    for t in (3.0, 38.0):
        left, right = (channel[1000:-1000] for channel in heard(page, t, 20_000))
        level = float(left @ right / np.sqrt((left @ left) * (right @ right)))
        assert level > 0.97, f"at {t} s the two sides are not the same sound: {level:.3f}"


def test_looks_good_makes_the_session_ready_and_shows_the_next(open_review):
    first, second = synced(title="First"), synced(title="Second")
    page = open_review(first)

    page.keyboard.press("a")
    expect(page.locator("h1")).to_have_text("Second")

    first.refresh_from_db()
    result = first.sync_results.get()
    assert (first.status, result.operator_status, result.decided_by) == ("ready", "approved", "operator")
    page.wait_for_selector("html[data-review=ready]")
    page.get_by_role("button", name="Looks good").click()
    expect(page.locator("#messages")).to_contain_text("Nothing else is waiting for review.")
    second.refresh_from_db()
    assert second.status == "ready"


def test_a_correction_is_saved_with_its_reason_and_stands_in_the_history(open_review):
    session = synced()
    page = open_review(session)

    page.keyboard.press("Shift+Period")
    page.keyboard.press("a")
    expect(page.locator("#messages")).to_contain_text("Save the correction")
    session.refresh_from_db()
    assert session.status == "needs-review"

    page.keyboard.press("Control+Enter")
    page.keyboard.type("The clap is 10 ms later")
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator("#history")).to_contain_text("The clap is 10 ms later")
    expect(page.locator("#history")).to_contain_text("+1.234 s → +1.244 s")
    expect(page.locator("#go-on")).to_be_visible()

    result = session.sync_results.get()
    assert result.final_offsets == {"A": 0.0, "B": 1244.0, "C": -777.0}
    assert result.offsets_ms["B"] == 1234.0
    page.keyboard.press("Control+z")
    assert offset_of(page, "B") == 1234
    expect(page.get_by_role("button", name="Looks good")).to_be_visible()
    look(page, "review-corrected")


def test_low_confidence_is_listened_to_first_and_approved_only_with_a_reason(open_review):
    session = synced(classification="needs-manual-nudge")
    session.sync_results.update(confidence={"B": 3.1, "C": 12.0})
    page = open_review(session)
    expect(page.locator("#listen-first")).to_be_visible()
    expect(page.get_by_role("button", name="Looks good")).to_be_hidden()
    expect(page.locator("#decide-why")).to_contain_text("Low confidence for camera B")

    page.keyboard.press("a")
    expect(page.locator("#reason-why")).to_be_focused()
    session.refresh_from_db()
    assert session.status == "needs-review"
    look(page, "review-low-confidence")
    page.keyboard.type("The clap lines up by eye")
    page.get_by_role("button", name="Approve and continue").click()

    expect(page.locator("#messages")).to_contain_text("Nothing else is waiting for review.")
    assert session.sync_decisions.get().notes == "The clap lines up by eye"


def test_the_headline_states_what_is_on_the_screen_and_nothing_jumps(open_review):
    page = open_review(synced())
    top = page.locator("#waves").bounding_box()["y"]
    expect(page.locator(".verdict-starts")).to_contain_text("Camera B starts 1.234 s after A.")

    page.keyboard.press("Shift+Period")

    expect(page.locator(".verdict-starts")).to_contain_text("Camera B starts 1.244 s after A.")
    expect(page.locator("#verdict")).to_contain_text("Not saved yet")
    expect(page.locator("[data-evidence]")).to_be_hidden()
    assert page.locator("#waves").bounding_box()["y"] == top
    page.keyboard.press("Control+Enter")
    expect(page.locator("#why")).to_be_focused()
    assert page.locator("#waves").bounding_box()["y"] == top
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator("#verdict")).to_contain_text("Set by hand; the sync had computed B +1.234 s.")
    expect(page.locator(".verdict-starts")).to_contain_text("Camera B starts 1.244 s after A.")


def test_a_picture_is_enlarged_by_its_number_or_its_button(open_review):
    page = open_review(synced())
    small = page.locator("[data-angle=C]").bounding_box()["width"]

    page.keyboard.press("3")
    page.keyboard.press("3")
    assert page.locator("[data-angle=C]").bounding_box()["width"] > 1.5 * small
    look(page, "review-enlarged")
    page.get_by_role("button", name="Enlarge camera C").click()
    assert page.locator("[data-angle=C]").bounding_box()["width"] == pytest.approx(small, abs=1)


def test_buttons_say_their_keys_and_lanes_their_cameras(open_review):
    page = open_review(synced())

    titles = page.evaluate("[...document.querySelectorAll('.transport .tool')].map((button) => button.title)")
    assert all(titles)
    assert "Back one frame (←)" in titles
    expect(page.get_by_role("button", name="B Camera B +1.234 s", exact=True)).to_be_visible()
    page.get_by_label("Volume").fill("30")
    assert page.evaluate("studioReview.listen.volume") == pytest.approx(0.09)


def test_a_sync_that_needs_work_goes_back_with_its_reason(open_review):
    first, second = synced(title="First"), synced(title="Second")
    page = open_review(first)
    page.keyboard.press("x")
    page.keyboard.type("B echoes near the end")
    look(page, "review-needs-work")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sessions/{second.pk}/review/")
    first.refresh_from_db()
    assert (first.status, first.status_reason) == ("needs-review", "Needs work (operator): B echoes near the end")
    page.goto("/sessions/")
    expect(page.get_by_text("Needs work (operator): B echoes near the end")).to_be_visible()


def test_a_stale_page_shows_both_answers_and_overwrites_nothing(open_review, open_page, watch):
    watch.allow("409")
    session = synced()
    page = open_review(session)
    page.keyboard.press("Shift+Period")
    page.evaluate("studioReview.watch.stopped = true")
    other = get_user_model().objects.create_user("berta", password="x")
    Membership.objects.create(user=other, tenant_id="t_local", env="dev")
    theirs = open_review(session, user=other)
    for _ in range(2):
        theirs.keyboard.press("Alt+Comma")
    theirs.keyboard.press("Control+Enter")
    theirs.get_by_role("button", name="Save and stay").click()
    expect(theirs.locator("#history")).to_contain_text("berta")

    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Save and continue").click()

    conflict = page.locator("#conflict")
    expect(conflict).to_contain_text("berta corrected this session")
    expect(conflict.get_by_role("row").nth(1)).to_contain_text("+1.232 s")
    expect(conflict.get_by_role("row").nth(1)).to_contain_text("+1.244 s")
    assert session.sync_results.get().final_offsets["B"] == 1232.0
    look(page, "review-conflict")

    page.get_by_role("button", name="Keep mine").click()
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator("#history")).to_contain_text("+1.232 s → +1.244 s")
    assert session.sync_results.get().final_offsets["B"] == 1244.0


def test_a_decision_made_elsewhere_appears_on_an_untouched_page(open_review, operator):
    session = synced()
    page = open_review(session)

    review.approve(session.context, session.pk, approved_by="Berta")
    ask_now(page)

    expect(page.locator("#verdict")).to_contain_text("by Berta")
    expect(page.locator("#go-on")).to_be_visible()


def test_a_sync_that_finishes_while_somebody_watches_appears_by_itself(open_review):
    cameras = [camera(label, offset_ms=ms) for label, ms in OFFSETS.items()]
    session = shot(*cameras, status=RecordingSession.Status.SYNCING)
    page = open_review(session)
    expect(page.locator("#verdict")).to_contain_text("Comparing the cameras")
    expect(page.get_by_role("button", name="Looks good")).to_be_hidden()

    add_result(session, OFFSETS)
    RecordingSession.objects.filter(pk=session.pk).update(status=RecordingSession.Status.NEEDS_REVIEW)
    ask_now(page)

    expect(page.locator("#verdict")).to_contain_text("Camera B starts 1.234 s after A.")
    expect(page.get_by_role("button", name="Looks good")).to_be_visible()


def test_replaced_recordings_never_reload_the_page_under_a_hand(open_review):
    session = synced()
    page = open_review(session)
    page.keyboard.press("Period")

    with transaction.atomic():
        session.assets.get(camera_label="B").delete()
        add_camera(session, camera("B", offset_ms=1000.0))
        add_result(session, OFFSETS | {"B": 1000.0})
    ask_now(page)

    expect(page.locator("#work")).to_contain_text("changed since you opened this page")
    assert offset_of(page, "B") == 1274
    page.get_by_role("button", name="Reload").click()
    expect(page.locator("#verdict")).to_contain_text("Camera B starts 1.000 s after A.")
    page.wait_for_selector("html[data-review=ready]")
    assert offset_of(page, "B") == 1000


def test_unsaved_nudges_outlive_a_reload(open_review):
    page = open_review(synced())
    page.keyboard.press("Shift+Comma")

    page.reload()
    page.wait_for_selector("html[data-review=ready]")

    assert offset_of(page, "B") == 1224
    expect(page.locator("#messages")).to_contain_text("unsaved changes")


def test_the_server_may_restart_under_an_open_page(chromium, operator, site, settings):
    if connection.vendor != "sqlite":
        pytest.skip("A second server finds the test's database by its file.")
    session = synced()
    port = free_port()
    client = Client()
    client.force_login(operator)
    server = serve(port, settings)
    context = chromium.new_context(base_url=f"http://127.0.0.1:{port}", viewport=DESKTOP)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": f"http://127.0.0.1:{port}"}])
    page = context.new_page()
    try:
        page.goto(f"/sessions/{session.pk}/review/")
        page.wait_for_selector("html[data-review=ready]")
        page.keyboard.press("Shift+Period")

        server.kill()
        server.wait()
        for _ in range(2):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            page.wait_for_timeout(300)
        expect(page.locator("#messages")).to_contain_text("Studio is not responding")
        page.keyboard.press("Shift+Period")
        server = serve(port, settings)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("#messages")).to_contain_text("Connected again.")

        page.keyboard.press("Control+Enter")
        page.get_by_role("button", name="Save and stay").click()
        expect(page.locator("#go-on")).to_be_visible()
        assert session.sync_results.get().final_offsets["B"] == 1254.0
    finally:
        context.close()
        server.kill()
        server.wait()


def serve(port: int, settings) -> subprocess.Popen:
    """Studio as a process of its own, on the test's database and files; answers when it does."""
    environment = os.environ | {
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "MEDIA_STORE_ROOT": str(settings.MEDIA_STORE_ROOT),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    argv = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        argv, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until(lambda: accepts(port) or server.poll() is not None)
    assert server.poll() is None, "The server did not start."
    return server


def test_a_silent_camera_is_placed_by_hand(open_review):
    cameras = [camera("A", offset_ms=0.0), camera("B", offset_ms=1234.0), camera("C", offset_ms=-777.0, silent=True)]
    session = synced(*cameras)
    page = open_review(session)
    expect(page.locator("#verdict")).to_contain_text("Camera C could not be matched with A.")
    expect(page.locator("#decide-why")).to_contain_text("Place camera C by hand")
    expect(page.locator("[data-wave=C]")).to_contain_text("No audio")
    look(page, "review-silent")

    page.fill("#exact-ms", "not a number")
    page.keyboard.press("Enter")
    expect(page.locator("#exact-ms")).to_have_attribute("aria-invalid", "true")
    page.fill("#exact-ms", "\u2212777.25 ms")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Save and stay").click()

    expect(page.locator("#history")).to_contain_text("\u22120.777 s")
    assert session.sync_results.get().final_offsets == {"A": 0.0, "B": 1234.0, "C": -777.25}


def test_a_session_that_could_not_be_synced_is_placed_by_hand(open_review):
    cameras = [camera("A", offset_ms=0.0), camera("B", offset_ms=1234.0)]
    session = shot(*cameras, status="needs-review", status_reason="The sync could not be computed: no memory.")
    page = open_review(session)
    expect(page.locator("#verdict")).to_contain_text("no memory")

    page.keyboard.press("Shift+Z")
    page.evaluate("studioReview.clock.seek(1.5)")
    page.get_by_role("button", name="Start at playhead").click()
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Save and stay").click()

    expect(page.locator("#go-on")).to_be_visible()
    session.refresh_from_db()
    assert session.status == "ready"
    assert SyncResult.objects.get(session=session).final_offsets == {"A": 0.0, "B": 1500.0}


def test_one_camera_alone_can_be_waved_through(open_review):
    session = shot(camera("A", offset_ms=0.0), status="needs-review", status_reason="Only one camera has sound.")
    page = open_review(session)

    page.keyboard.press("a")
    expect(page.locator("#reason-text")).to_contain_text("ready with one camera")
    page.keyboard.type("Camera B was stolen")
    page.get_by_role("button", name="Approve and continue").click()
    expect(page.locator("#messages")).to_contain_text("Nothing else is waiting for review.")

    session.refresh_from_db()
    assert (session.status, session.sync_decisions.get().notes) == ("ready", "Camera B was stolen")


#: A busy machine takes a while to bring three videos together.
IN_STEP = """() => {
  const errors = studioReview.angles.errors();
  const apart = Math.max(...Object.values(errors)) - Math.min(...Object.values(errors));
  return Object.keys(errors).join("") === "ABC" && studioReview.clock.running && apart < 0.12;
}"""


def test_angles_keep_step_and_find_it_again_after_a_stall(open_review):
    page = open_review(synced())
    page.evaluate("studioReview.clock.setLoop([3, 11]); studioReview.clock.seek(3)")
    page.keyboard.press("Space")
    page.wait_for_function("() => studioReview.clock.time > 4")
    page.wait_for_function(IN_STEP)

    page.evaluate("document.querySelector('[data-angle=B] video').pause()")
    began = page.evaluate("studioReview.clock.time")
    # Behind by more than is allowed, were it not started again.
    page.wait_for_function("(began) => Math.abs(studioReview.clock.time - began) > 0.5", arg=began)
    page.wait_for_function(IN_STEP)
    page.keyboard.press("Space")
    expect(page.locator("[data-do=play]")).to_have_attribute("aria-pressed", "false")


def test_frames_on_the_screen_are_those_of_the_clock(open_review):
    page = open_review(synced())
    page.evaluate("studioReview.clock.setLoop(null); studioReview.clock.seek(5)")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => studioReview.angles.angles.every(({ busy, wanted }) => !busy && wanted === null)")

    seen = page.evaluate("studioReview.angles.angles.map(({ video }) => Math.floor(video.currentTime * 25 + 0.01))")

    assert seen == [126, int((5.04 - 1.234) * 25), int((5.04 + 0.777) * 25)]


def test_evidence_and_rival_peaks_are_one_key_away(open_review):
    page = open_review(synced(classification="review-suggested"))
    rows = page.locator("#windows tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("+1.234 s")

    page.keyboard.press("e")
    page.wait_for_function("() => studioReview.clock.playing")
    assert page.evaluate("studioReview.clock.loop[0]") == pytest.approx(3 + 1.234 - 1.2, abs=0.05)
    page.keyboard.press("k")

    page.keyboard.press("c")
    assert offset_of(page, "B") == 1234 + 2600
    expect(page.locator("#rivals [aria-pressed=true]")).to_contain_text("2nd")
    expect(rows.nth(1)).to_contain_text("\u22122,600.0 ms")
    page.locator("#rivals button").nth(2).click()
    assert offset_of(page, "B") == 1234 - 1500


def test_every_key_has_a_button_and_single_keys_can_be_turned_off(open_review):
    session = synced()
    page = open_review(session)
    without = page.evaluate("studioReview.keyed.filter((name) => !document.querySelector(`[data-do=${name}]`))")
    assert without == ["enlarge", "onward"], "N is one of two buttons; each picture has its own to be enlarged"
    expect(page.get_by_role("button", name="Enlarge camera")).to_have_count(3)
    unknown = page.evaluate(
        "[...document.querySelectorAll('[data-do]')].map((b) => b.dataset.do).filter((name) => !studioReview.commands[name])"
    )
    assert unknown == []

    page.keyboard.press("?")
    look(page, "review-keys")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("Period")
    assert offset_of(page, "B") == 1234
    page.keyboard.press("Control+z")
    expect(page.locator("#messages")).to_contain_text("Nothing to undo")
    session.refresh_from_db()
    assert session.status == "needs-review"


def test_the_whole_review_needs_no_mouse(open_review):
    session, other = synced(title="First"), synced(title="Second")
    page = open_review(session)

    for key in ("b", "k", "2", "e", "k", "o", "+", "z", "3", "Shift+Comma", "Control+z", "n"):
        page.keyboard.press(key)
    expect(page.locator("h1")).to_have_text("Second")
    page.wait_for_selector("html[data-review=ready]")
    page.keyboard.press("p")
    expect(page.locator("h1")).to_have_text("First")
    page.wait_for_selector("html[data-review=ready]")
    page.keyboard.press("3")
    page.keyboard.press("Period")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("by eye")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Second")

    assert session.sync_results.get().final_offsets["C"] == -737.0
    assert session.sync_decisions.get().notes == "by eye"
    assert other.sync_decisions.count() == 0


def test_the_page_shows_how_far_off_a_made_up_shoot_is(open_review, settings):
    session = synced(found=OFFSETS | {"B": 1254.0})
    (settings.VAR_DIR / "demo").mkdir()
    (settings.VAR_DIR / "demo" / "demo-truth.json").write_text(
        json.dumps({str(session.pk): {"offsets_ms": {"A": 100, "B": 1334, "C": -677}}})
    )
    page = open_review(session)

    expect(page.locator("#truth tbody tr").first).to_contain_text("+20.0 ms")
    page.keyboard.press("Shift+Comma")
    expect(page.locator("#truth tbody tr").first).to_contain_text("+10.0 ms")
    look(page, "review-certain")


def test_segments_are_pieces_that_move_alone_and_are_saved_alone(open_review):
    session = paused()
    page = open_review(session)
    page.keyboard.press("z")
    heights = lane(page, "B")
    at = "t => Math.round(studioReview.lanes.x(t) * document.querySelector('[data-lane=B] canvas').width / studioReview.lanes.width)"
    gap = page.evaluate(at, LOST_AT + OFFSETS["B"] / 1000 + LOST_MS / 2000)
    assert sum(heights[gap - 3 : gap + 3]) == 0, "no wave where nothing was recorded"
    top = page.locator("#waves").bounding_box()["y"]

    page.keyboard.press("]")
    page.keyboard.press("]")
    expect(page.get_by_role("button", name="Segment 2 · 0:05")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Shift+Period")
    assert [offset_of(page, key) for key in ("B", "B/1", "B/2")] == [1234, 1234, 1234 + LOST_MS + 10]
    expect(page.locator("[data-moved=B]")).to_have_text("segment 2 moved")
    page.keyboard.press("Control+z")

    wave = page.locator("[data-wave=B]")
    wave.scroll_into_view_if_needed()
    box = wave.bounding_box()
    x = box["x"] + page.evaluate("studioReview.lanes.x(3)")
    scale = page.evaluate("studioReview.lanes.scale")
    page.mouse.move(x, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(x - 40, box["y"] + 40, steps=5)
    page.mouse.up()
    assert offset_of(page, "B/1") == pytest.approx(1234 - 40_000 / scale, abs=0.01)
    assert offset_of(page, "B/2") == 1234 + LOST_MS
    assert page.locator("#waves").bounding_box()["y"] == top
    page.fill("#exact-ms", "1230")
    page.keyboard.press("Enter")
    look(page, "review-segments")

    page.keyboard.press("Control+Enter")
    expect(page.locator("#correction-text")).to_have_text("Save segment 1 of camera B to +1.230 s.")
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator("#history")).to_contain_text("segment 1, from 0:00: +1.234 s → +1.230 s")
    kept = session.sync_results.get().camera("B")
    assert [segment.offset_ms for segment in kept.segments_in_force] == [1230.0, 1234.0 + LOST_MS]
    page.reload()
    page.wait_for_selector("html[data-review=ready]")
    assert offset_of(page, "B/1") == 1230


def test_listening_crosses_a_segments_border_to_the_sample(open_review):
    page = open_review(paused())
    b = camera("B", offset_ms=OFFSETS["B"])
    end = LOST_AT + OFFSETS["B"] / 1000
    _, right = heard(page, end - 0.1, 24_000)
    own = round(LOST_AT * RATE)
    assert np.array_equal(right[:4800], stored(b, slice(own - 4800, own)))
    assert not right[4800 : 4800 + 19_200 - 1].any()
    _, right = heard(page, end + LOST_MS / 1000, 4800)
    assert np.array_equal(right, stored(b, slice(own, own + 4800)))


def test_the_strip_of_coverage_says_what_the_sound_shows_where(open_review):
    page = open_review(paused())
    strip = page.get_by_role("img", name="Coverage of camera B")
    expect(strip).to_have_attribute(
        "aria-label",
        "Coverage of camera B: agreeing 6.0 s; silent 1.0 s (0:03.0 to 0:04.0); drowned 2.0 s (0:07.0 to 0:09.0); "
        "contradicting 1.5 s (0:09.0 to 0:10.5).",
    )
    expect(strip.locator(".cover-contradicting")).to_have_attribute(
        "title", "Contradicting: 0:09.0 to 0:10.5 of camera B"
    )
    place = "t => studioReview.lanes.x(t) + document.querySelector('[data-wave=B]').getBoundingClientRect().x"
    for move in (0, 10):
        lies = strip.locator(".cover-contradicting").bounding_box()["x"]
        assert lies == pytest.approx(page.evaluate(place, 9 + (1234 + LOST_MS + move) / 1000), abs=1)
        page.keyboard.press("Shift+Period")


def test_another_channel_is_listened_to_when_a_person_says_so(open_review, watch):
    watch.allow("409")
    session = paused()
    page = open_review(session)
    expect(page.locator("#heard-text")).to_have_text("Heard: channel 2; channel 1 is silent.")
    use = page.locator("#heard-use")
    expect(use).to_be_disabled()
    page.get_by_label("Listen to another track or channel").select_option(label="Channel 1 less channel 2")
    use.click()
    expect(page.locator("#ask")).to_contain_text("Listen to something else of camera B")
    page.get_by_role("button", name="Listen and sync again").click()

    expect(page.locator("#verdict")).to_contain_text("being uploaded or processed")
    page.wait_for_selector("html[data-review=ready]")
    page.keyboard.press("2")
    expect(page.locator("#heard-text")).to_contain_text("channel 1 less channel 2; chosen by hand")
    expect(page.locator("#work")).to_contain_text("Camera B")
    asset = session.assets.get(camera_label="B")
    assert (asset.status, asset.heard["how"], asset.heard["channels"]) == ("ingesting", "difference", [1, 2])


def test_the_clips_of_a_camera_share_its_lane_and_each_is_placed_by_hand(open_review):
    session = shot(
        *(camera(label, offset_ms=ms) for label, ms in {"A": 0.0, "B": 1234.0, "D": 3000.0}.items()),
        status="needs-review",
    )
    session.assets.filter(camera_label="D").update(camera_label="B", clip=2)
    add_result(session, {"A": 0.0, "B": 1234.0, "B.2": None})
    page = open_review(session)
    expect(page.locator("[data-lane]")).to_have_count(2)
    expect(page.locator("#chosen-label")).to_have_text("B.2")
    page.fill("#exact-ms", "3000")
    page.keyboard.press("Enter")
    assert page.evaluate("studioReview.lanes.cameras.map((camera) => camera.offset)") == [0, 1234, 3000]
    look(page, "review-clips")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator("#history")).to_contain_text("+3.000 s")
    assert session.sync_results.get().final_offsets == {"A": 0.0, "B": 1234.0, "B.2": 3000.0}


def test_doubtful_clips_come_one_after_the_other_and_a_nudge_takes_the_later_ones_along(open_review):
    session = synced(*(camera(label, offset_ms=1234.0 if label != "A" else 0.0) for label in "ABCD"))
    for label, clip in (("C", 2), ("D", 3)):
        session.assets.filter(camera_label=label).update(camera_label="B", clip=clip)
    result = add_result(session, {"A": 0.0, "B": 1234.0, "B.2": 2000.0, "B.3": 3000.0})
    result.classification |= {"B.2": "review-suggested", "B.3": "needs-manual-nudge"}
    result.save()
    page = open_review(session)
    expect(page.locator("#chosen-label")).to_have_text("B.3")
    expect(page.get_by_role("button", name="Next doubtful (2)")).to_be_visible()
    expect(page.get_by_text("Nudges move this camera")).to_be_hidden()

    page.keyboard.press("d")
    expect(page.locator("#chosen-label")).to_have_text("B.2")
    page.get_by_label("Nudges move this camera's later clips too").check()
    page.get_by_role("button", name="+10 ms").click()
    assert [offset_of(page, key) for key in ("B", "B.2", "B.3")] == [1234, 2010, 3010]
    look(page, "review-doubtful")
    page.keyboard.press("Control+z")
    assert [offset_of(page, key) for key in ("B", "B.2", "B.3")] == [1234, 2000, 3000]
    page.keyboard.press("Shift+D")
    expect(page.locator("#chosen-label")).to_have_text("B.3")


def test_a_choice_that_is_refused_says_why(open_review, watch):
    watch.allow("409")
    session = paused()
    page = open_review(session)
    page.evaluate("studioReview.watch.stopped = true")
    session.assets.filter(camera_label="B").update(status="failed", sound_ready_at=None)
    page.get_by_label("Listen to another track or channel").select_option(label="Mix of channels 1, 2")
    page.locator("#heard-use").click()
    page.get_by_role("button", name="Listen and sync again").click()
    expect(page.locator("#messages")).to_contain_text("The audio of camera B is not ready: its file is failed.")


def test_a_session_without_files_says_what_to_do(open_page, operator):
    session = shot(status="draft")
    page = open_page(f"/sessions/{session.pk}/review/", user=operator)

    expect(page.get_by_role("link", name="Go to session")).to_be_visible()
    look(page, "review-empty")


def test_the_original_is_shown_until_the_preview_comes_which_needs_no_reload(open_review):
    session = synced(*(camera(label, offset_ms=OFFSETS[label]) for label in "ABC"))
    proxies = {}
    for label, playable in (("B", True), ("C", False)):
        asset = session.assets.get(camera_label=label)
        row = asset.derivatives.get(kind="proxy")
        proxies[label] = storage.store().open(row.key).read()
        asset.original_key = keys.original_key(asset.angle(), asset.original_filename)
        storage.store().put_bytes(
            asset.original_key, proxies[label] if playable else b"RAW" * 9, content_type="video/mp4"
        )
        asset.status, asset.picture_ready_at = "ingesting", None
        asset.save()
        row.delete()
    page = open_review(session)
    b, c = (page.locator(f"[data-angle={label}]") for label in "BC")

    expect(b.get_by_text("Original", exact=True)).to_be_visible()
    expect(c.get_by_text("The preview is being made.")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-angle=B] video').readyState") > 0
    look(page, "review-originals")
    page.evaluate("window.neverReloaded = true")

    for label in "BC":
        asset = session.assets.get(camera_label=label)
        add_file(asset, "proxy", "", proxies[label])
        asset.status, asset.picture_ready_at = "ready", timezone.now()
        asset.save()
    expect(c.get_by_text("The preview is being made.")).to_be_hidden()
    expect(b.get_by_text("Original", exact=True)).to_be_hidden()
    page.wait_for_function("() => document.querySelector('[data-angle=C] video').readyState > 1")
    assert "/proxies/" in page.evaluate("document.querySelector('[data-angle=C] video').currentSrc")
    assert page.evaluate("window.neverReloaded")


def test_a_camera_whose_file_failed_says_why(open_review):
    session = synced(camera("A", offset_ms=0.0), camera("B", offset_ms=1234.0))
    MediaAsset.objects.create(
        session=session,
        camera_label="C",
        status=MediaAsset.Status.FAILED,
        status_message="The file is cut: copy it again from the card.",
        original_filename="c.mp4",
        project_id="lessons",
        shoot_date=session.date,
    )
    page = open_review(session)

    expect(page.locator("[data-angle=C]")).to_contain_text("The file is cut")
    expect(page.get_by_role("button", name="Looks good")).to_be_visible()
