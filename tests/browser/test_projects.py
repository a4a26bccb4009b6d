"""A project in the browser: its sequence drawn to scale, and a warning that leads to its clip."""

from playwright.sync_api import expect

from media_app.models import MediaAsset
from render_app.models import AutomationCurve, Clip, FilterStack, Sequence, Track, Transition, VideoProject
from tests.browser.kit import look
from tests.support.factories import a_registry_asset
from tests.support.shoots import shoot


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
