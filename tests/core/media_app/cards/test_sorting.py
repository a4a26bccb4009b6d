"""Cards of many makes, sorted into cameras, recordings and chapters by name, folder and size alone."""

import random
import time

import pytest

from media_app.core.cards.sorting import KnownCamera, Sorting, sort_files
from media_app.core.cards.takes import CardFile

GIB = 1 << 30
FULL = 4 * GIB - 5_000_000


def sort(*paths: str, sizes: dict[str, int] | None = None, times: dict[str, float] | None = None) -> Sorting:
    return sort_files(CardFile(path, (sizes or {}).get(path, 0), (times or {}).get(path, 0.0)) for path in paths)


def shape(sorting: Sorting) -> dict[str, list[list[str]]]:
    """Label → the file names of each take."""
    return {c.label: [[file.name for file in take.chapters] for take in c.takes] for c in sorting.cameras}


def paths_of(sorting: Sorting) -> list[str]:
    """Every file that the sorting speaks of."""
    sent = [file.path for camera in sorting.cameras for take in camera.takes for file in take.chapters]
    return sorted([*sent, *(one.path for one in sorting.set_aside), *sorting.unplaced])


CARDS = {
    "GoPro, HERO6 and later": (
        ["Cam/DCIM/100GOPRO/GX010012.MP4", "Cam/DCIM/100GOPRO/GX010013.MP4", "Cam/DCIM/100GOPRO/GX020012.MP4"],
        [["GX010012.MP4", "GX020012.MP4"], ["GX010013.MP4"]],
    ),
    "GoPro, to HERO5": (
        ["Cam/DCIM/100GOPRO/GP010007.MP4", "Cam/DCIM/100GOPRO/GOPR0007.MP4", "Cam/DCIM/100GOPRO/GP020007.MP4"],
        [["GOPR0007.MP4", "GP010007.MP4", "GP020007.MP4"]],
    ),
    "DJI, with the time in the name": (
        ["Cam/DCIM/DJI_001/DJI_20230501123045_0001_D.MP4", "Cam/DCIM/DJI_001/DJI_20230501130000_0002_D.MP4"],
        [["DJI_20230501123045_0001_D.MP4"], ["DJI_20230501130000_0002_D.MP4"]],
    ),
    "Insta360": (
        ["Cam/DCIM/Camera01/VID_20220110_121609_00_657.mp4", "Cam/DCIM/Camera01/VID_20220110_130000_00_658.mp4"],
        [["VID_20220110_121609_00_657.mp4"], ["VID_20220110_130000_00_658.mp4"]],
    ),
    "Sony XAVC": (
        ["Cam/PRIVATE/M4ROOT/CLIP/C0001.MP4", "Cam/PRIVATE/M4ROOT/CLIP/C0002.MP4"],
        [["C0001.MP4"], ["C0002.MP4"]],
    ),
    "Canon XF, spanned": (
        ["Cam/CONTENTS/CLIPS001/AA0001/AA000101.MXF", "Cam/CONTENTS/CLIPS001/AA0001/AA000102.MXF", "Cam/CONTENTS/CLIPS001/AA0002/AA000201.MXF"],
        [["AA000101.MXF", "AA000102.MXF"], ["AA000201.MXF"]],
    ),
    "Canon EOS": (["Cam/DCIM/100CANON/MVI_0012.MP4", "Cam/DCIM/100CANON/MVI_0013.MP4"], [["MVI_0012.MP4"], ["MVI_0013.MP4"]]),
    "Panasonic HC-X": (
        ["Cam/PRIVATE/PANA_GRP/001RAQAM/A001C001_230101_1A2B.MOV", "Cam/PRIVATE/PANA_GRP/001RAQAM/A001C002_230101_1A2B.MOV"],
        [["A001C001_230101_1A2B.MOV"], ["A001C002_230101_1A2B.MOV"]],
    ),
    "Lumix": (["Cam/DCIM/100_PANA/P1000012.MP4", "Cam/DCIM/100_PANA/P1000013.MP4"], [["P1000012.MP4"], ["P1000013.MP4"]]),
    "Zoom, with a file for each track": (
        ["Rec/FOLDER01/ZOOM0001/ZOOM0001_Tr1.WAV", "Rec/FOLDER01/ZOOM0001/ZOOM0001_LR.WAV", "Rec/FOLDER01/ZOOM0002/ZOOM0002_LR.WAV"],
        [["ZOOM0001_LR.WAV"], ["ZOOM0002_LR.WAV"]],
    ),
    "Zoom F6, split": (["Rec/230101_001.WAV", "Rec/230101_001_0001.WAV", "Rec/230101_002.WAV"], [["230101_001.WAV", "230101_001_0001.WAV"], ["230101_002.WAV"]]),
    "Tascam": (["Rec/SOUND/TASCAM_0001.wav", "Rec/SOUND/TASCAM_0002_A.wav", "Rec/SOUND/TASCAM_0002_B.wav"], [["TASCAM_0001.wav"], ["TASCAM_0002_A.wav", "TASCAM_0002_B.wav"]]),
    "Sound Devices": (["Rec/S01T01.wav", "Rec/S01T02.wav"], [["S01T01.wav"], ["S01T02.wav"]]),
    "DJI, a folder for each flight": (
        ["Drone/DCIM/DJI_001/DJI_20230501123045_0001_D.MP4", "Drone/DCIM/DJI_002/DJI_20230501133045_0002_D.MP4"],
        [["DJI_20230501123045_0001_D.MP4"], ["DJI_20230501133045_0002_D.MP4"]],
    ),
    "DJI, split by name": (["Drone/DCIM/100MEDIA/DJI_0011_001.MP4", "Drone/DCIM/100MEDIA/DJI_0011_002.MP4"], [["DJI_0011_001.MP4", "DJI_0011_002.MP4"]]),
    "Sony, with the date in the name": (
        ["Cam/PRIVATE/M4ROOT/CLIP/20230101_C0001.MP4", "Cam/PRIVATE/M4ROOT/CLIP/20230102_C0002.MP4"],
        [["20230101_C0001.MP4"], ["20230102_C0002.MP4"]],
    ),
    "Sony, with a title": (["Cam/PRIVATE/M4ROOT/CLIP/FX3_1234.MP4", "Cam/PRIVATE/M4ROOT/CLIP/FX3_1235.MP4"], [["FX3_1234.MP4"], ["FX3_1235.MP4"]]),
    "Sony Cinema Line": (
        ["Cam/XDROOT/Clip/A001C001_230101AB.MXF", "Cam/XDROOT/Clip/A001C002_230101XY.MXF"],
        [["A001C001_230101AB.MXF"], ["A001C002_230101XY.MXF"]],
    ),
    "Canon Cinema EOS, two reels": (
        ["Cam/XFVC/REEL_0123/A123C001_230101AB_CANON.MXF", "Cam/XFVC/REEL_0124/A124C001_230101AB_CANON.MXF"],
        [["A123C001_230101AB_CANON.MXF"], ["A124C001_230101AB_CANON.MXF"]],
    ),
    "Canon Cinema EOS, a folder for each clip": (
        ["Cam/CONTENTS/CLIPS001/A001C001_230101AB_CANON/A001C001_230101AB_CANON_001.MXF", "Cam/CONTENTS/CLIPS001/A001C001_230101AB_CANON/A001C001_230101AB_CANON_002.MXF"],
        [["A001C001_230101AB_CANON_001.MXF", "A001C001_230101AB_CANON_002.MXF"]],
    ),
    "Nikon, two folders": (["Cam/DCIM/100NZ_8/DSC_0001.MOV", "Cam/DCIM/101NZ_8/DSC_0002.MOV"], [["DSC_0001.MOV"], ["DSC_0002.MOV"]]),
    "Zoom F8, by scene": (
        ["Rec/SCENE01/SCENE01-T001.WAV", "Rec/SCENE01/SCENE01-T001_0001.WAV", "Rec/SCENE01/SCENE01-T002.WAV"],
        [["SCENE01-T001.WAV", "SCENE01-T001_0001.WAV"], ["SCENE01-T002.WAV"]],
    ),
    "Zoom H8, by date and time": (["Rec/230101_120000/230101_120000_TrLR.WAV", "Rec/230101_120000/230101_120000_Tr1.WAV"], [["230101_120000_TrLR.WAV"]]),
    "Zoom F8, the take in the folder": (
        ["Rec/230101_002/TRLR.WAV", "Rec/230101_002/TRLR_01.WAV"],
        [["TRLR.WAV", "TRLR_01.WAV"]],
    ),
    "Tascam, stereo pairs": (["Rec/SOUND/TASCAM_0001MIX.wav", "Rec/SOUND/TASCAM_0001_S12.wav"], [["TASCAM_0001MIX.wav"]]),
    "Tascam DR-40": (["Rec/MUSIC/DR0000_0000.wav", "Rec/MUSIC/DR0000_0001.wav"], [["DR0000_0000.wav"], ["DR0000_0001.wav"]]),
    "MixPre, a folder for each day": (
        ["Rec/20230101/SHOW-T001.WAV", "Rec/20230101/SHOW-T001-2.WAV", "Rec/20230102/SHOW-T002.WAV"],
        [["SHOW-T001.WAV", "SHOW-T001-2.WAV"], ["SHOW-T002.WAV"]],
    ),
    "iPhone": (["Phone/IMG_0412.MOV", "Phone/IMG_0413.MOV"], [["IMG_0412.MOV"], ["IMG_0413.MOV"]]),
}  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
def test_a_card_is_one_camera_with_its_recordings_in_order(card: str):
    paths, takes = CARDS[card]

    sorting = sort(*paths)

    assert list(shape(sorting).values()) == [takes]
    assert sorting.faults == ()
    assert sorting.cameras[0].make
    assert sorting.cameras[0].name in ("Cam", "Rec", "Drone", "Phone")
    assert paths_of(sorting) == sorted(paths)


