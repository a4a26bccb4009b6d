"""The pages over projects: the list, the panel of a session, and a sequence drawn to scale."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from media_app.models import MediaAsset, MediaJob
from render_app.core import catalogue
from render_app.models import AutomationCurve, Clip, FilterStack, Sequence, Track, Transition, VideoProject
from tests.support.factories import TENANT, a_derivative, a_registry_asset, a_synced_session, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(a_user())
    return client


def a_project(tenant: str = TENANT, **fields) -> VideoProject:
    return VideoProject.objects.create(
        tenant_id=tenant, env="dev", title="Recital", render_profile="social_1080p_h264", **fields
    )


def a_sequence(project: VideoProject, *clips: dict, transition_ms: float | None = None) -> Sequence:
    """A sequence with one video track of these clips, each after the other one where it says no start."""
    stamp = project.context.stamp()
    sequence = Sequence.objects.create(**stamp, project=project, name="Cut 1", timebase="25/1")
    track = Track.objects.create(**stamp, sequence=sequence, kind="video")
    rows = [Clip.objects.create(**stamp, track=track, **{"out_ms": 1000, **clip}) for clip in clips]
    if transition_ms is not None:
        Transition.objects.create(
            **stamp, sequence=sequence, type="crossfade", duration_ms=transition_ms, from_clip=rows[0], to_clip=rows[1]
        )
    return sequence


def bars(html: str) -> list[tuple[float, float]]:
    """Where each clip is drawn, and how wide: percent of the sequence."""
    found = re.findall(r'class="timeline-clip[^>]*>.*?<svg x="([\d.]+)%" width="([\d.]+)%"', html, re.DOTALL)
    return [(float(at), float(width)) for at, width in found]


def test_a_sequence_is_drawn_to_scale(browser):
    project = a_project()
    words = {"text": {"text": "Hello <b>"}}
    sequence = a_sequence(
        project,
        words,
        {**words, "start_ms_on_timeline": 1000, "speed": 0.5},
        {**words, "start_ms_on_timeline": 3500, "out_ms": 500},
    )
    clip = Clip.objects.first()
    of = {**project.context.stamp(), "sequence": sequence, "clip": clip}
    FilterStack.objects.create(**of, filters=[{"type": "vignette"}, {"type": "gamma", "enabled": False}])
    AutomationCurve.objects.create(**of, property="scale", keyframes=[{"time_ms": 0, "value": 1}])

    html = browser.get(f"/projects/{project.pk}/").content.decode()

    assert bars(html) == [(0, 25), (25, 50), (87.5, 12.5)]
    assert "“Hello &lt;b&gt;”" in html
    assert "Vignette · moves: Scale" in html
    assert "Gamma" not in html, "a filter that is off is not named"
    assert "0:04.0" in html


def test_a_warning_leads_to_its_clip(browser):
    asset = a_registry_asset(duration_ms=1000, has_audio=True)
    gone = a_registry_asset(duration_ms=1000)
    project = a_project()
    a_sequence(
        project, {"asset": asset}, {"asset": asset, "start_ms_on_timeline": 1000},
        {"asset": gone, "start_ms_on_timeline": 2000},
    )  # fmt: skip
    missing = Clip.objects.get(asset=gone)
    gone.delete()

    html = browser.get(f"/projects/{project.pk}/").content.decode()

    assert f'href="#clip-{missing.pk}"' in html
    assert f'id="clip-{missing.pk}"' in html
    assert "is no longer in Studio" in html
    assert "Missing file" in html


def test_a_transition_that_the_media_shorten_is_marked(browser):
    asset = a_registry_asset(duration_ms=1100, has_audio=True)
    project = a_project()
    a_sequence(project, {"asset": asset}, {"asset": asset, "start_ms_on_timeline": 1000}, transition_ms=400)

    html = browser.get(f"/projects/{project.pk}/").content.decode()

    assert "The media have 120 ms for this transition, not 400" in html
    assert f'href="#transition-{Transition.objects.get().pk}"' in html
    assert "timeline-shortened" in html


def test_projects_are_listed_on_their_page_and_on_their_session_s(browser):
    session = a_synced_session()
    project = a_project(session=session)
    a_sequence(project, {"text": {"text": "Hi"}})
    a_project("t_other", description="theirs")

    for path in ("/projects/", f"/sessions/{session.pk}/"):
        html = browser.get(path).content.decode()
        assert html.count(f'href="/projects/{project.pk}/"') == 1, path
        assert "1 sequence, 1 clip" in html


def test_a_long_list_of_projects_has_pages_and_a_search(browser):
    session = a_synced_session(title="Cello night")
    rows = [
        VideoProject(tenant_id=TENANT, env="dev", title=f"Take {n}", render_profile="preview_720p_fast")
        for n in range(1, 54)
    ]
    VideoProject.objects.bulk_create(rows)
    VideoProject.objects.filter(title="Take 1").update(session=session, tags=["finale"], description="The 100 % cut")
    a_project("t_other", description="The 100 % cut")

    def titles(query: str = "") -> list[str]:
        return re.findall(r'href="/projects/[\w-]{36}/">(.*?)</a>', browser.get(f"/projects/{query}").content.decode())

    first = browser.get("/projects/").content.decode()
    assert 'href="?search=&amp;page=2"' in first
    assert (len(titles()), len(titles("?page=2"))) == (50, 3)
    assert {*titles(), *titles("?page=2")} == {f"Take {n}" for n in range(1, 54)}
    for words in ("cello", "finale", "100 %", "take 1"):
        assert "Take 1" in titles(f"?search={quote(words)}"), words
    assert titles("?search=100+%25") == ["Take 1"], "nothing of another tenant, and no wildcard"
    assert titles("?search=take+1&page=2") == titles("?search=take+1"), "a page beyond the last is the last"
    none = browser.get("/projects/?search=nothing").content.decode()
    assert "No projects found" in none
    assert 'value="nothing"' in none


def a_render(project: VideoProject, status: str = "COMPLETED", film: bool = True, **fields) -> MediaJob:
    """A render as its job keeps it, with the film that it made."""
    plan = {
        "meta": {"render_profile": "preview_720p_fast", "strategy": "final"},
        "expected": {"frames": 1500, "duration_ms": 50_000, "width": 1280, "height": 720, "fps": "30/1"},
    }
    facts = {"type": "render_v1", "status": status, "input_json": {"plan": plan, "project_id": str(project.pk)}}
    job = MediaJob.objects.create(**project.context.stamp(), **facts, **fields)
    if status == "COMPLETED" and film:
        asset = a_registry_asset(**project.context.stamp(), original_filename="render.mp4", size_bytes=4_200_000)
        made = a_derivative(asset, "render")
        job.result_json = {"asset_id": str(asset.pk), "artifact_id": str(made.pk)}
        job.save()
    return job


def renders_of(browser, project: VideoProject, query: str = "") -> dict[str, str]:
    """The part of the page that refreshes itself: each render's text and links by its job."""
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "renders"}
    html = browser.get(f"/projects/{project.pk}/{query}", **asked).content.decode()
    return {one[:36]: one for one in html.split('data-render="')[1:]}


