"""Hostile names, sizes and offers through the API: a 4xx with the field, or only words."""

import html
import json

import pytest

from media_app.core.files.keys import original_key
from media_app.models import MediaAsset
from tests.support import hostile
from tests.support.factories import Api, a_session, offer_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", hostile.BAD_NAMES)
def test_a_bad_name_is_refused_before_a_byte_is_sent(name):
    api, session = Api(), a_session()
    path = f"/v2/sessions/{session.pk}/assets/init-upload"
    body = json.dumps(offer_of(filename=hostile.BAD_NAMES[name]))
    answer = api.client.post(path, body, content_type="application/json")
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (400, "filename"), error
    assert error["message"].endswith(".")
    assert not session.assets.exists()


def test_an_odd_name_is_only_words(client):
    api = Api()
    client.force_login(api.user)
    for name, filename in hostile.ODD_NAMES.items():
        session = a_session(title="Odd")
        asset = api.upload(session.pk, "A", filename=filename)
        row = MediaAsset.objects.get(pk=asset["id"])
        assert row.original_filename == asset["originalFilename"] == filename, name
        assert row.original_key == original_key(row.angle(), "x.mp4"), "the name entered the key"
        page = client.get(f"/sessions/{session.pk}/").content.decode()
        assert html.escape(filename) in page or filename.isalnum(), name
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        link = client.get(f"/sessions/{session.pk}/assets/{row.pk}/original/?download")["Location"]
        header = client.head(link)["Content-Disposition"]
        assert header.startswith("attachment"), name
        assert not set("\r\n\0") & set(header)
        assert header.count(";") == 1 or 'filename="' in header, header


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sizeBytes", -1), ("sizeBytes", 2**63), ("sizeBytes", 2**200), ("sizeBytes", 5 * 2**40 + 1), ("sizeBytes", "a"), ("sizeBytes", 1.5),
        ("sizeBytes", True), ("sizeBytes", None), ("sizeBytes", [1]), ("contentType", "text/html"), ("contentType", "image/svg+xml"),
        ("contentType", "video/mp4\r\nX-Evil: 1"), ("contentType", "video/mp4\0"), ("contentType", "v" * 201), ("contentType", "видео/mp4"),
        ("contentType", {}), ("cameraLabel", "AA"), ("cameraLabel", "a"), ("cameraLabel", "../"), ("cameraLabel", "Ａ"), ("cameraLabel", ""),
        ("fingerprint", "x"), ("fingerprint", "A" * 64), ("filename", None), ("filename", 7), ("filename", ["a.mp4"]),
    ],
)  # fmt: skip
def test_a_bad_offer_names_its_field(field, value):
    api, session = Api(), a_session()
    status, answer = api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of(**{field: value}))
    if (field, value) in (("filename", 7), ("sizeBytes", True)):
        assert status in (201, 400)
        return
    assert (status, answer["error"]["field"]) == (400, field)


def test_a_film_that_is_not_as_long_as_announced_is_not_taken():
    api, session = Api(), a_session()
    _, offer = api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of(data=b"12345678"))
    assert api.put_file(offer["uploadUrl"], b"1234") == 400
    assert api.put_file(offer["uploadUrl"], b"123456789") == 413
    assert api.put_file(offer["uploadUrl"], b"12345678", "text/html") == 403
    assert api.post(f"/v2/sessions/{session.pk}/assets/{offer['assetId']}/complete")[0] == 409


@pytest.mark.parametrize("name", ["\u200eVID-20260101-WA0001.mp4", "می\u200cروم.mp4", "👨\u200d👩\u200d👧.mp4"])
def test_names_with_joiners_and_marks_are_taken_and_kept(name):
    asset = Api().upload(a_session().pk, "A", hostile.honest()["clip.mp4"], name)
    assert MediaAsset.objects.get(pk=asset["id"]).original_filename == name
