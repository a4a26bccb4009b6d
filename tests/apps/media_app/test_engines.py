"""An engine is one file: what it does and what it needs; the base gives it everything else."""

import json
import sys
import textwrap

import pytest
from django.test import Client
from django.urls import include, path

from media_app import engines, jobs, storage
from media_app.api import engines as engine_api
from media_app.engines import runner
from media_app.making.files import sha256
from media_app.models import DerivedMedia, MediaJob
from tests.support import media
from tests.support.factories import TENANT, Api, a_session, an_asset

HERE = f"tenant_id={TENANT}&env=dev"
COUNT = f"/audio/count?{HERE}"
ENGINE_FILE = """
import json

from media_app.core import kinds
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import Outputs, describe


class Params(EngineParams):
    step: int = 1


ENGINE = Engine(
    "counter", kinds.BARS, "Counting", params=Params, backend=Backend({backend}), route="audio/count", needs=({needs})
)


def make(source: Source, params: Params, work) -> Outputs:
    out = work.folder / "counted.json"
    out.write_text(json.dumps([source.found.frames.frames // params.step, sorted(source.artifacts)]))
    return Outputs((describe(kinds.BARS, out),))
"""

urlpatterns = [path("", include("studio.urls"))]


@pytest.fixture
def an_engine(tmp_path, monkeypatch, settings):
    """Put one more file among the engines, as somebody would who adds one."""

    def add(backend: str = '"counting"', needs: str = ""):
        folder = tmp_path / "engines"
        folder.mkdir(exist_ok=True)
        (folder / "counter.py").write_text(textwrap.dedent(ENGINE_FILE).format(backend=backend, needs=needs))
        monkeypatch.setattr(engines, "__path__", [*engines.__path__, str(folder)])
        runner.register_all()
        monkeypatch.setattr(sys.modules[__name__], "urlpatterns", [*engine_api.urls(), *urlpatterns])
        settings.ROOT_URLCONF = __name__
        return engines.modules()["counter"].ENGINE

    yield add
    sys.modules.pop("media_app.engines.counter", None)
    jobs.registry._types.pop("engine_counter_v1", None)


@pytest.fixture
def film(tmp_path):
    """A ready recording of two seconds at 25 frames."""
    clip = media.slate("counted.mp4", seconds=2)
    asset = an_asset(a_session(), size_bytes=clip.stat().st_size, checksum=sha256(clip))
    storage.store().put_file(asset.original_key, clip, content_type="video/mp4")
    return asset


def work_off() -> None:
    while run := jobs.claim("tester"):
        with run:
            run.execute()


@pytest.mark.django_db(transaction=True)
def test_one_file_is_an_engine_with_route_job_cache_meta_and_replay(an_engine, film):
    an_engine()
    api = Api()
    status, asked = api.post(COUNT, {"asset_id": str(film.pk), "step": 2})
    assert (status, asked["status"]) == (202, "PENDING")
    work_off()
    status, job = api.get(asked["status_url"])
    assert (status, job["status"]) == (200, "COMPLETED"), job

    status, made = api.post(COUNT, {"asset_id": str(film.pk), "step": 2})
    assert (status, made["kind"], made["meta"]["cache_hit"]) == (200, "bars", True)
    assert made["meta"]["backend_type"] == "counting"
    assert made["meta"]["duration_ms"] == 2000
    with storage.store().open(DerivedMedia.objects.get(pk=made["id"]).key) as file:
        assert json.load(file) == [25, []]
    assert api.get(f"/audio/count/{made['id']}?{HERE}")[1]["id"] == made["id"]

    first = MediaJob.objects.get(type="engine_counter_v1")
    assert jobs.type_of(first.type).label == "Counting"
    [run] = [jobs.claim("tester", only=MediaJob.objects.get(pk=_asked_again(api, film)))]
    with run:
        assert jobs.type_of(first.type).does.replay(run, first) == first.result_json["checksums"]


def _asked_again(api: Api, film) -> str:
    """Another job of the same engine, whose scratch a replay may use."""
    return api.post(COUNT, {"asset_id": str(film.pk), "step": 5})[1]["job_id"]


@pytest.mark.django_db(transaction=True)
def test_another_parameter_is_another_artifact_and_the_same_is_asked_for_once(an_engine, film):
    an_engine()
    api = Api()
    one = api.post(COUNT, {"asset_id": str(film.pk)})[1]["job_id"]
    assert api.post(COUNT, {"asset_id": str(film.pk)})[1]["job_id"] == one
    assert api.post(COUNT, {"asset_id": str(film.pk), "step": 2})[1]["job_id"] != one


@pytest.mark.django_db(transaction=True)
def test_what_an_engine_needs_is_made_first_and_kept(an_engine, film):
    an_engine(needs="kinds.MEZZANINE,")
    Api().post(COUNT, {"asset_id": str(film.pk)})
    work_off()
    kept = set(film.derivatives.values_list("kind", flat=True))
    assert {"bars", "mezzanine"} <= kept
    with storage.store().open(film.derivatives.get(kind="bars").key) as file:
        assert json.load(file) == [50, ["mezzanine"]]


@pytest.mark.django_db
def test_a_backend_that_is_not_installed_is_said_with_how_to_get_it(an_engine, film):
    an_engine(backend='"counting", module="no_such_module", package="no-such-package"')
    status, answer = Api().post(COUNT, {"asset_id": str(film.pk)})
    assert (status, answer["error"]["code"]) == (409, "backend_unavailable")
    assert "no-such-package" in answer["error"]["message"]
    assert not MediaJob.objects.filter(type="engine_counter_v1").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "body"), [("&wait=31", {}), ("&wait=soon", {}), ("", {"step": "many"}), ("", {"asset_id": "x"})]
)
def test_what_cannot_be_read_is_refused_with_its_field(an_engine, film, query, body):
    an_engine()
    status, answer = Api().post(f"{COUNT}{query}", {"asset_id": str(film.pk)} | body)
    assert status == 400, answer
    assert answer["error"]["field"] in ("wait", "step", "asset_id")


@pytest.mark.django_db
def test_nobody_asks_an_engine_for_a_recording_of_another_tenant(an_engine, film):
    an_engine()
    foreign = an_asset(a_session(tenant_id="t_other"))
    status, _ = Api().post(COUNT, {"asset_id": str(foreign.pk)})
    assert status == 404
    assert Client().post(COUNT, {"asset_id": str(film.pk)}, content_type="application/json").status_code == 401


def test_no_engine_knows_another():
    for name, module in engines.modules().items():
        source = open(module.__file__).read()  # noqa: PTH123, SIM115
        others = [other for other in engines.modules() if other != name]
        assert not [other for other in others if f"media_app.engines.{other}" in source]
