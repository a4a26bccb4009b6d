"""What every store promises, held against the local one and a real S3 server alike."""

import hashlib
import http.client
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import override_settings

from media_app import storage
from tests.services.stores import PART, with_settings

#: Before a picture is sent it is asked whether it is withheld.
pytestmark = pytest.mark.django_db
KEY = "tenants/t_a/dev/projects/p1/20260101/originals/angle-001_v001.mp4"
LAST = 70_001
BODY = os.urandom(2 * PART + LAST)
PARTS = {1: BODY[:PART], 2: BODY[PART : 2 * PART], 3: BODY[2 * PART :]}


def test_an_upload_in_one_piece_becomes_the_object(place):
    answer = place.upload(KEY, b"a recording")

    assert answer.status_code == 200
    found = place.store.head(KEY)
    assert (found.key, found.size) == (KEY, 11)
    assert abs(datetime.now(UTC) - found.last_modified) < timedelta(minutes=1)
    assert place.read(KEY) == b"a recording"


def test_the_same_link_sent_again_replaces_what_came_before_it_is_complete(place):
    upload_id, url = place.single(KEY, 3)
    for body in (b"one", b"two"):
        assert place.put(url, body, content_type="video/mp4").status_code == 200
    place.finish(KEY, upload_id, 3, part_size=3)

    assert place.read(KEY) == b"two"


@pytest.mark.parametrize("body", [b"film", b"evil"])
def test_no_link_writes_once_the_upload_is_complete(place, body):
    upload_id, url = place.single(KEY, 4)
    place.put(url, b"film", content_type="video/mp4")
    done = place.finish(KEY, upload_id, 4, part_size=4)

    assert 400 <= place.put(url, body, content_type="video/mp4").status_code < 500
    assert 400 <= place.put(place.store.presign_part(KEY, upload_id, 1, size=4), body).status_code < 500
    assert (place.read(KEY), place.store.head(KEY)) == (b"film", done)
    assert list(place.store.uploads()) == []


def test_a_put_that_was_half_here_at_complete_changes_nothing(place):
    upload_id, url = place.single(KEY, 4)
    place.put(url, b"film", content_type="video/mp4")
    where = urlsplit(url)
    late = http.client.HTTPConnection(where.netloc, timeout=60)
    late.putrequest("PUT", f"{where.path}?{where.query}")
    late.putheader("Content-Length", "4")
    late.putheader("Content-Type", "video/mp4")
    late.endheaders(b"ev")
    # Asked after it, and answered: the server has the first half by now.
    assert place.store.head(KEY) is None
    done = place.finish(KEY, upload_id, 4, part_size=4)
    late.send(b"il")

    assert 400 <= late.getresponse().status < 500
    assert (place.read(KEY), place.store.head(KEY)) == (b"film", done)


def test_no_link_brings_an_object_back_that_was_deleted(place):
    upload_id, url = place.single(KEY, 4)
    place.put(url, b"film", content_type="video/mp4")
    place.finish(KEY, upload_id, 4, part_size=4)
    place.store.delete(KEY)

    assert 400 <= place.put(url, b"film", content_type="video/mp4").status_code < 500
    with pytest.raises(storage.UploadGone):
        place.finish(KEY, upload_id, 4, part_size=4)
    assert list(place.store.list()) == []


def test_no_link_writes_once_the_upload_is_given_up(place):
    upload_id, url = place.single(KEY, 4)
    place.put(url, b"film", content_type="video/mp4")
    place.store.abort_multipart(KEY, upload_id)

    assert 400 <= place.put(url, b"film", content_type="video/mp4").status_code < 500
    assert list(place.store.list()) == []
    assert list(place.store.uploads()) == []


def test_an_empty_object_goes_the_whole_way(place):
    assert place.upload(KEY, b"").status_code == 200

    assert place.store.head(KEY).size == 0
    answer = place.get(place.store.url(KEY))
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize("body", [b"short", b"longer than announced"])
def test_another_length_than_signed_is_refused_and_nothing_is_kept(place, body):
    upload_id, url = place.single(KEY, 11)

    assert 400 <= place.put(url, body, content_type="video/mp4").status_code < 500
    assert list(place.store.parts(KEY, upload_id)) == []


def test_the_content_type_is_what_was_announced_whatever_a_sender_says(place):
    upload_id = place.begin(KEY, 4, 4)
    place.put(place.store.presign_part(KEY, upload_id, 1, size=4), b"<htm", content_type="text/html")
    place.finish(KEY, upload_id, 4, part_size=4)

    assert place.get(place.store.url(KEY)).headers["Content-Type"] == "video/mp4"


