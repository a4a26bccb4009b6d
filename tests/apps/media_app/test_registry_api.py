"""`/media-v2`: assets and artifacts as a program registers, lists, changes and removes them; and who may not."""

import hashlib
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from media_app import jobs, storage
from media_app.core.files import keys
from media_app.models import DerivedMedia, MediaAsset, MediaJob, PendingDeletion
from tests.core.media_app.files.test_plain import png
from tests.support.factories import TENANT, Api, a_derivative, a_registry_asset, a_session, a_token, a_user, an_asset

pytestmark = pytest.mark.django_db
HERE = {"tenant_id": TENANT, "env": "dev"}
QUERY = f"?tenant_id={TENANT}&env=dev"
ENGINE = {
    "backend_version": "1.2", "model_used": "tiny", "cache_key": "k", "backend_type": "whisper", "duration_ms": 2000,
}  # fmt: skip


@pytest.fixture
def api() -> Api:
    return Api()


def send(api: Api, data: bytes = b"film", name: str = "a.mp4", **fields) -> tuple[int, dict]:
    """A file in a form."""
    file = SimpleUploadedFile(name, data, content_type="video/mp4")
    answer = api.client.post("/media-v2/assets", {"file": file, **HERE, **fields})
    return answer.status_code, answer.json()


def stored(name: str = "mask.png", tenant: str = TENANT, data: bytes = b"file") -> str:
    """The uri of a file in a tenant's part of the store."""
    key = f"{keys.tenant_prefix(tenant, 'dev')}{name}"
    storage.store().put_bytes(key, data, content_type="image/png")
    return f"studio://{key}"


def test_a_form_registers_a_file_with_all_that_is_said_of_it(api):
    status, asset = send(api, source_ref="cam-7", tags="talk, wide", meta='{"scene": 3}', user_id="u_9", kind="video")
    assert status == 201, asset
    row = MediaAsset.objects.get(pk=asset["id"])
    assert (asset["asset_id"], asset["tenant_id"], asset["env"]) == (asset["id"], TENANT, "dev")
    assert (asset["source_ref"], asset["tags"], asset["meta"]) == ("cam-7", ["talk", "wide"], {"scene": 3})
    assert (asset["user_id"], asset["created_by"], asset["session_id"]) == ("u_9", "alice", None)
    assert (asset["status"], asset["size_bytes"], asset["kind"]) == ("ingesting", 4, "video")
    assert row.original_key == f"tenants/{TENANT}/dev/media_v2/{row.pk}/originals/v001.mp4"
    assert asset["uri"] == asset["source_uri"] == f"studio://{row.original_key}"
    assert b"".join(Client().get(asset["url"]).streaming_content) == b"film"
    assert MediaJob.objects.get(pk=asset["job_id"]).type == "ingest_asset_v1"
    assert not PendingDeletion.objects.filter(key=row.original_key).exists()


