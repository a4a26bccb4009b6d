"""How cameras and recorders name their files, as data: one row per scheme, the first that fits counts.

Names: GoPro's support pages; manuals of Canon XF and Cinema EOS, Panasonic HC-X and P2, Sony XDCAM, Zoom F8, F3 and H8,
Tascam Portacapture and DA-6400, Sound Devices 788T and 552; for DJI and Insta360 cards as their users describe them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from media_app.core.files.accept import TAKE

GIB = 1 << 30
#: Where devices begin another file: FAT32 at 4 GB, WAV and AVCHD at 2 GB, some cameras at 16 GB.
SPLITS = (2 * GIB, 4 * GIB, 16 * GIB)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One device family's names. `pattern` is matched against the path from the card's root, in capitals, without extension.

    Groups that it may have: `take`, what all files of one recording share; `chapter`, counted from `first_chapter`, or `nth`,
    counted from 1; `number`, counted up with each file; `camera`, the letter that a person gave the camera; `body`, what tells two cameras
    of one make apart; `lens`, one of several pictures taken at once; `codec`, the same for all of one recording; `track`, one of several sound files recorded at once.
    """

    make: str
    pattern: re.Pattern[str]
    extensions: frozenset[str]
    first_chapter: int = 1
    sound: bool = False


def _scheme(make: str, pattern: str, extensions: str, *, first_chapter: int = 1, sound: bool = False) -> Scheme:
    compiled = re.compile(r"(?:.*/)?" + pattern)
    return Scheme(make, compiled, frozenset(f".{one}" for one in extensions.split()), first_chapter, sound)


