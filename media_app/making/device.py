"""Which device made a local file, by what its index keeps beside what ffprobe tells."""

from collections.abc import Iterator
from pathlib import Path

from media_app.core.files.device import Device, from_gpmf, from_xml
from media_app.making.boxes import Boxes, is_iso

#: Notes of a device are some kilobytes.
MOST_BYTES = 1 << 20


def device_in(path: Path) -> Device:
    """Of an MP4 or MOV: a GoPro's notes (`moov/udta/GPMF`), or the XML of a Sony (`meta/xml `); nothing of others."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if not is_iso(file.read(8)):
            return Device()
        boxes = Boxes(file, 0, size)
        found = [from_gpmf(data) for data in _contents(boxes, b"moov", b"udta", b"GPMF")]
        found += [from_xml(data.decode("utf-8", "ignore")) for data in _xml(boxes)]
        return next((device for device in found if device != Device()), Device())


def _xml(boxes: Boxes) -> Iterator[bytes]:
    for where in ((b"meta",), (b"moov", b"meta")):
        for meta in boxes.at(*where):
            # Its content begins with a version, as that of ISO files does, or without, as in QuickTime.
            for begin in (meta.body + 4, meta.body):
                yield from _contents(boxes.within(begin, min(meta.end, boxes.end)), b"xml ")


def _contents(boxes: Boxes, *names: bytes) -> Iterator[bytes]:
    for box in boxes.at(*names):
        boxes.file.seek(box.body)
        yield boxes.file.read(min(box.end - box.body, MOST_BYTES))
