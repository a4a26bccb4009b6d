"""An upgrade of a database with data in it: built by the migrations of the first release, brought to the newest.

Runs on whichever database the tests use; `python -m tests.on_postgres` is the other.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps as current_apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from media_app import storage
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from render_app.models import Anonymisation
from sessions_app.models import AccessToken, RecordingSession
from sync_app.models import SyncResult
from tests.support.factories import TENANT, a_derivative, a_job, a_registry_asset

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [
    ("sessions_app", "0001_initial"),
    ("media_app", "0006_holder"),
    ("sync_app", "0002_needs_work"),
    ("render_app", "0001_productions"),
]
#: What has another name since.
RENAMED_MODELS = {"DoomedObject": "PendingDeletion"}
RENAMED_FIELDS = {"MediaJob": {"turn": "fair_share_at", "holder": "owner_process"}}
DAY, NOON = date(2026, 1, 13), datetime(2026, 1, 13, 12, tzinfo=UTC)
STAMP = {"tenant_id": TENANT, "env": "dev"}
MASTER, FOLDER = "0123456789abcdef", f"tenants/{TENANT}/dev/projects/spring/20260113"
TOKEN = "studio_of_before"

Rows = dict[tuple[str, Any], dict[str, Any]]


@pytest.fixture
def before() -> Iterator[Any]:
    """The historical models on an empty database of the first release; afterwards the newest is back, whatever happened."""
    _forget([app for app, _ in BEFORE])
    try:
        yield _migrate(BEFORE)
    finally:
        _to_newest()


def _forget(apps: list[str]) -> None:
    """Remove the tables of these apps: to take each migration back would come to the same, and take ten times as long."""
    tables = [
        name for name in connection.introspection.table_names() if name.startswith(tuple(f"{app}_" for app in apps))
    ]
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in tables:
            cascade = " CASCADE" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)}{cascade}")
    MigrationRecorder.Migration.objects.filter(app__in=apps).delete()


def _migrate(targets: list) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    executor.loader.build_graph()
    return executor.loader.project_state([target for target in targets if target[1]]).apps


def _to_newest() -> None:
    names = {app for app, _ in BEFORE}
    _migrate([leaf for leaf in MigrationExecutor(connection).loader.graph.leaf_nodes() if leaf[0] in names])


class Release:
    """A shoot with something of everything, made with the models of the first release."""

    def __init__(self, apps: Any) -> None:
        self.apps = apps
        self.user = self.add("auth.User", username="ann", is_active=True)
        self.add("sessions_app.Membership", user=self.user, **STAMP)
        self.add("sessions_app.AccessToken", user=self.user, name="old", digest=AccessToken.digest_of(TOKEN), **STAMP)
        self.session = self.add(
            "sessions_app.RecordingSession", title="Tuesday", date=DAY, project_id="spring", status="ready",
            preferred_master="B", created_by=self.user, **STAMP,
        )  # fmt: skip
        self.film = self.asset("A", "ready", kind="video", has_audio=True, timecode="01:00:00;00", fps="30000/1001")
        self.recorder = self.asset("B", "ready", kind="audio", has_audio=True, timecode="10:00:00:00")
        self.silent = self.asset("C", "ready", kind="video", has_audio=False)
        self.broken = self.asset("D", "failed", status_message="It is cut.")
        self.coming = self.asset("E", "uploading", original_key="")
        for kind, variant in (
            ("proxy", ""),
            ("audio-wav", ""),
            ("waveform", "20"),
            ("waveform", "1000"),
            ("thumbnail", ""),
        ):
            self.derivative(kind, variant, f"{FOLDER}/{kind}/angle-001_v001{variant}")
        self.derivative("mezzanine", "", f"{FOLDER}/mezzanines/angle-001_v001.mov", expired_at=NOON)
        masters = f"tenants/{TENANT}/dev/media_v2/{self.film.pk}/masters/{MASTER}"
        self.master = self.derivative("render", MASTER, f"{masters}.mp4")
        self.derivative("render", f"{MASTER}-wav", f"{masters}-listen.wav")
        self.derivative("render", f"{MASTER}-dat", f"{masters}-peaks.dat")
        self.upload(self.film, "completed", self.film.original_key)
        self.upload(self.coming, "open", f"{FOLDER}/originals/angle-005_v001.mp4")
        self.jobs()
        self.sync()
        self.others()

    def add(self, model: str, **fields: Any) -> Any:
        return self.apps.get_model(model).objects.create(**fields)

    def asset(self, label: str, status: str, **fields: Any) -> Any:
        key = f"{FOLDER}/originals/angle-{ord(label) - 64:03d}_v001.mp4"
        self.add("media_app.AngleCounter", project_id="spring", day=DAY, camera_label=label, last_version=3, **STAMP)
        facts = {
            "original_key": key,
            "size_bytes": 4,
            "checksum": f"of {label}",
            "media_info": {"label": label},
        } | fields
        return self.add(
            "media_app.MediaAsset", session=self.session, camera_label=label, status=status, project_id="spring",
            shoot_date=DAY, original_filename=f"{label}.mp4", content_type="video/mp4", **STAMP, **facts,
        )  # fmt: skip

    def derivative(self, kind: str, variant: str, key: str, **fields: Any) -> Any:
        return self.add(
            "media_app.DerivedMedia", asset=self.film, kind=kind, variant=variant, key=key, checksum=f"of {key[-20:]}",
            input_ref=self.film.original_key, meta={"made": kind}, size_bytes=10, **STAMP, **fields,
        )  # fmt: skip

    def upload(self, asset: Any, state: str, key: str) -> None:
        self.add(
            "media_app.Upload", asset=asset, state=state, version=1, key=key, filename=asset.original_filename,
            content_type="video/mp4", size_bytes=4, part_size=0, fingerprint="ab" * 32, **STAMP,
        )  # fmt: skip

    def job(self, status: str, minute: int, **fields: Any) -> Any:
        options = {"type": "ingest_asset_v1", "session": self.session, "asset": self.film} | fields
        return self.add(
            "media_app.MediaJob",
            status=status,
            turn=NOON + timedelta(minutes=minute),
            run_after=NOON,
            **STAMP,
            **options,
        )

    def jobs(self) -> None:
        self.job("PENDING", 2, dedupe_key="ingest:second")
        self.job("PENDING", 1, dedupe_key="ingest:first")
        self.job("PROCESSING", 0, holder="host boot 1", locked_by="w1", lock_token=uuid.uuid4(), lease_until=NOON)
        for status in ("FAILED", "DEAD", "CANCELLED"):
            self.job(status, 0, error_code="damaged", error_message="It is cut.", completed_at=NOON)
        done = self.job(
            "COMPLETED", 0, type="audio_master_v1", completed_at=NOON,
            input_json={"music_asset_id": str(self.recorder.pk), "music_key": self.recorder.original_key},
            result_json={"derived_id": str(self.master.pk)},
        )  # fmt: skip
        self.job("COMPLETED", 0, type="replay_v1", asset=None, replay_of=done)
        self.job("COMPLETED", 0, type="engine_mezzanine_v1", input_json={"derived_version": 1, "format": "dnxhr"})
        self.add(
            "media_app.MediaJobAttempt", job=done, attempt_no=1, worker="w1", outcome="completed", stdout_key="out.log",
            commands=[["ffmpeg", "-i", "a.mp4"]], **STAMP,
        )  # fmt: skip

    def sync(self) -> None:
        facts = {"session": self.session, "master_camera": "A", "computed_at": NOON, "confidence": {"B": 14.2}, **STAMP}
        first = self.add("sync_app.SyncResult", run=1, offsets_ms={"A": 0, "B": 12.5}, superseded_at=NOON, **facts)
        second = self.add(
            "sync_app.SyncResult", run=2, offsets_ms={"A": 0, "B": 13.5}, operator_status="corrected",
            operator_offsets_ms={"A": 0, "B": 14}, decided_by="Ann", approved_at=NOON, **facts,
        )  # fmt: skip
        for result, action in ((first, "approved"), (second, "corrected")):
            self.add(
                "sync_app.SyncDecision", session=self.session, result=result, action=action, actor="ann", decided_by="Ann",
                offsets_before=result.offsets_ms, offsets_after={"A": 0, "B": 14}, notes="Heard it.", **STAMP,
            )  # fmt: skip

    def others(self) -> None:
        self.add(
            "media_app.Webhook", url="https://edl.example/hook", events=["job.failed"], session=self.session, **STAMP
        )
        self.add("media_app.DoomedObject", key=f"{FOLDER}/originals/angle-009_v001.mp4", due_at=NOON)
        self.add("media_app.Worker", name="w1", host="host")
        self.add(
            "render_app.Production", asset=self.film, music=self.recorder, packager="hls", status="completed",
            package_json={"playlist": "p.m3u8"}, master_key=self.master.key, **STAMP,
        )  # fmt: skip


def rows_of(apps: Any) -> Rows:
    """Every row of the four apps, by the names that it has today."""
    found: Rows = {}
    for app, _ in BEFORE:
        for model in apps.get_app_config(app).get_models():
            name = RENAMED_MODELS.get(model.__name__, model.__name__)
            renamed = RENAMED_FIELDS.get(name, {})
            for row in model._base_manager.values():
                found[name, row[model._meta.pk.attname]] = {renamed.get(field, field): row[field] for field in row}
    return found


@pytest.fixture
def upgraded(before) -> tuple[Release, Rows, Rows]:
    """The release's records, all its rows before, and all rows after."""
    release = Release(before)
    storage.store().put_bytes(release.film.original_key, b"film", content_type="video/mp4")
    old = rows_of(before)
    _to_newest()
    return release, old, rows_of(current_apps)


