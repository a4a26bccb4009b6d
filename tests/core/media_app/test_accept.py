"""What is let in, and what is told to whom is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.files.accept import AUDIO_EXTENSIONS, VIDEO_EXTENSIONS, refuse_upload

GIB = 2**30


def refusal(filename="a.mp4", content_type="video/mp4", size=1000, max_bytes=GIB):
    return refuse_upload(filename, content_type, size, max_bytes=max_bytes)


@pytest.mark.parametrize("extension", sorted(VIDEO_EXTENSIONS | AUDIO_EXTENSIONS))
def test_recordings_are_taken_whatever_the_case_of_their_extension(extension):
    assert refusal(f"Camera 1 (wide){extension.upper()}", "application/octet-stream") is None


@pytest.mark.parametrize("content_type", ["", "video/quicktime", "audio/x-wav", "VIDEO/MP4", "video/mp4; codecs=avc1"])
def test_types_of_media_and_of_nothing_in_particular_are_taken(content_type):
    assert refusal(content_type=content_type) is None


@pytest.mark.parametrize(
    "name", ["Hochzeit Müller.mp4", "结婚.mov", "Screen Recording 10.00\u202fAM.mov", "a'b\"c;$.mp4"]
)
def test_names_in_any_script_are_taken(name):
    assert refusal(name) is None


def test_an_empty_file_passes_here_for_its_ingest_to_name():
    assert refusal(size=0) is None


@pytest.mark.parametrize(
    ("filename", "word"),
    [
        ("", "no name"), ("  . ", "no name"), ("a" * 300 + ".mp4", "longer"), ("../a.mp4", "slashes"),
        ("a\\b.mp4", "slashes"), ("a\x00.mp4", "invisible"), ("a\n.mp4", "invisible"), ("a\u202egpj.mp4", "invisible"),
        ("a\ud800.mp4", "invisible"), ("notes.txt", "'.txt'"), ("clip", "no extension"), ("a.mp4.exe", "'.exe'"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_taken_is_refused_with_what_to_do(filename, word):
    found = refusal(filename)
    assert found.field == "filename"
    assert word in found.message


@pytest.mark.parametrize(
    "content_type", ["image/png", "text/html", "video/mp4\r\nX: 1", "vidéo/mp4", "video/" + "x" * 200]
)
def test_a_type_that_is_no_media_is_refused(content_type):
    assert refusal(content_type=content_type).field == "contentType"


def test_sizes_are_checked():
    assert refusal(size=-1).field == "sizeBytes"
    assert refusal(size=GIB) is None
    assert "Split" in refusal(size=GIB + 1).message


@given(st.text(max_size=400), st.text(max_size=200), st.integers(-(2**70), 2**70))
def test_anything_gets_an_answer(filename, content_type, size):
    found = refuse_upload(filename, content_type, size, max_bytes=GIB)
    assert found is None or (found.field in ("filename", "contentType", "sizeBytes") and found.message.endswith("."))
