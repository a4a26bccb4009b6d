"""Cuts in every format, read back by readers that share no code with the writers, and what a format does not carry."""

import io
import json
import zipfile
from dataclasses import replace
from fractions import Fraction

import aaf2
import opentimelineio as otio
import pytest

from bench.exchange.judge import READERS, assembly_of, judged
from bench.exchange.readers import by_lxml
from bench.exchange.timelines import RATES, random_film
from media_app.core.time.timebase import NTSC_30
from render_app.core.edit.angle import CannotExport
from render_app.core.edit.readers import PREMIERE
from render_app.core.exchange.lay import lay, parts_of, shoot_assembled
from render_app.core.exchange.losses import Carries, lost_in
from render_app.core.exchange.nouns import Part
from render_app.core.timeline import nouns
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import MediaFacts, Span
from render_app.exchange import formats

FILMS = [random_film(seed, rate, mixed=seed % 2 == 1, speeds=seed % 3 == 0) for seed, rate in enumerate(RATES)]


@pytest.fixture(scope="module")
def cuts():
    return [assembly_of(film) for film in FILMS]


@pytest.mark.parametrize(("name", "reader"), [(name, reader) for name, found in READERS.items() for reader in found])
def test_each_frame_read_back_is_the_one_that_the_timeline_shows(name, reader, cuts):
    # An AAF takes half a second to write, whatever is in it.
    for film, assembly in list(zip(FILMS, cuts, strict=True))[2 if name == "aaf" else 0 : 4 if name == "aaf" else None]:
        verdict = judged(film, assembly, name, reader)

        assert (verdict.faults, verdict.beyond) == ([], 0)
        # What a format cannot say exactly, its report says.
        assert verdict.off == verdict.said
        assert verdict.frames > 100


def clip(id="c", of="a", at_ms=0, ms=2000, in_ms=1000, **fields):
    start = Fraction(in_ms)
    return nouns.Clip(id, nouns.MediaReference(of), start + ms, start, Fraction(at_ms), **fields)


def sequence(*clips, rate=Fraction(25), transitions=(), kind="video", **track):
    return nouns.Sequence(
        "s", rate, "Film", tracks=(nouns.Track("t", kind, clips, **track),), transitions=tuple(transitions)
    )


@pytest.fixture
def laid(angle):
    """A sequence whose files are the angles `a` and `b`, laid; or those that are given by their ids."""

    def make(of, **angles):
        files = {"a": angle("A", asset_id="a", frames=250), "b": angle("B", asset_id="b", frames=250), **angles}
        media = {
            nouns.MediaReference(id): MediaFacts(id, True, True, (Span(Fraction(0), Fraction(one.duration_ms)),))
            for id, one in files.items()
        }
        blends = lay_transitions(of, media, of.timebase)
        return lay(of, {nouns.MediaReference(id): (Part(one),) for id, one in files.items()}, blends)

    return make


def codes(assembly, name):
    return {one.code for one in lost_in(assembly, formats()[name].carries)}


def test_a_cut_knows_of_a_covered_clip_what_is_left_of_it(laid):
    assembly = laid(sequence(clip("c", at_ms=0, ms=4000), clip("d", "b", at_ms=1000, ms=1000)))

    assert [(one.clip.id, one.at, one.end, one.first_unit) for one in assembly.pictures[0].events] == [
        ("c", 0, 25, 25), ("d", 25, 50, 25), ("c", 50, 100, 75),
    ]  # fmt: skip


def test_what_no_format_carries_is_said_of_its_record(laid):
    title = nouns.Clip("title", nouns.Text("Hello"), Fraction(1000), start_ms=Fraction(5000))
    made = clip("made", at_ms=6000)
    made = replace(made, content=nouns.MediaReference("a", "artifact"))
    looks = clip("looks", opacity=0.5, rotation=3, stabilise=nouns.Stabilise())
    still = clip("still", "picture", at_ms=9000)
    of = sequence(looks, title, made, still, ducking=nouns.Ducking("music", 12), audio_role="dialogue")
    of = replace(
        of,
        filter_stacks=(nouns.FilterStack("f", nouns.Target("clip", "looks"), (nouns.Filter("gamma", {}),)),),
        automation=(nouns.Automation("m", nouns.Target("track", "t"), "opacity", (nouns.Keyframe(Fraction(0), 1),)),),
    )

    assembly = lay(of, {looks.content: ()}, ())

    found = {(one.code, *one.details.values()) for one in assembly.losses}
    assert found == {
        ("opacity", "looks"), ("rotation", "looks"), ("stabilise", "looks"), ("text", "title"), ("artifact", "made"),
        ("ducking", "t"), ("audio_role", "t"), ("filters", "looks"), ("automation", "t"), ("still", "still"),
    }  # fmt: skip
    with pytest.raises(CannotExport, match="shows no file"):
        formats()["fcpxml"].write_assembly(assembly, "")


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("otio", {"volume", "fades"}),
        ("fcpxml", set()),
        ("fcp7xml", {"fades"}),
        ("edl", {"volume", "fades"}),
        ("aaf", {"speed", "volume", "fades"}),
    ],
)
def test_a_report_names_what_one_format_lacks_and_another_has(name, lost, laid):
    assembly = laid(sequence(clip(speed=Fraction(2), volume_db=-6, fade_in_ms=Fraction(200))))

    assert codes(assembly, name) == lost