def test_a_large_file_of_a_form_goes_to_the_store_from_the_disk(api, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    status, asset = send(api, b"x" * 5000)
    assert (status, asset["size_bytes"]) == (201, 5000)
    assert b"".join(Client().get(asset["url"]).streaming_content) == b"x" * 5000


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"meta": "[1]"}, "meta"), ({"meta": "{"}, "meta"), ({"meta": '{"a": NaN}'}, "meta"), ({"meta": '{"a": "\\u0000"}'}, "meta"),
        ({"tags": "[1"}, "tags"), ({"tags": "x" * 101}, "tags.0"), ({"kind": "film"}, "kind"), ({"source_ref": "x" * 201}, "source_ref"),
        ({"user_id": "x" * 151}, "user_id"), ({"env": "moon"}, "env"), ({"tenant_id": "club"}, "tenant_id"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_read_names_its_field(api, fields, field):
    status, answer = send(api, **fields)
    assert (status, answer["error"]["field"]) == (400, field), answer
    assert not MediaAsset.objects.exists()


@pytest.mark.parametrize("name", ["a.exe", "a", "m3u8.m3u8"])
def test_a_file_that_is_no_media_is_refused_before_it_is_stored(api, name):
    status, answer = send(api, name=name)
    assert (status, answer["error"]["field"]) == (400, "file"), answer
    assert not list(storage.store().list())


def test_a_form_above_the_limit_is_refused_before_it_is_read_and_says_where_to_go(api, settings):
    settings.FORM_UPLOAD_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100, 100
    status, answer = send(api, b"x" * 1000)
    assert (status, answer["error"]["code"]) == (413, "body_too_large")
    assert "init-upload" in answer["error"]["message"]


def test_a_tenant_without_space_is_refused_in_the_spelling_of_the_route(api, settings):
    settings.TENANT_MAX_BYTES = 3
    status, answer = send(api)
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (413, "quota_exceeded", "size_bytes")
    assert not MediaAsset.objects.exists()


@pytest.mark.parametrize("missing", ["tenant_id", "env"])
def test_a_request_names_its_tenant_and_env(api, missing):
    rest = {name: value for name, value in HERE.items() if name != missing}
    for answer in (api.get("/media-v2/assets", QUERY_STRING="&".join(f"{n}={v}" for n, v in rest.items())),
                   api.post("/media-v2/assets", {"source_uri": "https://example.org/a.mp4"} | rest)):  # fmt: skip
        assert (answer[0], answer[1]["error"]["field"]) == (400, missing)


def test_the_tenant_may_stand_in_body_query_or_headers_and_must_be_one(api):
    headers = {"X-Tenant-Id": TENANT, "X-Env": "dev"}
    assert api.get("/media-v2/assets", headers=headers)[0] == 200
    assert api.get(f"/media-v2/assets{QUERY}", headers=headers)[0] == 200
    a_user("alice", "t_other")
    status, answer = api.get("/media-v2/assets?tenant_id=t_other&env=dev", headers=headers)
    assert (status, answer["error"]["field"]) == (400, "tenant_id")
    status, answer = api.get(f"/media-v2/assets?tenant_id={TENANT}&env=prod", headers=headers)
    assert (status, answer["error"]["field"]) == (400, "env")


def test_who_is_no_member_is_refused_and_another_tenants_ids_are_unknown(api):
    asset = a_registry_asset()
    artifact = a_derivative(asset, "frame")
    stranger = Api("bob", "t_other")
    assert stranger.get(f"/media-v2/assets{QUERY}")[0] == 403
    other = "?tenant_id=t_other&env=dev"
    for path in (f"assets/{asset.pk}", f"artifacts/{artifact.pk}", f"assets/{asset.pk}/upload"):
        assert stranger.get(f"/media-v2/{path}{other}")[0] == 404
    assert stranger.get(f"/media-v2/assets{other}")[1]["count"] == 0
    bodies = {"artifacts": {"kind": "mask", "uri": stored()}, "frames": {"times_ms": [0]}, "complete": {}}
    for path, body in bodies.items():
        assert stranger.post(f"/media-v2/assets/{asset.pk}/{path}{other}", body)[0] == 404, path
    assert stranger.patch(f"/media-v2/assets/{asset.pk}{other}", {"tags": []})[0] == 404
    assert stranger.delete(f"/media-v2/assets/{asset.pk}{other}")[0] == 404
    assert Client().get(f"/media-v2/assets{QUERY}").status_code == 401


@pytest.mark.parametrize("name", ["output_path", "ffmpeg_opts", "lut_path"])
def test_a_path_or_a_tools_options_are_not_allowed(api, name):
    body = HERE | {"source_uri": "https://example.org/a.mp4", name: "/tmp/x"}
    status, answer = api.post("/media-v2/assets", body)
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (422, "not_allowed", name)


def test_the_list_is_filtered_by_kind_tag_reference_and_session(api):
    session = a_session()
    camera = an_asset(session)
    tagged = a_registry_asset(tags=["talk", "wide"], kind="audio")
    named = a_registry_asset(source_ref="cam-7")
    a_registry_asset(tenant_id="t_other", tags=["talk"])

    def found(query: str) -> set[str]:
        status, answer = api.get(f"/media-v2/assets{QUERY}&{query}")
        assert (status, set(answer)) == (200, {"count", "next", "previous", "results"})
        assert answer["count"] == len(answer["results"])
        return {asset["id"] for asset in answer["results"]}

    assert found("") == {str(camera.pk), str(tagged.pk), str(named.pk)}
    assert found("tag=talk") == found("kind=audio") == {str(tagged.pk)}
    assert found("tag=tal") == set()
    assert found("source_ref=cam-7") == {str(named.pk)}
    assert found(f"session_id={session.pk}") == {str(camera.pk)}
    assert api.get(f"/media-v2/assets{QUERY}&kind=film")[0] == 400
    assert api.get(f"/media-v2/assets{QUERY}&session_id=x")[0] == 400
    assert len(api.get(f"/media-v2/assets{QUERY}&page_size=2")[1]["results"]) == 2


def test_an_asset_shows_its_artifacts_those_of_a_session_too(api):
    camera = an_asset(a_session(), duration_ms=2000, fps="30000/1001", tenant_id=TENANT)
    status, asset = api.get(f"/media-v2/assets/{camera.pk}{QUERY}")
    assert (status, asset["camera_label"], asset["session_id"]) == (200, "A", str(camera.session_id))
    assert (asset["fps"], asset["frame_rate"]) == (29.97003, "30000/1001")
    assert [row["kind"] for row in asset["artifacts"]] == ["audio-wav"]
    assert asset["artifacts"][0]["parent_asset_id"] == str(camera.pk)


def test_a_change_sets_what_it_names_and_nothing_else(api):
    asset = a_registry_asset(source_ref="old", meta={"a": 1})
    status, changed = api.patch(f"/media-v2/assets/{asset.pk}{QUERY}", {"tags": ["x", "x", "y"], "meta": {"b": 2}})
    assert (status, changed["tags"], changed["meta"]) == (200, ["x", "y"], {"b": 2})
    assert changed["source_ref"] == "old"
    status, answer = api.patch(f"/media-v2/assets/{asset.pk}{QUERY}", {"tags": [str(n) for n in range(51)]})
    assert (status, answer["error"]["field"]) == (400, "tags")


def test_a_removed_asset_goes_with_its_files_and_its_work(api):
    _, asset = send(api)
    key = MediaAsset.objects.get().original_key
    assert api.delete(f"/media-v2/assets/{asset['id']}{QUERY}") == (204, None)
    assert api.get(f"/media-v2/assets/{asset['id']}{QUERY}")[0] == 404
    assert PendingDeletion.objects.filter(key=key).exists()
    assert MediaJob.objects.get(pk=asset["job_id"]).status == "CANCELLED"


def test_a_large_file_is_sent_to_links_and_completed_as_in_a_session(api):
    body = HERE | {
        "filename": "long.mov",
        "content_type": "video/quicktime",
        "size_bytes": 4,
        "source_ref": "r",
        "tags": ["t"],
    }
    status, offer = api.post("/media-v2/assets/init-upload", body)
    assert (status, offer["parts"], offer["received_bytes"]) == (201, [], 0)
    path = f"/media-v2/assets/{offer['asset_id']}"
    again = api.post("/media-v2/assets/init-upload", body | {"asset_id": offer["asset_id"]})[1]
    assert again["upload_id"] == offer["upload_id"]
    assert api.post(f"{path}/complete", HERE)[1]["error"]["code"] == "upload_incomplete"
    assert api.put_file(offer["upload_url"], b"film", "video/quicktime") == 200
    assert api.get(f"{path}/upload{QUERY}")[1]["received_bytes"] == 4
    status, asset = api.post(f"{path}/complete", HERE)
    assert (status, asset["status"], asset["source_ref"], asset["tags"]) == (200, "ingesting", "r", ["t"])
    assert MediaJob.objects.get(pk=asset["job_id"]).type == "ingest_asset_v1"
    assert api.post(f"{path}/complete", HERE)[1]["job_id"] == asset["job_id"]
    assert api.get(f"{path}/upload{QUERY}")[0] == 404


def test_an_upload_that_was_ended_leaves_nothing(api):
    _, offer = api.post("/media-v2/assets/init-upload", HERE | {"filename": "long.mov", "size_bytes": 4})
    assert api.delete(f"/media-v2/assets/{offer['asset_id']}/upload{QUERY}")[0] == 204
    assert not MediaAsset.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"filename": "a.exe"}, "filename"), ({"size_bytes": -1}, "size_bytes"), ({"content_type": "text/html"}, "content_type"),
     ({"asset_id": str(uuid.uuid4())}, "asset_id")],
)  # fmt: skip
def test_an_upload_that_is_refused_names_its_field(api, change, field):
    status, answer = api.post("/media-v2/assets/init-upload", HERE | {"filename": "a.mov", "size_bytes": 4} | change)
    assert status == (404 if field == "asset_id" else 400)
    assert answer["error"]["field"] == field


