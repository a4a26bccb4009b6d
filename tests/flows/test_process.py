"""Programs are started, watched, stopped and outlived by nobody."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from media_app import jobs, process
from media_app.core.ffmpeg import input_guard
from media_app.core.ffmpeg.hardware import HARDWARE, HardwareEncoder
from media_app.core.files.faults import NotMedia, NotUsable
from media_app.models import Worker
from media_app.process import (
    Cancelled,
    Control,
    Limits,
    ToolFailed,
    ToolMissing,
    ToolStalled,
    hardware,
    logs,
    supervise,
    watch,
)
from tests.support.waiting import BUSY, until

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25", "-f", "null", "-"]
ROOT = Path(__file__).resolve().parents[2]


def shell(script, control=None, **options):
    return process.run(["sh", "-c", script], control, **options)


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_program_that_ends_well_reports_its_exact_arguments(tmp_path):
    seen = []
    finished = shell("echo one; echo two >&2", Control(logs=tmp_path), on_stdout=seen.append)
    assert finished.argv == ("sh", "-c", "echo one; echo two >&2")
    assert b"".join(seen) == b"one\n"
    assert (tmp_path / "stderr.log").read_text().splitlines()[-1] == "two"
    assert finished.stderr_tail == "two\n"


def test_a_program_that_fails_reports_its_code_and_last_words():
    with pytest.raises(ToolFailed, match="exit code 7: it broke") as caught:
        shell("echo it broke >&2; exit 7")
    assert (caught.value.exit_code, caught.value.argv[0]) == (7, "sh")


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(ToolMissing, match="no-such-tool"):
        process.run(["no-such-tool"])


def test_a_program_sees_nothing_of_the_workers_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "hush")
    shell("env", Control(logs=tmp_path))
    assert "hush" not in (tmp_path / "stdout.log").read_text()


def test_logs_grow_by_run_and_are_capped(tmp_path):
    log = tmp_path / "stdout.log"
    shell("echo first", Control(logs=tmp_path))
    shell("yes | head -c 12000000; echo the end", Control(logs=tmp_path))
    text = log.read_text()
    assert text.startswith("$ sh -c echo first\nfirst\n$ ")
    assert text.endswith("the end\n")
    assert "left out" in text
    assert len(text) < logs.LOG_CAP + logs.TAIL_BYTES + 1000


def test_a_program_that_stands_still_is_stopped_with_its_children(tmp_path):
    with pytest.raises(ToolStalled):
        shell(f"sleep 600 & echo $! > {tmp_path}/pid; wait", Control(stall_s=0.5))
    until(lambda: not alive(int((tmp_path / "pid").read_text())))


def test_a_program_that_ignores_term_is_killed(monkeypatch):
    monkeypatch.setattr(watch, "TERM_GRACE_S", 0.3)
    with pytest.raises(ToolStalled) as caught:
        shell("trap '' TERM; while :; do sleep 0.1; done", Control(stall_s=0.3))
    assert caught.value.exit_code == -signal.SIGKILL


def test_ffmpeg_that_waits_for_bytes_that_never_come_is_stopped_with_a_sentence(tmp_path):
    fifo = tmp_path / "never"
    os.mkfifo(fifo)
    with fifo.open("r+b", buffering=0), pytest.raises(NotUsable, match="stalls"):
        process.ffmpeg(["-f", "s16le", "-i", str(fifo), "-f", "null", "-"], Control(stall_s=1))


def test_ffmpeg_that_the_system_stopped_is_ended(monkeypatch):
    monkeypatch.setattr(watch, "TERM_GRACE_S", 0.3)
    monkeypatch.setattr(watch.Watch, "advanced_to", lambda self, block: self.child.send_signal(signal.SIGSTOP))
    with pytest.raises(ToolStalled):
        process.ffmpeg(["-re", *ENDLESS], Control(stall_s=1))


@pytest.mark.parametrize(
    "circle", ["while True: pass", "while True: file.seek(0); file.read(8)"], ids=["computes", "reads the same again"]
)
def test_a_program_that_turns_in_circles_is_stopped(tmp_path, circle):
    (tmp_path / "clip").write_bytes(bytes(64))
    script = f"file = open({str(tmp_path / 'clip')!r}, 'rb', buffering=0)\n{circle}"
    with pytest.raises(ToolStalled):
        process.run([sys.executable, "-I", "-S", "-c", script], Control(stall_s=0.4), limits=Limits(nice=0))


def test_a_program_that_is_slow_but_gets_on_is_left_alone(tmp_path):
    (tmp_path / "clip").write_bytes(bytes(64))
    slowly = (
        f"import time; file = open({str(tmp_path / 'clip')!r}, 'rb', buffering=0)\nwhile file.read(8): time.sleep(0.3)"
    )
    process.run([sys.executable, "-I", "-S", "-c", slowly], Control(stall_s=2))
    shell("for i in 1 2 3 4 5 6; do sleep 0.4; echo $i; done", Control(stall_s=2))


def test_cancel_stops_ffmpeg_at_once():
    asked = time.monotonic() + 0.5
    began = []
    with pytest.raises(Cancelled):
        process.ffmpeg(["-re", *ENDLESS], Control(lambda: time.monotonic() > asked), on_progress=began.append)
    assert time.monotonic() - asked < 2 * BUSY


def test_a_worker_killed_while_ffmpeg_runs_in_a_thread_takes_ffmpeg_with_it(tmp_path):
    script = f"""
