"""Exports over HTTP: what is refused before a file is opened, by its place in the request, and who may ask for what."""

import pytest

from media_app import storage
from media_app.models import MediaJob
from media_app.services import quota
from render_app.core.export.schema import export_schema
from render_app.models import Export
from tests.apps.render_app.test_renders_api import FOUND
from tests.support.factories import Api, a_registry_asset, a_result, a_session, an_asset

FACTS = {"duration_ms": 10_000, "fps": "25/1", "width": 1920, "height": 1080, "checksum": "a" * 64, "media_info": FOUND}


@pytest.fixture
def api(db):
    return Api()


@pytest.fixture
def session(api):
    """Camera B began 2 s after A; D recorded sound alone."""
    session = a_session(status="ready")
    for label in "ABD":
        film = {} if label != "D" else {"kind": "audio", "media_info": FOUND | {"video": None}}
        an_asset(session, label, audio_channels=2, **FACTS | film)
    a_result(session, {"A": 0.0, "B": 2000.0, "D": 0.0}, operator_status="approved", decided_by="Maya")
    return session


def wish(session, *points, **more) -> dict:
    said = [{"atMs": at, "angle": angle} for at, angle in points]
    return {"sessionId": str(session.pk), "switchPoints": said, "outputs": [{"name": "main"}]} | more


def post(api, body, status=202, path="/api/export", **more) -> dict:
    found, answer = api.post(path, body, **more)
    assert found == status, answer
    return answer


def test_an_export_waits_in_the_queue_and_is_listed_with_its_status(api, session):
    started = post(api, wish(session, (0, "A"), (2500, "B")))
    assert (started["status"], started["webhookSecret"]) == ("queued", None)
    _, answer = api.get(started["statusUrl"])
    assert (answer["jobId"], answer["status"], answer["percent"], answer["outputs"]) == (
        started["jobId"],
        "queued",
        0,
        [],
    )
    assert MediaJob.objects.get(pk=started["jobId"]).session == session
    assert api.get("/api/export?status=queued")[1]["count"] == 1
    assert api.get(f"/api/export?sessionId={session.pk}&status=completed")[1]["count"] == 0
    assert api.get(f"/api/export/{started['jobId']}/download")[0] == 409


def test_a_dry_run_says_what_will_come_out_and_begins_nothing(api, session):
    plan = post(api, wish(session, (0, "A"), (2500, "B"), range={"endMs": 4000}), 200, "/api/export/dry-run")
    [film] = plan["films"]
    assert (film["expected"]["frames"], film["expected"]["width"], film["expected"]["fps"]) == (100, 1920, "25/1")
    assert {one["angle"]: one["offsetMs"] for one in plan["meta"]["sync"]} == {"A": 0, "B": 2000, "D": 0}
    assert not Export.objects.exists()


def test_an_export_that_will_not_fit_is_refused_by_what_its_like_weighed(api, session, settings):
    settings.TENANT_MAX_BYTES = 10**6
    stored = quota.usage(session.context).stored
    film = wish(session, (0, "A"), (2500, "B"), range={"endMs": 4000})
    job = MediaJob.objects.get(pk=post(api, film)["jobId"])
    # Nothing was measured yet, so nothing is said of its size. A tenth of a bit for a pixel at CRF 23,
    # in 100 frames of 1080p at CRF 20, are 3.7 MB.
    past = {"codecs": ["libx264"], "cost": 1e8, "seconds": 3, "films": [{"codec": "libx264", "bits": 0.1}]}
    MediaJob.objects.filter(pk=job.pk).update(status="COMPLETED", result_json={"measured": past})

    refused = post(api, film, 413)["error"]

    assert (refused["code"], refused["details"]["used"]) == ("quota_exceeded", stored)
    assert 3_600_000 < refused["details"]["asked"] < 3_800_000
    assert "will take about 3.8 MB" in refused["message"]
    assert "of its 1.0 MB" in refused["message"]
    settings.TENANT_MAX_BYTES = stored + refused["details"]["asked"]
    post(api, film)


