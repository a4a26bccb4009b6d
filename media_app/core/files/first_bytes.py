"""What a file's first bytes already show not to be a recording."""

from media_app.core.files.faults import EmptyFile, NotMedia, StillImage

_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n", 0, "a PNG image"),
    (b"\xff\xd8\xff", 0, "a JPEG image"),
    (b"GIF8", 0, "a GIF image"),
    (b"BM", 0, "a BMP image"),
    (b"II*\0", 0, "a TIFF or camera-raw image"),
    (b"MM\0*", 0, "a TIFF or camera-raw image"),
    (b"WEBP", 8, "a WebP image"),
    (b"8BPS", 0, "a Photoshop image"),
    (b"\xff\x0a", 0, "a JPEG XL image"),
    (b"JXL \r\n\x87\n", 4, "a JPEG XL image"),
    (b"jP  \r\n\x87\n", 4, "a JPEG 2000 image"),
)
_IMAGE_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#EXTM3U", "a playlist, not the recording itself"),
    (b"ffconcat", "a playlist, not the recording itself"),
    (b"<", "a web page or XML text"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
)


#: Sound that is a recording, in a form that no decoder here is asked to read.
_SOUNDS: tuple[tuple[bytes, str], ...] = (
    (b"DSD ", "DSD sound (DSF)"),
    (b"FRM8", "DSD sound (DSDIFF)"),
    (b"wvpk", "WavPack sound"),
    (b"TTA1", "True Audio sound"),
    (b"TTA2", "True Audio sound"),
    (b"MAC ", "Monkey's Audio sound"),
    (b".snd", "Sun/NeXT sound (AU)"),
    (b".RMF", "a RealMedia file"),
    (b".ra\xfd", "a RealAudio file"),
    (b"MThd", "MIDI, which has notes and no sound"),
)


#: What no phone or camera writes behind a recording.
_NOT_BEHIND = (b"%PDF", b"PK\x03\x04", b"\x7fELF", b"7z\xbc\xaf", b"Rar!")


def refuse_behind(head: bytes) -> None:
    """Raise NotMedia when another file begins with these bytes, which follow the end of a recording."""
    name = next((name for magic, name in _OTHERS if magic in _NOT_BEHIND and head.startswith(magic)), None)
    if name:
        raise NotMedia(
            f"After the recording, the file contains {name}. Export the recording again, and upload that alone."
        )


def refuse_by_first_bytes(head: bytes, size: int) -> None:
    """Raise EmptyFile, StillImage or NotMedia when the first bytes (64 are enough) already say so."""
    if size == 0:
        raise EmptyFile("The file is empty (0 bytes). The upload or the copy from the card stopped before it began.")
    if not head.strip(b"\0"):
        raise NotMedia("The file begins with nothing but zeros; the copy from the card failed. Copy it again.")
    _refuse_image(head, size)
    for magic, name in _OTHERS:
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(magic):
            raise NotMedia(f"This is {name}. Upload the recording itself.")
    for magic, name in _SOUNDS:
        if head.startswith(magic):
            raise NotMedia(f"This is {name}, which is not read here. Export it as WAV or FLAC, and upload that.")
    if head[4:8] == b"moof":
        raise NotMedia(
            "This is a part of a recording in fragments, without the beginning that says how it was coded. Join it with its first part "
            "(the file named init, or the first segment), and upload the whole."
        )


def _refuse_image(head: bytes, size: int) -> None:
    """BMP is recognized by its size field as well, since two letters are not enough."""
    for magic, at, name in _SIGNATURES:
        if head[at : at + len(magic)] == magic and (magic != b"BM" or head[2:6] == size.to_bytes(4, "little")):
            raise StillImage(f"This is {name}, not a recording. Upload the video or sound file itself.")
    if head[4:8] == b"ftyp" and head[8:12] in _IMAGE_BRANDS:
        raise StillImage("This is a HEIF or AVIF photo, not a recording. Upload the video or sound file itself.")