@pytest.mark.parametrize(
    ("first", "second", "size"),
    [
        ("Cam/PRIVATE/AVCHD/BDMV/STREAM/00003.MTS", "Cam/PRIVATE/AVCHD/BDMV/STREAM/00004.MTS", 2 * GIB - 3_000_000),
        ("Cam/PRIVATE/M4ROOT/CLIP/C0001.MP4", "Cam/PRIVATE/M4ROOT/CLIP/C0002.MP4", FULL),
        ("Cam/DCIM/100CANON/MVI_0012.MP4", "Cam/DCIM/100CANON/MVI_0013.MP4", FULL),
        ("Cam/DCIM/DJI_001/DJI_0012.MP4", "Cam/DCIM/DJI_001/DJI_0013.MP4", FULL),
        ("Cam/DCIM/DJI_001/DJI_20230501123045_0001_D.MP4", "Cam/DCIM/DJI_001/DJI_20230501124510_0002_D.MP4", FULL),
        ("Cam/DCIM/DJI_001/DJI_20230501123045_0001_D.MP4", "Cam/DCIM/DJI_002/DJI_20230501124510_0002_D.MP4", FULL),
        ("Cam/DCIM/100CANON/MVI_9999.MP4", "Cam/DCIM/101CANON/MVI_0001.MP4", FULL),
    ],
)
def test_a_file_that_is_full_goes_on_in_the_next_number(first: str, second: str, size: int):
    (takes,) = shape(sort(first, second, sizes={first: size, second: 1_000_000})).values()

    assert [len(take) for take in takes] == [2]


