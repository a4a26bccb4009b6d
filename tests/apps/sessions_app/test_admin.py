"""Django admin: every page opens; people's records are made, changed and removed there, those of work are read."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.forms import JSONField, MultipleChoiceField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_app import jobs
from media_app.jobs import Handlers, JobType
from media_app.models import DerivedMedia, MediaAsset, MediaJob, PendingDeletion, Upload, Webhook
from render_app.models import Anonymisation, Export, FilterPreset, FirstFilm, MotionPreset, Production, VideoProject
from sessions_app.models import AccessToken, Invitation, Membership, RecordingSession
from sync_app.models import SyncDecision, SyncResult
from sync_app.services import review
from tests.apps.media_app.work import succeed
from tests.support.factories import TENANT, Api, a_derivative, a_job, a_session, a_synced_session, a_user, offer_of
from tests.support.records import export_of, film_of

pytestmark = pytest.mark.django_db
OURS = [
    model for model in admin.site._registry if apps.get_app_config(model._meta.app_label).name.endswith("_app")
]  # fmt: skip
#: Written by work: read in admin, never added or changed.
RECORDS = {
    Anonymisation, DerivedMedia, Export, FilterPreset, FirstFilm, MediaJob, MotionPreset, Production, SyncDecision, SyncResult, Upload,
    VideoProject,
}  # fmt: skip
NOT_ADDED = RECORDS | {Invitation, MediaAsset}


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
    AccessToken.issue(user=a_user(), tenant_id=TENANT, env="dev", name="robot")
    Invitation.objects.create(
        tenant_id=TENANT, env="dev", digest="0" * 64, expires_at=timezone.now() + timedelta(days=1)
    )
    film_of(session, "Spring")
    export_of(session, "Spring")
    FirstFilm.objects.create(**session.context.stamp(), session=session, preset="calm", outcome="failed")
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
    assert root.get(address(model, "add")).status_code == (403 if model in NOT_ADDED else 200)
    for name in admin.site._registry[model].list_filter:
        if isinstance(name, tuple):  # empty or not
            assert root.get(address(model, "changelist"), {f"{name[0]}__isempty": "1"}).status_code == 200
            continue
        value = getattr(record, name)
        assert root.get(address(model, "changelist"), {f"{name}__exact": value}).status_code == 200
    assert root.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "model", [m for m in OURS if m not in RECORDS | {AccessToken, Invitation}], ids=lambda m: m.__name__
)
def test_every_record_can_be_saved_as_it_is(root, shoot, model):
    save(root, address(model, "change", model.objects.first().pk))


@pytest.mark.parametrize("model", sorted(RECORDS, key=lambda m: m.__name__), ids=lambda m: m.__name__)
def test_a_record_of_work_is_read_and_never_written(root, shoot, model):
    record = model.objects.first()
    before = model.objects.filter(pk=record.pk).values().get()
    page = root.get(address(model, "change", record.pk))
    assert not page.context["adminform"].form.fields, "a field can be typed into"
    assert b"_save" not in page.content
    for what, data in (("change", {"status": "failed", "key": "k"}), ("delete", {"post": "yes"})):
        assert root.post(address(model, what, record.pk), data).status_code == 403, what
    assert root.post(address(model, "add"), {}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(record.pk)], "post": "yes"}
    root.post(address(model, "changelist"), chosen)
    assert model.objects.filter(pk=record.pk).values().get() == before


def test_a_session_is_made_here_and_says_who_made_it(root):
    tenant = {"tenant_id": TENANT, "env": "dev"}
    save(
        root, address(RecordingSession, "add"), title="By hand", date="2026-01-13", project_id="spring",
        camera_names='{"A": "Wide"}', **tenant,
    )  # fmt: skip
    session = RecordingSession.objects.get()
    assert (session.created_by.username, session.status, session.tenant_id) == ("root", "draft", TENANT)
    assert session.camera_names == {"A": "Wide"}


@pytest.mark.parametrize("emptied", ["", "[]", "{}", "null"])
def test_an_emptied_table_of_names_is_an_empty_table(root, shoot, emptied):
    save(root, address(RecordingSession, "change", shoot.pk), camera_names=emptied)
    shoot.refresh_from_db()
    assert shoot.camera_names == {}


@pytest.mark.parametrize(
    "model", [RecordingSession, MediaAsset, Webhook, Membership, AccessToken], ids=lambda m: m.__name__
)
def test_status_tenant_and_storage_key_are_never_typed(root, shoot, model):
    record = model.objects.first()
    form = root.get(address(model, "change", record.pk)).context["adminform"].form
    never = {
        "tenant_id",
        "env",
        "user",
        "status",
        "original_key",
        "version",
        "camera_label",
        "clip",
        "session",
        "checksum",
    }
    assert not set(form.fields) & (never - ({"session"} if model is Webhook else set()))
    root.post(
        address(model, "change", record.pk),
        fields_of(root.get(address(model, "change", record.pk))) | {"tenant_id": "t_x"},
    )
    record.refresh_from_db()
    assert record.tenant_id == TENANT


def test_what_a_person_says_of_a_file_is_kept(root, shoot):
    asset = shoot.assets.first()
    save(
        root,
        address(MediaAsset, "change", asset.pk),
        tags='["interview", "día 1"]',
        source_ref="card 7",
        meta='{"take": 3}',
    )
    asset.refresh_from_db()
    assert (asset.tags, asset.source_ref, asset.meta) == (["interview", "día 1"], "card 7", {"take": 3})
    assert list(MediaAsset.objects.tagged("día 1")) == [asset]
    assert not MediaAsset.objects.tagged("día")


def test_what_a_person_mistypes_is_said_and_never_a_500(root, shoot):
    for model, changes in (
        (MediaAsset, ({"tags": "{"}, {"tags": '{"a": 1}'}, {"tags": '[""]'}, {"meta": "[1]"})),
        (RecordingSession, ({"camera_names": '{"a": "Wide"}'}, {"camera_names": '{"A": ""}'}, {"camera_names": "[1]"},
                            {"camera_names": '{"A": "Wi\u202ede"}'}, {"preferred_master": "B.1"}, {"title": ""})),
    ):  # fmt: skip
        url = address(model, "change", model.objects.first().pk)
        shown = fields_of(root.get(url))
        for change in changes:
            answer = root.post(url, shown | change)
            assert answer.status_code == 200, change
            assert answer.context["errors"], change


def test_a_session_is_removed_with_all_that_hangs_on_it(root, shoot):
    page = root.get(address(RecordingSession, "delete", shoot.pk))
    assert page.status_code == 200
    assert not page.context["perms_lacking"]
    a_job("ingest_asset_v1", session=shoot)
    assert root.post(address(RecordingSession, "delete", shoot.pk), {"post": "yes"}).status_code == 302
    for model in (RecordingSession, MediaAsset, DerivedMedia, Upload, SyncResult, SyncDecision):
        assert not model.objects.exists(), model
    assert sorted(MediaJob.objects.values_list("status", flat=True)) == ["CANCELLED", "CANCELLED", "COMPLETED"]
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
    assert "1 jobs canceled" in run_action(root, "cancel", waiting)
    waiting.refresh_from_db()
    assert waiting.status == "CANCELLED"
    broken = a_job("test_v1")
    MediaJob.objects.filter(pk=broken.pk).update(status="DEAD")
    assert "back in the queue" in run_action(root, "retry", broken)
    broken.refresh_from_db()
    assert broken.status == "PENDING"
    assert "only a job that failed" in run_action(root, "retry", broken)


def test_an_ingest_cancelled_and_tried_again_takes_its_camera_and_its_session_along(root):
    session = a_synced_session("AB")
    Api().post(f"/v2/sessions/{session.pk}/assets/{session.assets.first().pk}/ingest")
    job = session.jobs.get(type="ingest_sound_v1")
    run_action(root, "cancel", job)
    session.refresh_from_db()
    asset = session.assets.first()
    assert (asset.status, session.status) == ("failed", "needs-review")
    assert "canceled" in asset.status_message
    run_action(root, "retry", job)
    session.refresh_from_db()
    asset.refresh_from_db()
    assert (asset.status, session.status) == ("ingesting", "ingesting")


@pytest.fixture
def staff() -> Client:
    """Somebody of t_other with every permission that Django knows."""
    person = a_user("staff", "t_other", is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_staff_see_the_tenants_they_were_given_and_no_other(staff, shoot, model):
    theirs = model.objects.exclude(tenant_id="t_other").first()
    own = model.objects.filter(tenant_id="t_other").count()
    assert staff.get(address(model, "changelist")).context["cl"].result_count == own
    assert TENANT.encode() not in staff.get(address(model, "changelist")).content
    assert staff.get(address(model, "change", theirs.pk)).status_code == 302
    assert staff.post(address(model, "delete", theirs.pk), {"post": "yes"}).status_code in (302, 403)
    assert model.objects.filter(pk=theirs.pk).exists()


def test_staff_give_access_to_their_own_tenants_only(staff):
    new, root, stranger = a_user("new", ""), a_user("root", "", is_superuser=True), a_user("stranger", "t_third")
    form = staff.get(address(Membership, "add")).context["adminform"].form
    people = {person.username for person in form.fields["user"].queryset}
    assert people == {"staff", "new"}, "people of other tenants, or administrators, are offered"
    assert [choice for choice, _ in form.fields["tenant_id"].choices] == ["t_other"]
    for model, more in ((Membership, {}), (AccessToken, {"name": "robot", "expires_at_0": "", "expires_at_1": ""})):
        for user, tenant_id, env in (
            (new, TENANT, "dev"), (new, "t_other", "prod"), (root, "t_other", "dev"), (stranger, "t_other", "dev"),
        ):  # fmt: skip
            said = {"user": str(user.pk), "tenant_id": tenant_id, "env": env, **more}
            answer = staff.post(address(model, "add"), said)
            assert answer.status_code == 200, said
            assert answer.context["errors"], said
        assert not model.objects.filter(user=new).exists()
    staff.post(address(Membership, "add"), {"user": str(new.pk), "tenant_id": "t_other", "env": "dev"})
    assert Membership.objects.get(user=new).tenant_id == "t_other"


def test_staff_cannot_name_the_session_of_another_tenant(staff, shoot):
    said = {"tenant_id": "t_other", "env": "dev", "url": "https://edl.example/x", "events": ["job.failed"]}
    answer = staff.post(address(Webhook, "add"), said | {"session": str(shoot.pk), "active": "on"})
    assert answer.status_code == 200
    assert "session" in answer.context["adminform"].form.errors
    assert shoot.title.encode() not in answer.content


def test_staff_may_act_on_jobs_as_their_permissions_say(staff):
    waiting = a_job("sync_session_v1", tenant="t_other")
    staff_user = Membership.objects.get(tenant_id="t_other").user
    staff_user.user_permissions.remove(Permission.objects.get(codename="change_mediajob"))
    run_action(staff, "cancel", waiting)
    waiting.refresh_from_db()
    assert waiting.status == "PENDING"
    staff_user.user_permissions.set(Permission.objects.all())
    assert "1 jobs canceled" in run_action(staff, "cancel", waiting)


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
