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
from tests.support.working import work_off

HERE = f"tenant_id={TENANT}&env=dev"
COUNT = f"/audio/count?{HERE}"
ENGINE_FILE = """
from media_app.backends import Package
from media_app.core import kinds
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.files import Document, Outputs
from sessions_app.errors import InvalidInput


class Params(EngineParams):
    step: int = 1

    def refuse(self, duration_ms):
        if self.step > (duration_ms or 2000):
            raise InvalidInput("The step is longer than the recording.", field="step")


ENGINE = Engine(
    "counter", kinds.BARS, "Counting", params=Params, backend=Backend({backend}), route="audio/count",
    answer_id="count_artifact_id", answers=("counted",), {traits}
)


def make(source: Source, params: Params, work) -> Outputs:
    counted = source.path.stat().st_size if source.inspected is None else round(source.duration_ms) // params.step
    return Outputs(documents=(Document(kinds.BARS, {{"counted": counted, "read": sorted(source.artifacts)}}),))
"""

urlpatterns = [path("", include("studio.urls"))]


@pytest.fixture
def an_engine(tmp_path, monkeypatch, settings):
    """Put one more file among the engines, as somebody would who adds one."""

    def add(backend: str = '"counting"', traits: str = ""):
        folder = tmp_path / "engines"
        folder.mkdir(exist_ok=True)
        (folder / "counter.py").write_text(textwrap.dedent(ENGINE_FILE).format(backend=backend, traits=traits))
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
    assert (status, made["kind"], made["counted"]) == (200, "bars", 1000)
    assert made["id"] == made["artifact_id"] == made["count_artifact_id"] == made["artifact_ids"][0]
    meta = made["meta"]
    assert meta.pop("compute_ms") >= 0
    row = DerivedMedia.objects.get(pk=made["id"])
    assert meta == {
        "backend_type": "dsp", "requested_backend": "counting", "backend": "counting", "backend_version": "1",
        "model_used": "", "degraded": False, "params": {"step": 2}, "cache_key": row.cache_key, "duration_ms": 2000,
        "cache_hit": True, "user_id": "alice", "created_by": "alice",
    }  # fmt: skip

    first = MediaJob.objects.get(type="engine_counter_v1")
    assert jobs.type_of(first.type).label == "Counting"
    [run] = [jobs.claim("tester", only=MediaJob.objects.get(pk=_asked_again(api, film)))]
    with run:
        assert jobs.type_of(first.type).does.replay(run, first) == first.result_json["checksums"]


@pytest.mark.django_db(transaction=True)
def test_the_user_that_a_client_names_is_kept_beside_the_account_and_is_no_part_of_the_key(an_engine, film):
    an_engine()
    body = {"asset_id": str(film.pk)}
    _, asked = Api().post(COUNT, body | {"user_id": "u_7"})
    assert Api().get(asked["status_url"])[1]["user_id"] == "u_7"
    work_off()
    for api, more in ((Api(), {}), (Api("bob"), {"headers": {"X-User-Id": "u_8"}})):
        status, made = api.post(COUNT, body, **more)
        assert (status, made["meta"]["user_id"], made["meta"]["created_by"]) == (200, "u_7", "alice")
    row = DerivedMedia.objects.get(kind="bars")
    with storage.store().open(row.key) as file:
        assert "u_7" not in file.read().decode(), "the file is the same whoever asks"
    Api("bob").post(COUNT, body | {"step": 4}, headers={"X-User-Id": "u_8"})
    work_off()
    _, made = Api().post(COUNT, body | {"step": 4})
    assert (made["meta"]["user_id"], made["meta"]["created_by"]) == ("u_8", "bob")
    status, refused = Api().post(COUNT, body | {"user_id": "u\n7"})
    assert (status, refused["error"]["field"]) == (400, "user_id")


@pytest.mark.django_db(transaction=True)
def test_a_waiting_job_is_canceled_by_its_route_and_one_that_has_ended_is_not(an_engine, film):
    an_engine()
    api = Api()
    _, asked = api.post(COUNT, {"asset_id": str(film.pk)})
    cancel = f"/jobs/{asked['job_id']}/cancel?{HERE}"
    status, job = api.post(cancel)
    assert (status, job["status"], job["error_code"]) == (200, "CANCELLED", "cancelled")
    assert api.get(asked["status_url"])[1] == job
    status, again = api.post(cancel)
    assert (status, again["error"]["code"]) == (409, "wrong_status")
    assert "This job is canceled" in again["error"]["message"]
    work_off()
    assert not DerivedMedia.objects.filter(kind="bars").exists()

    _, asked = api.post(COUNT, {"asset_id": str(film.pk)})
    work_off()
    status, done = api.post(f"/jobs/{asked['job_id']}/cancel")
    assert (status, done["error"]["message"][:16]) == (409, "This job is done")


