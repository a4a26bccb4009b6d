"""Files that are fetched: from an address through the guarded door, or from the tenant's part of the store."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from media_app import jobs, outbound, storage
from media_app.core import downloads
from media_app.models import MediaAsset, MediaJob
from tests.support.factories import TENANT, Api, a_registry_asset

pytestmark = pytest.mark.django_db
HERE = {"tenant_id": TENANT, "env": "dev"}
FILM = bytes(range(256)) * 4096


class Shelf:
    """A web server with one film. `cuts`: after how many bytes each answer breaks off; `answers`: others in place of the film;
    `after`: those that follow a cut."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.cuts: list[int] = []
        self.answers: list[tuple[int, dict]] = []
        self.after: list[tuple[int, dict]] = []
        self.etag, self.length, self.data = '"one"', True, FILM
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                shelf.asked.append({"path": self.path, **self.headers})
                if shelf.answers:
                    self._head(*shelf.answers.pop(0))
                    return
                start = 0
                if self.headers.get("If-Range") == shelf.etag:
                    start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
                body = shelf.data[start:]
                headers = {"ETag": shelf.etag, "content-type": "video/mp4"}
                if shelf.length:
                    headers["Content-Length"] = str(len(body))
                if start:
                    headers["Content-Range"] = f"bytes {start}-{len(shelf.data) - 1}/{len(shelf.data)}"
                self._head(206 if start else 200, headers)
                if shelf.cuts:
                    body = body[: shelf.cuts.pop(0)]
                    shelf.answers, shelf.after = shelf.after, []
                self.wfile.write(body)

            def _head(self, status, headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/films/a.mp4"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture(autouse=True)
def _quiet_heartbeats(settings, monkeypatch):
    """The job runs inside the test's own transaction, for which a heartbeat on SQLite would wait in vain."""
    settings.JOB_LEASE_SECONDS = 1200
    settings.JOB_BACKOFF_SECONDS = 0
    monkeypatch.setattr("media_app.jobs.heartbeat.Heartbeat.start", lambda heartbeat: None)


@pytest.fixture
def shelf(settings):
    """With the explicit leave to ask this machine, which no installation has unless its owner gives it."""
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    settings.OUTBOUND_PLAIN_HTTP = True
    made = Shelf()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def api() -> Api:
    return Api()


def ask(api: Api, uri: str, **more) -> tuple[int, dict]:
    return api.post("/media-v2/assets", HERE | {"source_uri": uri} | more)


def fetch() -> MediaAsset:
    """Run one attempt at the fetch; the asset afterwards."""
    with jobs.claim("tester", job_types=["fetch_asset_v1"]) as run:
        run.execute()
    return MediaAsset.objects.order_by("-created_at")[0]


def content(asset: MediaAsset) -> bytes:
    with storage.store().open(asset.original_key) as file:
        return file.read()


def test_an_address_becomes_an_asset_that_a_job_fetches_and_an_ingest_follows(api, shelf):
    status, answer = ask(api, shelf.url, source_ref="cam-7", tags=["talk"])
    assert (status, answer["status"], answer["uri"], answer["source_uri"]) == (201, "uploading", None, shelf.url)
    assert MediaJob.objects.get(pk=answer["job_id"]).type == "fetch_asset_v1"
    asset = fetch()
    assert content(asset) == FILM
    assert (asset.status, asset.original_filename, asset.content_type) == ("ingesting", "a.mp4", "video/mp4")
    assert (asset.size_bytes, asset.source_ref, asset.tags) == (len(FILM), "cam-7", ["talk"])
    assert asset.original_key.endswith(f"/media_v2/{asset.pk}/originals/v001.mp4")
    assert MediaJob.objects.filter(type="ingest_asset_v1", asset=asset, status="PENDING").count() == 1


def test_a_cut_connection_goes_on_where_it_was_cut(api, shelf):
    shelf.cuts = [300_000, 200_000]
    ask(api, shelf.url)
    assert content(fetch()) == FILM
    assert [asked.get("Range") for asked in shelf.asked] == [None, "bytes=300000-", "bytes=500000-"]


def test_another_try_goes_on_where_the_last_one_ended(api, shelf):
    shelf.cuts, shelf.after = [300_000], [(503, {"Content-Length": "0"})]
    _, answer = ask(api, shelf.url)
    asset = fetch()
    job = MediaJob.objects.get(pk=answer["job_id"])
    assert (asset.original_key, job.status, job.attempts) == ("", "PENDING", 1)
    assert content(fetch()) == FILM
    assert [asked.get("Range") for asked in shelf.asked] == [None, "bytes=300000-", "bytes=300000-"]


def test_a_file_that_changed_meanwhile_is_begun_anew(tmp_path, shelf):
    into = tmp_path / "fetched"
    shelf.cuts = [300_000]
    seen: list[int] = []

    def arrived(count: int, total: int | None) -> None:
        seen.append(count)
        if count == 300_000:
            shelf.etag, shelf.data = '"two"', FILM[::-1]

    outbound.download(shelf.url, into, on_answer=lambda file: None, on_bytes=arrived)
    assert into.read_bytes() == FILM[::-1]


def test_a_file_without_a_size_or_proof_is_fetched_whole(tmp_path, shelf):
    shelf.length, shelf.etag = False, 'W/"weak"'
    file = outbound.download(shelf.url, tmp_path / "f", on_answer=lambda file: None, on_bytes=lambda count, total: None)
    assert (file.size, (tmp_path / "f").read_bytes() == FILM) == (len(FILM), True)


@pytest.mark.parametrize(
    "uri",
    ["http://example.org/a.mp4", "ftp://example.org/a.mp4", "file:///etc/passwd", "/etc/passwd", "a.mp4", "s3://bucket/a.mp4",
     "https://user:word@example.org/a.mp4", "https://127.0.0.1/a.mp4", "https://10.0.0.1/a.mp4", "https://[::1]/a.mp4",
     "https://", "studio://tenants/t_other/dev/a.mp4", "gopher://x", "javascript:1",
     f"studio://tenants/{TENANT}/dev/missing.mp4", f"studio://tenants/{TENANT}/prod/a.mp4"],
)  # fmt: skip
def test_an_address_that_is_not_taken_is_a_400_with_its_field(api, uri):
    storage.store().put_bytes("tenants/t_other/dev/a.mp4", b"secret", content_type="video/mp4")
    status, answer = ask(api, uri)
    assert (status, answer["error"]["field"]) == (400, "source_uri"), answer
    assert answer["error"]["message"].endswith(".")
    assert not MediaAsset.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"source_uri": ""}, {"source_uri": 5}, {"source_uri": "https://e.org/" + "a" * 2000}]
)
def test_a_body_without_a_good_address_names_the_field(api, body):
    status, answer = api.post("/media-v2/assets", HERE | body)
    assert (status, answer["error"]["field"]) == (400, "source_uri"), answer


