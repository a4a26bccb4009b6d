"""What a film looks like: transitions at every step, places, opacity, rotation and filters, measured in its pixels."""

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from render_app.core import catalogue
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import (
    Clip,
    Crop,
    Filter,
    FilterStack,
    MediaReference,
    Position,
    Sequence,
    Target,
    Track,
    Transition,
)
from tests.support import media
from tests.support.films import compiled, rendered, small_profile
from tests.support.pictures import Step, blended

RATE, WIDTH, HEIGHT, STEPS, START = Fraction(25), 320, 180, 12, 20
FILES = {
    "A": lambda: media.slate(seconds=4, rate="25"),
    "B": lambda: media.slate("b.mp4", seconds=4, rate="25", flash_phase=0.5),
}
#: Mean difference of grey levels that compression explains.
NOISE = 4.0


def clip(id: str, asset: str, begin: int, end: int, at: int, **fields) -> Clip:
    return Clip(id, MediaReference(asset), Fraction(end), Fraction(begin), Fraction(at), **fields)


def film(folder: Path, *tracks: tuple[Clip, ...], **more) -> np.ndarray:
    """The film of these tracks as grey pictures."""
    made = tuple(Track(f"t{order}", "video", clips, order=order) for order, clips in enumerate(tracks))
    sequence = Sequence("s", RATE, tracks=made, **more)
    files = {one.content.asset_id: FILES[one.content.asset_id]() for one in sequence.clips}
    plan = compiled(sequence, files, RenderWish(small_profile(RATE)))
    pictures = np.stack(list(media.decode_pictures(rendered(plan, files, folder)))).astype(float)
    assert len(pictures) == plan.expected.frames
    return pictures


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What each side of a transition shows by itself, in the frames of its window."""

    @cache
    def side(asset: str, begin: int) -> np.ndarray:
        folder = tmp_path_factory.mktemp(asset)
        return film(folder, (clip("x", asset, begin, begin + 40 * STEPS, 0),))

    return side("A", 40 * START), side("B", 2000)


def joined(kind: str, folder: Path) -> np.ndarray:
    """The window of a transition of `STEPS` frames which starts on frame `START`."""
    first, second = clip("a", "A", 0, 40 * (START + STEPS), 0), clip("b", "B", 2000, 3200, 40 * START)
    made = Transition("x", kind, Fraction(40 * STEPS), "a", "b")
    return film(folder, (first, second), transitions=(made,))[START : START + STEPS]


@pytest.mark.parametrize("kind", catalogue.transitions())
def test_a_transition_is_what_its_name_says_at_every_step(kind, alone, tmp_path):
    window = joined(kind, tmp_path)
    off = [
        np.abs(window[step] - blended(kind, alone[0][step], alone[1][step], Step(step, STEPS, (0, 255)))).mean()
        for step in range(STEPS)
    ]
    assert max(off) < NOISE, off


@pytest.mark.parametrize(
    ("kind", "steps"), [("crossfade", 1), ("dip_to_black", 1), ("dip_to_white", 3), ("push_left", 2), ("slide_up", 1)]
)
def test_a_transition_of_a_few_frames_costs_no_frame(kind, steps, tmp_path):
    clips = (clip("a", "A", 1000, 2000, 0), clip("b", "B", 1000, 2000, 1000))
    made = Transition("x", kind, Fraction(40 * steps), "a", "b")
    pictures = film(tmp_path, clips, transitions=(made,))
    codes = [media.read_frame_code(one.astype(np.uint8)) for one in pictures]
    assert codes[:23] == list(range(25, 48))
    assert codes[27:] == list(range(27, 50))


def test_a_smaller_picture_lies_where_its_position_says(tmp_path):
    under, over = clip("a", "A", 0, 400, 0), clip("b", "B", 0, 400, 0, scale=0.5, position=Position(0.25, 0.25))
    both = film(tmp_path, (under,), (over,))
    assert [media.read_frame_code(one[:90, :160].astype(np.uint8)) for one in both] == list(range(10))
    (tmp_path / "under").mkdir()
    alone = film(tmp_path / "under", (under,))
    assert np.abs(both[:, 96:, :] - alone[:, 96:, :]).mean() < NOISE
    assert np.abs(both[:, :, 166:] - alone[:, :, 166:]).mean() < NOISE


def test_opacity_mixes_a_clip_with_what_is_below_it(tmp_path):
    under, over = clip("a", "A", 0, 200, 0), clip("b", "B", 2000, 2200, 0)
    films = []
    for name, tracks in {
        "under": ((under,),),
        "over": ((over,),),
        "both": ((under,), (clip("b", "B", 2000, 2200, 0, opacity=0.25),)),
    }.items():
        (tmp_path / name).mkdir()
        films.append(film(tmp_path / name, *tracks))
    assert np.abs(films[2] - (0.75 * films[0] + 0.25 * films[1])).mean() < NOISE


def test_a_hidden_track_shows_what_is_below_and_a_gap_is_black(tmp_path):
    track = Track("t1", "video", (clip("b", "B", 0, 200, 0),), order=1, hidden=True)
    below = Track("t0", "video", (clip("a", "A", 0, 200, 200),))
    sequence = Sequence("s", RATE, tracks=(below, track))
    files = {name: make() for name, make in FILES.items()}
    plan = compiled(sequence, files, RenderWish(small_profile(RATE)))
    pictures = list(media.decode_pictures(rendered(plan, files, tmp_path)))
    assert max(one.mean() for one in pictures[:5]) < 2
    assert [media.read_frame_code(one) for one in pictures[5:]] == list(range(5))


def test_crop_takes_shares_of_the_source_and_rotation_turns_about_the_middle(tmp_path):
    names = {"whole": {}, "cut": {"crop": Crop(left=0.5), "scale_mode": "stretch"}, "turned": {"rotation": 180.0}}
    films = {}
    for name, fields in names.items():
        (tmp_path / name).mkdir()
        films[name] = film(tmp_path / name, (clip("a", "A", 1000, 1200, 0, **fields),))
    right_half = films["whole"][:, :, WIDTH // 2 :]
    assert np.abs(films["cut"][:, :, ::2] - right_half).mean() < 3 * NOISE
    assert np.abs(films["turned"][:, 1:-1, 1:-1] - films["whole"][:, ::-1, ::-1][:, 1:-1, 1:-1]).mean() < 2 * NOISE


LOOKS = {
    "gamma": ({"gamma": 2.0}, lambda before, after: after > before + 5),
    "exposure": ({"exposure": -1.0}, lambda before, after: after < before - 5),
    "levels": ({"black": 0.2, "white": 0.6, "gamma": 1.0}, lambda before, after: after != before),
    "contrast": ({"contrast": 0.5}, lambda before, after: after != before),
}


@pytest.mark.parametrize(
    ("name", "level"),
    [("gamma", "clip"), ("exposure", "track"), ("levels", "sequence"), ("contrast", "clip")],
)
def test_a_filter_works_on_a_clip_a_track_and_a_sequence(name, level, tmp_path):
    params, moved = LOOKS[name]
    target = Target(level, {"clip": "a", "track": "t0", "sequence": "s"}[level])
    means = []
    for number, stacks in enumerate(((), (FilterStack("f", target, (Filter(name, params),)),))):
        (tmp_path / str(number)).mkdir()
        pictures = film(tmp_path / str(number), (clip("a", "A", 1040, 1120, 0),), filter_stacks=stacks)
        means.append(pictures[:, 10:100].mean())
    assert moved(*means), means


def test_a_filter_that_is_off_leaves_every_pixel_as_it_is(tmp_path):
    off = FilterStack("f", Target("clip", "a"), (Filter("gamma", {"gamma": 1}), Filter("exposure", {"exposure": 0})))
    films = []
    for number, stacks in enumerate(((), (off,))):
        (tmp_path / str(number)).mkdir()
        films.append(film(tmp_path / str(number), (clip("a", "A", 0, 200, 0),), filter_stacks=stacks))
    assert (films[0] == films[1]).all()
