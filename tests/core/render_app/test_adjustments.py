"""Placement, opacity and titles in FCPXML, judged by lxml and arithmetic that share nothing with the writer, and read back."""

from fractions import Fraction
from math import cos, radians, sin

import pytest
from lxml import etree

from render_app.core.exchange.lay import lay, parts_of
from render_app.core.exchange.losses import lost_in
from render_app.core.exchange.nouns import Part
from render_app.core.plan.placing import Canvas, place
from render_app.core.timeline import nouns
from render_app.exchange import formats
from render_app.exchange.fcpxml import FORMAT

FRAME = (1920, 1080)
#: The order that Apple's DTD of 1.10 has for the children of each.
ORDER = {
    "asset-clip": ["note", "conform-rate", "timeMap", "adjust-crop", "adjust-conform", "adjust-transform", "adjust-blend", "adjust-volume",
                   "spine", "audio-channel-source", "metadata"],
    "mc-clip": ["note", "adjust-volume", "mc-source", "spine", "metadata"],
    "mc-source": ["adjust-crop", "adjust-conform", "adjust-transform", "adjust-blend"],
    "title": ["text", "text-style-def", "adjust-crop", "adjust-conform", "adjust-transform", "adjust-blend"],
}  # fmt: skip
PLACED = [
    {"opacity": 0.35},
    {"scale": 0.5, "position": nouns.Position(0.25, 0.8)},
    {"rotation": 30, "position": nouns.Position(0.6, 0.4)},
    {"crop": nouns.Crop(0.1, 0.2, 0.3, 0.05)},
    {"crop": nouns.Crop(left=0.25), "rotation": -45, "scale": 1.5, "position": nouns.Position(0.1, 0.9)},
    {"scale_mode": "fill", "scale": 1.1},
    {"scale_mode": "fill", "crop": nouns.Crop(right=0.4)},
    {"scale_mode": "none", "position": nouns.Position(0.5, 0.2)},
    {"scale_mode": "stretch", "crop": nouns.Crop(top=0.5), "rotation": 10, "opacity": 0.5},
]
SIZES = [(1920, 1080), (1440, 1080), (1080, 1920), (3840, 2160)]


def shown(**fields):
    return nouns.Clip("c", nouns.MediaReference("a"), Fraction(3000), Fraction(1000), **fields)


def words(text, at_ms=0, ms=2000, id="t", **fields):
    return nouns.Clip(id, text, Fraction(ms), start_ms=Fraction(at_ms), **fields)


@pytest.fixture
def laid(angle):
    """Tracks of pictures, the farthest first, laid over a file of a size; a second one gives the frame its size."""

    def make(*tracks, size=FRAME):
        first = nouns.Clip("first", nouns.MediaReference("frame"), Fraction(10_000))
        files = {
            "frame": angle("F", asset_id="frame", frames=250, width=FRAME[0], height=FRAME[1]),
            "a": angle("A", asset_id="a", frames=250, width=size[0], height=size[1]),
        }
        made = [nouns.Track(f"t{n}", "video", tuple(clips), order=n) for n, clips in enumerate([(first,), *tracks])]
        of = nouns.Sequence("s", Fraction(25), "Film", tracks=tuple(made))
        return lay(of, {nouns.MediaReference(id): (Part(one),) for id, one in files.items()}, ())

    return make


def written(assembly):
    return FORMAT.write_assembly(assembly, "").body


def numbers(node, name, missing):
    return [float(one) for one in (node.get(name) if node is not None and node.get(name) else missing).split()]


def corners_in_final_cut(node, size):
    """Where Apple's reference puts the corners of a picture, in px of the frame from its upper left."""
    trim, conform, transform = (
        node.find("adjust-crop/trim-rect"),
        node.find("adjust-conform"),
        node.find("adjust-transform"),
    )
    left, top, right, bottom = (
        float(trim.get(side)) * size[1] / 100 if trim is not None else 0 for side in ("left", "top", "right", "bottom")
    )
    ratios = FRAME[0] / size[0], FRAME[1] / size[1]
    base = {"fit": min(ratios), "fill": max(ratios), "none": 1}[conform.get("type") if conform is not None else "fit"]
    (x, y), (wide, high) = numbers(transform, "position", "0 0"), numbers(transform, "scale", "1 1")
    (angle,) = numbers(transform, "rotation", "0")
    turn, found = radians(angle), []
    for across, up in (
        (-size[0] / 2 + left, size[1] / 2 - top), (size[0] / 2 - right, size[1] / 2 - top),
        (size[0] / 2 - right, -size[1] / 2 + bottom), (-size[0] / 2 + left, -size[1] / 2 + bottom),
    ):  # fmt: skip
        across, up = across * base * wide, up * base * high
        across, up = across * cos(turn) - up * sin(turn), across * sin(turn) + up * cos(turn)
        found += [FRAME[0] / 2 + across + x * FRAME[1] / 100, FRAME[1] / 2 - up - y * FRAME[1] / 100]
    return found