def test_a_project_can_be_rendered_from_its_page_in_every_profile(browser):
    project = a_project()
    a_sequence(project, {"text": {"text": "Hi"}})

    html = browser.get(f"/projects/{project.pk}/").content.decode()

    assert re.findall(r'name="render_profile" value="(\w+)"( checked)?', html) == [
        (name, " checked" if name == project.render_profile else "") for name in catalogue.profiles()
    ]
    for profile in catalogue.profiles().values():
        assert profile.description in html
    assert "3840 × 2160 · 30 fps" in html
    assert 'id="render-sequence"' not in html, "there is one sequence to render"
    a_sequence(project, {"text": {"text": "Hi"}})
    assert 'id="render-sequence"' in browser.get(f"/projects/{project.pk}/").content.decode()


def test_the_renders_of_a_project_say_how_they_stand_and_what_came_out(browser):
    project, other = a_project(), a_project()
    running = a_render(
        project, "PROCESSING", progress_percent=41.2, progress_step="frame 618 of 1,500", eta_seconds=64,
    )  # fmt: skip
    failed = a_render(project, "FAILED", error_message="stage.mov was removed since this render was asked for.")
    canceled, done, gone = a_render(project, "CANCELLED"), a_render(project), a_render(project, film=False)
    elsewhere = a_render(other)

    rows = renders_of(browser, project)

    assert list(rows) == [str(one.pk) for one in (gone, done, canceled, failed, running)]
    assert str(elsewhere.pk) not in rows
    assert "Frame 618 of 1,500 · 41% · about 64 s left" in rows[str(running.pk)]
    assert f"/video/render/jobs/{running.pk}/cancel" in rows[str(running.pk)]
    assert "stage.mov was removed" in rows[str(failed.pk)]
    for ended in (failed, canceled):
        assert f"/video/render/jobs/{ended.pk}/run" in rows[str(ended.pk)]
        assert f"/video/render/jobs/{ended.pk}/cancel" not in rows[str(ended.pk)]
    film = f"/registry/{done.result_json['asset_id']}/original/"
    assert f'href="{film}" data-watch' in rows[str(done.pk)]
    assert f'href="{film}?download"' in rows[str(done.pk)]
    assert "1,500 frames · 0:50.0 · 1280 × 720 · 30 fps · 4.2 MB" in rows[str(done.pk)]
    assert "is no longer stored" in rows[str(gone.pk)]
    assert f'src="{film}"' in browser.get(f"/projects/{project.pk}/").content.decode()


