"""Which disks are another machine's."""

import pytest

from sessions_app.core.disks import remote_filesystem

MOUNTS = r"""/dev/vda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
tmpfs /tmp tmpfs rw 0 0
nas:/films /mnt/films nfs4 rw,vers=4.2 0 0
//nas/share /mnt/my\040share cifs rw 0 0
host /mnt/host 9p rw,trans=virtio 0 0
me@far:/ /home/me/far fuse.sshfs rw 0 0
/dev/sdb1 /mnt/films/local ext4 rw 0 0
/dev/sdc1 /mnt/over ext4 rw 0 0
nas:/over /mnt/over nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "filesystem"),
    [
        ("/var/studio/studio.sqlite3", ""),
        ("/tmp/studio.sqlite3", ""),
        ("/mnt/films/studio.sqlite3", "nfs4"),
        ("/mnt/films", "nfs4"),
        ("/mnt/filmsandmore/studio.sqlite3", ""),
        ("/mnt/films/local/studio.sqlite3", ""),
        ("/mnt/my share/studio.sqlite3", "cifs"),
        ("/mnt/host/a/b/studio.sqlite3", "9p"),
        ("/home/me/far/studio.sqlite3", "fuse.sshfs"),
        ("/mnt/over/studio.sqlite3", "nfs"),
    ],
)
def test_the_deepest_and_latest_mount_shows_whose_disk_a_path_is_on(path, filesystem):
    assert remote_filesystem(path, MOUNTS) == filesystem


def test_a_torn_line_is_passed_over():
    assert remote_filesystem("/x", "\nrubbish\n/dev/vda1 / ext4 rw 0 0\n") == ""