def test_a_full_last_number_goes_on_in_the_same_folder_where_the_clock_says_so():
    sizes = {"Cam/C9999.MP4": FULL, "Cam/C0001.MP4": 1000}

    assert shape(sort(*sizes, sizes=sizes)) == {"A": [["C0001.MP4"], ["C9999.MP4"]]}
    assert shape(sort(*sizes, sizes=sizes, times={"Cam/C9999.MP4": 10.0, "Cam/C0001.MP4": 900.0})) == {
        "A": [["C9999.MP4", "C0001.MP4"]]
    }


def test_a_thousand_full_files_are_no_ring():
    files = [CardFile(f"Cam/C{number:04d}.MP4", FULL, float(number == 999)) for number in range(1, 1000)]

    assert len(paths_of(sort_files(files))) == 999


def test_a_short_file_does_not_go_on():
    first, second = "Cam/C0001.MP4", "Cam/C0002.MP4"

    (takes,) = shape(sort(first, second, sizes={first: GIB, second: GIB})).values()

    assert [len(take) for take in takes] == [1, 1]


def test_folders_are_cameras_and_what_devices_write_beside_is_set_aside_by_name():
    sorting = sort(
        "Wedding/Wide/DCIM/100GOPRO/GX010012.MP4",
        "Wedding/Wide/DCIM/100GOPRO/GX010012.THM",
        "Wedding/Wide/DCIM/100GOPRO/GL010012.LRV",
        "Wedding/Close/PRIVATE/M4ROOT/CLIP/C0001.MP4",
        "Wedding/Close/PRIVATE/M4ROOT/CLIP/C0001M01.XML",
        "Wedding/Close/PRIVATE/M4ROOT/SUB/C0001S03.MP4",
        "Wedding/Drone/DCIM/100MEDIA/DJI_0001.MP4",
        "Wedding/Drone/DCIM/100MEDIA/DJI_0001.SRT",
        "Wedding/Zoom/FOLDER01/ZOOM0001/ZOOM0001_LR.WAV",
    )

    assert {c.label: c.name for c in sorting.cameras} == {"A": "Close", "B": "Drone", "C": "Wide", "D": "Zoom"}
    assert {(one.path.rpartition("/")[2], one.what) for one in sorting.set_aside} == {
        ("GX010012.THM", "picture"),
        ("GL010012.LRV", "low-resolution copy"),
        ("C0001M01.XML", "index"),
        ("C0001S03.MP4", "low-resolution copy"),
        ("DJI_0001.SRT", "notes of the device"),
    }