#: Something that a clip may have → its fields.
LOOKS = {
    "opacity": {"opacity": 0.5},
    "scale": {"scale": 0.5},
    "rotation": {"rotation": 20},
    "position": {"position": nouns.Position(0.2, 0.6)},
    "crop": {"crop": nouns.Crop(left=0.1)},
    "blend_mode": {"blend_mode": "screen"},
    "stabilise": {"stabilise": nouns.Stabilise()},
    "optical_flow": {"optical_flow": True},
    "slowmo_quality": {"slowmo_quality": "high"},
    "mask_artifact_id": {"mask_artifact_id": "m"},
    "volume": {"volume_db": -6},
    "fades": {"fade_in_ms": Fraction(200)},
    "speed": {"speed": Fraction(2), "out_ms": Fraction(5000)},
}
#: Everything that a report speaks of, but for what its files and its rate bring along.
EVERYTHING = {
    *LOOKS,
    "scale_mode",
    "transition",
    "text",
    "vector",
    "artifact",
    "filters",
    "automation",
    "ducking",
    "audio_role",
}


@pytest.fixture
def rich_film(laid, angle):
    def make(has):
        return laid(a_rich_film(has), b=angle("B", asset_id="b", frames=250, width=1440))

    return make


def a_rich_film(has):
    """Two clips, the second of a narrower file, and a dissolve, with all of these."""
    fields = {name: value for one in LOOKS if one in has for name, value in LOOKS[one].items()}
    first = replace(clip(), **fields)
    kind = "wipe_left" if "transition" in has else "crossfade"
    join = nouns.Transition("x", kind, Fraction(400), "c", "d")
    over = {
        "text": nouns.Clip("title", nouns.Text("Hello"), Fraction(1000)),
        "vector": nouns.Clip("shape", nouns.Vector(()), Fraction(1000), start_ms=Fraction(1000)),
        "artifact": nouns.Clip("made", nouns.MediaReference("a", "artifact"), Fraction(1000), start_ms=Fraction(2000)),
    }
    of = sequence(
        first, clip("d", "b", 2000, scale_mode="stretch" if "scale_mode" in has else "fit"), transitions=[join],
        ducking=nouns.Ducking("music", 12) if "ducking" in has else None,
        audio_role="dialogue" if "audio_role" in has else "generic",
    )  # fmt: skip
    above = nouns.Track("u", "video", tuple(one for name, one in over.items() if name in has), order=1)
    of = replace(of, tracks=(*of.tracks, above) if above.clips else of.tracks)
    target = nouns.Target("clip", "c")
    if "filters" in has:
        of = replace(of, filter_stacks=(nouns.FilterStack("f", target, (nouns.Filter("gamma", {}),)),))
    if "automation" in has:
        curve = nouns.Automation("m", target, "opacity", (nouns.Keyframe(Fraction(0), 1),))
        of = replace(of, automation=(curve,))
    return of


def as_written(name, assembly, tmp_path):
    """What a document says to other programs: without ids that are new each time, and without Studio's own notes."""
    body = formats()[name].write_assembly(assembly, "").body
    if name == "otio":
        return without_notes(json.loads(body))
    if name != "aaf":
        return body
    path = tmp_path / "film.aaf"
    path.write_bytes(body)
    with aaf2.open(str(path), "r") as file:
        slots = next(file.content.toplevel()).slots
        return [
            [
                (type(one).__name__, one.length, getattr(one, "start", None))
                for one in getattr(slot.segment, "components", ())
            ]
            for slot in slots
        ]


