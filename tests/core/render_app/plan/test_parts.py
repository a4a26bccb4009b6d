"""The parts of a plan: files as they are read, transitions and filters as graphs, layers over each other, and the check of a film."""

from fractions import Fraction

import pytest

from render_app.core import catalogue
from render_app.core.plan.checking import faults
from render_app.core.plan.compiling import Plan, compile_plan
from render_app.core.plan.graph import Graph, Strand, filter_
from render_app.core.plan.looks import LOOKS, Sheet, look_over
from render_app.core.plan.materials import Materials
from render_app.core.plan.media import FileFacts, medium_of, still_of
from render_app.core.plan.placing import Canvas
from render_app.core.plan.reels import Medium, Segment
from render_app.core.plan.request import RenderWish
from render_app.core.plan.unmasked import MaskMissing, without_unmasked
from render_app.core.plan.watermark import Watermark
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import MediaFacts, Span
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

PICTURE = {
    "index": 0, "codec": "h264", "width": 1920, "height": 1080, "coded_width": 1920, "coded_height": 1088, "rotation": 0,
    "sample_aspect": "1/1", "pixel_format": "yuv420p", "start": 0.02, "interlaced": False,
}  # fmt: skip
FOUND = {
    "video": PICTURE, "audio": {"index": 1, "channels": 2, "layout": "stereo"}, "rate": "25/1", "video_start": 0.05,
    "container": "mov,mp4,m4a",
}  # fmt: skip
PROFILE = catalogue.profiles()["preview_720p_fast"]


def medium(**found) -> Medium:
    return medium_of(FileFacts("a", "a", "a.mp4", "1", FOUND | found))


STILL = still_of(FileFacts("m", "m", "m.png", "3"), "png", (320, 180))


def film(
    tracks: tuple[Track, ...], transitions: tuple[Transition, ...] = (), materials=None, profile=PROFILE, **fields
) -> Plan:
    sequence = Sequence("s", Fraction(25), tracks=tracks, transitions=transitions, **fields)
    reference = MediaReference("a")
    media = {
        reference: MediaFacts("a.mp4", True, True, (Span(Fraction(0), Fraction(60_000)),)),
        MediaReference("m"): MediaFacts("m.png", True, False),
    }
    one = medium()
    blends = lay_transitions(sequence, media, profile.fps)
    return compile_plan(
        sequence,
        {reference: (Segment(one, one),), MediaReference("m"): (Segment(STILL, None),)},
        blends,
        RenderWish(profile),
        materials,
    )


def clip(id: str, start: int, length: int, begin: int = 5000, **fields) -> Clip:
    return Clip(id, MediaReference("a"), Fraction(begin + length), Fraction(begin), Fraction(start), **fields)


def graphs_of(plan: Plan) -> str:
    return "\n".join(part for command in plan.commands for part in command)


def test_a_file_is_read_with_its_rate_its_phase_and_its_sound():
    one = medium()
    assert (one.rate, one.sound, one.channels, one.seekable) == (Fraction(25), 1, 2, True)
    assert one.phase == Fraction("0.05") - Fraction(1, 25), "its frames miss the grid by a quarter of one"
    assert medium(variable_rate=True).phase == medium(video_start=None).phase == 0
    assert not medium(container="mpegts").seekable


def test_a_recorder_has_no_picture_and_a_silent_camera_no_sound():
    assert medium(video=None).video is None
    assert medium(audio=None).sound is None
    assert medium(video=PICTURE | {"interlaced": True}).video.interlaced


EXPECTED = {"frames": 100, "width": 1280, "height": 720, "duration_ms": 4000, "audio_samples": 192_000}
MADE = {
    "streams": [
        {"codec_type": "video", "nb_read_packets": "100", "width": 1280, "height": 720, "duration": "4.000000"},
        {"codec_type": "audio", "duration": "4.010667", "sample_rate": "48000"},
    ]
}


def test_a_film_that_is_as_expected_has_no_fault():
    assert faults(MADE, EXPECTED) == []


@pytest.mark.parametrize(
    ("stream", "change", "fault"),
    [
        (0, {"nb_read_packets": "99"}, "frames: 99, expected 100"),
        (0, {"width": 1278}, "width: 1278, expected 1280"),
        (0, {"duration": "4.04"}, "duration: 4.040000 s, expected 4.000000 s"),
        (1, {"duration": "3.9"}, "samples: 187200, expected 192000"),
    ],
)
def test_each_difference_of_a_film_is_a_fault_of_its_own(stream, change, fault):
    streams = [dict(one) for one in MADE["streams"]]
    streams[stream] |= change
    assert faults({"streams": streams}, EXPECTED) == [fault]