def test_a_redirect_is_followed_and_judged_again(api, shelf, monkeypatch):
    shelf.answers = [(302, {"Location": "/films/b.mov?x=1", "Content-Length": "0"})]
    ask(api, shelf.url)
    assert fetch().original_filename == "b.mov"


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/a.mp4", "http://10.0.0.1/a.mp4", "file:///etc/passwd", "ftp://x/a.mp4"]
)
def test_a_redirect_into_a_private_network_ends_the_job_for_good(api, shelf, location):
    shelf.answers = [(302, {"Location": location, "Content-Length": "0"})]
    _, answer = ask(api, shelf.url)
    asset = fetch()
    job = MediaJob.objects.get(pk=answer["job_id"])
    assert (job.status, job.error_code) == ("FAILED", "address_refused")
    assert (asset.status, asset.status_message) == ("failed", job.error_message)
    assert len(shelf.asked) == 1


def test_redirects_without_end_are_given_up(api, shelf):
    shelf.answers = [(302, {"Location": "/again.mp4", "Content-Length": "0"})] * 20
    _, answer = ask(api, shelf.url)
    fetch()
    assert MediaJob.objects.get(pk=answer["job_id"]).error_code == "not_served"
    assert len(shelf.asked) == 6


@pytest.mark.parametrize(
    ("headers", "code"),
    [({"Content-Type": "text/html"}, "invalid_input"), ({"Content-Disposition": 'attachment; filename="a.exe"'}, "invalid_input"),
     ({"Content-Encoding": "gzip"}, "not_served"), ({"Content-Length": str(10**15)}, "invalid_input")],
)  # fmt: skip
def test_what_is_no_recording_is_refused_before_its_first_byte(api, shelf, headers, code):
    shelf.answers = [(200, {"Content-Length": "5"} | headers)]
    _, answer = ask(api, shelf.url)
    asset = fetch()
    assert (asset.status, MediaJob.objects.get(pk=answer["job_id"]).error_code) == ("failed", code)
    assert not list(storage.store().list())


