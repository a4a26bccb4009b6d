"""Every door that hands out pictures: none of them hands out faces that are to be hidden, nor, later, the unblurred original.

`DOORS` lists them all. Each stored picture holds the word SECRET, and links to stored objects carry a grant: what a door answers is
searched for both.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core.management.sql import emit_post_migrate_signal
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from media_app import storage
from media_app.core import kinds
from media_app.core.files import keys
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from media_app.services import withheld
from media_app.services.registry import uri_of
from render_app.models import Anonymisation, Clip, Export, Production, Sequence, Track, VideoProject
from render_app.services import clearances
from sync_app.services import review
from tests.support.factories import a_job, a_registry_asset, a_synced_session, a_user

pytestmark = pytest.mark.django_db
WHERE = "tenant_id=t_club&env=dev"
SECRET = b"SECRET face "
_GRANTED = re.compile(rb"/store/([^?\"'\\ ]+)\?grant=")


@dataclass
class World:
    """An approved session whose camera A shows a face, and all that was made of its picture."""

    asset: MediaAsset
    other: MediaAsset
    rows: dict[str, DerivedMedia]
    render: MediaAsset
    export: Export
    production: Production
    master: MediaJob
    packaging: MediaJob
    project: VideoProject
    link: str

    @property
    def session(self) -> Any:
        return self.asset.session_id

    def row(self, kind: str) -> Any:
        return self.rows[kind].pk


def stored(key: str, data: bytes = SECRET) -> str:
    storage.store().put_bytes(key, data + key.encode(), content_type="video/mp4")
    return key


def a_row(asset: MediaAsset, kind: str, key: str = "", **fields) -> DerivedMedia:
    known = kinds.BY_NAME[kind]
    facts = {
        "key": stored(key or f"tenants/t_club/dev/made/{asset.pk}/{kind}{known.extension or '.mp4'}"),
        "content_type": known.content_type if known.extension else "video/mp4",
        "checksum": "c" * 64, "size_bytes": 10, "input_ref": asset.original_key, "created_by_job": a_job(asset=asset),
    }  # fmt: skip
    return DerivedMedia.objects.create(**asset.context.stamp(), asset=asset, kind=kind, **facts | fields)


FILM = {
    "width": 320, "height": 180, "fps": "25/1", "codec": "h264", "duration_ms": 4000, "checksum": "a" * 64,
    "video_start_ms": 0.0, "audio_start_ms": 0.0, "audio_codec": "aac", "sample_rate": 48_000, "audio_channels": 2,
    "media_info": {"frames": 100},
}  # fmt: skip


@pytest.fixture
def world() -> World:
    session = a_synced_session("AB")
    session.assets.update(**FILM)
    asset, other = session.assets.order_by("camera_label")
    for one in (asset, other):
        stored(one.original_key, SECRET if one == asset else b"plain ")
    review.approve(session.context, session.pk, approved_by="Maya", notes="")
    made = ("proxy", "thumbnail", "mezzanine", "frame", "audio_master")
    rows = {kind: a_row(asset, kind) for kind in made}
    render = a_registry_asset(original_filename="render.mp4", session=None, **FILM)
    rows["render"] = a_row(render, "render", key=render.original_key)
    ArtifactSource.objects.record(rows["render"], [asset], "clip")
    rows["render_segment"] = a_row(other, "render_segment", key="tenants/t_club/dev/made/segment.mp4")
    ArtifactSource.objects.record(rows["render_segment"], [asset, other], "clip")
    storage.store().put_bytes(a_row(other, "mezzanine").key, b"plain", content_type="video/quicktime")
    project = a_project(asset)
    return World(
        asset, other, rows, render, an_export(asset), a_production(asset), a_master(asset, rows["audio_master"]),
        a_job("engine_mezzanine_v1", asset=asset), project, storage.store().url(rows["mezzanine"].key),
    )  # fmt: skip


def a_project(asset: MediaAsset) -> VideoProject:
    stamp = {**asset.context.stamp(), "user_id": ""}
    project = VideoProject.objects.create(**stamp, title="Cut", render_profile="draft_480p_fast")
    sequence = Sequence.objects.create(**stamp, project=project, timebase="25/1")
    track = Track.objects.create(**stamp, sequence=sequence, kind="video")
    Clip.objects.create(**stamp, track=track, asset=asset, in_ms=0, out_ms=2000, start_ms_on_timeline=0)
    return project


def an_export(asset: MediaAsset) -> Export:
    read = {"plan": {"inputs": [{"asset_id": str(asset.pk), "artifact_id": None}], "meta": {}}}
    job = a_job("export_v1", session=asset.session)
    MediaJob.objects.filter(pk=job.pk).update(status="COMPLETED", input_json=read)
    key = stored("tenants/t_club/dev/exports/main.mp4")
    file = {"name": "main", "still": False, "key": key, "content_type": "video/mp4", "size_bytes": 9, "checksum": ""}
    more = {"duration_ms": 1.0, "width": 2, "height": 2, "fps": "25/1", "frames": 1}
    still = {**file, **more, "name": "thumbnail", "still": True}
    return Export.objects.create(
        **asset.context.stamp(), pk=job.pk, job=job, session=asset.session, outcome="completed",
        files_json=[{**file, **more}, still],
    )  # fmt: skip


def a_production(asset: MediaAsset) -> Production:
    prefix = "tenants/t_club/dev/productions/p/"
    made = Production.objects.create(
        **asset.context.stamp(), asset=asset, packager="hls", status="completed",
        master_key=stored(f"{prefix}master.mp4"), package_json={"playlist": f"{prefix}master.m3u8", "keys": []},
    )  # fmt: skip
    playlist = b"#EXTM3U\n#EXTINF:4,\nv0.m4s\n"
    storage.store().put_bytes(f"{package_of(made)}master.m3u8", playlist, content_type="text/plain")
    return made


def package_of(made: Production) -> str:
    return keys.production_prefix(made.tenant_id, made.env, str(made.pk))


def a_master(asset: MediaAsset, row: DerivedMedia) -> MediaJob:
    job = a_job("audio_master_v1", session=asset.session, asset=asset)
    said = {"preset": "voice", "asset_id": str(asset.pk), "music_asset_id": None, "overrides": {}}
    result = {"key": row.key, "content_type": "video/mp4"}
    MediaJob.objects.filter(pk=job.pk).update(status="COMPLETED", input_json=said, result_json=result)
    return MediaJob.objects.get(pk=job.pk)


Door = Callable[[Client, World], HttpResponseBase]


def get(path: Callable[[World], str]) -> Door:
    return lambda client, world: client.get(path(world))


def post(path: Callable[[World], str], body: Callable[[World], dict]) -> Door:
    return lambda client, world: client.post(path(world), body(world), content_type="application/json")


#: Name → how it is asked. Those of the second table answer no picture by themselves: they begin something.
DOORS: dict[str, Door] = {
    "asset": get(lambda w: f"/media-v2/assets/{w.asset.pk}?{WHERE}"),
    "assets": get(lambda w: f"/media-v2/assets?{WHERE}"),
    "artifact": get(lambda w: f"/media-v2/artifacts/{w.row('mezzanine')}?{WHERE}"),
    "artifact of a render": get(lambda w: f"/media-v2/artifacts/{w.row('render')}?{WHERE}"),
    "asset of a render": get(lambda w: f"/media-v2/assets/{w.render.pk}?{WHERE}"),
    "chunk of a render": get(lambda w: f"/media-v2/artifacts/{w.row('render_segment')}?{WHERE}"),
    "artifacts of the other camera": get(lambda w: f"/media-v2/assets/{w.other.pk}?{WHERE}"),
    "session in the API": get(lambda w: f"/v2/sessions/{w.session}"),
    "original of a camera": get(lambda w: f"/sessions/{w.session}/assets/{w.asset.pk}/original/"),
    "original in the registry": get(lambda w: f"/registry/{w.asset.pk}/original/"),
    "original of a render": get(lambda w: f"/registry/{w.render.pk}/original/?download"),
    "proxy": get(lambda w: f"/files/{w.row('proxy')}/"),
    "thumbnail": get(lambda w: f"/files/{w.row('thumbnail')}/"),
    "mezzanine": get(lambda w: f"/files/{w.row('mezzanine')}/?download"),
    "frame": get(lambda w: f"/files/{w.row('frame')}/"),
    "chunk on a page": get(lambda w: f"/files/{w.row('render_segment')}/"),
    "edit": get(lambda w: f"/v2/sessions/{w.session}/edit"),
    "edit as OTIO": get(lambda w: f"/v2/sessions/{w.session}/edit?format=otio"),
    "edit as FCPXML of mezzanines": get(lambda w: f"/v2/sessions/{w.session}/edit?format=fcpxml&media=mezzanine"),
    "edit with its media": get(lambda w: f"/v2/sessions/{w.session}/edit?format=zip"),
    "exchange": get(lambda w: f"/video/projects/{w.project.pk}/exchange?format=otio&{WHERE}"),
    "angles": get(lambda w: f"/sessions/{w.session}/angles/"),
    "review": get(lambda w: f"/sessions/{w.session}/review/"),
    "state of an export": get(lambda w: f"/api/export/{w.export.pk}/status"),
    "download of an export": get(lambda w: f"/api/export/{w.export.pk}/download?output=main"),
    "still of an export": get(lambda w: f"/api/export/{w.export.pk}/download?output=thumbnail"),
    "list of exports": get(lambda w: "/api/export"),
    "playlist of a production": get(lambda w: f"/api/productions/{w.production.pk}/stream/master.m3u8"),
    "master of a production": get(lambda w: f"/productions/{w.production.pk}/master/"),
    "mastered film": get(lambda w: f"/api/mastering/{w.master.pk}"),
    "file of a job": get(lambda w: f"/admin/media-jobs/{w.master.pk}/file?key={w.rows['audio_master'].key}"),
    "record in the admin": get(lambda w: f"/admin/media_app/mediaasset/{w.asset.pk}/change/"),
    "artifact in the admin": get(lambda w: f"/admin/media_app/derivedmedia/{w.row('mezzanine')}/change/"),
    "link that was given before": get(lambda w: w.link),
}  # fmt: skip
BEGINNINGS: dict[str, Door] = {
    "frame grab": post(lambda w: f"/media-v2/assets/{w.asset.pk}/frames?{WHERE}", lambda w: {"times_ms": [0]}),
    "copy of the original": post(
        lambda w: f"/media-v2/assets?{WHERE}", lambda w: {"source_uri": uri_of(w.rows["mezzanine"].key)}
    ),
    "copy of the original of a render": post(
        lambda w: f"/media-v2/assets?{WHERE}", lambda w: {"source_uri": uri_of(w.render.original_key)}
    ),
    "render": post(lambda w: f"/video/render?{WHERE}", lambda w: {"project_id": str(w.project.pk)}),
    "export": post(lambda w: "/api/export", lambda w: {
        "sessionId": str(w.session), "range": {"startMs": 0, "endMs": 2000},
        "switchPoints": [{"atMs": 0, "angle": "A"}], "outputs": [{"name": "main", "profile": "draft_480p_fast"}],
    }),
    "mask": post(
        lambda w: f"/video/masks/auto?{WHERE}",
        lambda w: {"asset_id": str(w.asset.pk), "time_ms": 0, "points": [{"x": 0.5, "y": 0.5}]},
    ),
    "mastering": post(lambda w: "/api/mastering", lambda w: {"assetId": str(w.asset.pk), "preset": "normalise_v1"}),
    "production": post(lambda w: "/api/productions", lambda w: {"assetId": str(w.asset.pk)}),
}  # fmt: skip


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user("root", is_staff=True, is_superuser=True))
    return client


def body_of(answer: HttpResponseBase) -> bytes:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return content + answer.headers.get("Location", "").encode()


def shown_by(door: Door, client: Client, world: World, secret: set[str]) -> bool:
    """Whether a door gives a picture, or a link to one."""
    answer = door(client, world)
    assert answer.status_code < 500, answer
    body = body_of(answer)
    return SECRET in body or any(key.decode() in secret for key in _GRANTED.findall(body))


def secrets_of(world: World) -> set[str]:
    """The keys of all pictures with the face."""
    made = {row.key for row in world.rows.values()} | {file["key"] for file in world.export.files_json}
    made |= {world.asset.original_key, world.production.master_key}
    return made | {f"{package_of(world.production)}v0.m4s"}


def giving(client: Client, world: World, doors: dict[str, Door]) -> list[str]:
    secret = secrets_of(world)
    return [name for name, door in doors.items() if shown_by(door, client, world, secret)]


def withhold(world: World) -> None:
    MediaAsset.objects.filter(pk=world.asset.pk).update(withheld="Its faces are to be hidden.")
    world.asset.refresh_from_db()
    withheld.withhold_made(world.asset)


def hide(world: World) -> str:
    """The copy takes the original's place, as its job does it; answers the copy's key."""
    withhold(world)
    now = timezone.now()
    copy = a_row(world.asset, "anonymised", key="tenants/t_club/dev/made/copy.mov")
    storage.store().put_bytes(copy.key, b"blurred", content_type="video/quicktime")
    MediaAsset.objects.filter(pk=world.asset.pk).update(withheld="", faces_hidden_at=now)
    DerivedMedia.objects.filter(pk=copy.pk).update(created_at=timezone.now())
    return copy.key


def test_every_door_is_open_as_long_as_nothing_is_to_be_hidden(client, world):
    assert giving(client, world, DOORS) == list(DOORS)


def test_no_door_hands_out_a_picture_that_is_withheld(client, world):
    withhold(world)

    assert giving(client, world, DOORS) == []
    begun = {name: door(client, world).status_code for name, door in BEGINNINGS.items()}
    assert {name: status for name, status in begun.items() if status not in (409, 422)} == {}


def test_no_door_hands_out_the_original_once_its_faces_are_hidden(client, world):
    copy = hide(world)

    assert giving(client, world, DOORS) == []
    for name in ("asset", "original of a camera", "original in the registry", "edit", "edit as OTIO", "exchange"):
        body = body_of(DOORS[name](client, world))
        assert copy.encode() in body, name
    assert b"blurred" in body_of(DOORS["edit with its media"](client, world))
    for name in ("copy of the original", "copy of the original of a render"):
        assert BEGINNINGS[name](client, world).status_code == 409, name


def cleared_with(version: str, asset: MediaAsset) -> Anonymisation:
    facts = {"status": "cleared", "cleared_by": "Maya", "cleared_at": timezone.now(), "scan_version": version}
    return Anonymisation.objects.create(**asset.context.stamp(), asset=asset, preset="light", cache_key="k", **facts)


@pytest.mark.parametrize("version", ["", "1"])
@pytest.mark.parametrize("door", ["render", "export", "edit", "export of files"])
def test_what_an_older_scan_cleared_is_refused_by_whatever_reads_it_first(client, world, version, door):
    row = cleared_with(version, world.asset)
    of_files = post(lambda w: "/api/export", lambda w: {
        "angles": {"A": {"assetId": str(w.asset.pk)}}, "range": {"startMs": 0, "endMs": 2000},
        "switchPoints": [{"atMs": 0, "angle": "A"}], "outputs": [{"name": "main", "profile": "draft_480p_fast"}],
    })  # fmt: skip

    refused = {**DOORS, **BEGINNINGS, "export of files": of_files}[door](client, world)

    assert refused.status_code in (409, 422)
    assert "rests on an older face scan" in refused.json()["error"]["message"]
    row.refresh_from_db()
    assert (row.status, row.cleared_by) == ("doubtful", "Maya")
    assert giving(client, world, DOORS) == []


def test_every_door_closes_with_an_upgrade_and_those_of_the_newest_scan_stay_open(client, world):
    row = cleared_with(clearances.current(), world.asset)
    assert clearances.doubt_outdated() == 0
    assert giving(client, world, DOORS) == list(DOORS)

    Anonymisation.objects.filter(pk=row.pk).update(scan_version="1")
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert giving(client, world, DOORS) == []


def test_a_database_that_is_not_whole_yet_is_not_asked(monkeypatch):
    monkeypatch.setattr(clearances, "doubt_outdated", lambda: pytest.fail("asked"))

    clearances.after_upgrade(apps=Apps())


def test_an_older_clearance_says_nothing_where_a_newer_scan_decided_since(client, world):
    cleared_with("1", world.asset)
    cleared_with(clearances.current(), world.asset)

    assert clearances.doubt_outdated() == 0
    assert giving(client, world, DOORS) == list(DOORS)


def test_a_copy_that_is_gone_closes_every_door(client, world):
    copy = hide(world)
    DerivedMedia.objects.filter(key=copy).delete()

    assert giving(client, world, DOORS) == []
    refused = DOORS["edit"](client, world)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "withheld")


def test_what_studio_made_of_the_picture_goes_also_where_its_job_was_purged(world):
    DerivedMedia.objects.update(created_by_job=None)
    proxy, sound = world.rows["proxy"], world.asset.derivatives.get(kind="audio-wav")

    going = set(withheld.pictures_of(world.asset).values_list("pk", flat=True))

    assert {proxy.pk, world.rows["thumbnail"].pk, world.rows["mezzanine"].pk} <= going
    assert sound.pk not in going


def test_the_sound_of_a_withheld_recording_is_handed_out(client, world):
    withhold(world)

    sound = world.asset.derivatives.get(kind="audio-wav")
    assert client.get(f"/files/{sound.pk}/").status_code == 302
