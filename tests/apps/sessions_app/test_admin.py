"""Django admin: every page opens, records can be made, found, changed and removed."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.forms import JSONField, MultipleChoiceField
from django.test import Client
from django.urls import reverse

from media_app import jobs
from media_app.jobs import Handlers, JobType
from media_app.models import DerivedMedia, MediaAsset, MediaJob, PendingDeletion, Upload, Webhook
from render_app.models import Production
from sessions_app.models import AccessToken, Membership, RecordingSession
from sync_app.models import SyncDecision, SyncResult
from sync_app.services import review
from tests.apps.media_app.work import succeed
from tests.factories import TENANT, Api, a_derivative, a_job, a_session, a_synced_session, a_user, offer_of

pytestmark = pytest.mark.django_db
OURS = [
    model for model in admin.site._registry if apps.get_app_config(model._meta.app_label).name.endswith("_app")
]  # fmt: skip
FIXED = {SyncDecision}


def address(model, what: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(a_user("root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def shoot(settings) -> RecordingSession:
    """A session with something of everything."""
    session = a_synced_session()
    review.approve(session.context, session.pk, approved_by="Ann")
    asset = session.assets.first()
    a_derivative(asset, "proxy")
    Production.objects.create(**asset.context.stamp(), asset=asset, packager="hls", status="queued")
    Webhook.objects.create(
        **session.context.stamp(), url="https://edl.example/hook", events=[Webhook.Event.SESSION_STATUS]
    )
    api = Api()
    api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of("C"))
    jobs.register(JobType("test_v1", "Testing", Handlers(succeed)))
    a_job("test_v1", session=session, asset=asset)
    with (run := jobs.claim("tester", job_types=["test_v1"])):
        run.execute()
    return session


def fields_of(page) -> dict[str, str | list[str]]:
    """What a browser would send of the form as it is shown."""
    form = page.context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    sent: dict[str, str | list[str]] = {}
    for name, value in shown.items():
        if isinstance(value, bool):
            sent |= {name: "on"} if value else {}
        elif isinstance(form.fields[name], MultipleChoiceField | JSONField):
            sent[name] = value
        elif hasattr(value, "strftime") and hasattr(value, "hour"):
            sent |= {f"{name}_0": value.strftime("%Y-%m-%d"), f"{name}_1": value.strftime("%H:%M:%S")}
        else:
            sent[name] = "" if value is None else str(form[name].as_widget and form.fields[name].prepare_value(value))
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        sent |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return sent


def save(client: Client, url: str, **changes) -> None:
    page = client.get(url)
    assert page.status_code == 200
    answer = client.post(url, fields_of(page) | changes)
    faults = answer.context["errors"] if answer.status_code == 200 else ""
    assert answer.status_code == 302, faults


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_page_of_every_model_opens_with_records_there(root, shoot, model):
    record = model.objects.first()
    assert record is not None
    assert root.get(address(model, "changelist")).status_code == 200
    assert root.get(address(model, "changelist"), {"q": "a1b2 ' %"}).status_code == 200
    assert root.get(address(model, "changelist"), {"q": "Tuesday"}).status_code == 200
    assert root.get(address(model, "change", record.pk)).status_code == 200
    assert root.get(address(model, "history", record.pk)).status_code == 200
    assert root.get(address(model, "add")).status_code == (403 if model in FIXED else 200)
    for name in admin.site._registry[model].list_filter:
        value = getattr(record, name)
        assert root.get(address(model, "changelist"), {f"{name}__exact": value}).status_code == 200
    assert root.get("/admin/").status_code == 200


@pytest.mark.parametrize("model", [m for m in OURS if m not in FIXED | {AccessToken}], ids=lambda m: m.__name__)
def test_every_record_can_be_saved_as_it_is(root, shoot, model):
    save(root, address(model, "change", model.objects.first().pk))


def test_the_audit_trail_is_read_and_never_written(root, shoot):
    line = SyncDecision.objects.get()
    assert root.post(address(SyncDecision, "change", line.pk), {"decided_by": "Eve"}).status_code == 403
    assert root.post(address(SyncDecision, "delete", line.pk), {"post": "yes"}).status_code == 403
    result = SyncResult.objects.get()
    root.post(address(SyncResult, "delete", result.pk), {"post": "yes"})
    assert SyncDecision.objects.get() == line


def test_a_whole_shoot_can_be_made_by_hand(root):
    tenant = {"tenant_id": TENANT, "env": "dev"}
    save(root, address(RecordingSession, "add"), title="By hand", date="2026-01-13", project_id="spring", **tenant)
    session = RecordingSession.objects.get()
    assert session.created_by.username == "root"
    for label, version in (("A", "1"), ("B", "1")):
        save(
            root, address(MediaAsset, "add"), session=str(session.pk), camera_label=label, status="ready",
            original_filename="a.mp4", project_id="spring", shoot_date="2026-01-13", version=version, has_audio="on",
            original_key=f"k/{label}.mp4", **tenant,
        )  # fmt: skip
    asset = session.assets.first()
    save(
        root,
        address(DerivedMedia, "add"),
        asset=str(asset.pk),
        kind="proxy",
        key="k/p.mp4",
        input_ref="k/A.mp4",
        **tenant,
    )
    save(
        root, address(SyncResult, "add"), session=str(session.pk), run="1", master_camera="A", method="xcorr",
        offsets_ms='{"A": 0, "B": 12.5}', operator_status="pending", computed_at_0="2026-01-13", computed_at_1="10:00:00",
        **tenant,
    )  # fmt: skip
    save(root, address(MediaJob, "add"), type="ingest_asset_v1", session=str(session.pk), asset=str(asset.pk), **tenant)
    assert SyncResult.objects.get().offsets_ms == {"A": 0, "B": 12.5}
    assert MediaJob.objects.get().status == "PENDING"


def test_what_a_person_mistypes_is_said_and_never_a_500(root, shoot):
    asset = shoot.assets.first()
    url = address(MediaAsset, "change", asset.pk)
    shown = fields_of(root.get(url))
    for change in (
        {"tenant_id": "t_other"}, {"camera_label": "B"}, {"camera_label": "b"}, {"media_info": "{"}, {"version": "-1"},
        {"size_bytes": "9" * 30}, {"original_filename": "x" * 300},
    ):  # fmt: skip
        answer = root.post(url, shown | change)
        assert answer.status_code == 200, change
        assert answer.context["errors"], change
    save(root, url, original_key="a key with blanks")
    assert b"a key with blanks" in root.get(url).content


def test_a_second_current_result_is_refused_in_words(root, shoot):
    page = root.get(address(SyncResult, "add"))
    answer = root.post(
        address(SyncResult, "add"),
        fields_of(page) | {
            "session": str(shoot.pk), "run": "9", "master_camera": "A", "offsets_ms": '{"A": 0}', "method": "xcorr",
            "operator_status": "pending", "computed_at_0": "2026-01-13", "computed_at_1": "10:00:00", "tenant_id": TENANT,
        },
    )  # fmt: skip
    assert answer.status_code == 200
    assert answer.context["errors"]


def test_a_session_is_removed_with_all_that_hangs_on_it(root, shoot):
    page = root.get(address(RecordingSession, "delete", shoot.pk))
    assert page.status_code == 200
    assert not page.context["perms_lacking"]
    a_job("ingest_asset_v1", session=shoot)
    assert root.post(address(RecordingSession, "delete", shoot.pk), {"post": "yes"}).status_code == 302
    for model in (RecordingSession, MediaAsset, DerivedMedia, Upload, SyncResult, SyncDecision):
        assert not model.objects.exists(), model
    assert sorted(MediaJob.objects.values_list("status", flat=True)) == ["CANCELLED", "COMPLETED"]
    assert PendingDeletion.objects.exists()


def test_many_sessions_are_removed_at_once(root, shoot):
    a_session()
    chosen = [str(pk) for pk in RecordingSession.objects.values_list("pk", flat=True)]
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    assert root.post(address(RecordingSession, "changelist"), data).status_code == 302
    assert not RecordingSession.objects.exists()


def test_removing_a_camera_here_sends_its_session_back_too(root):
    session = a_synced_session("ABC")
    root.post(address(MediaAsset, "delete", session.assets.last().pk), {"post": "yes"})
    session.refresh_from_db()
    assert (session.assets.count(), session.status) == (2, "syncing")


def run_action(client: Client, action: str, *records) -> str:
    chosen = [str(record.pk) for record in records]
    url = address(type(records[0]), "changelist")
    page = client.post(url, {"action": action, "_selected_action": chosen}, follow=True)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", " ".join(str(message) for message in page.context["messages"]))


def test_jobs_are_cancelled_and_tried_again_from_the_list(root):
    session = a_session(status="ingesting")
    waiting = a_job("sync_session_v1", session=session, input_json={"inputs": {}, "master": ""})
    assert "1 jobs cancelled" in run_action(root, "cancel", waiting)
    waiting.refresh_from_db()
    assert waiting.status == "CANCELLED"
    broken = a_job("test_v1")
    MediaJob.objects.filter(pk=broken.pk).update(status="DEAD")
    assert "back in the queue" in run_action(root, "retry", broken)
    broken.refresh_from_db()
    assert broken.status == "PENDING"
    assert "only one that failed" in run_action(root, "retry", broken)


def test_an_ingest_cancelled_and_tried_again_takes_its_camera_and_its_session_along(root):
    session = a_synced_session("AB")
    Api().post(f"/v2/sessions/{session.pk}/assets/{session.assets.first().pk}/ingest")
    job = session.jobs.get(type="ingest_asset_v1")
    run_action(root, "cancel", job)
    session.refresh_from_db()
    asset = session.assets.first()
    assert (asset.status, session.status) == ("failed", "needs-review")
    assert "cancelled" in asset.status_message
    run_action(root, "retry", job)
    session.refresh_from_db()
    asset.refresh_from_db()
    assert (asset.status, session.status) == ("ingesting", "ingesting")


def test_staff_see_the_tenants_they_were_given_and_no_other(shoot):
    from django.contrib.auth.models import Permission

    staff = a_user("staff", "t_other", is_staff=True)
    staff.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(staff)
    for model in (RecordingSession, MediaAsset, DerivedMedia, MediaJob, SyncResult, SyncDecision, Upload):
        page = client.get(address(model, "changelist"))
        assert page.context["cl"].result_count == 0, model
        assert client.get(address(model, "change", model.objects.first().pk)).status_code == 302
    a_session("theirs", tenant_id="t_other")
    assert client.get(address(RecordingSession, "changelist")).context["cl"].result_count == 1


def test_a_token_made_here_is_shown_once_and_opens_its_tenant(root):
    user = a_user("robot", "")
    url = address(AccessToken, "add")
    data = {
        "user": str(user.pk),
        "tenant_id": TENANT,
        "env": "dev",
        "name": "robot",
        "expires_at_0": "",
        "expires_at_1": "",
    }
    page = root.post(url, data, follow=True)
    raw = re.search(r"studio_[\w-]+", " ".join(str(message) for message in page.context["messages"])).group()
    assert Membership.objects.filter(user=user, tenant_id=TENANT).exists()
    assert Client(HTTP_AUTHORIZATION=f"Token {raw}").get("/v2/sessions").status_code == 200
    assert raw.encode() not in root.get(address(AccessToken, "change", AccessToken.objects.get().pk)).content
