"""What a deployment stands on: checks, settings, the databases' promises, and the container files."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from studio.runtime import checks

ROOT = Path(__file__).resolve().parents[3]
PRODUCTION = {
    "PUBLIC_URL": "https://studio.example.org",
    "ALLOWED_HOSTS": "studio.example.org",
    "SECRET_KEY": "kT3w9ZpQ7rX1vB5nM8cL2sD6fG4hJ0aE-yUiOqWzRtPbNmVxC-of-this-test-alone",
    "DATABASE_URL": "postgres://studio:word@db.example.org/studio",
    "JOB_DISPATCH": "celery",
    "REDIS_URL": "redis://queue.example.org:6379/0",
    "STORAGE_BACKEND": "s3",
    "S3_BUCKET": "studio",
    "S3_ENDPOINT_URL": "https://account.r2.cloudflarestorage.com",
    "S3_ACCESS_KEY_ID": "key",
    "S3_SECRET_ACCESS_KEY": "secret",
}


def in_production(tmp_path: Path, *argv: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "STUDIO_VAR": str(tmp_path), **PRODUCTION, **changes}
    return subprocess.run(
        [sys.executable, *argv], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_djangos_deployment_check_finds_nothing_in_a_production_like_environment(tmp_path):
    done = in_production(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 silenced" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("JOB_DISPATCH", "rabbit", "JOB_DISPATCH is 'rabbit': set it to 'embedded' or 'celery'."),
        ("STORAGE_BACKEND", "tape", "STORAGE_BACKEND is 'tape': set it to 'local' or 's3'."),
    ],
)
def test_a_setting_that_means_nothing_is_refused_with_a_sentence(tmp_path, name, value, sentence):
    done = in_production(tmp_path, "manage.py", "check", **{name: value})
    assert done.returncode != 0
    assert sentence in done.stderr


@pytest.fixture
def on_a_network_disk(settings, tmp_path, monkeypatch) -> Path:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda1 / ext4 rw 0 0\nnas:/x {tmp_path}/nas nfs4 rw 0 0\n")
    monkeypatch.setattr(checks, "MOUNTS", mounts)
    return tmp_path / "nas"


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_sqlite_on_a_network_disk_is_refused_and_said_what_to_do(on_a_network_disk, settings, tmp_path):
    def lies_at(name: object) -> list[str]:
        databases = {"default": {**settings.DATABASES["default"], "ENGINE": "django.db.backends.sqlite3", "NAME": name}}
        settings.DATABASES = databases
        return [message.msg for message in run_checks(tags=[checks.TAG])]

    assert lies_at(tmp_path / "studio.sqlite3") == []
    [refusal] = lies_at(on_a_network_disk / "studio.sqlite3")
    assert "network disk (nfs4)" in refusal
    with pytest.raises(ImproperlyConfigured, match="Set STUDIO_VAR or DATABASE_URL"):
        checks.refuse()
    here = tmp_path / "link"
    on_a_network_disk.mkdir()
    here.symlink_to(on_a_network_disk)
    assert len(lies_at(here / "studio.sqlite3")) == 1


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_database_server_may_keep_its_files_where_it_likes(on_a_network_disk, settings):
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": str(on_a_network_disk)}}
    assert run_checks(tags=[checks.TAG]) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="what SQLite promises")
@pytest.mark.django_db(transaction=True)
def test_sqlite_writes_ahead_syncs_fully_waits_its_turn_and_begins_as_a_writer():
    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 20000}
    other = connection.copy()
    other.settings_dict["OPTIONS"] = {
        **other.settings_dict["OPTIONS"],
        "init_command": "PRAGMA busy_timeout=0;",
        "timeout": 0,
    }
    try:
        with transaction.atomic(), pytest.raises(Exception, match="locked"):
            other.cursor().execute("BEGIN IMMEDIATE")
    finally:
        other.close()


COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("build")}
SETTINGS = (ROOT / "studio" / "settings.py").read_text() + (ROOT / "studio" / "gunicorn.py").read_text()


def test_the_compose_file_has_every_part_of_a_studio_for_many_machines():
    assert {"web", "worker", "worker-render", "beat", "postgres", "redis", "store"} <= set(COMPOSE["services"])


@pytest.mark.parametrize(
    "name", [name for name, service in COMPOSE["services"].items() if service.get("restart") != "no"]
)
def test_each_service_says_whether_it_is_well_and_has_an_init(name):
    service = COMPOSE["services"][name]
    assert service["healthcheck"]["test"]
    assert service["init"] is True


def test_everything_that_services_wait_for_is_there_and_can_say_so():
    for service in COMPOSE["services"].values():
        for other, condition in service.get("depends_on", {}).items():
            awaited = COMPOSE["services"][other]
            assert condition["condition"] in ("service_healthy", "service_completed_successfully")
            assert ("healthcheck" in awaited) == (condition["condition"] == "service_healthy"), other
    volumes = {mount.split(":")[0] for service in COMPOSE["services"].values() for mount in service.get("volumes", [])}
    assert {volume for volume in volumes if not volume.startswith((".", "/"))} == set(COMPOSE["volumes"])


def test_settings_named_in_the_compose_file_exist():
    named = {name for service in OURS.values() for name in service["environment"]}
    assert named
    assert [name for name in sorted(named) if f'"{name}"' not in SETTINGS] == []


def test_workers_together_take_every_kind_of_work_and_one_keeps_house():
    from studio.celery import HOUSEKEEPING, KINDS

    taken = [
        name
        for service in OURS.values()
        for found in re.findall(r"--queues (\S+)", str(service["command"]))
        for name in found.split(",")
    ]
    assert sorted(taken) == sorted([*KINDS, HOUSEKEEPING])
    assert "--beat" in OURS["beat"]["command"]


def test_no_password_stands_in_the_compose_file():
    text = (ROOT / "docker-compose.yml").read_text()
    for name, value in re.findall(r"(?m)^ +(\w*(?:PASSWORD|SECRET)\w*): *(\S.*)", text):
        assert value.startswith("${"), name


def test_the_image_runs_as_nobody_in_particular_and_holds_no_build_tools():
    stages = re.split(r"(?m)^FROM ", (ROOT / "Dockerfile").read_text())[1:]
    assert len(stages) >= 3
    last = stages[-1]
    assert re.search(r"(?m)^USER (?!root)\w+", last)
    assert "npm" not in last
    assert "pip install" not in last
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", "var", ".venv", "node_modules"} <= set(ignored)
