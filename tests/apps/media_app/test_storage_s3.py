"""The bucket store against a real S3 server with R2's rules: what goes over the wire, and what the bucket keeps."""

import uuid

import botocore.endpoint
import pytest
import requests
from botocore.exceptions import ClientError
from django.test import override_settings

from media_app import storage
from media_app.storage.s3 import store as s3
from tests.services.stores import PART, admin, with_settings

pytestmark = pytest.mark.services

KEY = "tenants/t_a/dev/projects/p1/20260101/originals/angle-001_v001.mp4"


def sent_since(server, before: int) -> list[dict]:
    return server.requests()[before:]


def test_no_upload_carries_a_checksum_trailer_that_r2_would_refuse(s3_place, swift_server, tmp_path):
    before = len(swift_server.requests())
    large = tmp_path / "large.mov"
    with large.open("wb") as file:
        file.truncate(65 * 2**20)

    s3_place.store.put_bytes("a", b"data", content_type="text/plain")
    s3_place.store.put_file("b", large, content_type="video/quicktime")
    s3_place.upload(KEY, b"data")
    upload_id = s3_place.begin(KEY, 4)
    s3_place.send_part(KEY, upload_id, 1, b"data")
    s3_place.finish(KEY, upload_id, 4)

    bodies = [facts for facts in sent_since(swift_server, before) if facts["method"] in ("PUT", "POST")]
    assert len([facts for facts in bodies if "partNumber" in facts["query"]]) == 5 + 2
    for facts in bodies:
        named = facts["headers"]
        assert "aws-chunked" not in named.get("content-encoding", "")
        assert "STREAMING" not in named.get("x-amz-content-sha256", "")
        assert not {"x-amz-trailer", "x-amz-sdk-checksum-algorithm", "x-amz-decoded-content-length", "x-amz-acl"} & set(
            named
        )
    assert s3_place.store.head("b").size == 65 * 2**20


def test_a_link_signs_length_and_upload_and_the_region_auto(s3_place):
    _, url = s3_place.single(KEY, 4)

    assert "X-Amz-SignedHeaders=content-length%3Bhost" in url
    assert "uploadId=" in url
    assert "%2Fauto%2Fs3%2Faws4_request" in url
    assert "checksum" not in url.lower()


def test_a_link_lives_a_week_at_most(s3_place):
    assert "X-Amz-Expires=604800" in s3_place.store.url(KEY, expires=10**9)


def test_links_name_the_address_that_browsers_see(s3_place):
    store = with_settings(s3_place, public_endpoint_url="https://media.example")

    assert store.url(KEY).startswith(f"https://media.example/{store.bucket}/{KEY}?")
    assert store.head(KEY) is None


def test_the_server_itself_refuses_unequal_parts_as_r2_does(s3_place, swift_server):
    bucket, client = s3_place.store.bucket, admin(swift_server)
    upload_id = client.create_multipart_upload(Bucket=bucket, Key=KEY)["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": client.upload_part(
                Bucket=bucket, Key=KEY, UploadId=upload_id, PartNumber=number, Body=bytes(PART + number)
            )["ETag"],
        }
        for number in (1, 2, 3)
    ]

    with pytest.raises(ClientError, match="All non-trailing parts must have the same length"):
        client.complete_multipart_upload(Bucket=bucket, Key=KEY, UploadId=upload_id, MultipartUpload={"Parts": parts})


def test_what_the_server_says_of_parts_reaches_the_client_as_a_mismatch(s3_place, monkeypatch):
    upload_id = s3_place.begin(KEY, 8, part_size=4)
    for number in (1, 2):
        s3_place.send_part(KEY, upload_id, number, b"tiny")

    with pytest.raises(storage.PartsMismatch, match="cannot join the parts"):
        s3_place.finish(KEY, upload_id, 8, part_size=4)