@pytest.mark.django_db
def test_a_job_of_another_tenant_is_not_there_to_be_canceled(an_engine, film):
    an_engine()
    _, asked = Api().post(COUNT, {"asset_id": str(film.pk)})
    stranger = Api("eve", "t_other")
    for where in ("", "?tenant_id=t_other&env=dev"):
        status, answer = stranger.post(f"/jobs/{asked['job_id']}/cancel{where}")
        assert (status, answer["error"]["code"]) == (404, "not_found")
    assert stranger.post(f"/jobs/{asked['job_id']}/cancel?{HERE}")[0] == 403
    assert MediaJob.objects.get(pk=asked["job_id"]).status == "PENDING"


@pytest.mark.django_db(transaction=True)
def test_a_document_is_plain_json_and_is_read_back_with_what_made_it(an_engine, film):
    an_engine()
    api = Api()
    api.post(COUNT, {"asset_id": str(film.pk)})
    work_off()
    row = DerivedMedia.objects.get(kind="bars")
    with storage.store().open(row.key) as file:
        stored = file.read().decode()
    body = json.loads(stored)
    assert stored == json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
    assert (body["asset_id"], body["artifact_id"], body["counted"]) == (str(film.pk), None, 2000)
    assert body["meta"]["cache_key"] == row.cache_key

    status, read = api.get(f"/audio/count/{row.pk}?{HERE}")
    assert (status, read["counted"], read["meta"]) == (200, 2000, row.meta)


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
    work_off()
    kept = [api.post(COUNT, {"asset_id": str(film.pk), "step": step})[1]["counted"] for step in (1, 2)]
    assert kept == [2000, 1000]
    assert api.post(COUNT, {"asset_id": str(film.pk), "step": 2001})[1]["error"]["field"] == "step"


@pytest.mark.django_db(transaction=True)
def test_an_artifact_takes_the_place_of_the_recording_and_is_named_as_source(an_engine, film):
    an_engine()
    api = Api()
    proxy = film.derivatives.create(
        **film.context.stamp(),
        kind="proxy",
        key="proxies/short.mp4",
        content_type="video/mp4",
        input_ref=film.original_key,
    )
    clip = media.slate("short.mp4", seconds=1)
    storage.store().put_file(proxy.key, clip, content_type="video/mp4")
    asked = {"asset_id": str(film.pk), "artifact_id": str(proxy.pk)}
    api.post(COUNT, asked)
    api.post(COUNT, {"asset_ids": [str(film.pk)]})
    work_off()
    status, made = api.post(COUNT, asked)
    assert (status, made["counted"]) == (200, 1000)
    _, detail = api.get(f"/media-v2/artifacts/{made['id']}?{HERE}")
    assert [(used["role"], used["artifact_id"]) for used in detail["sources"]][1:] == [("source", str(proxy.pk))]
    status, listed = api.post(COUNT, {"artifact_ids": [str(proxy.pk)]})
    assert (status, listed["artifact_ids"], listed["results"][0]["counted"]) == (200, [made["id"]], 1000)
    status, listed = api.post(COUNT, {"asset_ids": [str(film.pk), str(film.pk)]})
    assert (status, [result["counted"] for result in listed["results"]]) == (200, [2000, 2000])


def a_part(film, name: str, clip, **place) -> DerivedMedia:
    part = film.derivatives.create(
        **film.context.stamp(), kind="audio_segment", variant=name, key=f"parts/{name}.mp4", content_type="video/mp4",
        input_ref=film.original_key, checksum=sha256(clip), **place,
    )  # fmt: skip
    storage.store().put_file(part.key, clip, content_type="video/mp4")
    return part


