"""The files of one take, one for each track: what they are called, what they are sent as, and what is missing."""

import io
import tarfile

import pytest

from media_app.core.cards.packed import packed_files
from media_app.core.cards.sorting import sort_files
from media_app.core.cards.takes import CardFile
from media_app.core.cards.tracks import packed_path, track_names, tracks_by_chapter
from media_app.core.files.faults import NotUsable


@pytest.mark.parametrize(
    ("path", "packed"),
    [
        ("Zoom/ZOOM0001_LR.WAV", "Zoom/ZOOM0001.tar"),
        ("ZOOM0001_Tr1-0001.WAV", "ZOOM0001-0001.tar"),
        ("230101_001_Tr2_0001.WAV", "230101_001_0001.tar"),
        ("Desk/S01T01_1.wav", "Desk/S01T01.tar"),
        ("TASCAM_0001S12.wav", "TASCAM_0001.tar"),
        # A folder that is named like the take; and names that say nothing without their track.
        ("H8/251128_001/TR1.WAV", "H8/251128_001/251128_001.tar"),
        ("H8/251128_001/TR1_02.WAV", "H8/251128_001/TR1_02.tar"),
        ("T001_20251128-101010_001_01.wav", "T001_20251128-101010_001_01.tar"),
    ],
)
def test_a_packed_take_has_the_name_of_its_recording_and_chapter(path, packed):
    said, of_packed = CardFile(path).said, CardFile(packed).said

    assert packed_path(CardFile(path)) == packed
    assert (of_packed.take, of_packed.chapter) == (said.take, said.chapter)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["ZOOM0001_LR.WAV", "ZOOM0001_Tr1.WAV", "ZOOM0001_Tr2.WAV"], ["mix", "TR1", "TR2"]),
        (["S01T01.wav", "S01T01_1.wav", "S01T01_2.wav"], ["mix", "1", "2"]),
        (["talk_host.wav", "talk_guest.wav"], ["host", "guest"]),
        (["a.wav", "b.wav"], ["a", "b"]),
    ],
)
def test_tracks_are_called_as_their_names_tell_them_apart(paths, names):
    assert track_names(paths) == names


def sorted_takes(*paths: str):
    sorting = sort_files([CardFile(path, 1000) for path in paths])
    return sorting, [take for camera in sorting.cameras for take in camera.takes]


def test_the_files_of_each_chapter_are_one_clip_the_mix_first():
    names = [f"Z/ZOOM0001_{track}{chapter}.WAV" for chapter in ("", "-0001") for track in ("Tr2", "Tr10", "LR", "Tr1")]

    _, (take,) = sorted_takes(*names)

    assert [[file.name for file in files] for files in tracks_by_chapter(take)] == [
        ["ZOOM0001_LR.WAV", "ZOOM0001_Tr1.WAV", "ZOOM0001_Tr2.WAV", "ZOOM0001_Tr10.WAV"],
        ["ZOOM0001_LR-0001.WAV", "ZOOM0001_Tr1-0001.WAV", "ZOOM0001_Tr2-0001.WAV", "ZOOM0001_Tr10-0001.WAV"],
    ]


def test_a_track_that_the_other_recordings_have_is_named_where_it_is_missing():
    whole = [f"Z/ZOOM000{take}_{track}.WAV" for take in (1, 2) for track in ("LR", "Tr1", "Tr2")]

    sorting, _ = sorted_takes(*whole, "Z/ZOOM0003_LR.WAV", "Z/ZOOM0003_Tr1.WAV")

    assert sorting.faults == (
        "Z/ZOOM0003_LR.WAV is without track TR2, which the other recordings have. Copy it from the card if it was recorded.",
    )


def test_files_that_cannot_be_joined_are_no_tracks_of_one_clip():
    sorting, (take,) = sorted_takes("Z/ZOOM0001_LR.MP3", "Z/ZOOM0001_Tr1.WAV")

    assert tracks_by_chapter(take) == [[]]
    assert [one.instead for one in sorting.set_aside] == ["Z/ZOOM0001_LR.MP3"]


def packed(form: int, names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def opened(data: bytes) -> dict[str, bytes]:
    found = packed_files(lambda at, count: data[at : at + count], len(data), "take.tar")
    return {one.path: data[one.at : one.at + one.size] for one in found}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_of_every_form_gives_its_files_and_not_what_lies_beside_them(form):
    long = f"{'Ünlü-' * 15}T01_2.wav" if form != tarfile.USTAR_FORMAT else "T01_2.wav"
    files = {"T01_1.wav": b"one", long: b"2" * 513, "._T01_1.wav": b"resource", "notes.txt": b"notes"}

    assert opened(packed(form, files)) == {"T01_1.wav": b"one", long: b"2" * 513}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"RIFF" + bytes(2000), "take.tar is not a tar that can be read"),
        (packed(tarfile.USTAR_FORMAT, {"T01_1.wav": bytes(4000)})[:2048], "take.tar ends within T01_1.wav"),
    ],
)
def test_what_is_no_whole_tar_is_refused_by_name(data, says):
    with pytest.raises(NotUsable, match=says):
        opened(data)


def test_a_link_in_a_tar_is_refused():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("T01_1.wav")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)

    with pytest.raises(NotUsable, match=r"T01_1.wav in take.tar is a link"):
        opened(out.getvalue())
