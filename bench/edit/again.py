"""A film that is rendered, and rendered again when one of its cuts has moved: what the second time costs of the first.

The film is made as a job makes it, by `film.render`, with its chunks in a folder; fetching, storing and the database are left out.
"""

import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from bench.edit.forms import Cut
from media_app.making.workspace import Workspace
from render_app.core.catalogue import Profile
from render_app.core.plan.compiling import Plan
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, MediaReference, Track
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.making import film
from tests.support import media
from tests.support.films import compiled


@dataclass
class Shelf:
    """Chunks in a folder, by their keys."""

    folder: Path
    encoding: Mapping[str, Any] | None = None
    stored: dict[str, Path] = field(default_factory=dict)

    def store(self, chunk: Mapping[str, Any], path: Path, found: Mapping[str, Any]) -> None:
        """A second name for the file."""
        self.encoding = found.get("encoding", self.encoding)
        self.stored[chunk["key"]] = self.folder / f"{chunk['key']}{path.suffix}"
        self.stored[chunk["key"]].hardlink_to(path)

    def of(self, plan: Mapping[str, Any]) -> film.Shelf:
        """What of a plan is there already."""
        ready = {one["file"]: self.stored[one["key"]] for one in plan["chunks"] if one["key"] in self.stored}
        return film.Shelf(self.store, ready, self.encoding)


@dataclass(frozen=True)
class Spent:
    """`cpu`: of ffmpeg's processes; `made`: parts of the picture that were made, of `chunks`; `wrong`: frames that are not as the cuts say."""

    cpu: float
    made: int
    chunks: int
    wrong: int


def row(cameras: Sequence[Path], cuts: Sequence[Cut], profile: Profile, folder: Path) -> tuple[str, int]:
    """What both cost as a line, and how many frames are wrong."""
    first, again = twice(cameras, cuts, profile, folder)
    made = f"{again.made} of {again.chunks} chunks made again" if again.chunks else "made in one"
    text = f"rendered {first.cpu:.1f}, after one moved cut {again.cpu:.1f}: {first.cpu / again.cpu:.1f} × less; {made}"
    return text, first.wrong + again.wrong


def twice(cameras: Sequence[Path], cuts: Sequence[Cut], profile: Profile, folder: Path) -> tuple[Spent, Spent]:
    """The film, and the film when the cut in the middle comes five frames later."""
    shelf = Shelf(folder / "shelf")
    shelf.folder.mkdir()
    first = _made(cameras, cuts, profile, folder / "first", shelf)
    return first, _made(cameras, moved(cuts), profile, folder / "second", shelf)


def moved(cuts: Sequence[Cut]) -> list[Cut]:
    """The cuts, the one in the middle five frames later."""
    number = len(cuts) // 2
    before, after = cuts[number - 1], cuts[number]
    longer = replace(before, frames=before.frames + 5)
    shorter = replace(after, start=after.start + 5, frames=after.frames - 5)
    return [*cuts[: number - 1], longer, shorter, *cuts[number + 1 :]]


def _made(cameras: Sequence[Path], cuts: Sequence[Cut], profile: Profile, folder: Path, shelf: Shelf) -> Spent:
    folder.mkdir()
    plan = _planned(cameras, cuts, profile)
    asked = plan.as_json | {"meta": {"extension": profile.extension}}
    there = shelf.of(asked)
    begun = _spent()
    paths = [cameras[int(one["asset_id"])] for one in asked["inputs"]]
    [file] = film.render(asked, paths, Workspace(folder), stall_s=90, shelf=there).files
    cpu = _spent() - begun
    codes = media.frame_codes(file.path)
    wanted = [cut.start + number for cut in cuts for number in range(cut.frames)]
    off = sum(code != want for code, want in zip(codes, wanted, strict=False)) + abs(len(codes) - len(wanted))
    pictures = [one for one in asked["chunks"] if one["kind"] == "picture"]
    return Spent(cpu, sum(one["file"] not in there.ready for one in pictures), len(pictures), off)


def _planned(cameras: Sequence[Path], cuts: Sequence[Cut], profile: Profile) -> Plan:
    """The cuts over the sound of the first camera, as cameras are cut."""
    at, clips, rate = 0, [], profile.fps
    for number, cut in enumerate(cuts):
        begin, end = (Fraction(1000 * frame) / rate for frame in (cut.start, cut.start + cut.frames))
        clips.append(Clip(str(number), MediaReference(str(cut.camera)), end, begin, Fraction(1000 * at) / rate))
        at += cut.frames
    sound = Clip("sound", MediaReference("0"), Fraction(1000 * at) / rate)
    tracks = (Track("t", "video", tuple(clips), muted=True), Track("s", "audio", (sound,), order=1))
    files = {str(number): path for number, path in enumerate(cameras)}
    return compiled(Timeline("s", rate, tracks=tracks), files, RenderWish(profile))


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
