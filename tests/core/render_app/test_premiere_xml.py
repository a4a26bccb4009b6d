"""Final Cut Pro 7 XML: placement judged by lxml and arithmetic that share nothing with the writer, and files that come back from Premiere."""

from fractions import Fraction
from math import cos, radians, sin

import pytest
from lxml import etree

from render_app.core.exchange.found import BadEdit, FoundJoin
from render_app.core.exchange.lay import lay
from render_app.core.exchange.nouns import Part
from render_app.core.timeline import nouns
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import MediaFacts, Span
from render_app.exchange.fcp7xml import FORMAT
from tests.core.render_app.test_adjustments import FRAME, PLACED, SIZES, corners_in_a_render, shown

LIKE = [one for one in PLACED if one.get("scale_mode") != "stretch"]


@pytest.fixture
def written(angle):
    """A track of clips of `a`, of a size, over one that gives the frame its size, as bytes."""

    def make(*clips, size=FRAME, target="", transitions=(), **more):
        first = nouns.Clip("first", nouns.MediaReference("frame"), Fraction(10_000))
        files = {
            "frame": angle("F", asset_id="frame", frames=250, width=FRAME[0], height=FRAME[1]),
            "a": angle("A", asset_id="a", frames=250, width=size[0], height=size[1], timecode="10:00:00:00", **more),
        }
        tracks = tuple(nouns.Track(f"t{n}", "video", tuple(one), order=n) for n, one in enumerate([(first,), clips]))
        of = nouns.Sequence("s", Fraction(25), "Film", tracks=tracks, transitions=tuple(transitions))
        media = {
            nouns.MediaReference(id): MediaFacts(id, True, True, (Span(Fraction(0), Fraction(10_000)),)) for id in files
        }
        parts = {nouns.MediaReference(id): (Part(one),) for id, one in files.items()}
        return FORMAT.write_assembly(lay(of, parts, lay_transitions(of, media, of.timebase)), target).body

    return make


def item_of(body):
    (node,) = etree.fromstring(body).xpath("//video/track/clipitem[name='clip A.mov']")
    return node


def said(node, effect, parameter, missing):
    found = node.xpath(f"filter/effect[effectid='{effect}']/parameter[parameterid='{parameter}']/value")
    return float(found[0].text) if found and not len(found[0]) else missing


def corners_in_premiere(node, size, fitted):
    """A file as large as it is, in the frame's middle: cropped, scaled, turned clockwise, then moved by shares of the frame."""
    left, right = (said(node, "crop", side, 0) / 100 * size[0] for side in ("left", "right"))
    top, bottom = (said(node, "crop", side, 0) / 100 * size[1] for side in ("top", "bottom"))
    scale, turn = said(node, "basic", "scale", 100) / 100, radians(said(node, "basic", "rotation", 0))
    if fitted:
        scale *= min(FRAME[0] / size[0], FRAME[1] / size[1])
    center = node.xpath("filter/effect/parameter[parameterid='center']/value")
    x, y = (float(center[0].findtext(name)) for name in ("horiz", "vert")) if center else (0, 0)
    found = []
    for across, down in (
        (-size[0] / 2 + left, -size[1] / 2 + top), (size[0] / 2 - right, -size[1] / 2 + top),
        (size[0] / 2 - right, size[1] / 2 - bottom), (-size[0] / 2 + left, size[1] / 2 - bottom),
    ):  # fmt: skip
        across, down = across * scale, down * scale
        found += [
            FRAME[0] * (0.5 + x) + across * cos(turn) - down * sin(turn),
            FRAME[1] * (0.5 + y) + across * sin(turn) + down * cos(turn),
        ]
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fields", LIKE)
def test_a_picture_lies_in_premiere_where_a_render_has_it_and_comes_back(fields, size, written):
    clip = shown(**fields)
    body = written(clip, size=size)

    # A render's pictures lie on even pixels: 2 px to either side, and the turn of them.
    assert corners_in_premiere(item_of(body), size, False) == pytest.approx(corners_in_a_render(clip, size), abs=3)
    assert corners_in_premiere(item_of(written(clip, size=size, target="resolve")), size, True) == pytest.approx(
        corners_in_a_render(clip, size), abs=3
    )
    assert said(item_of(body), "opacity", "opacity", 100) == clip.opacity * 100
    found = FORMAT.read(body, None)
    looks = found.tracks[1].clips[0].looks
    back = shown(**{
        **looks,
        "position": nouns.Position(**looks.get("position", {})),
        "crop": nouns.Crop(**looks.get("crop", {})),
    })  # fmt: skip
    assert found.ignored == ()
    assert corners_in_a_render(back, size) == pytest.approx(corners_in_a_render(clip, size), abs=2.1)
    assert (back.opacity, back.crop) == (clip.opacity, clip.crop)


