"""Cameras and their clips: labels, keys and names."""

import re
import unicodedata
from string import ascii_uppercase

from sessions_app.core.directions import DIRECTIONS

LABELS = ascii_uppercase
#: "B" is the first clip of camera B, "B.2" the second.
CAMERA_KEY = re.compile(r"^[A-Z](\.([2-9]|[1-9][0-9]{1,3}))?\Z")
MAX_NAME = 60
#: What the key of a clip has digits for.
MOST_CLIPS = 9999
#: Unicode categories of control characters.
_INVISIBLE = {"Cc", "Zl", "Zp"}


def camera_key(label: str, clip: int = 1) -> str:
    """The key of one clip of a camera: "B" for clip 1, "B.2" for clip 2."""
    return label if clip == 1 else f"{label}.{clip}"


def split_key(key: str) -> tuple[str, int]:
    """The label and the clip number of a camera key.

    Raises ValueError on anything else.
    """
    if not CAMERA_KEY.match(key):
        raise ValueError(f"A camera key looks like B or B.2, not {key!r}.")
    label, _, clip = key.partition(".")
    return label, int(clip or 1)


def key_order(key: str) -> tuple[str, int]:
    """Sort key for camera keys: B, B.2, B.10, C."""
    return split_key(key)


def fault_in_names(names: object) -> str:
    """The first fault in a table of camera names (label → name), as a sentence; empty when there is none."""
    if not isinstance(names, dict):
        return 'Camera names are an object of label and name: {"A": "Wide"}.'
    for label, name in names.items():
        if not (isinstance(label, str) and len(label) == 1 and label in LABELS):
            return f"{label!r} is not a camera label. Use one capital letter, A to Z."
        if not isinstance(name, str) or not name.strip():
            return f"The name of camera {label} is empty. Give it a name, or leave the camera out."
        if len(name) > MAX_NAME:
            return f"The name of camera {label} has {len(name)} characters. Use at most {MAX_NAME}."
        if any(unicodedata.category(char) in _INVISIBLE or char in DIRECTIONS for char in name):
            return f"The name of camera {label} contains a control character. Remove it."
    return ""
