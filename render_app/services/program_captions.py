"""Captions of a program: from the transcripts of the recordings that are heard in it, read whenever they are asked for.

Nothing of them is kept: a cut that is changed, a caption that a person corrects in its recording, and the program's follow.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from media_app.core import kinds
from media_app.core.hearing import captions
from media_app.core.hearing.captions import Cue
from media_app.core.time.timebase import format_rate
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import documents, speakers
from media_app.services.captions import changed_by_hand, transcripts_of, word_of
from render_app.core import heard
from render_app.core.captions.heard import Said, Stretch, captions_in, voices_in
from render_app.core.captions.shown import on_frames, timed
from render_app.core.plan.reels import Medium, Reels
from render_app.core.plan.sound import Voice
from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import Blend, lay_transitions
from render_app.core.timeline.edges import frame_edge
from render_app.core.timeline.media import check_media
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.models import Sequence as SequenceRow
from render_app.models import VideoProject
from render_app.services import render_media, timeline_media, timeline_rows, timelines
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound, StudioError


class NoWords(StudioError):
    """Nobody has listened to any recording that is heard in a program."""

    code = "no_words"
    status = 409


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who is heard in a program, and what was said in each file that is, by the file's id.

    `transcripts`: the artifacts that say so; `unheard`: the recordings that nobody has listened to.
    """

    voices: tuple[Voice, ...]
    said: Mapping[str, Said]
    transcripts: tuple[str, ...] = ()
    unheard: tuple[Medium, ...] = ()

    def captions(self, stretch: Stretch, rate: Fraction | None) -> tuple[Cue, ...]:
        """The captions of a stretch of the program, for a film of this rate; None: of sound alone."""
        return captions_in(self.voices, self.said, stretch, captions.gap_for(float(rate or 0)))


def spoken_in(context: Context, timeline: Timeline, blends: Sequence[Blend], reels: Reels, field: str = "") -> Spoken:
    """What is said in a sequence. Raises NoWords, which names `field`, where nothing that is heard was listened to."""
    voices = voices_in(timeline, blends, reels)
    media = {voice.medium.id: voice.medium for voice in voices}
    found = _transcripts(context, media.values())
    unheard = tuple({one.asset_id: one for id, one in media.items() if id not in found}.values())
    if media and not found:
        first = unheard[0]
        message = (
            f"There are no words yet of {', '.join(one.name for one in unheard[:3])}, which is heard here. "
            f'Ask for them: POST /audio/asr {{"asset_id": "{first.asset_id}"}}, and again when they are there.'
        )
        raise NoWords(message, field=field or None, details={"asset_ids": [one.asset_id for one in unheard]})
    said = {row.pk: _said(row) for row, _ in found.values()}
    shifted = {id: said[row.pk].since(later_ms) for id, (row, later_ms) in found.items()}
    return Spoken(voices, shifted, tuple(sorted(str(pk) for pk in said)), unheard)


def _transcripts(context: Context, media: Collection[Medium]) -> dict[str, tuple[DerivedMedia, float]]:
    """File → the transcript of it, or of the recording that it is a part of; and how much later that one's clock is, ms."""
    assets = list(MediaAsset.objects.in_tenant(context).filter(pk__in={one.asset_id for one in media}))
    whole = {str(pk): row for pk, row in transcripts_of(assets).items()}
    parts = DerivedMedia.objects.in_tenant(context).select_related("asset__session")
    by_id = {str(one.pk): one for one in parts.filter(pk__in={one.artifact_id for one in media if one.artifact_id})}
    found: dict[str, tuple[DerivedMedia, float]] = {}
    for one in media:
        part = by_id.get(one.artifact_id or "")
        own = documents.newest_of(part, kinds.ASR_TRANSCRIPT) if part is not None else None
        if own is not None:
            found[one.id] = own, 0.0
        elif one.asset_id in whole:
            found[one.id] = whole[one.asset_id], part.begins_ms if part is not None else 0.0
    return found


def _said(row: DerivedMedia) -> Said:
    cues = changed_by_hand(row)
    if cues is not None:
        return Said(cues=cues)
    words = [word_of(one) for one in heard.words_of(documents.read(row))]
    return Said(speakers.of_artifact(row).of_words(sorted(words, key=lambda word: word.start_ms)))


@dataclass(frozen=True, slots=True)
class ProgramCaptions:
    """The captions of a sequence of a project, on its own frames."""

    project: VideoProject
    sequence: SequenceRow
    rate: Fraction
    cues: tuple[Cue, ...]
    transcripts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As the API answers it."""
        return {
            "project_id": str(self.project.pk),
            "sequence_id": str(self.sequence.pk),
            "revision": self.project.revision,
            "rate": format_rate(self.rate),
            "transcript_ids": list(self.transcripts),
            "cues": [{"index": index, **cue.as_json()} for index, cue in enumerate(self.cues)],
        }


def of_project(context: Context, project_id: Any, sequence_id: Any = None) -> ProgramCaptions:
    """The captions of a project's sequence, the first where none is named. Raises NotFound, NoWords, TimelineRefused types."""
    project: VideoProject = timelines.find(context, "project", project_id)
    row = timelines.sequence_of(context, project, sequence_id)
    if row is None:
        raise NotFound("The project has no sequence yet. Make one first.", field="project_id")
    timeline = snapshot.read(timeline_rows.snapshot_json(row)).sequence
    media, rate = timeline_media.media_of(context, timeline), timeline.timebase
    check_media(timeline, media)
    reels = render_media.reels_of(context, timeline, "original")
    spoken = spoken_in(context, timeline, lay_transitions(timeline, media, rate), reels, "project_id")
    cues = spoken.captions(Stretch(Fraction(0), timeline.end_ms), rate)
    shown = on_frames(cues, rate, frame_edge(timeline.end_ms, rate))
    return ProgramCaptions(project, row, rate, timed(shown, rate), spoken.transcripts)
