"""What every store asks of keys and parts."""

import re
from collections.abc import Iterable, Mapping

from media_app.core.files.parts import part_faults
from media_app.storage.errors import BadKey, PartsMismatch
from media_app.storage.values import Part

MAX_KEY_BYTES = 1024
MAX_SEGMENT_BYTES = 255
_SAFE_SEGMENT = re.compile(rf"(?!\.)[!-\[\]-~]{{1,{MAX_SEGMENT_BYTES}}}\Z")


def check_key(key: str) -> str:
    """The key itself. Raises BadKey unless every store can hold it."""
    if len(key) <= MAX_KEY_BYTES and all(map(_SAFE_SEGMENT.match, key.split("/"))):
        return key
    raise BadKey(
        f"{key[:100]!r} cannot be a storage key: use printable ASCII without spaces or backslashes, no part empty, "
        f"beginning with a dot or longer than {MAX_SEGMENT_BYTES} characters."
    )


def check_prefix(prefix: str) -> str:
    """The prefix as a folder, ending with "/", or "" for everything. Raises BadKey as `check_key` does."""
    return f"{check_key(prefix.rstrip('/'))}/" if prefix else ""


def bare_etag(etag: str) -> str:
    """An ETag header's value without its quotes."""
    return etag.strip().removeprefix("W/").strip('"')


def check_parts(arrived: Iterable[Part], claimed: Iterable[Part] | None, *, size: int, part_size: int) -> None:
    """Raises PartsMismatch unless these are the parts of a file of `size` bytes in parts of `part_size`, as claimed."""
    found = {part.number: part for part in arrived}
    sizes = {number: part.size for number, part in found.items()}
    faults = {fault.number: str(fault) for fault in part_faults(sizes, size, part_size)}
    for part in claimed or ():
        arrived_part = found.get(part.number)
        if arrived_part is None:
            faults.setdefault(part.number, f"part {part.number} does not belong to this file")
        elif bare_etag(part.etag) != arrived_part.etag:
            faults.setdefault(part.number, f"part {part.number} arrived with another ETag than you name")
    if faults:
        raise parts_mismatch(faults)


def parts_mismatch(faults: Mapping[int, str]) -> PartsMismatch:
    """The error that names each part at fault (number → what is wrong), the first few in its sentence."""
    named = [faults[number] for number in sorted(faults)]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return PartsMismatch(
        f"The upload is not whole: {', '.join(named[:5])}{more}. Send {'it' if len(named) == 1 else 'them'} again.",
        field="parts",
        details={"parts": sorted(faults)},
    )