def test_a_film_without_sound_is_no_film():
    assert faults({"streams": MADE["streams"][:1]}, EXPECTED) == ["It lacks its picture or its sound."]


@pytest.mark.parametrize("kind", sorted(catalogue.transitions()))
def test_a_transition_keeps_the_length_of_the_film(kind):
    clips = (clip("x", 0, 2000), clip("y", 1500, 2000, begin=20_000))
    plan = film((Track("t", "video", clips),), (Transition("xy", kind, Fraction(500), "x", "y"),))
    assert plan.expected.duration_ms == 3500
    assert sum(plan.frames) == plan.expected.frames
    assert ("xfade=" in graphs_of(plan)) != kind.startswith("dip_")


def looked(*filters: Filter, fmt: str = "yuv420p") -> str:
    """The graph of these filters over pictures of 320×180."""
    graph = Graph()
    sheet = Sheet(
        fmt, Fraction(25), (320, 180), 1080, start=70, frames=10,
        mask=lambda id: graph.add((), (filter_("color", c=id),)), table=lambda id: f"{id}.cube",
    )  # fmt: skip
    strand = Strand(graph, ("0:v",))
    look_over(strand, filters, sheet)
    strand.label()
    return str(graph)


def with_defaults(name: str, **params) -> Filter:
    return Filter(name, {one.name: one.default for one in catalogue.filters()[name].params} | params)


@pytest.mark.parametrize("fmt", ["yuv420p", "yuv422p10le"])
@pytest.mark.parametrize("name", LOOKS)
def test_every_filter_is_drawn_and_one_that_changes_nothing_is_left_out(name, fmt):
    kind = catalogue.filters()[name]
    ids = {one.name: "t" for one in kind.params if one.name == "lut_artifact_id"}
    for mask in (None, "m"):
        if kind.off is not None:
            off = looked(with_defaults(name, **kind.off, **ids), fmt=fmt)
            assert off == looked(fmt=fmt)
        if kind.mask or mask is None:
            changed = {of: value + 1 for of, value in (kind.off or {}).items()}
            masks = {"mask_artifact_id": mask} if kind.mask else {}
            graph = looked(with_defaults(name, **changed, **ids, **masks), fmt=fmt)
            assert graph != looked(fmt=fmt)
            assert ("color=c=m" in graph) == bool(mask)


def test_filters_change_over_to_their_colors_and_back():
    graph = looked(
        with_defaults("levels", black=0.1, gamma=1.2), with_defaults("bloom"), with_defaults("gamma", gamma=2)
    )
    assert graph.count("format=pix_fmts=gbrp,") == 1, "two in RGB, one after another"
    assert graph.index("colorlevels") < graph.index("lutrgb") < graph.index("gblur") < graph.index("eq=gamma")
    assert graph.index("out_range=tv") < graph.index("eq=gamma"), "back in the profile's colors before it"


def test_grain_is_where_the_number_of_the_frame_says():
    assert "crop=w=320:h=180:x='4*mod((n+6)*37,64)'" in looked(with_defaults("film_grain"))
    assert looked(with_defaults("film_grain", strength=0.3)) == looked()


def unmasked(name: str, target: Target):
    """The plan of one clip of asset a, with a filter that lacks its mask."""
    stack = FilterStack("f", target, (with_defaults("gamma", gamma=2), Filter(name, {"strength": 0.5})))
    return film((Track("t", "video", (clip("x", 0, 1000),)),), filter_stacks=(stack,))


@pytest.mark.parametrize("name", ["teeth_whiten", "skin_smooth", "eye_enhance"])
def test_a_filter_without_the_mask_that_it_needs_is_left_out_and_said_so(name):
    alone = FilterStack("f", Target("clip", "x"), (with_defaults("gamma", gamma=2),))
    plain = film((Track("t", "video", (clip("x", 0, 1000),)),), filter_stacks=(alone,))
    for target in (Target("clip", "x"), Target("track", "t")):
        plan = unmasked(name, target)
        [said] = plan.meta["warnings"]
        assert said["message"].startswith(f"video_regions missing for asset a: {name} is left out.")
        assert (said["code"], said["filter_index"], said[f"{target.type}_id"]) == ("mask_missing", 1, target.id)
        assert plan.commands == plain.commands
    assert plain.meta["warnings"] == []
    assert unmasked(name, Target("sequence", "s")).meta["warnings"][0]["filter_index"] == 1


