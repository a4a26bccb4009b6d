import io
import json
import re
import zipfile
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_app.core.time.timebase import NTSC_30, parse_timecode
from render_app.core.edit.angle import AngleSegment, CannotExport, MediaFile
from render_app.exchange import edl, fcpxml, formats, otio

EVENT = re.compile(r"^(\d{3})  (\S+) +(\S+) +C +(\S+) (\S+) (\S+) (\S+)$")


def seconds(text):
    assert text.endswith("s")
    return Fraction(text[:-1])


def exact(time):
    assert time["value"] == int(time["value"])
    return Fraction(int(time["value"])) / Fraction(time["rate"]).limit_denominator(1001)


def events(text, rate):
    found = [match.groups() for line in text.split("\r\n") if (match := EVENT.match(line))]
    return [(reel, channels, *(parse_timecode(tc, rate) for tc in times)) for _, reel, channels, *times in found]


def timeline_of(edit):
    return json.loads(otio.write(edit).body)


def xml_of(edit):
    return ET.fromstring(fcpxml.write(edit).body)


@pytest.fixture
def shoot(angle, recorder, edit):
    """A 29.97 master with drop-frame timecode, a 25 fps camera that began before it, and a recorder that began later."""
    return edit(
        angle("A", fps="30000/1001", timecode="01:00:59;28", frames=300),
        angle("B", fps="25/1", offset_ms=-2513.7, width=1280, height=720, timecode="10:00:00:12", drift_ppm=80.0),
        recorder("R", offset_ms=1234.5, sample_rate=44_100, audio_channels=1),
    )


def test_every_file_with_a_format_is_found():
    assert list(formats()) == ["aaf", "edl", "fcp7xml", "fcpxml", "otio"]


@pytest.mark.parametrize("name", ["edl", "fcpxml", "otio"])
def test_the_same_edit_gives_the_same_bytes(name, shoot):
    assert formats()[name].write(shoot) == formats()[name].write(shoot)


@pytest.mark.parametrize("name", ["edl", "fcpxml", "otio"])
@pytest.mark.parametrize(
    "title", ["../../etc/passwd", 'a"; rm -rf\r\nX: y', "Осень & <b>日本</b>", "\x0b\x1f\ufffe", " "]
)
def test_any_title_gives_a_safe_file_name_and_a_readable_document(name, title, shoot):
    written = formats()[name].write(replace(shoot, title=title))

    assert re.fullmatch(r"[A-Za-z0-9-]+_\d{8}(_edl)?\.(otio|fcpxml|zip)", written.filename)
    if name == "fcpxml":
        ET.fromstring(written.body)
    elif name == "otio":
        json.loads(written.body)


@pytest.mark.parametrize("name", ["edl", "fcpxml", "otio"])
def test_an_edit_without_a_frame_is_refused_with_a_sentence(name, angle, edit):
    with pytest.raises(CannotExport, match="frame to put on a timeline"):
        formats()[name].write(edit(angle(duration_ms=0, frames=0)))