def test_the_sound_left_unsaid_is_the_masters(api, session):
    plan = post(api, wish(session, (2000, "B"), range={"endMs": 4000}), 200, "/api/export/dry-run")
    [sound] = [command for command in plan["commands"] if "-vn" in command]
    assert sound[sound.index("-i") + 1] == "file:{input:1}"
    assert plan["inputs"][1]["name"] == "camera-A.mp4"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"switchPoints": [{"atMs": 0, "angle": "Z"}]}, "switchPoints[0].angle", "unknown_angle"),
        ({"switchPoints": [{"atMs": 0, "angle": "D"}]}, "switchPoints[0].angle", "unknown_angle"),
        (
            {"switchPoints": [{"atMs": 0, "angle": "A"}, {"atMs": 1000, "angle": "B"}]},
            "switchPoints[1]",
            "no_media_there",
        ),
        ({"range": {"startMs": -5, "endMs": 900}}, "switchPoints[0].atMs", "no_angle_at_start"),
        ({"range": {"endMs": 11_000}}, "switchPoints[0]", "no_media_there"),
        ({"range": {"endMs": 0}}, "range", "export_refused"),
        ({"audio": {"source": "Z"}}, "audio.source", "unknown_angle"),
        ({"audio": {"preset": "loud"}}, "audio.preset", "export_refused"),
        ({"outputs": [{"name": "main", "fps": 500}]}, "outputs[0].fps", "export_refused"),
        ({"outputs": [{"name": "main", "output_path": "/tmp/x"}]}, "outputs[0].output_path", "export_refused"),
        ({"outputs": [{"name": "s", "audioOnly": True}], "thumbnail": {"atMs": 1}}, "thumbnail", "export_refused"),
        ({"thumbnail": {"atMs": 10_001}}, "thumbnail.atMs", "export_refused"),
        ({"watermark": {"assetId": "x"}}, "watermark.assetId", "export_refused"),
        ({"watermark": {"corner": "middle"}}, "watermark.corner", "export_refused"),
    ],
)
def test_a_request_that_cannot_be_made_is_refused_by_its_place(api, session, change, field, code):
    error = post(api, wish(session, (0, "A"), range={"endMs": 10_000}) | change, 422)["error"]
    assert (error["field"], error["code"]) == (field, code)
    assert not MediaJob.objects.filter(type="export_v1").exists()


def test_a_transition_that_the_media_cannot_give_is_refused_under_its_point(api, session):
    points = [
        {"atMs": 0, "angle": "A"},
        {"atMs": 2000, "angle": "B", "transition": {"type": "crossfade", "durationMs": 1}},
    ]
    error = post(api, wish(session) | {"switchPoints": points}, 422)["error"]
    assert error["field"] == "switchPoints[1].transition"


def test_what_is_short_of_media_is_a_warning_and_not_a_refusal(api, session):
    points = [
        {"atMs": 0, "angle": "A"},
        {"atMs": 2000, "angle": "B", "transition": {"type": "crossfade", "durationMs": 800}},
    ]
    body = wish(session) | {"switchPoints": points, "audio": {"source": "B"}, "range": {"endMs": 6000}}
    warnings = post(api, body, 200, "/api/export/dry-run")["meta"]["warnings"]
    assert [one.split(":")[0] for one in warnings] == ["audio.source", "switchPoints[1].transition"]


def test_a_session_that_nobody_approved_and_ids_of_others_are_refused(api, session):
    waiting = a_session(status="needs-review")
    assert post(api, wish(waiting, (0, "A")), 409)["error"]["code"] == "not_decided"
    foreign = a_session(status="ready", tenant_id="t_other")
    asset = a_registry_asset(tenant_id="t_other", **FACTS)
    assert post(api, wish(foreign, (0, "A")), 404)
    angles = {"angles": {"A": {"assetId": str(asset.pk)}}, "switchPoints": [{"atMs": 0, "angle": "A"}]}
    assert post(api, angles | {"outputs": [{"name": "a"}]}, 404)["error"]["field"] == "angles.A.assetId"
    started = post(api, wish(session, (0, "A")))
    bob = Api("bob", "t_other")
    for path in ("status", "download"):
        assert bob.get(f"/api/export/{started['jobId']}/{path}")[0] == 404
    assert bob.delete(f"/api/export/{started['jobId']}")[0] == 404