def test_two_cards_of_one_camera_are_one_camera_and_numbered_cameras_are_two():
    cards = shape(sort("Wide card 1/C0001.MP4", "Wide card 2/C0002.MP4"))
    cameras = shape(sort("Cam 1/C0001.MP4", "Cam 2/C0001.MP4"))

    assert cards == {"A": [["C0001.MP4"], ["C0002.MP4"]]}
    assert cameras == {"A": [["C0001.MP4"]], "B": [["C0001.MP4"]]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rec/FOLDER01/ZOOM0001/ZOOM0001_LR.WAV", "Rec/FOLDER02/ZOOM0001/ZOOM0001_LR.WAV"),
        ("Wide card 1/GX010001.MP4", "Wide card 2/GX010001.MP4"),
        ("Wide/DCIM/100CANON/MVI_0001.MP4", "Wide/DCIM/101CANON/MVI_0001.MP4"),
        ("ZOOM0001.WAV", "ZOOM0001.WAV"),
    ],
)
def test_a_name_that_a_device_gave_twice_is_two_recordings_of_one_camera(one: str, other: str):
    sorting = sort_files([CardFile(one, 5_000_000, 1000.0), CardFile(other, 9_000_000, 90_000.0)])

    assert [len(take.chapters) for (camera,) in [sorting.cameras] for take in camera.takes] == [1, 1]
    assert paths_of(sorting) == sorted([one, other])
    assert sorting.faults == ()


def test_chapters_of_two_cards_that_count_alike_are_joined_with_those_of_their_card():
    cards = {
        "Wide card 1/GX010001.MP4": 9,
        "Wide card 1/GX020001.MP4": 9,
        "Wide card 2/GX010001.MP4": 8,
        "Wide card 2/GX020001.MP4": 7,
    }

    (camera,) = sort(*cards, sizes=cards).cameras

    assert [[file.path for file in take.chapters] for take in camera.takes] == [list(cards)[:2], list(cards)[2:]]


def test_a_copy_is_set_aside_by_name_where_size_and_time_agree():
    kept, copy = "Wide/DCIM/100GOPRO/GX010001.MP4", "Wide/DCIM/101GOPRO/GX010001.MP4"

    sorting = sort_files([CardFile(kept, 4000, 1000.0), CardFile(copy, 4000, 1001.0)])

    assert shape(sorting) == {"A": [["GX010001.MP4"]]}
    (aside,) = sorting.set_aside
    assert (aside.path, aside.what, aside.instead) == (copy, f"copy of {kept}", kept)
    assert "are the same chapter of one recording, of the same size. The first is set aside." in sorting.faults[0]


