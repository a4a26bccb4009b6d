"""Presets: released ones never change, and what is laid over them is held against the schema."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest

import media_app
from media_app.core.sound import presets
from media_app.core.sound.presets import BadPreset, UnknownPreset

FOLDER = Path(media_app.__file__).parent / "presets"
#: SHA-256 of each released file. A new wish is a new file with the next version: never change one of these lines.
RELEASED = {
    "convert_aac_v1": "a9acda09bccddcfeceaff0209327ff3208578a3a0e90c4b48b07afc38986b2f7",
    "dialogue_mix_v1": "2f9b603d1a4a4183ad3eaefdf74562cff9c956cc1b50512991957db6d6086cf3",
    "extract_audio_v1": "c0977849eef069a9820573cf90291e0187cdf010e1d118849c6dd4025e6963ee",
    "music_mix_abrupt_duck_v1": "ea0a5489326556af70d5a7adf11317c0d970db1afb0e1fd7df16040b8c348d5a",
    "music_mix_roll_duck_v1": "643701d3fd78b49a6137b74e0bcf9d68dd5f1956783de646ab4dacf4c5b0fb62",
    "music_replace_v1": "3c8c8efcf4fef6c592f9675721fcdbd7ce228e67e711397db261ed04364fd1d9",
    "normalise_v1": "b17d5238bc449e7c545e4d7d750ba00b354a27bf55028683f2f0c7f0067a4476",
    "podcast_stereo_v1": "ddaa42a1a38eec763b4af449efe2f25e962ac319fdc554ff84aa52830d7dbb95",
}


def test_a_released_preset_never_changes():
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*_v*.json")}
    assert found == RELEASED


def test_every_preset_says_every_field_of_the_schema_that_has_no_default():
    """A field that came later has one: a released preset's file stays as it is."""
    schema = presets.schema()
    assert set(schema["required"]) == set(schema["properties"])
    for section in ("ducking", "timing", "output", "normalization"):
        fields = schema["properties"][section]["properties"]
        later = {name: field["default"] for name, field in fields.items() if "default" in field}
        assert set(schema["properties"][section]["required"]) == set(fields) - set(later)
        read = asdict(getattr(presets.load("normalise_v1"), section))
        assert {name: read[name] for name in later} == later
    assert set(presets.documents()) == set(RELEASED)


def test_what_is_laid_over_a_preset_changes_that_field_alone():
    plain, changed = presets.load("dialogue_mix_v1"), presets.load("dialogue_mix_v1", {"ducking": {"amount_db": 6}})
    assert changed.ducking.amount_db == 6
    assert changed.ducking.gate == plain.ducking.gate
    assert changed.output == plain.output
    assert changed.digest != plain.digest == presets.load("dialogue_mix_v1", {}).digest


@pytest.mark.parametrize(
    ("overrides", "path", "words"),
    [
        ({"ducking": {"depth": 3}}, "ducking.depth", "no such field. Known here: mode, gate"),
        ({"volume": 3}, "volume", "no such field"),
        ({"ducking": {"amount_db": 99}}, "ducking.amount_db", "from 0 to 30, not 99"),
        ({"ducking": {"amount_db": True}}, "ducking.amount_db", "must be number"),
        ({"ducking": None}, "ducking", "must be object"),
        ({"ducking": {"gate": "loose"}}, "ducking.gate", '"sensitive", "normal", "strict"'),
        ({"music_gain_db": float("nan")}, "music_gain_db", "finite"),
        ({"music_gain_db": 1e9}, "music_gain_db", "-60 to 20"),
        ({"timing": {"duration_seconds": 0}}, "timing.duration_seconds", "from 0.1"),
        ({"output": {"sample_rate": 44000}}, "output.sample_rate", "44000"),
        ({"output": {"codec": "mp3"}}, "output.codec", "cannot be stored with a picture"),
        ({"output": {"picture": "drop", "codec": "mp3", "sample_rate": 96000}}, "output.sample_rate", "has no 96000"),
        ({"normalization": {"true_peak_dbtp": 0}}, "normalization.true_peak_dbtp", "from -9 to -1"),
        ({"mode": "replace"}, "ducking.mode", "both are heard"),
        ({"name": "mine_v1"}, "name", "keeps its name"),
        ([1], "overrides", "must be an object"),
    ],
)
def test_a_bad_field_is_refused_with_its_path(overrides, path, words):
    with pytest.raises(BadPreset) as refused:
        presets.load("dialogue_mix_v1", overrides)
    assert refused.value.field == path
    assert words in str(refused.value)


def test_all_faults_are_reported_at_once():
    with pytest.raises(BadPreset) as refused:
        presets.load("dialogue_mix_v1", {"ducking": {"depth": 1, "amount_db": -1}, "mode": "loud"})
    assert [fault["field"] for fault in refused.value.details["fields"]] == [
        "ducking.amount_db",
        "ducking.depth",
        "mode",
    ]


def test_an_unknown_preset_names_what_there_is():
    with pytest.raises(UnknownPreset, match="dialogue_mix_v1"):
        presets.load("dialogue_mix_v9")


def test_a_document_without_a_field_is_refused():
    document = json.loads((FOLDER / "normalise_v1.json").read_text())
    del document["output"]["codec"]
    with pytest.raises(BadPreset, match=r"output\.codec: is missing"):
        presets.read(document)
