"""The angle editor in a real Chromium: watch, cut, save, two people, export."""

import hashlib
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from numpy.typing import NDArray
from playwright.sync_api import Page, Route, expect

from media_app import storage
from media_app.models import MediaAsset
from render_app.core.autocut.changes import remembered
from render_app.core.autocut.values import Shot
from render_app.core.cut import Cut, Switch
from render_app.core.timeline.edges import exact
from render_app.models import Clip, Export, Transition, VideoProject
from render_app.services import cuts
from render_app.services.timeline_edits import Caller
from sessions_app.models import Membership, RecordingSession
from tests.browser.kit import look
from tests.support import media
from tests.support.cut_shoot import decided, with_originals
from tests.support.factories import a_registry_asset
from tests.support.review_shoot import picture, synced
from tests.support.shoots import picture as png_of

Open = Callable[..., Page]
CUT = "() => studioAngles.history.cut.points.map(({ at, angle }) => [at, angle])"


@pytest.fixture
def open_angles(open_page, operator, settings) -> Open:
    """The angle editor of a session, its large picture on the screen."""
    settings.MEDIA_JOBS_ENABLED = False

    def open_it(session: RecordingSession, user=None, **options) -> Page:
        page = open_page(f"/sessions/{session.pk}/angles/", user=user or operator, **options)
        page.wait_for_selector("html[data-angles=ready]")
        page.wait_for_function(
            "() => studioAngles.screens.angles.angles.every(({ shown, video }) => !shown || video.readyState > 1)"
        )
        return page

    return open_it


@pytest.fixture
def shoot(site) -> RecordingSession:
    """Three cameras of twelve seconds, decided."""
    return decided()


#: A video that was brought to a time shows its earlier frame a moment longer.
STANDING = """() => studioAngles.screens.angles.angles.every(({ shown, busy, wanted, onScreen, video }) => (
  !shown || (!busy && wanted === null && onScreen && Math.abs(onScreen.mediaTime - video.currentTime) < 0.04)
))"""


def go_to(page: Page, seconds: float) -> None:
    """Stand at a time, with the pictures of it on the screen."""
    page.evaluate(
        "(t) => { const { clock, grid } = studioAngles; clock.pause(); clock.seek(grid.secondsOf(grid.frameAt(t))); }",
        seconds,
    )
    page.wait_for_function(STANDING)


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("Saved")
    page.wait_for_function("() => !studioAngles.saving.unsaved")


def test_number_keys_cut_where_the_playhead_stands_and_the_cut_is_kept(open_angles, shoot):
    page = open_angles(shoot)
    for seconds, key in ((2, "2"), (4, "3"), (6.52, "1")):
        go_to(page, seconds)
        page.keyboard.press(key)
    expect(page.locator("[data-angle=A]")).to_have_class("angle is-large")
    expect(page.locator("#cut-count")).to_contain_text("3 cuts")
    saved(page)

    page.reload()
    page.wait_for_selector("html[data-angles=ready]")

    assert page.evaluate(CUT) == [[0, "A"], [50, "B"], [100, "C"], [163, "A"]]
    project = VideoProject.objects.get()
    assert project.session_id == shoot.pk
    rows = Clip.objects.order_by("in_ms").values_list("camera_label", "in_ms", "out_ms")
    assert list(rows) == [("A", 0, 2000), ("B", 2000, 4000), ("C", 4000, 6520), ("A", 6520, 12_000)]


PRESSED = """async () => {
  const { screens, grid, history, commands } = studioAngles;
  // On a busy machine the picture may be far behind the clock, which then says where the cut is.
  while (screens.shown() === null) {
    await new Promise(requestAnimationFrame);
  }
  const angle = screens.angles.angles.find(({ camera, shown }) => camera.camera === screens.large && shown);
  const { mediaTime } = angle.onScreen;
  const label = ["A", "B", "C"].filter((one) => one !== screens.large)[Math.floor(Math.random() * 2)];
  const large = screens.large;
  document.body.dispatchEvent(new KeyboardEvent("keydown", { code: `Digit${"ABC".indexOf(label) + 1}`, key: "2", bubbles: true }));
  const point = history.cut.points.at(-1);
  const { offset, rate } = angle.camera;
  return { large, label, mediaTime, at: point.at, angle: point.angle, offset, rate };
}"""


