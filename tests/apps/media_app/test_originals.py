"""An original that is not the file that was taken any more: said, and refused wherever it is read."""

import hashlib
import os
import shutil
import threading
from concurrent import futures
from concurrent.futures import Future
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from media_app import storage
from media_app.models import MediaAsset
from media_app.services import originals
from media_app.storage import glances
from media_app.storage.glances import Glances
from media_app.storage.local import LocalStore
from media_app.storage.s3.store import S3Store
from tests.support.factories import Api, a_session, a_synced_session
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.django_db
FILM = b"film" * 10
OTHER = b"evil" * 10


@pytest.fixture
def asset() -> MediaAsset:
    Api().upload(a_session().pk, "A", FILM)
    return MediaAsset.objects.get()


def hashed(asset: MediaAsset, data: bytes = FILM) -> None:
    """As its ingest leaves it."""
    asset.checksum = hashlib.sha256(data).hexdigest()
    asset.save()


def overwrite(asset: MediaAsset, data: bytes) -> None:
    """Another object under the key."""
    storage.store().put_bytes(asset.original_key, data, content_type="video/mp4")


def scribble(asset: MediaAsset, data: bytes) -> None:
    """Other bytes in the same file of the local store."""
    path = storage.store().root / asset.original_key
    with path.open("r+b") as file:
        file.write(data)


def read(asset: MediaAsset, scratch: Path) -> bytes:
    with originals.local_copy(asset, scratch) as path:
        return path.read_bytes()


def test_the_file_that_was_taken_is_read(asset, tmp_path):
    assert read(asset, tmp_path) == FILM
    hashed(asset)
    assert read(asset, tmp_path) == FILM
    assert Client().get(originals.link_if_unchanged(asset)).getvalue() == FILM


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("change", [overwrite, scribble])
def test_other_bytes_of_the_same_length_are_refused_before_and_after_the_ingest(asset, tmp_path, change, known):
    if known:
        hashed(asset)
    change(asset, OTHER)

    with pytest.raises(originals.OriginalChanged, match="Upload it again"):
        read(asset, tmp_path)
    with pytest.raises(originals.OriginalChanged, match="something replaced it"):
        originals.refuse_changed(asset)
    assert originals.link_if_unchanged(asset) is None


def test_another_length_is_refused_with_both(asset, tmp_path):
    overwrite(asset, b"short")

    with pytest.raises(originals.OriginalChanged, match="5 bytes and 40 were announced"):
        read(asset, tmp_path)


def test_a_changed_original_is_neither_shown_nor_handed_to_the_edit():
    session, api = a_synced_session(), Api()
    assert api.post(f"/v2/sessions/{session.pk}/sync/approve", {"approvedBy": "Ann"})[0] == 200
    asset = session.assets.get(camera_label="B")
    MediaAsset.objects.filter(pk=asset.pk).update(size_bytes=40, original_etag="as-it-was")
    overwrite(asset, OTHER)

    found = api.get(f"/v2/sessions/{session.pk}/assets/{asset.pk}")[1]
    assert found["originalUrl"] is None
    assert "camera B in the store is not the one that was taken: something replaced it" in found["originalFault"]
    status, body = api.get(f"/v2/sessions/{session.pk}/edit")
    assert (status, body["error"]["code"]) == (409, "source_changed")
    assert "camera B" in body["error"]["message"]


def test_a_file_restored_from_a_backup_is_accepted_by_its_checksum(asset, tmp_path, capsys):
    hashed(asset)
    path = storage.store().root / asset.original_key
    shutil.copy2(path, tmp_path / "backup")
    path.unlink()
    shutil.copy2(tmp_path / "backup", path)
    os.utime(path, ns=(1, 1))
    assert originals.link_if_unchanged(asset) is None

    call_command("verify_originals")

    assert "1 originals were read, 0 of them missing or changed." in capsys.readouterr().out
    asset.refresh_from_db()
    assert Client().get(originals.link_if_unchanged(asset)).getvalue() == FILM