def test_an_expired_link_is_refused(place):
    place.store.put_bytes(KEY, b"data", content_type="video/mp4")
    upload_id, _ = place.single(KEY, 4)
    put = with_settings(place, url_expires=1).presign_part(KEY, upload_id, 1, size=4)
    get = place.store.url(KEY, expires=1)
    time.sleep(2.1)

    assert place.put(put, b"evil", content_type="video/mp4").status_code == 403
    assert place.get(get).status_code == 403
    assert place.read(KEY) == b"data"


def test_a_link_for_one_key_or_method_opens_no_other(place):
    place.store.put_bytes(KEY, b"mine", content_type="video/mp4")
    other = KEY.replace("t_a", "t_b")
    place.store.put_bytes(other, b"theirs", content_type="video/mp4")

    assert place.get(place.store.url(KEY).replace("t_a", "t_b")).status_code == 403
    assert place.put(place.store.url(KEY), b"evil").status_code == 403
    assert place.get(place.single(KEY, 4)[1]).status_code == 403
    assert place.read(KEY) == b"mine"


def test_a_link_that_was_changed_anywhere_or_not_signed_is_refused(place):
    place.store.put_bytes(KEY, b"mine", content_type="video/mp4")
    url = place.store.url(KEY, filename="a.mp4")
    spot = url.index("?") + 20

    for changed in (
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url[:spot] + "x" + url[spot + 1 :],
        url[: url.index("?")],
    ):
        assert 400 <= place.get(changed).status_code < 404


def test_parts_sent_in_any_order_and_at_once_become_the_object(place):
    upload_id = place.begin(KEY, len(BODY))
    with ThreadPoolExecutor(3) as senders:
        answers = list(senders.map(lambda number: place.send_part(KEY, upload_id, number, PARTS[number]), (3, 1, 2)))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    claimed = [storage.Part(n, a.headers["ETag"]) for n, a in zip((3, 1, 2), answers, strict=True)]
    arrived = place.store.parts(KEY, upload_id)
    assert [(part.number, part.size) for part in arrived] == [(1, PART), (2, PART), (3, LAST)]
    assert {part.number: part.etag for part in arrived} == {part.number: part.etag.strip('"') for part in claimed}
    assert place.store.head(KEY) is None

    done = place.finish(KEY, upload_id, len(BODY), claimed)

    assert (done.key, done.size) == (KEY, len(BODY))
    assert hashlib.sha256(place.read(KEY)).digest() == hashlib.sha256(BODY).digest()


def test_completing_again_answers_the_same_and_changes_nothing(place):
    upload_id = place.begin(KEY, LAST)
    place.send_part(KEY, upload_id, 1, PARTS[3])
    done = place.finish(KEY, upload_id, LAST)

    assert place.finish(KEY, upload_id, LAST) == done
    assert place.finish(KEY, upload_id, LAST, [storage.Part(1, hashlib.md5(PARTS[3]).hexdigest())]) == done
    assert place.read(KEY) == PARTS[3]


def test_an_upload_that_never_was_or_whose_object_has_another_size_cannot_be_completed(place):
    upload_id = place.begin(KEY, LAST)
    place.send_part(KEY, upload_id, 1, PARTS[3])
    place.finish(KEY, upload_id, LAST)

    with pytest.raises((storage.UploadGone, storage.PartsMismatch)):
        place.finish(KEY, upload_id, LAST + 1)
    with pytest.raises(storage.UploadGone):
        place.finish("tenants/t_a/other.mp4", upload_id, LAST)


def test_a_part_sent_again_replaces_the_one_before(place):
    upload_id = place.begin(KEY, LAST)
    place.send_part(KEY, upload_id, 1, bytes(LAST))
    place.send_part(KEY, upload_id, 1, PARTS[3])

    assert len(place.store.parts(KEY, upload_id)) == 1
    place.finish(KEY, upload_id, LAST)
    assert place.read(KEY) == PARTS[3]


def test_one_part_sent_by_many_at_once_is_one_of_theirs_and_never_a_mixture(place):
    bodies = {hashlib.md5(body).hexdigest(): body for body in (bytes([n]) * PART for n in range(6))}
    upload_id = place.begin(KEY, PART)
    with ThreadPoolExecutor(len(bodies)) as senders:
        list(senders.map(lambda body: place.send_part(KEY, upload_id, 1, body), bodies.values()))

    (part,) = place.store.parts(KEY, upload_id)
    place.finish(KEY, upload_id, PART, [part])

    assert place.read(KEY) == bodies[part.etag]


def test_a_missing_part_is_named_and_the_upload_can_go_on(place):
    upload_id = place.begin(KEY, len(BODY))
    for number in (1, 3):
        place.send_part(KEY, upload_id, number, PARTS[number])

    with pytest.raises(storage.PartsMismatch, match="part 2 has not arrived") as refusal:
        place.finish(KEY, upload_id, len(BODY))
    assert refusal.value.details == {"parts": [2]}
    assert place.store.head(KEY) is None

    place.send_part(KEY, upload_id, 2, PARTS[2])
    place.finish(KEY, upload_id, len(BODY))
    assert place.read(KEY) == BODY