def test_an_upgrade_keeps_every_row_fills_in_what_is_new_and_can_be_taken_back(upgraded):
    release, old, new = upgraded
    assert len(old) == 42
    assert not old.keys() - new.keys(), "rows were lost"
    assert {name for name, _ in new.keys() - old.keys()} == {"ArtifactSource"}
    for row, values in old.items():
        changed = {field for field in values if new[row][field] != values[field]}
        masters = row[0] == "DerivedMedia" and values["kind"] == "render"
        mezzanine = {"input_json"} if values.get("type") == "engine_mezzanine_v1" else set()
        assert changed <= ({"kind", "variant"} if masters else mezzanine), row
    _new_columns_are_empty(old, new)
    _assets_are_ready_as_they_were(release, old)
    _masters_have_their_own_kind_and_name_their_music(release)
    mezzanine = MediaJob.objects.get(type="engine_mezzanine_v1")
    assert mezzanine.input_json == {"derived_version": 1, "params": {"codec": "dnxhr"}}
    assert rows_of(_migrate(BEFORE)) == old, "the upgrade cannot be taken back"


def _new_columns_are_empty(old: Rows, new: Rows) -> None:
    added = {"clip": 1, "continues_id": None, "heard": None, "tracks": [], "tags": [], "meta": {}, "source_ref": "",
             "timecode_rate": "", "cache_key": "", "start_ms": None, "created_by_job_id": None, "camera_names": {},
             "last_version": 0}  # fmt: skip
    for row, values in old.items():
        for field, value in added.items():
            if field in new[row] and field not in values:
                assert new[row][field] == value, (row, field)