def without_notes(value):
    if isinstance(value, dict):
        return {name: without_notes(one) for name, one in value.items() if name != "studio"}
    return [without_notes(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", list(formats()))
def test_what_a_report_lists_is_not_in_the_file_and_what_it_does_not_list_is(name, rich_film, tmp_path):
    plain = as_written(name, rich_film(set()), tmp_path)
    listed = codes(rich_film(EVERYTHING), name)

    assert listed <= EVERYTHING
    assert as_written(name, rich_film(listed), tmp_path) == plain
    for one in EVERYTHING - listed:
        assert as_written(name, rich_film({one}), tmp_path) != plain, one
    # What the format could hold is a part of what is left out.
    assert formats()[name].unwritten & EVERYTHING <= listed


def test_level_speed_and_fades_are_in_fcpxml_as_final_cut_has_them(laid):
    assembly = laid(
        sequence(clip(volume_db=-6, fade_in_ms=Fraction(200)), clip("d", "b", 2000, 1000, speed=Fraction(1, 2)))
    )

    text = formats()["fcpxml"].write_assembly(assembly, "").body.decode()

    assert '<adjust-volume amount="-6dB">' in text
    assert '<fadeIn type="linear" duration="1/5s" />' in text
    assert 'time="20s" value="10s"' in text


def test_level_and_speed_are_in_the_xml_that_premiere_opens(laid):
    assembly = laid(sequence(clip(volume_db=-6), clip("d", "b", 2000, 1000, speed=Fraction(1, 2)), volume_db=-14))

    text = formats()["fcp7xml"].write_assembly(assembly, "").body.decode()

    # −20 dB, the clip's and the track's together, is a tenth.
    assert "<value>0.100000</value>" in text
    assert "<value>50</value>" in text
    assert "<width>1920</width>" in text
    assert text.count("<linkclipref>video-1-1</linkclipref>") == 2


def test_another_transition_than_a_dissolve_is_one_in_otio_alone(laid):
    wipe = nouns.Transition("x", "wipe_left", Fraction(400), "c", "d")
    assembly = laid(sequence(clip(), clip("d", "b", at_ms=2000), transitions=(wipe,)))

    assert "transition" not in codes(assembly, "otio")
    assert {name for name in formats() if "transition" in codes(assembly, name)} == {"aaf", "edl", "fcp7xml", "fcpxml"}
    assert "wipe_left" in formats()["otio"].write_assembly(assembly, "").body.decode()


def test_a_transition_without_a_file_on_one_side_is_a_loss(laid):
    title = nouns.Clip("d", nouns.Text("Hello"), Fraction(1000), start_ms=Fraction(2000))
    fade = nouns.Transition("x", "crossfade", Fraction(400), "c", "d")
    assembly = laid(sequence(clip(), title, transitions=(fade,)))

    assert [one.details for one in assembly.losses if one.code == "transition"] == [{"transition_id": "x"}]


def test_muted_tracks_are_not_heard_and_hidden_ones_not_seen(laid):
    muted, hidden = laid(sequence(clip(), muted=True)), laid(sequence(clip(), hidden=True))

    assert (len(muted.pictures), len(muted.sounds)) == (1, 0)
    assert (len(hidden.pictures), len(hidden.sounds)) == (0, 1)
    assert 'srcEnable="video"' in formats()["fcpxml"].write_assembly(muted, "").body.decode()
    assert 'srcEnable="audio"' in formats()["fcpxml"].write_assembly(hidden, "").body.decode()
    assert " V     C " in formats()["edl"].write_assembly(muted, "").body.decode()
    assert " AA    C " in formats()["edl"].write_assembly(hidden, "").body.decode()


def test_a_recorder_keeps_its_samples_where_a_format_has_them_and_is_said_where_not(laid, recorder):
    of = sequence(clip(in_ms=1007), kind="audio")
    assembly = laid(of, a=recorder("R", asset_id="a", seconds_of_day=3600.0))

    assert assembly.sounds[0].events[0].first_unit == 48_336
    assert f'start="{3600 * 48_000 + 48_336}/48000s"' in formats()["fcpxml"].write_assembly(assembly, "").body.decode()
    assert codes(assembly, "otio") == set()
    assert codes(assembly, "edl") == {"sub_frame"}
    assert "7.0 ms late" in next(one.message for one in lost_in(assembly, formats()["edl"].carries))


def test_a_variable_rate_is_said_with_what_to_do(laid, angle):
    assembly = laid(sequence(clip()), a=angle("A", asset_id="a", variable_frame_rate=True))

    assert codes(assembly, "fcpxml") == {"variable_frame_rate"}


def test_a_file_faster_than_the_timeline_that_begins_on_an_odd_frame_is_said(laid, angle):
    assembly = laid(sequence(clip(in_ms=1020)), a=angle("A", asset_id="a", fps="50/1", frames=500))

    assert codes(assembly, "fcpxml") == {"mixed_rates"}
    assert codes(assembly, "aaf") == {"mixed_rates", "source_rate"}


def test_a_list_of_several_tracks_is_a_zip_with_one_for_each(laid):
    of = sequence(clip())
    of = replace(
        of,
        tracks=(
            *of.tracks,
            nouns.Track("u", "video", (clip("d", "b"),), order=1),
            nouns.Track("m", "audio", (clip("e"),)),
        ),
    )
    written = formats()["edl"].write_assembly(laid(of), "")

    names = zipfile.ZipFile(io.BytesIO(written.body)).namelist()
    assert names == ["Film_track-V1.edl", "Film_track-V2.edl", "Film_track-A1.edl"]


def test_premiere_gets_a_list_without_comments_on_clips_and_fast_ones_say_how_they_count(laid):
    fast = laid(sequence(clip(), rate=Fraction(60)))

    assert "* FRAMES COUNT FROM 0 TO 59" in formats()["edl"].write_assembly(fast, "").body.decode()
    assert "FROM CLIP NAME" in formats()["edl"].write_assembly(fast, "").body.decode()
    assert "FROM CLIP NAME" not in formats()["edl"].write_assembly(fast, PREMIERE).body.decode()


def test_files_of_one_name_have_reels_of_their_own(laid, angle):
    named = {id: angle("", asset_id=id, original_filename="GH010042.MP4", frames=250) for id in "ab"}
    text = formats()["edl"].write_assembly(laid(sequence(clip(), clip("d", "b", 2000)), **named), "").body.decode()

    assert len({line[5:13] for line in text.splitlines() if line[:3].isdecimal()}) == 2


def test_a_list_of_more_than_a_day_is_refused(laid, angle):
    long = angle("A", asset_id="a", frames=25 * 90_000, duration_ms=90_000_000.0)
    assembly = laid(sequence(clip(ms=89_000_000)), a=long)

    with pytest.raises(CannotExport, match="24 hours"):
        formats()["edl"].write_assembly(assembly, "")


def test_an_aaf_has_the_timecode_track_that_resolve_asks_for(laid, tmp_path):
    assembly = replace(laid(sequence(clip(), rate=NTSC_30)), drop=True)
    path = tmp_path / "a.aaf"
    path.write_bytes(formats()["aaf"].write_assembly(assembly, "").body)

    with aaf2.open(str(path), "r") as file:
        top = next(file.content.toplevel())
        track = next(slot for slot in top.slots if slot.name == "TC")
        assert track["PhysicalTrackNumber"].value == 1
        assert (track.segment.fps, track.segment.drop, track.segment.start) == (30, True, 0)


def test_a_slow_clip_of_an_aaf_ends_with_its_file_and_the_gap_is_said(laid, tmp_path):
    """Eight seconds at half speed from the sixth on: at normal speed the file of ten has four."""
    slow = clip(in_ms=6000, ms=4000, speed=Fraction(1, 2))
    dissolve = nouns.Transition("x", "crossfade", Fraction(400), "c", "d")
    for after in (), (clip("d", "b", 7600),):
        assembly = laid(sequence(slow, *after, transitions=[dissolve] if after else ()))
        path = tmp_path / f"{len(after)}.aaf"
        path.write_bytes(formats()["aaf"].write_assembly(assembly, "").body)
        with aaf2.open(str(path), "r") as file:
            track = next(slot for slot in next(file.content.toplevel()).slots if slot.name == "V1").segment
            first, black = list(track.components)[:2]
            assert (first.start, type(black).__name__) == (150, "Filler")
            assert first.length <= 100
            # What is over the dissolve counts on both sides of it.
            assert first.length + black.length == (200 if not after else 195 + 5)
        said = [one.message for one in lost_in(assembly, formats()["aaf"].carries) if one.code == "speed"]
        assert said == [
            "The clip's speed, 0.5 times: it plays at normal speed from the right frame on. Where its file ends before the clip does, there is a gap."
        ]


def switched(edit, *cameras, rate=NTSC_30):
    """An assembly of ten seconds of each of these cameras in turn, from a time of the master's clock on."""
    clips = [
        nouns.Clip(
            f"c{number}",
            nouns.CameraReference(edit.session_id, label),
            Fraction(at + 10_000),
            Fraction(at),
            Fraction(number * 10_000),
        )
        for number, (label, at) in enumerate(cameras)
    ]
    parts = {one.content: parts_of([a for a in edit.angles if a.label == one.content.camera_label]) for one in clips}
    return lay(nouns.Sequence("s", rate, "Film", tracks=(nouns.Track("t", "video", tuple(clips)),)), parts, (), (edit,))


@pytest.fixture
def long_shoot(angle, edit):
    """Three hours at 29.97; B began 2.5 s later, and its clock is 145 ppm slow: 47 frames at the end."""
    hours = {"fps": "30000/1001", "duration_ms": 10_800_000.0, "frames": 323_676}
    return edit(angle("A", asset_id="a", **hours), angle("B", asset_id="b", offset_ms=2503.0, drift_ppm=145.0, **hours))


def test_cameras_are_angles_of_a_multicam_clip_and_drift_moves_no_cut(long_shoot):
    at = 10_200_000
    assembly = switched(long_shoot, ("A", 5000), ("B", at), ("A", at + 10_000))
    written = formats()["fcpxml"].write_assembly(assembly, "").body

    assert written.count(b"<mc-clip ") == 3
    (track,) = by_lxml(written, NTSC_30)
    # The truth by hand: B's own time at the master's time of the assembly, in its frames.
    master = Fraction(at) + (300 * 1000 / NTSC_30 - 10_000)
    own = (master - 2503) / (1 + Fraction(145, 1_000_000))
    assert [(one.name, one.at, one.end) for one in track.seen] == [
        ("clip A.mov", 0, 300),
        ("clip B.mov", 300, 599),
        ("clip A.mov", 599, 899),
    ]
    assert track.seen[1].seconds * NTSC_30 == (own + Fraction(1, 2)) * NTSC_30 / 1000 // 1
    # Without the drift it would be 44 frames later.
    assert (master - 2503) * NTSC_30 / 1000 // 1 - track.seen[1].seconds * NTSC_30 in (44, 45)


def test_the_other_angles_stay_within_a_frame_of_the_master_clock(long_shoot):
    from lxml import etree

    root = etree.fromstring(formats()["fcpxml"].write_assembly(switched(long_shoot, ("A", 5000)), "").body)
    row = root.findall(".//mc-angle")[1]
    clips = row.findall("asset-clip")

    assert len(clips) > 40
    for one in clips:
        at, start = (Fraction(one.get(name).rstrip("s")) for name in ("offset", "start"))
        truth = start * (1 + Fraction(145, 1_000_000)) + Fraction(2503, 1000)
        assert abs(at - truth) * NTSC_30 <= 1


def test_a_shot_that_needs_an_angle_twice_in_two_ways_plays_its_file(long_shoot):
    assembly = switched(long_shoot, ("B", 5000), ("B", 5007))
    written = formats()["fcpxml"].write_assembly(assembly, "").body

    assert written.count(b"<mc-clip ") == 1
    (track,) = by_lxml(written, NTSC_30)
    assert [one.name for one in track.seen] == ["clip B.mov", "clip B.mov"]


def test_drift_within_a_clip_is_said(long_shoot):
    assembly = shoot_assembled(long_shoot)

    drift = next(one for one in lost_in(assembly, frozenset(Carries)) if one.code == "drift")
    assert "46.9 frames" in drift.message


@pytest.mark.parametrize("name", ["fcp7xml", "aaf"])
def test_a_session_is_written_with_a_track_for_each_camera(name, angle, recorder, edit, tmp_path):
    shoot = edit(angle("A", asset_id="a"), angle("B", asset_id="b", offset_ms=-2000.0), recorder("R", asset_id="r"))
    written = formats()[name].write(shoot)

    path = tmp_path / written.filename
    path.write_bytes(written.body)
    read = otio.adapters.read_from_file(str(path), "AAF" if name == "aaf" else "fcp_xml")
    timeline = read if isinstance(read, otio.schema.Timeline) else read[0]
    tracks = [track for track in timeline.tracks if len(track)]
    assert [track.kind for track in tracks] == ["Video", "Video", "Audio", "Audio", "Audio"]
    first = [track.find_clips()[0].range_in_parent().start_time.value for track in tracks]
    # B began two seconds before A.
    assert first == [50, 0, 50, 0, 50]


def test_a_session_without_a_frame_is_no_longer_than_nothing(angle, edit):
    empty = shoot_assembled(edit(angle(duration_ms=0, frames=0)))

    assert (empty.lanes, empty.length) == ((), 0)
