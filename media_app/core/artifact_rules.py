"""Which artifacts a client may register under an asset: their kind, place, times and meta."""

import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.core.files import keys
from media_app.core.files.accept import Refusal
from media_app.core.kinds import Kind

#: What the artifact of an engine says of its making.
ENGINE_META = ("backend_version", "model_used", "cache_key", "backend_type", "duration_ms")
#: Kinds that only an engine makes.
OF_ENGINES = frozenset(
    kind.name
    for kind in (
        *(kinds.AUDIO_CLEAN, kinds.ASR_TRANSCRIPT, kinds.AUDIO_SEMANTIC_TIMELINE, kinds.AUDIO_VOICE_ENHANCED),
        *(kinds.BEAT_FEATURES, kinds.BARS, kinds.VISUAL_META, kinds.VIDEO_REGION_SUMMARY, kinds.REGION_MASK),
    )
)
#: Kinds that anybody may register.
OPEN = tuple(
    kind.name for kind in kinds.ALL if kind.group and kind.group not in ("masters", "anonymised") and not kind.own
)
MAX_CACHE_KEY, MAX_TRACK_LABEL = 64, 64
#: A duration is kept in whole milliseconds, and an end is counted in frames or samples.
SLACK_MS = 1.0
_REGION_MASK = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.png")


@dataclass(frozen=True, slots=True)
class Parent:
    """The asset that an artifact is registered under; `duration_ms` is None for a file without one."""

    tenant_id: str
    env: str
    asset_id: str
    duration_ms: int | None

    @property
    def tenant_prefix(self) -> str:
        """Where all keys of its tenant begin."""
        return keys.tenant_prefix(self.tenant_id, self.env)

    @property
    def regions_prefix(self) -> str:
        """Where the masks and the summaries of its regions lie."""
        return f"{keys.asset_prefix(self.tenant_id, self.env, self.asset_id)}{kinds.VIDEO_REGION_SUMMARY.group}/"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a client says of an artifact."""

    kind: str
    key: str
    start_ms: float | None
    end_ms: float | None
    meta: Mapping[str, Any]


def refuse_artifact(claim: Claim, parent: Parent) -> Refusal | None:
    """The first thing wrong with an artifact, or None."""
    return _kind_fault(claim.kind) or _place_fault(claim, parent) or _time_fault(claim, parent) or _meta_fault(claim)


def artifact_id_of(claim: Claim) -> uuid.UUID | None:
    """The id that a region's mask brings in its name; None for every other file, which gets one."""
    found = _REGION_MASK.fullmatch(claim.key.rpartition("/")[2]) if is_region_mask(claim) else None
    return uuid.UUID(found[1]) if found else None


def is_region_mask(claim: Claim) -> bool:
    """Whether it is the mask of a region that a detector found, and not one that a person drew."""
    in_regions = f"/{kinds.VIDEO_REGION_SUMMARY.group}/" in claim.key
    return claim.kind == kinds.MASK.name and (in_regions or "region_type" in claim.meta)


def _kind_fault(kind: str) -> Refusal | None:
    known: Kind | None = kinds.BY_NAME.get(kind)
    if known is None:
        return Refusal("kind", f"There is no kind {kind[:40]!r}. Use one of {', '.join(OPEN)}.")
    if kind not in OPEN:
        return Refusal("kind", f"Studio makes {known.label.lower()} itself. Register one of {', '.join(OPEN)}.")
    return None


def _place_fault(claim: Claim, parent: Parent) -> Refusal | None:
    if not claim.key.startswith(parent.tenant_prefix):
        return Refusal("uri", f"The file must lie under {parent.tenant_prefix}, where this tenant's files are.")
    if is_region_mask(claim):
        name = claim.key.removeprefix(parent.regions_prefix)
        if name == claim.key or not _REGION_MASK.fullmatch(name):
            return Refusal("uri", f"The mask of a region must be {parent.regions_prefix}{{artifact_id}}.png.")
    elif claim.kind == kinds.VIDEO_REGION_SUMMARY.name and not claim.key.startswith(parent.regions_prefix):
        return Refusal("uri", f"A summary of regions must lie under {parent.regions_prefix}.")
    return None


def _time_fault(claim: Claim, parent: Parent) -> Refusal | None:
    start, end = claim.start_ms, claim.end_ms
    for field, value in (("start_ms", start), ("end_ms", end)):
        if value is not None and (not math.isfinite(value) or value < 0):
            return Refusal(field, f"{field} is a number of milliseconds from 0 up.")
    if end is not None and start is None:
        return Refusal("start_ms", "end_ms needs a start_ms: an artifact covers all of its asset or a stretch of it.")
    if end is not None and start is not None and end < start:
        return Refusal("end_ms", f"end_ms ({end:g}) is before start_ms ({start:g}).")
    if parent.duration_ms is not None:
        for field, value in (("start_ms", start), ("end_ms", end)):
            if value is not None and value > parent.duration_ms + SLACK_MS:
                return Refusal(field, f"{field} is {value:g}, and the asset ends at {parent.duration_ms} ms.")
    return None


def _meta_fault(claim: Claim) -> Refusal | None:
    cache_key = claim.meta.get("cache_key", "")
    if not isinstance(cache_key, str) or len(cache_key) > MAX_CACHE_KEY:
        return Refusal("meta.cache_key", f"meta.cache_key is text of at most {MAX_CACHE_KEY} characters.")
    if claim.kind not in OF_ENGINES and not is_region_mask(claim):
        return None
    missing = [name for name in ENGINE_META if claim.meta.get(name) is None]
    # An engine without a model of its own says so by an empty model_used.
    missing += [name for name in ("backend_type", "cache_key") if claim.meta.get(name) == ""]
    if not missing:
        return _duration_fault(claim.meta["duration_ms"])
    named = ", ".join(f"meta.{name}" for name in missing)
    return Refusal(f"meta.{missing[0]}", f"An engine's artifact says what made it: {named} is missing.")


def _duration_fault(value: object) -> Refusal | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    return None if good else Refusal("meta.duration_ms", "meta.duration_ms is a number of milliseconds from 0 up.")
