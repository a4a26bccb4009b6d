"""The pages of those who run Studio: what they show, to whom, and what their buttons do."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from media_app import storage
from media_app.models import MediaJob, MediaJobAttempt, PendingDeletion, Worker
from media_app.services import stats
from sessions_app.models import Membership
from tests.support.shoots import camera, gallery, job, shoot

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}
JOBS = "/admin/media-jobs"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def a_client(django_user_model, name: str, *permissions: str, tenant: str = "t_local", **fields) -> Client:
    user = django_user_model.objects.create_user(name, is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"{verb}_mediajob" for verb in permissions]))
    if tenant:
        Membership.objects.create(user=user, tenant_id=tenant, env="dev")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(django_user_model) -> Client:
    return a_client(django_user_model, "keeper", "view", "change", "delete")


def ended(session, status: str = "DEAD", **fields) -> MediaJob:
    facts = {"type": "webhook_v1", "error_code": "store_unreachable", "error_message": "The store does not answer."}
    return job(None, session, status=status, completed_at=timezone.now(), **facts | fields)


def an_attempt(work: MediaJob, **fields) -> MediaJobAttempt:
    facts = {"attempt_no": 1, "worker": "w", "tenant_id": work.tenant_id, "env": work.env, "outcome": "failed"}
    return work.attempt_rows.create(**facts | fields)


def test_a_job_whose_recording_is_gone_is_not_retried_and_says_so(staff):
    for kind in ("ingest_asset_v1", "engine_mezzanine_v1", "audio_master_v1"):
        work = ended(shoot(), type=kind)
        answer = staff.post(f"{JOBS}/{work.pk}/retry", headers=JSON)
        assert answer.status_code == 409, kind
        assert "removed" in answer.json()["error"]["message"]


def test_the_pages_are_for_staff_with_the_permission(browser, django_user_model):
    work = ended(shoot())
    bare = a_client(django_user_model, "bare")
    for path in (JOBS, f"{JOBS}/{work.pk}", "/admin/ops", f"{JOBS}/{work.pk}/attempts/1/stderr.log"):
        assert Client().get(path).status_code == 302, path
        assert browser.get(path).status_code == 403, path
        assert bare.get(path).status_code == 403, path
    assert "people who run Studio" in text_of(browser.get(JOBS))


def test_each_verb_asks_for_its_own_permission(django_user_model):
    work = ended(shoot())
    looker, changer = a_client(django_user_model, "l", "view"), a_client(django_user_model, "c", "view", "change")
    assert looker.get(f"{JOBS}/{work.pk}").status_code == 200
    for verb in ("retry", "cancel", "replay", "purge"):
        assert looker.post(f"{JOBS}/{work.pk}/{verb}", headers=JSON).status_code == 403, verb
    assert changer.post(f"{JOBS}/{work.pk}/purge", headers=JSON).status_code == 403
    assert changer.post(f"{JOBS}/purge", {"older_than_days": "0"}).status_code == 403
    assert changer.post(f"{JOBS}/bulk", {"action": "purge", "job": work.pk}).status_code == 403
    assert changer.post(f"{JOBS}/{work.pk}/retry", headers=JSON).status_code == 204
    assert MediaJob.objects.get().status == "PENDING"


def test_another_tenants_job_is_not_there(staff, django_user_model):
    theirs = shoot(title="Theirs", tenant_id="t_other")
    work = ended(theirs, error_message="Their secret.")
    an_attempt(work, stderr_tail="their log", stderr_bytes=9)
    for path in (f"{JOBS}/{work.pk}", f"{JOBS}/{work.pk}/attempts/1/stderr.log", f"{JOBS}/{work.pk}/file?key=x"):
        assert staff.get(path).status_code == 404, path
    for verb in ("retry", "cancel", "replay", "purge"):
        assert staff.post(f"{JOBS}/{work.pk}/{verb}", headers=JSON).status_code == 404, verb
    for page in (JOBS, "/admin/ops", f"{JOBS}?search=secret", f"{JOBS}?tenant=t_other/dev"):
        assert "Their" not in text_of(staff.get(page)), page
    staff.post(f"{JOBS}/bulk", {"action": "purge", "job": work.pk})
    staff.post(f"{JOBS}/bulk", {"action": "purge", "every": "1"})
    staff.post(f"{JOBS}/purge", {"older_than_days": "0"})
    work.refresh_from_db()
    root = a_client(django_user_model, "root", tenant="", is_superuser=True)
    assert "Theirs" in text_of(root.get(JOBS))
    assert root.get(f"{JOBS}/{work.pk}").status_code == 200


def test_the_list_is_narrowed_by_its_address(staff):
    session = shoot(title="Cello lesson")
    dead = ended(session, type="sync_session_v1")
    old = job(camera(session, "A"), session, status="COMPLETED")
    MediaJob.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=10))

    def shown(query: str) -> set[str]:
        page = staff.get(f"{JOBS}?{query}")
        assert page.status_code == 200, query
        return set(re.findall(r'name="job" value="([\w-]+)"', page.content.decode()))

    both, only_dead, only_old = {str(dead.pk), str(old.pk)}, {str(dead.pk)}, {str(old.pk)}
    assert shown("") == both
    assert shown("status=DEAD") == shown("type=sync_session_v1") == shown("age=last-week") == only_dead
    assert shown("status=COMPLETED") == shown("age=before-week") == shown("search=C0065") == only_old
    assert shown(f"search={dead.pk}") == shown("search=store+does+not") == only_dead
    assert shown("search=cello") == shown("tenant=t_local/dev") == both
    assert shown("tenant=t_local/prod") == shown("search=nothing%F0%9F%8E%AC") == shown("type=unheard&cause=x") == set()
    assert "'soon' is not a valid age" in text_of(staff.get(f"{JOBS}?age=soon")).replace("&#x27;", "'")
    assert "'GONE' is not a valid status" in text_of(staff.get(f"{JOBS}?status=GONE")).replace("&#x27;", "'")


def test_the_number_of_queries_does_not_grow_with_the_list(staff, django_assert_max_num_queries):
    session = shoot()
    asset = camera(session, "A")
    for _ in range(40):
        job(asset, session, status="COMPLETED")
    with django_assert_max_num_queries(16):
        staff.get(JOBS)
    with django_assert_max_num_queries(28):
        staff.get("/admin/ops")


def test_the_dead_are_shown_by_cause_and_each_cause_has_one_button(staff):
    session = shoot()
    for number in range(3):
        ended(session, error_message=f"No room on /scratch/{number}/in: {number} bytes.", dedupe_key=f"k{number}")
    other = ended(session, error_message="The store does not answer.")
    page = staff.get(JOBS)
    said = text_of(page)
    assert "Failed jobs by cause" in said
    assert "Retry all 3" in said
    assert said.count("Retry") == 3
    button = re.search(r'data-api="([^"]+)"[^>]*>Retry all 3', page.content.decode())[1].replace("&amp;", "&")
    answer = staff.post(button, headers=JSON)
    assert answer.json() == {"done": 3, "refused": []}
    assert MediaJob.objects.filter(status="PENDING").count() == 3
    other.refresh_from_db()
    assert other.status == "DEAD"
    assert staff.post(button, headers=JSON).status_code == 400


def test_many_are_retried_cancelled_and_purged_at_once(staff):
    session = shoot()
    dead = [ended(session) for _ in range(3)]
    waiting = job(None, session, status="PENDING")
    done = staff.post(f"{JOBS}/bulk?status=DEAD", {"action": "retry", "job": [dead[0].pk, waiting.pk]}, follow=True)
    assert done.redirect_chain[0][0] == f"{JOBS}?status=DEAD"
    assert "1 job put back in the queue." in text_of(done)
    assert "1 not changed: This job is" in text_of(done)
    staff.post(f"{JOBS}/bulk?status=PENDING", {"action": "cancel", "every": "1"})
    assert MediaJob.objects.filter(status="CANCELLED").count() == 2
    assert "2 jobs purged" in text_of(
        staff.post(f"{JOBS}/bulk?status=DEAD", {"action": "purge", "every": "1"}, follow=True)
    )
    assert set(MediaJob.objects.values_list("status", flat=True)) == {"CANCELLED"}
    nothing = staff.post(f"{JOBS}/bulk", {"action": "retry", "job": ["nonsense", str(uuid.uuid4())]}, headers=JSON)
    assert nothing.status_code == 400
    assert staff.post(f"{JOBS}/bulk", {"action": "explode"}, headers=JSON).status_code == 404
    assert staff.get(f"{JOBS}/bulk").status_code == 405


def test_what_runs_is_never_purged(staff):
    running = job(None, shoot())
    answer = staff.post(f"{JOBS}/{running.pk}/purge", headers=JSON)
    assert answer.status_code == 409
    assert "once it has ended" in answer.json()["error"]["message"]
    assert MediaJob.objects.count() == 1


def test_a_jobs_page_shows_commands_inputs_outputs_and_tries(staff):
    session = shoot()
    asset = camera(session, "A")
    made = asset.derivatives.get(kind="proxy")
    store = storage.store()
    store.put_bytes(made.key, b"film", content_type="video/mp4")
    work = job(asset, session, status="COMPLETED", result_json={"checksums": {made.key: "ab" * 32}})
    an_attempt(work, commands=[["ffmpeg", "-i", "a film.mp4", "it's.mp4"]], outcome="completed", exit_code=0)
    page = staff.get(f"{JOBS}/{work.pk}")
    text = page.content.decode()
    assert "ffmpeg -i &#x27;a film.mp4&#x27; &#x27;it&#x27;&quot;&#x27;&quot;&#x27;s.mp4&#x27;" in text
    links = re.findall(rf'href="({JOBS}/{work.pk}/file\?key=[^"]+)"', text)
    assert len(links) == 2
    assert staff.get(links[1]).status_code == 302
    assert staff.get(links[0]).status_code == 404, "the original is not in the store here"
    foreign = camera(shoot(tenant_id="t_other"), "A")
    assert staff.get(f"{JOBS}/{work.pk}/file", {"key": foreign.original_key}).status_code == 404
    assert "Activity in" in text_of(page)


def test_a_log_is_read_from_any_byte_on_while_it_runs_and_after(staff):
    work = job(None, shoot())
    said = "first line\nsecond line, ünïcode\n"
    attempt = an_attempt(work, outcome="running", stderr_tail=said, stderr_bytes=len(said.encode()))
    address = f"{JOBS}/{work.pk}/attempts/1/stderr.log"

    def piece(start: int):
        answer = staff.get(address, {"from": start})
        return answer.content.decode(), int(answer["X-Log-Next"]), answer["X-Log-Over"]

    assert piece(0) == (said, len(said.encode()), "0")
    assert piece(11) == ("second line, ünïcode\n", len(said.encode()), "0")
    assert piece(len(said.encode())) == ("", len(said.encode()), "0")
    attempt.stderr_bytes += 1000
    attempt.save()
    assert piece(0)[0].startswith("[… earlier output omitted")

    key = f"tenants/t_local/dev/jobs/{work.pk}/attempt-1/stderr.log"
    storage.store().put_bytes(key, b"x" * 300_000 + b"end", content_type="text/plain")
    MediaJobAttempt.objects.update(outcome="completed", stderr_key=key, stderr_tail="")
    text, following, over = piece(0)
    assert (len(text), over) == (256 << 10, "0")
    text, following, over = piece(following)
    assert (text[-3:], following, over) == ("end", 300_003, "1")
    storage.store().delete(key)
    assert piece(0) == ("", 0, "1")
    for wrong in ("x", "-1", "9" * 20):
        assert staff.get(address, {"from": wrong}, headers=JSON).status_code == 400
    assert staff.get(f"{JOBS}/{work.pk}/attempts/9/stderr.log").status_code == 404
    assert staff.get(f"{JOBS}/{work.pk}/attempts/1/passwd.log").status_code == 404
    assert staff.get(address)["Content-Type"].startswith("text/plain")


def test_old_addresses_lead_to_the_new_ones(staff):
    session = shoot()
    work = ended(session)
    assert staff.get("/ops/jobs/").headers["Location"] == JOBS
    assert staff.get(f"/ops/jobs/?session={session.pk}").headers["Location"] == f"/sessions/{session.pk}/steps/"
    assert staff.get("/ops/jobs/?session=nonsense").headers["Location"] == JOBS
    moved = staff.post(f"/ops/jobs/{work.pk}/retry/")
    assert (moved.status_code, moved.headers["Location"]) == (308, f"{JOBS}/{work.pk}/retry")
    assert staff.get(f"{JOBS}/").headers["Location"] == JOBS


def test_the_operations_page_says_when_no_worker_is_there(staff):
    session = shoot(status="ingesting")
    work = job(camera(session, "A", status="ingesting"), session, status="PENDING")
    assert "no worker is running" not in text_of(staff.get("/admin/ops"))
    MediaJob.objects.filter(pk=work.pk).update(run_after=timezone.now() - timedelta(minutes=5))
    assert "no worker is running" in text_of(staff.get("/admin/ops"))
    Worker.objects.create(name="studio-1:7", host="studio-1", scratch_free=5_000_000_000, scratch_total=9_000_000_000)
    said = text_of(staff.get("/admin/ops"))
    assert "no worker is running" not in said
    assert "5.0 GB of 9.0 GB" in said
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    said = text_of(staff.get("/admin/ops"))
    assert "No heartbeat for 3 min" in said
    assert "no worker is running" in said


def tried(**reasons: str) -> list[dict]:
    return [
        {"name": name, "label": name.upper(), "works": not reason, "reason": reason} for name, reason in reasons.items()
    ]


def test_the_operations_page_says_which_hardware_encoders_work_on_a_workers_machine(staff, settings):
    Worker.objects.create(name="studio-1:7", host="studio-1")
    assert "Not tried yet" in text_of(staff.get("/admin/ops"))
    settings.VIDEO_HARDWARE_ENCODER = "off"
    assert "Off (VIDEO_HARDWARE_ENCODER)" in text_of(staff.get("/admin/ops"))
    Worker.objects.update(encoders=tried(h264_nvenc="Cannot load libcuda.so.1", h264_vaapi=""))
    said = text_of(staff.get("/admin/ops"))
    assert "H264_VAAPI Why not H264_NVENC: Cannot load libcuda.so.1" in said
    Worker.objects.update(encoders=tried(h264_nvenc="Cannot load libcuda.so.1"))
    assert "None works" in text_of(staff.get("/admin/ops"))


def test_the_hardware_encoder_is_one_that_works_on_every_living_worker():
    assert stats.hardware_encoder() is None
    Worker.objects.create(name="a:1", host="a", encoders=tried(h264_nvenc="", h264_vaapi=""))
    Worker.objects.create(name="a:2", host="a")
    assert stats.hardware_encoder() == "h264_nvenc"
    Worker.objects.create(name="b:1", host="b", encoders=tried(h264_nvenc="No device", h264_vaapi=""))
    assert stats.hardware_encoder() == "h264_vaapi"
    Worker.objects.create(name="c:1", host="c", encoders=tried(h264_nvenc="No device", h264_vaapi="No device"))
    assert stats.hardware_encoder() is None
    Worker.objects.filter(host="c").update(seen_at=timezone.now() - timedelta(minutes=3))
    assert stats.hardware_encoder() == "h264_vaapi"


def test_the_operations_page_counts_queue_tenants_and_failures(staff):
    gallery()
    for outcome in ("completed", "failed", "failed", "cancelled"):
        work = ended(shoot())
        an_attempt(work, outcome=outcome, finished_at=timezone.now())
    said = text_of(staff.get("/admin/ops"))
    assert "67%" in said
    assert "3 attempts finished, 2 failed" in said
    assert re.search(r"t_local · dev \d+ \d+ 5", said)


def test_purging_deletes_the_logs_and_nothing_that_assets_use(staff):
    session = shoot()
    asset = camera(session, "A")
    work = job(
        asset,
        session,
        status="COMPLETED",
        completed_at=timezone.now(),
        result_json={"derivatives": [asset.original_key]},
    )
    an_attempt(work, stderr_key=f"tenants/t_local/dev/jobs/{work.pk}/attempt-1/stderr.log")
    assert staff.post(f"{JOBS}/{work.pk}/purge", headers=JSON).status_code == 204
    assert not MediaJob.objects.exists()
    assert {key.rpartition("/")[2] for key in PendingDeletion.objects.values_list("key", flat=True)} == {
        "stderr.log",
        "stdout.log",
    }
    assert asset.derivatives.count() == 4