def corners_in_a_render(clip, size):
    """Where a render puts them: placed on even pixels, then turned clockwise about the middle."""
    at = place(clip, size, Canvas(*FRAME))
    x, y, turn, found = at.left + at.width / 2, at.top + at.height / 2, radians(clip.rotation), []
    for across, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        across, down = across * at.width / 2, down * at.height / 2
        found += [x + across * cos(turn) - down * sin(turn), y + across * sin(turn) + down * cos(turn)]
    return found


def in_order(root):
    for name, order in ORDER.items():
        for node in root.iter(name):
            places = [order.index("spine" if child.tag == "title" else child.tag) for child in node]
            assert places == sorted(places), (name, [child.tag for child in node])
    return True


def read_back(body, kind="video"):
    found = FORMAT.read(body)
    return [clip for track in found.tracks if track.kind == kind for clip in track.clips], found.ignored


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fields", PLACED)
def test_a_picture_lies_in_final_cut_where_a_render_has_it(fields, size, laid):
    clip = shown(**fields)
    root = etree.fromstring(written(laid([clip], size=size)))

    (node,) = root.xpath("//spine/asset-clip[@name='clip A.mov']")
    assert in_order(root)
    # A render's pictures lie on even pixels: 2 px to either side, and the turn of them.
    assert corners_in_final_cut(node, size) == pytest.approx(corners_in_a_render(clip, size), abs=3)
    blend = node.find("adjust-blend")
    assert float(blend.get("amount") if blend is not None else 1) == clip.opacity


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fields", PLACED)
def test_a_placed_picture_comes_back_as_it_was(fields, size, laid):
    clips, ignored = read_back(written(laid([shown(**fields)], size=size)))

    found = clips[-1]
    back = shown(**{
        **found.looks,
        "position": nouns.Position(**found.looks.get("position", {})),
        "crop": nouns.Crop(**found.looks.get("crop", {})),
    })  # fmt: skip
    assert ignored == ()
    assert corners_in_a_render(back, size) == pytest.approx(corners_in_a_render(shown(**fields), size), abs=0.01)
    for name in ("opacity", "scale", "rotation"):
        assert getattr(back, name) == pytest.approx(fields.get(name, getattr(shown(), name)), abs=1e-4)
    for name in ("crop", "position"):
        assert getattr(back, name) == fields.get(name, getattr(shown(), name))


def test_the_numbers_are_those_of_apple_s_reference(laid):
    clip = shown(opacity=0.5, scale=0.5, rotation=90, position=nouns.Position(0.25, 0.25))
    root = etree.fromstring(written(laid([clip])))

    (node,) = root.xpath("//asset-clip[adjust-transform]")
    # A quarter of 1920 px to the left is 44.4 % of 1080 px, a quarter of the height up is 25 %; 90° clockwise is −90°.
    assert dict(node.find("adjust-transform").attrib) == {
        "position": "-44.444444 25",
        "scale": "0.5 0.5",
        "rotation": "-90",
    }
    assert node.find("adjust-blend").get("amount") == "0.5"
    (cropped,) = etree.fromstring(written(laid([shown(crop=nouns.Crop(left=0.1, bottom=0.1))]))).xpath("//trim-rect")
    # A tenth of the width, in percent of the height.
    assert dict(cropped.attrib) == {"left": "17.777778", "top": "0", "right": "0", "bottom": "10"}


def test_a_clip_at_rest_has_no_adjustment_and_comes_back_without_a_field(laid):
    body = written(laid([shown()]))

    assert b"adjust-" not in body
    assert [clip.looks for clip in read_back(body)[0]] == [{}, {}]


def test_a_camera_is_placed_by_its_source_in_the_multicam_clip(angle, edit):
    shoot = edit(*(angle(one, asset_id=one, frames=250) for one in "AB"))
    parts = {nouns.CameraReference(shoot.session_id, one.label): parts_of([one]) for one in shoot.angles}
    looks = {"opacity": 0.25, "scale": 2, "position": nouns.Position(0.5, 0.75)}
    clip = nouns.Clip("c", nouns.CameraReference(shoot.session_id, "B"), Fraction(3000), Fraction(1000), **looks)
    of = nouns.Sequence("s", Fraction(25), "Film", tracks=(nouns.Track("t", "video", (clip,)),))

    body = written(lay(of, parts, (), (shoot,)))

    root = etree.fromstring(body)
    (source,) = root.iter("mc-source")
    assert in_order(root)
    assert dict(source.find("adjust-transform").attrib) == {"position": "0 -25", "scale": "2 2", "rotation": "0"}
    assert source.find("adjust-blend").get("amount") == "0.25"
    (found,), ignored = read_back(body)
    assert (found.looks, ignored) == ({"opacity": 0.25, "scale": 2, "position": {"x": 0.5, "y": 0.75}}, ())