def test_a_file_of_the_same_name_and_size_and_another_time_is_kept_with_a_warning():
    sorting = sort_files(
        [CardFile("Wide card 1/C0001.MP4", 4000, 1000.0), CardFile("Wide card 2/C0001.MP4", 4000, 9000.0)]
    )

    assert shape(sorting) == {"A": [["C0001.MP4"], ["C0001.MP4"]]}
    assert [fault for fault in sorting.faults if "may be a copy of it" in fault] == list(sorting.faults) != []


def test_a_recording_with_a_file_for_each_track_is_one_clip_and_offers_the_others():
    tracks = [f"Rec/S01T01_{number}.wav" for number in (1, 2, 3, 4)]

    sorting = sort(*tracks)

    assert shape(sorting) == {"A": [["S01T01_1.wav"]]}
    assert [(one.path, one.instead) for one in sorting.set_aside] == [(path, tracks[0]) for path in tracks[1:]]
    assert sorting.faults == ()


def test_tracks_that_cannot_be_joined_say_that_one_of_them_is_sent():
    sorting = sort("Rec/ZOOM0001_Tr1.MP3", "Rec/ZOOM0001_Tr2.MP3")

    assert sorting.faults == (
        "Camera A has a file for each track and no mix. One track is sent of each recording: that of ZOOM0001_Tr1.MP3, unless another one is "
        "chosen among the files set aside.",
    )


def test_the_mix_stands_for_its_tracks_without_a_word():
    sorting = sort("Rec/FOLDER01/ZOOM0001/ZOOM0001_Tr1.WAV", "Rec/FOLDER01/ZOOM0001/ZOOM0001_LR.WAV")

    assert (shape(sorting), sorting.faults) == ({"A": [["ZOOM0001_LR.WAV"]]}, ())


def test_inputs_and_microphones_that_a_recorder_keeps_apart_are_one_recording():
    sorting = sort("Rec/4CH/FOLDER01/4CH000I.wav", "Rec/4CH/FOLDER01/4CH000M.wav", "Rec/STEREO/FOLDER01/STE-000.wav")

    assert shape(sorting) == {"A": [["4CH000I.wav"], ["STE-000.wav"]]}
    assert [one.what for one in sorting.set_aside] == ["track of 4CH000I.wav"]


def test_a_card_with_picture_and_sound_apart_says_that_its_pictures_have_no_sound():
    sorting = sort("P2/CONTENTS/VIDEO/0001AB.MXF", "P2/CONTENTS/AUDIO/0001AB00.MXF", "P2/CONTENTS/AUDIO/0001AB01.MXF")

    assert shape(sorting) == {"A": [["0001AB.MXF"]]}
    assert [one.instead for one in sorting.set_aside] == ["P2/CONTENTS/VIDEO/0001AB.MXF"] * 2
    (fault,) = sorting.faults
    assert "its pictures have no sound to sync by" in fault


def test_lenses_of_one_drone_are_cameras_and_no_camera_letters():
    assert list(
        shape(
            sort("Drone/DCIM/DJI_001/DJI_20230501123045_0001_W.MP4", "Drone/DCIM/DJI_001/DJI_20230501123045_0001_T.MP4")
        )
    ) == ["A", "B"]


def test_full_files_of_two_cards_that_count_alike_are_joined_with_those_of_their_card():
    sizes = {
        "Wide card 1/C0001.MP4": FULL,
        "Wide card 2/C0001.MP4": FULL - 5,
        "Wide card 1/C0002.MP4": 10,
        "Wide card 2/C0002.MP4": 20,
    }

    (takes,) = sort(*sizes, sizes=sizes).cameras

    assert [[file.path for file in take.chapters] for take in takes.takes] == [
        ["Wide card 1/C0001.MP4", "Wide card 1/C0002.MP4"],
        ["Wide card 2/C0001.MP4", "Wide card 2/C0002.MP4"],
    ]


def test_a_chapter_that_was_written_days_after_the_one_before_it_is_a_recording_of_its_own():
    sizes = {"GX010012.MP4": 4_000_000_000, "GX020012.MP4": 4_000_000_000}

    sorting = sort(*sizes, sizes=sizes, times={"GX010012.MP4": 1000.0, "GX020012.MP4": 200_000.0})

    assert sorting.faults[0].startswith("GX020012.MP4 was written 55 h after GX010012.MP4, longer than it can last")
    assert sorting.cameras[0].takes[0].continued == [None, None]