def test_a_film_that_is_withheld_is_neither_played_nor_handed_out(browser):
    project = a_project()
    a_sequence(project, {"text": {"text": "Hi"}})
    done = a_render(project)
    MediaAsset.objects.filter(pk=done.result_json["asset_id"]).update(withheld="It shows people who are to be hidden.")

    row = renders_of(browser, project)[str(done.pk)]

    assert "Withheld: It shows people" in row
    page = browser.get(f"/projects/{project.pk}/").content.decode()
    assert f"/registry/{done.result_json['asset_id']}/original/" not in row + page


def test_a_film_that_browsers_do_not_play_has_its_preview_and_its_download(browser):
    project = a_project()
    done = a_render(project)
    asset = MediaAsset.objects.get(pk=done.result_json["asset_id"])
    MediaAsset.objects.update(original_filename="render-master_4k_prores.mov")

    assert "data-watch" not in renders_of(browser, project)[str(done.pk)]
    preview = a_derivative(asset, "proxy")
    row = renders_of(browser, project)[str(done.pk)]

    assert f'href="/files/{preview.pk}/' in row
    assert "a preview without sound" in row
    assert f'href="/registry/{asset.pk}/original/?download"' in row


def test_many_renders_have_pages_and_a_part_that_was_seen_is_not_sent_again(browser):
    project = a_project()
    jobs = [str(a_render(project, "CANCELLED").pk) for _ in range(12)][::-1]

    assert (list(renders_of(browser, project)), list(renders_of(browser, project, "?page=2"))) == (jobs[:10], jobs[10:])
    html = browser.get(f"/projects/{project.pk}/").content.decode()
    seen = re.search(r'id="renders".*?"seen": "(\w+)"', html, re.DOTALL)[1]
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "renders"}
    assert browser.get(f"/projects/{project.pk}/?page=1&seen={seen}", **asked).status_code == 204


def test_a_project_without_anything_and_one_that_cannot_be_read_have_a_page_too(browser):
    empty, odd = a_project(), a_project()
    sequence = a_sequence(odd, {"text": {"text": "Hi"}})
    Clip.objects.update(blend_mode="burn")

    assert "No sequences yet" in browser.get(f"/projects/{empty.pk}/").content.decode()
    html = browser.get(f"/projects/{odd.pk}/").content.decode()
    assert "must be one of normal, add, screen, multiply, overlay" in html
    assert str(sequence.pk) in html


def test_a_project_of_another_tenant_is_not_there(browser):
    assert browser.get(f"/projects/{a_project('t_other').pk}/").status_code == 404