class TestOtio:
    def test_there_is_a_track_for_each_angle_and_a_gap_for_each_offset(self, shoot):
        timeline = timeline_of(shoot)

        tracks = timeline["tracks"]["children"]
        assert [(track["name"], track["kind"]) for track in tracks] == [
            ("Camera A", "Video"),
            ("Camera B", "Video"),
            ("Camera R", "Audio"),
        ]
        assert [[child["OTIO_SCHEMA"] for child in track["children"]] for track in tracks] == [
            ["Gap.1", "Clip.2"],
            ["Clip.2"],
            ["Gap.1", "Clip.2"],
        ]
        waits = [exact(tracks[i]["children"][0]["source_range"]["duration"]) for i in (0, 2)]
        assert abs(waits[0] - Fraction("2.5137")) <= 1 / (2 * NTSC_30)
        assert abs(waits[1] - Fraction("3.7482")) <= Fraction(1, 88_200)

    def test_the_clip_is_the_whole_original_counted_from_its_timecode_at_its_own_rate(self, shoot):
        clip = timeline_of(shoot)["tracks"]["children"][1]["children"][0]

        media = clip["media_references"][clip["active_media_reference_key"]]
        assert media["OTIO_SCHEMA"] == "ExternalReference.1"
        assert media["target_url"] == shoot.angles[1].original.url
        assert clip["source_range"] == media["available_range"]
        assert exact(clip["source_range"]["start_time"]) == 36_000 + Fraction(12, 25)
        assert exact(clip["source_range"]["duration"]) == 10

    def test_ntsc_rates_come_back_exact(self, shoot):
        clip = timeline_of(shoot)["tracks"]["children"][0]["children"][1]

        assert Fraction(clip["source_range"]["duration"]["rate"]).limit_denominator(1001) == NTSC_30
        assert clip["metadata"]["studio"]["rate"] == "30000/1001"
        assert clip["source_range"]["duration"]["value"] == 300

    def test_offset_drift_error_and_the_other_files_are_in_the_metadata(self, shoot, angle, edit):
        proxied = replace(shoot.angles[1], proxy=MediaFile("https://store.example/p.mp4", "d" * 64))
        track = timeline_of(replace(shoot, angles=(shoot.angles[0], proxied)))["tracks"]["children"][1]

        about = track["metadata"]["studio"]
        assert (about["offsetMs"], about["driftPpm"], about["driftAtEndMs"]) == (-2513.7, 80.0, 0.8)
        assert about["proxy"] == {"url": "https://store.example/p.mp4", "checksum": "d" * 64}
        assert about["mezzanine"] is None
        assert track["children"][0]["metadata"]["studio"]["subFrameErrorMs"] == 0.0

    def test_the_error_stated_is_how_far_the_clip_lies_from_the_truth(self, shoot):
        track = timeline_of(shoot)["tracks"]["children"][0]

        late = exact(track["children"][0]["source_range"]["duration"]) - Fraction("2.5137")
        assert track["children"][1]["metadata"]["studio"]["subFrameErrorMs"] == pytest.approx(
            float(late * 1000), abs=1e-4
        )

    def test_a_paused_camera_of_another_rate_stays_true_after_the_pause(self, angle, edit):
        paused = angle("B", fps="24000/1001", segments=(AngleSegment(0, 4000, 0.0), AngleSegment(4000, 10_000, 3000.0)))
        _, track = timeline_of(edit(angle("A"), paused))["tracks"]["children"]

        first, gap, second = track["children"]
        begins = sum(exact(child["source_range"]["duration"]) for child in (first, gap))
        media_start = exact(second["source_range"]["start_time"])
        assert abs(begins - (media_start + 3)) <= Fraction(1, 50)
        assert second["metadata"]["studio"]["subFrameErrorMs"] == pytest.approx(
            float(begins - media_start - 3) * 1000, abs=1e-4
        )


class TestEdl:
    def test_there_is_a_list_for_each_camera_in_the_archive(self, shoot):
        written = edl.write(shoot)

        with zipfile.ZipFile(io.BytesIO(written.body)) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == [f"Tuesday-lesson_20261120_camera-{label}.edl" for label in "ABR"]
            listed = archive.read("Tuesday-lesson_20261120_camera-B.edl")
        assert listed == edl.write_camera(shoot, "B").body

    def test_drop_frame_is_declared_and_its_labels_skip(self, shoot):
        text = edl.write_camera(shoot, "A").body.decode()

        assert text.startswith("TITLE: Tuesday lesson\r\nFCM: DROP FRAME\r\n")
        ((reel, channels, source_in, source_out, record_in, record_out),) = events(text, NTSC_30)
        assert (reel, channels) == ("CAM_A", "AA/V")
        assert "01:00:59;28 01:01:10;00 00:00:02;15 00:00:12;15" in text
        assert source_out.frame - source_in.frame == record_out.frame - record_in.frame == 300

    def test_a_camera_of_another_rate_is_counted_at_its_own_from_the_same_zero(self, shoot):
        text = edl.write_camera(shoot, "B").body.decode()

        assert "FCM: NON-DROP FRAME" in text
        assert "* RATE: 25/1" in text
        assert "10:00:00:12 10:00:10:12 00:00:00:00 00:00:10:00" in text

    def test_a_recorder_has_sound_alone_at_the_timelines_rate(self, shoot):
        text = edl.write_camera(shoot, "R").body.decode()

        ((reel, channels, source_in, _, record_in, _),) = events(text, NTSC_30)
        assert (reel, channels, source_in.frame, record_in.frame) == ("CAM_R", "A", 0, 112)
        assert abs(record_in.seconds - Fraction("3.7482")) <= 1 / (2 * NTSC_30)

    @pytest.mark.parametrize(("channels", "has_audio", "said"), [(2, True, "AA/V"), (1, True, "B"), (None, False, "V")])
    def test_channels_say_what_the_file_has(self, channels, has_audio, said, angle, edit):
        shoot = edit(angle(audio_channels=channels, has_audio=has_audio))

        assert events(edl.write_camera(shoot, "A").body.decode(), Fraction(25))[0][1] == said

    def test_a_camera_faster_than_tape_is_counted_at_the_rate_below(self, angle, edit):
        text = edl.write_camera(edit(angle(fps="120/1", frames=1200)), "A").body.decode()

        assert "00:00:00:00 00:00:10:00 00:00:00:00 00:00:10:00" in text
        assert "* THE FILE HAS 120/1 FRAMES PER SECOND" in text

    def test_offset_drift_and_error_are_remarked(self, shoot):
        text = edl.write_camera(shoot, "A").body.decode()

        assert "* OFFSET: +0.0000 MS ON THE MASTER'S CLOCK" in text
        assert re.search(r"^\* SUB-FRAME ERROR: -11.2000 MS\r$", text, re.MULTILINE)

    def test_a_file_name_cannot_add_a_line(self, angle, edit):
        text = edl.write_camera(edit(angle(original_filename="a.mov\r\n002  EVIL V C x\u2028y")), "A").body.decode()

        assert len(events(text, Fraction(25))) == 1
        assert "* FROM CLIP NAME: a.mov 002  EVIL V C x y\r\n" in text

    def test_more_than_a_day_is_refused(self, angle, edit):
        with pytest.raises(CannotExport, match="24 hours"):
            edl.write(edit(angle("A"), angle("B", offset_ms=86_400_000.0)))

    def test_a_camera_that_is_not_there_is_refused(self, shoot):
        with pytest.raises(CannotExport, match="no camera Q"):
            edl.write_camera(shoot, "Q")