def test_while_it_plays_a_cut_lands_on_the_frame_that_is_on_the_screen(open_angles, shoot):
    page = open_angles(shoot)
    go_to(page, 1)
    page.keyboard.press("Space")
    pressed = []
    for _ in range(6):
        page.wait_for_timeout(350)
        pressed.append(page.evaluate(PRESSED))
    page.keyboard.press("Space")

    for one in pressed:
        # What a render shows of the camera at the cut, had it not been cut: the frame that was on the screen.
        source = exact(one["at"]) / 25 - exact(one["offset"]) / 1000
        assert (source + exact(0.0005)) * 25 // 1 == round(one["mediaTime"] * 25), one
        assert one["angle"] == one["label"] != one["large"]


def test_the_picture_that_stands_is_the_frame_that_a_render_shows(open_angles, shoot):
    page = open_angles(shoot)
    go_to(page, 3)
    page.keyboard.press("2")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    go_to(page, 3.12)

    shown = page.evaluate(
        "() => { const angle = studioAngles.screens.angles.angles.find(({ camera }) => camera.label === 'B'); return angle.onScreen.mediaTime; }"
    )

    assert round(shown * 25) == (exact(3.12) - exact(1.234) + exact(0.0005)) * 25 // 1


def test_a_cut_is_moved_trimmed_swapped_deleted_and_all_of_it_undone(open_angles, shoot):
    page = open_angles(shoot)
    go_to(page, 2)
    page.keyboard.press("2")
    go_to(page, 6)
    page.keyboard.press("3")
    page.keyboard.press("ArrowUp")
    for key in ("Period", "Period", "Comma", "Shift+Period"):
        page.keyboard.press(key)
    assert page.evaluate(CUT) == [[0, "A"], [61, "B"], [150, "C"]]
    go_to(page, 4)
    page.keyboard.press("]")
    assert page.evaluate(CUT)[2] == [100, "C"]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("[")
    assert page.evaluate(CUT)[1] == [99, "B"]
    page.keyboard.press("Alt+3")
    assert page.evaluate(CUT) == [[0, "A"], [99, "C"]]
    page.keyboard.press("d")
    page.keyboard.press("i")
    go_to(page, 8)
    page.keyboard.press("o")
    saved(page)
    assert Transition.objects.count() == 0
    page.keyboard.press("Delete")
    assert page.evaluate(CUT) == [[0, "A"]]
    while page.locator("[data-do=undo]").is_enabled():
        page.keyboard.press("Control+z")
    assert page.evaluate(CUT) == [[0, "A"]]
    assert page.evaluate("() => studioAngles.history.undone.length") == 13
    page.keyboard.press("Control+Shift+Z")
    assert page.evaluate(CUT) == [[0, "A"], [50, "B"]]
    saved(page)


def test_a_shot_says_why_an_automatic_cut_chose_it_until_a_person_changes_it(open_angles, shoot):
    auto = [Shot(0.0, 4.0, "A", "speaker", "A"), Shot(4.0, 8.0, "B", "crosstalk"), Shot(8.0, 12.0, "A", "silence")]
    switches = [
        Switch(exact(1000 * one.start), one.camera, meta=remembered(one, (1000 * one.start, 1000 * one.end), {}))
        for one in auto
    ]
    cuts.write(Caller(shoot.context), shoot.pk, Cut(exact(0), exact(12_000), tuple(switches)))
    page = open_angles(shoot)
    go_to(page, 1)
    expect(page.locator("#shot-why")).to_have_text("The voice is at microphone A: camera A.")
    go_to(page, 5)
    expect(page.locator("#shot-why")).to_have_text("Several voices at once: the wide view.")

    page.keyboard.press("Alt+3")

    expect(page.locator("#shot-why")).to_have_text("Changed by a person; cutting again keeps it.")
    saved(page)
    go_to(page, 9)
    expect(page.locator("#shot-why")).to_have_text("No voice is heard.")