def test_a_filter_that_hides_is_refused_by_its_place_without_its_mask():
    def asked(target: Target) -> None:
        stack = FilterStack("f", target, (Filter("face_blur", {"strength": 0.5}),))
        film((Track("t", "video", (clip("x", 0, 1000),)),), filter_stacks=(stack,))

    for target in (Target("clip", "x"), Target("track", "t"), Target("sequence", "s")):
        with pytest.raises(MaskMissing) as refused:
            asked(target)
        assert refused.value.field == "filters[0].params.mask_artifact_id"
        assert refused.value.details["filter_index"] == 0


def test_a_filter_without_a_mask_takes_the_faces_that_were_found_in_what_is_shown():
    faces = Medium("artifact:faces", "a", "faces.mkv", "9", artifact_id="faces", video=medium().video)
    for params, materials in (
        ({}, Materials(regions={"a": faces})),
        ({"source_summary_id": "s"}, Materials({"summary:s": faces})),
    ):
        stack = FilterStack("f", Target("track", "t"), (with_defaults("face_blur", **params),))
        plan = film((Track("t", "video", (clip("x", 0, 1000),)),), filter_stacks=(stack,), materials=materials)
        assert [one["artifact_id"] for one in plan.inputs] == [None, "faces"]
        assert "alphamerge" in graphs_of(plan)
    shown = Clip("x", MediaReference("a", "copy"), Fraction(1000))
    with pytest.raises(MaskMissing):
        without_unmasked(
            Sequence("s", Fraction(25), tracks=(Track("t", "video", (shown,)),), filter_stacks=(stack_of("x"),)),
            {},
            materials,
        )


def stack_of(id: str) -> FilterStack:
    return FilterStack("f", Target("clip", id), (Filter("face_blur", {"strength": 0.5}),))


def test_masks_count_among_the_files_that_a_command_reads():
    stack = FilterStack("f", Target("track", "t"), (Filter("skin_smooth", {"strength": 0.5}),))
    clips = tuple(clip(str(n), 400 * n, 400, mask_artifact_id="m") for n in range(20))
    plan = film((Track("t", "video", clips),), filter_stacks=(stack,), materials=Materials({"m": STILL}))
    pictures = [command for command in plan.commands if command[-1].startswith("picture")]
    assert [command.count("-i") for command in pictures] == [15, 15, 15, 15]
    assert len(plan.inputs) == 2


def test_a_table_is_made_of_its_input_beforehand():
    stack = FilterStack("f", Target("clip", "x"), (Filter("lut", {"lut_artifact_id": "l", "mask_artifact_id": None}),))
    materials = Materials(tables={"l": Medium("artifact:l", "a", "a.cube", "7", artifact_id="l")})
    plan = film((Track("t", "video", (clip("x", 0, 1000),)),), filter_stacks=(stack,), materials=materials)
    assert plan.made == {"lut-1.cube": {"kind": "lut", "of": "{input:1}"}}
    assert "lut3d=file=lut-1.cube" in graphs_of(plan)


def test_layers_are_placed_over_each_other_and_a_hidden_track_is_not_read():
    below = Track("below", "video", (clip("x", 0, 2000),), order=0)
    placed = clip(
        "y",
        500,
        1000,
        begin=9000,
        scale=0.5,
        rotation=12.0,
        opacity=0.6,
        position=Position(0.25, 0.75),
        crop=Crop(0.1, 0, 0.1, 0),
    )
    both = film((below, Track("above", "video", (placed,), order=1)))
    assert "overlay" in graphs_of(both)
    assert "rotate" in graphs_of(both)
    hidden = film((below, Track("above", "video", (placed,), order=1, hidden=True)))
    assert "overlay" not in graphs_of(hidden)
    assert both.expected.frames == hidden.expected.frames == sum(both.frames)


def still(id: str, start: int, length: int, **fields) -> Clip:
    return Clip(id, MediaReference("m"), Fraction(length), Fraction(0), Fraction(start), **fields)


def test_a_still_picture_is_read_by_its_own_demuxer_drawn_once_and_held():
    graph = graphs_of(film((Track("t", "video", (still("x", 0, 1000),)),)))
    assert "png_pipe" in graph
    assert "mov,mp4" not in graph
    assert graph.index("unpremultiply") < graph.index("tpad=stop_mode=clone")