@pytest.mark.django_db(transaction=True)
def test_what_is_made_of_a_part_lies_where_the_part_does_also_where_two_parts_have_the_same_bytes(an_engine, film):
    an_engine()
    api, clip = Api(), media.slate("part.mp4", seconds=1)
    places = {"early": {"start_ms": 0.0, "end_ms": 1000.0}, "late": {"start_ms": 31_500.0, "end_ms": 32_500.0}}
    parts = {name: a_part(film, name, clip, **place) for name, place in places.items()}
    for part in parts.values():
        assert api.post(COUNT, {"artifact_id": str(part.pk)})[0] == 202
    work_off()
    made = {name: api.post(COUNT, {"artifact_id": str(part.pk)})[1] for name, part in parts.items()}
    assert {name: {key: one[key] for key in ("start_ms", "end_ms")} for name, one in made.items()} == places
    assert made["early"]["meta"]["cache_key"] != made["late"]["meta"]["cache_key"]
    whole = api.post(COUNT, {"asset_id": str(film.pk)})
    work_off()
    whole = api.post(COUNT, {"asset_id": str(film.pk)})[1]
    assert (whole["start_ms"], whole["end_ms"]) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_an_engine_that_takes_documents_finds_the_newest_of_the_recording(an_engine, film):
    an_engine(traits='takes=(kinds.ASR_TRANSCRIPT,), artifact_field="asr_artifact"')
    api = Api()
    status, answer = api.post(COUNT, {"asset_id": str(film.pk)})
    assert (status, answer["error"]["code"]) == (409, "wrong_status")
    words = film.derivatives.create(
        **film.context.stamp(), kind="asr_transcript", key="words.json", content_type="application/json",
        input_ref=film.original_key,
    )  # fmt: skip
    storage.store().put_bytes(words.key, b"[1, 2]", content_type="application/json")
    assert api.post(COUNT, {"asr_artifact_ids": [str(words.pk)]})[0] == 202
    work_off()
    status, made = api.post(COUNT, {"asset_id": str(film.pk)})
    assert (status, made["counted"]) == (200, 6)
    picture = film.derivatives.get(kind="audio-wav")
    assert api.post(COUNT, {"asr_artifact_id": str(picture.pk)})[1]["error"]["field"] == "asr_artifact_id"


@pytest.mark.django_db
def test_what_names_no_source_or_two_is_refused(an_engine, film):
    an_engine()
    one, other = str(film.pk), str(an_asset(film.session, "B").pk)
    for body in (
        {},
        {"asset_ids": []},
        {"asset_ids": [one], "asset_id": one},
        {"asset_ids": [one], "artifact_ids": [one]},
    ):
        assert Api().post(COUNT, body)[0] == 400, body
    sound = film.derivatives.get(kind="audio-wav")
    status, answer = Api().post(COUNT, {"asset_id": other, "artifact_id": str(sound.pk)})
    assert (status, answer["error"]["field"]) == (400, "artifact_id")
    status, answer = Api().post(COUNT, {"asset_id": one, "output_dir": "/tmp"})
    assert (status, answer["error"]["code"]) == (422, "not_allowed")


@pytest.mark.django_db
def test_a_silent_film_has_nothing_for_an_engine_that_hears(an_engine, film):
    an_engine(traits="hears=True")
    film.has_audio = False
    film.save()
    status, answer = Api().post(COUNT, {"asset_id": str(film.pk)})
    assert (status, answer["error"]["code"]) == (422, "no_sound")


@pytest.mark.django_db(transaction=True)
def test_an_engine_that_hears_gets_the_sound_and_not_the_film(an_engine, film):
    an_engine(traits="hears=True")
    sound = film.derivatives.get(kind="audio-wav")
    clip = media.slate("three.wav", seconds=3, video=None, audio=media.PCM)
    storage.store().put_file(sound.key, clip, content_type="audio/wav")
    Api().post(COUNT, {"asset_id": str(film.pk)})
    work_off()
    assert Api().post(COUNT, {"asset_id": str(film.pk)})[1]["counted"] == 3000


@pytest.mark.django_db(transaction=True)
def test_a_worker_with_another_version_than_was_asked_for_makes_nothing(an_engine, film):
    an_engine()
    Api().post(COUNT, {"asset_id": str(film.pk)})
    job = MediaJob.objects.get(type="engine_counter_v1")
    job.input_json["backend"][1] = "0"
    job.save()
    work_off()
    job.refresh_from_db()
    assert (job.status, "Request it again" in job.error_message) == ("FAILED", True)


@pytest.mark.django_db(transaction=True)
def test_what_an_engine_needs_is_made_first_and_kept(an_engine, film):
    an_engine(traits="needs=(kinds.MEZZANINE,)")
    Api().post(COUNT, {"asset_id": str(film.pk)})
    work_off()
    kept = set(film.derivatives.values_list("kind", flat=True))
    assert {"bars", "mezzanine"} <= kept
    counted = film.derivatives.get(kind="bars")
    with storage.store().open(counted.key) as file:
        assert json.load(file)["read"] == ["mezzanine"]
    assert [source.role for source in counted.sources.all()] == ["mezzanine"]


@pytest.mark.django_db
def test_a_backend_that_is_not_installed_is_said_with_how_to_get_it(an_engine, film):
    an_engine(backend='"counting", packages=(Package("no_such_module", "no-such-package", "audio"),)')
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
