"""A project in the browser: its sequence drawn to scale, a warning that leads to its clip, and the film that it becomes."""

import re
from fractions import Fraction
from math import floor

from playwright.sync_api import Page, expect

from media_app import storage
from media_app.models import MediaAsset, MediaJob
from media_app.services import ingest_queue
from render_app.models import AutomationCurve, Clip, FilterStack, Sequence, Track, Transition, VideoProject
from tests.browser.kit import look
from tests.support import media
from tests.support.factories import a_registry_asset
from tests.support.shoots import shoot
from tests.support.waiting import until
from tests.support.working import work_off

HERE = {"tenant_id": "t_local", "env": "dev"}


def a_recital(session) -> VideoProject:
    """Two video tracks and one of sound, with a title, a transition that is too long, a grade and a file that is gone."""
    stamp = session.context.stamp()
    asset = a_registry_asset(**stamp, duration_ms=21_000, has_audio=True, original_filename="stage-left.mov")
    project = VideoProject.objects.create(
        **stamp, session=session, title="Spring recital", render_profile="social_1080p_h264"
    )
    sequence = Sequence.objects.create(**stamp, project=project, name="Cut 1", timebase="25/1")
    below, above, sound = (
        Track.objects.create(**stamp, sequence=sequence, kind=kind, order=order, audio_role=role)
        for kind, order, role in (("video", 0, "dialogue"), ("video", 1, "generic"), ("audio", -1, "music"))
    )
    first = Clip.objects.create(**stamp, track=below, asset=asset, in_ms=0, out_ms=20_500)
    second = Clip.objects.create(
        **stamp, track=below, asset=asset, in_ms=2000, out_ms=16_000, start_ms_on_timeline=20_500
    )
    Clip.objects.create(**stamp, track=above, text={"text": "Spring recital"}, out_ms=5000, start_ms_on_timeline=1000)
    Clip.objects.create(**stamp, track=sound, asset_id=project.pk, out_ms=30_000)
    Transition.objects.create(
        **stamp, sequence=sequence, type="dip_to_black", duration_ms=2000, from_clip=first, to_clip=second
    )
    FilterStack.objects.create(
        **stamp, sequence=sequence, clip=second, filters=[{"type": "vignette"}, {"type": "contrast"}]
    )
    FilterStack.objects.create(**stamp, sequence=sequence, filters=[{"type": "film_grain"}])
    AutomationCurve.objects.create(
        **stamp, sequence=sequence, clip=first, property="scale", keyframes=[{"time_ms": 0, "value": 1}]
    )
    return project


def test_a_warning_leads_to_its_clip(open_page, operator, settings):
    settings.MEDIA_JOBS_ENABLED = False
    session = shoot(status="ready")
    a_recital(session)
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    page.get_by_role("region", name="Projects", exact=True).get_by_role("link", name="Spring recital").click()

    look(page, "project")
    page.get_by_role("link", name="Show it").first.click()

    missing = page.locator(".timeline-clip:target")
    expect(missing).to_contain_text("Missing file")
    expect(missing).to_be_in_viewport()
    page.locator("#main").get_by_role("link", name="Projects").click()
    look(page, "projects")
    page.get_by_role("link", name="Import an edit").click()
    expect(page.get_by_label("Session")).to_contain_text(f"{session.title} · 14 Mar 2026")
    look(page, "project-import")


def test_what_a_format_leaves_out_is_listed_before_the_export(open_page, operator, settings):
    settings.MEDIA_JOBS_ENABLED = False
    session = shoot(status="ready")
    project = a_recital(session)
    Clip.objects.filter(asset_id=project.pk).delete()
    MediaAsset.objects.update(fps="25/1", width=1920, height=1080, media_info={"frames": 525})
    page = open_page(f"/projects/{project.pk}/", user=operator)

    page.get_by_label("Format").select_option("aaf")
    page.get_by_role("button", name="What is left out?").click()

    losses = page.get_by_role("status").filter(has_text="leaves out")
    expect(losses).to_contain_text("AAF (Avid Media Composer) leaves out:")
    expect(losses.get_by_role("listitem").filter(has_text="A title: 'Spring recital'")).to_be_visible()
    page.get_by_label("Format").select_option("otio")
    expect(losses).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename.endswith(".otio")


