"""Files that mean harm: each is refused with a sentence or taken as the media it is; nothing leaves, nothing foreign is read."""

import multiprocessing
import os
import socket
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from media_app import process
from media_app.core.files.faults import OutOfRange
from media_app.making import original
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.process import ToolFailed
from tests.support import hostile
from tests.support.derived import derive
from tests.support.hostile import Bait, Grounds

ALL = [case.name for case in hostile.cases(Bait(Path("/secret.txt"), "near.txt", 9))]
#: Every tag and every other of the rest; `HOSTILE=all`: all of them.
NAMES = [
    name for number, name in enumerate(ALL)
    if os.environ.get("HOSTILE") == "all" or number % 2 == 0 or name.startswith("tag-")
]  # fmt: skip


@pytest.fixture(scope="module")
def thrown(tmp_path_factory):
    """The cases, thrown once. In a process of their own, so that the largest program is one of theirs and not of another test."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        return alone.submit(hostile.throw_all, tmp_path_factory.mktemp("hostile"), frozenset(NAMES)).result()


@pytest.fixture
def grounds(tmp_path):
    place = Grounds(tmp_path)
    with place.open():
        yield place


def test_there_are_three_hundred_and_no_two_have_one_name():
    assert [name for name, times in Counter(ALL).items() if times > 1] == []
    assert len(ALL) + len(hostile.BAD_NAMES) + len(hostile.ODD_NAMES) >= 300


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_with_a_sentence_or_taken_as_media(thrown, name):
    assert thrown.faults[name] == []


def test_nobody_was_called(thrown):
    assert thrown.calls == []


def test_the_listener_would_have_heard_a_call(grounds):
    with socket.create_connection(("127.0.0.1", grounds.bait.port)) as caller:
        caller.sendall(b"hello")
        caller.recv(1)
    assert grounds.calls.pop() == b"hello"


def test_a_foreign_byte_would_have_been_seen(grounds):
    ended = hostile.Ended(hostile.Case("leak", "test", b"", hostile.TAKEN), left=b"... " + grounds.canary)
    assert grounds.faults(ended) == ["read a file that is not its own"]


def test_no_program_had_more_than_a_gibibyte(thrown):
    assert 10 << 20 < thrown.peak_bytes < 1 << 30


def test_what_a_tag_says_does_not_enter_what_is_made(thrown):
    for name, title in hostile.TITLES.items():
        for case in (f"tag-{name}-{file}" for file in ("clip.mp4", "clip.mkv")):
            assert title[:60].encode() not in thrown.made.get(case, b""), case


def test_memory_is_limited_by_the_kernel_and_the_operator_gets_a_sentence(tmp_path, monkeypatch):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(hostile.honest()["clip.mp4"])
    found = inspect(clip)
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(original.build, "memory_for", lambda *facts: 300 << 20)
    with pytest.raises(OutOfRange, match="memory"):
        derive(clip, found, Workspace(tmp_path / "out"))


def test_a_file_can_be_refused_by_the_limit_on_what_is_written(tmp_path):
    with pytest.raises(ToolFailed):
        process.ffmpeg(
            ["-f", "lavfi", "-i", "sine=d=60", str(tmp_path / "out.wav")], limits=process.Limits(file_bytes=1 << 20)
        )
    assert (tmp_path / "out.wav").stat().st_size <= 1 << 20