def test_a_camera_keeps_the_way_of_its_session(api):
    camera = an_asset(a_session())
    body = HERE | {"filename": "a.mov", "size_bytes": 4, "asset_id": str(camera.pk)}
    status, answer = api.post("/media-v2/assets/init-upload", body)
    assert (status, answer["error"]["code"]) == (409, "wrong_status")
    assert f"/v2/sessions/{camera.session_id}" in answer["error"]["message"]


# --- artifacts ------------------------------------------------------------------------------------------------------


def register(api: Api, asset: MediaAsset, **body) -> tuple[int, dict]:
    return api.post(f"/media-v2/assets/{asset.pk}/artifacts{QUERY}", {"kind": "mask", "uri": stored()} | body)


def test_an_artifact_has_its_parent_what_it_was_made_from_and_what_was_made_of_it(api):
    asset, music = a_registry_asset(duration_ms=2000), a_registry_asset(checksum="abc")
    sources = [{"asset_id": str(music.pk), "role": "music"}]
    status, made = register(
        api, asset, start_ms=100, end_ms=200.5, track_label="V1", meta={"by": "hand"}, sources=sources
    )
    assert status == 201, made
    assert (made["start_ms"], made["end_ms"], made["track_label"], made["meta"]) == (100, 200.5, "V1", {"by": "hand"})
    assert (made["parent_asset_id"], made["parent"]["id"]) == (str(asset.pk), str(asset.pk))
    assert made["uri"] == stored()
    original, named = made["sources"]
    assert (original["role"], original["asset_id"], original["present"]) == ("original", str(asset.pk), True)
    assert (named["role"], named["asset_id"], named["checksum"]) == ("music", str(music.pk), "abc")

    _, render = register(api, music, kind="render", uri=stored("r.mp4"), sources=[{"artifact_id": made["id"]}])
    assert api.get(f"/media-v2/artifacts/{made['id']}{QUERY}")[1]["used_in"][0]["id"] == render["id"]
    assert [row["id"] for row in api.get(f"/media-v2/assets/{music.pk}{QUERY}")[1]["used_in"]] == [made["id"]]

    api.delete(f"/media-v2/assets/{music.pk}{QUERY}")
    named = api.get(f"/media-v2/artifacts/{made['id']}{QUERY}")[1]["sources"][1]
    assert (named["asset_id"], named["present"], named["checksum"]) == (None, False, "abc")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "film"}, 400, "kind"), ({"kind": "proxy"}, 400, "kind"), ({"kind": "audio_master"}, 400, "kind"),
        ({"uri": "/etc/passwd"}, 422, "uri"), ({"uri": "file:///etc/passwd"}, 422, "uri"), ({"uri": "../x"}, 422, "uri"),
        ({"uri": "https://example.org/a.png"}, 400, "uri"), ({"uri": "s3://somebody/a.png"}, 400, "uri"),
        ({"uri": "studio://"}, 400, "uri"), ({"uri": f"studio://tenants/{TENANT}/dev/nothing.png"}, 400, "uri"),
        ({"uri": f"studio://tenants/{TENANT}/dev/../../t_other/dev/mask.png"}, 400, "uri"),
        ({"start_ms": -1}, 400, "start_ms"), ({"start_ms": 5, "end_ms": 4}, 400, "end_ms"), ({"end_ms": 4}, 400, "start_ms"),
        ({"start_ms": 0, "end_ms": 2002}, 400, "end_ms"), ({"start_ms": "nan"}, 400, "start_ms"), ({"start_ms": 2002}, 400, "start_ms"),
        ({"meta": []}, 400, "meta"), ({"meta": {"cache_key": 5}}, 400, "meta.cache_key"), ({"track_label": "x" * 65}, 400, "track_label"),
        ({"sources": [{}]}, 400, "sources.0"), ({"sources": [{"asset_id": str(uuid.uuid4())}]}, 404, "asset_id"),
        ({"sources": [{"artifact_id": str(uuid.uuid4())}]}, 404, "artifact_id"),
    ],
)  # fmt: skip
def test_an_artifact_that_cannot_be_is_refused_with_its_field(api, body, status, field):
    answered, answer = register(api, a_registry_asset(duration_ms=2000), **body)
    assert (answered, answer["error"]["field"]) == (status, field), answer
    assert not DerivedMedia.objects.exists()