def test_an_asset_that_is_not_ready_or_no_film_is_refused_by_its_angle(api):
    asset = a_registry_asset("ingesting", **FACTS | {"media_info": {}})
    body = {"angles": {"A": {"assetId": str(asset.pk)}}, "switchPoints": [{"atMs": 0, "angle": "A"}]}
    assert post(api, body | {"outputs": [{"name": "a"}]}, 422)["error"]["field"] == "angles.A.assetId"


def test_one_tenant_has_only_so_many_exports_and_renders_at_once(api, session, settings):
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 1
    post(api, wish(session, (0, "A")))
    answer = api.client.post("/api/export", wish(session, (10, "A")), content_type="application/json")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)


def test_going_first_needs_the_tenants_permission(api, session, settings):
    body = wish(session, (0, "A"), priority=3)
    assert post(api, body, 403)["error"]["field"] == "priority"
    settings.EXPORT_PRIORITY_TENANTS = [session.tenant_id]
    assert MediaJob.objects.get(pk=post(api, body)["jobId"]).priority == 3


def test_a_webhook_is_checked_before_anything_is_made(api, session):
    error = post(api, wish(session, (0, "A"), webhookUrl="http://127.0.0.1/"), 400)["error"]
    assert error["code"] == "address_refused"
    assert not Export.objects.exists()


def test_a_waiting_export_is_canceled_and_then_taken_away(api, session):
    started = post(api, wish(session, (0, "A")))
    one = f"/api/export/{started['jobId']}"
    assert api.delete(one)[0] == 204
    _, answer = api.get(f"{one}/status")
    assert (answer["status"], answer["error"]["code"]) == ("cancelled", "cancelled")
    assert api.delete(one)[0] == 204
    assert api.get(f"{one}/status")[0] == 404


def test_an_export_goes_with_its_session(api, session):
    started = post(api, wish(session, (0, "A")))
    session.delete()
    assert api.get(started["statusUrl"])[0] == 404


def test_the_schema_is_published_as_it_is_checked(api):
    assert api.get("/api/export/schema")[1] == export_schema()


def test_downloads_lead_through_the_cdn_where_there_is_one(api, session, settings):
    settings.MEDIA_CDN_URL = "https://cdn.example.org"
    started = post(api, wish(session, (0, "A")))
    file = {"key": "tenants/t_club/dev/exports/x/1/main.mp4", "name": "main", "still": False}
    Export.objects.update(outcome="completed", files_json=[file])
    answer = api.client.get(f"/api/export/{started['jobId']}/download")
    assert answer["Location"].startswith("https://cdn.example.org/store/tenants/t_club/dev/exports/x/1/main.mp4?grant=")
    assert api.get(f"/api/export/{started['jobId']}/download?output=other")[0] == 404


def test_a_download_that_broke_off_goes_on_where_it_was_through_a_new_link(api, session):
    started = post(api, wish(session, (0, "A")))
    whole, key = bytes(range(256)) * 40, f"tenants/{session.tenant_id}/dev/exports/{started['jobId']}/1/main.mp4"
    storage.store().put_bytes(key, whole, content_type="video/mp4")
    file = {"key": key, "name": "main", "size_bytes": len(whole), "content_type": "video/mp4"}
    Export.objects.update(outcome="completed", files_json=[file])

    def fetched(**headers):
        answer = api.client.get(f"/api/export/{started['jobId']}/download?output=main")
        sent = api.client.get(answer["Location"], headers=headers)
        return sent, b"".join(sent.streaming_content)

    first, _ = fetched()
    rest, bytes_ = fetched(Range="bytes=4000-", **{"If-Range": first["ETag"]})
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 4000-{len(whole) - 1}/{len(whole)}")
    assert bytes_ == whole[4000:]
    assert fetched(Range="bytes=4000-", **{"If-Range": '"another"'})[1] == whole
    assert "attachment" in first["Content-Disposition"]
