"""The stored objects that a job read and made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from media_app.core.files.keys import tenant_prefix
from media_app.models import DerivedMedia, MediaJob
from media_app.services import replay


@dataclass(frozen=True, slots=True)
class Link:
    """A stored object that a job read or made; `key` is empty where the name is no key, as of a camera's offset."""

    name: str
    key: str


def inputs_of(job: MediaJob) -> list[Link]:
    """The stored objects that the job's input names, by key or, as sync does its sounds, by checksum."""
    named = [Link(name.replace("_", " "), key) for name, key in _keys_in(job.input_json, job)]
    sounds = job.input_json.get("inputs")
    if not isinstance(sounds, dict) or not job.session_id:
        return named
    known = DerivedMedia.objects.filter(asset__session=job.session_id, checksum__in=[str(c) for c in sounds.values()])
    return named + [
        Link(f"Audio of camera {sound.asset.camera_key}", sound.key)
        for sound in known.select_related("asset").order_by("asset__camera_label", "asset__clip")
    ]


def outputs_of(job: MediaJob) -> list[Link]:
    """What the job says it made: objects by their keys, else the names that it gives checksums for."""
    result = job.result_json or {}
    links = {key: Link(key.rpartition("/")[2], key) for _, key in _keys_in(result, job)}
    if job.type == replay.REPLAY:
        return []
    for name in result.get("checksums") or {}:
        links.setdefault(
            name, Link(name.rpartition("/")[2] if is_key(name, job) else name, name if is_key(name, job) else "")
        )
    return list(links.values())


def is_key(text: str, job: MediaJob) -> bool:
    return text.startswith(tenant_prefix(job.tenant_id, job.env)) and " " not in text


def _keys_in(value: Any, job: MediaJob, name: str = "") -> Iterator[tuple[str, str]]:
    """Every storage key of the job's own tenant in a JSON value, with the name that it has there."""
    if isinstance(value, dict):
        for inner, held in value.items():
            if is_key(str(inner), job):
                yield name, str(inner)
            yield from _keys_in(held, job, f"{name} {inner}".strip())
    elif isinstance(value, list):
        for held in value:
            yield from _keys_in(held, job, name)
    elif isinstance(value, str) and is_key(value, job):
        yield name, value
