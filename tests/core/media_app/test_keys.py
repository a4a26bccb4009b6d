"""Storage keys: computed, never twice the same, fit for every store."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.files import keys
from media_app.core.kinds import ALL
from media_app.storage import check_key

WORDS = st.text(min_size=1, max_size=40)
ANGLES = st.builds(
    keys.Angle,
    tenant_id=st.from_regex(r"t_[a-z0-9_-]{1,12}", fullmatch=True),
    env=st.sampled_from(["dev", "stage", "prod"]),
    project_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}", fullmatch=True),
    day=st.dates(),
    camera=st.sampled_from("ABCXYZ"),
    version=st.integers(1, 2000),
    clip=st.integers(1, 200),
)
ANGLE = keys.Angle("t_club", "dev", "spring", date(2026, 1, 13), "B", 7)


def test_keys_are_as_the_contract_has_them():
    assert keys.original_key(ANGLE, "Our film.MOV") == (
        "tenants/t_club/dev/projects/spring/20260113/originals/angle-002_v007.mov"
    )
    made = {kind: keys.derived_key(ANGLE, kind).rsplit("/", 2)[-2:] for kind in (k.name for k in ALL if k.folder)}
    assert made == {
        "proxy": ["proxies", "angle-002_v007.mp4"],
        "mezzanine": ["mezzanines", "angle-002_v007.mov"],
        "audio-wav": ["audios", "angle-002_v007.wav"],
        "waveform": ["waveforms", "angle-002_v007.dat"],
        "thumbnail": ["thumbnails", "angle-002_v007.jpg"],
        "keyframes": ["keyframes", "angle-002_v007.json"],
    }
    assert keys.job_log_key("t_club", "dev", "j1", 2, "stderr") == "tenants/t_club/dev/jobs/j1/attempt-2/stderr.log"
    assert keys.artifact_key("t_club", "dev", "a1", "regions", "r1", ".json") == (
        "tenants/t_club/dev/media_v2/a1/regions/r1.json"
    )


def test_keys_of_later_clips_carry_their_number():
    def name(clip: int, kind: str, variant: str = "") -> str:
        return keys.derived_key(replace(ANGLE, clip=clip), kind, variant).rpartition("/")[2]

    assert name(1, "proxy") == "angle-002_v007.mp4"
    assert name(2, "proxy") == "angle-002-02_v007.mp4"
    assert name(13, "waveform", "20") == "angle-002-13_v007.20.dat"
    assert name(100, "proxy") == "angle-002-100_v007.mp4"
    assert keys.sync_key(replace(ANGLE, clip=2), "s1", 3, ".json").endswith("/sync/s1/angle-002-02_v003.json")


@pytest.mark.parametrize("clip", [0, -1])
def test_a_clip_below_one_has_no_key(clip):
    with pytest.raises(keys.BadKeyPart, match="Clips count from 1"):
        keys.derived_key(replace(ANGLE, clip=clip), "proxy")


def test_keys_of_a_registry_asset_lie_under_its_id():
    registered = keys.Registered("t_club", "dev", "a1", 7)
    folder = "tenants/t_club/dev/media_v2/a1"
    assert keys.original_key(registered, "Our film.MOV") == f"{folder}/originals/v007.mov"
    assert keys.derived_key(registered, "waveform", "20") == f"{folder}/waveforms/v007.20.dat"
    made = {keys.derived_key(registered, k.name) for k in ALL if k.folder}
    assert made == {
        f"{folder}/proxies/v007.mp4", f"{folder}/mezzanines/v007.mov", f"{folder}/audios/v007.wav",
        f"{folder}/waveforms/v007.dat", f"{folder}/thumbnails/v007.jpg", f"{folder}/keyframes/v007.json",
    }  # fmt: skip
    with pytest.raises(keys.BadKeyPart, match="Versions count from 1"):
        keys.original_key(replace(registered, version=0), "a.mp4")


@given(WORDS, WORDS)
def test_two_texts_never_share_an_escaped_form(one, other):
    assert (keys.escape(one) == keys.escape(other)) == (one == other)


@given(WORDS)
def test_an_escaped_text_is_one_plain_path_segment(text):
    assert re.fullmatch(r"[A-Za-z0-9_~-]+", keys.escape(text))


@given(ANGLES, ANGLES)
def test_two_angles_share_no_key(one, other):
    assert (keys.derived_key(one, "proxy") == keys.derived_key(other, "proxy")) == (one == other)


@given(ANGLES, st.text(max_size=300))
def test_every_key_fits_every_store_and_lies_in_its_tenant(angle, filename):
    made = [keys.original_key(angle, filename), keys.sync_key(angle, "s 1", 3, ".png")]
    made += [keys.derived_key(angle, kind) for kind in (k.name for k in ALL if k.folder)]
    made += [keys.derived_key(angle, "waveform", "1000")]
    for key in made:
        assert check_key(key) == key
        assert key.startswith(keys.project_prefix(angle.tenant_id, angle.env, angle.project_id))
        assert f"/{angle.day.year:04d}{angle.day.month:02d}{angle.day.day:02d}/" in key


def test_days_of_early_years_do_not_meet():
    early = [date(1, 1, 1), date(10, 1, 1), date(101, 1, 1), date(1010, 1, 1)]
    prefixes = {keys.original_key(keys.Angle("t_a", "dev", "p", day, "A", 1), "a.mp4") for day in early}
    assert len(prefixes) == 4


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("a.MP4", ".mp4"), ("a.b.mkv", ".mkv"), ("clip", ""), ("a.mp4 ", ""), ("a.mp4\n", ""), (".mov", ".mov"),
        ("a.über", ""), ("a.../../etc", ""), ("x." + "a" * 11, ""), ("x.ⅿp4", ""), ("K.\u212av", ".kv"),
    ],
)  # fmt: skip
def test_only_a_plain_extension_is_kept(filename, kept):
    assert keys.extension_of(filename) == kept


@pytest.mark.parametrize("camera", ["", "AB", "a", "1", "Ä", "A\n"])
def test_a_camera_is_one_capital_letter(camera):
    with pytest.raises(keys.BadKeyPart):
        keys.angle_number(camera)


@pytest.mark.parametrize("variant", ["1 000", "20\n", "../x", "A"])
def test_a_variant_is_small_letters_and_digits(variant):
    with pytest.raises(keys.BadKeyPart):
        keys.derived_key(ANGLE, "waveform", variant)


def test_unknown_kinds_versions_below_one_and_empty_parts_are_refused():
    with pytest.raises(keys.BadKeyPart, match="has no folder"):
        keys.derived_key(ANGLE, "stem")
    with pytest.raises(keys.BadKeyPart, match="count from 1"):
        keys.original_key(keys.Angle("t_a", "dev", "p", date(2026, 1, 1), "A", 0), "a.mp4")
    with pytest.raises(keys.BadKeyPart, match="no empty parts"):
        keys.tenant_prefix("t_a", "")