import sys, threading; sys.path.insert(0, {str(ROOT)!r})
from media_app import process
def work():
    process.run(["sh", "-c", "echo $$ > {tmp_path}/pid; exec sleep 600"])
threading.Thread(target=work).start()
threading.Event().wait()
"""
    worker = subprocess.Popen([sys.executable, "-c", script])
    try:
        until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
        pid = int((tmp_path / "pid").read_text())
        assert alive(pid)
        worker.kill()
        worker.wait()
        until(lambda: not alive(pid))
    finally:
        worker.kill()
        worker.wait()


def test_a_program_started_from_a_thread_runs_to_its_end():
    results = []
    thread = threading.Thread(target=lambda: results.append(shell("sleep 0.2; echo done >&2")))
    thread.start()
    thread.join()
    assert results[0].stderr_tail == "done\n"


def test_two_programs_run_together_and_both_are_observed(tmp_path):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    meet = "touch {0}; for i in $(seq 500); do [ -e {1} ] && echo met >&2 && break; sleep 0.02; done"
    ran = []

    with process.observed(lambda argv: ran.append(argv[0])):
        both = process.run_in_parallel(
            lambda: shell(meet.format(mine, theirs)).stderr_tail, lambda: shell(meet.format(theirs, mine)).stderr_tail
        )

    assert both == ("met\n", "met\n")
    assert ran == ["sh", "sh"]


def test_of_two_programs_that_fail_together_the_first_is_reported():
    with pytest.raises(ToolFailed, match="code 3"):
        process.run_in_parallel(lambda: shell("sleep 0.2; exit 3"), lambda: shell("exit 4"))


def test_limits_hold(tmp_path):
    with pytest.raises(ToolFailed):
        shell(f"head -c 2000000 /dev/zero > {tmp_path}/big", limits=Limits(file_bytes=1_000_000))
    assert (tmp_path / "big").stat().st_size <= 1_000_000
    with pytest.raises(ToolFailed, match="limit"):
        process.run([sys.executable, "-c", "while True: pass"], limits=Limits(cpu_s=1))
    with pytest.raises(ToolFailed):
        process.run([sys.executable, "-c", "bytearray(2 << 30)"], limits=Limits(memory_bytes=1 << 30))


def test_work_is_nice_to_the_web_server_not_only_to_itself():
    said = []
    shell("nice; cat /proc/self/autogroup 2>/dev/null", on_stdout=said.append, limits=Limits(nice=12))
    niceness, *group = b"".join(said).decode().splitlines()
    assert int(niceness) == min(19, os.nice(0) + 12)
    if not group:
        pytest.skip("This system does not share processors among sessions.")
    assert group[0].endswith("nice 19")


def test_how_nice_work_is_says_a_setting_where_nobody_waits_for_it(settings):
    for niceness in (7, 0):
        settings.PROGRAM_NICENESS = niceness
        said = []
        shell("nice", on_stdout=said.append)
        assert int(b"".join(said)) == min(19, os.nice(0) + niceness)


def test_an_error_in_a_hook_stops_the_program(tmp_path):
    def fail(_data):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        shell(f"echo $$ > {tmp_path}/pid; echo x; exec sleep 600", on_stdout=fail)
    until(lambda: not alive(int((tmp_path / "pid").read_text())))


def test_no_descriptor_is_left_open(tmp_path):
    def count():
        return len(list(Path("/proc/self/fd").iterdir()))

    process.ffmpeg(["-t", "0.1", *ENDLESS])
    before = count()
    for _ in range(3):
        process.ffmpeg(["-t", "0.1", *ENDLESS], Control(logs=tmp_path))
    with pytest.raises(ToolFailed):
        process.ffmpeg(["-i", "file:/nowhere", "-f", "null", "-"])
    assert count() == before


def test_a_playlist_reaches_no_other_file(tmp_path):
    (tmp_path / "secret.txt").write_text("hush")
    playlist = tmp_path / "clip.mp4"
    playlist.write_text(f"\n\n#EXTM3U\n#EXTINF:1,\nfile://{tmp_path}/secret.txt\n#EXT-X-ENDLIST\n")
    with pytest.raises(NotMedia):
        process.probe_file(playlist)
    with pytest.raises(ToolFailed):
        process.ffprobe(playlist)


def test_a_program_has_no_network_where_the_system_can_take_it_away():
    reaches = "import socket; socket.create_connection(('127.0.0.1', %d), timeout=5)"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if not can_leave_the_network():
            pytest.skip("This system lets no program leave the network; the whitelists are all there is.")
        with pytest.raises(ToolFailed, match="unreachable"):
            process.run([sys.executable, "-c", reaches % port])
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def can_leave_the_network() -> bool:
    asks = "import ctypes, sys; u = ctypes.CDLL(None).unshare; sys.exit(u(0x40000000) and u(0x50000000) and 1)"
    return subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0


def test_what_ffmpeg_cannot_read_to_its_end_is_an_error_unless_damage_is_allowed(tmp_path):
    whole = tmp_path / "whole.ts"
    process.ffmpeg(["-t", "2", *ENDLESS[:4], "-c:v", "mpeg2video", "-f", "mpegts", str(whole)])
    data = bytearray(whole.read_bytes())
    for at in range(len(data) // 3, len(data) // 2, 97):
        data[at] ^= 0xFF
    damaged = tmp_path / "damaged.ts"
    damaged.write_bytes(data)
    args = [*input_guard(damaged), "-f", "null", "-"]
    process.ffmpeg(args, damage_ok=True)
    with pytest.raises(ToolFailed):
        process.ffmpeg(args)


def test_an_encoder_works_when_it_has_encoded_one_picture_and_says_why_when_not():
    asked = [
        HardwareEncoder("libx264", "Stand-in", filters="format=yuv420p"),
        HardwareEncoder("h264_nobody", "In no build"),
        HardwareEncoder("libx264", "No device", device=("-init_hw_device", "vaapi=gpu:/dev/null")),
        HardwareEncoder("mjpeg_vaapi", "No surface"),
    ]
    stand_in, nobody, no_device, no_surface = hardware.try_encoders(asked)
    assert stand_in.as_json == {"name": "libx264", "label": "Stand-in", "works": True, "reason": ""}
    assert nobody.reason == "not in this build of ffmpeg"
    for refused in (no_device, no_surface):
        assert not refused.works
        assert "@ 0x" not in refused.reason


def test_a_worker_notes_what_its_machine_encodes_with_and_asks_every_encoder_once(monkeypatch, db):
    asked = []
    monkeypatch.setattr(hardware, "ffmpeg", lambda args, **_: asked.append(args[args.index("-c:v") + 1]))
    hardware.hardware_encoders.cache_clear()
    Worker.objects.create(name=jobs.worker_name(), host="here")
    Worker.objects.create(name="another:1", host="there")
    jobs.record_encoders()
    jobs.record_encoders()
    hardware.hardware_encoders.cache_clear()
    known = [encoder.name for encoder in HARDWARE]
    assert asked == known
    noted = Worker.objects.get(host="here").encoders
    assert [one["name"] for one in noted if one["works"]] == known
    assert Worker.objects.get(host="there").encoders is None


def test_a_worker_asks_no_encoder_where_hardware_is_off(settings, db):
    settings.VIDEO_HARDWARE_ENCODER = "off"
    Worker.objects.create(name=jobs.worker_name(), host="here")
    jobs.record_encoders()
    assert Worker.objects.get(host="here").encoders is None


def test_a_service_that_was_all_right_for_a_while_starts_again_at_once(monkeypatch):
    monkeypatch.setattr(supervise, "STEADY_S", 0.05)
    said: list[str] = []
    dying = process.Service(
        "web", (sys.executable, "-I", "-S", "-c", "import time; time.sleep(0.2); raise SystemExit(3)")
    )
    process.keep_running([dying], lambda: len(said) == 3, log=said.append)
    assert said == ["web ended with 3; again in 1 s"] * 3
