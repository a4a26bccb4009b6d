"""What the page of a recording's captions shows: the captions, its picture and sound, and how captions look in a film."""

from dataclasses import asdict, dataclass
from typing import Any

from django.urls import reverse

from media_app.core import kinds
from media_app.core.hearing.captions import MAX_CPS, MAX_LINE, MAX_LINES, OPENERS
from media_app.models import MediaAsset
from media_app.services import captions, documents, withheld
from media_app.services.captions import Captions
from render_app.core.captions.shown import PRESET, letter_size
from render_app.core.drawn.styles import styled
from render_app.core.timeline.nouns import Text
from sessions_app.errors import NotFound

#: What the page fetches by itself: its name there → kind and variant.
FILES = {
    "proxy": (kinds.PROXY.name, ""),
    "wav": (kinds.AUDIO_WAV.name, ""),
    "overview": (kinds.WAVEFORM.name, "20"),
    "detail": (kinds.WAVEFORM.name, "1000"),
}
#: Frames a second where there is no picture.
SOUND_RATE = "25/1"
#: The frame in which captions are shown where the recording has none of its own.
PLAIN_FRAME = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording whose captions can be changed, as other pages lead to it."""

    asset_id: str
    name: str


def captions_in(asset: MediaAsset) -> Captions | None:
    """The captions that programs show of a recording: those of its newest transcript; None before there is one."""
    transcript = documents.newest(asset, kinds.ASR_TRANSCRIPT)
    return captions.captions_of(asset.context, transcript.pk) if transcript is not None else None


def last_change_of(asset: MediaAsset) -> tuple[int, str | None]:
    """The revision of a recording's captions, and who made it. Raises NotFound."""
    transcript = documents.newest(asset, kinds.ASR_TRANSCRIPT)
    if transcript is None:
        raise NotFound("These captions are gone. Reload the page.")
    return captions.last_change(transcript)


def links_of(asset: MediaAsset) -> dict[str, str | None]:
    """Links to the files that the page plays and draws, good for hours; None for what is not there or not handed out."""
    rows = asset.derivatives.filter(kind__in={kind for kind, _ in FILES.values()}).select_related("asset")
    made = {(row.kind, row.variant): row for row in rows.order_by("created_at")}
    links: dict[str, str | None] = {
        name: withheld.link_of(made[file], on_page=True) if file in made else None for name, file in FILES.items()
    }
    seen = asset.kind == MediaAsset.Kind.VIDEO and not asset.withheld
    return {**links, "original": reverse("registry:original", args=[asset.pk]) if seen else None}


def style_of(asset: MediaAsset) -> dict[str, Any]:
    """How captions are burnt into a film of the recording's own shape: lengths in px of a frame 1080 px high, the box in parts of the
    frame."""
    width, height = asset.width or PLAIN_FRAME[0], asset.height or PLAIN_FRAME[1]
    style = styled(Text("", text_preset=PRESET, size=letter_size(width, height)))
    return {
        "frame": [width, height],
        "size": style.size,
        "fill": style.fill,
        "outline": style.outline,
        "outlineWidth": style.outline_width,
        "box": asdict(style.box),
    }


def limits() -> dict[str, Any]:
    """What a viewer can read, as captions are measured; `openers`: the words before which a line is broken."""
    return {"line": MAX_LINE, "lines": MAX_LINES, "cps": MAX_CPS, "openers": sorted(OPENERS)}