def test_another_etag_than_arrived_is_named(place):
    upload_id = place.begin(KEY, LAST)
    etag = place.send_part(KEY, upload_id, 1, PARTS[3]).headers["ETag"]

    with pytest.raises(storage.PartsMismatch, match="part 1 arrived with another ETag"):
        place.finish(KEY, upload_id, LAST, [storage.Part(1, "0" * 32)])
    with pytest.raises(storage.PartsMismatch, match="part 2 does not belong"):
        place.finish(KEY, upload_id, LAST, [storage.Part(1, etag), storage.Part(2, etag)])
    assert place.finish(KEY, upload_id, LAST, [storage.Part(1, etag)]).size == LAST


def test_parts_of_unequal_length_never_become_an_object(place):
    upload_id = place.begin(KEY, len(BODY))
    place.send_part(KEY, upload_id, 1, BODY[: PART + 1])
    place.send_part(KEY, upload_id, 2, BODY[PART + 1 : 2 * PART])
    place.send_part(KEY, upload_id, 3, PARTS[3])

    with pytest.raises(storage.PartsMismatch):
        place.finish(KEY, upload_id, len(BODY))
    assert place.store.head(KEY) is None


def test_a_part_of_another_length_than_signed_is_refused_and_not_listed(place):
    upload_id = place.begin(KEY, len(BODY))
    url = place.store.presign_part(KEY, upload_id, 1, size=PART)

    assert 400 <= place.put(url, b"x" * (PART - 1)).status_code < 500
    assert list(place.store.parts(KEY, upload_id)) == []


def test_an_upload_given_up_takes_no_more_parts_and_can_be_given_up_again(place):
    upload_id = place.begin(KEY, len(BODY))
    place.send_part(KEY, upload_id, 1, PARTS[1])

    place.store.abort_multipart(KEY, upload_id)
    place.store.abort_multipart(KEY, upload_id)

    assert 400 <= place.send_part(KEY, upload_id, 2, PARTS[2]).status_code < 500
    assert list(place.store.uploads()) == []
    with pytest.raises(storage.UploadGone):
        place.store.parts(KEY, upload_id)
    with pytest.raises(storage.UploadGone):
        place.finish(KEY, upload_id, len(BODY))


def test_uploads_left_open_are_found_by_their_age(place):
    upload_id = place.begin(KEY, len(BODY))

    assert list(place.store.stale_multiparts(timedelta(hours=1))) == []
    assert list(place.store.stale_multiparts(timedelta(seconds=-60))) == [(KEY, upload_id)]


def test_an_upload_of_more_parts_than_a_bucket_takes_does_not_begin(place):
    with pytest.raises(ValueError, match="10000 is the most"):
        place.begin(KEY, 10_001 * PART)