def test_a_listing_that_lags_is_asked_again(s3_place, monkeypatch):
    upload_id = s3_place.begin(KEY, 4)
    s3_place.send_part(KEY, upload_id, 1, b"data")
    real, asked = s3_place.store.parts, []

    def lagging(key, upload_id):
        asked.append(key)
        return real(key, upload_id) if len(asked) > 1 else []

    monkeypatch.setattr(s3_place.store, "parts", lagging)

    assert s3_place.finish(KEY, upload_id, 4).size == 4
    assert len(asked) == 2


def test_a_complete_whose_reply_was_lost_succeeds_when_it_is_asked_again(s3_place, swift_server, monkeypatch):
    """Swift answers a second complete kindly; R2 and S3 say NoSuchUpload."""
    upload_id = s3_place.begin(KEY, 4)
    s3_place.send_part(KEY, upload_id, 1, b"data")
    done = s3_place.finish(KEY, upload_id, 4)

    def gone(*args, **kwargs):
        raise ClientError({"Error": {"Code": "NoSuchUpload", "Message": "gone"}}, "ListParts")

    monkeypatch.setattr(s3_place.store._client, "get_paginator", gone)

    assert s3_place.finish(KEY, upload_id, 4) == done
    with pytest.raises(storage.UploadGone):
        s3_place.finish(KEY, upload_id, 5)


def test_pages_of_our_origins_may_upload_and_read_and_no_others(s3_place):
    s3_place.store.put_bytes(KEY, b"0123456789", content_type="video/mp4")
    assert "set PUBLIC_URL" in s3_place.store.apply_cors([])
    said = s3_place.store.apply_cors(["https://studio.example"])
    _, put = s3_place.single(KEY, 4)

    def preflight(origin):
        asks = {
            "Origin": origin,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "content-type",
        }
        return requests.options(put, headers=asks, timeout=10)

    assert "https://studio.example" in said
    assert preflight("https://studio.example").headers["Access-Control-Allow-Origin"] == "https://studio.example"
    assert preflight("https://evil.example").status_code == 403
    answer = s3_place.get(s3_place.store.url(KEY), origin="https://studio.example", range="bytes=0-1")
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"ETag", "Content-Range", "Accept-Ranges", "Content-Length"} <= exposed
    evil = s3_place.get(s3_place.store.url(KEY), origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in evil.headers


def test_the_bucket_keeps_the_rules_that_it_can_and_gives_unfinished_uploads_up(s3_place, swift_server):
    rules = [
        storage.LifecycleRule("job-logs", days=30, prefix="logs/"),
        storage.LifecycleRule("mezzanines", days=90, folder="mezzanines"),
    ]

    outcome = s3_place.store.apply_lifecycle(rules, abort_uploads_days=3)

    assert outcome.by_store == ("studio-unfinished-uploads", "job-logs")
    assert outcome.by_sweep == ("mezzanines",)
    kept = admin(swift_server).get_bucket_lifecycle_configuration(Bucket=s3_place.store.bucket)["Rules"]
    assert [rule.get("Expiration", {}).get("Days") for rule in kept] == [None, 30]
    assert kept[0]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 3}
    assert kept[1]["Filter"] == {"Prefix": "logs/"}


def test_a_store_that_keeps_no_rules_leaves_them_all_to_us(s3_place, monkeypatch):
    def cannot(**kwargs):
        raise ClientError({"Error": {"Code": "NotImplemented", "Message": "no"}}, "Put")

    monkeypatch.setattr(s3_place.store._client, "put_bucket_lifecycle_configuration", cannot)
    monkeypatch.setattr(s3_place.store._client, "put_bucket_cors", cannot)

    outcome = s3_place.store.apply_lifecycle([storage.LifecycleRule("job-logs", days=30, prefix="logs/")])
    assert (outcome.by_store, outcome.by_sweep) == ((), ("job-logs",))
    assert "server's configuration" in s3_place.store.apply_cors(["https://studio.example"])


