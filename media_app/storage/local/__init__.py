"""The store in a folder of this machine, with signed URLs that answer as a bucket's do.

    root/<key>                     objects
    root/.drafts/                  files being written, moved into place when whole
    root/.uploads/<upload id>/     one multipart upload:
        upload.json                what was announced: key, size, part size
        body                       the file itself, sparse: part N lies at (N − 1) · part size
        parts/<number>.<size>.<md5>  an empty marker for each part whose bytes are on the disk
        lock, slot-NN              who is writing

Completing is one rename, whatever the file's size. A marker is made after its part's bytes are synced, so a torn write
leaves none. Parts are written under a shared lock of the upload and the lock of their slot; completing and giving up
take the upload's lock alone, so no late part can write into an object that has been published. Locks are the kernel's
(flock), so they hold between processes and vanish with them.
"""

from media_app.storage.local.store import LocalStore

__all__ = ["LocalStore"]
