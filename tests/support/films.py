"""Films for tests: a timeline compiled over local files, and its plan run as a job runs it."""

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from media_app.core.files.plain import is_plain, look
from media_app.making.files import DerivedFile
from media_app.making.inspect import Inspection, inspect
from media_app.making.workspace import Workspace
from render_app.core import catalogue
from render_app.core.drawn.figures import drawing_of
from render_app.core.drawn.lettering import lettered
from render_app.core.plan.compiling import Plan, compile_plan
from render_app.core.plan.materials import Materials
from render_app.core.plan.media import FileFacts, medium_of, still_of
from render_app.core.plan.overlays import text_segment, vector_segment
from render_app.core.plan.reels import Medium, Reels, Segment
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import Media, MediaFacts, Reference, Span
from render_app.core.timeline.nouns import MediaReference, Sequence, Text, Vector
from render_app.making import film
from render_app.making.fonts import fallbacks_of, shipped_font
from render_app.making.prepared import prepare

Files = Mapping[str, Path]


def small_profile(rate: Fraction = Fraction(25), *, pcm: bool = False):
    """A profile of 320×180 that is quick to make; with `pcm`, its sound is exact."""
    draft = catalogue.profiles()["draft_480p_fast"]
    sound = {"audio_codec": "pcm_s16le", "audio_bitrate_kbps": None, "extension": ".mov"} if pcm else {}
    return replace(draft, width=320, height=180, fps=rate, crf=18, **sound)


def still(path: Path, id: str) -> Medium:
    """A picture file as a plan reads it; its id is the asset's."""
    found = look(path.read_bytes(), path.name)
    return still_of(FileFacts(id, id, path.name, ""), found.form, (found.width, found.height))


def overlay(content: Text | Vector, wish: RenderWish) -> Segment:
    """Words, in a font that ships, or shapes."""
    size = (wish.profile.width, wish.profile.height)
    if isinstance(content, Vector):
        return vector_segment(drawing_of(content, size))
    name = content.font or "DejaVu Sans"
    return text_segment(lettered(content, shipped_font(name), size, fallbacks_of(name)), name)


def material(files: Files) -> tuple[Reels, Media]:
    """What local files are to a plan, and what a timeline may know of them, by their ids."""
    reels, media = {}, {}
    for id, path in files.items():
        of = MediaReference(id)
        if is_plain(path.name):
            reels[of] = (Segment(still(path, id), None),)
            media[of] = MediaFacts(path.name, has_picture=True, has_sound=False)
            continue
        found = _inspected(path)
        medium = medium_of(FileFacts(id, id, path.name, "", found.as_json()))
        segment = Segment(medium if medium.video else None, medium if medium.sound is not None else None)
        reels[of] = (segment,)
        span = Span(Fraction(0), Fraction(round(found.duration * 1000)))
        media[of] = MediaFacts(path.name, medium.video is not None, medium.sound is not None, (span,))
    return reels, media


def compiled(sequence: Sequence, files: Files, wish: RenderWish, materials: Materials | None = None) -> Plan:
    """The plan of a sequence whose assets are local files by their ids."""
    wanted = {clip.content.asset_id for clip in sequence.clips if isinstance(clip.content, MediaReference)}
    reels, media = material({id: path for id, path in files.items() if id in wanted})
    overlays = {
        clip.id: (overlay(clip.content, wish),) for clip in sequence.clips if not isinstance(clip.content, Reference)
    }
    reels = {**reels, **overlays}
    return compile_plan(sequence, reels, lay_transitions(sequence, media, wish.profile.fps), wish, materials)


@cache
def _inspected(path: Path) -> Inspection:
    """Footage does not change while tests run."""
    return inspect(path)


def materials_of(files: Files) -> Materials:
    """Pictures as masks and tables as tables, by their ids."""
    masks = {id: still(path, id) for id, path in files.items() if path.suffix == ".png"}
    films = {id: path for id, path in files.items() if path.suffix == ".mkv"}
    masks |= {id: medium_of(FileFacts(id, id, path.name, "", _inspected(path).as_json())) for id, path in films.items()}
    tables = {id: Medium(id, id, path.name, "") for id, path in files.items() if path.suffix == ".cube"}
    return Materials(masks, tables=tables)


def rendered(plan: Plan, files: Files, folder: Path) -> Path:
    """The film that a plan makes, with the plan's own arguments and nothing else."""
    out = folder / "film.mov"
    for name, text in plan.files.items():
        (folder / name).write_text(_filled(text, plan, files, out))
    prepare(plan.as_json, [files[one["asset_id"]] for one in plan.inputs], folder)
    for args in commands_of(plan, files, out):
        argv = ["ffmpeg", "-v", "warning", "-nostdin", "-y", *args]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True)
        assert (done.returncode, film.FILTERS_FAILED in done.stderr) == (0, False), f"{args}\n{done.stderr}"
    return out


def made(plan: Plan, files: Files, folder: Path) -> DerivedFile:
    """The film as a job makes it, with all that is measured on the way."""
    whole = plan.as_json | {"meta": {"extension": ".mov"}}
    paths = [files[one["asset_id"]] for one in plan.inputs]
    [file] = film.render(whole, paths, Workspace(folder), stall_s=90).files
    return file


def commands_of(plan: Plan, files: Files, out: Path) -> list[list[str]]:
    """The plan's commands over local files."""
    return [[_filled(part, plan, files, out) for part in command] for command in plan.commands]


def _filled(part: str, plan: Plan, files: Files, out: Path) -> str:
    for number, one in enumerate(plan.inputs):
        part = part.replace(f"{{input:{number}}}", str(files[one["asset_id"]]))
    return part.replace("{output}", str(out))
