"""The edit pointed at a folder of the editor's, and the ZIP that has everything."""

import io
import zipfile

import pytest

from media_app import storage
from tests.apps.render_app.test_edit import address, approved, client  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


def with_originals(session):
    for asset in session.assets.all():
        storage.store().put_bytes(asset.original_key, f"film {asset.camera_label}".encode(), content_type="video/mp4")
    return session


def test_files_in_a_media_folder_are_what_the_edit_points_at(client):  # noqa: F811
    answer = client.get(address(approved(), format="otio", mediaRoot="/Volumes/Card%201"))

    assert answer.status_code == 200
    assert b"file:///Volumes/Card%201/camera%20A.mp4" in answer.content
    assert b"http" not in answer.content.split(b'"target_url"')[1][:80]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"mediaRoot": "shoot"}, "mediaRoot"), ({"media": "tape"}, "media"), ({"format": "mov"}, "format")],
)
def test_what_cannot_be_read_names_its_field(client, query, field):  # noqa: F811
    answer = client.get(address(approved(), **({"format": "otio"} | query)))

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


def test_a_zip_holds_every_format_and_the_media_by_relative_paths(client):  # noqa: F811
    answer = client.get(address(with_originals(approved()), format="zip"))

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Tuesday-lesson_20261120.zip"'
    package = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert package.testzip() is None
    folder = "Tuesday-lesson_20261120"
    names = set(package.namelist())
    assert {f"{folder}/{folder}.fcpxml", f"{folder}/{folder}.otio", f"{folder}/README.txt"} <= names
    assert sum(name.endswith(".edl") for name in names) == 2
    assert package.read(f"{folder}/media/camera A.mp4") == b"film A"
    assert b'"media/camera%20B.mp4"' in package.read(f"{folder}/{folder}.otio")


def test_a_file_that_is_gone_is_named_before_a_byte_is_sent(client):  # noqa: F811
    answer = client.get(address(approved(), format="zip"))

    assert answer.status_code == 409
    assert "camera A is no longer in storage" in answer.json()["error"]["message"]


def test_a_camera_without_the_chosen_media_is_named(client):  # noqa: F811
    answer = client.get(address(approved(), format="fcpxml", media="mezzanine"))

    assert answer.status_code == 409
    assert "Camera A has no mezzanine yet" in answer.json()["error"]["message"]