def _assets_are_ready_as_they_were(release: Release, old: Rows) -> None:
    assets = {asset.camera_label: asset for asset in MediaAsset.objects.all()}
    assert {label: (a.sound_ready, a.picture_ready) for label, a in assets.items()} == {
        "A": (True, True), "B": (True, False), "C": (False, True), "D": (False, False), "E": (False, False),
    }  # fmt: skip
    assert assets["A"].sound_ready_at == old["MediaAsset", release.film.pk]["updated_at"]
    assert [label for label, asset in sorted(assets.items()) if asset.timecode_drop] == ["A"]


def _masters_have_their_own_kind_and_name_their_music(release: Release) -> None:
    masters = DerivedMedia.objects.filter(key__contains="/masters/")
    assert {(row.kind, row.variant, row.key.rpartition("/")[2]) for row in masters} == {
        ("audio_master", MASTER, f"{MASTER}.mp4"),
        ("audio_master_listen", MASTER, f"{MASTER}-listen.wav"),
        ("audio_master_peaks", MASTER, f"{MASTER}-peaks.dat"),
    }
    assert not DerivedMedia.objects.filter(kind="render").exists()
    source = ArtifactSource.objects.get()
    assert (source.artifact_id, source.source_asset_id, source.role) == (
        release.master.pk,
        release.recorder.pk,
        "music",
    )
    assert (source.key, source.checksum) == (release.recorder.original_key, "of B")
    assert DerivedMedia.objects.made_from(MediaAsset.objects.get(camera_label="B")).get().pk == release.master.pk


def test_after_an_upgrade_work_goes_on(upgraded):
    release, _, _ = upgraded
    _the_queue_keeps_its_order()
    _links_lead_to_the_same_bytes_and_an_upload_ends(release)
    _the_session_takes_a_second_clip_and_a_later_master()


def _the_queue_keeps_its_order() -> None:
    waiting = MediaJob.objects.due().values_list("dedupe_key", flat=True)
    assert list(waiting) == ["ingest:first", "ingest:second"]
    (held,) = MediaJob.objects.abandoned()
    assert (held.owner_process, held.locked_by) == ("host boot 1", "w1")
    with pytest.raises(IntegrityError), transaction.atomic():
        MediaJob.objects.create(type="ingest_asset_v1", dedupe_key="ingest:first", **STAMP)


