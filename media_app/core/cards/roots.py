"""Which card a file lay on: the folder above those that devices make themselves."""

import re

from media_app.core.cards.schemes import read_name

#: Folders that devices make on their cards, in capitals.
_MADE_BY_DEVICES = re.compile(
    r"DCIM|\d{3}[A-Z_][A-Z0-9_]{3,4}|\d{3}_?MEDIA|DJI_\d{3}(_[A-Z0-9]+)?|PRIVATE|AVCHD|BDMV|STREAM|M4ROOT|XDROOT|BPAV|CLPR|CLIP|MP_ROOT|"
    r"\d{3}ANV\d\d|SUB|THMBNL|CONTENTS|CLIPS\d{3}|XFVC|CRM|REEL_?\d{3,4}|[A-Z]{2}\d{4}|VIDEO|AUDIO|PROXY|PANA_GRP|CAMERA\d\d|FOLDER\d+|ZOOM\d{4}|"
    r"STEREO|MONO|MULTI|4CH|SOUND|SOUNDDEV|MUSIC|MOVIE|AVF_INFO|\d{2}Y\d{2}M\d{2}|[A-Z]?\d{6,8}_(\d{3}|\d{6})|DA FILES|(FALSE )?TAKES?|"
    r"[FH]\d[A-Z]?(_SD\d?)?|VOLUME|UNTITLED|NO NAME"
)
#: Recorders keep a folder for each day; a person who has nothing but a day's folder means it.
_DAY = re.compile(r"\d{6}|\d{8}")
#: "Wide card 2" and "Wide card 3" are of one camera; "Cam 1" and "Cam 2" are two.
_CARD = re.compile(
    r"[ _.-]*(?:CARD|SD|CF|XQD|CFEXPRESS|ROLL|REEL|MAG|DISK|KARTE|PART)[ _.-]*[0-9A-Z]{1,3}\Z", re.IGNORECASE
)
_LETTER = re.compile(r"(?:^|[^a-z])(?:camera|cam|angle)[ _.-]?([a-z])(?![a-z0-9])", re.IGNORECASE)
_NUMBER = re.compile(r"(?:^|[^a-z])(?:camera|cam|angle)[ _.-]?0*([1-9]\d?)(?!\d)", re.IGNORECASE)
_ALONE = re.compile(r"(?:^|[ _.-])([A-Z])(?=[ _.-]|\Z)")


def card_of(path: str) -> str:
    """The card's folder, `Wedding/Wide card 2`; empty for a file that lay in none."""
    *folders, name = path.split("/")
    if folders and _named_after_folder(path, name, folders[-1]):
        folders.pop()
    while folders and (
        _MADE_BY_DEVICES.fullmatch(folders[-1].upper()) or (folders[1:] and _DAY.fullmatch(folders[-1]))
    ):
        folders.pop()
    return "/".join(folders)


def _named_after_folder(path: str, name: str, folder: str) -> bool:
    """Whether a device made a folder for one recording or scene, `A001C001_230101AB_CANON/A001C001_230101AB_CANON_001.MXF`."""
    return bool(re.search(r"\d", folder)) and name.upper().startswith(folder.upper()) and bool(read_name(path).make)


def camera_name(card: str) -> str:
    """What the folder of a card calls its camera: `Wide` for `Wedding/Wide card 2`; empty for a folder of a day."""
    name = card.rpartition("/")[2]
    if _DAY.fullmatch(name):
        return ""
    return _CARD.sub("", name).strip() or name


def called_letter(name: str) -> str:
    """The camera that a file's or folder's name calls one: B for `cam_b` and `Camera 2`; empty where it calls none."""
    if found := _LETTER.search(name):
        return found[1].upper()
    if (found := _NUMBER.search(name)) and int(found[1]) <= 26:
        return chr(ord("A") + int(found[1]) - 1)
    return ""


def claimed_letter(name: str) -> str:
    """The camera that a name calls one, or claims with a letter that stands alone: B for `cam_b`, `Camera 2` and `B`."""
    found = _ALONE.search(name)
    return called_letter(name) or (found[1] if found else "")
