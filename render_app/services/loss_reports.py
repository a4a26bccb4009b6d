"""What is wished of an edit, and what of it a format does not carry: as data, and for people."""

from dataclasses import dataclass, replace
from typing import Any

from media_app.core.time.timebase import format_rate
from render_app.core.edit import media
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.exchange.lay import shoot_assembled
from render_app.core.exchange.losses import lost_in
from render_app.core.exchange.nouns import Assembly, Loss
from render_app.exchange import Document, Format, formats
from render_app.exchange.base import one_line
from sessions_app.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Wish:
    """What is handed on and how: the format, the files that it points at (`root`: a folder of the editor's machine, empty for links), and
    the program that will read it."""

    format: str
    media: str = "original"
    root: str = ""
    target: str = ""

    @property
    def known(self) -> Format:
        """The format. Raises InvalidInput."""
        found = formats().get(self.format)
        if found is None:
            choices = list(formats())
            raise InvalidInput(
                f"This format does not exist. Choose one of {', '.join(choices)}.",
                field="format",
                details={"choices": choices},
            )
        return found

    @property
    def folder(self) -> str | None:
        """The address of the media's folder; None for links. Raises InvalidInput."""
        try:
            return media.folder_url(self.root) if self.root else None
        except media.BadMediaRoot as error:
            raise InvalidInput(str(error), field="mediaRoot") from error


def as_document(assembly: Assembly, *wishes: Wish) -> Document:
    """The reports of one or several formats as a text file."""
    text = "\n".join(report_text(assembly, wish) for wish in wishes)
    return Document(text.encode("utf-8", "replace"), "text/plain; charset=utf-8", "loss-report.txt")


def losses(assembly: Assembly, wish: Wish) -> tuple[Loss, ...]:
    """What the format does not carry of an assembly, and what these media do not have."""
    found = tuple(_explained(one, wish.known) for one in lost_in(assembly, wish.known.carries))
    silent = Loss("proxy_sound", "Proxies have no sound; use the originals or the mezzanines for it.")
    return (silent, *found) if wish.media == "proxy" else found


def _explained(loss: Loss, known: Format) -> Loss:
    """A loss that is Studio's and not the format's says so."""
    if loss.code not in known.unwritten:
        return loss
    return replace(
        loss, message=f"{loss.message} The format could hold it; Studio does not write it.", not_written=True
    )


def report(assembly: Assembly, wish: Wish) -> dict[str, Any]:
    """What is handed on, and everything that is not."""
    return {
        "format": wish.format,
        "label": wish.known.label,
        "rate": format_rate(assembly.rate),
        "frames": assembly.length,
        "video_tracks": len(assembly.pictures),
        "audio_tracks": len(assembly.sounds),
        "files": [one_line(one.original_filename) for one in assembly.sources],
        "losses": [one.as_json for one in losses(assembly, wish)],
    }


def of_session(edit: MulticamEdit, wish: Wish) -> dict[str, Any]:
    """The report of a session's sync, in the words of its routes. Raises InvalidInput for a format that has none."""
    found = report(shoot_assembled(edit), wish)
    losses = [{_camel(name): value for name, value in one.items()} for one in found.pop("losses")]
    return {**{_camel(name): value for name, value in found.items()}, "losses": losses}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def report_text(assembly: Assembly, wish: Wish) -> str:
    """The same for people."""
    found = [f"- {one.message}{_where(one)}" for one in losses(assembly, wish)]
    head = f"{one_line(assembly.title)}, {wish.known.label}, {format_rate(assembly.rate)} frames per second\n\n"
    if not found:
        return f"{head}Nothing is left out.\n"
    return head + "What this format does not carry, or not as it is:\n" + "\n".join(found) + "\n"


def _where(loss: Loss) -> str:
    """The record that a loss is of."""
    return "".join(f" [{name.removesuffix('_id')} {value}]" for name, value in loss.details.items())
