"""Rows of the registry as files that a plan reads: originals, copies of them, artifacts and still pictures."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.cache import cache

from media_app import storage
from media_app.core import kinds
from media_app.core.ffmpeg import proxy_rate
from media_app.core.files import plain
from media_app.core.files.faults import NotUsable
from media_app.core.files.plain import PlainFile
from media_app.core.time.timebase import format_rate, parse_rate
from media_app.making.inspect import inspect
from media_app.models import DerivedMedia, MediaAsset
from media_app.process import ToolFailed
from render_app.core.plan.media import STILLS, FileFacts, medium_of, still_of
from render_app.core.plan.reels import Medium, Segment
from render_app.core.plan.refusals import NotSupported
from render_app.core.timeline.refusals import Place, WrongMedia, refuse

Row = MediaAsset | DerivedMedia
PROXIES = (kinds.PROXY.name, kinds.VIDEO_PROXY.name, kinds.VIDEO_PROXY_360P.name)
#: An artifact of which nothing is known is looked into when a plan names it; larger ones would have to be fetched for too long.
LARGEST_LOOKED_AT = 256 << 20
#: Seconds for which what was found in an artifact is remembered; its file never changes.
REMEMBERED_S = 24 * 3600


def facts_of(row: Row) -> FileFacts:
    """A file as the inputs of a plan list it."""
    if isinstance(row, MediaAsset):
        return FileFacts(f"asset:{row.pk}", str(row.pk), row.original_filename, row.checksum, version=row.version)
    name = f"{row.get_kind_display()} of {row.asset.original_filename}"
    return FileFacts(f"artifact:{row.pk}", str(row.asset_id), name, row.checksum, artifact_id=str(row.pk))


def key_of(row: Row) -> str:
    """Where a file is stored."""
    return row.original_key if isinstance(row, MediaAsset) else row.key


def read_bytes(row: Row, most: int, place: Place, field: str) -> bytes:
    """The first bytes of a stored file. Raises WrongMedia where it is away."""
    size = min(row.size_bytes or most, most)
    try:
        return storage.store().read_range(key_of(row), 0, size)
    except storage.ObjectMissing as error:
        raise refuse(WrongMedia, place, field, "names a file that is no longer stored. Make it again.") from error


def picture_medium(row: Row, place: Place, field: str) -> Medium:
    """A file that is one picture. Raises WrongMedia."""
    found = _picture(row, place, field)
    if found.form not in STILLS or not (found.width and found.height):
        raise refuse(WrongMedia, place, field, "names a file that is no picture. Name a PNG, JPEG or WebP.")
    return still_of(facts_of(row), found.form, (found.width, found.height))


def _picture(row: Row, place: Place, field: str) -> PlainFile:
    """What is known of a picture, or what its first bytes say."""
    if isinstance(row, MediaAsset):
        found = row.media_info
        return PlainFile(row.kind, found.get("container", ""), row.width, row.height)
    head = read_bytes(row, plain.HEAD_BYTES, place, field)
    for extension in (".png", ".jpg", ".webp"):
        try:
            return plain.look(head, f"picture{extension}")
        except NotUsable:
            continue
    return PlainFile("other", "")


def artifact_segment(row: DerivedMedia, place: Place) -> Segment:
    """An artifact as a clip shows it, on its own clock. Raises WrongMedia, NotSupported."""
    field = "artifact_id"
    if row.content_type.startswith("image/"):
        return Segment(picture_medium(row, place, field), None)
    if is_copy(row):
        original = original_medium(row.asset)
        return Segment(copy_medium(row.asset, row), original if original.sound is not None else None)
    known = facts_of(row)
    found = row.asset.media_info if row.key == row.asset.original_key else _looked_into(row, place, field)
    medium = medium_of(FileFacts(known.id, known.asset_id, known.name, known.checksum, found, known.artifact_id))
    return Segment(medium if medium.video else None, medium if medium.sound is not None else None)


def _looked_into(row: DerivedMedia, place: Place, field: str) -> dict[str, Any]:
    """What a film or a sound is, remembered for a day."""
    remembered = f"artifact-info:{row.pk}:{row.size_bytes}"
    found: dict[str, Any] | None = cache.get(remembered)
    if found is not None:
        return found
    if storage.store().copied_bytes(row.size_bytes) > LARGEST_LOOKED_AT:
        message = "names a large file of which nothing is known. Register it as an asset of its own, and name that."
        raise refuse(NotSupported, place, field, message)
    Path(settings.SCRATCH_ROOT).mkdir(parents=True, exist_ok=True)
    try:
        with (
            TemporaryDirectory(dir=settings.SCRATCH_ROOT) as folder,
            storage.store().local_copy(row.key, Path(folder)) as path,
        ):
            found = inspect(path).as_json()
    except storage.ObjectMissing as error:
        raise refuse(WrongMedia, place, field, "names a file that is no longer stored. Make it again.") from error
    except (NotUsable, ToolFailed) as error:
        raise refuse(WrongMedia, place, field, f"names a file that cannot be read. {error}") from error
    cache.set(remembered, found, REMEMBERED_S)
    return found


def is_copy(row: DerivedMedia) -> bool:
    """Whether an artifact is a copy of its asset that Studio made; a client may register one that it only calls a proxy."""
    return row.kind in (kinds.PROXY.name, kinds.MEZZANINE.name, kinds.ANONYMISED.name) or (
        row.kind in PROXIES and "proxy_cache_key" in row.meta
    )


def original_medium(asset: MediaAsset) -> Medium:
    """An asset's own file."""
    id = f"asset:{asset.pk}"
    facts = FileFacts(
        id, str(asset.pk), asset.original_filename, asset.checksum, asset.media_info, version=asset.version
    )
    return medium_of(facts)


def copy_medium(asset: MediaAsset, row: DerivedMedia) -> Medium:
    """A mezzanine or a proxy: upright, with square pixels, and its frames on the grid of its rate. Of an asset whose picture
    nothing is known of, its original."""
    if not asset.media_info.get("video"):
        return original_medium(asset)
    found, video = dict(asset.media_info), dict(asset.media_info["video"])
    proxy = row.kind in PROXIES
    rate = parse_rate(asset.fps)
    plain = {"index": 0, "rotation": 0, "sample_aspect": "1/1", "interlaced": False, "start": 0.0, "reorder": 0}
    video |= plain | {
        "codec": "h264" if proxy else "prores",
        "pixel_format": "yuv420p" if proxy else video["pixel_format"],
        "coded_width": video["width"],
        "coded_height": video["height"],
    }
    if proxy or not video["hdr"]:
        video |= {"color_transfer": "bt709", "color_primaries": "bt709", "color_space": "bt709"}
    found |= {
        "video": video,
        "audio": None,
        "container": "mov",
        "rate": format_rate(proxy_rate(rate) if proxy else rate),
        "variable_rate": False,
        "keyframes": None,
        "video_start": 0.0,
    }
    id = f"artifact:{row.pk}"
    return medium_of(FileFacts(id, str(asset.pk), asset.original_filename, row.checksum, found, str(row.pk)))