def test_a_file_of_another_tenant_is_nobodys_artifact_here(api):
    foreign = stored(tenant="t_other")
    status, answer = register(api, a_registry_asset(), uri=foreign)
    assert (status, answer["error"]["field"]) == (400, "uri")
    assert f"tenants/{TENANT}/dev/" in answer["error"]["message"]


def test_one_file_is_one_artifact_and_an_original_is_none(api):
    asset = a_registry_asset()
    assert register(api, asset)[0] == 201
    status, answer = register(api, asset)
    assert (status, answer["error"]["code"]) == (409, "already_registered")
    storage.store().put_bytes(asset.original_key, b"film", content_type="video/mp4")
    assert register(api, asset, uri=f"studio://{asset.original_key}")[0] == 409


@pytest.mark.parametrize("missing", list(ENGINE))
def test_an_engines_artifact_says_what_made_it(api, missing):
    meta = {name: value for name, value in ENGINE.items() if name != missing}
    status, answer = register(api, a_registry_asset(), kind="asr_transcript", meta=meta)
    assert (status, answer["error"]["field"]) == (400, f"meta.{missing}")
    assert register(api, a_registry_asset(), kind="asr_transcript", meta=ENGINE)[0] == 201


def test_the_mask_of_a_region_lies_where_it_is_trusted_and_brings_its_id(api):
    asset, mask_id = a_registry_asset(), uuid.uuid4()
    folder = f"media_v2/{asset.pk}/regions"
    bad = [f"media_v2/{uuid.uuid4()}/regions/{mask_id}.png", f"{folder}/face.png", f"{folder}/deeper/{mask_id}.png"]
    for name in bad:
        status, answer = register(api, asset, uri=stored(name), meta=ENGINE)
        assert (status, answer["error"]["field"]) == (400, "uri"), name
    assert register(api, asset, uri=stored("elsewhere.png"), meta=ENGINE | {"region_type": "face"})[0] == 400
    good = stored(f"{folder}/{mask_id}.png")
    assert register(api, asset, uri=good)[1]["error"]["field"] == "meta.backend_version"
    status, made = register(api, asset, uri=good, meta=ENGINE)
    assert (status, made["id"]) == (201, str(mask_id))


