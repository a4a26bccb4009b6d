"""Random snapshots, a third of them broken, read and planned without a file: valid ones have plans, others are refused by name.

The long form, over HTTP and with plans that are run, is `make prove-snapshots`.
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from media_app.core.files.media_info import VideoStream
from media_app.core.not_allowed import NotAllowed
from render_app.core import catalogue
from render_app.core.drawn.figures import drawing_of
from render_app.core.drawn.lettering import lettered
from render_app.core.drawn.styles import styled
from render_app.core.plan.compiling import Plan, compile_plan
from render_app.core.plan.materials import Materials
from render_app.core.plan.overlays import text_segment, vector_segment
from render_app.core.plan.reels import Medium, Reels, Segment
from render_app.core.plan.request import RenderWish
from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import MediaFacts, Reference, Span, check_media
from render_app.core.timeline.nouns import CameraReference, Clip, MediaReference, Text, Vector
from render_app.core.timeline.refusals import TimelineRefused
from render_app.making.fonts import shipped_font
from tests.support.broken_snapshots import case_of
from tests.support.snapshots import Case, Item, Stock

CASES = 240
VIDEO = VideoStream(
    0, "h264", 1280, 720, 1280, 720, 0, Fraction(1), "yuv420p", None, None, Fraction(1, 1000), Fraction(0), None,
    "progressive", "bt709", "bt709", "bt709", "tv",
)  # fmt: skip
FILM = Medium("film", "film", "film.mov", "1", video=VIDEO, seekable=True, sound=1)
TALL = replace(FILM, id="tall", asset_id="tall", video=replace(VIDEO, width=90, height=161), rate=Fraction(30000, 1001))
SOUND = Medium("sound", "sound", "sound.wav", "2", sound=0, channels=1)
STILL = Medium("still", "still", "still.png", "3", still="png_pipe", alpha=True, video=VIDEO)
CAMERA = CameraReference("shoot", "B")
REELS: Reels = {
    MediaReference("film"): (Segment(FILM, FILM),),
    MediaReference("tall"): (Segment(TALL, TALL),),
    MediaReference("sound"): (Segment(None, SOUND),),
    MediaReference("still"): (Segment(STILL, None),),
    CAMERA: (
        Segment(FILM, FILM, Fraction(-700), Fraction(2500), Fraction(-700), Fraction(1_000_040, 1_000_000)),
        Segment(FILM, FILM, Fraction(3100), Fraction(6000), Fraction(-300)),
    ),
}
MEDIA = {
    MediaReference("film"): MediaFacts("film.mov", True, True, (Span(Fraction(0), Fraction(6000)),)),
    MediaReference("tall"): MediaFacts("tall.mov", True, True, (Span(Fraction(0), Fraction(6000)),)),
    MediaReference("sound"): MediaFacts("sound.wav", False, True, (Span(Fraction(0), Fraction(6000)),)),
    MediaReference("still"): MediaFacts("still.png", True, False),
    CAMERA: MediaFacts(
        "Camera B", True, True, (Span(Fraction(-700), Fraction(2500)), Span(Fraction(3100), Fraction(6000)))
    ),
}
STOCK = Stock(
    [
        *(Item({"asset_id": name}, 0, 6000) for name in ("film", "tall")),
        Item({"asset_id": "sound"}, 0, 6000, picture=False),
        Item({"asset_id": "still"}, 0, None, sound=False),
        Item({"session_id": "shoot", "camera_label": "B"}, -700, 6000),
    ],
    ["mask"],
    ["table"],
)
MATERIALS = Materials({"mask": STILL}, tables={"table": Medium("table", "table", "l.cube", "4")})


def drawn(clip: Clip, size: tuple[int, int]) -> Segment:
    """Words or shapes of a clip."""
    if isinstance(clip.content, Vector):
        return vector_segment(drawing_of(clip.content, size))
    assert isinstance(clip.content, Text)
    text = styled(clip.content)
    return text_segment(lettered(text, shipped_font("DejaVu Sans"), size), "DejaVu Sans")


def planned(case: Case) -> Plan:
    sequence = snapshot.read(case.request["sequence_snapshot"]).sequence
    wish = RenderWish(catalogue.profiles()[case.request["render_profile"]])
    check_media(sequence, MEDIA)
    blends = lay_transitions(sequence, MEDIA, wish.profile.fps)
    size = wish.profile.width, wish.profile.height
    overlays = {one.id: (drawn(one, size),) for one in sequence.clips if not isinstance(one.content, Reference)}
    return compile_plan(sequence, {**REELS, **overlays}, blends, wish, MATERIALS)


def outcome(case: Case) -> tuple[str, dict]:
    """The code of a refusal and what it names, or nothing and the plan's frames."""
    try:
        plan = planned(case)
    except (TimelineRefused, NotAllowed) as error:
        return error.code, error.details
    return "", {"frames": sum(plan.frames) == plan.expected.frames > 0}


@pytest.mark.parametrize("half", [0, 1])
def test_every_valid_snapshot_has_a_plan_and_every_broken_one_is_refused_by_name(half):
    for seed in range(half, CASES, 2):
        case = case_of(seed, STOCK, registry=False)
        code, details = outcome(case)
        assert code in (case.codes or ("",)), (seed, case.fault, code, details)
        expected = case.details if case.codes else {"frames": True}
        assert {name: details.get(name) for name in expected} == expected, (seed, case.fault, details)
