"""Which device made a file, as far as the file says so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from media_app.core.files.ffprobe_values import tag
from sessions_app.core.directions import without

#: Tags of ffprobe that name it, the surest first.
_MAKE = ("com.apple.quicktime.make", "com.android.manufacturer", "make", "company_name", "originator")
_MODEL = ("com.apple.quicktime.model", "com.android.model", "model", "product_name")
_SERIAL = ("com.apple.quicktime.serialnumber", "serial_number", "serialnumber")
#: Programs, which write themselves where devices write their makers.
_PROGRAM = re.compile(r"ffmpeg|lavf|libav|adobe|apple inc|obs|davinci|handbrake|avid", re.IGNORECASE)
_MOST = 100
_SONY = re.compile(r"<Device\b([^>]*)>")
_TRAIT = re.compile(r'(manufacturer|modelName|serialNo)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Device:
    """Empty where the file does not say. `serial` tells two devices of one model apart."""

    make: str = ""
    model: str = ""
    serial: str = ""

    def __str__(self) -> str:
        serial = f"serial number {self.serial}" if self.serial else ""
        return ", ".join(part for part in (f"{self.make} {self.model}".strip(), serial) if part)

    def or_else(self, other: "Device") -> "Device":
        """This one, with what it lacks from another."""
        return Device(*(getattr(self, one.name) or getattr(other, one.name) for one in fields(Device)))


def from_tags(form: Mapping[str, Any]) -> Device:
    """`form`: what ffprobe says of the format."""
    make, model, serial = (_first(form, names) for names in (_MAKE, _MODEL, _SERIAL))
    return Device() if _PROGRAM.search(make) else Device(make, model, serial)


def from_xml(text: str) -> Device:
    """Of the notes that Sony cameras write into their files and beside them: `<Device manufacturer="Sony" modelName=… serialNo=…/>`."""
    found = _SONY.search(text)
    traits = {name: without(value).strip()[:_MOST] for name, value in _TRAIT.findall(found[1])} if found else {}
    return Device(traits.get("manufacturer", ""), traits.get("modelName", ""), traits.get("serialNo", ""))


def from_gpmf(data: bytes) -> Device:
    """Of the notes in a GoPro's index: entries of a name, a type, a size and a count, of which `MINF` and `CASN` are text."""
    model, serial = (_gpmf_text(data, name) for name in (b"MINF", b"CASN"))
    return Device("GoPro", model, serial) if model or serial else Device()


def _gpmf_text(data: bytes, name: bytes) -> str:
    at = data.find(name)
    if at < 0 or data[at + 4 : at + 5] != b"c" or len(data) < at + 8:
        return ""
    size, count = data[at + 5], int.from_bytes(data[at + 6 : at + 8], "big")
    text = data[at + 8 : at + 8 + min(size * count, _MOST)]
    return text.split(b"\0")[0].decode("ascii", "ignore").strip()


def _first(form: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (tag(form, name) for name in names)
    return next((text[:_MOST] for text in found if text), "")


def as_json(device: Device) -> dict[str, str]:
    return {"make": device.make, "model": device.model, "serial": device.serial}


def from_json(stored: Mapping[str, str] | None) -> Device:
    """What `as_json` gave."""
    return Device(**stored) if stored else Device()