SCHEMES = (
    _scheme("GoPro", r"(?P<take>G[HX](?P<loop>[A-Z]{2}))(?P<chapter>\d{4})", "mp4", first_chapter=1),
    _scheme("GoPro", r"G(?P<codec>[HXS])(?P<chapter>\d{2})(?P<take>\d{4})", "mp4 360"),
    _scheme("GoPro", r"GOPR(?P<take>\d{4})", "mp4", first_chapter=0),
    _scheme("GoPro", r"GP(?P<chapter>\d{2})(?P<take>\d{4})", "mp4", first_chapter=0),
    _scheme("DJI", r"DJI_(?P<time>\d{14})_(?P<number>\d{4})_(?P<lens>[A-Z])_(?P<chapter>\d{3})", "mp4 mov"),
    _scheme("DJI", r"DJI_(?P<time>\d{14})_(?P<number>\d{4})_(?P<lens>[A-Z])", "mp4 mov"),
    _scheme("DJI", r"DJI_(?P<take>\d{4})_(?P<chapter>\d{3})", "mp4 mov"),
    _scheme("DJI", r"DJI_(?P<number>\d{4})", "mp4 mov"),
    _scheme("Insta360", r"VID_(?P<time>\d{8}_\d{6})_(?P<lens>\d{2})_(?P<number>\d{3})", "mp4 insv"),
    _scheme("Canon", r"(?P<camera>[A-Z])[A-Z_]?(?P<reel>\d{3,4})C(?P<number>\d{3,4}).*_CANON(?:_(?P<chapter>\d{3}))?", "mxf mp4"),
    _scheme("Canon", r"CLIPS\d{3}/[A-Z]{2}\d{4}/(?P<take>[A-Z]{2}\d{4})(?P<chapter>\d{2})", "mxf"),
    _scheme("Canon", r"MVI_(?P<number>\d{4})", "mp4 mov avi"),
    _scheme("Panasonic", r"(?P<camera>[A-Z])(?P<reel>\d{3})C(?P<number>\d{3})_(?P<date>\d{6})_?(?P<body>[0-9A-Z]{4})(?:_(?P<chapter>\d{3}))?", "mp4 mov mxf"),
    _scheme("Panasonic", r"P(?P<folder>\d{3})(?P<number>\d{4})", "mp4 mov"),
    _scheme("Panasonic", r"CONTENTS/VIDEO/(?P<take>\d{4}[0-9A-Z]{2})", "mxf"),
    _scheme("Panasonic", r"CONTENTS/AUDIO/(?P<take>\d{4}[0-9A-Z]{2})(?P<track>\d{2})", "mxf"),
    _scheme("Blackmagic", r"(?P<camera>[A-Z])(?P<reel>\d{3})_(?P<date>\d{8})_C(?P<number>\d{3})", "mov mp4 braw"),
    _scheme("Sony", r"XDROOT/CLIP/(?P<camera>[A-Z])(?P<reel>\d{3})C(?P<number>\d{3})_(?P<date>\d{6})[0-9A-Z]{2}", "mxf mp4"),
    _scheme("Sony", r"(?:\d{6}|\d{8})_C(?P<number>\d{4})", "mp4 mxf"),
    _scheme("Sony", r"XDROOT/CLIP/(?P<body>[^/]*?)_?C?(?P<number>\d{4})", "mxf mp4"),
    _scheme("Sony", r"(?P<body>(?:[A-Z0-9]+_)?)C(?P<number>\d{4})", "mp4 mxf"),
    _scheme("Sony", r"MAH(?P<number>\d{5})", "mp4"),
    _scheme("Sony", r"M4ROOT/CLIP/[^/]*?_?(?P<number>\d{4})", "mp4"),
    _scheme("AVCHD", r"(?P<number>\d{5})", "mts m2ts"),
    _scheme("Nikon", r"_?DSC_?(?P<number>\d{4})", "mov mp4"),
    _scheme("Fujifilm", r"_?DSCF(?P<number>\d{4})", "mov mp4"),
    _scheme("iPhone", r"IMG_(?P<number>\d{4})", "mov mp4 m4v"),
    _scheme("Pixel", r"PXL_(?P<time>\d{8}_\d{6,9})(?:\.\w+)?", "mp4"),
    _scheme("Android phone", r"(?:VID_)?(?P<time>\d{8}_\d{6})", "mp4 3gp"),
    _scheme("Zoom", r"(?P<take>ZOOM\d{4})(?:_(?P<track>LR|MS|ST|XY|TR\w+?))?(?:[-_](?P<chapter>\d{4}))?", "wav mp3", first_chapter=0, sound=True),
    _scheme("Zoom", r"(?P<take>[A-Z]?\d{6,8}_\d{3})/(?P<track>(?:MIC|TR)[0-9A-Z]+?(?:_BU)?)(?:_(?P<chapter>\d{2}))?", "wav", first_chapter=0, sound=True),
    _scheme("Zoom", r"(?P<take>\d{6}_(?:\d{3}|\d{6}))(?:_(?P<track>TR\w+?))?(?:_(?P<chapter>\d{4}))?", "wav", first_chapter=0, sound=True),
    _scheme("Zoom", r"(?P<take>4CH\d{3})(?P<track>[IM])(?:-(?P<chapter>\d{2}))?", "wav mp3", first_chapter=0, sound=True),
    _scheme("Zoom", r"(?P<take>(?:STE|MONO)-\d{3})(?:-(?P<chapter>\d{2}))?", "wav mp3", first_chapter=0, sound=True),
    _scheme("Tascam", r"(?P<take>T\d{3}_\d{8}-\d{6})_(?P<chapter>\d{3})_(?P<track>\d{2})", "wav", sound=True),
    _scheme("Tascam", r"(?P<take>TASCAM_\d{4})(?P<track>_?S\d{2}|M\d|_\d(?:-\d)?|F|M|_?MIX\d*)?(?:_(?P<part>[A-Z]))?", "wav mp3", sound=True),
    _scheme("Tascam", r"DR(?P<folder>\d{4})_(?P<number>\d{2,4})", "wav mp3", sound=True),
    _scheme("Tascam", r"\d{6}_(?P<number>\d{4})", "wav mp3", sound=True),
    _scheme("Zoom or Sound Devices", r"(?P<take>[^/]+-T\d{3})(?:_(?P<track>LR|TR\w+?(?:_D)?|[1-9A-C]))?(?:_(?P<chapter>\d{4})|-(?P<nth>\d))?", "wav", first_chapter=0, sound=True),
    _scheme("Sound Devices", r"(?P<take>\d{2}Y\d{2}M\d{2}-\d{3}|[^/]*T\d{2,3}|MIXPRE-\d{3})(?:_(?P<track>[1-9A-C]))?(?:-(?P<chapter>\d))?", "wav", first_chapter=0, sound=True),
)  # fmt: skip