def test_a_file_that_is_not_there_is_failed_and_one_that_is_not_there_now_waits(api, shelf):
    shelf.answers = [(404, {"Content-Length": "0"}), (503, {"Content-Length": "0"})]
    ask(api, shelf.url)
    assert "answers 404" in fetch().status_message
    _, waits = ask(api, shelf.url)
    fetch()
    assert MediaJob.objects.get(pk=waits["job_id"]).status == "PENDING"


def test_a_tenant_without_space_fetches_nothing(api, shelf, settings):
    settings.TENANT_MAX_BYTES = 1000
    _, answer = ask(api, shelf.url)
    asset = fetch()
    assert (asset.status, MediaJob.objects.get(pk=answer["job_id"]).error_code) == ("failed", "quota_exceeded")
    assert not list(storage.store().list())


def test_a_removed_asset_is_not_fetched(api, shelf):
    _, answer = ask(api, shelf.url)
    api.delete(f"/media-v2/assets/{answer['id']}?tenant_id={TENANT}&env=dev")
    assert jobs.claim("tester", job_types=["fetch_asset_v1"]) is None
    assert shelf.asked == []


def test_a_failed_fetch_is_retried_from_its_job(api, shelf):
    shelf.answers = [(404, {"Content-Length": "0"})]
    _, answer = ask(api, shelf.url)
    assert fetch().status == "failed"
    jobs.retry(MediaJob.objects.get(pk=answer["job_id"]))
    assert MediaAsset.objects.get().status == "uploading"
    assert content(fetch()) == FILM


def test_a_name_that_leads_within_is_refused_when_it_is_fetched(api, monkeypatch):
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: answer)
    status, made = ask(api, "https://internal.example.org/a.mp4")
    assert status == 201
    assert fetch().status == "failed"
    assert MediaJob.objects.get(pk=made["job_id"]).error_code == "address_refused"


def test_a_file_of_the_store_is_copied_and_stays(api):
    other = a_registry_asset(original_filename="logo.mov")
    storage.store().put_bytes(other.original_key, b"film", content_type="video/quicktime")
    status, answer = ask(api, f"studio://{other.original_key}")
    assert (status, answer["size_bytes"]) == (201, 4)
    asset = fetch()
    assert asset.original_key != other.original_key
    assert content(asset) == content(other) == b"film"


@pytest.mark.parametrize(
    ("url", "headers", "name"),
    [
        ("https://e.org/films/a%20b.mp4?x=1", {}, "a b.mp4"),
        ("https://e.org/download", {"content-type": "video/mp4; x=1"}, "download.mp4"),
        ("https://e.org/x", {"content-disposition": "attachment; filename=\"../../c.mov\""}, "c.mov"),
        ("https://e.org/x", {"content-disposition": "attachment; filename*=UTF-8''%C3%9Cbung.mov; filename=u.mov"}, "Übung.mov"),
        ("https://e.org/", {"content-type": "audio/wav"}, "download.wav"),
        ("https://e.org/a%0d%0ab.mp4", {}, "ab.mp4"),
    ],
)  # fmt: skip
def test_a_downloads_name_is_read_from_its_answer_or_its_address(url, headers, name):
    assert downloads.filename_of(url, headers) == name
