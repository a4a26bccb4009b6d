"""Which disk a path lies on, by what /proc/mounts says."""

import re
from pathlib import PurePosixPath

#: File systems that other machines serve. SQLite's write-ahead log keeps its index in memory that all processes share,
#: which such a disk cannot give, and their locks are not to be relied on.
REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "beegfs"}
    | {f"fuse.{name}" for name in ("sshfs", "glusterfs", "ceph", "s3fs", "rclone", "gcsfuse", "juicefs", "davfs2")}
)


def remote_filesystem(path: str, mounts: str) -> str:
    """The name of the file system that another machine serves to `path`, absolute and without links; "" where the disk is
    of this machine. `mounts` is the text of /proc/mounts; a later line hides an earlier one of the same place."""
    place = PurePosixPath(path)
    deepest, found = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = PurePosixPath(_unescaped(fields[1]))
        if place.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, found = len(point.parts), fields[2]
    return found if found in REMOTE else ""


def _unescaped(field: str) -> str:
    """Blanks, tabs, line ends and backslashes stand there as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda digits: chr(int(digits[1], 8)), field)
