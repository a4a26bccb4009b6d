"""Captions of an export: burnt into its pictures, and as files beside them, on the same frames."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from media_app.core.hearing.captions import Cue
from render_app.core.captions import shown
from render_app.core.captions.heard import Stretch
from render_app.core.captions.shown import ShownCue
from render_app.core.export.outputs import Output, refuse_undrawn, undrawn
from render_app.core.export.refusals import refused
from render_app.core.timeline.edges import frame_edge
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.services.program_captions import Spoken

DEFAULT_FILES = ("srt", "vtt")


@dataclass(frozen=True, slots=True)
class CaptionWish:
    """How captions are wanted. `files`: the forms of those beside the films."""

    burn_in: bool
    files: tuple[str, ...]
    font: str = ""


def wish_of(asked: Mapping[str, Any], outputs: Sequence[Output]) -> CaptionWish | None:
    """The captions that a checked request asks for; None for none. Raises ExportRefused."""
    said = asked.get("captions")
    if said is None:
        return None
    files, burn_in = said.get("files"), said.get("burnIn")
    wish = CaptionWish(
        burn_in is not False, DEFAULT_FILES if files is None else tuple(dict.fromkeys(files)), said.get("font") or ""
    )
    if not wish.burn_in and not wish.files:
        raise refused("captions", "asks for nothing: burnIn is false and files is empty. Leave it out.")
    if wish.burn_in:
        refuse_undrawn("captions.burnIn", outputs)
    return wish


@dataclass(slots=True)
class Captioned:
    """The captions of what is exported, from `stretch.start_ms` of its sequence on."""

    wish: CaptionWish
    spoken: Spoken
    stretch: Stretch
    #: Of each rate, those that were built.
    _built: dict[Fraction | None, tuple[Cue, ...]] = field(default_factory=dict)

    def drawn_into(self, timeline: Timeline, one: Output) -> Timeline:
        """The sequence with the captions of an output over it, where they are to be burnt in."""
        if not self.wish.burn_in or one.sound_only or one.smart:
            return timeline
        first = frame_edge(self.stretch.start_ms, one.profile.fps)
        return shown.burnt_in(timeline, self._on_frames(one), one.profile, first, self.wish.font)

    def sides(self, outputs: Sequence[Output]) -> tuple[dict[str, Any], ...]:
        """The files beside the outputs."""
        return tuple(shown.side_file(one.name, form, self._cues(one)) for one in outputs for form in self.wish.files)

    def meta(self, outputs: Sequence[Output]) -> dict[str, Any]:
        """What a person may want to know of them."""
        cues = self._cues(outputs[0])
        return {
            "count": len(cues),
            "doubtful": sum(one.doubtful for one in cues),
            "tooFast": sum(one.as_json()["too_fast"] for one in cues),
            "transcriptIds": list(self.spoken.transcripts),
        }

    def warnings(self, outputs: Sequence[Output]) -> Iterator[str]:
        """What was not listened to, whether there is anything to read, and in which pictures it is not."""
        for medium in self.spoken.unheard:
            yield f"captions: nobody has listened to {medium.name} yet; where it is heard there are none."
        if not self.meta(outputs)["count"]:
            yield "captions: no speech was found in what is heard."
        if self.wish.burn_in:
            yield from undrawn("captions.burnIn", outputs)

    def _cues(self, one: Output) -> tuple[Cue, ...]:
        """In ms of the output: of a film on its frames, of sound as they are."""
        if one.sound_only:
            return self._of_rate(None)
        return shown.timed(self._on_frames(one), one.profile.fps)

    def _on_frames(self, one: Output) -> tuple[ShownCue, ...]:
        rate = one.profile.fps
        frames = frame_edge(self.stretch.end_ms, rate) - frame_edge(self.stretch.start_ms, rate)
        return shown.on_frames(self._of_rate(rate), rate, frames, self.stretch.start_ms)

    def _of_rate(self, rate: Fraction | None) -> tuple[Cue, ...]:
        if rate not in self._built:
            self._built[rate] = self.spoken.captions(self.stretch, rate)
        return self._built[rate]