def a_slate(seconds: int) -> MediaAsset:
    """A film of numbered frames, 25 a second, in the registry; to be ingested."""
    clip = media.slate(seconds=seconds, rate="25")
    asset = a_registry_asset("ingesting", **HERE, size_bytes=clip.stat().st_size, original_filename="stage-left.mp4")
    storage.store().put_bytes(asset.original_key, clip.read_bytes(), content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    return asset


def an_edit(asset: MediaAsset, seconds: int) -> VideoProject:
    """Two clips of one file, each time of it in its place, with a dissolve that the file is too short for and a volume out of range."""
    project = VideoProject.objects.create(**HERE, title="Spring recital", render_profile="preview_720p_fast")
    sequence = Sequence.objects.create(**HERE, project=project, name="Cut 1", timebase="25/1")
    track = Track.objects.create(**HERE, sequence=sequence, kind="video")
    half = seconds * 500
    first = Clip.objects.create(**HERE, track=track, asset=asset, out_ms=half, volume_db=200)
    second = Clip.objects.create(
        **HERE, track=track, asset=asset, in_ms=half, out_ms=2 * half, start_ms_on_timeline=half
    )
    Transition.objects.create(
        **HERE, sequence=sequence, type="crossfade", duration_ms=2.5 * half, from_clip=first, to_clip=second
    )
    return project


def ready(asset: MediaAsset) -> bool:
    asset.refresh_from_db()
    return asset.status == "ready"


def fact(page: Page, term: str):
    """What the plan says of it."""
    return page.locator("#plan-facts > div").filter(has=page.get_by_text(term, exact=True)).locator("dd")


def test_a_project_becomes_a_film_on_its_page(open_page, operator, worker, settings, tmp_path):
    settings.MEZZANINE = "off"
    asset = a_slate(40)
    until(lambda: ready(asset))
    project = an_edit(asset, 40)
    page = open_page(f"/projects/{project.pk}/", user=operator)

    page.get_by_role("radio", name="Draft fast").check()
    expect(page.get_by_label("draft_480p_fast")).to_be_checked()
    page.get_by_role("radio", name="Final from").check()
    expect(page.get_by_label("preview_720p_fast")).to_be_checked()
    page.get_by_role("textbox", name="From").fill("0:01")
    page.get_by_role("textbox", name="From").press("Enter")

    expect(fact(page, "Makes")).to_have_text("1,170 frames, 0:39.000 at 30 fps, 1280 × 720, H.264 with stereo sound.")
    expect(fact(page, "Takes")).to_contain_text("a first guess, as this profile was not rendered here yet")
    expect(fact(page, "Reads")).to_have_text("stage-left.mp4 (original)")
    expect(page.locator("#render-plan-title")).to_be_focused()
    page.get_by_text("1 number brought into its range").click()
    expect(page.locator("#plan-clamped")).to_contain_text("stage-left.mp4: volume_db 200 is used as")
    page.get_by_text(re.compile(r"As ffmpeg: \d+ commands?")).click()
    shown = page.get_by_role("region", name="Command 1", exact=True)
    expect(shown).to_contain_text("ffmpeg -protocol_whitelist file")
    look(page, "project-plan")
    page.locator("#plan-warnings").get_by_role("link", name="Show it").click()
    transition = Transition.objects.get()
    expect(page.locator(f"#transition-{transition.pk}:target")).to_be_in_viewport()

    page.get_by_role("button", name="Render", exact=True).press("Enter")
    row = page.get_by_role("region", name="Renders").get_by_role("listitem")
    expect(row).to_contain_text(re.compile(r"Frame [\d,]+ of 1,170 · \d+%"))
    look(page, "project-rendering")
    expect(row).to_contain_text("Ready")
    [job] = MediaJob.objects.filter(type="render_v1")
    planned = job.input_json["plan"]["commands"][0]
    assert shown.text_content().count("'") >= 2, "a graph is quoted"
    assert all(part in shown.text_content() for part in planned if "'" not in part)

    video = page.locator("#film-player")
    expect(video).to_have_js_property("videoWidth", 1280)
    assert abs(video.evaluate("video => video.duration") - 39) < 0.1
    video.evaluate(
        """video => new Promise((done) => {
          video.addEventListener("timeupdate", () => video.currentTime > 0.5 && done());
          video.muted = true;
          video.play();
        })"""
    )
    video.evaluate("video => video.pause()")
    look(page, "project-film")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    film = download.value.path()
    assert film.stat().st_size == MediaAsset.objects.get(pk=job.result_json["asset_id"]).size_bytes
    # Both clips show the same time of the same file, so the dissolve between them changes nothing.
    truth = [floor((1000 + Fraction(n * 1000, 30) + Fraction(1, 2)) * 25 / 1000) for n in range(1170)]
    assert media.frame_codes(film) == truth

    page.get_by_role("button", name="Render", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("The same film was rendered before: here it is.")
    assert MediaJob.objects.filter(type="render_v1").count() == 1


def test_a_render_is_canceled_and_another_refused_meanwhile(open_page, operator, worker, settings, watch):
    settings.MEZZANINE, settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = "off", 1
    watch.allow("429", "422")
    asset = a_slate(40)
    until(lambda: ready(asset))
    project = an_edit(asset, 40)
    page = open_page(f"/projects/{project.pk}/", user=operator)
    refusal = page.locator("#render-error")

    page.get_by_role("textbox", name="Until").fill("1:75")
    page.get_by_role("button", name="Render", exact=True).click()
    expect(refusal).to_have_text("“1:75” is not a time. Write it as 1:02.500.")
    expect(page.get_by_role("textbox", name="Until")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("textbox", name="Until").fill("")
    page.get_by_role("textbox", name="From").fill("0:50")
    page.get_by_role("button", name="Show the plan").click()
    expect(refusal).to_contain_text("leaves no frame to render: the sequence ends at 40000 ms")
    page.get_by_role("textbox", name="From").fill("")
    expect(refusal).to_be_hidden()

    page.get_by_label("youtube_4k_h264").check()
    page.get_by_role("button", name="Render", exact=True).click()
    row = page.get_by_role("region", name="Renders").get_by_role("listitem")
    expect(row).to_contain_text(re.compile(r"Frame [\d,]+ of 1,200"))
    page.get_by_label("draft_480p_fast").check()
    page.get_by_role("button", name="Render", exact=True).click()
    expect(refusal).to_contain_text("cancel one")
    row.get_by_role("button", name="Cancel").press("Enter")
    expect(row).to_contain_text("Canceled")
    expect(row.get_by_role("button", name="Try again")).to_be_visible()
    expect(row.get_by_role("link")).to_have_count(0)
    [job] = MediaJob.objects.filter(type="render_v1")
    assert (job.status, job.result_json) == ("CANCELLED", None)
    look(page, "project-canceled")


def test_why_a_render_cannot_be_made_leads_to_its_clip(open_page, operator, settings, watch):
    settings.MEZZANINE = "off"
    watch.allow("404")
    asset = a_slate(2)
    work_off()
    project = an_edit(asset, 2)
    page = open_page(f"/projects/{project.pk}/", user=operator)

    page.get_by_role("button", name="Render", exact=True).click()
    row = page.get_by_role("region", name="Renders").get_by_role("listitem")
    expect(row).to_contain_text("Waiting for a worker")
    MediaAsset.objects.filter(pk=asset.pk).update(checksum="0" * 64)
    work_off()
    expect(row).to_contain_text(
        "stage-left.mp4 was removed or replaced since this render was asked for. Ask for it again."
    )
    expect(row).to_contain_text("Failed")
    look(page, "project-failed")

    clip = Clip.objects.order_by("start_ms_on_timeline").last()
    Clip.objects.filter(pk=clip.pk).update(asset_id=project.pk)
    page.reload()
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("#render-error")).to_contain_text("The file or camera of this clip is no longer in Studio.")
    page.locator("#render-error").get_by_role("link", name="Show it").click()
    expect(page.locator(f"#clip-{clip.pk}:target")).to_be_in_viewport()
    look(page, "project-refused")