def test_the_answer_of_every_list_and_record_is_plain_json(api):
    asset = a_registry_asset(meta={"a": [1, {"b": None}]})
    assert json.dumps(api.get(f"/media-v2/assets/{asset.pk}{QUERY}")[1]["meta"]) == '{"a": [1, {"b": null}]}'
    assert a_token(api.user)


@pytest.mark.parametrize(("data", "status"), [(png(640, 360), "ready"), (b"no picture", "failed")])
def test_a_picture_is_kept_as_it_is(api, settings, monkeypatch, data, status):
    monkeypatch.setattr("media_app.jobs.heartbeat.Heartbeat.start", lambda heartbeat: None)
    _, asset = send(api, data, name="logo.png", kind="image")
    with jobs.claim("tester") as run:
        run.execute()
    _, asset = api.get(f"/media-v2/assets/{asset['id']}{QUERY}")
    assert (asset["status"], asset["artifacts"]) == (status, [])
    assert bool(asset["status_message"]) == (status == "failed")
    if status == "ready":
        assert (asset["kind"], asset["width"], asset["height"], asset["has_audio"]) == ("image", 640, 360, False)
        assert asset["checksum"] == hashlib.sha256(data).hexdigest()
        refused = api.post(f"/media-v2/assets/{asset['id']}/frames{QUERY}", {"times_ms": [0]})
        assert (refused[0], refused[1]["error"]["code"]) == (422, "no_picture")
