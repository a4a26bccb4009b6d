"""What is said in a program: the words of each recording that is heard, at the time at which it is heard there.

A word that two microphones heard counts once: that of the track that comes first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from media_app.core.hearing import captions
from media_app.core.hearing.captions import Cue
from media_app.core.hearing.transcript import Word, in_order
from render_app.core.plan.reels import Reels
from render_app.core.plan.sound import Hall, Voice, voices_of
from render_app.core.plan.stretches import stretches_of
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.nouns import Sequence as Timeline

#: A caption that a person wrote stays where so much of it is heard at least.
SHORTEST_PART_MS = 300
#: Voices of these tracks are no speech that is to be read.
_UNREAD_ROLES = frozenset({"music", "fx", "ambience"})


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a file, on its own clock. `cues`: its captions where a person has changed them, in place of the words."""

    words: tuple[Word, ...] = ()
    cues: tuple[Cue, ...] | None = None

    def since(self, begins_ms: float) -> "Said":
        """The same on the clock of a part that begins so late in the recording."""
        if not begins_ms:
            return self
        by_ms = round(begins_ms)
        words = tuple(replace(one, start_ms=one.start_ms - by_ms, end_ms=one.end_ms - by_ms) for one in self.words)
        cues = tuple(replace(one, start_ms=one.start_ms - by_ms, end_ms=one.end_ms - by_ms) for one in self.cues or ())
        return Said(words, cues if self.cues is not None else None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of a program that is captioned, in ms of its sequence; captions count from `start_ms`."""

    start_ms: Fraction
    end_ms: Fraction

    @property
    def duration_ms(self) -> int:
        """How long it is."""
        return round(self.end_ms - self.start_ms)


def voices_in(timeline: Timeline, blends: Sequence[Blend], reels: Reels) -> tuple[Voice, ...]:
    """Who is heard in a sequence, track by track; music and the like are left out."""
    hall = Hall(reels, timeline.end_ms)
    spoken = [track for track in timeline.tracks if track.audio_role not in _UNREAD_ROLES]
    heard = (voices_of(track, stretches_of(track, blends, timeline.end_ms), hall) for track in spoken)
    return tuple(voice for voices in heard for voice in voices)


def captions_in(voices: Iterable[Voice], said: Mapping[str, Said], stretch: Stretch, gap_ms: int) -> tuple[Cue, ...]:
    """The captions of a stretch of a program, in whole ms after its beginning. `said`: by the ids of the files that are heard."""
    program = _Program()
    for voice in voices:
        if (known := said.get(voice.medium.id)) is not None:
            program.add(voice, known)
    words = in_order(list(_shifted(program.words, stretch)), stretch.duration_ms)
    written = [cue for one in program.cues if (cue := _within(one, stretch)) is not None]
    made = captions.build(words, stretch.duration_ms, gap_ms)
    return tuple(_apart(sorted([*made, *written], key=lambda cue: (cue.start_ms, cue.end_ms))))


@dataclass(slots=True)
class _Program:
    """What has been heard so far, in ms of the sequence, in order; and the times that are taken by it."""

    words: list[Word] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    _taken: list[tuple[int, int]] = field(default_factory=list)

    def add(self, voice: Voice, said: Said) -> None:
        """Take what a voice says where nobody was heard before."""
        heard = list(_words(voice, said.words)) if said.cues is None else []
        written = list(_cues(voice, said.cues or ()))
        words = [one for one in heard if self._is_free(one.start_ms, one.end_ms)]
        cues = [one for one in written if self._is_free(one.start_ms, one.end_ms)]
        self.words = sorted([*self.words, *words], key=lambda word: word.start_ms)
        self.cues += cues
        now = [(one.start_ms, one.end_ms) for one in words] + [(one.start_ms, one.end_ms) for one in cues]
        self._taken = sorted([*self._taken, *now])

    def _is_free(self, start: int, end: int) -> bool:
        """Whether less than half of a time is taken."""
        first = bisect_right(self._taken, (start,))
        last = bisect_left(self._taken, (end,))
        # What lies before begins earlier, and of those that do not overlap only the last reaches so far.
        near = self._taken[max(0, first - 1) : last]
        return 2 * sum(max(0, min(end, b) - max(start, a)) for a, b in near) < max(1, end - start)


def _words(voice: Voice, words: Iterable[Word]) -> Iterator[Word]:
    """The words whose middle is heard, in ms of the sequence."""
    clock = _Clock(voice)
    begins, ends = float(clock.begins), float(clock.ends)
    for word in words:
        if begins <= (word.start_ms + word.end_ms) / 2 < ends:
            start, end = clock.heard(word.start_ms), clock.heard(word.end_ms)
            yield replace(word, start_ms=start, end_ms=max(end, start + 1))


def _cues(voice: Voice, cues: Iterable[Cue]) -> Iterator[Cue]:
    """The captions of which enough is heard, in ms of the sequence."""
    clock = _Clock(voice)
    for cue in cues:
        start, end = clock.heard(cue.start_ms), clock.heard(cue.end_ms)
        if end - start >= min(SHORTEST_PART_MS, cue.end_ms - cue.start_ms):
            yield replace(cue, start_ms=start, end_ms=end)


class _Clock:
    """A recording's clock where it is heard."""

    def __init__(self, voice: Voice) -> None:
        take = voice.take
        self._start_ms, self._speed = take.start_ms, take.speed
        self.begins, self.ends = take.file_ms(take.start_ms), take.file_ms(take.end_ms)

    def heard(self, file_ms: int) -> int:
        """When an instant of the recording is heard; the nearest that is, for one that is not."""
        inside = min(max(Fraction(file_ms), self.begins), self.ends)
        return round(self._start_ms + (inside - self.begins) / self._speed)


def _shifted(words: Iterable[Word], stretch: Stretch) -> Iterator[Word]:
    """The words of a stretch, from its beginning on."""
    for word in words:
        if stretch.start_ms <= Fraction(word.start_ms + word.end_ms, 2) < stretch.end_ms:
            start, end = (round(ms - stretch.start_ms) for ms in (word.start_ms, word.end_ms))
            yield replace(word, start_ms=max(0, start), end_ms=max(1, end))


def _within(cue: Cue, stretch: Stretch) -> Cue | None:
    start = max(0, round(cue.start_ms - stretch.start_ms))
    end = min(stretch.duration_ms, round(cue.end_ms - stretch.start_ms))
    return replace(cue, start_ms=start, end_ms=end) if end - start >= 1 else None


def _apart(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Captions in order, each gone when the next one comes."""
    for cue, following in pairwise([*cues, None]):
        assert cue
        end = cue.end_ms if following is None else min(cue.end_ms, following.start_ms)
        if end > cue.start_ms:
            yield replace(cue, end_ms=end)
