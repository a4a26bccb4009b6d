"""An export from its switch points to its files: every frame the one that the points say, one sound for all outputs, nothing twice.

The judge is `tests/support/film_truth.py`, which shares nothing with the planner; the longer proof is `make prove-export`.
"""

import hashlib
import json
import subprocess
import time
from datetime import timedelta
from fractions import Fraction
from functools import cache

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from media_app import jobs, storage
from media_app.jobs import recovery
from media_app.models import MediaAsset, MediaJob, PendingDeletion, Webhook
from media_app.services import chores, ingest_queue
from render_app.models import Export
from render_app.services import exports
from sessions_app.models import RecordingSession
from tests.support import film_truth as truth
from tests.support import media
from tests.support.factories import Api, a_registry_asset, a_result, a_session, an_asset
from tests.support.film_truth import Cut, Footage
from tests.support.shoots import picture
from tests.support.working import work_off

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = (160, 90)
#: Camera → its rate; when it began and how its clock runs, on the master's.
RATES = {"A": "25", "B": "30000/1001", "C": "60000/1001"}
OFFSETS = {"A": 0.0, "B": -731.4, "C": 412.7}
DRIFTS = {"A": None, "B": 40.0, "C": -25.0}
SMALL = {"name": "small", "width": 160, "height": 90, "crf": 18}


@cache
def clip(label: str):
    return media.slate(f"{label}.mp4", seconds=6, rate=RATES[label], size=SIZE, flash_phase=0.1 * ord(label))


@cache
def footage(label: str) -> Footage:
    path, rate = clip(label), Fraction(RATES[label])
    times = media.frame_times(path)
    starts = tuple(round(Fraction(repr(time)) * rate) for time in times)
    begin = media.first_sample_time(path)
    clicks = tuple(Fraction(round((begin + one) * 10**6), 1000) for one in media.click_times(*media.decode_sound(path)))
    return Footage(rate, starts, tuple(code or 0 for code in media.frame_codes(path)), clicks)


@pytest.fixture
def api(settings):
    settings.MEZZANINE = "off"
    return Api()


@pytest.fixture
def shoot(api) -> RecordingSession:
    """Three cameras of three rates, with an approved sync."""
    session = a_session()
    for label in RATES:
        size = clip(label).stat().st_size
        ingested(an_asset(session, label, status="ingesting", size_bytes=size), clip(label))
    RecordingSession.objects.filter(pk=session.pk).update(status="ready")
    a_result(session, OFFSETS, drift_ppm=DRIFTS, operator_status="approved", decided_by="Maya")
    MediaJob.objects.all().delete()
    session.refresh_from_db()
    return session