def test_a_title_is_one_of_final_cut_s_over_what_it_covers_and_comes_back(laid):
    style = {
        "font": "DejaVu Serif",
        "size": 96,
        "fill": "#ff8000",
        "outline": "#00000080",
        "outline_width": 6,
        "tracking": 50,
    }
    below, above = words(nouns.Text("Below\nthe picture", **style), 1000), words(nouns.Text("On top"), 4000, id="u")
    cover = nouns.Clip("c", nouns.MediaReference("a"), Fraction(9000), start_ms=Fraction(500))
    assembly = laid([below], [cover], [above])
    body = written(assembly)

    root = etree.fromstring(body)
    assert in_order(root)
    first, second = root.iter("title")
    (effect,) = root.iter("effect")
    lanes = [int(node.get("lane")) for node in (first, root.find(".//asset-clip/spine"), second)]
    assert lanes == sorted(set(lanes))
    assert first.get("ref") == effect.get("id")
    assert (first.get("offset"), first.get("duration")) == ("1s", "2s")
    assert first.find("text/text-style").text == "Below\nthe picture"
    look = root.xpath(f"//text-style-def[@id='{first.find('text/text-style').get('ref')}']/text-style")[0]
    assert numbers(look, "fontColor", "") == pytest.approx([1, 128 / 255, 0, 1], abs=1e-6)
    assert (look.get("font"), look.get("fontSize"), look.get("kerning")) == ("DejaVu Serif", "96", "4.8")
    (one, other), ignored = [[clip for clip in read_back(body)[0] if "text" in clip.looks], read_back(body)[1]]
    assert ignored == ()
    assert (one.at, one.end, other.at, other.end) == (25, 75, 100, 150)
    assert one.looks["text"] == {"text": "Below\nthe picture", "align": "center", **style}
    assert other.looks["text"]["text"] == "On top"
    assert lost_in(assembly, FORMAT.carries) == ()
    assert {loss.code for loss in lost_in(assembly, formats()["edl"].carries)} == {"text"}


def test_a_title_s_box_gives_it_its_place_and_the_rest_of_it_is_said(laid):
    text = nouns.Text("Anna", align="left", box=nouns.Box(0, 0.75, 0.5, 0.25), variation={"wght": 650})
    assembly = laid([words(text, scale=2, opacity=0.5)])

    (node,) = etree.fromstring(written(assembly)).iter("title")

    # The middle of the box, a quarter of the width left and 3/8 of the height below the middle, twice as far.
    assert dict(node.find("adjust-transform").attrib) == {"position": "-88.888889 -75", "scale": "2 2", "rotation": "0"}
    assert node.find("adjust-blend").get("amount") == "0.5"
    assert {loss.code for loss in lost_in(assembly, FORMAT.carries)} == {"title_axes", "title_box"}


def test_a_title_alone_over_sound_hangs_on_the_gap(angle):
    sound = nouns.Clip("s", nouns.MediaReference("r"), Fraction(4000))
    of = nouns.Sequence(
        "s", Fraction(25), "Film",
        tracks=(nouns.Track("v", "video", (words(nouns.Text("Hello"), 1000),)), nouns.Track("a", "audio", (sound,))),
    )  # fmt: skip
    recording = angle("R", asset_id="r", kind="audio", fps="", width=None, height=None, video_start_ms=None)

    root = etree.fromstring(written(lay(of, {sound.content: (Part(recording),)}, ())))

    assert [child.tag for child in root.find(".//project/sequence/spine/gap")] == ["title", "spine"]


def edited(body, change):
    root = etree.fromstring(body)
    change(root.xpath("//asset-clip[adjust-transform]")[0])
    return etree.tostring(root)


def keyframed(node):
    param = etree.SubElement(node.find("adjust-transform"), "param", name="position")
    etree.SubElement(etree.SubElement(param, "keyframeAnimation"), "keyframe", time="0s", value="1 1")


@pytest.mark.parametrize(
    ("change", "said", "looks"),
    [
        (keyframed, "keyframes", {"scale": 0.5}),
        (lambda node: node.find("adjust-transform").set("scale", "0.5 0.7"), "uneven scale", {}),
        (lambda node: node.find("adjust-transform").set("scale", "-1 1"), "mirror", {}),
        (lambda node: node.find("adjust-transform").set("anchor", "5 5"), "another point", {}),
        (lambda node: node.find("adjust-transform").set("enabled", "0"), "", {}),
        (lambda node: node.find("adjust-transform").set("scale", "1e999 x"), "", {}),
        (lambda node: node.insert(0, etree.Element("adjust-crop", mode="pan")), "pan is not read", {"scale": 0.5}),
        (lambda node: node.append(etree.Element("adjust-blend", mode="10")), "blend mode", {"scale": 0.5}),
    ],
)
def test_what_studio_cannot_place_is_listed_and_nothing_is_guessed(change, said, looks, laid):
    clips, ignored = read_back(edited(written(laid([shown(scale=0.5)])), change))

    assert clips[-1].looks == looks
    assert len(ignored) == bool(said)
    assert said in "".join(ignored)


def test_keyframes_stay_a_loss_that_is_studio_s_own(laid):
    assert "automation" in FORMAT.unwritten
    assert not FORMAT.unwritten & {"opacity", "scale", "text"}
    assert formats()["edl"].unwritten == frozenset()
