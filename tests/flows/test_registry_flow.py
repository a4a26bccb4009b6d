"""From an address to frames: fetched, ingested, grabbed and registered, with real ffmpeg and a real web server."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from media_app import storage
from media_app.models import MediaJob
from tests.flows.test_frames import code_of
from tests.support.factories import TENANT, Api
from tests.support.media import slate
from tests.support.working import work_off

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"tenant_id": TENANT, "env": "dev"}
QUERY = f"?tenant_id={TENANT}&env=dev"


@pytest.fixture
def address(settings):
    """Where a film is served on this machine, and leave to ask there."""
    settings.OUTBOUND_NETWORKS, settings.OUTBOUND_PLAIN_HTTP, settings.MEZZANINE = ["127.0.0.0/8"], True, "off"
    clip = slate(seconds=2, rate="25")
    serve = functools.partial(SimpleHTTPRequestHandler, directory=str(clip.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), serve)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/{clip.name}"
    server.shutdown()
    server.server_close()


def test_a_film_is_fetched_ingested_and_gives_exact_frames_once(address, tmp_path):
    api = Api()
    _, asset = api.post("/media-v2/assets", HERE | {"source_uri": address})
    path = f"/media-v2/assets/{asset['id']}"
    assert api.post(f"{path}/frames", HERE | {"times_ms": [0]})[1]["error"]["code"] == "wrong_status"
    work_off()
    _, asset = api.get(f"{path}{QUERY}")
    assert (asset["status"], asset["kind"], asset["duration_ms"], asset["fps"]) == ("ready", "video", 2000, 25.0)
    assert {row["kind"] for row in asset["artifacts"]} >= {"proxy", "audio-wav", "thumbnail"}

    status, job = api.post(f"{path}/frames", HERE | {"times_ms": [1010, 80, 1010]})
    assert (status, job["status"]) == (202, "PENDING")
    work_off()
    status, grabbed = api.post(f"{path}/frames", HERE | {"times_ms": [1010, 80]})
    assert (status, [row["start_ms"] for row in grabbed["artifacts"]]) == (200, [1000.0, 80.0])
    assert all(row["meta"]["cache_hit"] and row["meta"]["backend"] == "ffmpeg" for row in grabbed["artifacts"])
    codes = []
    for row in grabbed["artifacts"]:
        with storage.store().local_copy(row["uri"].removeprefix("studio://"), tmp_path) as picture:
            codes.append(code_of(picture))
    assert codes == [25, 2]
    assert MediaJob.objects.filter(type="engine_frames_v1").count() == 1

    api.post(f"{path}/frames", HERE | {"interval_ms": 500})
    work_off()
    every = api.post(f"{path}/frames?wait=1", HERE | {"interval_ms": 500})[1]["artifacts"]
    assert [row["start_ms"] for row in every] == [0.0, 480.0, 1000.0, 1480.0]
    assert api.get(f"/media-v2/artifacts/{every[0]['id']}{QUERY}")[1]["sources"][0]["asset_id"] == asset["id"]

    for body, field in (({"times_ms": [2001]}, "times_ms"), ({"interval_ms": 1}, "interval_ms"), ({}, "times_ms"),
                        ({"times_ms": [0], "interval_ms": 5}, "times_ms"), ({"times_ms": ["nan"]}, "times_ms.0")):  # fmt: skip
        status, answer = api.post(f"{path}/frames", HERE | body)
        assert (status, answer["error"]["field"]) == (400, field), answer
