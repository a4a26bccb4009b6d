"""Addresses in Studio's own store, and what an answer says of the file that it brings."""

import pytest

from media_app.core.downloads import filename_of, length_of, range_of, type_of, validator_of
from media_app.core.files.uris import BadUri, LocalPath, is_remote, key_of, uri_of


@pytest.mark.parametrize(("bucket", "uri"), [("", "studio://tenants/a/x.wav"), ("media", "s3://media/tenants/a/x.wav")])
def test_an_address_names_its_key(bucket: str, uri: str):
    assert (uri_of("tenants/a/x.wav", bucket), key_of(uri, bucket)) == (uri, "tenants/a/x.wav")


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("s3://other/x", BadUri),
        ("/etc/passwd", LocalPath),
        ("file:///etc/passwd", LocalPath),
        ("../x", LocalPath),
        ("x.wav", LocalPath),
        ("ftp://example.org/x", BadUri),
        ("http://[", BadUri),
    ],
)
def test_other_addresses_are_refused(uri: str, error: type[Exception]):
    with pytest.raises(error):
        key_of(uri, "media")


def test_only_http_is_fetched():
    assert [is_remote(uri) for uri in ("https://a/x", "http://a/x", "s3://a/x", "x")] == [True, True, False, False]


def test_a_weak_etag_proves_nothing():
    assert validator_of({"etag": '"a"', "last-modified": "Mon"}) == '"a"'
    assert validator_of({"etag": 'W/"a"', "last-modified": "Mon"}) == "Mon"
    assert validator_of({}) == ""


@pytest.mark.parametrize(
    ("said", "range_"),
    [("bytes 5-9/10", (5, 10)), ("bytes */10", (None, 10)), ("bytes 5-9/*", (5, None)), ("lines 1-2/3", (None, None))],
)
def test_a_partial_answer_says_where_it_begins(said: str, range_: tuple[int | None, int | None]):
    assert range_of({"content-range": said}) == range_


def test_sizes_and_types_are_read_or_left_out():
    assert [length_of({"content-length": text}) for text in ("12", " 12 ", "-1", "9" * 19, "x")] == [
        12,
        12,
        None,
        None,
        None,
    ]
    assert type_of({"content-type": "Video/MP4; codecs=x"}) == "video/mp4"
    assert type_of({"content-type": "vid\u00e9o/mp4"}) == ""


@pytest.mark.parametrize(
    ("url", "headers", "name"),
    [
        ("https://a/b/film.mov?x=1", {}, "film.mov"),
        ("https://a/b/film%20two.mov", {}, "film two.mov"),
        ("https://a/", {}, "download"),
        ("https://a/film", {"content-type": "video/quicktime"}, "film.mov"),
        ("https://a/x", {"content-disposition": 'attachment; filename="take 1.wav"'}, "take 1.wav"),
        ("https://a/x", {"content-disposition": "attachment; filename=../../take.wav"}, "take.wav"),
        ("https://a/x", {"content-disposition": "attachment; filename*=UTF-8''caf%C3%A9.wav"}, "café.wav"),
    ],
)  # fmt: skip
def test_a_file_is_named_as_the_answer_says_else_as_its_address_ends(url: str, headers: dict[str, str], name: str):
    assert filename_of(url, headers) == name