class TestFcpxml:
    def test_it_is_a_multicam_with_an_angle_per_camera_played_by_one_clip(self, shoot):
        text = fcpxml.write(shoot).body.decode()
        root = ET.fromstring(text)

        assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.10">')
        assert [child.tag for child in root] == ["resources", "library"]
        assert [a.get("angleID") for a in root.iter("mc-angle")] == ["A", "B", "R"]
        (played,) = root.iter("mc-clip")
        assert played.get("ref") == root.find("resources/media").get("id")
        assert [s.attrib for s in played] == [{"angleID": "A", "srcEnable": "all"}]
        longest = max(seconds(clip.get("offset")) + seconds(clip.get("duration")) for clip in root.iter("asset-clip"))
        assert seconds(played.get("duration")) == seconds(root.find(".//sequence").get("duration")) == longest

    def test_every_reference_points_to_a_resource_and_no_id_is_given_twice(self, shoot):
        root = xml_of(shoot)

        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        for element in root.iter():
            assert {element.get("ref"), element.get("format")} - {None} <= set(ids)

    def test_elements_have_the_children_that_the_format_allows_in_its_order(self, shoot):
        allowed = {
            "fcpxml": ["resources", "library"],
            "asset": ["media-rep", "metadata"],
            "media": ["multicam"],
            "multicam": ["mc-angle"],
            "mc-angle": ["gap", "asset-clip"],
            "asset-clip": ["note", "conform-rate", "metadata"],
            "metadata": ["md"],
            "library": ["event"],
            "event": ["project"],
            "project": ["sequence"],
            "sequence": ["spine"],
            "spine": ["mc-clip"],
            "mc-clip": ["mc-source"],
        }
        for element in xml_of(shoot).iter():
            tags = [child.tag for child in element]
            if element.tag != "resources":
                order = allowed.get(element.tag, [])
                assert tags == sorted(tags, key=order.index), element.tag

    def test_the_timeline_keeps_to_its_frames(self, shoot):
        root = xml_of(shoot)

        for tag in ("gap", "asset-clip", "mc-clip"):
            for element in root.iter(tag):
                for name in ("offset", "duration"):
                    assert (seconds(element.get(name)) * NTSC_30).denominator == 1
        assert root.find(".//mc-angle[@angleID='A']/gap").get("duration") == "75075/30000s"

    def test_an_angle_is_without_holes(self, shoot):
        for row in xml_of(shoot).iter("mc-angle"):
            reached = Fraction(0)
            for child in row:
                assert seconds(child.get("offset")) == reached
                reached += seconds(child.get("duration"))

    def test_media_is_counted_from_its_own_timecode(self, shoot):
        root = xml_of(shoot)

        assert seconds(root.find(".//asset[@id='camera-B']").get("start")) == 36_000 + Fraction(12, 25)
        assert seconds(root.find(".//asset[@id='camera-B']").get("duration")) == 10
        for clip in root.iter("asset-clip"):
            asset = root.find(f".//asset[@id='{clip.get('ref')}']")
            begins = seconds(clip.get("start")) - seconds(asset.get("start"))
            assert 0 <= begins <= begins + seconds(clip.get("duration")) <= seconds(asset.get("duration"))
        a = root.find(".//asset-clip[@ref='camera-A']")
        assert a.get("tcFormat") == "DF"
        assert seconds(a.get("start")) == parse_timecode("01:00:59;28", NTSC_30).seconds

    def test_a_recorder_is_true_to_half_a_sample(self, shoot):
        clip = xml_of(shoot).find(".//asset-clip[@ref='camera-R']")

        error = seconds(clip.get("offset")) - seconds(clip.get("start")) - Fraction("3.7482")
        assert abs(error) <= Fraction(1, 2 * 44_100)

    def test_each_rate_and_size_is_a_format_of_its_own(self, shoot):
        made = [(f.get("frameDuration"), f.get("width"), f.get("height")) for f in xml_of(shoot).iter("format")]

        assert made == [("1001/30000s", "1920", "1080"), ("1/25s", "1280", "720")]

    def test_a_camera_of_another_rate_keeps_its_speed(self, shoot):
        conforms = {
            clip.get("ref"): clip.find("conform-rate").attrib
            for clip in xml_of(shoot).iter("asset-clip")
            if clip.find("conform-rate") is not None
        }

        assert conforms == {"camera-B": {"scaleEnabled": "0", "srcFrameRate": "25"}}

    def test_what_lies_below_a_frame_is_in_note_and_metadata(self, shoot):
        clip = xml_of(shoot).find(".//asset-clip[@ref='camera-A']")

        assert "Placed -11.2000 ms from its true instant." in clip.find("note").text
        facts = {md.get("key"): md.get("value") for md in clip.iter("md")}
        assert facts["studio.subFrameErrorMs"] == "-11.2000"
        assert facts["studio.offsetMs"] == "0.0000"

    def test_sound_comes_from_the_master_and_picture_from_the_first_camera_that_has_one(self, shoot):
        played = xml_of(replace(shoot, master="R")).find(".//mc-clip")

        assert [s.attrib for s in played] == [
            {"angleID": "A", "srcEnable": "video"},
            {"angleID": "R", "srcEnable": "audio"},
        ]

    def test_recorders_alone_make_a_project_too(self, recorder, edit):
        root = xml_of(edit(recorder("A", seconds_of_day=3600.25), recorder("B", offset_ms=12.0)))

        assert root.find(".//asset").get("hasVideo") is None
        assert root.find(".//asset").get("start") == "172812000/48000s"
        assert [s.attrib for s in root.find(".//mc-clip")] == [{"angleID": "A", "srcEnable": "audio"}]

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(title=st.text(max_size=40), filename=st.text(min_size=1, max_size=40))
    def test_any_text_survives_as_xml(self, angle, edit, title, filename):
        root = xml_of(edit(angle(original_filename=filename), title=title))

        legal = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", title)
        assert "".join(root.find(".//project").get("name").split()) == "".join(
            re.sub(r"[\x7f-\x9f]", "", legal).split()
        )