def _links_lead_to_the_same_bytes_and_an_upload_ends(release: Release) -> None:
    client = Client(HTTP_AUTHORIZATION=f"Token {TOKEN}")
    session = client.get(f"/v2/sessions/{release.session.pk}").json()
    film, *_ = session["assets"]
    assert (film["cameraKey"], film["clip"], film["version"], film["timecodeDrop"]) == ("A", 1, 1, True)
    answer = client.get(film["originalUrl"])
    assert b"".join(answer.streaming_content) == b"film"
    assert client.get(f"/v2/sessions/{session['id']}/sync").json()["finalOffsets"] == {"A": 0, "B": 14}
    upload = f"/v2/sessions/{session['id']}/assets/{release.coming.pk}"
    link = client.get(f"{upload}/upload").json()["uploadUrl"]
    assert client.put(link, b"late", content_type="video/mp4").status_code == 200
    done = client.post(f"{upload}/complete", {}, content_type="application/json").json()
    assert (done["status"], done["cameraKey"], done["soundReady"]) == ("ingesting", "E", False)


def _the_session_takes_a_second_clip_and_a_later_master() -> None:
    session = RecordingSession.objects.get()
    first = session.assets.get(camera_label="A")
    second = MediaAsset.objects.create(
        **STAMP, session=session, camera_label="A", clip=2, continues=first, project_id="spring", shoot_date=DAY
    )
    assert second.camera_key == "A.2"
    SyncResult.objects.filter(run=2).update(master_camera="A.2")
    assert SyncResult.objects.get(run=2).master_camera == second.camera_key


def test_what_was_made_of_parts_before_they_had_a_place_lies_where_they_do():
    """A voice of a piece at 30 s, a transcript of that voice, and a piece of the piece; what is of the whole recording stays."""
    asset = a_registry_asset()
    job = a_job(asset=asset)
    piece, voice, words, smaller, whole = (
        a_derivative(asset, kind, str(number))
        for number, kind in enumerate(
            ("audio_segment", "audio_voice_enhanced", "asr_transcript", "audio_segment", "audio_voice_enhanced")
        )
    )
    DerivedMedia.objects.update(created_by_job=job)
    DerivedMedia.objects.filter(pk=piece.pk).update(start_ms=30_000, end_ms=60_000)
    DerivedMedia.objects.filter(pk__in=[voice.pk, whole.pk]).update(start_ms=0)
    DerivedMedia.objects.filter(pk=smaller.pk).update(start_ms=10_000, end_ms=20_000)
    for made, source in ((voice, piece), (words, voice), (smaller, piece)):
        ArtifactSource.objects.record(made, [source], "source")
    import_module("media_app.migrations.0026_parts_on_their_assets_clock").place(
        current_apps, connection.schema_editor()
    )
    placed = {row.pk: (row.start_ms, row.end_ms) for row in DerivedMedia.objects.all()}
    assert [placed[row.pk] for row in (piece, voice, words, smaller, whole)] == [
        (30_000, 60_000), (30_000, 60_000), (30_000, 60_000), (40_000, 50_000), (0, None),
    ]  # fmt: skip


def test_a_clearance_names_the_scan_at_the_beginning_of_what_people_changed():
    """Scanned and changed twice by hand; scanned with the newest; a summary whose scan was purged; one without a summary."""
    asset = a_registry_asset()
    scan, once, twice, newest, lost = (
        a_derivative(asset, "video_region_summary", name) for name in ("scan", "once", "twice", "newest", "lost")
    )
    for row, type, version in (
        (scan, "model", "1"),
        (once, "none", "1"),
        (twice, "none", "1"),
        (newest, "model", "2"),
        (lost, "none", "1"),
    ):
        DerivedMedia.objects.filter(pk=row.pk).update(meta={"backend_type": type, "backend_version": version})
    for made, source in ((once, scan), (twice, once)):
        ArtifactSource.objects.record(made, [source], "source")
    rows = [
        Anonymisation.objects.create(**asset.context.stamp(), asset=asset, cache_key="k", summary=summary)
        for summary in (scan, twice, newest, lost, None)
    ]
    import_module("render_app.migrations.0007_scan_of_clearances").name_scans(current_apps, connection.schema_editor())
    versions = dict(Anonymisation.objects.values_list("pk", "scan_version"))
    assert [versions[row.pk] for row in rows] == ["1", "1", "2", "", ""]