def test_a_cut_is_dragged_to_the_frame_under_the_pointer(open_angles, shoot):
    page = open_angles(shoot)
    go_to(page, 4)
    page.keyboard.press("2")
    box = page.locator("[data-shots]").bounding_box()
    x = box["x"] + page.evaluate("() => studioAngles.strip.x(4)")
    page.mouse.move(x, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(x + 100, box["y"] + 30, steps=4)
    page.mouse.up()

    at = page.evaluate(CUT)[1][0]
    wanted = page.evaluate("(x) => studioAngles.grid.frameOf(studioAngles.strip.timeAt(x) * 1000)", x + 100 - box["x"])
    assert at == wanted
    assert page.evaluate("() => studioAngles.history.done.length") == 2


def test_transition_sound_and_titles_are_kept_with_the_cut(open_angles, shoot):
    page = open_angles(shoot)
    go_to(page, 4)
    page.keyboard.press("2")
    page.get_by_label("Transition", exact=True).select_option("dip_to_black")
    page.get_by_label("Frames", exact=True).fill("10")
    page.get_by_label("Frames", exact=True).press("Tab")
    page.get_by_label("Source").select_option("C")
    page.get_by_label("Gain (dB)").fill("-3")
    page.get_by_label("Gain (dB)").press("Tab")
    page.get_by_role("button", name="Add here").click()
    page.keyboard.type("Cello lesson")
    page.keyboard.press("Tab")
    saved(page)

    assert list(Transition.objects.values_list("type", "duration_ms")) == [("dip_to_black", 400)]
    title = Clip.objects.get(text__isnull=False)
    assert (title.text["text"], title.start_ms_on_timeline, title.out_ms) == ("Cello lesson", 4000, 3000)
    sound = Clip.objects.get(track__kind="audio")
    assert (sound.camera_label, sound.track.volume_db) == ("C", -3)
    page.reload()
    expect(page.get_by_label("Words of title 1")).to_have_value("Cello lesson")
    expect(page.get_by_label("Source")).to_have_value("C")


def test_of_two_people_the_second_chooses_and_nothing_is_lost(open_angles, shoot, watch):
    watch.allow("409")
    bob = get_user_model().objects.create_user("bob", password="x")
    Membership.objects.create(user=bob, tenant_id="t_local", env="dev")
    mine, theirs = open_angles(shoot), open_angles(shoot, user=bob)
    for page in (mine, theirs):
        # Each looks for changes by itself, and would load the other's before it is edited where the machine is slow.
        page.evaluate("() => { studioAngles.saving.look = () => {}; }")
    for page, seconds, key in ((theirs, 3, "2"), (mine, 5, "3")):
        go_to(page, seconds)
        page.keyboard.press(key)
        page.evaluate("() => studioAngles.saving.flush()")

    expect(mine.locator("#conflict")).to_contain_text("bob changed this cut meanwhile; theirs has 1 cut.")
    assert mine.evaluate(CUT) == [[0, "A"], [125, "C"]]
    mine.get_by_role("button", name="Keep mine").click()
    saved(mine)
    assert VideoProject.objects.count() == 1
    assert Clip.objects.filter(camera_label="C", in_ms=5000).exists()

    go_to(theirs, 7)
    theirs.keyboard.press("1")
    theirs.evaluate("() => studioAngles.saving.flush()")
    theirs.get_by_role("button", name="Load theirs").click()
    assert theirs.evaluate(CUT) == [[0, "A"], [125, "C"]]
    expect(theirs.locator("#saved")).to_have_text("Saved")
    theirs.keyboard.press("Control+z")
    assert theirs.evaluate(CUT) == [[0, "A"], [75, "B"], [175, "A"]]


def test_edits_wait_in_the_browser_while_the_server_is_away(open_angles, shoot, watch):
    watch.allow("ERR_FAILED")
    page = open_angles(shoot)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/cut", lambda route: route.abort())
    go_to(page, 3)
    page.keyboard.press("2")
    expect(page.locator("#saved")).to_have_text("Not saved yet: retrying every few seconds")
    page.unroute("**/cut")

    page.reload()

    expect(page.locator("#messages")).to_contain_text("Restored your unsaved changes.")
    saved(page)
    assert page.evaluate(CUT) == [[0, "A"], [75, "B"]]
    assert Clip.objects.filter(camera_label="B", in_ms=3000).exists()


def test_the_page_is_usable_in_every_light_and_width(open_angles, shoot):
    page = open_angles(shoot)
    for seconds, key in ((2, "2"), (5, "3")):
        go_to(page, seconds)
        page.keyboard.press(key)
    page.keyboard.press("t")
    page.keyboard.press("Tab")
    page.locator(".title-looks summary").click()
    page.get_by_label("Outline").select_option("Yes")
    page.locator("#cut-list summary").click()
    saved(page)
    look(page, "angles")
    page.keyboard.press("Shift+Tab")
    page.locator("[data-do=keys]").click()
    look(page, "angles-keys")
    page.keyboard.press("Escape")


def test_before_the_sync_is_approved_the_page_says_what_to_do(open_page, operator, site):
    waiting = synced()

    page = open_page(f"/sessions/{waiting.pk}/angles/", user=operator)

    expect(page.get_by_role("heading", name="The sync is not approved yet")).to_be_visible()
    look(page, "angles-undecided")
    page.get_by_role("link", name="Review sync").click()
    page.wait_for_url("**/review/")


def test_from_the_session_to_a_film_by_keyboard_alone(open_page, operator, shoot, settings, watch):
    settings.MEDIA_JOBS_ENABLED = False
    page = open_page(f"/sessions/{shoot.pk}/", user=operator)
    page.get_by_role("link", name="Cut angles").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-angles=ready]")
    exports(page)
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "2", "Shift+ArrowRight", "i"):
        page.keyboard.press(key)
    page.keyboard.press("e")
    expect(page.get_by_role("dialog", name="Export")).to_be_visible()
    expect(page.locator("#export-estimate")).to_have_text("Takes about 12 s. About 3 MB. Reads 225 frames.")
    look(page, "angles-export")
    page.locator("#export-start").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Download main")).to_be_visible()
    look(page, "angles-exported")

    asked = page.evaluate("() => window.asked")
    assert asked["projectId"] == str(VideoProject.objects.get().pk)
    assert asked["outputs"] == [{"name": "main", "width": 320, "height": 180, "fps": "25", "format": "mp4"}]


