"""Where every object lies: keys computed from what is known, never stored guesses.

Given a tenant, a project, a day, a camera and a version, every key follows. Keys are ASCII without spaces; what a person
typed is escaped, so that two different words never share a key.
"""

import re
from dataclasses import dataclass
from datetime import date

FOLDERS = {
    "original": "originals",
    "proxy": "proxies",
    "mezzanine": "mezzanines",
    "audio-wav": "audios",
    "waveform": "waveforms",
    "thumbnail": "thumbnails",
}
EXTENSIONS = {
    "proxy": ".mp4",
    "mezzanine": ".mov",
    "audio-wav": ".wav",
    "waveform": ".dat",
    "thumbnail": ".jpg",
}
_PLAIN = re.compile(rb"[A-Za-z0-9_-]")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,10}\Z")
_VARIANT = re.compile(r"^[a-z0-9]+\Z")


class BadKeyPart(ValueError):
    """Something that may not stand in a storage key."""


@dataclass(frozen=True, slots=True)
class Angle:
    """One camera's recording, in one version: what all its keys have in common."""

    tenant_id: str
    env: str
    project_id: str
    day: date
    camera: str
    version: int


def escape(text: str) -> str:
    """`text` as one path segment: letters, digits, '-' and '_' stay, each other UTF-8 byte becomes `~` and two hex
    digits. Injective, so two texts never meet.

    Raises BadKeyPart on an empty text.
    """
    if not text:
        raise BadKeyPart("A storage key has no empty parts.")
    return "".join(chr(b) if _PLAIN.match(bytes([b])) else f"~{b:02x}" for b in text.encode("utf-8", "surrogatepass"))


def angle_number(camera: str) -> int:
    """Camera A is angle 1, Z is 26.

    Raises BadKeyPart on anything but one capital letter.
    """
    if len(camera) != 1 or not "A" <= camera <= "Z":
        raise BadKeyPart(f"A camera label is one capital letter, not {camera!r}.")
    return ord(camera) - ord("A") + 1


def extension_of(filename: str) -> str:
    """The file name's extension in small letters with its dot, or nothing where it has none that is safe to keep."""
    found = _EXTENSION.search(filename.lower())
    return found.group() if found else ""


def tenant_prefix(tenant_id: str, env: str) -> str:
    return f"tenants/{escape(tenant_id)}/{escape(env)}/"


def project_prefix(tenant_id: str, env: str, project_id: str) -> str:
    return f"{tenant_prefix(tenant_id, env)}projects/{escape(project_id)}/"


def _day(day: date) -> str:
    """Eight digits. (strftime leaves the noughts of an early year out, and 1-01-01 would meet 101-0-1.)"""
    return day.isoformat().replace("-", "")


def _angle_key(angle: Angle, folder: str, extension: str) -> str:
    if not angle.version >= 1:
        raise BadKeyPart(f"Versions count from 1, not {angle.version}.")
    name = f"angle-{angle_number(angle.camera):03d}_v{angle.version:03d}{extension}"
    prefix = project_prefix(angle.tenant_id, angle.env, angle.project_id)
    return f"{prefix}{_day(angle.day)}/{folder}/{name}"


def original_key(angle: Angle, filename: str) -> str:
    """Where the file that somebody gave us lies. Only its extension is taken from its name."""
    return _angle_key(angle, FOLDERS["original"], extension_of(filename))


def derived_key(angle: Angle, kind: str, variant: str = "") -> str:
    """Where a file that we made of it lies; `variant` tells two of one kind apart (waveform peaks at 20 and 1,000 a second).

    Raises BadKeyPart on a kind that has no folder here or a variant that is not small letters and digits.
    """
    if kind not in EXTENSIONS:
        raise BadKeyPart(f"{kind!r} has no folder. Known: {', '.join(EXTENSIONS)}.")
    if variant and not _VARIANT.match(variant):
        raise BadKeyPart(f"A variant is small letters and digits, not {variant!r}.")
    return _angle_key(angle, FOLDERS[kind], f".{variant}{EXTENSIONS[kind]}" if variant else EXTENSIONS[kind])


def sync_key(angle: Angle, session_id: str, run: int, extension: str) -> str:
    """Where the evidence of a session's sync lies; the curve and the plot of each run, per camera."""
    prefix = project_prefix(angle.tenant_id, angle.env, angle.project_id)
    name = f"angle-{angle_number(angle.camera):03d}_v{run:03d}{extension}"
    return f"{prefix}{_day(angle.day)}/sync/{escape(session_id)}/{name}"


def artifact_key(tenant_id: str, env: str, asset_id: str, group: str, artifact_id: str, extension: str) -> str:
    """Where an engine's artifact lies."""
    return (
        f"{tenant_prefix(tenant_id, env)}media_v2/{escape(asset_id)}/{escape(group)}/{escape(artifact_id)}"
        f"{extension_of(extension)}"
    )


def production_prefix(tenant_id: str, env: str, production_id: str) -> str:
    """The folder of a production's package; its files name each other, so they lie together."""
    return f"{tenant_prefix(tenant_id, env)}productions/{escape(production_id)}/"


def job_prefix(tenant_id: str, env: str, job_id: str) -> str:
    return f"{tenant_prefix(tenant_id, env)}jobs/{escape(job_id)}/"


def job_log_key(tenant_id: str, env: str, job_id: str, attempt: int, stream: str) -> str:
    """Where an attempt's stdout or stderr lies."""
    return f"{job_prefix(tenant_id, env, job_id)}attempt-{attempt}/{escape(stream)}.log"
