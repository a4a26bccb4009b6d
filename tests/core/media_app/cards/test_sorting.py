"""Cards of many makes, sorted into cameras, recordings and chapters by name, folder and size alone."""

import pytest

from media_app.core.cards.sorting import Sorting, sort_files
from media_app.core.cards.takes import CardFile

GIB = 1 << 30
FULL = 4 * GIB - 5_000_000


def sort(*paths: str, sizes: dict[str, int] | None = None, times: dict[str, float] | None = None) -> Sorting:
    return sort_files(CardFile(path, (sizes or {}).get(path, 0), (times or {}).get(path, 0.0)) for path in paths)


def shape(sorting: Sorting) -> dict[str, list[list[str]]]:
    """Label → the file names of each take."""
    return {c.label: [[file.name for file in take.chapters] for take in c.takes] for c in sorting.cameras}


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
    "Sound Devices, a file for each track": (["Rec/S01T01_1.wav", "Rec/S01T01_2.wav", "Rec/S01T02_1.wav"], [["S01T01_1.wav"], ["S01T02_1.wav"]]),
    "iPhone": (["Phone/IMG_0412.MOV", "Phone/IMG_0413.MOV"], [["IMG_0412.MOV"], ["IMG_0413.MOV"]]),
}  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
def test_a_card_is_one_camera_with_its_recordings_in_order(card: str):
    paths, takes = CARDS[card]

    sorting = sort(*paths)

    assert list(shape(sorting).values()) == [takes]
    assert sorting.faults == ()


@pytest.mark.parametrize(
    ("first", "second", "size"),
    [
        ("Cam/PRIVATE/AVCHD/BDMV/STREAM/00003.MTS", "Cam/PRIVATE/AVCHD/BDMV/STREAM/00004.MTS", 2 * GIB - 3_000_000),
        ("Cam/PRIVATE/M4ROOT/CLIP/C0001.MP4", "Cam/PRIVATE/M4ROOT/CLIP/C0002.MP4", FULL),
        ("Cam/DCIM/100CANON/MVI_0012.MP4", "Cam/DCIM/100CANON/MVI_0013.MP4", FULL),
        ("Cam/DCIM/DJI_001/DJI_0012.MP4", "Cam/DCIM/DJI_001/DJI_0013.MP4", FULL),
    ],
)
def test_a_file_that_is_full_goes_on_in_the_next_number(first: str, second: str, size: int):
    (takes,) = shape(sort(first, second, sizes={first: size, second: 1_000_000})).values()

    assert [len(take) for take in takes] == [2]


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


def test_files_beyond_the_last_letter_are_named():
    sorting = sort(*(f"{number:02d}.mov" for number in range(28)))

    assert (len(sorting.cameras), len(sorting.unplaced)) == (26, 2)


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (["GX010012.MP4", "GX030012.MP4"], "Between GX010012.MP4 and GX030012.MP4, chapter 2 is missing"),
        (["GX020012.MP4"], "GX020012.MP4 is chapter 2 of a recording, and what comes before it is not here"),
        (["GX010012.MP4", "GH020012.MP4"], "GH020012.MP4 is named as a chapter of GX010012.MP4, but is of another recording"),
        (["DCIM/100GOPRO/GX010012.MP4", "DCIM/101GOPRO/GX010012.MP4"], "are the same chapter of one recording"),
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