def test_a_still_picture_keeps_its_alpha_under_filters_and_masks():
    stack = FilterStack("f", Target("clip", "x"), (Filter("gamma", {"gamma": 2.0}),))
    clips = (still("x", 0, 1000, mask_artifact_id="m", rotation=3.0, opacity=0.5),)
    graph = graphs_of(film((Track("t", "video", clips),), filter_stacks=(stack,), materials=Materials({"m": STILL})))
    assert graph.count("extractplanes=planes=a") == graph.count("alphamerge") == 2
    assert "blend=all_mode=multiply" in graph


@pytest.mark.parametrize("mode", catalogue.blends())
def test_a_clip_lies_over_what_is_below_by_its_blend_mode(mode):
    below, above = clip("x", 0, 1000), clip("y", 0, 1000, begin=9000, blend_mode=mode, opacity=0.5)
    graph = graphs_of(film((Track("b", "video", (below,)), Track("a", "video", (above,), order=1))))
    assert ("blend=all_mode=" in graph) == (mode != "normal")


def test_a_transition_between_blend_modes_joins_what_each_makes_of_the_ground():
    pair = (clip("x", 0, 1000, blend_mode="add"), clip("y", 800, 1000, begin=9000, blend_mode="screen"))
    ground = Track("g", "video", (clip("z", 0, 900, begin=20_000), clip("w", 900, 900, begin=30_000)))
    fade = Transition("xy", "crossfade", Fraction(200), "x", "y")
    graph = graphs_of(film((ground, Track("t", "video", pair, order=1)), (fade,)))
    assert graph.count("xfade") == 2, "the ground changes in its middle"
    assert "tpad=start=3:start_mode=clone:stop=0" in graph
    assert "tpad=start=0:start_mode=clone:stop=3" in graph


@pytest.mark.parametrize(("profile", "form"), [("preview_720p_fast", "yuva420p"), ("master_4k_prores", "yuva422p10le")])
def test_a_watermark_is_on_every_part_in_the_pixels_of_the_profile(profile, form):
    mark = Materials(watermark=Watermark(STILL, "top-left", width=1.0, opacity=1.0))
    clips = tuple(clip(str(n), 400 * n, 400) for n in range(20))
    plan = film((Track("t", "video", clips),), materials=mark, profile=catalogue.profiles()[profile])
    pictures = [command[command.index("-filter_complex") + 1] for command in plan.commands[: len(plan.frames) - 2]]
    pictures = [graph for graph in pictures if "picture" in graph]
    assert len(pictures) == 2
    assert all(f"format=pix_fmts={form}" in graph for graph in pictures)


def test_a_watermark_stays_within_the_frame_whatever_its_shape():
    tall = still_of(FileFacts("w", "w", "w.jpg", ""), "jpeg", (100, 4000))
    wide, high, left, top = Watermark(tall, "bottom-left", width=0.5).box(Canvas(1280, 720))
    assert (high, left, top) == (720 - 2 * 22, 22, 22)
    assert wide == 16


@pytest.mark.parametrize("mode", ["fit", "fill", "stretch", "none"])
def test_every_way_to_place_a_picture_has_a_plan(mode):
    plan = film((Track("t", "video", (clip("x", 0, 1000, scale_mode=mode),)),))
    assert (plan.expected.width, plan.expected.height) == (1280, 720)


@pytest.mark.parametrize("floating", [True, False])
def test_only_floating_point_sound_is_rid_of_what_is_no_number(floating, monkeypatch):
    monkeypatch.setitem(FOUND, "audio", FOUND["audio"] | {"floating": floating})
    said = graphs_of(film((Track("t", "video", (clip("x", 0, 2000),)),)))
    assert ("65536" in said) is floating
    assert not floating or said.index("65536") < said.index("aresample"), "before a filter spreads them"


def test_sound_is_mixed_of_its_lanes_with_volume_and_fades():
    loud = clip("m", 0, 2000, volume_db=-6.0, fade_in_ms=Fraction(200), fade_out_ms=Fraction(300), speed=Fraction(3, 2))
    music = Track("m", "audio", (loud,), volume_db=-3.0, audio_role="music")
    plan = film((Track("t", "video", (clip("x", 0, 2000),)), music))
    assert graphs_of(plan).count("afade") >= 2
    assert "atempo" in graphs_of(plan)
    silent = film((Track("t", "video", (clip("x", 0, 2000),), muted=True),))
    assert silent.expected.audio_samples == plan.expected.audio_samples == 96_000
