"""What a render does to sound and shaking clips, an export does for all of its outputs: measured in what came out."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_app.making.workspace import Workspace
from render_app.core.catalogue import Profile
from render_app.core.plan.films import Film
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import (
    Automation,
    Clip,
    Ducking,
    Keyframe,
    MediaReference,
    Sequence,
    Stabilise,
    Target,
    Track,
)
from render_app.making import exports
from tests.flows.test_render_mix import SAMPLES, clip, music, speech
from tests.flows.test_render_steady import RATE, shaking, shaky
from tests.support import media
from tests.support.films import compiled, made, material, small_profile

#: Of the sound alone, as samples.
WAV = replace(small_profile(pcm=True), extension=".wav")


def exported(
    sequence: Sequence, files: Mapping[str, Path], wanted: Mapping[str, Profile], folder: Path
) -> dict[str, Path]:
    """The files of an export with these outputs."""
    reels, _ = material(files)
    films = [Film(name, sequence, (), RenderWish(one), one.extension == ".wav") for name, one in wanted.items()]
    plan = compile_outputs(films, reels)
    paths = [files[one["asset_id"]] for one in plan.inputs]
    found = exports.export(plan.as_json, paths, Workspace(folder), stall_s=90).files
    return {file.meta["name"]: file.path for file in found}


def test_tracks_sink_and_the_whole_swells_as_in_a_render_and_alike_in_every_output(tmp_path):
    tracks = (
        Track("talk", "audio", (clip("d"),), audio_role="dialogue"),
        Track("music", "audio", (clip("m"),), audio_role="music", ducking=Ducking("dialogue", 12)),
    )
    swell = Automation(
        "k", Target("sequence", "s"), "volume_db", (Keyframe(Fraction(5000), 0), Keyframe(Fraction(7000), -20))
    )
    sequence = Sequence("s", RATE, tracks=tracks, automation=(swell,))
    files, folder = {"d": speech(), "m": music()}, tmp_path / "render"
    folder.mkdir()
    film = small_profile(RATE, pcm=True)

    found = exported(sequence, files, {"film": film, "fast": replace(film, fps=Fraction(50)), "wav": WAV}, tmp_path)

    render = media.decode_sound(made(compiled(sequence, files, RenderWish(film)), files, folder).path)[0]
    heard = {name: media.decode_sound(path)[0] for name, path in found.items()}
    assert all(np.array_equal(one, render) for one in heard.values())
    high = np.abs(np.fft.rfft(render[: 8 * SAMPLES].reshape(-1, 4800), axis=1)[:, 895:906]).max(axis=1) / 2400 / 0.1
    level = 20 * np.log10(high + 1e-9)
    assert level[24:38] == pytest.approx(-12, abs=1)
    assert level[60] == pytest.approx(-10.5, abs=0.5)
    assert level[72:78] == pytest.approx(-20, abs=0.5)


def test_a_shaking_clip_is_steady_in_every_output(tmp_path):
    shot = Clip("x", MediaReference("m"), Fraction(1800), Fraction(200))
    profile = replace(small_profile(RATE, pcm=True), crf=0)
    sizes = {"large": profile, "small": replace(profile, width=160, height=90)}
    found = {}
    for name, how in {"before": None, "after": Stabilise(smoothing=15)}.items():
        folder = tmp_path / name
        folder.mkdir()
        sequence = Sequence("s", RATE, tracks=(Track("t", "video", (replace(shot, stabilise=how),)),))
        films = exported(sequence, {"m": shaky()}, sizes, folder)
        found[name] = {size: np.stack(list(media.decode_pictures(path))).astype(float) for size, path in films.items()}
    middle = np.s_[:, 15:75, 20:140]
    assert shaking(found["after"]["large"]) < shaking(found["before"]["large"]) / 3
    before, after = (np.abs(np.diff(found[name]["small"][5:-5][middle], axis=0)).mean() for name in ("before", "after"))
    assert after < before / 2