def test_two_devices_in_one_folder_are_two_cameras():
    assert shape(sort("day/GX010012.MP4", "day/C0001.MP4", "day/ZOOM0001_LR.WAV")) == {
        "A": [["C0001.MP4"]],
        "B": [["GX010012.MP4"]],
        "C": [["ZOOM0001_LR.WAV"]],
    }


def test_files_of_one_folder_that_call_their_cameras_are_of_those():
    sorting = sort("day/camera-B.mov", "day/Camera 3.mkv", "day/cam_a_2.mp4", "day/cam_a_1.mp4", "day/ambience.wav")

    assert shape(sorting) == {
        "A": [["cam_a_1.mp4"], ["cam_a_2.mp4"]], "B": [["camera-B.mov"]], "C": [["Camera 3.mkv"]], "D": [["ambience.wav"]],
    }  # fmt: skip
    assert {camera.name for camera in sorting.cameras} == {""}


def test_files_of_one_folder_that_call_no_camera_are_clips_of_the_folder_s():
    sorting = sort("Wide/ceremony.mp4", "Wide/speeches.mp4", "Close/cam_b.mp4")

    assert shape(sorting) == {"A": [["ceremony.mp4"], ["speeches.mp4"]], "B": [["cam_b.mp4"]]}
    assert [camera.name for camera in sorting.cameras] == ["Wide", "Close"]


def test_loose_files_of_nobodys_naming_are_cameras_of_their_own():
    assert shape(sort("cam_b.mov", "wide.mp4", "IMG_0001.MOV")) == {
        "A": [["IMG_0001.MOV"]],
        "B": [["cam_b.mov"]],
        "C": [["wide.mp4"]],
    }


def test_lenses_that_record_at_the_same_time_are_two_cameras():
    assert len(shape(sort("X/VID_20220110_121609_00_657.mp4", "X/VID_20220110_121609_10_657.mp4"))) == 2


def test_labels_in_use_are_not_given_again():
    assert sort_files([CardFile("cam_a.mov")], used=["A", "B"]).cameras[0].label == "C"


def test_what_one_device_made_is_of_one_camera_whatever_its_folders_are_called():
    files = [
        CardFile("one/GX010001.MP4", serial="C2"),
        CardFile("two/GX010002.MP4", serial="C2"),
        CardFile("two/GX010003.MP4", serial="C3"),
    ]

    assert shape(sort_files(files)) == {"A": [["GX010001.MP4"], ["GX010002.MP4"]], "B": [["GX010003.MP4"]]}


def test_a_file_whose_serial_number_is_not_known_stays_with_those_that_lie_with_it():
    files = [CardFile("Cam/C0001.MP4", serial="47"), CardFile("Cam/C0002.MP4"), CardFile("Cam/C0003.MP4", serial="47")]

    assert shape(sort_files(files)) == {"A": [["C0001.MP4"], ["C0002.MP4"], ["C0003.MP4"]]}


@pytest.mark.parametrize(
    ("file", "label"),
    [
        (CardFile("Wide card 2/C0007.MP4"), "C"),
        (CardFile("wide/C0007.MP4"), "C"),
        (CardFile("Untitled/C0007.MP4", serial="47"), "C"),
        (CardFile("Wide/C0007.MP4", serial="48"), "A"),
        (CardFile("Close/C0007.MP4"), "A"),
    ],
)
def test_another_card_of_a_camera_that_is_there_gets_its_letter(file: CardFile, label: str):
    known = [KnownCamera("C", "Wide", frozenset({"47"}), clips=3)]

    sorting = sort_files([file], ["C"], known=known)

    (camera,) = sorting.cameras
    assert (camera.label, camera.first_clip) == (label, 4 if label == "C" else 1)
    assert any("is here already: these files are added to it." in fault for fault in sorting.faults) == (label == "C")