def test_where_there_is_no_export_the_page_says_so(open_angles, shoot, watch):
    watch.allow("404")
    page = open_angles(shoot)
    page.route("**/api/export/**", lambda route: route.fulfill(status=404, body="Not found"))
    page.keyboard.press("e")

    expect(page.locator("#export-error")).to_contain_text("Export is not available on this server.")
    expect(page.locator("#export-start")).to_be_disabled()


def exports(page: Page) -> None:
    """An export API that keeps to the contract: accepted, half done, done."""
    steps = iter((("processing", 50), ("completed", 100)))
    film = {
        "name": "main",
        "url": "/static/studio/icon.svg",
        "sizeBytes": 3_100_000,
        "width": 320,
        "height": 180,
        "durationMs": 9000,
    }

    def answer(route: Route) -> None:
        path = route.request.url.rpartition("/api/export")[2]
        if path == "/dry-run":
            known = {
                "seconds": 12,
                "bytes": 3_100_000,
                "decodedFrames": 225,
                "outputs": [{"name": "main", "copiedShare": None}],
            }
            route.fulfill(json={"meta": {"estimate": known, "warnings": []}})
        elif path.endswith("/status"):
            status, percent = next(steps, ("completed", 100))
            outputs = [film] if status == "completed" else []
            route.fulfill(json={"jobId": "7", "status": status, "percent": percent, "outputs": outputs, "warnings": []})
        else:
            page.evaluate("(asked) => { window.asked = asked; }", route.request.post_data_json)
            route.fulfill(status=202, json={"jobId": "7", "status": "queued", "statusUrl": "/api/export/7/status"})

    page.route("**/api/export**", answer)
    page.route("**/api/export/**", answer)


