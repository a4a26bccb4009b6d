"""Files that mean harm: each is refused with a sentence or taken as the media it is; nothing leaves, nothing foreign is read."""

import resource
import secrets
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from media_app import derive, process
from media_app.core.probe import NotUsable
from media_app.process import ToolFailed
from tests import hostile
from tests.hostile import EITHER, REFUSED, TAKEN, Bait, Case

AT_ONCE = 3


@dataclass
class Ended:
    """How a case ended: what was said of it, and every byte that it left behind."""

    case: Case
    refusal: Exception | None = None
    left: bytes = b""


@dataclass
class Range:
    """The bait, who called at its port, and how each case ended."""

    bait: Bait
    canary: bytes
    folder: Path
    calls: list = field(default_factory=list)
    ended: dict[str, Ended] = field(default_factory=dict)

    def shoot(self, case: Case) -> Ended:
        folder = self.folder / f"{secrets.token_hex(4)}"
        (folder / "out").mkdir(parents=True)
        path = folder / case.filename
        path.write_bytes(case.data)
        (folder / self.bait.near).write_bytes(self.canary)
        ended = Ended(case)
        try:
            found = derive.inspect(path, logs=folder)
            derive.derive(path, found, folder / "out", logs=folder)
        except Exception as error:
            ended.refusal = error
        path.unlink()
        (folder / self.bait.near).unlink()
        # The logs begin with the arguments, among them the path; what programs said and made is what counts.
        ended.left = b"".join(left.read_bytes() for left in folder.rglob("*") if left.is_file())
        return ended


@pytest.fixture(scope="module")
def grounds(tmp_path_factory):
    """All cases, run once. Programs keep the network here: it is the whitelists that must hold."""
    folder = tmp_path_factory.mktemp("hostile")
    canary = f"CANARY-{secrets.token_hex(16)}\n".encode() * 8
    secret = folder / "secret.txt"
    secret.write_bytes(canary)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "REACH", "online")
        place = Range(Bait(secret, "near.txt", listener.getsockname()[1]), canary, folder)
        threading.Thread(target=answer, args=(listener, place.calls), daemon=True).start()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for ended in pool.map(place.shoot, hostile.cases(place.bait)):
                place.ended[ended.case.name] = ended
        yield place


def answer(listener: socket.socket, calls: list) -> None:
    while True:
        try:
            caller, _ = listener.accept()
        except OSError:
            return
        calls.append(caller.recv(200))
        caller.close()


NAMES = [case.name for case in hostile.cases(Bait(Path("/secret.txt"), "near.txt", 9))]


def test_there_are_two_hundred_and_more_and_no_two_have_one_name():
    counted = Counter(NAMES)
    assert [name for name, times in counted.items() if times > 1] == []
    assert len(NAMES) + len(hostile.BAD_NAMES) + len(hostile.ODD_NAMES) >= 300


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_with_a_sentence_or_taken_as_media(grounds, name):
    ended = grounds.ended[name]
    outcome = TAKEN if ended.refusal is None else REFUSED
    assert ended.case.ends in (outcome, EITHER), ended.refusal
    if ended.refusal is not None:
        assert isinstance(ended.refusal, NotUsable), repr(ended.refusal)
        assert str(ended.refusal).rstrip().endswith((".", "!"))
        assert str(grounds.folder) not in str(ended.refusal)
    assert b"CANARY" not in ended.left
    assert b"root:x:0:0" not in ended.left
    assert "CANARY" not in str(ended.refusal)


def test_nobody_was_called(grounds):
    assert grounds.calls == []


def test_the_listener_would_have_heard_a_call(grounds):
    with socket.create_connection(("127.0.0.1", grounds.bait.port)) as caller:
        caller.sendall(b"hello")
        caller.recv(1)
    assert grounds.calls.pop() == b"hello"


def test_no_program_had_more_than_a_gibibyte(grounds):
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 1 << 30


def test_what_a_tag_says_does_not_enter_what_is_made(grounds):
    for name, title in hostile.TITLES.items():
        for ended in (grounds.ended.get(f"tag-{name}-{file}") for file in ("clip.mp4", "clip.mkv")):
            if ended is not None:
                assert title[:60].encode() not in ended.left, ended.case.name


def test_memory_is_limited_by_the_kernel_not_by_good_will(tmp_path):
    """A picture within bounds whose decoder is told to keep far more than the limit."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(hostile.honest()["clip.mp4"])
    found = derive.inspect(clip)
    limits = process.Limits(memory_bytes=64 << 20)
    with pytest.raises(ToolFailed):
        process.ffmpeg(["-i", f"file:{clip}", "-f", "null", "-"], limits=limits)
    assert found.frames.frames == 25
