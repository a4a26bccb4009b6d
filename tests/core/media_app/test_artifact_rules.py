"""Which artifacts a client may register: kind, place, times and meta, each refused with its field."""

import math
import uuid

import pytest

from media_app.core.artifact_rules import Claim, Parent, artifact_id_of, refuse_artifact

PARENT = Parent("t_club", "dev", "a1", 5000)
PREFIX = "tenants/t_club/dev/"
REGIONS = f"{PREFIX}media_v2/a1/regions/"
MASK_ID = "0b5f9c2e-6a1d-4c3b-9e57-000000000001"
ENGINE = {"backend_version": "1", "model_used": "tiny", "cache_key": "k", "backend_type": "whisper", "duration_ms": 20}


def claim(kind: str = "frame", key: str = f"{PREFIX}x.png", start=None, end=None, **meta) -> Claim:
    return Claim(kind, key, start, end, meta)


@pytest.mark.parametrize(
    "good",
    [
        claim(),
        claim(start=0.0, end=5000.5),
        claim("mask", f"{REGIONS}{MASK_ID}.png", **ENGINE),
        claim("mask", f"{PREFIX}drawn.png"),
        claim("asr_transcript", f"{PREFIX}t.json", **ENGINE),
        claim("video_region_summary", f"{REGIONS}s.json", **ENGINE),
    ],
)
def test_what_is_as_it_should_be_is_taken(good: Claim):
    assert refuse_artifact(good, PARENT) is None


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (claim("dance"), "kind"),
        (claim("proxy"), "kind"),
        (claim(key="tenants/t_other/dev/x.png"), "uri"),
        (claim("mask", f"{REGIONS}mask.png"), "uri"),
        (claim("mask", f"{PREFIX}media_v2/a2/regions/{MASK_ID}.png"), "uri"),
        (claim("mask", f"{PREFIX}m.png", region_type="face"), "uri"),
        (claim("video_region_summary", f"{PREFIX}s.json", **ENGINE), "uri"),
        (claim(start=-1.0), "start_ms"),
        (claim(start=math.nan), "start_ms"),
        (claim(end=10.0), "start_ms"),
        (claim(start=10.0, end=5.0), "end_ms"),
        (claim(start=0.0, end=5002.0), "end_ms"),
        (claim(start=6000.0), "start_ms"),
        (claim(cache_key="k" * 65), "meta.cache_key"),
        (claim(cache_key=1), "meta.cache_key"),
        (claim("asr_transcript"), "meta.backend_version"),
        (claim("asr_transcript", **ENGINE | {"backend_type": ""}), "meta.backend_type"),
        (claim("asr_transcript", **ENGINE | {"duration_ms": True}), "meta.duration_ms"),
        (claim("asr_transcript", **ENGINE | {"duration_ms": -1}), "meta.duration_ms"),
    ],
)
def test_what_is_wrong_names_its_field(bad: Claim, field: str):
    refusal = refuse_artifact(bad, PARENT)

    assert refusal is not None
    assert (refusal.field, refusal.message[-1]) == (field, ".")


def test_times_of_a_file_without_a_duration_have_no_end():
    assert refuse_artifact(claim(start=9e6, end=9e7), Parent("t_club", "dev", "a1", None)) is None


def test_only_the_mask_of_a_region_brings_its_id():
    assert artifact_id_of(claim("mask", f"{REGIONS}{MASK_ID}.png")) == uuid.UUID(MASK_ID)
    assert artifact_id_of(claim("mask", f"{PREFIX}{MASK_ID}.png")) is None