def test_the_film_shows_what_the_page_showed(open_page, operator, shoot, worker):
    session = with_originals(shoot)
    page = open_page(f"/sessions/{session.pk}/angles/", user=operator)
    page.wait_for_selector("html[data-angles=ready]")
    for seconds, key in ((2, "i"), (2.52, "2"), (3.2, "3"), (4, "o")):
        go_to(page, seconds)
        page.keyboard.press(key)
    page.keyboard.press("e")
    page.get_by_label("Made from").select_option("proxy")
    known = page.locator("#export-estimate")
    expect(known).to_contain_text("nothing has been exported on this server. Its size is not known yet. Reads ")
    page.locator("#export-start").click()
    link = page.get_by_role("link", name="Download main")
    expect(link).to_be_visible(timeout=240_000)
    with page.expect_download() as coming:
        link.click()
    film = coming.value.path()

    small = {label: frames_of(picture(12.0, label)) for label in "ABC"}
    shown = [nearest(frame, small) for frame in frames_of(film)]

    offsets = {"A": 0, "B": 1234, "C": -777}
    expected = []
    for frame in range(50, 101):
        label = "A" if frame < 63 else "B" if frame < 80 else "C"
        expected.append((label, int((frame * 40 - offsets[label] + 0.5) * 25 // 1000)))
    assert shown == expected
    assert page.evaluate("() => document.querySelector('.export-file video').error") is None

    page.locator("#export-again").click()
    expect(known).to_have_text(re.compile(r"^Takes about \d+ s\. About \d+ MB\. Reads [\d,]+ frames\.$"))


def test_a_title_and_a_dissolve_are_on_the_page_as_in_the_film(open_page, operator, shoot, worker, tmp_path):
    session = with_originals(shoot)
    page = open_page(f"/sessions/{session.pk}/angles/", user=operator)
    page.wait_for_selector("html[data-angles=ready]")
    for seconds, key in ((2, "i"), (3, "2"), (4.4, "3"), (5.2, "1"), (5.6, "o")):
        go_to(page, seconds)
        page.keyboard.press(key)
    for seconds, kind in ((3, "crossfade"), (4.4, "push_left"), (5.2, "dip_to_white")):
        go_to(page, seconds)
        page.get_by_label("Transition", exact=True).select_option(kind)
        page.get_by_label("Frames", exact=True).fill("20")
        page.get_by_label("Frames", exact=True).press("Tab")
    go_to(page, 3.6)
    page.get_by_role("button", name="Add here").click()
    page.keyboard.type("Cello")
    page.keyboard.press("Tab")
    page.locator(".title-looks summary").click()
    page.get_by_label("Preset").select_option("lower_third")
    page.get_by_label("Size", exact=True).fill("160")
    page.get_by_label("Size", exact=True).press("Tab")
    page.get_by_label("Top %").fill("50")
    page.get_by_label("Top %").press("Tab")
    saved(page)
    title = Clip.objects.get(text__isnull=False)
    assert (title.text["text_preset"], title.text["size"], title.text["box"]["y"]) == ("lower_third", 160, 0.5)

    moments = {"plain": 2.2, "dissolve": 3.0, "early in it": 2.76, "title": 3.72, "push": 4.32, "dip": 5.04}
    shown = {name: on_the_page(page, seconds, tmp_path) for name, seconds in moments.items()}
    page.evaluate("() => { studioAngles.overlay.canvas.style.visibility = 'hidden'; }")
    bared = {name: on_the_page(page, moments[name], tmp_path) for name in ("dissolve", "title", "push", "dip")}
    page.keyboard.press("e")
    page.get_by_label("Made from").select_option("proxy")
    page.locator("#export-start").click()
    link = page.get_by_role("link", name="Download main")
    expect(link).to_be_visible(timeout=240_000)
    with page.expect_download() as coming:
        link.click()
    film = frames_of(coming.value.path())

    # Chromium reads the colors of the small previews, which are not tagged, by another matrix: a plain frame says by how much.
    apart = {name: [np.abs(frame - shown[name]).mean() for frame in film] for name in moments}
    plain = apart.pop("plain")[5]
    for name, found in apart.items():
        assert int(np.argmin(found)) == round((moments[name] - 2) * 25), name
        assert min(found) < plain + 2, (name, min(found), plain)
    for name, bare in bared.items():
        assert np.abs(film[round((moments[name] - 2) * 25)] - bare).mean() > min(apart[name]) + 1, name


def test_a_dissolve_is_seen_while_the_cut_plays_and_gone_after_it(open_angles, shoot):
    page = open_angles(shoot)
    go_to(page, 3)
    page.keyboard.press("2")
    page.get_by_label("Transition", exact=True).select_option("crossfade")
    page.evaluate("document.activeElement.blur()")
    go_to(page, 2)
    over = page.locator(".film-over")
    expect(over).to_be_hidden()
    seen = page.evaluate(
        """async () => {
          const { clock, overlay } = studioAngles;
          const [seen, draw] = [[], overlay.draw.bind(overlay)];
          overlay.draw = (frame) => {
            draw(frame);
            seen.push([frame, !overlay.canvas.hidden]);
          };
          clock.play();
          while (clock.time < 3.6) {
            await new Promise((done) => requestAnimationFrame(done));
          }
          clock.pause();
          return seen;
        }"""
    )

    # Half a second with the cut in its middle.
    assert {on for _, on in seen} == {True, False}
    assert [on for _, on in seen] == [69 <= frame < 81 for frame, _ in seen]
    expect(over).to_be_hidden()


def on_the_page(page: Page, seconds: float, folder: Path) -> NDArray[np.int16]:
    """The large picture as it is on the screen at a time, small."""
    go_to(page, seconds)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_function("() => [...studioAngles.lettering.pictures.values()].every(Boolean)")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    file = folder / "shown.png"
    page.locator(".is-large .angle-screen").screenshot(path=file)
    size = page.locator(".is-large .angle-screen").bounding_box()
    assert abs(size["width"] / size["height"] - 16 / 9) < 0.02
    return frames_of(file)[0]


def test_a_custom_file_is_mastered_and_marked_as_the_dialog_says_and_refused_at_its_row(
    open_page, operator, shoot, worker, watch
):
    watch.allow("422")
    session = with_originals(shoot)
    logo = a_registry_asset(original_filename="logo.png", kind="image", width=8, height=8, **session.context.stamp())
    png = png_of(255, 255, 255, 8, 8)
    storage.store().put_bytes(logo.original_key, png, content_type="image/png")
    facts = {"size_bytes": len(png), "checksum": hashlib.sha256(png).hexdigest(), "content_type": "image/png"}
    MediaAsset.objects.filter(pk=logo.pk).update(**facts, media_info={"container": "png", "width": 8, "height": 8})
    page = open_page(f"/sessions/{session.pk}/angles/", user=operator)
    page.wait_for_selector("html[data-angles=ready]")
    for seconds, key in ((2, "i"), (2.6, "o")):
        go_to(page, seconds)
        page.keyboard.press(key)
    page.keyboard.press("e")
    page.get_by_label("As filmed", exact=False).first.uncheck()
    page.get_by_label("Custom", exact=False).first.check()
    page.get_by_label("Format and codec").select_option("mov/dnxhr")
    page.get_by_label("Width, px").fill("321")
    page.get_by_label("Height, px").fill("240")
    page.get_by_label("Height, px").press("Tab")
    refusal = page.locator("#custom-output + #export-error")
    expect(refusal).to_have_text("Width is 321, and pictures are even. Use 320 or 322.")
    expect(page.get_by_label("Width, px")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Width, px").fill("320")
    page.get_by_label("Frames per second").select_option("50")
    page.get_by_label("Fill the frame", exact=False).check()
    page.get_by_label("Made from").select_option("proxy")
    page.get_by_label("Mastered sound").select_option(label="Podcast, stereo")
    page.get_by_label("Watermark", exact=True).select_option(label="logo.png")
    page.get_by_label("Corner").select_option("top-left")
    page.get_by_label("Width, % of the frame").fill("400")
    page.get_by_label("Width, % of the frame").press("Tab")
    expect(page.locator("#export-mark-row + #export-error")).to_contain_text("watermark.width")
    page.get_by_label("Width, % of the frame").fill("20")
    page.get_by_label("Opacity, %").fill("100")
    page.get_by_label("Opacity, %").press("Tab")
    expect(page.locator("#export-error")).to_be_hidden()
    look(page, "angles-export-custom")
    page.locator("#export-start").click()
    link = page.get_by_role("link", name="Download custom")
    expect(link).to_be_visible(timeout=240_000)

    [export] = Export.objects.all()
    assert export.request_json["audio"] == {"preset": "podcast_stereo_v1"}
    assert export.request_json["watermark"] == {
        "assetId": str(logo.pk),
        "corner": "top-left",
        "width": 0.2,
        "opacity": 1,
    }
    with page.expect_download() as coming:
        link.click()
    said = media.probe(Path(coming.value.path()))
    film = next(one for one in said["streams"] if one["codec_type"] == "video")
    assert (film["codec_name"], film["width"], film["height"], film["r_frame_rate"]) == ("dnxhd", 320, 240, "50/1")
    last = list(media.decode_pictures(coming.value.path()))[-1]
    # The mark is eight pixels of white, drawn large: it is softer to its edges.
    assert last[12:28, 12:28].mean() > 225


def frames_of(film: Path) -> NDArray[np.int16]:
    """The frames of a film, small: shape (frames, values)."""
    argv = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(film),
        "-vf",
        "scale=64:36",
        "-fps_mode",
        "passthrough",
        "-pix_fmt",
        "rgb24",
    ]
    made = subprocess.run([*argv, "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(made, np.uint8).reshape(-1, 64 * 36 * 3).astype(np.int16)


def nearest(frame: NDArray[np.int16], cameras: dict[str, NDArray[np.int16]]) -> tuple[str, int]:
    """Whose frame it is, and which."""
    apart = {label: np.abs(frames - frame).mean(axis=1) for label, frames in cameras.items()}
    label = min(apart, key=lambda one: apart[one].min())
    return label, int(apart[label].argmin())