def test_many_objects_go_in_one_request_or_one_by_one_where_it_is_refused(s3_place, swift_server, monkeypatch):
    def fill() -> None:
        for number in range(5):
            s3_place.store.put_bytes(f"a/{number}", b"x", content_type="text/plain")

    def refuse(**kwargs):
        raise ClientError({"Error": {"Code": "NotImplemented", "Message": "no"}}, "DeleteObjects")

    fill()
    before = len(swift_server.requests())
    assert s3_place.store.delete_prefix("a") == 5
    assert [facts["method"] for facts in sent_since(swift_server, before)] == ["GET", "POST"]
    fill()
    monkeypatch.setattr(s3_place.store._client, "delete_objects", refuse)
    assert s3_place.store.delete_prefix("a") == 5
    assert list(s3_place.store.list()) == []


def test_wrong_keys_a_missing_bucket_and_no_bucket_each_say_what_to_set(s3_place):
    wrong = with_settings(s3_place, secret_key="wrong")
    elsewhere = with_settings(s3_place, bucket=f"studio-{uuid.uuid4().hex}")

    for store in (wrong, elsewhere):
        with pytest.raises(storage.StoreRefused, match="check S3_BUCKET"):
            store.put_bytes(KEY, b"", content_type="text/plain")
        assert store.check().endswith(".")
    with override_settings(S3_BUCKET=""), pytest.raises(storage.StoreRefused, match="set S3_BUCKET"):
        storage.store()


def test_a_store_that_does_not_answer_says_so_in_a_sentence(s3_place, monkeypatch, tmp_path):
    monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda seconds: None)
    silent = with_settings(s3_place, endpoint_url="http://127.0.0.1:9")
    source = tmp_path / "clip.mp4"
    source.write_bytes(b"x")

    for ask in (
        lambda: silent.head(KEY),
        lambda: silent.put_bytes(KEY, b"", content_type="text/plain"),
        lambda: silent.put_file(KEY, source, content_type="video/mp4"),
        lambda: list(silent.list()),
    ):
        with pytest.raises(storage.StoreUnreachable, match="check S3_ENDPOINT_URL"):
            ask()
    assert "S3_ENDPOINT_URL" in silent.check()


def test_a_download_that_falls_short_is_never_handed_on(s3_place, monkeypatch, tmp_path):
    s3_place.store.put_bytes(KEY, b"whole", content_type="video/mp4")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def short(bucket, key, path, Config):
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(b"who")

    monkeypatch.setattr(s3_place.store._client, "download_file", short)

    with (
        pytest.raises(storage.StoreUnreachable, match="Only 3 of the 5 bytes"),
        s3_place.store.local_copy(KEY, tmp_path),
    ):
        pass
    assert list(scratch.iterdir()) == []


def test_a_stream_that_breaks_says_so_in_our_own_words():
    class Broken:
        def read(self, size):
            raise botocore.exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2)

        def close(self):
            pass

    with pytest.raises(storage.StoreUnreachable), s3.io.BufferedReader(s3.Stream(KEY, Broken())) as file:
        file.read()


def test_a_secret_is_not_shown_where_settings_are(s3_place):
    shown = repr(with_settings(s3_place, access_key="AKIA-hush", secret_key="hush-hush").settings)

    assert "hush" not in shown


def test_an_upload_by_one_put_begins_in_the_bucket_and_no_request_writes_the_object_itself(s3_place, swift_server):
    before = len(swift_server.requests())
    upload_id, url = s3_place.single(KEY, 4)
    s3_place.put(url, b"film", content_type="video/mp4")
    s3_place.finish(KEY, upload_id, 4, part_size=4)
    assert s3_place.put(url, b"evil", content_type="video/mp4").status_code == 404

    sent = [facts for facts in sent_since(swift_server, before) if facts["method"] in ("PUT", "POST")]
    assert [
        (facts["method"], facts["query"].partition("=")[0]) for facts in sent if "partNumber" not in facts["query"]
    ] == [
        ("POST", "uploads"),
        ("POST", "uploadId"),
    ]
    parts = [facts for facts in sent if "partNumber" in facts["query"]]
    assert [facts["method"] for facts in parts] == ["PUT", "PUT"]
    assert all(f"uploadId={upload_id}" in facts["query"] for facts in parts)
    assert s3_place.read(KEY) == b"film"
