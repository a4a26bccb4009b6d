"""The files that an edit points at, by name."""

from dataclasses import replace
from datetime import date

import pytest

from render_app.core.edit import media
from render_app.core.edit.angle import Angle, CannotExport, MediaFile
from render_app.core.edit.multicam import MulticamEdit


def angle(camera: str, filename: str, **fields) -> Angle:
    made = {
        "kind": "video", "fps": "25/1", "offset_ms": 0.0, "duration_ms": 1000.0,
        "proxy": MediaFile("https://store/p", "", f"proxies/{camera}.mp4"),
    }  # fmt: skip
    return Angle(camera=camera, original_filename=filename, original=MediaFile("https://store/o"), **made | fields)


def edit(*angles: Angle) -> MulticamEdit:
    return MulticamEdit(
        session_id="s", title="Lesson", project_id="p", day=date(2026, 11, 27), status="ready", master="A",
        operator_status="approved", decided_by="Ann", approved_at=None, version=1, angles=angles, left_out=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/Volumes/Card 1/", "file:///Volumes/Card%201"),
        (r"D:\Shoots\été", "file:///D:/Shoots/%C3%A9t%C3%A9"),
        (r"\\nas\shoot", "file://nas/shoot"),
        ("file:///Volumes/X/", "file:///Volumes/X"),
    ],
)
def test_a_folder_of_any_system_becomes_an_address(path, url):
    assert media.folder_url(path) == url


@pytest.mark.parametrize("path", ["shoot", "./shoot", "C:", "~/Movies", "/a\nb", "https://evil.example/x"])
def test_a_folder_that_is_not_absolute_is_refused(path):
    with pytest.raises(media.BadMediaRoot, match="absolute folder"):
        media.folder_url(path)


def test_cards_that_use_one_name_keep_their_files_apart():
    two = edit(angle("A", "C0001.MP4"), angle("B", "c0001.mp4"), angle("R", "take.wav"))

    assert media.names(two, "original") == {"A": "A/C0001.MP4", "B": "B/c0001.mp4", "R": "take.wav"}


def test_files_in_a_folder_have_their_names_escaped():
    placed = media.with_folder(edit(angle("A", "Take #1 é.mov")), "original", "file:///Volumes/X")

    assert placed.angles[0].original.url == "file:///Volumes/X/Take%20%231%20%C3%A9.mov"


def test_a_proxy_is_chosen_under_its_own_name_and_a_recorder_keeps_its_original():
    recorder = replace(angle("R", "take.wav"), kind="audio", fps="", proxy=None)
    placed = media.with_folder(edit(angle("A", "C1.MOV"), recorder), "proxy", "media")

    assert [one.original.url for one in placed.angles] == ["media/C1.proxy.mp4", "media/take.wav"]
    assert placed.angles[0].original_filename == "C1.proxy.mp4"


def test_a_camera_without_the_chosen_file_is_named():
    with pytest.raises(CannotExport, match="Camera A has no mezzanine yet"):
        media.with_links(edit(angle("A", "C1.MOV")), "mezzanine")


def test_a_copy_with_hidden_faces_stands_for_the_original_under_a_name_of_its_own():
    copy = MediaFile("https://store/c", "", "made/c.mov")
    hidden = media.stood_in(angle("A", "C1.MP4", mezzanine=copy, timecode="10:00:00:00"), "C1.anonymised.mov")

    for choice in ("original", "mezzanine"):
        placed = media.with_links(edit(hidden), choice).angles[0]
        assert (placed.original.url, placed.original_filename) == ("https://store/c", "C1.anonymised.mov")
        assert (placed.timecode, placed.video_start_ms) == ("", 0.0)
    assert media.with_links(edit(hidden), "proxy").angles[0].original.url == "https://store/p"