#: What devices write next to their recordings: the end of the path in capitals → what it is.
SIDE_FILES = (
    (re.compile(r"\.(LRF|LRV|GLV)\Z"), "low-resolution copy"),
    (re.compile(r"(?:^|/)(GL\d{6}|GL[A-Z]{2}\d{4})\.MP4\Z"), "low-resolution copy"),
    (re.compile(r"(?:^|/)LRV_[^/]*\Z"), "low-resolution copy"),
    (re.compile(r"_PROXY\.\w+\Z"), "low-resolution copy"),
    (re.compile(r"(?:^|/)C\d{4}S\d{2}\.(MP4|MXF)\Z"), "low-resolution copy"),
    (re.compile(r"/(SUB|PROXY)/[^/]*\.(MP4|MOV|MXF)\Z"), "low-resolution copy"),
    (re.compile(r"\.(THM|SCR|JPG|JPEG|PNG|BMP|HEIC|DNG|TIDX|TDT)\Z"), "picture"),
    (re.compile(r"\.(XML|XMP|CPI|MPL|BDM|PPN|SMI|CIF|XMF|IFO|BUP|IDX|BIM|RTN|MIF|CPF|UPX|H8PRJ|SUP|SAV)\Z"), "index"),
    (re.compile(r"\.(SRT|GPX|INSP|GYRO|TXT|CSV|LOG|DAT|BIN|DB|INI|URL|PDF)\Z"), "notes of the device"),
    (re.compile(r"(?:^|/)\.[^/]*\Z"), "hidden file"),
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name says. `chapter` is None where the scheme has none, and counts from 1 else.

    `take` is what all files of one recording share; `number` counts up with each file where the scheme counts.
    """

    make: str = ""
    sound: bool = False
    take: str = ""
    chapter: int | None = None
    number: int | None = None
    camera: str = ""
    body: str = ""
    lens: str = ""
    codec: str = ""
    track: str = ""


@lru_cache(maxsize=8192)
def read_name(path: str) -> Named:
    """What the name of a recording says, by the first scheme that fits; nothing where none does."""
    fits = _fits(path)
    return _named(*fits) if fits else Named()


def without_track(path: str) -> str:
    """The path without its extension and without what says which track it is; empty where nothing does."""
    fits = _fits(path)
    if not fits or not fits[1].groupdict().get("track") or len(path.upper()) != len(path):
        return ""
    start, end = fits[1].span("track")
    return path[:start].rstrip("_-") + path[end : fits[1].end()]


def _fits(path: str) -> tuple[Scheme, re.Match[str]] | None:
    """The first scheme that a path fits, and how. A take that was packed is named like its sound."""
    stem, dot, extension = path.upper().rpartition(".")
    wanted = ".wav" if (ending := f"{dot}{extension}".lower()) == TAKE else ending
    matches = ((one, one.pattern.fullmatch(stem)) for one in SCHEMES if wanted in one.extensions)
    return next(((scheme, found) for scheme, found in matches if found), None)


def _named(scheme: Scheme, found: re.Match[str]) -> Named:
    said = {key: value or "" for key, value in found.groupdict().items()}
    chaptered = "chapter" in said or "part" in said or scheme.first_chapter == 0
    return Named(
        make=scheme.make,
        sound=scheme.sound,
        take=said.get("take", "") or (_without_chapter(found) if chaptered else ""),
        chapter=_chapter(scheme, said) if chaptered else None,
        number=int(said["number"]) if said.get("number") else None,
        camera=said.get("camera", ""),
        body=said.get("body", "").strip("_"),
        lens=said.get("lens", ""),
        codec=said.get("codec", ""),
        track=said.get("track", "").strip("_"),
    )


def _without_chapter(found: re.Match[str]) -> str:
    """The file's name up to the number of its chapter."""
    end = found.start("chapter") if found["chapter"] else found.end()
    return found.string[:end].rpartition("/")[2].rstrip("_-")


def _chapter(scheme: Scheme, said: dict[str, str]) -> int:
    if said.get("part"):
        return ord(said["part"]) - ord("A") + 1
    if said.get("nth"):
        return int(said["nth"])
    return int(said["chapter"]) - scheme.first_chapter + 1 if said.get("chapter") else 1


def side_file(path: str) -> str:
    """What a file is that lies next to recordings; empty for what may be a recording."""
    name = path.upper()
    return next((what for pattern, what in SIDE_FILES if pattern.search(name)), "")
