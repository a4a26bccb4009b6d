"""The proxy ladder: two sizes from one decode, every frame in its place, the same bytes each time."""

import pytest

from media_app import jobs, storage
from media_app.engines import proxies
from media_app.engines.base import NoParams, Source
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.models import DerivedMedia
from tests.flows.test_renders import HERE, an_asset, work_off
from tests.support import media
from tests.support.factories import Api

pytestmark = pytest.mark.django_db(transaction=True)


def test_both_rungs_show_every_frame_and_come_out_the_same_twice(tmp_path):
    clip = media.slate(seconds=2, rate="30000/1001", size=(1280, 720), audio=None)

    def made(folder: str):
        source = Source(clip, inspect(clip), duration_ms=2000)
        return proxies.make(source, NoParams(), Workspace(tmp_path).subfolder(folder)).files

    first, again = made("a"), made("b")
    assert [(one.kind.name, one.meta["resolution"], one.meta["hardware_encoder"]) for one in first] == [
        ("video_proxy", "720p", None), ("video_proxy_360p", "360p", None),
    ]  # fmt: skip
    assert [(one.meta["width"], one.meta["height"], one.meta["rate"]) for one in first] == [
        (1280, 720, "30000/1001"), (640, 360, "30000/1001"),
    ]  # fmt: skip
    assert all(media.frame_codes(one.path) == list(range(60)) for one in first)
    assert [one.sha256 for one in first] == [one.sha256 for one in again]


def test_a_request_makes_the_ladder_once_and_a_draft_reads_the_rung_that_it_needs(settings):
    settings.MEZZANINE = "off"
    api, asset = Api(), an_asset(media.slate(seconds=2, rate="25", size=(1280, 720)))
    status, _ = api.post("/video/proxies", {"asset_id": str(asset.pk)}, **HERE)
    assert status == 202
    work_off()
    rows = {row.kind: row for row in DerivedMedia.objects.filter(asset=asset, kind__startswith="video_proxy")}
    assert set(rows) == {"video_proxy", "video_proxy_360p"}
    assert len({row.meta["proxy_cache_key"] for row in rows.values()}) == 1
    assert api.post("/video/proxies", {"asset_id": str(asset.pk)}, **HERE)[0] == 200
    assert not jobs.claim("tester")

    def read(**clip) -> str:
        whole = {"asset_id": str(asset.pk), "in_ms": 0, "out_ms": 1000, **clip}
        snapshot = {"id": "s", "timebase": 25, "tracks": [{"id": "t", "kind": "video", "clips": [whole]}]}
        _, plan = api.post("/video/render/dry-run", {"sequence_snapshot": snapshot, "strategy": "draft"}, **HERE)
        return next(one["artifact_id"] for one in plan["inputs"] if one["artifact_id"])

    assert read() == str(rows["video_proxy"].pk), "480 lines need more than 360"
    assert read(scale=0.5) == str(rows["video_proxy_360p"].pk)
    assert read(crop={"left": 0.5, "top": 0.5}, scale=0.5) == str(rows["video_proxy"].pk), "240 lines of a half"
    with storage.store().local_copy(rows["video_proxy_360p"].key, tmp := settings.SCRATCH_ROOT) as path:
        assert media.frame_codes(path) == list(range(50)), tmp