@pytest.mark.parametrize("fault", ["changed", "gone"])
def test_a_changed_or_missing_original_is_named_by_the_check_of_all(asset, capsys, fault):
    hashed(asset)
    overwrite(asset, OTHER) if fault == "changed" else storage.store().delete(asset.original_key)

    with pytest.raises(SystemExit):
        call_command("verify_originals")

    said = capsys.readouterr().out
    assert asset.original_key in said
    assert "1 of them missing or changed" in said


def test_an_asset_of_an_earlier_version_is_accepted_once_and_held_to_it(asset, tmp_path):
    MediaAsset.objects.update(original_etag="")
    asset.refresh_from_db()

    assert read(asset, tmp_path) == FILM
    asset.refresh_from_db()
    assert asset.original_etag == storage.store().head(asset.original_key).etag
    overwrite(asset, OTHER)
    with pytest.raises(originals.OriginalChanged):
        read(asset, tmp_path)


@pytest.mark.services
def test_a_bucket_s_object_that_was_replaced_is_refused_too(s3_place, tmp_path):
    key = "tenants/t_club/dev/film.mp4"
    s3_place.upload(key, FILM)
    asset = MediaAsset(original_key=key, size_bytes=40, camera_label="A", original_etag=s3_place.store.head(key).etag)
    assert read(asset, tmp_path) == FILM
    s3_place.store.put_bytes(key, OTHER, content_type="video/mp4")

    with pytest.raises(originals.OriginalChanged):
        read(asset, tmp_path)
    with pytest.raises(originals.OriginalChanged):
        originals.refuse_changed(asset)


class Bucket(LocalStore):
    """The local store as a bucket is reached: by requests that are answered while it is `answering`."""

    copies = True
    glance = S3Store.glance

    def __init__(self) -> None:
        super().__init__(storage.store().settings)
        self.answering, self.asked = threading.Event(), list[str]()
        self.answering.set()
        self._glances = Glances(self.head)

    def head(self, key: str):
        self.asked.append(key)
        self.answering.wait(PATIENCE_S)
        return super().head(key)


@pytest.fixture
def bucket(monkeypatch) -> Bucket:
    place = Bucket()
    monkeypatch.setattr(storage, "store", lambda: place)
    return place


def test_a_bucket_is_asked_once_in_seconds_for_all_cameras_and_a_changed_original_is_said(bucket):
    api, session = Api(), a_session()
    for label in "ABC":
        api.upload(session.pk, label, FILM)
    path = f"/v2/sessions/{session.pk}"
    changed = session.assets.get(camera_label="B")
    overwrite(changed, OTHER)
    bucket.asked.clear()

    faults = [one["originalFault"] for one in api.get(path)[1]["assets"]]
    missing = [one["originalUrl"] is None for one in api.get(path)[1]["assets"]]

    assert ["something replaced it" in fault for fault in faults] == missing == [False, True, False]
    assert len(bucket.asked) == 3, "what was seen seconds ago is not asked again"
    overwrite(session.assets.get(camera_label="C"), OTHER)
    bucket._glances = Glances(bucket.head)  # ten seconds later
    assert [one["originalUrl"] is None for one in api.get(path)[1]["assets"]] == [False, True, True]
    record = api.get(f"/media-v2/assets/{changed.pk}?tenant_id=t_club&env=dev")[1]
    assert (record["url"], "something replaced it" in record["url_fault"]) == (None, True)


def test_a_bucket_that_does_not_answer_slows_no_request(bucket, monkeypatch):
    api, session = Api(), a_session()
    for label in "ABCDEFGHIJ":
        api.upload(session.pk, label, FILM)
    waits: list[float] = []

    def wait(answers: list[Future], timeout: float) -> None:
        waits.append(timeout)
        futures.wait(answers, timeout)

    monkeypatch.setattr(glances, "wait", wait)
    bucket.answering.clear()

    assets = api.get(f"/v2/sessions/{session.pk}")[1]["assets"]

    api.get(f"/v2/sessions/{session.pk}")
    bucket.answering.set()
    assert waits[0] > 0
    assert sum(waits) <= glances.WAIT_SECONDS, "the second does not wait again"
    assert all(one["originalUrl"] and not one["originalFault"] for one in assets), "nothing is said that was not seen"
