"""The place of every object: keys computed from what is known, never stored guesses.

Given a tenant, a project, a day, a camera, a clip and a version, every key of a session's asset follows; given a tenant, an
asset id and a version, every key of a registry asset. Keys are ASCII without spaces; text that a person typed is escaped, so
that two different words never share a key.
"""

import re
from dataclasses import dataclass
from datetime import date

from media_app.core.kinds import ALL, BY_NAME

ORIGINALS = "originals"
_PLAIN = re.compile(rb"[A-Za-z0-9_-]")
#: Left-to-right and right-to-left marks, with which names end that people copy.
_DIRECTION_MARKS = "\u200e\u200f"
_EXTENSION = re.compile(r"\.[a-z0-9]{1,10}\Z")
_VARIANT = re.compile(r"^[a-z0-9]+\Z")


class BadKeyPart(ValueError):
    """Something that may not stand in a storage key."""


@dataclass(frozen=True, slots=True)
class Angle:
    """One clip of a camera, in one version: what all its keys have in common."""

    tenant_id: str
    env: str
    project_id: str
    day: date
    camera: str
    version: int
    clip: int = 1


@dataclass(frozen=True, slots=True)
class Registered:
    """An asset without a session, in one version: what all its keys have in common."""

    tenant_id: str
    env: str
    asset_id: str
    version: int


Location = Angle | Registered


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
    found = _EXTENSION.search(filename.lower().rstrip(_DIRECTION_MARKS))
    return found.group() if found else ""


def tenant_prefix(tenant_id: str, env: str) -> str:
    return f"tenants/{escape(tenant_id)}/{escape(env)}/"


def project_prefix(tenant_id: str, env: str, project_id: str) -> str:
    return f"{tenant_prefix(tenant_id, env)}projects/{escape(project_id)}/"


def _day(day: date) -> str:
    """Eight digits. (strftime leaves the noughts of an early year out, and 1-01-01 would meet 101-0-1.)"""
    return day.isoformat().replace("-", "")


def _angle_name(angle: Angle) -> str:
    """`angle-002` for clip 1 of camera B, `angle-002-02` for clip 2.

    Raises BadKeyPart on a clip number below 1.
    """
    if not angle.clip >= 1:
        raise BadKeyPart(f"Clips count from 1, not {angle.clip}.")
    clip = "" if angle.clip == 1 else f"-{angle.clip:02d}"
    return f"angle-{angle_number(angle.camera):03d}{clip}"


def asset_prefix(tenant_id: str, env: str, asset_id: str) -> str:
    """The folder of an asset's engine artifacts, and of a registry asset's own files."""
    return f"{tenant_prefix(tenant_id, env)}media_v2/{escape(asset_id)}/"


def _file_key(location: Location, folder: str, extension: str) -> str:
    if not location.version >= 1:
        raise BadKeyPart(f"Versions count from 1, not {location.version}.")
    name = f"v{location.version:03d}{extension}"
    if isinstance(location, Registered):
        return f"{asset_prefix(location.tenant_id, location.env, location.asset_id)}{folder}/{name}"
    prefix = project_prefix(location.tenant_id, location.env, location.project_id)
    return f"{prefix}{_day(location.day)}/{folder}/{_angle_name(location)}_{name}"


def original_key(location: Location, filename: str) -> str:
    """The place of the uploaded file. Only its extension is taken from its name."""
    return _file_key(location, ORIGINALS, extension_of(filename))


def derived_key(location: Location, kind: str, variant: str = "") -> str:
    """The place of a file that was made of it; `variant` distinguishes two of one kind (waveform peaks at 20 and 1,000 a second).

    Raises BadKeyPart on a kind that has no folder here or a variant that is not small letters and digits.
    """
    known = BY_NAME.get(kind)
    if known is None or not known.folder:
        raise BadKeyPart(f"{kind!r} has no folder. Known: {', '.join(k.name for k in ALL if k.folder)}.")
    if variant and not _VARIANT.match(variant):
        raise BadKeyPart(f"A variant is small letters and digits, not {variant!r}.")
    return _file_key(location, known.folder, f".{variant}{known.extension}" if variant else known.extension)


def sync_key(angle: Angle, session_id: str, run: int, extension: str) -> str:
    """The place of a sync's evidence: the curve and the plot of each run, per clip."""
    prefix = project_prefix(angle.tenant_id, angle.env, angle.project_id)
    name = f"{_angle_name(angle)}_v{run:03d}{extension}"
    return f"{prefix}{_day(angle.day)}/sync/{escape(session_id)}/{name}"


def artifact_key(tenant_id: str, env: str, asset_id: str, group: str, artifact_id: str, extension: str) -> str:
    """The place of an engine's artifact."""
    prefix = asset_prefix(tenant_id, env, asset_id)
    return f"{prefix}{escape(group)}/{escape(artifact_id)}{extension_of(extension)}"


def production_prefix(tenant_id: str, env: str, production_id: str) -> str:
    """The folder of a production's package; its files name each other, so they share it."""
    return f"{tenant_prefix(tenant_id, env)}productions/{escape(production_id)}/"


def export_prefix(tenant_id: str, env: str, export_id: str) -> str:
    """The folder of an export's files."""
    return f"{tenant_prefix(tenant_id, env)}exports/{escape(export_id)}/"


def job_prefix(tenant_id: str, env: str, job_id: str) -> str:
    return f"{tenant_prefix(tenant_id, env)}jobs/{escape(job_id)}/"


def job_log_key(tenant_id: str, env: str, job_id: str, attempt: int, stream: str) -> str:
    """The place of an attempt's stdout or stderr."""
    return f"{job_prefix(tenant_id, env, job_id)}attempt-{attempt}/{escape(stream)}.log"
