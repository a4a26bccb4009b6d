"""OpenStack Swift on one disk of one machine, speaking S3, with R2's further rules in front of it."""

import contextlib
import functools
import json
import os
import pwd
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.servers import Program, ServiceMissing, free_port, run

ROOT = Path(__file__).resolve().parents[2]
VENV = Path(os.environ.get("SWIFT_VENV", ROOT / "var" / "swift-venv"))
SERVERS = ("account", "container", "object")

_RINGS = """
import json, sys
from swift.common.ring import RingBuilder
for name, port in json.loads(sys.argv[2]).items():
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1,
                     "replication_ip": "127.0.0.1", "replication_port": port, "meta": ""})
    builder.rebalance()
    builder.get_ring().save(f"{sys.argv[1]}/{name}.ring.gz")
"""


@dataclass(frozen=True, slots=True)
class Swift:
    """Where an S3 client finds it. `wire_log` has one JSON object per request: method, path, query, headers."""

    endpoint_url: str
    wire_log: Path
    programs: tuple[Program, ...] = ()
    access_key: str = "studio:studio"
    secret_key: str = field(default="studio", repr=False)
    region: str = "auto"

    def requests(self) -> list[dict]:
        return [json.loads(line) for line in self.wire_log.read_text().splitlines()]


@contextlib.contextmanager
def swift() -> Iterator[Swift]:
    programs = VENV / "bin"
    if not (programs / "swift-proxy-server").exists():
        raise ServiceMissing(
            f"Swift is not installed in {VENV}: run `.venv/bin/python scripts/swift_venv.py` (make setup does)."
        )
    with (
        tempfile.TemporaryDirectory(prefix="studio-swift-", ignore_cleanup_errors=True) as name,
        contextlib.ExitStack() as up,
    ):
        folder = Path(name)
        check_xattrs(folder)
        ports = {server: free_port() for server in (*SERVERS, "proxy")}
        write_configuration(folder, ports)
        make_rings(programs, folder, ports)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(Path(__file__).parent / "swift_filters"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        started = []
        for server in (*SERVERS, "proxy"):
            command = [programs / f"swift-{server}-server", folder / f"{server}.conf"]
            answers = functools.partial(healthy, ports[server])
            started.append(up.enter_context(Program(command, folder / f"{server}.log", answers, env=environment)))
        for program in started:
            program.wait_until_ready()
        yield Swift(f"http://127.0.0.1:{ports['proxy']}", folder / "wire.jsonl", tuple(started))


def make_rings(programs: Path, folder: Path, ports: dict[str, int]) -> None:
    wanted = json.dumps({server: ports[server] for server in SERVERS})
    run([programs / "python", "-W", "ignore", "-c", _RINGS, folder, wanted])


def check_xattrs(folder: Path) -> None:
    try:
        os.setxattr(folder, "user.studio", b"1")
    except OSError as error:
        raise ServiceMissing(
            f"{folder} takes no extended attributes, which Swift needs: set TMPDIR to a disk that does."
        ) from error


def healthy(port: int) -> bool:
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthcheck", timeout=2) as answer,
    ):
        return answer.status == 200
    return False


def write_configuration(folder: Path, ports: dict[str, int]) -> None:
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "wire.jsonl").touch()
    (folder / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_prefix = studio\nswift_hash_path_suffix = studio\n"
    )
    for server in SERVERS:
        (folder / f"{server}.conf").write_text(backend_configuration(folder, server, ports[server]))
    (folder / "proxy.conf").write_text(proxy_configuration(folder, ports["proxy"]))


def common(folder: Path, port: int) -> str:
    # The log's port is dead on purpose: without a syslog to talk to, Swift warns on every line.
    return f"""[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {pwd.getpwuid(os.geteuid()).pw_name}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_udp_host = 127.0.0.1
log_udp_port = 9
log_level = ERROR
db_preallocation = off
container_update_timeout = 30
"""


def backend_configuration(folder: Path, server: str, port: int) -> str:
    return f"""{common(folder, port)}
[pipeline:main]
pipeline = healthcheck {server}-server

[filter:healthcheck]
use = egg:swift#healthcheck

[app:{server}-server]
use = egg:swift#{server}
container_update_timeout = 30
"""


def proxy_configuration(folder: Path, port: int) -> str:
    names = (
        "catch_errors healthcheck proxy-logging cache listing_formats r2rules s3api tempauth bulk slo symlink"
        " versioned_writes copy"
    )
    plain = ("catch_errors", "healthcheck", "listing_formats", "bulk", "symlink", "copy")
    return f"""{common(folder, port)}
[pipeline:main]
pipeline = {names} proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
node_timeout = 30
conn_timeout = 5

{"".join(f"[filter:{name}]{chr(10)}use = egg:swift#{name}{chr(10)}{chr(10)}" for name in plain)}
[filter:proxy-logging]
use = egg:swift#proxy_logging

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:9

[filter:r2rules]
paste.filter_factory = r2rules:filter_factory
wire_log = {folder}/wire.jsonl

[filter:s3api]
use = egg:swift#s3api
location = auto
s3_acl = false
check_bucket_owner = false
max_upload_part_num = 10000
min_segment_size = 5242880

[filter:tempauth]
use = egg:swift#tempauth
user_studio_studio = studio .admin

[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000

[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
"""
