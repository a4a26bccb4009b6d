"""What the export dialog offers besides its fixed files: codecs, mastering presets, and the tenant's pictures as watermarks."""

from dataclasses import dataclass
from typing import Any

from media_app.core.sound import presets
from media_app.models import MediaAsset
from render_app.core import catalogue
from render_app.core.plan.watermark import CORNERS
from sessions_app.core.tenant import Context

#: The newest pictures that are offered.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of the API, and what a person reads for it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """What can be chosen for an export. `codecs`: each with its container, as `mov/dnxhr`."""

    codecs: tuple[Choice, ...]
    presets: tuple[Choice, ...]
    pictures: tuple[Choice, ...]
    corners: tuple[Choice, ...]


def choices_of(context: Context) -> ExportChoices:
    """What a tenant can choose."""
    films = [one for one in catalogue.formats().values() if one.video_codec]
    pictures = MediaAsset.objects.in_tenant(context).filter(**_PICTURES).order_by("-created_at", "pk")[:SHOWN]
    return ExportChoices(
        tuple(Choice(f"{one.format}/{one.name}", f"{one.format.upper()}, {one.label}") for one in films),
        masterings(),
        tuple(Choice(str(one.pk), one.original_filename) for one in pictures),
        tuple(Choice(one, one.replace("-", " ").capitalize()) for one in CORNERS),
    )


_PICTURES: dict[str, Any] = {
    "kind": MediaAsset.Kind.IMAGE, "status": MediaAsset.Status.READY, "withheld": "", "session": None,
}  # fmt: skip


def masterings() -> tuple[Choice, ...]:
    """The mastering presets that an export takes: those without music."""
    found = presets.documents()
    return tuple(Choice(name, str(found[name]["title"])) for name in found if not presets.load(name).takes_music)