def test_a_file_of_the_frame_s_size_at_rest_has_no_filter(written):
    assert b"<filter>" not in written(shown())
    assert FORMAT.read(written(shown()), None).tracks[1].clips[0].looks == {}


def test_a_larger_file_is_scaled_for_premiere_which_shows_it_as_large_as_it_is(written):
    assert said(item_of(written(shown(), size=(3840, 2160))), "basic", "scale", 100) == 50
    assert not item_of(written(shown(), size=(3840, 2160), target="resolve")).findall("filter")


def test_cuts_dissolves_speeds_and_levels_come_back_on_their_frames(written):
    clips = (
        nouns.Clip("c", nouns.MediaReference("a"), Fraction(3000), Fraction(1000), volume_db=-6),
        nouns.Clip("d", nouns.MediaReference("a"), Fraction(8000), Fraction(5000), Fraction(2000), speed=Fraction(2)),
    )
    fade = nouns.Transition("x", "crossfade", Fraction(400), "c", "d")
    found = FORMAT.read(written(*clips, transitions=[fade]), None)

    video, audio = found.tracks[1], found.tracks[-1]
    assert (found.rate, found.title, found.ignored) == (25, "Film", ())
    assert [(one.at, one.end, one.speed) for one in video.clips] == [(0, 50, 1), (50, 88, 2)]
    # Ten hours of timecode, and one second; five.
    assert [one.source for one in video.clips] == [36_001, 36_005]
    assert video.joins == (FoundJoin(1, 5, 5),)
    assert {(one.media.name, one.media.start, one.media.duration) for one in video.clips} == {
        ("clip A.mov", 36_000, 10)
    }
    assert [one.volume_db for one in audio.clips] == [-6, 0]


def edited(body, change):
    root = etree.fromstring(body)
    change(root.xpath("//video/track/clipitem[name='clip A.mov']")[0])
    return etree.tostring(root)


def mirrored(node):
    node.xpath("filter/effect/parameter[parameterid='scale']/value")[0].text = "-50"


def keyframed(node):
    parameter = node.xpath("filter/effect/parameter[parameterid='scale']")[0]
    parameter.remove(parameter.find("value"))
    etree.SubElement(etree.SubElement(parameter, "keyframe"), "when").text = "1"


def blurred(node):
    node.append(
        etree.fromstring("<filter><effect><name>Blur</name><effectid>Gaussian Blur</effectid></effect></filter>")
    )


def anchored(node):
    effect = node.find("filter/effect")
    effect.append(etree.fromstring(
        "<parameter><parameterid>centerOffset</parameterid><value><horiz>0.1</horiz><vert>0</vert></value></parameter>"
    ))  # fmt: skip


def switched_off(node):
    etree.SubElement(node.find("filter"), "enabled").text = "FALSE"


@pytest.mark.parametrize(
    ("change", "text", "looks"),
    [
        (mirrored, "mirror", {}),
        (keyframed, "keyframes", {}),
        (blurred, "an effect, Blur", {"scale": 0.5}),
        (anchored, "another point", {}),
        (switched_off, "", {}),
    ],
)
def test_what_studio_cannot_place_is_listed_and_nothing_is_guessed(change, text, looks, written):
    found = FORMAT.read(edited(written(shown(scale=0.5)), change), None)

    assert found.tracks[1].clips[0].looks == looks
    assert text in "".join(found.ignored)
    assert len(found.ignored) == bool(text)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda node: setattr(node.find("enabled"), "text", "FALSE"), "it is disabled"),
        (lambda node: node.remove(node.find("file")), "nested sequence"),
        (lambda node: setattr(node.find("end"), "text", "0"), "without a length"),
    ],
)
def test_a_clip_that_cannot_be_taken_is_listed(change, text, written):
    found = FORMAT.read(edited(written(shown()), change), None)

    assert [len(track.clips) for track in found.tracks if track.kind == "video"] == [1]
    assert text in "".join(found.ignored)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<fcpxml/>", "not Final Cut Pro 7 XML"),
        (b"<xmeml/>", "no sequence"),
        (b"<xmeml><sequence><media><video/></media></sequence></xmeml>", "no rate"),
        (b'<!DOCTYPE xmeml [<!ENTITY a "b">]><xmeml>&a;</xmeml>', "entities"),
        (
            b"<xmeml><sequence><rate><timebase>25</timebase></rate><media><video><track><clipitem><file/><start>9e9</start>"
            b"</clipitem></track></video></media></sequence></xmeml>",
            "not a number of frames",
        ),
    ],
)
def test_what_is_no_edit_is_refused_with_a_sentence(body, text):
    with pytest.raises(BadEdit, match=text):
        FORMAT.read(body, None)
