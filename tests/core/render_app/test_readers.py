"""Each editing program's edit counts a file as that program reads it, and has every audio track."""

import json
from xml.etree import ElementTree as ET

import pytest

from render_app.core.edit.readers import AVID, FINAL_CUT, PREMIERE, RESOLVE, TARGETS, as_read_by
from render_app.exchange import edl, fcpxml, otio, usual_target


def read(angle, edit, target, **fields):
    (found,) = as_read_by(edit(angle(**fields)), target).angles
    return found.timecode


@pytest.mark.parametrize(
    ("source", "resolve", "finalcut", "premiere"),
    [
        ("tmcd", "10:00:00:00", "10:00:00:00", "10:00:00:00"),
        ("mxf", "10:00:00:00", "10:00:00:00", "10:00:00:00"),
        ("", "10:00:00:00", "10:00:00:00", "10:00:00:00"),
        ("rtmd", "10:00:00:00", "", ""),
        ("ltc", "", "", ""),
    ],
)
def test_what_a_program_does_not_read_is_counted_from_zero(source, resolve, finalcut, premiere, angle, edit):
    fields = {"timecode": "10:00:00:00", "timecode_fps": "25/1", "timecode_source": source, "fps": "25/1"}
    wanted = {RESOLVE: resolve, FINAL_CUT: finalcut, PREMIERE: premiere, AVID: premiere}
    assert {target: read(angle, edit, target, **fields) for target in TARGETS} == wanted


@pytest.mark.parametrize(
    ("written", "rate", "shown"),
    [
        ("10:00:00:12", "30000/1001", "10:00:00;12"), ("10:00:00:12", "25/1", "10:00:00:12"),
        ("10:01:00:00", "30000/1001", "10:01:00:00"), ("10:00:00;12", "60000/1001", "10:00:00;12"),
    ],
)  # fmt: skip
def test_sony_s_data_track_counts_drop_frame_at_ntsc_rates(written, rate, shown, angle, edit):
    fields = {"timecode": written, "timecode_fps": rate, "timecode_source": "rtmd", "fps": rate}
    assert read(angle, edit, RESOLVE, **fields) == shown


def test_a_format_is_for_the_program_that_usually_reads_it():
    usual = {"fcpxml": FINAL_CUT, "otio": RESOLVE, "edl": RESOLVE, "fcp7xml": PREMIERE, "aaf": AVID}
    assert {name: usual_target(name) for name in usual} == usual


def test_four_tracks_are_four_sources_with_roles_in_fcpxml(angle, edit):
    root = ET.fromstring(fcpxml.write(edit(angle(track_channels=(1, 1, 1, 1), audio_channels=1))).body)
    asset = root.find(".//asset")
    assert (asset.get("audioSources"), asset.get("audioChannels")) == ("4", "1")
    sources = root.findall(".//asset-clip/audio-channel-source")
    assert [(one.get("srcCh"), one.get("role")) for one in sources] == [
        (str(number), f"dialogue.track-{number}") for number in (1, 2, 3, 4)
    ]


def test_a_stereo_file_is_one_source_without_more(angle, edit):
    root = ET.fromstring(fcpxml.write(edit(angle(track_channels=(2,)))).body)
    assert root.find(".//asset").get("audioSources") == "1"
    assert root.find(".//audio-channel-source") is None


@pytest.mark.parametrize(
    ("tracks", "lines"),
    [
        ((1, 1, 1, 1), ["AUD  3    4"]), ((2, 1), ["AUD  3"]), ((2,), []),
        ((2, 2, 2), ["AUD  3    4", "* THE FILE HAS 6 CHANNELS OF SOUND; THIS FORMAT COUNTS 4"]),
    ],
)  # fmt: skip
def test_an_edl_names_channels_three_and_four_and_says_what_it_cannot(tracks, lines, angle, edit):
    text = edl.write_camera(edit(angle(track_channels=tracks)), "A").body.decode()
    assert [line for line in text.splitlines() if line.startswith("AUD") or "CHANNELS OF SOUND" in line] == lines


def test_otio_has_a_track_for_each_audio_track_of_several(angle, recorder, edit):
    shoot = edit(angle("A", track_channels=(1, 1)), recorder("R", track_channels=(2, 1)), angle("B"))
    tracks = json.loads(otio.write(shoot).body)["tracks"]["children"]
    assert [(track["name"], track["kind"]) for track in tracks] == [
        ("Camera A", "Video"), ("Camera A audio 1", "Audio"), ("Camera A audio 2", "Audio"),
        ("Camera R audio 1", "Audio"), ("Camera R audio 2", "Audio"), ("Camera B", "Video"),
    ]  # fmt: skip
    assert tracks[1]["children"] == tracks[0]["children"]
    assert tracks[2]["metadata"]["studio"]["audioTrack"] == 2