def test_files_beyond_the_last_letter_are_named():
    sorting = sort(*(f"{number:02d}.mov" for number in range(28)))

    assert (len(sorting.cameras), len(sorting.unplaced)) == (26, 2)


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (["GX010012.MP4", "GX030012.MP4"], "Between GX010012.MP4 and GX030012.MP4, chapter 2 is missing"),
        (["GX020012.MP4"], "GX020012.MP4 is chapter 2 of a recording, and what comes before it is not here"),
        (["GX010012.MP4", "GH020012.MP4"], "GH020012.MP4 is named as a chapter of GX010012.MP4, but is of another recording"),
        (["DCIM/100GOPRO/GX010012.MP4", "DCIM/101GOPRO/GX010012.MP4"], "may be a copy of it. Leave one of them out if it is."),
        (["GOPR0012.MP4", "GP020012.MP4"], "chapter 2 is missing"),
        (["230101_001.WAV", "230101_001_0002.WAV"], "chapter 2 is missing"),
        (["TASCAM_0002_A.wav", "TASCAM_0002_D.wav"], "chapters 2 to 3 are missing"),
    ],
)  # fmt: skip
def test_faulty_chapters_are_named(paths: list[str], says: str):
    faults = sort_files(CardFile(path) for path in paths).faults

    assert [says in fault for fault in faults] == [True]


def test_a_chapter_that_was_written_before_the_one_in_front_of_it_is_named():
    times = {"GX010012.MP4": 2000.0, "GX020012.MP4": 1000.0}

    assert "GX020012.MP4 was written before" in sort(*times, times=times).faults[0]


def test_a_chapter_in_the_middle_that_is_short_is_named():
    sizes = {"GX010012.MP4": FULL, "GX020012.MP4": GIB, "GX030012.MP4": GIB}

    assert "GX020012.MP4 is shorter than the other chapters" in sort(*sizes, sizes=sizes).faults[0]


def test_recordings_stand_in_order_of_time_where_numbers_began_anew():
    times = {"Cam/C9999.MP4": 1000.0, "Cam/C0001.MP4": 2000.0}

    assert shape(sort(*times, times=times)) == {"A": [["C9999.MP4"], ["C0001.MP4"]]}


NAMES = (
    "GX010012.MP4", "GX020012.MP4", "GH010012.MP4", "C0001.MP4", "C9999.MP4", "MVI_0001.MOV", "DJI_20230501123045_0001_D.MP4", "DJI_0002.MP4",
    "ZOOM0001_LR.WAV", "ZOOM0001_Tr1.WAV", "S01T01_1.wav", "S01T01_2.wav", "TR1.WAV", "00001.MTS", "AA000101.MXF", "cam_b.mov", "x.THM",
)  # fmt: skip
FOLDERS = (
    "",
    "Wide card 1/",
    "Wide card 2/DCIM/100GOPRO/",
    "Rec/230101_001/",
    "Rec/FOLDER01/ZOOM0001/",
    "P2/CONTENTS/VIDEO/",
)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_dropped_each_file_is_sent_or_named_once(seed: int):
    draw = random.Random(seed)
    files = [
        CardFile(draw.choice(FOLDERS) + draw.choice(NAMES), draw.choice((0, 4000, 5000, FULL)), draw.choice((0.0, 1000.0, 1001.0, 9e5)), draw.choice(("", "", "47")))
        for _ in range(draw.randint(1, 60))
    ]  # fmt: skip

    assert paths_of(sort_files(files)) == sorted(file.path for file in files)


@pytest.mark.parametrize(
    "files",
    [
        [CardFile(f"Cam/C{number:04d}.MP4", FULL) for number in range(5000)],
        [CardFile("Cam/GX010001.MP4", 4000, 1000.0 + 10 * number) for number in range(5000)],
        [CardFile("GX010001.MP4", number) for number in range(5000)],
        [CardFile(f"Rec/S01T01_{number}.wav", 4000) for number in range(5000)],
    ],
    ids=["full", "one name, many times", "one name, many sizes", "many tracks"],
)
def test_as_many_files_as_may_be_sent_are_sorted_in_seconds(files: list[CardFile]):
    began = time.process_time()

    sorting = sort_files(files)

    assert time.process_time() - began < 5
    assert len(paths_of(sorting)) == 5000