@pytest.mark.parametrize(
    ("asked", "content", "shown"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
def test_a_link_answers_ranges(place, asked, content, shown):
    place.store.put_bytes(KEY, b"0123456789", content_type="video/mp4")

    answer = place.get(place.store.url(KEY), range=asked)

    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["Content-Range"] == shown
    assert answer.headers["Content-Length"] == str(len(content))


def test_a_link_answers_the_whole_object_with_its_type_and_etag(place):
    place.upload(KEY, b"0123456789")

    answer = place.get(place.store.url(KEY))

    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert storage.bare_etag(answer.headers["ETag"]) == place.store.head(KEY).etag


def test_a_range_behind_the_end_is_416(place):
    place.store.put_bytes(KEY, b"0123456789", content_type="video/mp4")

    assert place.get(place.store.url(KEY), range="bytes=10-").status_code == 416


def test_a_link_can_name_the_download_and_its_type(place):
    place.store.put_bytes(KEY, b"data", content_type="video/mp4")

    answer = place.get(place.store.url(KEY, filename='Übung "1"\r\n.mp4', content_type="application/json"))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "%C3%9Cbung" in answer.headers["Content-Disposition"]


def test_a_page_drawn_again_shows_the_same_link_so_that_the_browser_need_not_fetch_anew(place, monkeypatch):
    now = time.time() // 1000 * 1000
    monkeypatch.setattr(time, "time", lambda: now + 1)
    first = place.store.url(KEY, expires=8000)
    monkeypatch.setattr(time, "time", lambda: now + 1000)

    assert place.store.url(KEY, expires=8000) == first
    assert place.store.url(KEY, expires=8000, filename="a.mp4") != first
    monkeypatch.setattr(time, "time", lambda: now + 1999)
    assert place.store.url(KEY, expires=8000) != first


def test_a_link_to_nothing_is_404(place):
    assert place.get(place.store.url(KEY)).status_code == 404


def test_a_file_is_stored_and_read_back_whole_and_in_pieces(place, tmp_path):
    source = tmp_path / "clip.mp4"
    source.write_bytes(BODY)

    stored = place.store.put_file(KEY, source, content_type="video/mp4")

    assert stored == place.store.head(KEY)
    assert stored.size == len(BODY)
    assert source.read_bytes() == BODY
    assert place.read(KEY) == BODY
    assert place.store.read_range(KEY, PART - 5, 10) == BODY[PART - 5 : PART + 5]
    assert place.store.read_range(KEY, len(BODY) - 3, 10) == BODY[-3:]
    assert place.store.read_range(KEY, len(BODY), 10) == b""
    assert place.store.read_range(KEY, 0, 0) == b""


def test_a_stream_is_read_forward_line_by_line(place):
    place.store.put_bytes(KEY, b"one\ntwo\n", content_type="text/plain")

    with place.store.open(KEY) as file:
        assert list(file) == [b"one\n", b"two\n"]


def test_a_program_can_read_a_local_copy_which_leaves_nothing_behind(place, tmp_path):
    place.store.put_bytes(KEY, BODY, content_type="video/mp4")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    with place.store.local_copy(KEY, scratch) as path, place.store.local_copy(KEY, scratch) as again:
        assert path.suffix == ".mp4"
        assert path.read_bytes() == again.read_bytes() == BODY

    assert list(scratch.iterdir()) == []
    assert place.read(KEY) == BODY


def test_what_is_not_there_is_missing_however_one_asks(place, tmp_path):
    assert place.store.head(KEY) is None
    for ask in (
        place.store.open,
        lambda key: place.store.read_range(key, 0, 1),
        lambda key: place.store.read_range(key, 0, 0),
    ):
        with pytest.raises(storage.ObjectMissing):
            ask(KEY)
    with pytest.raises(storage.ObjectMissing), place.store.local_copy(KEY, tmp_path):
        pass
    place.store.delete(KEY)


def test_a_prefix_is_a_folder(place):
    for key in ("a/b/c", "a/b/d/e", "a/bc", "b/b"):
        place.store.put_bytes(key, key.encode(), content_type="text/plain")

    assert {found.key for found in place.store.list()} == {"a/b/c", "a/b/d/e", "a/bc", "b/b"}
    assert {found.key: found.size for found in place.store.list("a/b")} == {"a/b/c": 5, "a/b/d/e": 7}
    assert list(place.store.list("a/b/c")) == []
    assert place.store.delete_prefix("a/b/") == 2
    assert {found.key for found in place.store.list()} == {"a/bc", "b/b"}
    assert next(place.store.list("b")) == place.store.head("b/b")


def test_everything_is_never_deleted_at_once(place):
    place.store.put_bytes("a", b"", content_type="text/plain")

    for prefix in ("", "/"):
        with pytest.raises(storage.BadKey):
            place.store.delete_prefix(prefix)
    assert place.store.head("a").size == 0


@pytest.mark.parametrize("kind", ["local", "s3"])
@pytest.mark.parametrize(
    "key",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "a/../b",
        "./a",
        ".uploads/x",
        "a\x00b",
        "a b",
        "a\\b",
        "ä",
        "a\n",
        "a" * 256,
        "a/" * 600 + "a",
    ],
)
def test_a_key_that_leads_elsewhere_is_refused(kind, key, tmp_path):
    with override_settings(STORAGE_BACKEND=kind, MEDIA_STORE_ROOT=tmp_path / "store", S3_BUCKET="studio"):
        store = storage.store()
    for ask in (
        store.head,
        store.url,
        store.open,
        store.delete,
        lambda key: store.put_bytes(key, b"", content_type="text/plain"),
        lambda key: store.presign_part(key, "0" * 32, 1, size=1),
        lambda key: store.start_multipart(key, content_type="text/plain", size=1),
        lambda key: store.abort_multipart(key, "0" * 32),
    ):
        with pytest.raises(storage.BadKey):
            ask(key)
    assert not (tmp_path / "store").exists()


def test_rules_that_the_store_cannot_keep_are_left_to_the_sweep(place):
    outcome = place.store.apply_lifecycle([storage.LifecycleRule("mezzanines", days=90, folder="mezzanines")])

    assert outcome.by_sweep == ("mezzanines",)
    assert outcome.message.endswith(".")


def test_a_healthy_store_says_so_and_keeps_nothing_of_the_question(place):
    assert place.store.check() is None
    assert list(place.store.list()) == []
