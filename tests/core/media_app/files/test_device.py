"""Which device made a file: by ffprobe's tags, a GoPro's notes, and the XML of a Sony."""

import pytest

from media_app.core.files.device import Device, from_gpmf, from_tags, from_xml
from media_app.making.device import device_in

SONY = '<NonRealTimeMeta><Device manufacturer="Sony" modelName="ILCE-7SM3" serialNo="0004711"/></NonRealTimeMeta>'


def box(name: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


def note(name: bytes, text: str) -> bytes:
    """An entry of a GoPro's notes: its text is filled up to whole words."""
    data = text.encode()
    return name + b"c\x01" + len(data).to_bytes(2, "big") + data + b"\0" * (-len(data) % 4)


GOPRO = b"DEVC\0\x01\0\x40" + note(b"MINF", "HERO11 Black") + note(b"CASN", "C3471325208123")


@pytest.mark.parametrize(
    ("tags", "device"),
    [
        ({"com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 15"}, Device("Apple", "iPhone 15")),
        ({"make": "DJI", "model": "FC3582"}, Device("DJI", "FC3582")),
        (
            {"company_name": "Canon", "product_name": "EOS C70", "serial_number": "0815"},
            Device("Canon", "EOS C70", "0815"),
        ),
        ({"originator": "ZOOM H6"}, Device("ZOOM H6")),
        ({"company_name": "FFmpeg", "product_name": "OP1a Muxer"}, Device()),
        ({}, Device()),
    ],
)
def test_tags_name_a_device_and_programs_do_not(tags, device):
    assert from_tags({"tags": tags}) == device


def test_the_notes_of_a_gopro_and_of_a_sony_have_its_serial_number():
    assert from_gpmf(GOPRO) == Device("GoPro", "HERO11 Black", "C3471325208123")
    assert from_xml(SONY) == Device("Sony", "ILCE-7SM3", "0004711")


@pytest.mark.parametrize("data", [b"", b"MINF", b"MINFc\x01\xff\xff", b"CASNL\x01\0\x04\0\0\0\1", b"MINFc"])
def test_notes_that_are_cut_or_of_another_form_name_nothing(data):
    assert from_gpmf(data) == Device()
    assert from_xml(data.decode("latin-1")) == Device()


@pytest.mark.parametrize(
    ("index", "device"),
    [
        (box(b"moov", box(b"udta", box(b"GPMF", GOPRO))), Device("GoPro", "HERO11 Black", "C3471325208123")),
        (
            box(b"moov", box(b"meta", bytes(4) + box(b"xml ", bytes(4) + SONY.encode()))),
            Device("Sony", "ILCE-7SM3", "0004711"),
        ),
        (box(b"meta", box(b"xml ", SONY.encode())), Device("Sony", "ILCE-7SM3", "0004711")),
        (box(b"moov", box(b"udta", b"")), Device()),
    ],
)
def test_a_file_s_index_names_its_device(tmp_path, index, device):
    file = tmp_path / "a.mp4"
    file.write_bytes(box(b"ftyp", b"isom") + box(b"mdat", bytes(64)) + index)

    assert device_in(file) == device


def test_what_has_no_index_names_nothing(tmp_path):
    file = tmp_path / "a.wav"
    file.write_bytes(b"RIFF\0\0\0\0WAVE")

    assert device_in(file) == Device()