def ingested(asset: MediaAsset, path) -> MediaAsset:
    """The asset with its file, looked at; its proxy is of no use here."""
    storage.store().put_bytes(asset.original_key, path.read_bytes(), content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    work_off("ingest_sound_v1")
    asset.refresh_from_db()
    return asset


def wish(session, *points, outputs=(SMALL,), **more) -> dict:
    said = [{"atMs": at, "angle": angle} for at, angle in points]
    return {"sessionId": str(session.pk), "switchPoints": said, "outputs": list(outputs)} | more


def asked(api, body, status=202, **more) -> dict:
    found, answer = api.post("/api/export", body, **more)
    assert found == status, answer
    return answer


def made(api, body) -> dict:
    """A finished export's status."""
    started = asked(api, body)
    work_off()
    _, answer = api.get(started["statusUrl"])
    assert (answer["status"], answer["error"]) == ("completed", None), answer
    return answer


def local(api, answer, name: str, folder):
    """One of the files, downloaded as a client does it."""
    sent = api.client.get(f"/api/export/{answer['jobId']}/download?output={name}")
    assert sent.status_code == 302
    bytes_ = b"".join(api.client.get(sent["Location"]).streaming_content)
    [facts] = [one for one in answer["outputs"] if one["name"] == name]
    assert (len(bytes_), hashlib.sha256(bytes_).hexdigest()) == (facts["sizeBytes"], facts["checksum"])
    path = folder / f"{name}.{facts['contentType'].rpartition('/')[2]}"
    path.write_bytes(bytes_)
    return path


def expected_codes(points, end_ms, rate: Fraction) -> list[int | None]:
    """What a film must show, by the published rule alone."""
    cuts, start = [], Fraction(str(points[0][0]))
    ends = [*(Fraction(str(at)) for at, _ in points[1:]), Fraction(str(end_ms))]
    for (at, label), end in zip(points, ends, strict=True):
        begin, pace = Fraction(str(at)), 1 + Fraction(str(DRIFTS[label] or 0)) / 1_000_000
        offset = Fraction(str(OFFSETS[label]))
        cuts.append(Cut(footage(label), (begin - offset) / pace, (end - offset) / pace, begin - start, 1 / pace))
    return truth.codes([cuts], rate)


def sound_of(path) -> str:
    argv = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "md5", "-"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


POINTS = [(500, "A"), (1233.3, "B"), (1900, "C"), (2417, "A"), (2423, "B"), (3100.1, "C"), (4000, "A")]


def test_every_frame_of_every_output_is_the_one_that_the_points_say(api, shoot, tmp_path):
    outputs = [
        SMALL | {"name": "main", "fps": 25},
        SMALL | {"name": "fast", "fps": "60000/1001", "height": 48, "width": 86},
        {"name": "sound", "audioOnly": True},
    ]
    answer = made(api, wish(shoot, *POINTS, outputs=outputs, range={"endMs": 4700}, thumbnail={"atMs": 2000}))

    for output, rate in zip(outputs[:2], (Fraction(25), Fraction(60000, 1001)), strict=True):
        film = local(api, answer, output["name"], tmp_path)
        assert media.frame_codes(film) == expected_codes(POINTS, 4700, rate)
        [facts] = [one for one in answer["outputs"] if one["name"] == output["name"]]
        assert (facts["width"], facts["height"]) == (output["width"], output["height"])
        assert Fraction(facts["fps"]) == rate
    heard = {sound_of(local(api, answer, name, tmp_path)) for name in ("main", "fast", "sound")}
    assert len(heard) == 1
    still = tmp_path / "still.jpg"
    still.write_bytes(b"".join(api.client.get(answer["thumbnailUrl"]).streaming_content))
    assert media.frame_codes(still) == [expected_codes(POINTS, 4700, Fraction(25))[round(1500 * 25 / 1000 + 0.01)]]


FORMATS = {
    "hevc": ({"codec": "hevc"}, "hevc", "aac"),
    "prores": ({"format": "mov"}, "prores", "pcm_s24le"),
    "dnxhr": ({"codec": "dnxhr", "width": 256, "height": 144}, "dnxhd", "pcm_s24le"),
    "webm": ({"format": "webm"}, "vp9", "opus"),
}


def test_an_export_is_estimated_by_what_exports_really_took_and_not_before_one_was_made(api, gops):
    body = smart_wish(gops, outputs=[{"name": "all", "codec": "prores"}, {"name": "cut", "mode": "smart"}])
    sound = {"name": "wav", "format": "wav", "audioOnly": True}
    first = api.post("/api/export/dry-run", body)[1]["meta"]["estimate"]
    assert (first["seconds"], first["bytes"], first["basedOn"]) == (None, None, 0)
    assert 125 <= first["neededFrames"] <= first["decodedFrames"]
    assert [one["bytes"] for one in first["outputs"]] == [None, None]

    began = time.monotonic()
    answer = made(api, body)
    took = time.monotonic() - began

    job = MediaJob.objects.get(type="export_v1")
    [plan, longer] = [
        api.post("/api/export/dry-run", one)[1] for one in (body, body | {"outputs": [*body["outputs"], sound]})
    ]
    again, sizes = plan["meta"]["estimate"], {one["name"]: one["sizeBytes"] for one in answer["outputs"]}
    assert again["basedOn"] == 1
    assert again["seconds"] == pytest.approx(job.result_json["measured"]["seconds"], abs=0.11)
    assert 0 < again["seconds"] <= took + 0.1
    assert again["outputs"][0]["bytes"] == pytest.approx(sizes["all"], abs=2)
    assert again["bytes"] == sum(one["bytes"] for one in again["outputs"])
    assert [one["copiedShare"] for one in again["outputs"]] == [None, plan["films"][1]["share"]]
    assert longer["meta"]["estimate"]["outputs"][2]["bytes"] == 5 * 48_000 * 2 * 3

    hevc = [{"name": "all", "codec": "hevc"}]
    other = api.post("/api/export/dry-run", body | {"outputs": hevc})[1]["meta"]["estimate"]
    assert other["seconds"] > 0
    assert other["bytes"] is None


def test_every_format_holds_the_same_frames_and_the_mastered_sound(api, shoot, tmp_path):
    points = [(500, "A"), (900, "B"), (1400, "C")]
    outputs = [{"name": name, "width": 160, "height": 90, "fps": 25} | what for name, (what, *_) in FORMATS.items()]
    outputs += [{"name": "wav", "audioOnly": True, "format": "wav"}]
    audio = {"source": "mix", "preset": "normalise_v1"}
    answer = made(api, wish(shoot, *points, outputs=outputs, range={"endMs": 2500}, audio=audio))

    for name, (_, seen, heard) in FORMATS.items():
        film = local(api, answer, name, tmp_path)
        streams = {one["codec_type"]: one for one in media.probe(film)["streams"]}
        assert (streams["video"]["codec_name"], streams["audio"]["codec_name"]) == (seen, heard)
        assert media.frame_codes(film) == expected_codes(points, 2500, Fraction(25)), name
    samples, _ = media.decode_sound(local(api, answer, "wav", tmp_path))
    assert len(samples) == 96_000
    assert sound_of(tmp_path / "wav.wav") == sound_of(tmp_path / "prores.quicktime")
    # Short clicks in silence are far below the wanted loudness: what mastering can do here is make them louder.
    assert abs(samples).max() > 0.5


def test_a_story_fills_its_upright_frame_and_the_film_beside_it_keeps_bars(api, shoot, tmp_path):
    sizes = [SMALL | {"name": "story", "width": 90, "height": 160, "crop": True}]
    sizes += [SMALL | {"name": "bars", "width": 90, "height": 160}]
    answer = made(api, wish(shoot, (500, "A"), outputs=sizes, range={"endMs": 700}))
    story, bars = (next(media.decode_pictures(local(api, answer, name, tmp_path))) for name in ("story", "bars"))
    assert story[:8].mean() > 40
    assert bars[:8].mean() < 20


def test_follow_hears_the_angle_that_is_seen_and_a_label_hears_one_throughout(api, shoot, tmp_path):
    points = [(500, "A"), (1500, "B"), (2500, "C")]
    found = {}
    for source in ("follow", "B"):
        outputs = [{"name": "wav", "audioOnly": True, "format": "wav"}]
        answer = made(api, wish(shoot, *points, outputs=outputs, range={"endMs": 3400}, audio={"source": source}))
        found[source] = media.click_times(media.decode_sound(local(api, answer, "wav", tmp_path))[0])
    # A click of each camera at 1, 2, 3 … s of its own clock, and at 0.25 s.
    pace = {label: 1 + (drift or 0) / 1e6 for label, drift in DRIFTS.items()}
    heard = {label: [(s * pace[label] + OFFSETS[label] / 1000) - 0.5 for s in (0.25, 1, 2, 3, 4, 5)] for label in RATES}
    assert found["B"] == pytest.approx([one for one in heard["B"] if 0 < one < 2.9], abs=0.0005)
    spans = {"A": (0, 1), "B": (1, 2), "C": (2, 2.9)}
    seen = sorted(one for label, (a, b) in spans.items() for one in heard[label] if a < one < b)
    assert found["follow"] == pytest.approx(seen, abs=0.0005)


def test_assets_with_clocks_of_their_own_are_cut_as_a_sessions_cameras_are(api, shoot, tmp_path):
    assets = {asset.camera_label: str(asset.pk) for asset in shoot.assets.all()}
    clocks = {"A": {}, "B": {"offsetMs": OFFSETS["B"], "driftPpm": DRIFTS["B"]}}
    angles = {f"Cam {label}": {"assetId": assets[label]} | clock for label, clock in clocks.items()}
    points = [(300, "A"), (801, "B")]
    said = [{"atMs": at, "angle": f"Cam {label}"} for at, label in points]
    answer = made(api, {"angles": angles, "switchPoints": said, "range": {"endMs": 1400}, "outputs": [SMALL]})
    film = local(api, answer, "small", tmp_path)
    assert media.frame_codes(film) == expected_codes(points, 1400, Fraction(25))


def test_a_project_is_exported_as_it_is_cut(api, shoot, tmp_path):
    here = {"headers": {"X-Tenant-Id": shoot.tenant_id, "X-Env": "dev"}}
    _, project = api.post("/video/projects", {"title": "Cut", "session_id": str(shoot.pk)}, **here)
    _, sequence = api.post(f"/video/projects/{project['id']}/sequences", {"timebase": 25}, **here)
    _, track = api.post(f"/video/sequences/{sequence['id']}/tracks", {"kind": "video"}, **here)
    camera = {
        "session_id": str(shoot.pk),
        "camera_label": "C",
        "in_ms": 1000,
        "out_ms": 1800,
        "start_ms_on_timeline": 0,
    }
    status, made_clip = api.post(f"/video/tracks/{track['id']}/clips", camera, **here)
    assert status == 201, made_clip
    answer = made(api, {"projectId": project["id"], "outputs": [SMALL]})
    film = local(api, answer, "small", tmp_path)
    assert media.frame_codes(film) == expected_codes([(1000, "C")], 1800, Fraction(25))
    assert answer["projectId"] == project["id"]


@pytest.fixture
def gops(api) -> dict[str, str]:
    """Two files of one camera model: 25 frames per second, a keyframe every 12."""
    found, session = {}, a_session()
    for label in "AB":
        path = media.slate(
            f"gop-{label}.mp4", seconds=6, size=SIZE, video=media.camera_codec(gop=12), flash_phase=0.1 * ord(label)
        )
        asset = an_asset(session, label, status="ingesting", size_bytes=path.stat().st_size)
        found[label] = str(ingested(asset, path).pk)
    MediaJob.objects.all().delete()
    return found


def smart_wish(gops, **more) -> dict:
    clocks = {"A": {}, "B": {"offsetMs": -713, "driftPpm": 40}}
    angles = {label: {"assetId": asset} | clocks[label] for label, asset in gops.items()}
    points = [{"atMs": 0, "angle": "A"}, {"atMs": 2010, "angle": "B"}, {"atMs": 3333, "angle": "A"}]
    outputs = [{"name": "cut", "mode": "smart"}, {"name": "all", "crf": 18}]
    return {"angles": angles, "switchPoints": points, "range": {"endMs": 5000}, "outputs": outputs} | more


def test_a_smart_output_copies_whole_gops_and_shows_what_an_encoded_one_shows(api, gops, tmp_path):
    _, plan = api.post("/api/export/dry-run", smart_wish(gops))
    film = plan["films"][0]
    assert film["share"] == sum(one["frames"] for one in film["copied"]) / 125 > 0.7
    answer = made(api, smart_wish(gops))
    assert answer["warnings"] == []
    films = {name: local(api, answer, name, tmp_path) for name in ("cut", "all")}
    assert media.frame_codes(films["cut"]) == media.frame_codes(films["all"])
    assert [round(time * 25, 3) for time in media.frame_times(films["cut"])] == list(range(125))
    assert sound_of(films["cut"]) == sound_of(films["all"])


def test_a_copy_that_is_not_as_its_original_is_encoded_after_all_and_said_so(api, gops, tmp_path, monkeypatch):
    monkeypatch.setattr("render_app.making.copied._messages", lambda *_: ["a decoder says: corrupt"])
    answer = made(api, smart_wish(gops))
    assert answer["warnings"] == ["cut: a decoder says: corrupt; all of it was encoded instead of copied."]
    films = {name: local(api, answer, name, tmp_path) for name in ("cut", "all")}
    assert media.frame_codes(films["cut"]) == media.frame_codes(films["all"])


def test_what_cannot_be_copied_is_refused_with_the_reason(api, shoot, gops):
    smart = [{"name": "cut", "mode": "smart"}]
    error = asked(api, wish(shoot, (500, "A"), outputs=smart, range={"endMs": 900}), 422)["error"]
    assert (error["code"], error["field"]) == ("cannot_copy", "outputs[0].mode")
    short = smart_wish(gops, outputs=smart, range={"endMs": 300}, switchPoints=[{"atMs": 50, "angle": "A"}])
    assert "no whole GOP" in asked(api, short, 422)["error"]["message"]


def test_a_script_exports_a_request_from_a_file_and_the_sessions_page_lists_it(api, shoot, tmp_path, capsys):
    request = tmp_path / "cut.json"
    request.write_text(json.dumps(wish(shoot, (500, "A"), (700, "C"), range={"endMs": 900})))
    here = ("--tenant", shoot.tenant_id, "--env", shoot.env)
    call_command("export", str(request), "--to", str(tmp_path / "out"), *here)
    assert media.frame_codes(tmp_path / "out" / "small.mp4") == expected_codes(
        [(500, "A"), (700, "C")], 900, Fraction(25)
    )
    assert capsys.readouterr().out.startswith(f"{tmp_path}/out/small.mp4  ")
    call_command("export", str(request), "--dry-run", *here)
    assert json.loads(capsys.readouterr().out)["films"][0]["expected"]["frames"] == 10
    for broken in ("{", json.dumps({"outputs": []})):
        request.write_text(broken)
        with pytest.raises(SystemExit):
            call_command("export", str(request), *here)

    browser = Client()
    browser.force_login(api.user)
    page = browser.get(f"/sessions/{shoot.pk}/").content.decode()
    link = f"/api/export/{Export.objects.get().pk}/download?output=small"
    assert link in page
    assert browser.get(link).status_code == 302


def test_a_script_exports_a_session_by_its_switch_points_or_by_a_request_without_its_session(
    api, shoot, tmp_path, capsys
):
    cuts, here = tmp_path / "cuts.json", ("--tenant", shoot.tenant_id, "--env", shoot.env)
    points = [{"atMs": 500, "angle": "A"}, {"atMs": 700, "angle": "C"}]
    body = {"switchPoints": points, "range": {"endMs": 900}, "outputs": [SMALL]}
    cuts.write_text(json.dumps(body))
    call_command("export", str(shoot.pk), "--cuts", str(cuts), "--to", str(tmp_path / "out"), *here)
    shown = expected_codes([(500, "A"), (700, "C")], 900, Fraction(25))
    assert media.frame_codes(tmp_path / "out" / "small.mp4") == shown
    capsys.readouterr()

    cuts.write_text(json.dumps(points))
    call_command("export", str(shoot.pk), "--cuts", str(cuts), "--dry-run", *here)
    [film] = json.loads(capsys.readouterr().out)["films"]
    assert (film["name"], film["expected"]["width"], film["expected"]["fps"]) == ("main", *SIZE[:1], "25/1")


def test_a_script_that_names_no_session_or_two_gets_a_sentence(api, shoot, tmp_path, capsys):
    cuts = tmp_path / "cuts.json"
    other = "0b5f9c2e-6a1d-4c3b-9e57-000000000001"
    for what, said, message in (
        ("monday", [], "monday is not the id of a session"),
        (str(shoot.pk), "A", "neither a list of switch points nor a request"),
        (str(shoot.pk), {"sessionId": other}, "names sessionId"),
        (str(shoot.pk), {"projectId": other}, "names projectId"),
        (other, [{"atMs": 0, "angle": "A"}], "session"),
        (str(shoot.pk), [], "switchPoints"),
    ):
        cuts.write_text(json.dumps(said))
        with pytest.raises(SystemExit):
            call_command("export", what, "--cuts", str(cuts), "--tenant", shoot.tenant_id, "--env", shoot.env)
        assert message in capsys.readouterr().err
    with pytest.raises(SystemExit):
        call_command("export", str(shoot.pk))
    assert "--cuts FILE" in capsys.readouterr().err
    assert not Export.objects.exists()


def test_words_of_a_project_are_drawn_in_the_size_of_each_output(api, shoot, tmp_path):
    here = {"headers": {"X-Tenant-Id": shoot.tenant_id, "X-Env": "dev"}}
    _, project = api.post("/video/projects", {"title": "Titles"}, **here)
    _, sequence = api.post(f"/video/projects/{project['id']}/sequences", {"timebase": 25}, **here)
    _, track = api.post(f"/video/sequences/{sequence['id']}/tracks", {"kind": "video"}, **here)
    words = {"text": {"text": "HI", "size": 600}, "in_ms": 0, "out_ms": 80, "start_ms_on_timeline": 0}
    status, made_clip = api.post(f"/video/tracks/{track['id']}/clips", words, **here)
    assert status == 201, made_clip
    sizes = {"small": (160, 90), "large": (320, 180)}
    outputs = [{"name": name, "width": width, "height": height} for name, (width, height) in sizes.items()]
    answer = made(api, {"projectId": project["id"], "outputs": outputs})
    for name, (width, height) in sizes.items():
        frame = next(media.decode_pictures(local(api, answer, name, tmp_path)))
        assert frame.shape == (height, width)
        assert 0.02 < (frame > 180).mean() < 0.5, name


def test_the_end_of_an_export_is_one_message_and_its_expiry_leaves_no_file(api, shoot, settings, monkeypatch):
    settings.OUTBOUND_NETWORKS, sent = ["192.0.2.0/24"], []
    monkeypatch.setattr("media_app.services.webhooks.outbound.check", lambda url: None)
    monkeypatch.setattr(
        "media_app.services.webhooks.outbound.post", lambda url, body, headers: sent.append(headers) or 200
    )
    body = wish(
        shoot, (500, "A"), range={"endMs": 700}, webhookUrl="https://hooks.example.org/done", expiresAfterDays=3
    )
    started = asked(api, body, headers={"Idempotency-Key": "night-1"})
    assert started["webhookSecret"].startswith("whsec_")
    again = asked(api, body, headers={"Idempotency-Key": "night-1"})
    assert again["jobId"] == started["jobId"]
    assert (
        asked(api, body | {"priority": -1}, 422, headers={"Idempotency-Key": "night-1"})["error"]["code"]
        == "idempotency_key_reused"
    )
    work_off()
    assert [headers["Studio-Event"] for headers in sent] == ["export.completed"]
    assert api.get("/v2/webhooks")[1]["results"] == []

    _, answer = api.get(started["statusUrl"])
    assert "webhookSecret" not in answer
    key = Export.objects.get().keys[0]
    assert storage.store().head(key)
    Export.objects.update(expires_at=answer["createdAt"])
    chores.tidy()
    assert storage.store().head(key) is None
    _, answer = api.get(started["statusUrl"])
    assert (answer["status"], answer["outputs"]) == ("expired", [])
    assert api.get(f"/api/export/{started['jobId']}/download")[0] == 410
    assert api.delete(f"/api/export/{started['jobId']}")[0] == 204
    assert api.get(started["statusUrl"])[0] == 404
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("line", ["making.export", "artifacts.deletion.store_files", "webhooks.announce"])
def test_a_worker_that_dies_at_any_line_leaves_one_set_of_files_and_one_message(api, shoot, monkeypatch, line):
    """What a kill leaves behind: a claim whose lease runs out, with the work before that line done."""

    class Killed(BaseException):
        pass

    def dies(*args, **more):
        real(*args, **more)
        raise Killed

    owner, _, name = line.rpartition(".")
    module = {"making": exports.making, "artifacts.deletion": exports.deletion, "webhooks": exports.webhooks}[owner]
    real = getattr(module, name)
    hook = Webhook.objects.create(**shoot.context.stamp(), url="https://example.org/", events=["export.completed"])
    started = asked(api, wish(shoot, (500, "A"), range={"endMs": 620}))
    monkeypatch.setattr(module, name, dies)
    run = jobs.claim("killed")
    with pytest.raises(Killed), run:
        run.execute()
    monkeypatch.setattr(module, name, real)
    MediaJob.objects.filter(pk=started["jobId"]).update(lease_until=timezone.now() - timedelta(hours=1))
    assert recovery.rescue()
    work_off("export_v1")

    _, answer = api.get(started["statusUrl"])
    assert (answer["status"], len(answer["outputs"])) == ("completed", 1)
    kept = {row.key for row in storage.store().list("tenants/t_club/dev/exports/")}
    pending = set(PendingDeletion.objects.values_list("key", flat=True))
    assert kept - pending == set(Export.objects.get().keys)
    assert MediaJob.objects.filter(type="webhook_v1", input_json__webhook_id=str(hook.pk)).count() == 1


def test_a_canceled_export_leaves_nothing(api, shoot, monkeypatch):
    started = asked(api, wish(shoot, (500, "A"), range={"endMs": 700}))
    real = exports.deletion.store_files

    def stored_then_canceled(run, files):
        real(run, files)
        assert api.delete(f"/api/export/{started['jobId']}")[0] == 204
        run.heartbeat.cancelled.set()
        run.check()

    monkeypatch.setattr("media_app.services.artifacts.deletion.store_files", stored_then_canceled)
    work_off()
    assert api.get(started["statusUrl"])[1]["status"] == "cancelled"
    assert PendingDeletion.objects.filter(key__contains=f"/exports/{started['jobId']}/").count() == 1
    chores.tidy()
    assert not list(storage.store().list(f"tenants/t_club/dev/exports/{started['jobId']}/"))


@pytest.fixture
def logo(api) -> str:
    """A white picture of the registry."""
    logo = a_registry_asset(original_filename="logo.png", kind="image", width=8, height=8)
    png = picture(255, 255, 255, 8, 8)
    storage.store().put_bytes(logo.original_key, png, content_type="image/png")
    facts = {"size_bytes": len(png), "checksum": hashlib.sha256(png).hexdigest(), "content_type": "image/png"}
    MediaAsset.objects.filter(pk=logo.pk).update(**facts, media_info={"container": "png", "width": 8, "height": 8})
    return str(logo.pk)


def is_marked(film) -> bool:
    """Whether the lower left corner of its last picture is white, where slates are dark."""
    last = list(media.decode_pictures(film))[-1]
    height, width = last.shape
    corner = last[round(0.87 * height) : round(0.94 * height), round(0.03 * width) : round(0.1 * width)]
    return corner.mean() > 180


def test_a_watermark_lies_in_its_corner_of_every_output(api, shoot, logo, tmp_path):
    mark = {"assetId": logo, "corner": "bottom-left", "width": 0.1, "opacity": 1}
    outputs = [SMALL, {"name": "dnxhr", "codec": "dnxhr", "width": 320, "height": 180}]
    answer = made(api, wish(shoot, (500, "A"), outputs=outputs, range={"endMs": 620}, watermark=mark))
    for name in ("small", "dnxhr"):
        film = local(api, answer, name, tmp_path)
        assert is_marked(film)
        last = list(media.decode_pictures(film))[-1]
        assert last[round(0.87 * last.shape[0]) :, last.shape[1] // 2 :].mean() < 180


def test_the_schemas_first_example_is_taken_and_names_the_output_that_its_watermark_is_not_in(api, logo):
    session = a_session()
    for label in "AB":
        path = media.slate(f"minute-{label}.mp4", seconds=61, size=SIZE, video=media.camera_codec(gop=25))
        ingested(an_asset(session, label, status="ingesting", size_bytes=path.stat().st_size), path)
    RecordingSession.objects.filter(pk=session.pk).update(status="ready")
    a_result(session, {"A": 0.0, "B": 0.0}, operator_status="approved", decided_by="Maya")
    MediaJob.objects.all().delete()
    example = api.get("/api/export/schema")[1]["examples"][0]
    body = example | {"sessionId": str(session.pk), "watermark": example["watermark"] | {"assetId": logo}}

    _, plan = api.post("/api/export/dry-run", body)
    started = asked(api, body)

    said = ["watermark: not in cut, a smart output, which copies the originals' frames."]
    assert [(one["name"], one["expected"]["frames"]) for one in plan["films"]] == [
        ("main", 60 * 30),
        ("small", 60 * 25),
        ("cut", 60 * 25),
    ]
    assert plan["films"][2]["share"] > 0.9
    assert plan["meta"]["warnings"] == api.get(started["statusUrl"])[1]["warnings"] == said


def test_a_watermark_lies_on_encoded_outputs_and_a_smart_one_beside_them_is_copied(
    api, gops, logo, tmp_path, monkeypatch
):
    mark = {"assetId": logo, "corner": "bottom-left", "width": 0.1, "opacity": 1}
    body = smart_wish(gops, watermark=mark)
    assert api.post("/api/export/dry-run", body)[1]["films"][0]["share"] > 0.7
    answer = made(api, body)
    assert answer["warnings"] == ["watermark: not in cut, a smart output, which copies the originals' frames."]
    films = {name: local(api, answer, name, tmp_path) for name in ("cut", "all")}
    assert (is_marked(films["all"]), is_marked(films["cut"])) == (True, False)

    monkeypatch.setattr("render_app.making.copied._messages", lambda *_: ["a decoder says: corrupt"])
    again = made(api, body)
    assert len(again["warnings"]) == 2
    assert not is_marked(local(api, again, "cut", tmp_path))


def test_a_watermark_that_no_output_could_show_is_refused(api, gops, logo):
    smart = [{"name": "cut", "mode": "smart"}, {"name": "sound", "audioOnly": True}]
    error = asked(api, smart_wish(gops, outputs=smart, watermark={"assetId": logo}), 422)["error"]
    assert (error["code"], error["field"]) == ("export_refused", "watermark")
    assert "Add an output without mode smart" in error["message"]
