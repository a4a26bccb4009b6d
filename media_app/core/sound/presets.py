"""Mastering presets: what somebody wants to hear, as data. Each is one JSON file, released once and never changed.

A document says every field of the schema, so that nothing about a released preset hides in code. What a caller overrides
is laid over the document, and the whole is held against the same schema.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from media_app.core.schema_faults import schema_faults
from sessions_app.errors import StudioError

#: What a caller may not lay over a preset: who it is.
IDENTITY = ("name", "version", "title", "description")
#: Codecs that an MP4 or MOV holds along with a copied picture.
WITH_PICTURE = ("aac", "pcm_s16le", "pcm_s24le")
RATES = {"mp3": (8000, 16000, 22050, 24000, 32000, 44100, 48000)}


class BadPreset(StudioError):
    """A preset or what is laid over it cannot be used; `field` is the path of the fault in the document."""

    code = "bad_preset"


class UnknownPreset(StudioError):
    """There is no released preset of this name."""

    code = "unknown_preset"


@dataclass(frozen=True, slots=True)
class Ducking:
    """`amount_db`: by how much the music sinks under speech. `gate`: how faint speech still counts."""

    mode: str
    gate: str
    amount_db: float
    attack_ms: float
    release_ms: float

    @property
    def active(self) -> bool:
        return self.mode != "none" and self.amount_db > 0


@dataclass(frozen=True, slots=True)
class Timing:
    """`duration_seconds`: None = as long as the recording. `music_shorter`: "loop" or "end"."""

    duration_seconds: float | None
    fade_enabled: bool
    fade_seconds: float
    music_shorter: str


@dataclass(frozen=True, slots=True)
class Output:
    """`sample_rate`, `channels`: None = as the recording has them."""

    picture: str
    codec: str
    sample_rate: int | None
    channels: int | None
    bitrate_kbps: int | None


@dataclass(frozen=True, slots=True)
class Normalization:
    enabled: bool
    target_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True)
class Preset:
    """A checked document. `mode`: keep (no music), mix, or replace (the recorded sound is not heard)."""

    name: str
    version: int
    title: str
    description: str
    mode: str
    music_gain_db: float
    video_gain_db: float
    ducking: Ducking
    timing: Timing
    output: Output
    normalization: Normalization
    document: Mapping[str, Any]

    @property
    def takes_music(self) -> bool:
        return self.mode != "keep"

    @property
    def digest(self) -> str:
        """The same for the same wishes, whatever order they were written in."""
        wishes = {name: value for name, value in self.document.items() if name not in ("title", "description")}
        return hashlib.sha256(json.dumps(wishes, sort_keys=True).encode()).hexdigest()


@cache
def schema() -> dict[str, Any]:
    return dict(json.loads((files("media_app") / "presets" / "schema.json").read_text("utf-8")))


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Every released preset's document, by name. Raises BadPreset when a file is not as its name or the schema says."""
    found = {}
    for path in sorted((files("media_app") / "presets").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".json") and path.name != "schema.json":
            document = json.loads(path.read_text("utf-8"))
            check(document)
            if path.name != f"{document['name']}.json" or not document["name"].endswith(f"_v{document['version']}"):
                raise BadPreset(f"{path.name} holds the preset {document['name']}, version {document['version']}.")
            found[document["name"]] = document
    return found


def load(name: str, overrides: Mapping[str, Any] | None = None) -> Preset:
    """The released preset `name` with `overrides` laid over it: {"ducking": {"amount_db": 6}}.

    Raises UnknownPreset, BadPreset with the path of the fault.
    """
    known = documents()
    if name not in known:
        raise UnknownPreset(
            f"There is no preset {name[:80]!r}. Choose one of {', '.join(known)}.",
            field="preset",
            details={"choices": list(known)},
        )
    return read(laid_over(known[name], overrides or {}))


def read(document: Mapping[str, Any]) -> Preset:
    """A document as a Preset. Raises BadPreset."""
    check(document)
    output = document["output"]
    whole = {
        name: None if output[name] is None else int(output[name])
        for name in ("sample_rate", "channels", "bitrate_kbps")
    }
    return Preset(
        **{name: document[name] for name in (*IDENTITY, "mode", "music_gain_db", "video_gain_db")},
        ducking=Ducking(**document["ducking"]),
        timing=Timing(**document["timing"]),
        output=Output(**{**output, **whole}),
        normalization=Normalization(**document["normalization"]),
        document=document,
    )


def laid_over(document: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """`overrides` over `document`, section by section; not yet checked. Raises BadPreset when it would rename it."""
    if not isinstance(overrides, Mapping):
        raise BadPreset('overrides: must be an object, such as {"ducking": {"amount_db": 6}}.', field="overrides")
    merged = {name: dict(value) if isinstance(value, Mapping) else value for name, value in document.items()}
    for name, value in overrides.items():
        if name in IDENTITY:
            raise BadPreset(f"{name}: a preset keeps its {name}; leave it out of the overrides.", field=name)
        if isinstance(value, Mapping) and isinstance(merged.get(name), dict):
            merged[name].update(value)
        else:
            merged[name] = value
    return merged


def check(document: Mapping[str, Any]) -> None:
    """Raise BadPreset with the path of the first fault, all faults in `details`."""
    faults = schema_faults(schema(), document) or list(_contradictions(document))
    if faults:
        faults.sort()
        path, fault = faults[0]
        named = [{"field": where, "message": what} for where, what in faults]
        raise BadPreset(f"{path}: {fault}" if path else fault, field=path or None, details={"fields": named})


def _contradictions(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    output, codec = document["output"], document["output"]["codec"]
    if output["picture"] == "copy" and codec not in WITH_PICTURE:
        yield (
            "output.codec",
            f"{codec} cannot be stored with a picture; use one of {', '.join(WITH_PICTURE)}, or drop the picture.",
        )
    if output["sample_rate"] is not None and output["sample_rate"] not in RATES.get(codec, (output["sample_rate"],)):
        yield "output.sample_rate", f"{codec} has no {output['sample_rate']} Hz; use 48000."
    if codec == "mp3" and output["channels"] == 6:
        yield "output.channels", "mp3 has at most two channels."
    if document["mode"] != "mix" and document["ducking"]["mode"] != "none":
        yield (
            "ducking.mode",
            'music is ducked under speech only where both are heard: use mode "mix", or ducking "none".',
        )
