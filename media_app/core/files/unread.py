"""What Studio does not use of a file, as sentences: pictures and sound that cannot be decoded, second pictures, encryption."""

from collections.abc import Mapping, Sequence
from typing import Any

from media_app.core.files.faults import PictureNotDecodable, Protected, SourceDamaged
from media_app.core.files.ffprobe_values import integer
from media_app.core.files.media_info import AudioStream, VideoStream
from media_app.core.files.streams import decodable, has_size, is_cover, pictures

#: Four letters of encrypted streams: Common Encryption, iTunes, Audible.
PROTECTED = frozenset({b"encv", b"enca", b"enct", b"drms", b"drmi", b"p608", b"aavd"})
PROTECTED_MESSAGE = (
    "The file is encrypted (copy-protected): without its key neither picture nor sound can be read. Export or download it "
    "without protection, and upload that."
)
#: What cameras and phones write that people know by another name than its four letters.
_FORMS = {
    "aprn": "Apple ProRes RAW",
    "aprh": "Apple ProRes RAW HQ",
    "craw": "Canon RAW",
    "apv1": "Samsung APV",
    "apvx": "Samsung APV",
    "braw": "Blackmagic RAW",
    "brst": "Blackmagic RAW",
    "brvn": "Blackmagic RAW",
    "brs2": "Blackmagic RAW",
    "brxq": "Blackmagic RAW",
    "nraw": "Nikon N-RAW",
    "xocn": "Sony X-OCN",
    "apac": "Apple spatial audio",
    "ac-4": "Dolby AC-4",
    "ac4": "Dolby AC-4",
    "mha1": "MPEG-H 3D Audio",
    "mhm1": "MPEG-H 3D Audio",
}


def nothing_found(streams: Sequence[Mapping[str, Any]]) -> str:
    """Why there is neither picture nor sound to use."""
    if any(is_cover(s) for s in streams):
        return "The file holds a cover picture but no sound and no moving picture. Upload the recording itself."
    if shown := pictures(streams):
        return _not_decodable(shown[0])
    unknown = [s for s in streams if s.get("codec_type") == "audio"]
    if unknown:
        return f"The file's sound ({form_of(unknown[0])}) cannot be decoded here. Export it as WAV, FLAC or AAC."
    return "The file holds neither picture nor sound. Upload the recording itself."


def refuse_protected(streams: Sequence[Mapping[str, Any]]) -> None:
    """Raise Protected when a stream says that it is encrypted."""
    for stream in streams:
        sides = [str(side.get("side_data_type", "")) for side in stream.get("side_data_list") or []]
        named = str(stream.get("codec_tag_string", "")).encode("ascii", "replace")
        if named in PROTECTED or any(side.startswith("Encryption") for side in sides):
            raise Protected(PROTECTED_MESSAGE)


def refuse_undecodable_picture(streams: Sequence[Mapping[str, Any]]) -> None:
    """Raise PictureNotDecodable, or SourceDamaged, when there are pictures and none can be decoded: a camera must not become its
    sound."""
    shown = pictures(streams)
    if shown and not any(decodable(s) for s in shown):
        raise PictureNotDecodable(_not_decodable(shown[0]))
    if shown and not any(decodable(s) and has_size(s) for s in shown):
        raise SourceDamaged(
            f"The picture of this file ({form_of(shown[0])}) cannot be read: where it says how it was coded, at the beginning, the "
            "file is cut or damaged. Copy it again from the card."
        )


def _not_decodable(picture: Mapping[str, Any]) -> str:
    return (
        f"The picture of this file ({form_of(picture)}) cannot be decoded here. Export it as ProRes 422 or H.264, with its "
        "timecode and sound, and upload that."
    )


def left_out(streams: Sequence[Mapping[str, Any]], used: VideoStream | None, heard: Sequence[AudioStream]) -> list[str]:
    """A sentence for what is in the file and is not used: sound that cannot be decoded, more pictures than one."""
    said = []
    known = {audio.index for audio in heard}
    tracks = [s for s in streams if s.get("codec_type") == "audio"]
    for number, stream in enumerate(tracks, 1):
        if integer(stream.get("index")) not in known:
            said.append(
                f"Audio track {number} ({form_of(stream)}) cannot be decoded here: it is neither heard nor measured. The edit "
                "points at the original, which has it."
            )
    others = [s for s in pictures(streams) if used is not None and integer(s.get("index")) != used.index]
    for stream in others:
        size = f"{integer(stream.get('width'))}×{integer(stream.get('height'))}"
        said.append(
            f"The file has a second picture ({form_of(stream)}, {size}), which is not used: proxy and mezzanine show the "
            "other one."
        )
    return list(dict.fromkeys(said))


def form_of(stream: Mapping[str, Any]) -> str:
    """What a stream is in, as people know it: `Apple ProRes RAW, aprn`."""
    name = str(stream.get("codec_name", "unknown"))
    letters = str(stream.get("codec_tag_string", "")).strip()
    code = letters if letters.isascii() and letters.replace("-", "").isalnum() else name
    known = _FORMS.get(code.lower())
    if known:
        return f"{known}, {code}"
    return code if name in ("", "unknown", "none") else name
