"""Every page in every state: no accessibility fault, nothing off the origin, nothing that the policy forbids."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import django_htmx
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as SignIn
from django.utils import timezone
from playwright.sync_api import expect

from media_app.models import MediaAsset, MediaJob, Worker
from sessions_app.models import Membership, RecordingSession
from tests.browser.kit import axe_in, look, shot
from tests.support.review_shoot import paused
from tests.support.shoots import camera, decided, gallery, job, shoot, synced
from tests.support.waiting import until


def test_the_list_in_all_its_states(open_page, operator):
    page = open_page("/sessions/", user=operator)
    look(page, "list-empty")
    gallery()
    page.goto("/sessions/?show=all")
    look(page, "list-all")
    page.goto("/sessions/?show=all&search=nothing+like+it&dateFrom=tomorrow")
    look(page, "list-no-match")


def test_a_session_in_all_its_states(open_page, operator):
    shown = gallery()
    page = open_page("/sessions/", user=operator)
    for state in ("draft", "busy", "sure", "broken", "ready"):
        page.goto(f"/sessions/{shown[state].pk}/")
        look(page, f"session-{state}")


def test_sure_sessions_are_approved_together_by_keyboard(open_page, operator):
    page = open_page("/sessions/review/confident/", user=operator)
    look(page, "sure-none")
    first, second = shoot(title="Morning", status="needs-review"), shoot(title="Evening", status="needs-review")
    for session in (first, second):
        synced(session, {"B": 14.2, "C": 12.1})
    page.goto("/sessions/?show=needs-you")
    page.get_by_role("link", name="Approve high-confidence syncs").press("Enter")
    look(page, "sure")
    page.get_by_label("Approve Evening").press("Space")
    page.get_by_label("I watched and listened").press("Space")
    page.get_by_role("button", name="Approve selected").press("Enter")
    expect(page.get_by_text("1 session approved and ready.")).to_be_visible()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("ready", "needs-review")


def test_the_jobs(open_page, operator):
    shown = gallery()
    page = open_page("/admin/media-jobs", user=operator)
    look(page, "jobs")
    page.goto("/admin/media-jobs?status=CANCELLED&search=nothing+like+it&age=soon")
    look(page, "jobs-no-match")
    page.goto(f"/sessions/{shown['broken'].pk}/steps/")
    look(page, "steps")


def test_one_job_with_its_log_as_it_grows(open_page, operator):
    session = shoot(title="Cello lesson", status="ingesting")
    work = job(camera(session, "A", status="ingesting"), session)
    stamp = session.context.stamp()
    first = work.attempt_rows.create(
        attempt_no=1, worker="studio-1:1", outcome="lost", error_message="It went.", **stamp
    )
    argv = ["ffmpeg", "-nostdin", "-i", "/scratch/in put.mp4", "-filter_complex", "[0:v]scale=-2:720[v]", "out.mp4"]
    said = "$ ffmpeg\n[h264] first words\n"
    facts = {"outcome": "running", "stderr_tail": said, "stderr_bytes": len(said), "commands": [argv]}
    second = work.attempt_rows.create(attempt_no=2, worker="studio-1:2", **facts, **stamp)
    page = open_page(f"/admin/media-jobs/{work.pk}", user=operator)
    log = page.get_by_role("region", name="stderr of attempt 2")
    expect(log).to_contain_text("first words")
    said += "and then more\n"
    work.attempt_rows.filter(pk=second.pk).update(stderr_tail=said, stderr_bytes=len(said))
    MediaJob.objects.filter(pk=work.pk).update(progress_percent=77)
    expect(log).to_have_text(said)
    expect(page.get_by_text("77%")).to_be_visible()
    expect(log).to_have_text(said)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#messages")).to_contain_text(re.compile("Copied|Selected"))
    look(page, "job")
    assert first.attempt_no == 1


def test_operations(open_page, operator):
    gallery()
    Worker.objects.create(
        name="studio-1:4711", host="studio-1", scratch_free=41_000_000_000, scratch_total=80_000_000_000
    )
    gone = timezone.now() - timedelta(minutes=7)
    Worker.objects.create(name="studio-2:17", host="studio-2", seen_at=gone, scratch_total=80_000_000_000)
    page = open_page("/admin/ops", user=operator)
    expect(page.get_by_text("No heartbeat for 7 min")).to_be_visible()
    look(page, "operations")


def test_signing_in_and_what_stands_in_the_way(open_page, operator, watch):
    watch.allow("404", "403")
    page = open_page("/sessions/")
    look(page, "sign-in")
    page.get_by_label("User name").fill("operator")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong user name or password")
    page.get_by_label("Password").fill("x")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sessions/$"))
    page.goto("/sessions/00000000-0000-0000-0000-000000000000/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    look(page, "404")
    stranger = get_user_model().objects.create_user("stranger", password="x")
    page = open_page("/sessions/", user=stranger)
    expect(page.get_by_text("Ask an administrator to add you to one")).to_be_visible()
    look(page, "403")


def test_a_failing_server_says_what_to_do(open_page, operator, monkeypatch, watch):
    watch.allow("500")
    monkeypatch.setattr("media_app.services.job_pages.listing.counts", lambda jobs: 1 / 0)
    page = open_page("/admin/media-jobs", user=operator)
    expect(page.get_by_role("heading", level=1)).to_have_text("This page could not be loaded")
    look(page, "500")


def test_another_tenants_session_is_not_there_until_one_switches(open_page, operator, watch):
    watch.allow("404")
    Membership.objects.create(user=operator, tenant_id="t_other", env="prod")
    theirs = shoot(title="Their concert", tenant_id="t_other", env="prod")
    page = open_page(f"/sessions/{theirs.pk}/", user=operator)
    expect(page.get_by_text("switch to that tenant")).to_be_visible()
    page.get_by_label("Tenant").select_option("t_other · prod")
    expect(page).to_have_url(re.compile("/sessions/$"))
    page.goto("/sessions/?show=all")
    expect(page.get_by_text("Their concert")).to_be_visible()


def test_rows_follow_their_sessions_while_one_looks(open_page, operator):
    session = shoot(title="Press conference", status="ingesting")
    work = job(camera(session, "A", status="ingesting"), session)
    page = open_page("/sessions/?show=working", user=operator)
    expect(page.get_by_text("Reading audio 41%")).to_be_visible()
    page.get_by_role("link", name="Open Press conference").focus()
    MediaJob.objects.filter(pk=work.pk).update(progress_percent=77)
    expect(page.get_by_text("Reading audio 77%")).to_be_visible()
    expect(page.get_by_role("link", name="Open Press conference")).to_be_focused()
    MediaAsset.objects.update(status="ready")
    MediaJob.objects.filter(pk=work.pk).update(status="COMPLETED")
    RecordingSession.objects.update(status="needs-review")
    expect(page.get_by_text("Needs review")).to_be_visible()
    expect(page.get_by_role("link", name="Needs you 1")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4000)
    assert asked == []


def test_new_sessions_and_counts_come_by_themselves(open_page, operator):
    page = open_page("/sessions/?show=all", user=operator)
    expect(page.get_by_text("Add your first shoot")).to_be_visible()
    shoot(title="Press conference", status="needs-review")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('studio:changed'))")
    expect(page.get_by_role("link", name="Press conference", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Needs you 1")).to_be_visible()


def test_what_one_operator_does_another_sees(open_page, operator):
    session = shoot(title="Cello lesson", status="needs-review")
    for label in "AB":
        camera(session, label)
    result = synced(session, {"B": 14.0})
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    page.get_by_text("Files and actions").first.click()
    decided(result, notes="Heard it through")
    RecordingSession.objects.update(status="ready")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('studio:changed'))")
    expect(page.get_by_text("“Heard it through”")).to_be_visible()
    expect(page.get_by_role("link", name="Original").first).to_be_visible()
    page.get_by_role("button", name="Run sync again").click()
    expect(page.get_by_role("dialog")).to_contain_text("Maya approved this sync")
    look(page, "dialog")
    page.get_by_role("button", name="Cancel").click()
    session.refresh_from_db()
    assert session.status == "ready"


def test_another_channel_is_chosen_on_the_session_page(open_page, operator):
    session = paused()
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    article = page.get_by_role("article", name="Camera B")
    article.get_by_text("Listen to another track or channel").click()
    expect(article.get_by_text("Automatic: Studio chooses in use")).to_be_visible()
    assert axe_in(page, "dark") == []
    article.get_by_role("button", name="Channel 1 less channel 2").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        "Listen to something else of camera B (Channel 1 less channel 2)"
    )
    page.get_by_role("button", name="Listen and sync again").click()

    expect(article.locator(".camera-state")).to_contain_text("Processing")
    asset = session.assets.get(camera_label="B")
    assert (asset.status, asset.heard["how"], asset.heard["channels"]) == ("ingesting", "difference", [1, 2])


def test_a_camera_is_removed_after_a_question(open_page, operator):
    session = shoot(status="needs-review")
    for label in "ABC":
        camera(session, label)
    synced(session, {"B": 14.0, "C": 3.0})
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    article = page.get_by_role("article", name="Camera C")
    article.get_by_text("Files and actions").click()
    article.get_by_role("button", name="Remove camera").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove camera").click()
    expect(page.get_by_text("Camera C removed.")).to_be_visible()
    expect(article).to_have_count(0)
    assert sorted(session.assets.values_list("camera_label", flat=True)) == ["A", "B"]
    page.get_by_role("button", name="Delete session").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete session").click()
    expect(page).to_have_url(re.compile("/sessions/$"))
    assert not RecordingSession.objects.exists()


def test_the_dead_are_tried_again_by_cause_and_waiting_ones_cancelled(open_page, operator):
    shown = gallery()
    page = open_page("/admin/media-jobs", user=operator)
    causes = page.get_by_role("region", name="Failed jobs by cause")
    causes.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("Back in the queue.")).to_be_visible()
    expect(causes).to_have_count(0)
    work = shown["busy"].jobs.get(asset__camera_label="C")
    page.goto("/admin/media-jobs?status=PENDING&search=Piano")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("group", name="Actions for selected jobs").get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel jobs").click()
    expect(page.get_by_text("1 job canceled.")).to_be_visible()
    work.refresh_from_db()
    assert work.status == "CANCELLED"
    page.goto(f"/admin/media-jobs/{work.pk}")
    page.get_by_role("button", name="Purge").click()
    page.get_by_role("dialog").get_by_role("button", name="Purge").click()
    expect(page).to_have_url(re.compile("/admin/media-jobs$"))
    assert not MediaJob.objects.filter(pk=work.pk).exists()


def test_details_save_themselves(open_page, operator, watch):
    watch.allow("400")
    session = shoot(title="Untitled")
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    page.get_by_text("Details").click()
    page.get_by_label("Title").fill("Cello lesson")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cello lesson")
    page.get_by_label("Project").fill("two words")
    expect(page.get_by_text("A project id is 1 to 64 letters")).to_be_visible()
    expect(page.get_by_label("Project")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Project").fill("lessons")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    session.refresh_from_db()
    assert (session.title, session.project_id) == ("Cello lesson", "lessons")

    page.get_by_label("Notes").fill("Typed, and left at once")
    page.goto("/sessions/")
    until(lambda: RecordingSession.objects.get().notes == "Typed, and left at once")


def test_text_typed_while_signed_out_is_saved_after_signing_in_in_another_tab(open_page, operator, watch):
    watch.allow("401", "403")
    session = shoot(title="Cello lesson")
    page = open_page(f"/sessions/{session.pk}/", user=operator)
    page.get_by_text("Details").click()
    SignIn.objects.all().delete()
    page.get_by_label("Notes").fill("The second take is the good one")
    expect(page.get_by_text("Not saved yet: you are signed out.")).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("You are signed out. Sign in again")

    other = page.context.new_page()
    other.goto("/sign-in/")
    other.get_by_label("User name").fill("operator")
    other.get_by_label("Password").fill("x")
    other.keyboard.press("Enter")
    expect(other).to_have_url(re.compile("/sessions/$"))
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    session.refresh_from_db()
    assert session.notes == "The second take is the good one"


def test_the_records_wear_studios_colours(open_page, operator):
    operator.is_superuser = True
    operator.save()
    gallery()
    page = open_page("/admin/", user=operator)
    look(page, "records")
    page.goto("/admin/media_app/mediajob/")
    look(page, "records-jobs")
    page.locator(".studio-links").get_by_role("link", name="Sessions").click()
    expect(page).to_have_url(re.compile("/sessions/$"))


def test_admin_forms_have_names_for_every_field_and_break_no_policy(open_page, staff):
    gallery()
    page = open_page("/admin/password_change/", user=staff)
    for address in (
        "/admin/password_change/",
        "/admin/sessions_app/accesstoken/add/",
        f"/admin/auth/user/{staff.pk}/change/",
    ):
        page.goto(address)
        for scheme in ("dark", "light"):
            assert axe_in(page, scheme) == []
            shot(page, f"admin-form-{address}", scheme)


def test_the_api_docs_have_groups_summaries_and_examples(open_page, operator):
    page = open_page("/api/docs/", user=operator)
    page.get_by_text("Approve the sync", exact=True).click()
    expect(page.get_by_text("The computed offsets stand and the session becomes ready.")).to_be_visible()
    expect(page.get_by_role("region", name="Example of Approve the sync")).to_contain_text("approvedBy")
    look(page, "api-docs")


def test_no_page_carries_more_than_150_kb_of_script():
    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    bundles = Path(django_settings.BASE_DIR) / "build/static/studio"
    shared = len(gzip.compress(htmx.read_bytes())) + len(gzip.compress((bundles / "live.js").read_bytes()))
    for bundle in bundles.glob("*.js"):
        assert shared + len(gzip.compress(bundle.read_bytes())) <= 150 * 1024, bundle.name