def test_a_camera_of_several_clips_is_one_track_one_angle_and_one_list(angle, edit):
    shoot = edit(angle("A"), angle("B", offset_ms=2000.0, duration_ms=4000), angle("B.2", offset_ms=10_000.0))

    timeline = json.loads(otio.write(shoot).body)
    tracks = timeline["tracks"]["children"]
    assert [track["name"] for track in tracks] == ["Camera A", "Camera B"]
    kinds = [child["OTIO_SCHEMA"] for child in tracks[1]["children"]]
    assert kinds == ["Gap.1", "Clip.2", "Gap.1", "Clip.2"]
    assert tracks[1]["children"][3]["metadata"]["studio"]["camera"]["cameraLabel"] == "B.2"

    root = ET.fromstring(fcpxml.write(shoot).body.partition(b"<!DOCTYPE fcpxml>")[2])
    (b,) = (row for row in root.iter("mc-angle") if row.get("angleID") == "B")
    assert [child.tag for child in b] == ["gap", "asset-clip", "gap", "asset-clip"]
    assert [clip.get("ref") for clip in b.iter("asset-clip")] == ["camera-B", "camera-B.2"]

    text = edl.write_camera(shoot, "B").body.decode()
    assert [line.split()[1] for line in text.splitlines() if line[:3].isdigit()] == ["CAM_B", "CAMB0002"]
    with pytest.raises(CannotExport, match="no camera"):
        edl.write_camera(shoot, "C")
